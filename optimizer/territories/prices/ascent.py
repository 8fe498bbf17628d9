"""Better prices: a deflected subgradient ascent with a target that adapts.

The step aims at a target value above the best one found; a target that proves too
high is lowered (level control after Goffin and Kiwiel 1999). The direction averages
recent subgradients, as in the volume algorithm of Barahona and Anbil (2000).
"""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray
from ..compiled import compiled, inlined, inner
from ..tables import PriceTables
from .relaxation import loads_of, priced_limits, relaxed_minimum

#: Weight of the newest subgradient in the direction.
FRESH = 0.25
#: Passes without progress after which the target is lowered.
PATIENCE = 12

Point = tuple[FloatArray, FloatArray, FloatArray]


@inlined
def slope_at(price: float, high: float, low: float) -> float:
    """Subgradient of an interval's price, from what is carried beyond either limit."""
    if price > 0 or (price == 0 and high > 0):
        return high
    if price < 0 or (price == 0 and low < 0):
        return low
    return 0.0


@inner
def slopes_at(
    t: PriceTables,
    prices: Point,
    load: FloatArray,
    count: FloatArray,
    sums: FloatArray,
    slopes: Point,
) -> None:
    """Subgradient at the prices: what is carried beyond the limits that they are of.

    For an earlier sum it is the least value of that sum here less its limit.
    """
    for g in range(1, len(sums)):
        slopes[0][g] = sums[g] + t.group_constant[g] - t.group_limit[g]
    for k in range(len(t.moving)):
        total = 0.0
        if t.moving[k]:
            for r in range(t.owners):
                total += load[k, r]
        group = t.resource_group[k]
        for r in range(t.owners):
            slopes[1][k, r] = 0.0
            if not t.takes_part[k, r]:
                continue
            high = load[k, r] - t.upper[k, r] - t.upper_share[k, r] * total
            low = load[k, r] - t.lower[k, r] - t.lower_share[k, r] * total
            price = prices[1][k, r]
            slopes[1][k, r] = slope_at(price, high, low)
            if group > 0 and abs(price) >= 0.999 * prices[0][group] * t.resource_price[k]:
                slopes[0][group] += t.resource_price[k] * max(high, -low, 0.0)
    for c in range(len(count)):
        high, low = count[c] - t.counter_upper[c], count[c] - t.counter_lower[c]
        price, group = prices[2][c], t.counter_group[c]
        slopes[2][c] = slope_at(price, high, low)
        if group > 0 and abs(price) >= 0.999 * prices[0][group] * t.counter_price[c]:
            slopes[0][group] += t.counter_price[c] * max(high, -low, 0.0)


@inlined
def stepped(old: float, change: float, cap: float, low: float, high: float) -> float:
    """A price after a step, which ends at 0 on the way to the other side and at its cap."""
    new = old + change
    if old * new < 0.0:
        return 0.0
    if new > 0:
        return min(new, cap) if high < np.inf else 0.0
    return max(new, -cap) if low > -np.inf else 0.0


@inner
def step(
    t: PriceTables,
    length: float,
    scale: FloatArray,
    counter_scale: FloatArray,
    prices: Point,
    way: Point,
) -> None:
    """Move all prices along the direction, in units scaled by what is usually carried."""
    for g in range(1, len(prices[0])):
        prices[0][g] = max(0.0, prices[0][g] + length * way[0][g])
    for k in range(len(t.moving)):
        g = t.resource_group[k]
        cap = np.inf if g < 0 else prices[0][g] * t.resource_price[k]
        for r in range(t.owners):
            change = length * way[1][k, r] / scale[k]
            low, high = t.lower[k, r], t.upper[k, r]
            prices[1][k, r] = stepped(prices[1][k, r], change, cap, low, high)
    for c in range(len(prices[2])):
        g = t.counter_group[c]
        cap = np.inf if g < 0 else prices[0][g] * t.counter_price[c]
        change = length * way[2][c] / counter_scale[c]
        low, high = t.counter_lower[c], t.counter_upper[c]
        prices[2][c] = stepped(prices[2][c], change, cap, low, high)


