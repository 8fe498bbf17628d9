"""Which of two stored scenarios is better, and whether that is proven."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from ..digits import significant
from ..money.measuring import money_differences
from ..results import NOT_COMPARABLE, Verdict
from .reading import StoredScenario

#: Share of a value that the digits of a file may cost.
_RELATIVE = 1e-6


def judge(scenarios: Sequence[StoredScenario]) -> tuple[Verdict, ...]:
    """Judge every pair by money, and by objective where they are judged alike.

    A beats B only where A's value is better than B's proven bound; otherwise the two
    are not distinguishable. A frozen alignment's value is its bound.
    """
    found = []
    for first, second in combinations(scenarios, 2):
        broken = [s for s in (first, second) if _by_hand_and_invalid(s)]
        if broken:
            reason = f"{NOT_COMPARABLE}: {broken[0].label} breaks hard rules"
            found.append(Verdict(first.label, second.label, "contribution", None, reason))
            continue
        if first.summary.get("money") and second.summary.get("money"):
            found.append(_by_money(first, second))
        if first.summary["stages"] and second.summary["stages"]:
            found.append(_by_objective(first, second))
    return tuple(found)


def _by_hand_and_invalid(scenario: StoredScenario) -> bool:
    return bool(scenario.summary.get("adoption")) and scenario.summary["status"] == "invalid"


def _by_money(first: StoredScenario, second: StoredScenario) -> Verdict:
    names = (first.label, second.label, "contribution")
    if (first.currency, first.price_year) != (second.currency, second.price_year):
        reason = (
            f"{NOT_COMPARABLE}: {first.currency} of {first.price_year or 'no year'} and "
            f"{second.currency} of {second.price_year or 'no year'}"
        )
        return Verdict(*names, None, reason)
    settings = money_differences(first.summary["settings"], second.summary["settings"])
    if settings:
        return Verdict(*names, None, f"{NOT_COMPARABLE}: their money settings differ: {settings}")
    unit = f"{first.currency}/year"
    aside = _on_other_data(first, second)
    for a, b in ((first, second), (second, first)):
        value, bound = float(a.summary["money"]["contribution"]), _most(b)
        if value > bound + _RELATIVE * abs(bound):
            reason = f"{a.label} contributes {value:,.0f} {unit}; no plan of {b.label} can pass"
            return Verdict(*names, a.label, f"{reason} {bound:,.0f} {unit}{aside}")
    values = [float(each.summary["money"]["contribution"]) for each in (first, second)]
    if math.isclose(*values, rel_tol=_RELATIVE):
        return Verdict(*names, None, f"both contribute {values[0]:,.0f} {unit}{aside}")
    better = first if values[0] >= values[1] else second
    other = second if better is first else first
    reason = (
        f"{better.label} contributes {abs(values[0] - values[1]):,.0f} {unit} more, and "
        f"{other.label} may still reach {_most(other):,.0f} {unit}{aside}"
    )
    return Verdict(*names, None, reason)


def _most(scenario: StoredScenario) -> float:
    money = scenario.summary["money"]
    bound = money["contribution"] if scenario.frozen else money["bound"]
    return math.inf if bound is None else float(bound)


def _on_other_data(first: StoredScenario, second: StoredScenario) -> str:
    """Tables whose bytes differ, for a reader who compares dates."""
    tables = [{t["role"]: t["sha256"] for t in s.summary["inputs"]} for s in (first, second)]
    roles = sorted(tables[0].keys() | tables[1].keys())
    other = [role for role in roles if tables[0].get(role) != tables[1].get(role)]
    return f"; their data differ: {', '.join(other)}" if other else ""


def _by_objective(first: StoredScenario, second: StoredScenario) -> Verdict:
    names = (first.label, second.label, "objective")
    if _judged_by(first) != _judged_by(second):
        return Verdict(*names, None, f"{NOT_COMPARABLE}: they are judged by different objectives")
    aside = _on_other_data(first, second)
    for a, b in zip(first.summary["stages"], second.summary["stages"], strict=True):
        if a["objective"] is None or b["objective"] is None:
            return Verdict(*names, None, "there is no plan to compare")
        for winner, loser, value, bound in (
            (first, second, a["objective"], b["objective" if second.frozen else "bound"]),
            (second, first, b["objective"], a["objective" if first.frozen else "bound"]),
        ):
            if bound is not None and value < bound - _RELATIVE * max(1.0, abs(bound)):
                reason = (
                    f"in {a['name']}, {winner.label} has {significant(value)}; no plan of "
                    f"{loser.label} can be below {significant(bound)}{aside}"
                )
                return Verdict(*names, winner.label, reason)
        alike = math.isclose(a["objective"], b["objective"], rel_tol=1e-6, abs_tol=1e-6)
        if not (a["status"] == b["status"] == "optimal" and alike):
            reason = f"in {a['name']}, neither is better than what the other may still reach"
            return Verdict(*names, None, reason + aside)
    return Verdict(*names, None, f"equal in every stage{aside}")


def _judged_by(scenario: StoredScenario) -> tuple[Any, ...]:
    """What the objective is made of: stages, weights, and the soft rules that they price."""
    settings: Mapping[str, Any] = scenario.summary["settings"]
    soft = {
        name: rule for name, rule in settings.get("rules", {}).items() if not rule.get("hard", True)
    }
    stages = [(stage["name"], stage["sense"]) for stage in scenario.summary["stages"]]
    money = (scenario.currency, scenario.price_year)
    return settings.get("objective"), soft, stages, money
