"""Local search on units and centres, compiled: shifts, swaps and moved centres.

Simulated annealing (Kirkpatrick, Gelatt and Vecchi 1983) on cost plus a price for limits
that are broken; the price rises while they are and falls while they hold. Territories
hang together throughout where they must.
"""

from __future__ import annotations

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..compiled import compiled, inner
from .tables import Tables

NEAR_UNITS = 24
RIVALS = 12
"""Nearest centres that a unit may move to where territories need not hang together."""


@inner
def excess(
    load: FloatArray, amount: FloatArray, sign: float, lower: FloatArray, upper: FloatArray
) -> float:
    """How far a territory is outside its limits, in parts of them, with ``amount`` more."""
    total = 0.0
    for k in range(len(load)):
        value = load[k] + sign * amount[k]
        if value > upper[k]:
            total += (value - upper[k]) / max(abs(upper[k]), 1e-9)
        elif value < lower[k]:
            total += (lower[k] - value) / max(abs(lower[k]), 1e-9)
    return total


@inner
def stays_whole(
    unit: int, label: IndexArray, start: IndexArray, neighbours: IndexArray,
    mark: IndexArray, stack: IndexArray, stamp: int,
) -> bool:  # fmt: skip
    """Whether a territory hangs together without one of its units."""
    mine, wanted, seed = label[unit], 0, -1
    for q in range(start[unit], start[unit + 1]):
        if label[neighbours[q]] == mine:
            wanted += 1
            seed = neighbours[q]
    if wanted <= 1:
        return wanted == 1
    mark[unit] = stamp
    mark[seed] = stamp
    stack[0] = seed
    top = 1
    while top > 0:
        top -= 1
        here = stack[top]
        for q in range(start[here], start[here + 1]):
            other = neighbours[q]
            if other == unit and here != unit:
                wanted -= 1
            elif label[other] == mine and mark[other] != stamp:
                mark[other] = stamp
                stack[top] = other
                top += 1
        if wanted == 0:
            return True
    return False


@inner
def drawn(generator: np.random.Generator, count: int) -> int:
    """A number from 0 to count - 1."""
    return min(count - 1, int(generator.random() * count))


@inner
def proposed(
    generator: np.random.Generator, label: IndexArray, fixed: BoolArray, start: IndexArray,
    neighbours: IndexArray, rivals: IndexArray, contiguous: bool,
) -> tuple[int, int, int]:  # fmt: skip
    """A unit, the territory it may go to, and a unit that comes back for it, or -1."""
    n = len(label)
    i = drawn(generator, n)
    degree = start[i + 1] - start[i]
    if fixed[i] or degree == 0:
        return -1, -1, -1
    if contiguous or generator.random() < 0.7:
        s = label[neighbours[start[i] + drawn(generator, degree)]]
    else:
        s = rivals[i, drawn(generator, rivals.shape[1])]
    if generator.random() < 0.5:
        for _ in range(30 if contiguous else 8):
            if contiguous:
                j = drawn(generator, n)
            else:
                j = neighbours[start[i] + drawn(generator, degree)]
            if label[j] == s and not fixed[j]:
                return i, s, j
    return i, s, -1


@inner
def moved_whole(
    i: int, s: int, back: int, label: IndexArray, start: IndexArray, neighbours: IndexArray,
    mark: IndexArray, stack: IndexArray, stamp: int,
) -> bool:  # fmt: skip
    """Move ``i`` to ``s`` and ``back`` for it, unless a territory falls apart."""
    r = label[i]
    if not stays_whole(i, label, start, neighbours, mark, stack, stamp):
        return False
    label[i] = s
    if back < 0:
        return True
    for q in range(start[back], start[back + 1]):
        if label[neighbours[q]] == r:
            if stays_whole(back, label, start, neighbours, mark, stack, stamp + 1):
                label[back] = r
                return True
            break
    label[i] = r
    return False


