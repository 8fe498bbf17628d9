"""The Lagrangian of free centres, compiled: prices on assignment and on balance.

With a price ``alpha[i]`` for serving unit i and a price ``mu[k, j]`` for activity k at
centre j, each centre takes the units whose cost less prices is negative; the p best
centres are chosen. For given ``alpha`` the balance prices of a centre are found exactly,
one activity after the other: the price at which the load meets its limit is a weighted
median of cost per activity. Any prices give a true bound.

Candidates (m of the n units) carry the rows; a cost of inf marks a pair that is out.
"""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inner

CLOSE = 1e-10
"""Share of a pair's cost within which its reduced cost counts as zero."""


@inner
def weighted_split(ratio: FloatArray, weight: FloatArray, count: int, need: float) -> float:
    """Smallest ratio at which the weights of all ratios up to it reach ``need``.

    Reorders ``ratio`` and ``weight``. Returns nan where the weights do not reach it.
    """
    low, high, before = 0, count, 0.0
    while low < high:
        x, y, z = ratio[low], ratio[(low + high) // 2], ratio[high - 1]
        pivot = max(min(x, y), min(max(x, y), z))
        left, at, right = low, low, high
        less, same = 0.0, 0.0
        while at < right:
            value = ratio[at]
            if value < pivot:
                less += weight[at]
                ratio[at], ratio[left] = ratio[left], value
                weight[at], weight[left] = weight[left], weight[at]
                left += 1
                at += 1
            elif value > pivot:
                right -= 1
                ratio[at], ratio[right] = ratio[right], value
                weight[at], weight[right] = weight[right], weight[at]
            else:
                same += weight[at]
                at += 1
        if before + less >= need:
            high = left
            if low == high:
                return float(pivot)
        elif before + less + same >= need:
            return float(pivot)
        else:
            before += less + same
            low = right
    return np.nan


@inner
def balance_price(
    reduced: FloatArray,
    amount: FloatArray,
    lower: float,
    upper: float,
    own: int,
    ratio: FloatArray,
    weight: FloatArray,
) -> float:
    """Price of one activity at one centre that makes its load meet the limits.

    ``own`` is the unit that is always taken, or -1. Returns 0 where no price is needed
    and nan where no choice of units keeps the limits.
    """
    load = amount[own] if own >= 0 else 0.0
    base = load
    n = len(reduced)
    for i in range(n):
        if reduced[i] < 0.0 and i != own:
            load += amount[i]
    if lower <= load <= upper:
        return 0.0
    count = 0
    if load > upper:
        if base > upper:
            return np.nan
        for i in range(n):
            if reduced[i] < 0.0 and i != own and amount[i] > 0.0:
                ratio[count] = reduced[i] / amount[i]
                weight[count] = amount[i]
                count += 1
        return weighted_split(ratio, weight, count, upper - base)
    for i in range(n):
        if 0.0 <= reduced[i] < np.inf and i != own and amount[i] > 0.0:
            ratio[count] = reduced[i] / amount[i]
            weight[count] = amount[i]
            count += 1
    return weighted_split(ratio, weight, count, lower - load)


@inner
def centre_worth(
    cost: FloatArray,
    activities: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    alpha: FloatArray,
    own: int,
    mu: FloatArray,
    reduced: FloatArray,
    ratio: FloatArray,
    weight: FloatArray,
) -> float:
    """Least cost less prices of one centre with its best units; inf where impossible.

    ``mu`` (activities,) is the start and becomes the prices found.
    """
    n = len(cost)
    kinds = len(activities)
    for i in range(n):
        reduced[i] = cost[i] - alpha[i]
    if kinds == 1:
        mu[0] = 0.0
    else:
        for k in range(kinds):
            if mu[k] != 0.0:
                for i in range(n):
                    reduced[i] -= mu[k] * activities[k, i]
    for _ in range(1 if kinds < 2 else 2):
        for k in range(kinds):
            if mu[k] != 0.0:
                for i in range(n):
                    reduced[i] += mu[k] * activities[k, i]
            price = balance_price(reduced, activities[k], lower[k], upper[k], own, ratio, weight)
            if np.isnan(price):
                return np.inf
            mu[k] = price
            if price != 0.0:
                for i in range(n):
                    reduced[i] -= price * activities[k, i]
    worth = 0.0
    for k in range(kinds):
        if mu[k] > 0.0:
            worth += mu[k] * lower[k]
        elif mu[k] < 0.0:
            worth += mu[k] * upper[k]
    for i in range(n):
        if reduced[i] < 0.0 and i != own:
            worth += reduced[i]
    if own >= 0:
        worth += reduced[own]
    return worth


@inner
def all_worths(
    cost: FloatArray,
    owns: IndexArray,
    activities: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    alpha: FloatArray,
    mu: FloatArray,
    worth: FloatArray,
) -> None:
    """Fill ``worth`` (m,) and ``mu`` (m, activities) for all candidates."""
    n = cost.shape[1]
    reduced, ratio, weight = np.empty(n), np.empty(n), np.empty(n)
    for j in range(len(cost)):
        worth[j] = centre_worth(
            cost[j], activities, lower[j], upper[j], alpha, owns[j], mu[j], reduced, ratio, weight
        )


@compiled
def choose(worth: FloatArray, region: IndexArray, counts: IndexArray, chosen: IndexArray) -> float:
    """Best candidates of each region, as many as its count; returns their worth.

    ``chosen`` (sum of counts,) is filled with candidate rows; inf where a region has
    too few that are possible.
    """
    left = counts.copy()
    total = 0.0
    found = 0
    for j in np.argsort(worth, kind="mergesort"):
        if np.isinf(worth[j]):
            break
        if left[region[j]] > 0:
            left[region[j]] -= 1
            chosen[found] = j
            total += worth[j]
            found += 1
    return total if found == len(chosen) else np.inf


@inner
def shortage(
    cost: FloatArray,
    owns: IndexArray,
    activities: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    alpha: FloatArray,
    mu: FloatArray,
    chosen: IndexArray,
    slope: FloatArray,
) -> None:
    """Supergradient in ``alpha``: 1 less how often each unit is taken, into ``slope`` (n,).

    The unit on the edge of a limit is taken in the part that meets the limit.
    """
    n = cost.shape[1]
    reduced = np.empty(n)
    slope[:] = 1.0
    for j in chosen:
        for i in range(n):
            reduced[i] = cost[j, i] - alpha[i]
        last = -1
        for k in range(len(activities)):
            if mu[j, k] != 0.0:
                last = k
                for i in range(n):
                    reduced[i] -= mu[j, k] * activities[k, i]
        load, edge = 0.0, 0.0
        for i in range(n):
            small = CLOSE * (abs(cost[j, i]) + abs(alpha[i]) + 1e-30)
            if i == owns[j] or reduced[i] < -small:
                slope[i] -= 1.0
                reduced[i] = np.inf
                if last >= 0:
                    load += activities[last, i]
            elif reduced[i] <= small:
                if last >= 0:
                    edge += activities[last, i]
            else:
                reduced[i] = np.inf
        if last >= 0 and edge > 0.0:
            limit = lower[j, last] if mu[j, last] > 0.0 else upper[j, last]
            part = min(1.0, max(0.0, (limit - load) / edge))
            for i in range(n):
                if reduced[i] < np.inf:
                    slope[i] -= part
