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


@compiled
def anneal(
    cost: FloatArray, centres: IndexArray, label: IndexArray, activities: FloatArray,
    lower: FloatArray, upper: FloatArray, start: IndexArray, neighbours: IndexArray,
    rivals: IndexArray, contiguous: bool, own: bool, seed: int, proposals: int,
    hot: float, cold: float, penalty: float,
) -> tuple[float, IndexArray]:  # fmt: skip
    """Best plan within the limits that is met, as labels; its cost, inf without one.

    ``cost`` and limits are rows of the centres: (p, n), (p, activities); ``label`` is
    changed. ``rivals`` (n, q) are the labels open to each unit without contiguity.
    """
    np.random.seed(seed)
    p, n = cost.shape
    kinds = len(activities)
    load = np.zeros((p, kinds))
    amount = np.ascontiguousarray(activities.T)
    total = 0.0
    for i in range(n):
        load[label[i]] += amount[i]
        total += cost[label[i], i]
    none = np.zeros(kinds)
    outside = 0.0
    for r in range(p):
        outside += excess(load[r], none, 1.0, lower[r], upper[r])
    fixed = np.zeros(n, dtype=np.bool_)
    if own:
        fixed[centres] = True
    mark = np.full(n, -1, dtype=np.int64)
    stack = np.empty(n, dtype=np.int64)
    best, best_label = np.inf, label.copy()
    stamp = 0
    cooling = (cold / hot) ** (1.0 / max(1, proposals))
    heat = hot
    for step in range(proposals):
        heat *= cooling
        if step % 1024 == 0:
            penalty *= 1.05 if outside > 1e-12 else 0.97
        i = np.random.randint(n)
        if fixed[i]:
            continue
        r = label[i]
        degree = start[i + 1] - start[i]
        if degree == 0:
            continue
        if contiguous or np.random.random() < 0.7:
            s = label[neighbours[start[i] + np.random.randint(degree)]]
        else:
            s = rivals[i, np.random.randint(rivals.shape[1])]
        if s == r or np.isinf(cost[s, i]):
            continue
        other = -1
        if np.random.random() < 0.5:
            for _ in range(30 if contiguous else 8):
                if contiguous:
                    j = np.random.randint(n)
                else:
                    j = neighbours[start[i] + np.random.randint(degree)]
                if label[j] == s and not fixed[j] and not np.isinf(cost[r, j]):
                    other = j
                    break
        change = cost[s, i] - cost[r, i]
        before = excess(load[r], none, 1.0, lower[r], upper[r])
        before += excess(load[s], none, 1.0, lower[s], upper[s])
        if other >= 0:
            change += cost[r, other] - cost[s, other]
            gain = amount[i] - amount[other]
        else:
            gain = amount[i]
        after = excess(load[r], gain, -1.0, lower[r], upper[r])
        after += excess(load[s], gain, 1.0, lower[s], upper[s])
        worse = change + penalty * (after - before)
        if worse > 0.0 and np.random.random() >= np.exp(-worse / heat):
            continue
        if contiguous:
            stamp += 1
            if not stays_whole(i, label, start, neighbours, mark, stack, stamp):
                continue
            label[i] = s
            if other >= 0:
                touches = False
                for q in range(start[other], start[other + 1]):
                    touches = touches or label[neighbours[q]] == r
                stamp += 1
                if not touches or not stays_whole(
                    other, label, start, neighbours, mark, stack, stamp
                ):
                    label[i] = r
                    continue
        label[i] = s
        if other >= 0:
            label[other] = r
        load[r] -= gain
        load[s] += gain
        total += change
        outside += after - before
        if outside <= 1e-12 and total < best - 1e-12 * abs(best if best < np.inf else 0.0):
            outside = 0.0
            for t in range(p):
                outside += excess(load[t], none, 1.0, lower[t], upper[t])
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
    best: IndexArray | None = None
    best_value = np.inf
    label: IndexArray | None = None
    typical = float(alpha.mean()) if alpha.size else 1.0
    start, lists = tables.start, tables.neighbours
    if not model.contiguous:
        start, lists = _near_units(tables)
    for turn in range(rounds):
        cost = tables.cost[centres]
        if label is None:
            label = _first_labels(tables, cost, centres)
            if label is None:
                return None
        rivals = np.argsort(cost, axis=0, kind="stable")[: min(RIVALS, len(centres))].T
        hot = typical * (0.5 if turn == 0 else 0.1)
        value, found = anneal(
            cost, centres, label, model.activities, tables.lower[centres], tables.upper[centres],
            start, lists, np.ascontiguousarray(rivals), model.contiguous,
            model.own_centre, seed + turn, proposals, max(hot, 1e-9), max(hot * 1e-3, 1e-12),
            20.0 * typical,
        )  # fmt: skip
        if value < best_value:
            plan = centres[found]
            if model.holds(plan):
                best, best_value = plan, value
        label = found.copy() if np.isfinite(value) else label
        centres = _middles(tables, label, centres)
    return best


def _near_units(tables: Tables) -> tuple[IndexArray, IndexArray]:
    """Nearest units of each unit, laid out like the neighbour lists."""
    n = tables.model.units
    count = min(NEAR_UNITS, n - 1)
    near = np.argpartition(tables.cost, count, axis=1)[:, : count + 1] if count else None
    if near is None:
        return np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    lists = [row[row != i][:count] for i, row in enumerate(near)]
    return np.arange(n + 1) * count, np.concatenate(lists)


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