@inner
def average(
    t: PriceTables,
    fresh: float,
    scale: FloatArray,
    counter_scale: FloatArray,
    prices: Point,
    slopes: Point,
    way: Point,
) -> float:
    """Blend scaled slopes into the direction; return the square of its free part."""
    square = 0.0
    for g in range(1, len(prices[0])):
        way[0][g] += fresh * (slopes[0][g] - way[0][g])
        if prices[0][g] > 0 or way[0][g] > 0:
            square += way[0][g] ** 2
    for k in range(len(t.moving)):
        g = t.resource_group[k]
        cap = np.inf if g < 0 else prices[0][g] * t.resource_price[k]
        for r in range(t.owners):
            way[1][k, r] += fresh * (slopes[1][k, r] / scale[k] - way[1][k, r])
            if abs(prices[1][k, r]) < cap or prices[1][k, r] * way[1][k, r] < 0:
                square += way[1][k, r] ** 2
    for c in range(len(prices[2])):
        way[2][c] += fresh * (slopes[2][c] / counter_scale[c] - way[2][c])
        square += way[2][c] ** 2
    return square


@inner
def copy_point(source: Point, target: Point) -> None:
    """Copy prices."""
    for g in range(len(source[0])):
        target[0][g] = source[0][g]
    for k in range(source[1].shape[0]):
        for r in range(source[1].shape[1]):
            target[1][k, r] = source[1][k, r]
    for c in range(len(source[2])):
        target[2][c] = source[2][c]


@compiled
def ascend(
    t: PriceTables,
    prices: Point,
    best: Point,
    way: Point,
    scale: FloatArray,
    counter_scale: FloatArray,
    control: FloatArray,
    passes: int,
) -> int:
    """Run some passes over all pairs.

    Parameters
    ----------
    control
        Best value, reach of the target above it, passes since progress, value of a
        known plan, gain since the reach was last widened; kept between calls.

    Returns
    -------
    int
        Passes done: fewer where the best value has met the known plan's.
    """
    n = len(t.first)
    item_coef = np.zeros((t.item_value.shape[0], t.owners))
    pair_coef = np.zeros((t.pair_value.shape[0], t.owners))
    choice, least = np.empty(n, dtype=np.int64), np.empty(n)
    load, count = np.zeros(prices[1].shape), np.zeros(len(prices[2]))
    sums = np.zeros(len(prices[0]))
    slopes = (np.zeros(len(prices[0])), np.zeros(prices[1].shape), np.zeros(len(prices[2])))
    back = False
    for done in range(passes):
        relaxed = relaxed_minimum(
            t, prices[0], prices[1], prices[2], item_coef, pair_coef, choice, least
        )
        value = priced_limits(t, relaxed, prices[0], prices[1], prices[2])[0]
        fresh = 1.0 if back else FRESH
        back = False
        control[2] += 1.0
        if value > control[0]:
            gained = value - control[0]
            control[0] = value
            copy_point(prices, best)
            control[4] += gained
            if gained > 0.02 * control[1]:
                control[2] = 0.0
            if control[4] >= control[1]:
                control[1] *= 1.5
                control[4] = 0.0
        if control[0] >= control[3]:
            return done + 1
        if control[2] > PATIENCE:
            control[1] *= 0.5
            control[2] = 0.0
            control[4] = 0.0
            copy_point(best, prices)
            back = True
            continue
        loads_of(t, choice, load, count, sums)
        slopes_at(t, prices, load, count, sums, slopes)
        square = average(t, fresh, scale, counter_scale, prices, slopes, way)
        if square <= 0.0:
            return done + 1
        target = min(control[0] + control[1], control[3])
        step(t, (target - value) / square, scale, counter_scale, prices, way)
    return passes
