"""Better prices: a deflected subgradient ascent with a target that adapts.

The step aims at a target value above the best one found; a target that proves too
high is lowered (level control after Goffin and Kiwiel 1999). The direction averages
recent subgradients, as in the volume algorithm of Barahona and Anbil (2000).
"""

from __future__ import annotations

import numba as nb
import numpy as np

from ....models.arrays import FloatArray
from ..tables import Tables
from .relaxation import loads_of, priced_limits, relaxed_minimum

#: Weight of the newest subgradient in the direction.
FRESH = 0.25
#: Passes without progress after which the target is lowered.
PATIENCE = 12


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def load_slope(t: Tables, load_price: FloatArray, load: FloatArray, slope: FloatArray):
    """Subgradient at each owner's price: what it carries beyond the limit that the price is of."""
    for k in range(len(t.moving)):
        total = 0.0
        if t.moving[k]:
            for r in range(t.owners):
                if t.takes_part[k, r]:
                    total += load[k, r]
        for r in range(t.owners):
            slope[k, r] = 0.0
            if not t.takes_part[k, r]:
                continue
            high = load[k, r] - t.upper[k, r] - t.upper_share[k, r] * total
            low = load[k, r] - t.lower[k, r] - t.lower_share[k, r] * total
            price = load_price[k, r]
            if price > 0 or (price == 0 and high > 0):
                slope[k, r] = high
            elif price < 0 or (price == 0 and low < 0):
                slope[k, r] = low


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def counter_slope(t: Tables, price: FloatArray, load: FloatArray, slope: FloatArray):
    """Subgradient at each counter's price."""
    for c in range(len(price)):
        high = load[c] - t.counter_upper[c]
        low = load[c] - t.counter_lower[c]
        slope[c] = 0.0
        if price[c] > 0 or (price[c] == 0 and high > 0):
            slope[c] = high
        elif price[c] < 0 or (price[c] == 0 and low < 0):
            slope[c] = low


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def group_slope(
    t: Tables,
    group_price: FloatArray,
    load_price: FloatArray,
    counter: FloatArray,
    load: FloatArray,
    count: FloatArray,
    sums: FloatArray,
    slope: FloatArray,
):
    """Subgradient at the price of each earlier sum: its least value here less its limit."""
    slope[0] = 0.0
    for g in range(1, len(group_price)):
        slope[g] = sums[g] + t.group_constant[g] - t.group_limit[g]
    for k in range(len(t.moving)):
        g = t.resource_group[k]
        if g > 0:
            for r in range(t.owners):
                if abs(load_price[k, r]) >= 0.999 * group_price[g] * t.resource_price[k]:
                    slope[g] += t.resource_price[k] * outside(t, k, r, load)
    for c in range(len(counter)):
        g = t.counter_group[c]
        if g > 0 and abs(counter[c]) >= 0.999 * group_price[g] * t.counter_price[c]:
            over = max(count[c] - t.counter_upper[c], t.counter_lower[c] - count[c], 0.0)
            slope[g] += t.counter_price[c] * over


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def outside(t: Tables, k: int, r: int, load: FloatArray):
    """Amount of a resource outside an owner's limits."""
    total = 0.0
    if t.moving[k]:
        for s in range(t.owners):
            if t.takes_part[k, s]:
                total += load[k, s]
    high = t.upper[k, r] + t.upper_share[k, r] * total
    low = t.lower[k, r] + t.lower_share[k, r] * total
    return max(load[k, r] - high, low - load[k, r], 0.0)


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def within(price: float, cap: float, low: float, high: float):
    """A price cut to its cap, and to nothing where there is no limit to price."""
    if price > 0:
        return min(price, cap) if high < np.inf else 0.0
    return max(price, -cap) if low > -np.inf else 0.0


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def moved_price(old: float, change: float):
    """A price after a step; it stops at 0 on its way to the other side."""
    new = old + change
    return 0.0 if old * new < 0.0 else new


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def step(
    t: Tables,
    length: float,
    scale: FloatArray,
    counter_scale: FloatArray,
    prices: tuple,
    direction: tuple,
):  # type: ignore[type-arg]
    """Move all prices along the direction, in units scaled by what is usually carried."""
    group_price, load_price, counter_price = prices
    group_way, load_way, counter_way = direction
    for g in range(1, len(group_price)):
        group_price[g] = max(0.0, group_price[g] + length * group_way[g])
    for k in range(len(t.moving)):
        g = t.resource_group[k]
        cap = np.inf if g < 0 else group_price[g] * t.resource_price[k]
        for r in range(t.owners):
            new = moved_price(load_price[k, r], length * load_way[k, r] / scale[k])
            load_price[k, r] = within(new, cap, t.lower[k, r], t.upper[k, r])
    for c in range(len(counter_price)):
        g = t.counter_group[c]
        cap = np.inf if g < 0 else group_price[g] * t.counter_price[c]
        new = moved_price(counter_price[c], length * counter_way[c] / counter_scale[c])
        counter_price[c] = within(new, cap, t.counter_lower[c], t.counter_upper[c])


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def averaged(
    t: Tables,
    fresh: float,
    scale: FloatArray,
    counter_scale: FloatArray,
    prices: tuple,
    slopes: tuple,
    direction: tuple,
):  # type: ignore[type-arg]
    """Blend scaled slopes into the direction; return the square of its free part."""
    group_price, load_price, counter_price = prices
    group_slopes, load_slopes, counter_slopes = slopes
    group_way, load_way, counter_way = direction
    square = 0.0
    for g in range(1, len(group_price)):
        group_way[g] += fresh * (group_slopes[g] - group_way[g])
        if group_price[g] > 0 or group_way[g] > 0:
            square += group_way[g] ** 2
    for k in range(len(t.moving)):
        for r in range(t.owners):
            load_way[k, r] += fresh * (load_slopes[k, r] / scale[k] - load_way[k, r])
            g = t.resource_group[k]
            cap = np.inf if g < 0 else group_price[g] * t.resource_price[k]
            if abs(load_price[k, r]) < cap or load_price[k, r] * load_way[k, r] < 0:
                square += load_way[k, r] ** 2
    for c in range(len(counter_price)):
        counter_way[c] += fresh * (counter_slopes[c] / counter_scale[c] - counter_way[c])
        square += counter_way[c] ** 2
    return square


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def ascend(
    t: Tables,
    prices: tuple,
    best_prices: tuple,
    direction: tuple,  # type: ignore[type-arg]
    scale: FloatArray,
    counter_scale: FloatArray,
    control: FloatArray,
    passes: int,
):
    """Run some passes; ``control`` = best value, step above it, passes since progress, upper.

    Returns the number of passes done: fewer where the best value has met the upper.
    """
    group_price, load_price, counter_price = prices
    n = len(t.first)
    item_coef = np.zeros((t.item_value.shape[0], t.owners))
    pair_coef = np.zeros((t.pair_value.shape[0], t.owners))
    choice, least = np.empty(n, dtype=np.int64), np.empty(n)
    load, count = np.zeros(load_price.shape), np.zeros(len(counter_price))
    sums = np.zeros(len(group_price))
    slopes = (np.zeros(len(group_price)), np.zeros(load_price.shape), np.zeros(len(counter_price)))
    for done in range(passes):
        relaxed = relaxed_minimum(
            t, group_price, load_price, counter_price, item_coef, pair_coef, choice, least
        )
        value, _ = priced_limits(t, relaxed, group_price, load_price, counter_price)
        if value > control[0]:
            gained = value - control[0]
            control[0] = value
            best_prices[0][:] = group_price
            best_prices[1][:] = load_price
            best_prices[2][:] = counter_price
            if gained > 0.02 * control[1]:
                control[2] = 0.0
            control[4] += gained
            if control[4] >= control[1]:
                control[1] *= 1.5
                control[4] = 0.0
        if control[0] >= control[3]:
            return done + 1
        control[2] += 1.0
        fresh = FRESH
        if control[2] > PATIENCE:
            control[1] *= 0.5
            control[2] = 0.0
            control[4] = 0.0
            group_price[:] = best_prices[0]
            load_price[:] = best_prices[1]
            counter_price[:] = best_prices[2]
            fresh = 1.0
            relaxed = relaxed_minimum(
                t, group_price, load_price, counter_price, item_coef, pair_coef, choice, least
            )
            value = control[0]
        loads_of(t, choice, load, count, sums)
        load_slope(t, load_price, load, slopes[1])
        counter_slope(t, counter_price, count, slopes[2])
        group_slope(t, group_price, load_price, counter_price, load, count, sums, slopes[0])
        square = averaged(t, fresh, scale, counter_scale, prices, slopes, direction)
        if square <= 0.0:
            return done + 1
        target = min(control[0] + control[1], control[3])
        step(t, (target - value) / square, scale, counter_scale, prices, direction)
    return passes
