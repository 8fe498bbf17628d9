"""Where reps should live: bases whose natural territories are balanced.

Location and allocation alternate (Cooper 1964): units join the base that is cheapest at
prices which bring every measure of every territory into its limits, then each base moves
to the median of its territory. What stays bad after that is a base too many in one part
of the market and one too few in another: bases move over for good where that lowers the
priced cost (:mod:`.interchange`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from ....models.arrays import FloatArray, IndexArray
from ....models.geodesy import EARTH_RADIUS_KM, directions
from .balancing import Layout, balance, costs, medians
from .interchange import Exchange, by_charge, by_cost, drawn

NEAR = 12
"""Bases that a unit may join while bases are placed."""

NEAREST_ROUNDS, PRICED_ROUNDS, SETTLING_ROUNDS = 12, 12, 4
PASSES, FIRST_PASSES, PROVING_PASSES = 24, 80, 150
"""Passes of the prices in a round, where they start from nothing, and before bases are taken."""

STARTS = 3
"""Draws of the first bases; the best goes on."""

PAIRS, FEWEST_TRIALS, MOST_TRIALS = 2.4e9, 24, 160
"""Pairs of a unit and a base that trials may price, and how many trials at least and most."""

LAST_PAIRS, LAST_TRIALS = 1e10, 100
"""The same where territories need not hang together, and trials for each base at most."""

HOPELESS = 3.0
"""A trial that is dearer by this many bases' share before its bases settle is dropped."""


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
    power: int = 1,
    effort: float | None = None,
) -> IndexArray:
    """As :func:`place_bases`, for points on the earth, (n, 3), or in a plane, (n, 2), in km.

    ``stop`` is asked between trials; the best places so far are returned. With ``power`` 2
    distances count by their squares. ``effort`` as in :meth:`Placing.placed`.
    """
    placing = Placing.of(points, measures, count, tolerance, power)
    layout = placing.placed(np.random.default_rng(seed), stop, effort)
    return np.sort(layout.bases).astype(np.int64)


class Placing:
    """The market in the units of the search: fair shares are 1, costs are km a head."""

    def __init__(
        self, points: FloatArray, shares: FloatArray, count: int, tolerance: float, power: int = 1
    ) -> None:
        self.points, self.count, self.tolerance = points, count, tolerance
        self.power = power
        self.weight = np.ascontiguousarray(shares[:, 0])
        self.shares = np.ascontiguousarray(shares.T) * count
        self.near = min(NEAR, count)

    @classmethod
    def of(
        cls,
        points: FloatArray,
        measures: FloatArray,
        count: int,
        tolerance: float,
        power: int = 1,
    ) -> Placing:
        """A market from points in km and measures in whatever units, (n, k)."""
        totals = measures.sum(axis=0)
        shares = measures / np.where(totals > 0, totals, 1.0)
        return cls(np.ascontiguousarray(points), shares, count, tolerance, power)

    def costs(self, bases: IndexArray) -> FloatArray:
        """Weight × km, or km², between every unit and every base, (n, bases)."""
        return costs(self.points, self.weight, bases, self.power)

    def placed(
        self,
        generator: np.random.Generator,
        stop: Callable[[], bool] = lambda: False,
        effort: float | None = None,
    ) -> Layout:
        """The best layout of some starts, then of trials with a base moved elsewhere.

        Parameters
        ----------
        effort
            Where the layout is the end of it, not a start for connected territories:
            multiple of the usual effort for that. Bases then move by what they cost, too.
        """
        layout = self.begun(generator)
        for _ in range(STARTS - 1):
            if not stop():
                layout = min(layout, self.begun(generator), key=lambda each: each.value)
        if stop():
            return layout
        layout = self.proven(self.settled(layout, PRICED_ROUNDS))
        trials = self.trials() if effort is None else self.last_trials(effort)
        for turn in range(trials):
            if stop():
                break
            exchange = by_charge if effort is None or turn % 4 == 3 else by_cost
            trial = self.tried(layout, generator, exchange)
            if trial.value < layout.value:
                trial = self.proven(trial)
                layout = trial if trial.value < layout.value else layout
        return layout

    def tried(
        self, layout: Layout, generator: np.random.Generator, exchange: Exchange = by_charge
    ) -> Layout:
        """A base moved elsewhere, the others settled around it where that promises anything."""
        trial = self.priced(*exchange(self, layout, generator))
        if trial.value < (1.0 + HOPELESS / self.count) * layout.value:
            trial = self.settled(trial, SETTLING_ROUNDS)
        return trial

    def trials(self) -> int:
        """How often a base is tried elsewhere: what the size allows."""
        if self.count < 2:
            return 0
        return int(np.clip(PAIRS / self._pairs(), FEWEST_TRIALS, MOST_TRIALS))

    def last_trials(self, effort: float) -> int:
        """The same where nothing follows that would be worth more."""
        if self.count < 2:
            return 0
        most = LAST_TRIALS * self.count
        return int(effort * np.clip(LAST_PAIRS / self._pairs(), FEWEST_TRIALS, most))

    def _pairs(self) -> float:
        """Pairs of a unit and a base that a trial may price."""
        return float(len(self.points) * self.near * PASSES * SETTLING_ROUNDS)

    def begun(self, generator: np.random.Generator) -> Layout:
        """Bases drawn by weight, far from each other (Arthur and Vassilvitskii 2007)."""
        square = np.full(len(self.points), np.inf)
        bases = np.empty(self.count, dtype=np.int64)
        for place in range(self.count):
            chance = self.weight * (square if place else 1.0) + 1e-300
            if place:
                chance[bases[:place]] = 0.0
            bases[place] = drawn(chance, generator)
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

    def priced(self, bases: IndexArray, prices: FloatArray, passes: int = PASSES) -> Layout:
        """The alignment to some bases at better prices than those given."""
        label = np.empty(len(self.points), dtype=np.int64)
        loads = np.empty_like(prices)
        best = prices.copy()
        value = balance(
            self.points, self.weight, self.shares, bases, self.nearest(bases),
            best, label, loads, self.tolerance, passes, self.power,
        )  # fmt: skip
        return Layout(bases, label, best, loads, value)

    def nearest(self, bases: IndexArray) -> IndexArray:
        """The nearest few bases of each unit, (n, near)."""
        found = cKDTree(self.points[bases]).query(self.points, k=range(1, self.near + 1))[1]
        return np.ascontiguousarray(found, dtype=np.int64)

    def medians(self, label: IndexArray, bases: IndexArray) -> IndexArray:
        """Median of each base's units; a base stays where none is better."""
        order = np.argsort(label, kind="stable")
        start = np.searchsorted(label[order], np.arange(self.count + 1))
        return medians(self.points, self.weight, order, start, bases, self.power)
