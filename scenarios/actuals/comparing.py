"""Sets actuals against the plan: the same reps, the same days, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import BoolArray
from ...models.errors import counted, shortlist
from ...models.quotas.history import Span
from .plan import PlanFigures
from .reading import Actuals

COLUMNS = (
    "level",
    "node",
    "team",
    "measure",
    "unit",
    "basis",
    "plan_period",
    "plan_to_date",
    "actual",
    "difference",
    "share_of_plan_to_date",
    "days",
    "days_to_date",
    "reps",
    "reps_in_plan",
)
_NAMED = 6


@dataclass(frozen=True, eq=False)
class Against:
    """A plan against its actuals.

    Parameters
    ----------
    table
        One row per level (``total``, ``team``, ``rep``), node and measure, columns
        :data:`COLUMNS`. ``plan_to_date`` counts the days and reps that there are
        actuals of; ``days`` are those, of ``days_to_date``.
    """

    plan: PlanFigures
    actuals: Actuals
    table: pd.DataFrame
    notes: tuple[str, ...]


def against(plan: PlanFigures, actuals: Actuals) -> Against:
    """Set actuals against the plan by rep, team and in total.

    Missing is not zero: where a rep has no actuals of a measure for some days, the plan
    of those days is left out too, and that is said.
    """
    days = plan.days
    to_date = days <= np.datetime64(actuals.until)
    amounts: dict[tuple[str, str], float] = defaultdict(float)
    covered: dict[tuple[str, str], BoolArray] = {}
    for row in actuals.rows:
        inside = _inside(days, row.span)
        for measure, amount in row.amounts.items():
            key = measure, row.rep
            amounts[key] += amount * row.share
            covered[key] = covered.get(key, np.zeros(len(days), dtype=np.bool_)) | inside
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for measure in actuals.measures:
        if measure not in plan.daily:
            notes.append(f"{measure}: the plan says nothing of it that is at hand")
            continue
        own = [
            _rep_row(
                plan,
                measure,
                rep,
                amounts.get((measure, rep)),
                covered.get((measure, rep)),
                to_date,
            )
            for rep in plan.teams
        ]
        rows += _summed(plan, own) + [row for row in own if row["days"]]
        notes += _gaps(measure, own)
        notes += _elsewhere(plan, actuals, measure)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = {"total": 0, "team": 1, "rep": 2}
    table = table.sort_values(
        ["level", "node", "measure"],
        key=lambda column: column.map(order) if column.name == "level" else column,
        kind="stable",
    )
    said = (*plan.notes, *actuals.notes, *notes)
    return Against(plan, actuals, table.reset_index(drop=True), said)


def _inside(days: Any, span: Span) -> BoolArray:
    return np.asarray((days >= np.datetime64(span.start)) & (days <= np.datetime64(span.end)))


def _rep_row(
    plan: PlanFigures,
    measure: str,
    rep: str,
    amount: float | None,
    covered: BoolArray | None,
    to_date: BoolArray,
) -> dict[str, Any]:
    daily = plan.daily[measure][rep]
    known = np.zeros_like(to_date) if covered is None else covered & to_date
    return {
        "level": "rep",
        "node": rep,
        "team": plan.teams[rep],
        "measure": measure,
        "unit": unit_of(measure, plan.currency),
        "basis": plan.basis[measure],
        "plan_period": float(daily.sum()),
        "plan_to_date": float(daily[known].sum()),
        "actual": amount or 0.0,
        "days": int(known.sum()),
        "days_to_date": int(to_date.sum()),
        "reps": int(known.any()),
        "reps_in_plan": 1,
        **_differences(float(daily[known].sum()), amount or 0.0),
    }


def _differences(expected: float, actual: float) -> dict[str, float | None]:
    share = actual / expected if expected > 0 else None
    return {"difference": actual - expected, "share_of_plan_to_date": share}


def _summed(plan: PlanFigures, own: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Total and teams: sums over the reps that there are actuals of."""
    groups = [("total", "all", list(own))]
    groups += [
        ("team", team, [row for row in own if row["team"] == team])
        for team in sorted(set(plan.teams.values()))
    ]
    rows = []
    for level, node, members in groups:
        known = [row for row in members if row["days"]]
        if not known:
            continue
        sums = {
            key: sum(row[key] for row in known) for key in ("plan_period", "plan_to_date", "actual")
        }
        rows.append(
            {
                "level": level,
                "node": node,
                "team": node if level == "team" else "",
                **{key: known[0][key] for key in ("measure", "unit", "basis", "days_to_date")},
                **sums,
                **_differences(sums["plan_to_date"], sums["actual"]),
                "days": min(row["days"] for row in known),
                "reps": len(known),
                "reps_in_plan": len(members),
            }
        )
    return rows


def _gaps(measure: str, own: Iterable[Mapping[str, Any]]) -> list[str]:
    """Reps without actuals, and with some days without."""
    rows = [row for row in own if row["plan_period"] > 0]
    none = [str(row["node"]) for row in rows if not row["days"]]
    some = [
        f"{row['node']} ({row['days_to_date'] - row['days']} days)"
        for row in rows
        if 0 < row["days"] < row["days_to_date"]
    ]
    name, notes = measure.replace("_", " "), []
    if none:
        who = f"{counted(len(none), 'rep')} ({shortlist(none, _NAMED)})"
        notes.append(f"{name}: no actuals of {who}; they are in no sum")
    if some:
        who = shortlist(some, _NAMED)
        notes.append(
            f"{name}: no actuals for some days of {who}; the plan of these days is left out"
        )
    return notes


def _elsewhere(plan: PlanFigures, actuals: Actuals, measure: str) -> list[str]:
    """What was done at units that the plan gives to others, where actuals name units."""
    known = [row for row in actuals.rows if row.unit and measure in row.amounts]
    amount = sum(
        row.amounts[measure] * row.share for row in known if (row.rep, row.unit) not in plan.holds
    )
    if not amount:
        return []
    whole = sum(row.amounts[measure] * row.share for row in known)
    said = f"{amount:,.0f} of {whole:,.0f} {unit_of(measure, plan.currency)}"
    name = measure.replace("_", " ")
    return [f"{name}: {said} at units that the plan gives to others, or does not know"]


def unit_of(measure: str, currency: str) -> str:
    """Unit of a measure of actuals."""
    units = {"travel_km": "km", "visits": "visits", "sales": currency}
    return units.get(measure, "hours")
