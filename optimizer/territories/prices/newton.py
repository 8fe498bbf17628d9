"""Better prices by Newton's method on a smoothed relaxation.

Where an item takes its cheapest owner the bound has kinks, and a subgradient says
nothing of how a price here pushes items over many territories to a place that lacks
them. Smoothed, every item is shared among owners that cost nearly the same,

    -ε · log Σ_r exp(-reduced cost(r) / ε)  ≤  least reduced cost,

and has second derivatives: how much of a measure lies on the border between two
territories. With them Newton's method moves all prices of a map at once, as in
semi-discrete optimal transport (Kitagawa, Mérigot and Thibert 2019). The smoothing is
lowered from step to step. The kink of an interval's price at 0 and its cap are not
smoothed: the step solves the quadratic model with them in it (proximal Newton, Lee, Sun
and Saunders 2014), by guessing which prices are at 0 and at their caps and mending the
guess. Steps are held back where the model proves wrong (Levenberg 1944).

Every sum runs in a fixed order, as everywhere here; LAPACK would not promise that.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..compiled import compiled, inner
from ..tables import PriceTables
from .ascent import Point
from .relaxation import priced_limits, reduced_costs, unit_prices

#: Prices up to which the dense matrix of second derivatives is affordable.
MOST_PRICES = 1_500
#: Smoothing from step to step, as a share of how much an item's owners differ.
WIDTHS = (0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
#: Smoothing to begin with where good prices are given.
WARM_WIDTH = 0.001
#: Newton steps with one smoothing, and tries of each.
STEPS, TRIES = 25, 8
#: Share of the smoothing's own effect below which a step's gain ends it.
ENOUGH = 0.005
#: Owners an item is shared among on average, beyond which the curvature is sampled.
SHARERS = 12.0
#: Rounds of guessing which prices are at 0 or at a cap.
GUESSES = 25


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
    groups, owners, resources = t.pair_cost.shape[0] - 1, t.owners, len(t.moving)
    counters, prices = groups + resources * owners, len(t.counter_price)
    filled = 0
    for a in range(many):
        q = near[a]
        p, r = share[a], t.first[i] + q
        pair = t.start[i] + q
        if p < 1e-4:
            continue
        begin = filled
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
            index[filled] = counters + t.entry_counter[e] + q * t.entry_step[e]
            value[filled] = t.counter_value[t.entry_value[e] + q]
            filled += 1
        for x in range(begin, filled):
            for y in range(begin, filled):
                curve[index[x], index[y]] += weight * p * value[x] * value[y]
            value[x] *= p
    # ``value`` now holds the weighted parts of the mean.
    for x in range(filled):
        by = weight * value[x]
        for y in range(filled):
            curve[index[x], index[y]] -= by * value[y]


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
        Smoothing of each item, in units of the objective, (n,).
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
        many, total = 0, 0.0
        for q in range(t.width[i]):
            if reduced[q] <= least + 14.0 * wide:
                near[many] = q
                share[many] = np.exp((least - reduced[q]) / wide) if wide > 0.0 else 1.0
                total += share[many]
                many += 1
        if wide <= 0.0:
            many, total = 1, share[0]
        soft += least - wide * np.log(total)
        pairs += many
        for a in range(many):
            share[a] /= total
            p, r = share[a], t.first[i] + near[a]
            pair = t.start[i] + near[a]
            for g in range(len(sums)):
                sums[g] += p * t.pair_cost[g, pair]
            for k in range(len(t.moving)):
                if t.takes_part[k, r]:
                    row = t.value_row[k]
                    load[k, r] += p * (
                        t.item_value[row, i] if t.value_per_item[k] else t.pair_value[row, pair]
                    )
            for e in range(t.entry_start[i], t.entry_start[i + 1]):
                at = t.entry_counter[e] + near[a] * t.entry_step[e]
                count[at] += p * t.counter_value[t.entry_value[e] + near[a]]
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


@inner
def solve_in_place(matrix: FloatArray, size: int, right: FloatArray) -> None:
    """Solve a positive definite system by Cholesky's method, rows at a time."""
    for j in range(size):
        pivot = max(matrix[j, j], 1e-300)
        root = np.sqrt(pivot)
        row = matrix[j, j:size]
        for c in range(len(row)):
            row[c] /= root
        for i in range(j + 1, size):
            factor = matrix[j, i]
            if factor != 0.0:
                below = matrix[i, i:size]
                above = matrix[j, i:size]
                for c in range(len(below)):
                    below[c] -= factor * above[c]
    for j in range(size):
        right[j] /= matrix[j, j]
        for i in range(j + 1, size):
            right[i] -= matrix[j, i] * right[j]
    for j in range(size - 1, -1, -1):
        total = right[j]
        for i in range(j + 1, size):
            total -= matrix[j, i] * right[i]
        right[j] = total / matrix[j, j]


