"""What the people in the room are asked to decide, read from the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..reports.answer import Answer
from ..reports.numbers import MoneyScale, grouped, percent

if TYPE_CHECKING:
    from ..reports.figures import Figures
    from ..results import RunResult, ScenarioResult

#: Sales moved below this share need no decision of their own.
_FEW_SALES = 0.0005


def decisions(
    result: RunResult, verdict: Answer, figures: Mapping[str, Figures], money: MoneyScale
) -> tuple[str, ...]:
    """Questions for the room, the largest first; none where there is no plan."""
    if verdict.leading is None:
        return ("Which demand gives way? No scenario has a plan.",)
    row, lead = result[verdict.leading], figures[verdict.leading]
    return (
        _choice(result, verdict),
        *_change(lead),
        *_broken(lead),
        *_vacancies(row),
        *_assumption(result, verdict),
        *_quotas(row, money),
    )


def _choice(result: RunResult, verdict: Answer) -> str:
    if len(verdict.contenders) > 1 and verdict.winner is None:
        listed = " or ".join(verdict.contenders[:3])
        return f"{listed}? The figures cannot tell; what else counts?"
    if len(result.scenarios) == 1:
        return f"Is {verdict.leading} better than staying as we are?"
    return f"Do we take {verdict.leading}?"


def _change(lead: Figures) -> Iterator[str]:
    if lead.moved_sales is not None and lead.moved_sales >= _FEW_SALES:
        yield (
            f"May {grouped(lead.moved_units)} units with {percent(lead.moved_sales)} of sales "
            "change hands?"
        )


def _broken(lead: Figures) -> Iterator[str]:
    if lead.hard_broken:
        yield f"{grouped(lead.hard_broken)} hard rules are broken: which give way?"
    if lead.worst_use is not None and lead.worst_use.value > 1.0 + 1e-3:
        use = percent(lead.worst_use.value, 0)
        yield f"Who relieves {lead.worst_use.rep}, with {use} of the hours?"


def _vacancies(row: ScenarioResult) -> Iterator[str]:
    owners = row.problem.owners
    vacant = [rep for rep, kind in zip(owners.ids, owners.kinds, strict=True) if kind == "vacancy"]
    if vacant:
        listed = ", ".join(vacant[:4]) + (" …" if len(vacant) > 4 else "")
        positions = "position" if len(vacant) == 1 else "positions"
        yield f"When do we fill the vacant {positions} {listed}?"


def _assumption(result: RunResult, verdict: Answer) -> Iterator[str]:
    """The assumed value that comes nearest to turning the order."""
    shaky = [
        each
        for each in result.assumptions
        if each.assumed and each.winner == verdict.leading and each.turning
    ]
    if shaky:
        first = min(shaky, key=lambda each: each.slack)
        yield f"Who measures this: {first.meaning or first.path}? It can turn the order."
    elif any(each.assumed for each in result.assumptions):
        yield "Do we accept the assumed values? None of them turns the order in its range."


def _quotas(row: ScenarioResult, money: MoneyScale) -> Iterator[str]:
    table = row.quota_table
    if len(table):
        top = table["parent"].fillna("") == ""
        yield f"Do we hand down quotas of {money.text(float(table.loc[top, 'quota'].sum()))}?"
