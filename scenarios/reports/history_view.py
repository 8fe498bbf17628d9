"""What was sold and what is expected, and how quota methods would have done, as drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from ..quotas import QuotaStudy

#: Size of the drawing.
WIDTH, HEIGHT = 640.0, 150.0


@dataclass(frozen=True)
class MethodRow:
    """How one method would have done in past years, as means over the years."""

    name: str
    error: float
    within: float
    is_best: bool
    as_good: bool


@dataclass(frozen=True)
class HistoryView:
    """Sales of the whole market through time.

    Parameters
    ----------
    sold, expected
        SVG points of the line so far and of what is expected; empty for none.
    top
        Amount at the drawing's upper edge, money a period; the lower edge is 0.
    first, last
        Names of the first and last period of history.
    now
        Where history ends, from the left.
    growth
        What is expected of the plan's periods against the last year, a share.
    methods
        The best first; none without a back-test.
    """

    sold: str
    expected: str
    top: float
    first: str
    last: str
    now: float
    growth: float | None
    methods: tuple[MethodRow, ...]

    @property
    def worst_error(self) -> float:
        """Right end of the methods' bars."""
        return max((row.error for row in self.methods), default=0.0) or 1.0


def view_history(study: QuotaStudy | None) -> HistoryView | None:
    """Prepare the drawing; None where there is no history of at least two periods."""
    if study is None or study.figures is None or len(study.sold) < 2:
        return None
    outlook = study.figures.outlook
    expected = outlook.amounts.sum(axis=(0, 1)).tolist()
    last_year = float(outlook.last_year.sum())
    summary = study.back_test.summary if study.back_test is not None else None
    return draw_history(study.sold, expected, last_year, summary)


def draw_history(
    sold: pd.DataFrame,
    expected: list[float],
    last_year: float,
    summary: pd.DataFrame | None = None,
) -> HistoryView:
    """Lay the line out.

    Parameters
    ----------
    sold
        ``period, sales, in_a_year``: one row per period, the oldest first.
    expected
        Of each of the plan's periods; drawn where they are whole numbers of the
        history's periods, as if the plan were a year.
    last_year
        What was sold in the last year of history.
    summary
        Of the back-test, the best method first.
    """
    season = int(sold["in_a_year"].iloc[0])
    ahead: list[float] = []
    if expected and season % len(expected) == 0:
        each = season // len(expected)
        ahead = [amount / each for amount in expected for _ in range(each)]
    amounts = sold["sales"].astype(float).tolist()
    top = max([*amounts, *ahead]) * 1.05 or 1.0
    step = WIDTH / max(len(amounts) + len(ahead) - 1, 1)

    def points(values: list[float], start: int) -> str:
        return " ".join(
            f"{(start + at) * step:.1f},{HEIGHT * (1.0 - value / top):.1f}"
            for at, value in enumerate(values)
        )

    return HistoryView(
        sold=points(amounts, 0),
        expected=points([amounts[-1], *ahead], len(amounts) - 1) if ahead else "",
        top=top,
        first=str(sold["period"].iloc[0]),
        last=str(sold["period"].iloc[-1]),
        now=round((len(amounts) - 1) * step, 1),
        growth=sum(expected) / last_year - 1.0 if expected and last_year else None,
        methods=_methods(summary),
    )


def _methods(summary: pd.DataFrame | None) -> tuple[MethodRow, ...]:
    if summary is None:
        return ()
    return tuple(
        MethodRow(
            str(row["method"]).replace("_", " "),
            float(row["absolute_error"]),
            float(row["within_20"]),
            at == 0,
            bool(row["as_good"]),
        )
        for at, row in enumerate(summary.to_dict("records"))
    )