@compiled
def priced_step(
    curve: FloatArray,
    damping: FloatArray,
    now: FloatArray,
    high: FloatArray,
    low: FloatArray,
    cap: FloatArray,
    new: FloatArray,
) -> None:
    """Best prices under the quadratic model, with intervals and caps kept as they are.

    A price above 0 asks that nothing lies above its upper limit, one below 0 that
    nothing is missing at the lower, and at 0 both hold. Starting from the signs now,
    prices that come out on the wrong side are set to 0, or to their cap, and those at 0
    or a cap that ought to leave it are let go, until nothing changes.
    """
    n = len(now)
    state = np.zeros(n, dtype=np.int64)
    for i in range(n):
        if now[i] != 0.0:
            state[i] = 1 if now[i] > 0 else -1
            if abs(now[i]) >= cap[i]:
                state[i] *= 2
    free = np.empty(n, dtype=np.int64)
    step, drop = np.zeros(n), np.zeros(n)
    matrix, right = np.empty((n, n)), np.empty(n)
    for _ in range(GUESSES):
        size = 0
        for i in range(n):
            if state[i] == 1 or state[i] == -1:
                free[size] = i
                size += 1
                step[i] = 0.0
            elif state[i] == 0:
                step[i] = -now[i]
            else:
                step[i] = (cap[i] if state[i] > 0 else -cap[i]) - now[i]
        for a in range(size):
            i = free[a]
            right[a] = high[i] if state[i] > 0 else low[i]
            for j in range(n):
                if step[j] != 0.0:
                    right[a] -= curve[i, j] * step[j]
            for b in range(size):
                matrix[a, b] = curve[i, free[b]]
            matrix[a, a] += damping[i]
        solve_in_place(matrix, size, right)
        for a in range(size):
            step[free[a]] = right[a]
        drop[:] = 0.0
        for j in range(n):
            if step[j] != 0.0:
                column = curve[j]
                for i in range(n):
                    drop[i] += column[i] * step[j]
        changed = False
        for i in range(n):
            price, was = now[i] + step[i], state[i]
            left = drop[i] + damping[i] * step[i]
            if was == 1 or was == -1:
                if price * was <= 0.0:
                    state[i] = 0
                elif abs(price) > cap[i]:
                    state[i] = 2 * was
            elif was == 0:
                if high[i] - left > 1e-9 and cap[i] > 0.0:
                    state[i] = 1
                elif low[i] - left < -1e-9 and cap[i] > 0.0:
                    state[i] = -1
            elif (was == 2 and high[i] - left < 0.0) or (was == -2 and low[i] - left > 0.0):
                state[i] = was // 2
            changed = changed or state[i] != was
        if not changed:
            break
    for i in range(n):
        price = now[i] + step[i]
        if state[i] == 0 or price * state[i] < 0.0:
            price = 0.0
        new[i] = min(max(price, -cap[i]), cap[i])


@dataclass(eq=False)
class _Place:
    """A point with what is known there."""

    point: Point
    flat: FloatArray
    soft: float
    hard: float
    high: FloatArray
    low: FloatArray


