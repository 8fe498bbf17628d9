"""What no plan can cost less than, wherever the bases lie, for markets of any size.

The prices of :mod:`.location` begin from a plan: a unit is worth the radius of its
territory, since in an even market the best prices make each site reach that far. Prices
of units and of lower limits are held below ceilings, so that the lists of who matters to
which site stay short; ceilings and lists follow the prices from round to round. Each
round proves a true bound by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ....models.geodesy import EARTH_RADIUS_KM
from ..compiled import compiled
from .climbing import Climb, climb
from .coarse import coarsened
from .location import Pricing
from .reach import Market, Reach, kilometres, reach_of

RADIUS = 1.6
"""Radius of a territory in mean distances; of a disc it is 1.5."""

ROOM, FIRST_ROOM = 1.35, 1.8
"""Times its price that a unit may be priced at in the next round, and at first."""

FARTHEST = 30.0
"""Radii beyond which a unit matters to no site; prices are held below that."""

MOST_PAIRS = 50_000_000
"""Pairs of a site and a unit that are listed, 8 bytes each."""

FIRST_CEILING, RAISED, LOWERED = 0.5, 2.0, 0.7
"""Highest price of a lower limit at first, in mean distances; how it rises where it binds
and falls where the lists would not fit."""

LEAST_CEILING = 0.05
"""Share of all prices of units down to which ceilings fall before these do."""

BINDING = 0.02
"""Share of the chosen sites at a ceiling from which it rises."""

ROUNDS = 5
"""Lists made, each for the prices of the one before."""

COARSE, FINE_ROUNDS = 2_500, 3
"""Groups of units that prices are first found for where there are more units, and rounds
after that."""

FEWEST_PASSES, MOST_PASSES = 12, 60
"""Passes of the prices over all sites for each of the ceilings."""

ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class LocationBound:
    """A bound and the prices that prove it.

    Parameters
    ----------
    worth
        Of each site at the prices; the least are the best places.
    ceiling
        Highest price of each lower limit there.
    pairs
        Pairs priced, in millions.
    """

    value: float
    alpha: FloatArray
    worth: FloatArray
    ceiling: FloatArray
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
    ceiling: FloatArray | None = None,
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
    ceiling
        Highest price of each lower limit, where that is given.
    """
    base_km = _own_kilometres(market.points, base)
    radius, mean = _radii(market, base, base_km)
    width = _width(market.points)
    limited = (np.isfinite(market.lower) & (market.lower > 0)).any(axis=0)
    totals = market.amounts.sum(axis=1)
    if len(market) > 2 * COARSE:
        rough = coarsened(market, base, COARSE)
        begun = location_bound(rough.market, rough.base, work=work, workers=workers, stop=stop)
        prices = ROOM * rough.refined(begun.alpha)
        # Prices are found anew for the ceilings that the lists of units have room for.
        ceiling = _fitting(market, radius, prices, begun.ceiling, width)[1]
        begun = location_bound(
            rough.market, rough.base, work=work, workers=workers, stop=stop, ceiling=ceiling
        )
        alpha, rounds = rough.refined(begun.alpha), FINE_ROUNDS
        limited = np.zeros_like(limited)
    elif ceiling is not None:
        alpha, rounds = market.weight * radius, FINE_ROUNDS
        limited = np.zeros_like(limited)
    else:
        # A price of a whole measure is worth as much as the mean distance of all.
        each = mean * market.weight.sum() / np.where(totals > 0, totals, 1.0)
        alpha, ceiling = market.weight * radius, np.where(limited, FIRST_CEILING * each, 0.0)
        rounds = ROUNDS
    scale = np.sqrt(np.maximum(alpha, 1e-12 * max(float(alpha.max(initial=0.0)), 1e-300)))
    hope = 0.02 * float((market.weight * base_km).sum())
    best = LocationBound(0.0, alpha, np.zeros(len(market)), ceiling, 0.0)
    pairs = 0.0
    for turn in range(rounds):
        room = ROOM if turn or rounds == FINE_ROUNDS else FIRST_ROOM
        reach, far, ceiling = _reach(market, radius, room * alpha, ceiling, width)
        limit = np.maximum(market.weight * far - ceiling @ market.amounts, 0.0)
        # Who matters to every site may be priced as it likes.
        limit[far >= width] = np.inf
        size = max(1e-6 * len(reach.unit), 1e-6)
        passes = float(np.clip(work / rounds / size, FEWEST_PASSES, MOST_PASSES))
        pricing = Pricing(_loosened(market, ceiling, far, width), reach, ceiling, workers)
        state = climb(
            pricing, np.minimum(alpha, limit), limit, scale, passes, hope=hope, precision=1e-5,
            stop=stop,
        )  # fmt: skip
        alpha, hope = state.point, 0.01 * abs(state.value)
        pairs += state.passes * size
        best = _kept(best, state, pricing)
        if stop():
            break
        bound_by = (pricing.mu[pricing.chosen] >= 0.999 * ceiling).mean(axis=0) > BINDING
        ceiling = np.where(limited & bound_by, RAISED * ceiling, ceiling)
    return replace(best, pairs=pairs)


def _kept(best: LocationBound, state: Climb, pricing: Pricing) -> LocationBound:
    value = state.value - ROUNDING * abs(state.value)
    if value <= best.value:
        return best
    pricing.value(state.point)
    return LocationBound(value, state.point, pricing.worth.copy(), pricing.ceiling, 0.0)


def _loosened(market: Market, ceiling: FloatArray, far: FloatArray, width: float) -> Market:
    """Lower limits less what units could add from outside their reach for a paid price.

    A unit whose amounts are worth more at the ceiling than its cost at the edge of its
    reach would be taken from anywhere; what all such units hold is let off the limits,
    and they are let off nothing else.
    """
    if not ceiling.any():
        return market
    anywhere = (market.weight * far < ceiling @ market.amounts) & (far < width)
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


def _width(points: FloatArray) -> float:
    """No two units are farther apart than this, km."""
    straight = float(np.linalg.norm(np.ptp(points, axis=0))) * (1.0 + ROUNDING) + ROUNDING
    if points.shape[1] == 2:
        return straight
    half = min(1.0, straight / (2.0 * EARTH_RADIUS_KM))
    return 2.0 * EARTH_RADIUS_KM * float(np.arcsin(half)) * (1.0 + ROUNDING)


def _reach(
    market: Market, radius: FloatArray, price: FloatArray, ceiling: FloatArray, width: float
) -> tuple[Reach, FloatArray, FloatArray]:
    """Lists that allow for these prices and fit, how far each unit reaches, and the ceiling."""
    price, ceiling, far = _fitting(market, radius, price, ceiling, width)
    return reach_of(market, far), far, ceiling


def _fitting(
    market: Market, radius: FloatArray, price: FloatArray, ceiling: FloatArray, width: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Prices of units and ceilings whose lists fit, and how far each unit reaches."""
    sample = np.arange(0, len(market), max(1, len(market) // 500))
    weight = np.where(market.weight > 0, market.weight, np.inf)
    totals = market.amounts.sum(axis=1)
    while True:
        far = (price + ceiling @ market.amounts) / weight
        far = np.minimum(far, np.minimum(FARTHEST * radius, width))
        listed = len(reach_of(market, far, sample).unit) * len(market) / len(sample)
        if listed <= MOST_PAIRS:
            return price, ceiling, far
        if ceiling @ totals > LEAST_CEILING * price.sum():
            # Prices of lower limits are worth less than those of units.
            ceiling = LOWERED * ceiling
        else:
            price = LOWERED * price
