"""Alignments to placed bases at prices of balance, and medians of territories; compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inner
from .reach import kilometres

STEP = 0.8
"""First step of a price: this share of a territory's mean distance for each fair share over."""

MEDIAN_STEPS, MEDIAN_UNITS = 12, 12
"""Steps towards a median, and units next to it that are looked at."""


class Layout(NamedTuple):
    """Bases with the priced alignment to them.

    ``value`` is what no balanced alignment to these bases costs less than, in km, as far
    as each unit stays with its nearest few.
    """

    bases: IndexArray
    label: IndexArray
    prices: FloatArray
    loads: FloatArray
    value: float


@inner
def distance(points: FloatArray, i: int, j: int, power: int) -> float:
    """What a unit of weight costs: km, or km² for power 2."""
    km = kilometres(points, i, j)
    return km if power == 1 else km * km


@compiled
def costs(points: FloatArray, weight: FloatArray, bases: IndexArray, power: int) -> FloatArray:
    """Weight × km to the power between every unit and every base, (n, bases)."""
    cost = np.empty((len(points), len(bases)))
    for i in range(len(points)):
        for r in range(len(bases)):
            cost[i, r] = weight[i] * distance(points, i, bases[r], power)
    return cost


@inner
def _over(load: float, price: float, tolerance: float) -> float:
    """How far a load is above (below: negative) the limit that it is priced at."""
    off = load - 1.0
    if price > 0.0 or off > tolerance:
        return off - tolerance
    if price < 0.0 or off < -tolerance:
        return off + tolerance
    return 0.0


@compiled
def balance(
    points: FloatArray,
    weight: FloatArray,
    shares: FloatArray,
    bases: IndexArray,
    near: IndexArray,
    prices: FloatArray,
    label: IndexArray,
    loads: FloatArray,
    tolerance: float,
    passes: int,
    power: int,
) -> float:
    """Subgradient ascent on the balance prices from ``prices`` (bases, measures).

    ``prices``, ``label`` and ``loads`` become those of the best pass, whose value is
    returned.
    """
    n, width = near.shape
    kinds, p = len(shares), len(bases)
    cost = np.empty((n, width))
    for i in range(n):
        for q in range(width):
            cost[i, q] = weight[i] * distance(points, i, bases[near[i, q]], power)
    now, way = prices.copy(), np.zeros((p, kinds))
    carried, reach = np.empty((p, kinds)), np.empty(p)
    choice = np.empty(n, dtype=np.int64)
    best = -np.inf
    for turn in range(passes):
        carried[:] = 0.0
        reach[:] = 1e-9
        value = 0.0
        for i in range(n):
            least, mine = np.inf, 0
            for q in range(width):
                r = near[i, q]
                total = cost[i, q]
                for k in range(kinds):
                    total += now[r, k] * shares[k, i]
                if total < least:
                    least, mine = total, q
            value += least
            r = near[i, mine]
            choice[i] = r
            reach[r] += cost[i, mine] * p
            for k in range(kinds):
                carried[r, k] += shares[k, i]
        for r in range(p):
            for k in range(kinds):
                value -= now[r, k] + abs(now[r, k]) * tolerance
        if value > best:
            best = value
            prices[:], label[:], loads[:] = now, choice, carried
        shrink = STEP / (1.0 + 6.0 * turn / passes) / p
        typical = reach.sum() / p
        for r in range(p):
            for k in range(kinds):
                over = _over(carried[r, k], now[r, k], tolerance)
                way[r, k] = 0.7 * way[r, k] + 0.3 * max(-1.0, min(1.0, over))
                moved = now[r, k] + shrink * 0.5 * (reach[r] + typical) * way[r, k]
                # A price that would change its side rests at nothing first.
                now[r, k] = 0.0 if moved * now[r, k] < 0.0 else moved
    return best


@compiled
def regrets(
    points: FloatArray,
    weight: FloatArray,
    shares: FloatArray,
    bases: IndexArray,
    near: IndexArray,
    prices: FloatArray,
    label: IndexArray,
    power: int,
) -> tuple[FloatArray, FloatArray]:
    """What each base would be missed by, (bases,), and the cost of each unit, (n,).

    A base is missed by what its units would pay more at the next best one, prices included.
    """
    missed, cost = np.zeros(len(bases)), np.empty(len(points))
    for i in range(len(points)):
        own, other = np.inf, np.inf
        cost[i] = weight[i] * distance(points, i, bases[label[i]], power)
        for q in range(near.shape[1]):
            r = near[i, q]
            total = weight[i] * distance(points, i, bases[r], power)
            for k in range(len(shares)):
                total += prices[r, k] * shares[k, i]
            if r == label[i]:
                own = total
            else:
                other = min(other, total)
        if own < other < np.inf:
            missed[label[i]] += other - own
    return missed, cost


@inner
def _away(
    points: FloatArray, weight: FloatArray, order: IndexArray, begin: int, end: int, j: int,
    power: int,
) -> float:  # fmt: skip
    total = 0.0
    for e in range(begin, end):
        total += weight[order[e]] * distance(points, order[e], j, power)
    return total


@compiled
def medians(
    points: FloatArray,
    weight: FloatArray,
    order: IndexArray,
    start: IndexArray,
    bases: IndexArray,
    power: int,
) -> IndexArray:
    """Unit of each territory with about the least weighted distance to the others.

    Weiszfeld's point first (for squares the mean), then the units next to it; a base stays
    where none is better.
    """
    found = bases.copy()
    axes = points.shape[1]
    for r in range(len(bases)):
        begin, end = start[r], start[r + 1]
        if end <= begin:
            continue
        middle = points[bases[r]].copy()
        for _ in range(MEDIAN_STEPS):
            total, pull = 0.0, np.zeros(axes)
            for e in range(begin, end):
                i = order[e]
                square = 0.0
                for axis in range(axes):
                    square += (points[i, axis] - middle[axis]) ** 2
                part = weight[i] if power == 2 else weight[i] / max(np.sqrt(square), 1e-3)
                total += part
                for axis in range(axes):
                    pull[axis] += part * points[i, axis]
            if total <= 0.0:
                break
            middle = pull / total
            if power == 2:
                break
        squares = np.empty(end - begin)
        for e in range(begin, end):
            squares[e - begin] = ((points[order[e]] - middle) ** 2).sum()
        least, choice = np.inf, bases[r]
        for e in np.argsort(squares, kind="mergesort")[:MEDIAN_UNITS]:
            j = order[begin + e]
            value = _away(points, weight, order, begin, end, j, power)
            if value < least:
                least, choice = value, j
        if least < _away(points, weight, order, begin, end, bases[r], power):
            found[r] = choice
    return found
