"""Where reps should live: bases whose natural territories are balanced.

Location and allocation alternate (Cooper 1964): units join the base that is cheapest at
prices which bring every measure of every territory into its limits, then each base moves
to the median of its territory. What stays bad after that is a base too many in one part
of the market and one too few in another: bases move over for good where that lowers the
priced cost (an interchange, Teitz and Bart 1968, guided by the prices).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from ....models.arrays import FloatArray, IndexArray
from ....models.geodesy import EARTH_RADIUS_KM, directions
from ..compiled import compiled, inner
from .reach import kilometres

NEAR = 12
"""Bases that a unit may join while bases are placed."""

NEAREST_ROUNDS, PRICED_ROUNDS, SETTLING_ROUNDS = 12, 12, 4
PASSES, FIRST_PASSES, PROVING_PASSES = 24, 80, 150
"""Passes of the prices in a round, where they start from nothing, and before bases are taken."""

STARTS = 3
"""Draws of the first bases; the best goes on."""

PAIRS, FEWEST_TRIALS, MOST_TRIALS = 2.4e9, 24, 160
"""Pairs of a unit and a base that trials may price, and how many trials at least and most."""

HOPELESS = 3.0
"""A trial that is dearer by this many bases' share before its bases settle is dropped."""

STEP = 0.8
"""First step of a price: this share of a territory's mean distance for each fair share over."""

MEDIAN_STEPS, MEDIAN_UNITS = 12, 12


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


def place_bases(
    latitude: FloatArray,
    longitude: FloatArray,
    measures: FloatArray,
    count: int,
    *,
    tolerance: float = 0.1,
    seed: int = 1,
) -> IndexArray:
    """Choose units to live in, so that near and balanced territories go together.

    Parameters
    ----------
    latitude, longitude
        Of the units, degrees, (n,).
    measures
        What is to be balanced, (n, k); the first is what distances weigh.
    count
        Bases to place.
    tolerance
        Share by which a territory may be off its fair share.

    Returns
    -------
    IndexArray
        Units, ascending, (count,).
    """
    points = directions(latitude, longitude) * EARTH_RADIUS_KM
    return place_points(points, measures, count, tolerance=tolerance, seed=seed)


def place_points(
    points: FloatArray,
    measures: FloatArray,
    count: int,
    *,
    tolerance: float = 0.1,
    seed: int = 1,
    stop: Callable[[], bool] = lambda: False,
) -> IndexArray:
    """As :func:`place_bases`, for points on the earth, (n, 3), or in a plane, (n, 2), in km.

    ``stop`` is asked between trials; the best places so far are returned.
    """
    placing = Placing.of(points, measures, count, tolerance)
    layout = placing.placed(np.random.default_rng(seed), stop)
    return np.sort(layout.bases).astype(np.int64)


