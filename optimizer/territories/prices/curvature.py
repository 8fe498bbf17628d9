"""The smoothed relaxation: what owners carry, and how that changes with the prices."""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inner
from ..tables import PriceTables
from .ascent import Point
from .relaxation import reduced_costs, unit_prices


@inner
def add_pair(
    t: PriceTables, i: int, q: int, index: IndexArray, value: FloatArray, filled: int
) -> int:
    """Append what a pair adds to each price's sum; the new length."""
    groups, owners, resources = t.pair_cost.shape[0] - 1, t.owners, len(t.moving)
    counters, prices = groups + resources * owners, len(t.counter_price)
    r, pair = t.first[i] + q, t.start[i] + q
    for g in range(groups):
        index[filled], value[filled] = g, t.pair_cost[g + 1, pair]
        filled += 1
    for k in range(resources):
        if t.takes_part[k, r]:
            row = t.value_row[k]
            carried = t.item_value[row, i] if t.value_per_item[k] else t.pair_value[row, pair]
            index[filled], value[filled] = groups + k * owners + r, carried
            filled += 1
            if t.moving[k]:
                index[filled], value[filled] = counters + prices + k, -carried
                filled += 1
    for e in range(t.entry_start[i], t.entry_start[i + 1]):
        if t.entry_step[e] >= 0:
            index[filled] = counters + t.entry_counter[e] + q * t.entry_step[e]
            value[filled] = t.counter_value[t.entry_value[e] + q]
            filled += 1
        elif q == -1 - t.entry_step[e]:
            index[filled] = counters + t.entry_counter[e]
            value[filled] = t.counter_value[t.entry_value[e]]
            filled += 1
    return filled


@inner
def add_curvature(
    t: PriceTables,
    i: int,
    many: int,
    near: IndexArray,
    share: FloatArray,
    weight: float,
    index: IndexArray,
    value: FloatArray,
    curve: FloatArray,
) -> None:
    """Add an item's covariance of what its shared owners carry, times a weight."""
    filled = 0
    for a in range(many):
        if share[a] < 1e-4:
            continue
        begin = filled
        filled = add_pair(t, i, near[a], index, value, filled)
        for x in range(begin, filled):
            for y in range(begin, filled):
                curve[index[x], index[y]] += weight * share[a] * value[x] * value[y]
        for x in range(begin, filled):
            value[x] *= share[a]
    # ``value`` now holds the parts of the mean.
    for x in range(filled):
        by = weight * value[x]
        for y in range(filled):
            curve[index[x], index[y]] -= by * value[y]


@inner
def sharers(
    reduced: FloatArray, least: float, width: float, near: IndexArray, share: FloatArray
) -> tuple[int, float]:
    """Owners that an item is shared among, their shares (of sum 1), and the sum before."""
    many, total = 0, 0.0
    for q in range(len(reduced)):
        if reduced[q] <= least + 14.0 * width:
            near[many] = q
            share[many] = np.exp((least - reduced[q]) / width)
            total += share[many]
            many += 1
    for a in range(many):
        share[a] /= total
    return many, total


@inner
def add_shares(
    t: PriceTables,
    i: int,
    many: int,
    near: IndexArray,
    share: FloatArray,
    load: FloatArray,
    count: FloatArray,
    sums: FloatArray,
) -> None:
    """Add an item, shared out, to what owners, counters and groups carry."""
    for a in range(many):
        p, q = share[a], near[a]
        r, pair = t.first[i] + q, t.start[i] + q
        for g in range(len(sums)):
            sums[g] += p * t.pair_cost[g, pair]
        for k in range(len(t.moving)):
            if t.takes_part[k, r]:
                row = t.value_row[k]
                value = t.item_value[row, i] if t.value_per_item[k] else t.pair_value[row, pair]
                load[k, r] += p * value
        for e in range(t.entry_start[i], t.entry_start[i + 1]):
            if t.entry_step[e] >= 0:
                at = t.entry_counter[e] + q * t.entry_step[e]
                count[at] += p * t.counter_value[t.entry_value[e] + q]
            elif q == -1 - t.entry_step[e]:
                count[t.entry_counter[e]] += p * t.counter_value[t.entry_value[e]]


