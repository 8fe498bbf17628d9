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

from ....models.arrays import BoolArray, FloatArray
from ..tables import PriceTables
from .ascent import Point
from .curvature import amounts_outside, smoothed_minimum
from .quadratic import priced_step
from .relaxation import priced_limits

#: Prices up to which the dense matrix of second derivatives is affordable.
MOST_PRICES = 1_500
#: Smoothing from step to step, as a share of how much an item's owners differ.
WIDTHS = (0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
#: Newton steps with one smoothing, and tries of each.
STEPS, TRIES = 25, 8
#: Share of the smoothing's own effect below which a step's gain ends it.
ENOUGH = 0.005
#: Owners an item is shared among on average, beyond which the curvature is sampled.
SHARERS = 12.0


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
        loads = np.where(t.resource_group < 0, np.inf, point[0][np.maximum(t.resource_group, 0)])
        loads = loads * np.where(t.resource_group < 0, 1.0, t.resource_price)
        loads = np.where(t.takes_part, loads[:, None], 0.0)
        counters = np.where(t.counter_group < 0, np.inf, point[0][np.maximum(t.counter_group, 0)])
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