@inner
def all_excess(load: FloatArray, lower: FloatArray, upper: FloatArray) -> float:
    """How far all territories are outside their limits."""
    total = 0.0
    for r in range(len(load)):
        total += excess(load[r], load[r], 0.0, lower[r], upper[r])
    return total


@inner
def swap(i: int, s: int, back: int, label: IndexArray) -> None:
    """Move ``i`` to ``s`` and ``back`` for it."""
    if back >= 0:
        label[back] = label[i]
    label[i] = s


@inner
def fill(load: FloatArray, label: IndexArray, cost: FloatArray, amount: FloatArray) -> float:
    """Loads of the territories, (p, activities), into ``load``; returns the cost."""
    total = 0.0
    for i in range(len(label)):
        load[label[i]] += amount[i]
        total += cost[label[i], i]
    return total


@inner
def price_of_limits(
    load: FloatArray, gain: FloatArray, r: int, s: int, lower: FloatArray, upper: FloatArray
) -> float:
    """How much further outside the limits two territories are when ``gain`` goes over."""
    before = excess(load[r], gain, 0.0, lower[r], upper[r])
    before += excess(load[s], gain, 0.0, lower[s], upper[s])
    after = excess(load[r], gain, -1.0, lower[r], upper[r])
    return after + excess(load[s], gain, 1.0, lower[s], upper[s]) - before


@compiled
def anneal(
    cost: FloatArray, fixed: BoolArray, label: IndexArray, activities: FloatArray,
    lower: FloatArray, upper: FloatArray, start: IndexArray, neighbours: IndexArray,
    rivals: IndexArray, contiguous: bool, generator: np.random.Generator,
    proposals: int, hot: float, cold: float, penalty: float,
) -> tuple[float, IndexArray]:  # fmt: skip
    """Best plan within the limits that is met, as labels; its cost, inf without one.

    ``cost`` and limits are rows of the centres: (p, n), (p, activities); ``label`` is
    changed. ``fixed`` units, (n,), stay where they are. ``rivals`` (n, q) are the labels open to each unit without contiguity.
    """
    p, n = cost.shape
    amount = np.ascontiguousarray(activities.T)
    load = np.zeros((p, len(activities)))
    total = fill(load, label, cost, amount)
    outside = all_excess(load, lower, upper)
    mark, stack = np.full(n, -1, dtype=np.int64), np.empty(n, dtype=np.int64)
    best, best_label = np.inf, label.copy()
    if outside <= 0.0:
        best = total
    cooling = (cold / hot) ** (1.0 / max(1, proposals))
    heat = hot
    for step in range(proposals):
        heat *= cooling
        if step % 1024 == 0:
            penalty *= 1.05 if outside > 1e-12 else 0.97
        i, s, back = proposed(generator, label, fixed, start, neighbours, rivals, contiguous)
        if i < 0 or label[i] == s:
            continue
        r = label[i]
        change, gain = cost[s, i] - cost[r, i], amount[i]
        if back >= 0:
            change += cost[r, back] - cost[s, back]
            gain = amount[i] - amount[back]
        if not np.isfinite(change):
            continue
        further = price_of_limits(load, gain, r, s, lower, upper)
        worse = change + penalty * further
        if worse > 0.0 and generator.random() >= np.exp(-worse / heat):
            continue
        if contiguous:
            if not moved_whole(i, s, back, label, start, neighbours, mark, stack, 2 * step):
                continue
        else:
            swap(i, s, back, label)
        load[r] -= gain
        load[s] += gain
        total += change
        outside += further
        if outside <= 1e-12 and total < best:
            outside = all_excess(load, lower, upper)
            if outside <= 0.0:
                best = total
                best_label[:] = label
    return best, best_label


