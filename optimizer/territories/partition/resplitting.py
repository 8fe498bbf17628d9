"""Two neighbouring territories dealt anew, by cutting a random tree that spans both.

Moves of single units keep the rough layout of a plan; this changes it (recombination:
DeFord, Duchin and Solomon 2021).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from ....models.arrays import BoolArray, FloatArray, IndexArray
from .state import Ground

TREES = 12
"""Trees drawn for a pair; the cut with the fewest neighbours parted is taken."""

CUTS_TRIED = 3
"""Places in a tree, the best balanced, where the cut is tried."""


def resplit(ground: Ground, plan: IndexArray, rng: np.random.Generator) -> IndexArray:
    """A plan with one random pair of neighbouring territories dealt anew.

    Both parts hang together where the pair does. The plan itself is returned where no
    two territories meet.
    """
    source = np.repeat(np.arange(len(plan)), np.diff(ground.first))
    parted = np.flatnonzero(plan[source] != plan[ground.near])
    if not len(parted):
        return plan
    chosen = parted[int(rng.integers(len(parted)))]
    pair = int(plan[source[chosen]]), int(plan[ground.near[chosen]])
    units = np.flatnonzero((plan == pair[0]) | (plan == pair[1]))
    place = np.full(len(plan), -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    inside = (place[source] >= 0) & (place[ground.near] >= 0)
    one, other = place[source[inside]], place[ground.near[inside]]
    best: BoolArray | None = None
    value = np.inf
    for _ in range(TREES):
        for side in _sides(ground.activity[units], one, other, rng):
            parts = int((side[one] != side[other]).sum()) / 2
            cost = ground.cut_weight * parts + _outside(ground, ground.activity[units], side)
            if cost < value:
                best, value = side, cost
    if best is None:
        return plan
    found = plan.copy()
    found[units] = np.where(best, pair[0], pair[1])
    return found


def _sides(
    activity: FloatArray, one: IndexArray, other: IndexArray, rng: np.random.Generator
) -> list[BoolArray]:
    """Best balanced cuts of a random spanning tree, (units,) of truth each."""
    n = len(activity)
    first = one < other
    draw = rng.random(int(first.sum())) + 1e-3
    graph = csr_array((draw, (one[first], other[first])), shape=(n, n))
    tree = minimum_spanning_tree(graph)
    order, before = breadth_first_order(tree, int(rng.integers(n)), directed=False)
    if len(order) < n:
        return []
    below = activity.tolist()
    for unit in order[:0:-1].tolist():
        up = int(before[unit])
        below[up] = [a + b for a, b in zip(below[up], below[unit], strict=True)]
    half = activity.sum(axis=0) / 2
    away = np.abs(np.array(below) - half).sum(axis=1)
    away[order[0]] = np.inf
    roots = np.argsort(away, kind="stable")[:CUTS_TRIED]
    sides = []
    for root in roots.tolist():
        if not np.isfinite(away[root]):
            continue
        side = np.zeros(n, dtype=np.bool_)
        side[root] = True
        for unit in order.tolist():
            if unit != root and before[unit] >= 0:
                side[unit] |= side[before[unit]]
        sides.append(side)
    return sides


def _outside(ground: Ground, activity: FloatArray, side: BoolArray) -> float:
    total = 0.0
    for part in (side, ~side):
        load = activity[part].sum(axis=0)
        over = np.maximum(load - ground.upper, 0.0) + np.maximum(ground.lower - load, 0.0)
        total += float((ground.weight * over).sum())
    return total