@compiled
def smoothed_minimum(
    t: PriceTables,
    point: Point,
    width: FloatArray,
    stride: int,
    load: FloatArray,
    count: FloatArray,
    sums: FloatArray,
    curve: FloatArray,
) -> tuple[float, float, int]:
    """Share every item among its cheapest owners.

    Parameters
    ----------
    width
        Smoothing of each item, in units of the objective, positive, (n,).
    stride
        Every so manieth item is looked at for the curvature; 0 for no curvature.
    load, count, sums
        What owners, counters and groups carry, filled in.
    curve
        Second derivatives less their sign, by groups, resources × owners, counters and
        totals that move, filled in.

    Returns
    -------
    tuple[float, float, int]
        Smoothed sum, sum of least reduced costs, pairs that share.
    """
    item_coef = np.zeros((t.item_value.shape[0], t.owners))
    pair_coef = np.zeros((t.pair_value.shape[0], t.owners))
    unit_prices(t, point[1], item_coef, pair_coef)
    load[:], count[:], sums[:] = 0.0, 0.0, 0.0
    if stride:
        curve[:] = 0.0
    widest = 1
    for i in range(len(t.first)):
        entries = t.entry_start[i + 1] - t.entry_start[i]
        widest = max(widest, t.width[i] * (len(sums) + 2 * len(t.moving) + entries))
    index, value = np.empty(widest, dtype=np.int64), np.empty(widest)
    reduced, share = np.empty(t.owners), np.empty(t.owners)
    near = np.empty(t.owners, dtype=np.int64)
    soft, hard, pairs = 0.0, 0.0, 0
    for i in range(len(t.first)):
        reduced_costs(t, i, point[0], item_coef, pair_coef, point[2], reduced)
        least = reduced[0]
        for q in range(1, t.width[i]):
            least = min(least, reduced[q])
        hard += least
        wide = width[i]
        many, total = sharers(reduced[: t.width[i]], least, wide, near, share)
        soft += least - wide * np.log(total)
        pairs += many
        add_shares(t, i, many, near, share, load, count, sums)
        if stride and many > 1 and i % stride == 0:
            add_curvature(t, i, many, near, share, stride / wide, index, value, curve)
    return soft, hard, pairs


@compiled
def amounts_outside(
    t: PriceTables,
    point: Point,
    load: FloatArray,
    count: FloatArray,
    sums: FloatArray,
    high: FloatArray,
    low: FloatArray,
) -> None:
    """What is carried less the upper and less the lower limit of every price's part."""
    groups = len(sums) - 1
    for g in range(groups):
        high[g] = sums[g + 1] + t.group_constant[g + 1] - t.group_limit[g + 1]
        low[g] = np.inf
    at = groups
    for k in range(len(t.moving)):
        total = 0.0
        if t.moving[k]:
            for r in range(t.owners):
                total += load[k, r]
        group = t.resource_group[k]
        for r in range(t.owners):
            high[at], low[at] = -np.inf, np.inf
            if t.takes_part[k, r]:
                high[at] = load[k, r] - t.upper[k, r] - t.upper_share[k, r] * total
                low[at] = load[k, r] - t.lower[k, r] - t.lower_share[k, r] * total
                cap = point[0][group] * t.resource_price[k] if group > 0 else np.inf
                if group > 0 and abs(point[1][k, r]) >= 0.999 * cap:
                    high[group - 1] += t.resource_price[k] * max(high[at], -low[at], 0.0)
            at += 1
    for c in range(len(count)):
        high[at], low[at] = count[c] - t.counter_upper[c], count[c] - t.counter_lower[c]
        group = t.counter_group[c]
        cap = point[0][group] * t.counter_price[c] if group > 0 else np.inf
        if group > 0 and abs(point[2][c]) >= 0.999 * cap:
            high[group - 1] += t.counter_price[c] * max(high[at], -low[at], 0.0)
        at += 1
