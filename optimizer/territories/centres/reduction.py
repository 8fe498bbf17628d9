"""Safe elimination of pairs and candidates, compiled.

By prices: a pair goes where the bound with the pair in it is no better than the cutoff
(Validi, Buchanan and Lykhovyd 2022, doi 10.1287/opre.2021.2141, fix by reduced cost).
Here the unit of the pair is taken from every other centre before, so that more goes.
By contiguity: a unit that a centre cannot reach through its own remaining units, or only
through more than the centre may hold, cannot be in its territory.
"""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inner


@inner
def smallest_of_regions(
    worth: FloatArray, region: IndexArray, counts: IndexArray, first: IndexArray, best: FloatArray
) -> None:
    """The ``counts[r]`` smallest worths of each region, sorted, from ``best[first[r]]`` on."""
    best[:] = np.inf
    for j in range(len(worth)):
        r = region[j]
        at = first[r] + counts[r] - 1
        if worth[j] >= best[at]:
            continue
        while at > first[r] and best[at - 1] > worth[j]:
            best[at] = best[at - 1]
            at -= 1
        best[at] = worth[j]


@inner
def regions_without(best: FloatArray, first: IndexArray, counts: IndexArray) -> tuple[float, int]:
    """Sum of what is finite in ``best``, and how many entries are not."""
    total, missing = 0.0, 0
    for value in best:
        if np.isinf(value):
            missing += 1
        else:
            total += value
    return total, missing


@compiled
def drop_pairs(
    cost: FloatArray,
    owns: IndexArray,
    activities: FloatArray,
    region: IndexArray,
    counts: IndexArray,
    alpha: FloatArray,
    mu: FloatArray,
    worth: FloatArray,
    cutoff: float,
) -> int:
    """Set pairs to inf in ``cost`` (m, n) that no plan below the cutoff has; how many.

    ``owns[j]`` is the unit of candidate j where it always belongs to its own territory,
    else -1. ``worth`` and ``mu`` belong to ``alpha`` and to ``cost`` as it comes.
    """
    m, n = cost.shape
    first = np.zeros(len(counts), dtype=np.int64)
    first[1:] = np.cumsum(counts)[:-1]
    best = np.empty(counts.sum())
    base = alpha.sum()
    without = np.empty(m)
    reduced = np.empty((n, m))
    for j in range(m):
        for i in range(n):
            value = cost[j, i] - alpha[i]
            for k in range(len(activities)):
                value -= mu[j, k] * activities[k, i]
            reduced[i, j] = value
    dropped = 0
    for i in range(n):
        for j in range(m):
            if owns[j] == i:
                without[j] = np.inf
            elif reduced[i, j] < 0.0:
                without[j] = worth[j] - reduced[i, j]
            else:
                without[j] = worth[j]
        smallest_of_regions(without, region, counts, first, best)
        total, missing = regions_without(best, first, counts)
        for j in range(m):
            if np.isinf(cost[j, i]):
                continue
            last = best[first[region[j]] + counts[region[j]] - 1]
            if missing > 1 or (missing == 1 and not np.isinf(last)):
                value = np.inf
            else:
                value = base + total + worth[j]
                if owns[j] != i and reduced[i, j] > 0.0:
                    value += reduced[i, j]
                if missing == 0:
                    value -= min(last, without[j])
            if value >= cutoff:
                cost[j, i] = np.inf
                dropped += 1
    return dropped


@compiled
def drop_unreachable(
    cost: FloatArray,
    owns: IndexArray,
    activities: FloatArray,
    upper: FloatArray,
    start: IndexArray,
    neighbours: IndexArray,
) -> int:
    """Set pairs to inf in ``cost`` (m, n) that contiguity forbids; how many.

    A shortest path, by activity, from the centre through units it may have weighs more
    than its ``upper`` (m, activities) limit, or there is none.
    """
    m, n = cost.shape
    dropped = 0
    for j in range(m):
        if np.isinf(cost[j, owns[j]]):
            continue
        for k in range(max(1, len(activities))):
            weigh = k < len(activities)
            limit = upper[j, k] * (1.0 + 1e-9) + 1e-9 if weigh else np.inf
            load = np.full(n, np.inf)
            load[owns[j]] = activities[k, owns[j]] if weigh else 0.0
            queue = [(load[owns[j]], owns[j])]
            while len(queue) > 0:
                far, i = heappop(queue)
                if far > load[i]:
                    continue
                for q in range(start[i], start[i + 1]):
                    other = neighbours[q]
                    if np.isinf(cost[j, other]):
                        continue
                    through = far + (activities[k, other] if weigh else 0.0)
                    if through < load[other] and through <= limit:
                        load[other] = through
                        heappush(queue, (through, other))
            for i in range(n):
                if np.isinf(load[i]) and cost[j, i] < np.inf:
                    cost[j, i] = np.inf
                    dropped += 1
    return dropped