class Placing:
    """The market in the units of the search: fair shares are 1, costs are km a head."""

    def __init__(
        self, points: FloatArray, shares: FloatArray, count: int, tolerance: float
    ) -> None:
        self.points, self.count, self.tolerance = points, count, tolerance
        self.weight = np.ascontiguousarray(shares[:, 0])
        self.shares = np.ascontiguousarray(shares.T) * count
        self.near = min(NEAR, count)

    @classmethod
    def of(cls, points: FloatArray, measures: FloatArray, count: int, tolerance: float) -> Placing:
        """A market from points in km and measures in whatever units, (n, k)."""
        totals = measures.sum(axis=0)
        shares = measures / np.where(totals > 0, totals, 1.0)
        return cls(np.ascontiguousarray(points), shares, count, tolerance)

    def costs(self, bases: IndexArray) -> FloatArray:
        """Weight × km between every unit and every base, (n, bases)."""
        return _costs(self.points, self.weight, bases)

    def placed(
        self, generator: np.random.Generator, stop: Callable[[], bool] = lambda: False
    ) -> Layout:
        """The best layout of some starts, then of trials with a base moved elsewhere."""
        layout = self.begun(generator)
        for _ in range(STARTS - 1):
            if not stop():
                layout = min(layout, self.begun(generator), key=lambda each: each.value)
        if stop():
            return layout
        layout = self.proven(self.settled(layout, PRICED_ROUNDS))
        for _ in range(self.trials()):
            if stop():
                break
            trial = self.tried(layout, generator)
            if trial.value < layout.value:
                trial = self.proven(trial)
                layout = trial if trial.value < layout.value else layout
        return layout

    def tried(self, layout: Layout, generator: np.random.Generator) -> Layout:
        """A base moved elsewhere, the others settled around it where that promises anything."""
        trial = self.moved_over(layout, generator)
        if trial.value < (1.0 + HOPELESS / self.count) * layout.value:
            trial = self.settled(trial, SETTLING_ROUNDS)
        return trial

    def trials(self) -> int:
        """How often a base is tried elsewhere: what the size allows."""
        if self.count < 2:
            return 0
        each = len(self.points) * self.near * PASSES * SETTLING_ROUNDS
        return int(np.clip(PAIRS / each, FEWEST_TRIALS, MOST_TRIALS))

    def begun(self, generator: np.random.Generator) -> Layout:
        """Bases drawn by weight, far from each other (Arthur and Vassilvitskii 2007)."""
        square = np.full(len(self.points), np.inf)
        bases = np.empty(self.count, dtype=np.int64)
        for place in range(self.count):
            chance = self.weight * (square if place else 1.0) + 1e-300
            if place:
                chance[bases[:place]] = 0.0
            mark = np.cumsum(chance)
            bases[place] = min(
                int(np.searchsorted(mark, generator.random() * mark[-1])), len(mark) - 1
            )
            off = ((self.points - self.points[bases[place]]) ** 2).sum(axis=1)
            square = np.minimum(square, off)
        for _ in range(NEAREST_ROUNDS):
            label = np.asarray(cKDTree(self.points[bases]).query(self.points)[1], dtype=np.int64)
            bases = self.medians(label, bases)
        none = np.zeros((self.count, len(self.shares)))
        return self.priced(bases, none, FIRST_PASSES)

    def settled(self, layout: Layout, rounds: int) -> Layout:
        """Medians and prices by turns."""
        for _ in range(rounds):
            bases = self.medians(layout.label, layout.bases)
            if (bases == layout.bases).all():
                break
            layout = self.priced(bases, layout.prices, PASSES)
        return layout

    def proven(self, layout: Layout) -> Layout:
        """The same bases at better prices: poor prices make any bases look cheap."""
        return self.priced(layout.bases, layout.prices, PROVING_PASSES)

    def moved_over(self, layout: Layout, generator: np.random.Generator) -> Layout:
        """A base that carries little for what it is paid moves to where much is charged."""
        charged = layout.prices.sum(axis=1)
        spread = float(charged.std()) + 1e-12
        crowded = (charged - charged.mean()) / spread
        leaving = _drawn(np.exp(-1.5 * crowded), generator)
        pull = np.exp(1.5 * crowded)
        pull[leaving] = 0.0
        joined = _drawn(pull, generator)
        held = np.flatnonzero(layout.label == joined)
        bases, prices = layout.bases.copy(), layout.prices.copy()
        if len(held) > 1:
            off = ((self.points[held] - self.points[bases[joined]]) ** 2).sum(axis=1)
            chance = self.weight[held] * off
            if chance.sum() > 0:
                unit = int(held[_drawn(chance, generator)])
                if not (bases == unit).any():
                    bases[leaving] = unit
        prices[[leaving, joined]] = prices.mean(axis=0)
        return self.priced(bases, prices, PASSES)

    def priced(self, bases: IndexArray, prices: FloatArray, passes: int = PASSES) -> Layout:
        """The alignment to some bases at better prices than those given."""
        found = cKDTree(self.points[bases]).query(self.points, k=range(1, self.near + 1))[1]
        label = np.empty(len(self.points), dtype=np.int64)
        loads = np.empty_like(prices)
        best = prices.copy()
        value = _balance(
            self.points, self.weight, self.shares, bases, np.ascontiguousarray(found, np.int64),
            best, label, loads, self.tolerance, passes,
        )  # fmt: skip
        return Layout(bases, label, best, loads, value)

    def medians(self, label: IndexArray, bases: IndexArray) -> IndexArray:
        """Median of each base's units; a base stays where none is better."""
        order = np.argsort(label, kind="stable")
        start = np.searchsorted(label[order], np.arange(self.count + 1))
        return _medians(self.points, self.weight, order, start, bases)


def _drawn(chance: FloatArray, generator: np.random.Generator) -> int:
    mark = np.cumsum(chance)
    return min(int(np.searchsorted(mark, generator.random() * mark[-1])), len(mark) - 1)


@compiled
def _costs(points: FloatArray, weight: FloatArray, bases: IndexArray) -> FloatArray:
    """Weight × km between every unit and every base, (n, bases)."""
    cost = np.empty((len(points), len(bases)))
    for i in range(len(points)):
        for r in range(len(bases)):
            cost[i, r] = weight[i] * kilometres(points, i, bases[r])
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
def _balance(
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
            cost[i, q] = weight[i] * kilometres(points, i, bases[near[i, q]])
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


@inner
def _away(
    points: FloatArray, weight: FloatArray, order: IndexArray, begin: int, end: int, j: int
) -> float:
    total = 0.0
    for e in range(begin, end):
        total += weight[order[e]] * kilometres(points, order[e], j)
    return total


@compiled
def _medians(
    points: FloatArray,
    weight: FloatArray,
    order: IndexArray,
    start: IndexArray,
    bases: IndexArray,
) -> IndexArray:
    """Unit of each territory with about the least weighted distance to the others.

    Weiszfeld's point first, then the units next to it; a base stays where none is better.
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
                part = weight[i] / max(np.sqrt(square), 1e-3)
                total += part
                for axis in range(axes):
                    pull[axis] += part * points[i, axis]
            if total <= 0.0:
                break
            middle = pull / total
        squares = np.empty(end - begin)
        for e in range(begin, end):
            squares[e - begin] = ((points[order[e]] - middle) ** 2).sum()
        least, choice = np.inf, bases[r]
        for e in np.argsort(squares, kind="mergesort")[:MEDIAN_UNITS]:
            j = order[begin + e]
            value = _away(points, weight, order, begin, end, j)
            if value < least:
                least, choice = value, j
        if least < _away(points, weight, order, begin, end, bases[r]):
            found[r] = choice
    return found
