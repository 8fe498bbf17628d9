"""How uncertain sales are: given, or estimated from past attainment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from ....models.errors import ProblemList
from ..tables import text_column
from .figures import figures

if TYPE_CHECKING:
    import pandas as pd

#: Fewer owners or periods than these say nothing about their spread.
FEWEST_OWNERS, FEWEST_PERIODS = 3, 2


class Shape(StrEnum):
    """How sales scatter about what is expected."""

    LOGNORMAL = "lognormal"
    """Factors that multiply, each of mean 1; sales never fall below 0."""
    NORMAL = "normal"
    """Deviations that add up; cut off at 0."""


@dataclass(frozen=True)
class Uncertainty:
    """Standard deviations of sales about what is expected, as shares of it.

    With the lognormal shape they are those of the logarithm; each factor has mean 1.
    The same for everybody: no person's own record enters.

    Parameters
    ----------
    market
        What hits everybody alike over the whole plan period.
    territory
        What hits one territory over the whole plan period.
    period
        What hits one territory in one period.
    product
        What hits one product everywhere over the whole plan period.
    source
        ``assumed``, or what it was estimated from.

    Raises
    ------
    BadInput
        When a deviation is negative or no number.
    """

    market: float = 0.05
    territory: float = 0.15
    period: float = 0.1
    product: float = 0.0
    shape: Shape = Shape.LOGNORMAL
    source: str = "assumed"

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", Shape(self.shape))
        found = ProblemList("uncertainty")
        for key in ("market", "territory", "period", "product"):
            value = getattr(self, key)
            if not 0 <= value < 5:
                found.add("must be a share of at least 0 and below 5", key=key, value=value)
        found.raise_any()


def estimate_uncertainty(history: pd.DataFrame, *, product: float = 0.0) -> Uncertainty:
    """Estimate the spread of attainment from past periods.

    The logarithm of sales ÷ quota is taken as market(period) + territory(owner) +
    rest, each random. Their variances follow from the mean squares of a two-way
    table: σ²(rest) = MS(rest), σ²(territory) = (MS(owner) − MS(rest)) ÷ periods,
    σ²(market) = (MS(period) − MS(rest)) ÷ owners, at least 0 (Searle, Casella and
    McCulloch, *Variance Components*, 1992, chapter 4). A market that is off is taken
    to stay off for the whole plan period, which is the wide side.

    Parameters
    ----------
    history
        ``owner, period, sales, quota``, one row each; each period as long as one of the plan.
        Only owners with all periods count.
    product
        Spread of products, which such a history does not tell.

    Raises
    ------
    BadInput
        When too little is there to estimate from.

    Examples
    --------
    >>> import pandas as pd
    >>> history = pd.DataFrame({
    ...     "owner": ["a", "a", "b", "b", "c", "c"], "period": ["1", "2"] * 3,
    ...     "sales": [90.0, 110.0, 100.0, 120.0, 80.0, 100.0], "quota": [100.0] * 6})
    >>> found = estimate_uncertainty(history)
    >>> round(found.market, 3), round(found.territory, 3), found.source
    (0.143, 0.101, 'estimated from 3 owners × 2 periods')
    """
    found = ProblemList("attainment")
    missing = [c for c in ("owner", "period", "sales", "quota") if c not in history.columns]
    for column in missing:
        found.add("the table needs this column", key=column)
    found.raise_any()
    sales, quota = figures(history, "sales", found), figures(history, "quota", found)
    found.raise_any()
    periods = list(dict.fromkeys(text_column(history, "period")))
    rows: dict[str, dict[str, float]] = {}
    for owner, period, sold, asked in zip(
        text_column(history, "owner"), text_column(history, "period"), sales, quota, strict=True
    ):
        if period in rows.setdefault(owner, {}):
            found.add("stands more than once", place=f"{owner} {period}", key="period")
        if sold > 0 and asked > 0:
            rows[owner][period] = float(np.log(sold / asked))
    found.raise_any()
    whole = [rows[owner] for owner in sorted(rows) if len(rows[owner]) == len(periods)]
    if len(whole) < FEWEST_OWNERS or len(periods) < FEWEST_PERIODS:
        found.add(
            f"needs at least {FEWEST_OWNERS} owners with sales and quota in each of at least "
            f"{FEWEST_PERIODS} periods; there are {len(whole)} × {len(periods)}"
        )
        found.raise_any()
    table = np.array([[row[period] for period in periods] for row in whole])
    owners, count = table.shape
    means, seasons, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    rest = table - means[:, None] - seasons[None, :] + mean
    square = float((rest**2).sum()) / ((owners - 1) * (count - 1))
    of_owners = count * float(means.var(ddof=1))
    of_periods = owners * float(seasons.var(ddof=1))
    return Uncertainty(
        market=float(np.sqrt(max(of_periods - square, 0.0) / owners)),
        territory=float(np.sqrt(max(of_owners - square, 0.0) / count)),
        period=float(np.sqrt(square)),
        product=product,
        source=f"estimated from {owners} owners × {count} periods",
    )
