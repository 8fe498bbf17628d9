"""Conflicts and loosenings in the planner's terms: which units, which rep, how many hours."""

from __future__ import annotations

import math

from ...models.problem import Problem
from ...models.rules import (
    Balance,
    BaseInTerritory,
    Capacity,
    Compactness,
    Contiguity,
    Forbid,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    MeasureRange,
    Overnights,
    Skills,
)
from ...models.totals import measure_unit
from ...optimizer.explain import Amount, Conflict, Demand, Loosening, amount_of, describe
from ..digits import significant

_MOST_AMOUNTS = 6
_MOST_NAMES = 8


def conflict_text(problem: Problem, conflict: Conflict) -> tuple[str, ...]:
    """One sentence per demand, with amounts where the demand limits one."""
    if not conflict.demands:
        return ("no rep of a team may have some of its units, whatever the rules say",)
    said: list[str] = []
    for demand in conflict.demands:
        amount = None
        if len(said) < _MOST_AMOUNTS:
            amount = amount_of(problem, conflict, demand)
        said.append(_demand_text(problem, demand, amount))
    return tuple(said)


def _demand_text(problem: Problem, demand: Demand, amount: Amount | None) -> str:
    rule, part = f"rule {demand.rule.name}", demand.part
    if amount is not None:
        return _amount_text(problem, demand, amount)
    if isinstance(part, Lock):
        unit, owner = next(iter(part.owners.items()))
        return f"unit {_name(problem, unit)} belongs to {owner} ({rule})"
    if isinstance(part, Forbid):
        unit, owner = part.pairs[0]
        return f"{owner} may not have unit {_name(problem, unit)} ({rule})"
    if isinstance(part, KeepTogether | KeepApart):
        how = "have one owner" if isinstance(part, KeepTogether) else "have different owners"
        if part.groups:
            return f"units {_listed(problem, part.groups[0])} {how} ({rule})"
        if isinstance(part, KeepTogether) and part.parents:
            return f"the units of parent {', '.join(part.parents)} {how} ({rule})"
    return _whole_text(problem, demand) or describe(demand.rule)


def _whole_text(problem: Problem, demand: Demand) -> str:
    """Demands on one unit, and on how one rep's territory lies."""
    rule, part = f"rule {demand.rule.name}", demand.part
    owner = "" if demand.owner is None else problem.owners.ids[demand.owner]
    if demand.whole and isinstance(part, MaximumDistance):
        limits = [(part.kilometres, "km"), (part.minutes, "minutes")]
        reach = " and ".join(f"{value:g} {unit}" for value, unit in limits if value < math.inf)
        unit = _name(problem, demand.whole)
        return f"unit {unit} lies within {reach} of its rep's base ({rule})"
    if demand.whole and isinstance(part, Skills):
        return f"unit {_name(problem, demand.whole)} has a rep with its skills ({rule})"
    if owner and isinstance(part, Contiguity):
        return f"{owner}'s territory hangs together ({rule})"
    if owner and isinstance(part, BaseInTerritory):
        return f"{owner} has the unit of its base ({rule})"
    if owner and isinstance(part, Compactness):
        return f"{owner}'s territory is at most {part.maximum_diameter:g} km across ({rule})"
    return ""


def _amount_text(problem: Problem, demand: Demand, amount: Amount) -> str:
    unit = _unit(problem, demand)
    demanded = []
    if math.isfinite(amount.lower):
        demanded.append(f"at least {significant(amount.lower)}")
    if math.isfinite(amount.upper):
        demanded.append(f"at most {significant(amount.upper)}")
    if not demanded and isinstance(demand.part, Balance):
        demanded.append(f"within {demand.part.tolerance:.0%} of a fair share")
    text = f"{amount.owner} carries {' and '.join(demanded)} {unit} (rule {demand.rule.name})"
    least, most = amount.least, amount.most
    if math.isfinite(amount.upper) and math.isfinite(least) and least > amount.upper:
        return f"{text}; the others leave it at least {significant(least)}"
    if math.isfinite(amount.lower) and math.isfinite(most) and most < amount.lower:
        return f"{text}; the others leave it at most {significant(most)}"
    return text


def _unit(problem: Problem, demand: Demand) -> str:
    part = demand.part
    if isinstance(part, Capacity):
        return "hours"
    if isinstance(part, Overnights):
        return "nights"
    if isinstance(part, Balance | MeasureRange):
        return f"{measure_unit(problem, part.measure)} of {part.measure}"
    return ""


def loosening_text(problem: Problem, change: Loosening) -> str:
    """What to write otherwise, and what is proven not to do."""
    if change.setting == "hard":
        return f"rule {change.rule}: no longer hard"
    if change.new is None:
        entry = change.old
        if isinstance(entry, tuple) and change.setting in ("owners", "pairs"):
            unit, owner = entry
            word = "the lock of" if change.setting == "owners" else "the ban on"
            return f"rule {change.rule}: without {word} unit {_name(problem, unit)} to {owner}"
        if isinstance(entry, tuple):
            return f"rule {change.rule}: without the group {_listed(problem, entry)}"
        return f"rule {change.rule}: without parent {entry}"
    text = f"rule {change.rule}: {change.setting} {change.new:g} in place of {change.old:g}"
    if change.impossible is not None and change.impossible != change.old:
        text += f" ({change.impossible:.4g} is proven not to be enough)"
    return text


def _name(problem: Problem, unit: str) -> str:
    covers = problem.covers_of_whole.get(unit, ())
    if covers:
        index = int(problem.covers.unit[covers[0]])
        name = problem.units.names[index]
        if name not in (unit, problem.units.ids[index]) and problem.units.wholes[index] == unit:
            return f"{unit} ({name})"
    return unit


def _listed(problem: Problem, units: tuple[str, ...]) -> str:
    names = [_name(problem, unit) for unit in units[:_MOST_NAMES]]
    more = len(units) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
