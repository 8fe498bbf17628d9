"""Figures of the comparison: for each scenario the average and, beside it, the worst rep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..comparison import deciding_stage, open_amounts
from ..results import INCUMBENT
from .numbers import MoneyScale, grouped, percent

if TYPE_CHECKING:
    from ..results import RunResult, ScenarioResult

#: Names of the money rows as people read them.
MONEY_NAMES = {
    "expected_sales": "Expected sales",
    "margin": "Margin on them",
    "people": "People",
    "travel": "Travel",
    "disruption": "Disruption",
    "campaigns": "Campaigns",
    "contribution": "Contribution",
}


@dataclass(frozen=True)
class Worst:
    """The rep who is worst off by one figure."""

    rep: str
    value: float


@dataclass(frozen=True, eq=False)
class Figures:
    """What the comparison says of one scenario; None for what is not known.

    All but the worst of travel and of change, and the soft rules, is the run's own
    ``comparison.csv``, so that page and table cannot differ.

    Parameters
    ----------
    gap, gap_text
        In the first stage that is not proven optimal; in words, with a unit.
    use, worst_use
        Load over hours: mean of the owners with a territory, and the fullest.
    spread, worst_spread
        Distance of potential from the fair share: mean of the amounts, and the largest.
    travel_hours, worst_travel
        A year, all and the most of one.
    moved_sales, worst_moved
        Share of sales that leaves a rep who is still there; of one rep's present book.
    orphaned_sales
        Share of sales whose rep has left.
    hard_broken, soft_broken
        Number of broken rules' subjects.
    """

    name: str
    status: str
    gap: float | None
    gap_text: str
    use: float | None
    worst_use: Worst | None
    spread: float | None
    worst_spread: Worst | None
    travel_hours: float | None
    worst_travel: Worst | None
    moved_units: float | None
    moved_sales: float | None
    orphaned_sales: float | None
    worst_moved: Worst | None
    hard_broken: int
    soft_broken: int

    @property
    def is_incumbent(self) -> bool:
        """Whether this is today's alignment."""
        return self.name == INCUMBENT


def all_figures(result: RunResult) -> dict[str, Figures]:
    """Figures of every scenario of a run, the incumbent first."""
    rows = {str(record["scenario"]): record for record in result.comparison.to_dict("records")}
    return {row.name: _figures(row, rows.get(row.name, {})) for row in result.rows}


def _figures(result: ScenarioResult, row: dict[Any, Any]) -> Figures:
    hard = _number(row, "hard_violations") or 0.0
    count = len(result.evaluation.violations) if result.evaluation is not None else 0
    return Figures(
        name=result.name,
        status=_status(result),
        gap=_number(row, "gap"),
        gap_text=gap_text(result) if result.stages else percent(_number(row, "gap"), 2),
        use=_number(row, "utilisation_mean"),
        worst_use=_worst(row, "utilisation"),
        spread=_number(row, "potential_deviation_mean"),
        worst_spread=_worst(row, "potential_deviation"),
        travel_hours=_number(row, "travel_hours"),
        worst_travel=_worst_travel(result),
        moved_units=_number(row, "units_moved"),
        moved_sales=_number(row, "sales_moved_share"),
        orphaned_sales=_number(row, "sales_orphaned_share"),
        worst_moved=_worst_moved(result),
        hard_broken=int(hard),
        soft_broken=count - int(hard),
    )


def _status(result: ScenarioResult) -> str:
    if result.name == INCUMBENT:
        return "frozen"
    return f"{result.status}, by hand" if result.adoption is not None else str(result.status)


def money_scale(rows: Sequence[ScenarioResult], currency: str) -> MoneyScale:
    """Scale that suits all amounts of a run."""
    amounts = [entry.amount for row in rows if row.money is not None for entry in row.money.rows]
    amounts += [float(row.problem.units.measures["sales"].sum()) for row in rows]
    if not any(amounts):
        # Where money is not told, quotas may be.
        amounts += [float(row.quota_table["quota"].max()) for row in rows if len(row.quota_table)]
    return MoneyScale.fitting(max(map(abs, amounts), default=0.0), currency)


def gap_text(result: ScenarioResult) -> str:
    """The gap as a share, or in the unit of what is broken where a share says nothing."""
    broken = open_amounts(result)
    if broken:
        return ", ".join(
            f"{grouped(amount, 0 if amount >= 10 else 1)} {unit}" for amount, unit in broken
        )
    if not result.stages:
        return percent(None)
    return percent(result.stages[deciding_stage(result)].gap, 2)


def _number(row: dict[Any, Any], key: str) -> float | None:
    value = row.get(key)
    return None if value is None or pd.isna(value) else float(value)


def _worst(row: dict[Any, Any], name: str) -> Worst | None:
    value = _number(row, f"{name}_worst")
    return None if value is None else Worst(str(row[f"{name}_worst_rep"]), value)


def _worst_travel(result: ScenarioResult) -> Worst | None:
    if result.evaluation is None:
        return None
    table = result.evaluation.territories
    if not table["travel_hours"].notna().any():
        return None
    at = table["travel_hours"].idxmax()
    return Worst(str(table.at[at, "rep"]), float(table["travel_hours"].max()))


def _worst_moved(result: ScenarioResult) -> Worst | None:
    """The rep who loses the largest share of the present book, by sales."""
    if result.name == INCUMBENT or result.plan is None:
        return None
    incumbent, sales = result.problem.covers.incumbent, result.problem.covers.measures["sales"]
    held = incumbent >= 0
    gone = held & (incumbent != result.plan.owner)
    owners = len(result.problem.owners)
    books = np.bincount(incumbent[held], sales[held], minlength=owners)
    lost = np.bincount(incumbent[gone], sales[gone], minlength=owners)
    share = np.divide(lost, books, out=np.zeros(owners), where=books > 0)
    if not owners or share.max() <= 0:
        return None
    worst = int(share.argmax())
    return Worst(result.problem.owners.ids[worst], float(share[worst]))