@compiled
def grown(
    cost: FloatArray, centres: IndexArray, start: IndexArray, neighbours: IndexArray
) -> IndexArray:
    """Labels grown from the centres over neighbours, cheapest unit first; -1 if cut off."""
    p, n = cost.shape
    label = np.full(n, -1, dtype=np.int64)
    for r in range(p):
        label[centres[r]] = r
    while True:
        best, unit, owner = np.inf, -1, -1
        for i in range(n):
            if label[i] >= 0:
                continue
            for q in range(start[i], start[i + 1]):
                r = label[neighbours[q]]
                if r >= 0 and cost[r, i] < best:
                    best, unit, owner = cost[r, i], i, r
        if unit < 0:
            return label
        label[unit] = owner


def search_plan(
    tables: Tables,
    centres: IndexArray,
    alpha: FloatArray,
    proposals: int,
    rounds: int,
    seed: int = 1,
) -> IndexArray | None:
    """A plan by local search from these centres, (n,), or None if no limits could be met."""
    model = tables.model
    generator = np.random.default_rng(seed)
    best: IndexArray | None = None
    best_value = np.inf
    label: IndexArray | None = None
    typical = float(alpha.mean()) if alpha.size else 1.0
    start, lists = tables.start, tables.neighbours
    if not model.contiguous:
        start, lists = near_units(model.cost)
    for turn in range(rounds):
        cost = tables.cost[centres]
        if label is None:
            label = _first_labels(tables, cost, centres)
            if label is None:
                return None
        fixed = np.zeros(model.units, dtype=np.bool_)
        fixed[centres] = model.own_centre
        rivals = np.argsort(cost, axis=0, kind="stable")[: min(RIVALS, len(centres))].T
        hot = typical * (0.5 if turn == 0 else 0.1)
        value, found = anneal(
            cost, fixed, label, model.activities, tables.lower[centres], tables.upper[centres],
            start, lists, np.ascontiguousarray(rivals), model.contiguous,
            generator, proposals, max(hot, 1e-9), max(hot * 1e-3, 1e-12),
            20.0 * typical,
        )  # fmt: skip
        if value < best_value:
            plan = centres[found]
            if model.holds(plan):
                best, best_value = plan, value
        label = found.copy() if np.isfinite(value) else label
        centres = _middles(tables, label, centres)
    return best


def near_units(cost: FloatArray) -> tuple[IndexArray, IndexArray]:
    """Nearest units of each unit by the cost from it, laid out like neighbour lists."""
    n = len(cost)
    count = min(NEAR_UNITS, n - 1)
    if not count:
        return np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    near = np.argpartition(cost.T, count, axis=1)[:, : count + 1]
    # A unit may be missing among those nearest to itself where several share a place.
    own = near == np.arange(n)[:, None]
    own[~own.any(axis=1), count] = True
    return np.arange(n + 1) * count, near[~own]


def _first_labels(tables: Tables, cost: FloatArray, centres: IndexArray) -> IndexArray | None:
    if tables.model.contiguous:
        label = grown(cost, centres, tables.start, tables.neighbours)
        return None if (label < 0).any() else label
    label = np.asarray(cost.argmin(axis=0))
    if tables.model.own_centre:
        label[centres] = np.arange(len(centres))
    return label


def _middles(tables: Tables, label: IndexArray, centres: IndexArray) -> IndexArray:
    """Best centre inside each territory."""
    moved = centres.copy()
    for r in range(len(centres)):
        units = np.flatnonzero(label == r)
        if units.size:
            costs = tables.cost[np.ix_(units, units)].sum(axis=1)
            free: BoolArray = ~np.isin(units, np.delete(moved, r))
            loads = tables.model.activities[:, units].sum(axis=1)
            slack = 1e-9 * np.maximum(1.0, loads)
            fits = (loads >= tables.lower[units] - slack) & (loads <= tables.upper[units] + slack)
            costs[~free | ~fits.all(axis=1)] = np.inf
            if np.isfinite(costs.min()):
                moved[r] = units[costs.argmin()]
    return moved
