"""New products: what to expect where nothing was ever sold.

Three ways, in the order of what they need to know:

=========  ============================================================  ================
way        amount of owner i in the plan's period t                      needs
=========  ============================================================  ================
analogue   scale × (what the like product sold of i in a year) × r_t     a like product
potential  penetration × potential_i × r_t                               a measure
curve      total × (share of i in the measure) × r_t                     a total
=========  ============================================================  ================

with r_t = (the period's share of a year) × (share of the settled level that the launch
curve has reached, averaged over the period). The launch curve is given month by month
since the launch, or follows Bass (1969): F(τ) = (1 − e^{−(p+q)τ}) / (1 + (q/p)·e^{−(p+q)τ}),
the share of those who will ever buy that has bought τ years after the launch, with the
coefficients of innovation p and imitation q. The mean of p and q over many products,
0.03 and 0.38 a year (Sultan, Farley and Lehmann 1990), is the default.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ....models.arrays import FloatArray
from ....models.quotas.history import Span

INNOVATION, IMITATION = 0.03, 0.38


@dataclass(frozen=True)
class Launch:
    """A product without a history.

    Parameters
    ----------
    product
        Its name among the plan's products.
    start
        Day of the launch.
    analogue
        A product with a history that it is like; then ``scale`` is their ratio.
    penetration
        Share of the potential that the settled product is expected to have.
    total
        Settled sales a year of the company, money.
    measure
        Measure of the territories that ``penetration`` and ``total`` go by.
    curve
        Share of the settled level in the first, second … month; after them, 1.
        Empty for the curve of Bass.

    Raises
    ------
    ValueError
        When not exactly one of the three ways is given, or a number makes no sense.
    """

    product: str
    start: dt.date
    analogue: str = ""
    scale: float = 1.0
    penetration: float | None = None
    total: float | None = None
    measure: str = "potential"
    curve: tuple[float, ...] = ()
    innovation: float = INNOVATION
    imitation: float = IMITATION

    def __post_init__(self) -> None:
        ways = [bool(self.analogue), self.penetration is not None, self.total is not None]
        if sum(ways) != 1:
            raise ValueError(
                f"new product {self.product}: exactly one of like, penetration and total"
            )
        object.__setattr__(self, "curve", tuple(float(share) for share in self.curve))
        if any(not 0 <= share <= 1 for share in self.curve):
            raise ValueError(f"new product {self.product}: the curve must hold shares from 0 to 1")
        numbers = (self.scale, self.innovation, self.imitation, self.penetration, self.total)
        if any(number is not None and not number > 0 for number in numbers):
            raise ValueError(f"new product {self.product}: its numbers must be above 0")

    def reached(self, days: FloatArray) -> FloatArray:
        """Share of the settled level so many days after the launch; 0 before it.

        >>> Launch("x", dt.date(2027, 1, 1), total=1).reached(np.array([-1.0, 0, 1826])).round(2).tolist()
        [0.0, 0.0, 0.33]
        """
        if self.curve:
            month = np.clip(np.floor(days / (365.25 / 12)), 0, len(self.curve)).astype(np.int64)
            level = np.append(np.array(self.curve), 1.0)[month]
        else:
            years = np.maximum(days, 0.0) / 365.25
            rate = np.exp(-(self.innovation + self.imitation) * years)
            level = (1.0 - rate) / (1.0 + self.imitation / self.innovation * rate)
        return np.asarray(np.where(days < 0, 0.0, level))

    def reached_in(self, spans: Sequence[Span]) -> FloatArray:
        """Mean share of the settled level over the days of each span, (spans,)."""
        means = []
        for span in spans:
            since = np.arange(span.days, dtype=np.float64) + ((span.start - self.start).days + 0.5)
            means.append(float(self.reached(since).mean()))
        return np.array(means)


def launch_amounts(
    launch: Launch,
    spans: Sequence[Span],
    shares: FloatArray,
    *,
    analogue: FloatArray | None = None,
    measure: FloatArray | None = None,
) -> FloatArray:
    """Expected sales of a new product, money, (owners, periods).

    Parameters
    ----------
    spans, shares
        The plan's periods and their shares of a year, (periods,).
    analogue
        What each owner's territory buys of the like product a year, (owners,).
    measure
        What each owner has of the launch's measure, (owners,).

    Raises
    ------
    ValueError
        When what the launch goes by is missing or 0 throughout.
    """
    basis = analogue if launch.analogue else measure
    what = launch.analogue or launch.measure
    if basis is None or not basis.sum() > 0:
        raise ValueError(f"new product {launch.product}: there is nothing of {what!r} to go by")
    if launch.analogue:
        settled = launch.scale * basis
    elif launch.penetration is not None:
        settled = launch.penetration * basis
    else:
        settled = float(launch.total or 0.0) * basis / basis.sum()
    return np.asarray(settled[:, None] * (shares * launch.reached_in(spans)))
