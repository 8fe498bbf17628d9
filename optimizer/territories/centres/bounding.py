"""What no plan can cost less than, wherever the bases lie, for markets of any size.

The prices of :mod:`.location` begin from a plan: a unit is worth the radius of its
territory, since in an even market the best prices make each site reach that far. Upper
limits are priced first, lower ones then on top; each is a true bound by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled
from .ascent import Ascent, ascend
from .location import Pricing
from .reach import Market, Reach, kilometres, reach_of

RADIUS = 1.6
"""Radius of a territory in mean distances; of a disc it is 1.5."""

FAR = (3.0, 2.4, 1.9)
"""Radii within which a unit matters to a site, tried until the lists fit."""

MOST_PAIRS = 60_000_000
"""Pairs of a site and a unit that are listed, 8 bytes each."""

CEILINGS = (0.0, 0.5)
"""Highest price of a lower limit, in mean distances to the base, one after the other."""

FEWEST_PASSES, MOST_PASSES = 12, 300
"""Passes of the prices over all sites for each of the ceilings."""

ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class LocationBound:
    """A bound and the prices that prove it.

    Parameters
    ----------
    worth
        Of each site at the prices; the least are the best places.
    pairs
        Pairs priced, in millions.
    """

    value: float
    alpha: FloatArray
    worth: FloatArray
    pairs: float


@compiled
def _own_kilometres(points: FloatArray, base: IndexArray) -> FloatArray:
    km = np.empty(len(base))
    for i in range(len(base)):
        km[i] = kilometres(points, i, base[i])
    return km


def location_bound(
    market: Market,
    base: IndexArray,
    *,
    work: float,
    workers: int = 2,
    stop: Callable[[], bool] = lambda: False,
) -> LocationBound:
    """Bound the cost of placing and aligning from below.

    Parameters
    ----------
    market
        Its lower and upper limits must be finite or infinite, not NaN.
    base
        Unit of the base of each unit in some plan, near the best for a good start, (n,).
    work
        Pairs of a site and a unit that are priced, in millions, about.
    """
    base_km = _own_kilometres(market.points, base)
    radius, mean = _radii(market, base, base_km)
    alpha = market.weight * radius
    scale = np.sqrt(np.maximum(alpha, 1e-12 * max(float(alpha.max(initial=0.0)), 1e-300)))
    reach, far = _reach(market, radius)
    best = LocationBound(0.0, np.zeros(len(market)), np.zeros(len(reach.sites)), 0.0)
    pairs, low = 0.0, np.isfinite(market.lower).any() and (market.lower > 0).any()
    totals = market.amounts.sum(axis=1)
    parts = CEILINGS if low else CEILINGS[:1]
    passes = max(FEWEST_PASSES, int(work / len(parts) / (1e-6 * max(len(reach.unit), 1))))
    for part in parts:
        # A price of this measure's total is worth as much as the mean distance of all.
        ceiling = part * mean * market.weight.sum() / np.where(totals > 0, totals, 1.0)
        limit = np.maximum(market.weight * radius * far - ceiling @ market.amounts, 0.0)
        pricing = Pricing(_loosened(market, ceiling, radius * far), reach, ceiling, workers)
        state = ascend(
            pricing.priced, np.minimum(alpha, limit), limit, scale, min(passes, MOST_PASSES),
            hope=0.02 * float((market.weight * base_km).sum()), precision=1e-5, stop=stop,
        )  # fmt: skip
        alpha = state.point
        pairs += 1e-6 * min(passes, MOST_PASSES) * len(reach.unit)
        best = _kept(best, state, pricing)
        if stop():
            break
    return LocationBound(best.value, best.alpha, best.worth, pairs)


def _kept(best: LocationBound, state: Ascent, pricing: Pricing) -> LocationBound:
    value = state.value - ROUNDING * abs(state.value)
    if value <= best.value:
        return best
    pricing.value(state.point)
    return LocationBound(value, state.point, pricing.worth.copy(), 0.0)


def _loosened(market: Market, ceiling: FloatArray, far: FloatArray) -> Market:
    """Lower limits less what units could add from outside their reach for a paid price.

    A unit whose amounts are worth more at the ceiling than its cost at the edge of its
    reach would be taken from anywhere; what all such units hold is let off the limits,
    and they are let off nothing else.
    """
    if not ceiling.any():
        return market
    anywhere = market.weight * far < ceiling @ market.amounts
    spare = market.amounts[:, anywhere].sum(axis=1)
    return Market(
        market.points, market.weight, market.amounts, market.lower - spare, market.upper,
        market.count,
    )  # fmt: skip


def _radii(market: Market, base: IndexArray, base_km: FloatArray) -> tuple[FloatArray, float]:
    """Radius of each unit's territory, km, and the mean distance to a base."""
    n = len(market)
    weight = np.bincount(base, weights=market.weight, minlength=n)
    total = np.bincount(base, weights=market.weight * base_km, minlength=n)
    mean = float(total.sum() / max(weight.sum(), 1e-300))
    own = np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), mean)[base]
    return np.maximum(RADIUS * own, 0.02 * RADIUS * mean), mean


def _reach(market: Market, radius: FloatArray) -> tuple[Reach, float]:
    """Lists that fit, and how many radii they reach."""
    sample = np.arange(0, len(market), max(1, len(market) // 500))
    for far in FAR:
        listed = len(reach_of(market, radius * far, sample).unit) * len(market) / len(sample)
        if listed <= MOST_PAIRS:
            break
    return reach_of(market, radius * far), far