class Newton:
    """Newton's method on one model.

    Parameters
    ----------
    spread
        How much an item's owners differ, in units of the objective, (n,).
    """

    def __init__(self, tables: PriceTables, spread: FloatArray) -> None:
        self.t, self.spread = tables, spread
        self.groups = len(tables.group_limit) - 1
        self.loads = tables.upper.shape
        self.size = self.groups + tables.upper.size + len(tables.counter_price)
        wide = self.size + len(tables.moving)
        self.curve = np.zeros((wide, wide))
        self.load, self.count = np.zeros(self.loads), np.zeros(len(tables.counter_price))
        self.sums = np.zeros(self.groups + 1)
        self.passes = 0.0
        self.sharers = 1.0
        self.damp = 0.1
        self.trusted = False

    def ascend(
        self,
        start: Point,
        widths: tuple[float, ...],
        work: float,
        enough: float,
        stop: Callable[[], bool],
    ) -> tuple[float, Point]:
        """Raise the bound from a start; the best value and where it was found.

        Parameters
        ----------
        work
            Passes at most; one with second derivatives counts as two.
        enough
            Value at which to end.
        """
        best, at = -np.inf, start
        point = start
        for width in widths:
            now = self._place(point, width)
            for _ in range(STEPS):
                if now.hard > best:
                    best, at = now.hard, now.point
                if best >= enough or self.passes >= work or stop():
                    return best, at
                new = self._step(now, width)
                if new is None:
                    break
                gained, now = new.soft - now.soft, new
                if self.trusted and gained < ENOUGH * width * abs(now.soft):
                    break
            if now.hard > best:
                best, at = now.hard, now.point
            point = now.point
        return best, at

    def _place(self, point: Point, width: float) -> _Place:
        """Evaluate a point."""
        self.passes += 1.0
        return self._evaluated(point, width, 0)

    def _evaluated(self, point: Point, width: float, stride: int) -> _Place:
        t = self.t
        load, count, sums = self.load, self.count, self.sums
        soft, hard, pairs = smoothed_minimum(
            t, point, width * self.spread, stride, load, count, sums, self.curve
        )
        self.sharers = pairs / max(len(t.first), 1)
        high, low = np.empty(self.size), np.empty(self.size)
        amounts_outside(t, point, load, count, sums, high, low)
        fixed = priced_limits(t, 0.0, *point)[0]
        flat = np.concatenate([point[0][1:], point[1].ravel(), point[2]])
        return _Place(point, flat, soft + fixed, hard + fixed, high, low)

    def _step(self, now: _Place, width: float) -> _Place | None:
        """One step up, None where no damping helps."""
        self.passes += 1.0
        stride = max(1, int(self.sharers / SHARERS))
        self._evaluated(now.point, width, stride)
        curve = self._folded(now.point)
        size = self._typical(np.diag(curve))
        if not size.any():
            return None
        caps = self._caps(now.point)
        new = np.empty(self.size)
        for _ in range(TRIES):
            damping = self.damp * size
            priced_step(curve, damping, now.flat, now.high, now.low, caps, new)
            there = self._place(self._point(new), width)
            ratio = (there.soft - now.soft) / max(self._expected(now, new, curve), 1e-300)
            if ratio > 0.75:
                self.damp = max(0.15 * self.damp, 1e-7)
            elif ratio < 0.25:
                self.damp *= 5.0
            self.trusted = ratio > 0.25
            if ratio > 0.01 and there.soft > now.soft:
                return there
        return None

    def _folded(self, point: Point) -> FloatArray:
        """Second derivatives by prices alone: totals that move follow from the prices."""
        t, n = self.t, self.size
        curve = self.curve[:n, :n]
        for k in np.flatnonzero(t.moving).tolist():
            share = np.zeros(n)
            begin = self.groups + k * t.owners
            share[begin : begin + t.owners] = np.where(
                point[1][k] > 0, t.upper_share[k], t.lower_share[k]
            )
            row, own = self.curve[n + k, :n], float(self.curve[n + k, n + k])
            curve = curve + np.outer(share, row) + np.outer(row, share)
            curve = curve + own * np.outer(share, share)
        return np.ascontiguousarray(curve)

    def _typical(self, diagonal: FloatArray) -> FloatArray:
        """Second derivative of each price, and of its kind's mean a hundredth at least.

        Kinds have units of their own.
        """
        size = np.array(diagonal)
        ends = [0, self.groups]
        ends += [self.groups + (k + 1) * self.loads[1] for k in range(self.loads[0])]
        ends.append(self.size)
        for begin, end in itertools.pairwise(ends):
            block = size[begin:end]
            known = block[block > 0]
            block[:] = np.maximum(block, 0.01 * float(known.mean()) if known.size else 1.0)
        return size

    def _caps(self, point: Point) -> FloatArray:
        """Largest size of every price: soft limits have one."""
        t = self.t
        loads = np.where(t.resource_group < 0, np.inf, point[0][t.resource_group])
        loads = loads * np.where(t.resource_group < 0, 1.0, t.resource_price)
        loads = np.where(t.takes_part, loads[:, None], 0.0)
        counters = np.where(t.counter_group < 0, np.inf, point[0][t.counter_group])
        counters = counters * np.where(t.counter_group < 0, 1.0, t.counter_price)
        return np.concatenate([np.full(self.groups, np.inf), loads.ravel(), counters])

    def _point(self, flat: FloatArray) -> Point:
        loads = flat[self.groups : self.groups + int(np.prod(self.loads))].reshape(self.loads)
        groups = np.concatenate([[1.0], np.maximum(flat[: self.groups], 0.0)])
        counters = flat[self.groups + loads.size :].copy()
        caps = self._caps((groups, loads, counters))[self.groups :]
        most = caps[: loads.size].reshape(self.loads)
        loads = np.clip(loads, -most, most)
        counters = np.clip(counters, -caps[loads.size :], caps[loads.size :])
        return groups, np.ascontiguousarray(loads), counters

    @staticmethod
    def _expected(now: _Place, new: FloatArray, curve: FloatArray) -> float:
        """Gain that the quadratic model expects of a step."""
        step = new - now.flat
        moved: BoolArray = np.asarray(step != 0)
        # Along the way from one side of 0 to the other each side's own limit counts.
        upper = np.maximum(new, 0.0) - np.maximum(now.flat, 0.0)
        lower = step - upper
        gain = float((upper[upper != 0] * now.high[upper != 0]).sum())
        gain += float((lower[lower != 0] * now.low[lower != 0]).sum())
        bent = (curve[moved][:, moved] * step[moved]).sum(axis=1) * step[moved]
        return gain - 0.5 * float(bent.sum())


def spreads(t: PriceTables) -> FloatArray:
    """How much the owners of each item differ in cost, (n,)."""
    cost = np.where(t.allowed, t.pair_cost[0], np.inf)
    if not len(t.first):
        return np.zeros(0)
    least = np.minimum.reduceat(cost, t.start)
    ways = np.maximum(np.add.reduceat(t.allowed.astype(np.float64), t.start), 1.0)
    mean = np.add.reduceat(np.where(t.allowed, t.pair_cost[0], 0.0), t.start) / ways
    spread = np.maximum(mean - least, 0.0)
    for k in np.flatnonzero(t.resource_group == 0).tolist():
        row = t.value_row[k]
        if t.value_per_item[k]:
            value = t.item_value[row]
        else:
            value = np.add.reduceat(t.pair_value[row], t.start) / np.maximum(t.width, 1)
        spread = spread + 0.1 * t.resource_price[k] * value
    known = spread[spread > 0]
    if not known.size:
        return np.zeros(len(t.first))
    return np.asarray(np.maximum(spread, 1e-3 * float(known.mean())))
