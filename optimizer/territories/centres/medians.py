"""Centres without contiguity: plans from columns, then neighbourhoods of a few territories.

A market of hundreds of medians is too large for a proof, but any few neighbours are a
small problem of their own: their units, as many medians, the same capacities. It gets a
bound of its own, and where that leaves room, columns and a covering for a better plan
(large neighbourhood search, Shaw 1998; for medians Stefanello, de Araújo and Müller
2015). Neighbourhoods of a round have no unit in common, so that workers may share them
out without any change to the outcome.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from .columns import MedianPricing
from .control import Control
from .knapsack import LARGEST_CAPACITY
from .model import CentreModel
from .search import RIVALS, anneal, near_units

FIRST_PASSES, PASSES = 250, 120
"""Passes of the prices for the whole and for a neighbourhood."""

UNITS, GROWTH, LARGEST = 70.0, 1.5, 400.0
"""Units of a neighbourhood at first; it grows when a sweep helps little."""

FEWEST = 3
ROUND = 4
"""Territories of a neighbourhood at least; neighbourhoods solved side by side."""

ROOM = 5e-5
"""A neighbourhood this close to its bound, as a share, is left alone."""

POLISHINGS, PROPOSALS = 4, 600
HEAT, COLD, PENALTY = 0.04, 0.001, 5.0
"""Temperatures and price of a broken limit, in mean costs of a unit."""

WORTHWHILE = 2e-4
"""A sweep that gains less than this share is followed by larger neighbourhoods."""

FIRST_GAP = 3e-3
"""Gap at which the covering of the whole market is good enough to begin from."""


def is_whole_model(model: CentreModel) -> bool:
    """Whether units have one whole amount, and centres nothing but a capacity for it."""
    if len(model.activities) != 1 or np.isfinite(model.lower).any():
        return False
    amounts, upper = model.activities[0], model.upper
    whole = (amounts == np.floor(amounts)).all() and np.isfinite(upper).all()
    return bool(whole and (upper >= 0).all() and upper.max(initial=0.0) <= LARGEST_CAPACITY)


def first_prices(model: CentreModel) -> FloatArray:
    """What a unit typically pays: its cost at the edge of as many units as a centre has."""
    n = model.units
    rank = min(n - 1, max(1, n // model.territories))
    edge = np.partition(np.where(np.isfinite(model.cost), model.cost, np.inf), rank, axis=1)[
        :, rank
    ]
    typical = np.where(np.isfinite(edge), edge, 0.0)
    return np.asarray(np.maximum(typical, 1e-3 * max(float(typical.mean()), 1e-9)))


@dataclass
class MedianSearch:
    """The best plan and bound so far.

    Parameters
    ----------
    plan
        Centre of each unit, (n,), None while none is known.
    alpha
        Price of each unit.
    settled
        Sets of centres around which nothing better was found, as they are now.
    longest
        Seconds that a round has taken at most; only a limit in seconds asks for it.
    """

    model: CentreModel
    control: Control
    seed: int = 1
    workers: int = 2
    plan: IndexArray | None = None
    bound: float = -np.inf
    alpha: FloatArray = field(default_factory=lambda: np.zeros(0))
    settled: set[bytes] = field(default_factory=set)
    longest: float = 0.0

    @property
    def value(self) -> float:
        """Value of the plan, inf without one."""
        return np.inf if self.plan is None else self.model.value(self.plan)

    def begin(self) -> None:
        """The bound, and a plan from the columns that it came across."""
        typical = first_prices(self.model)
        pricing = MedianPricing(self.model, typical, self.workers)
        rough = pricing.ascend(
            typical, FIRST_PASSES // 2, 0.05 * float(typical.sum()), record=False, stop=self._stop
        )
        fine = pricing.ascend(
            rough.point, FIRST_PASSES, 0.002 * abs(rough.value), record=True, stop=self._stop
        )
        self.bound, self.alpha = max(rough.value, fine.value), fine.point
        self.control.pairs += 1.5 * FIRST_PASSES * len(pricing.reach.unit) * 1e-6
        self.control.tell("priced all places", None, self.bound)
        if self._stop():
            return
        left = self.control.seconds_left()
        found = pricing.master(self.alpha, None if left is None else 0.3 * left, FIRST_GAP)
        if found is not None:
            plan = completed(self.model, *found)
            self._offer(polished(self.model, plan, self.seed))
        self._tell("put territories together")

    def _tell(self, what: str) -> None:
        # The search goes on with the same array.
        plan = None if self.plan is None else self.plan.copy()
        self.control.tell(what, self.value, self.bound, plan)

    def improve(self) -> str:
        """Search neighbourhoods until none of any size helps (``work``) or a limit bites."""
        generator = np.random.default_rng(self.seed)
        units = UNITS
        with ThreadPoolExecutor(self.workers) as pool:
            while self.plan is not None:
                before = self.value
                ended = self._sweep(units, generator, pool)
                if ended is not None:
                    return ended
                if self.value >= before * (1.0 - WORTHWHILE):
                    if units >= min(LARGEST, self.model.units):
                        return "work"
                    units *= GROWTH
        return self.control.ended_by() or "work"

    def _stop(self) -> bool:
        return self.control.ended_by() in ("time", "interrupted")

    def _offer(self, plan: IndexArray | None) -> bool:
        if plan is None or not self.model.holds(plan) or self.model.value(plan) >= self.value:
            return False
        self.plan = plan
        return True

    def _sweep(
        self, units: float, generator: np.random.Generator, pool: ThreadPoolExecutor
    ) -> str | None:
        """Every territory in the middle of a neighbourhood once, in rounds without overlap."""
        plan = self.plan
        if plan is None:
            return None
        waiting = generator.permutation(np.unique(plan)).tolist()
        while waiting:
            ended = self.control.ended_by()
            if ended is not None:
                return ended
            if self._is_late():
                return "time"
            began = time.monotonic()
            batch, waiting = self._round(waiting, units, plan)
            for part, better in pool.map(self._solved, batch):
                self.control.pairs += PASSES * len(part[1]) ** 2 * 1e-6
                self._take(part, better, plan)
            self._tell("searched around medians")
            self.longest = max(self.longest, time.monotonic() - began)
        return None

    def _is_late(self) -> bool:
        """Whether another round might end after the limit in seconds."""
        left = self.control.seconds_left()
        return left is not None and left < 1.5 * self.longest

    def _round(
        self, waiting: list[int], units: float, plan: IndexArray
    ) -> tuple[list[tuple[IndexArray, IndexArray]], list[int]]:
        """Neighbourhoods to be solved side by side, and the middles that wait on."""
        taken = np.zeros(self.model.units, dtype=np.bool_)
        batch: list[tuple[IndexArray, IndexArray]] = []
        later = []
        for middle in waiting:
            if len(batch) == ROUND:
                later.append(middle)
                continue
            centres = self._around(middle, units, plan)
            mine = np.isin(plan, centres)
            if not len(centres) or centres.tobytes() in self.settled:
                continue
            if (taken & mine).any():
                later.append(middle)
                continue
            taken |= mine
            batch.append((centres, np.flatnonzero(mine)))
        return batch, later

    def _around(self, middle: int, units: float, plan: IndexArray) -> IndexArray:
        """Centres of a territory and of those nearest to it, ascending; none if it is gone."""
        used, sizes = np.unique(plan, return_counts=True)
        if not (used == middle).any():
            return np.zeros(0, dtype=np.int64)
        there = self.model.cost[middle, used] + self.model.cost[used, middle]
        order = np.argsort(there, kind="stable")
        upto = int(np.searchsorted(np.cumsum(sizes[order]), units)) + 1
        return np.sort(used[order[: max(upto, FEWEST)]])

    def _solved(
        self, part: tuple[IndexArray, IndexArray]
    ) -> tuple[tuple[IndexArray, IndexArray], IndexArray | None]:
        """A better plan for the units of a neighbourhood, None without one."""
        centres, units = part
        plan = self.plan
        place = np.full(self.model.units, -1, dtype=np.int64)
        place[units] = np.arange(len(units))
        old = place[plan[units]] if plan is not None else place[units]
        if (old < 0).any():
            return part, None
        few = part_of(self.model, units, len(centres))
        value = few.value(old)
        pricing = MedianPricing(few, np.maximum(self.alpha[units], 1e-9), 1)
        for label in np.unique(old).tolist():
            pricing.columns.add(label, np.flatnonzero(old == label))
        state = pricing.ascend(
            self.alpha[units], PASSES, 0.01 * value, record=True, stop=self._stop
        )
        if value - state.value <= ROOM * value or self.control.ended_by():
            return part, None
        left = self.control.seconds_left()
        found = pricing.master(state.point, left, ROOM)
        if found is None:
            return part, None
        better = polished(few, completed(few, *found), self.seed)
        if better is None or few.value(better) >= value * (1.0 - 1e-9):
            return part, None
        return part, units[better]

    def _take(
        self, part: tuple[IndexArray, IndexArray], better: IndexArray | None, plan: IndexArray
    ) -> None:
        centres, units = part
        if better is None:
            self.settled.add(centres.tobytes())
            return
        plan[units] = better
        touched = set(np.unique(better).tolist()) | set(centres.tolist())
        kept = set()
        for key in self.settled:
            if touched.isdisjoint(np.frombuffer(key, dtype=np.int64).tolist()):
                kept.add(key)
        self.settled = kept


def part_of(model: CentreModel, units: IndexArray, territories: int) -> CentreModel:
    """The model of some units alone, that may be centres of each other."""
    return CentreModel(
        np.ascontiguousarray(model.cost[np.ix_(units, units)]), territories,
        np.ascontiguousarray(model.activities[:, units]),
        np.ascontiguousarray(model.lower[:, units]), np.ascontiguousarray(model.upper[:, units]),
        np.zeros((0, 2), dtype=np.int64), contiguous=False, own_centre=model.own_centre,
    )  # fmt: skip


def completed(
    model: CentreModel, centres: IndexArray, label: IndexArray
) -> tuple[IndexArray, IndexArray]:
    """Units left out join a centre with room, largest regret first, or the nearest."""
    label = label.copy()
    loads = np.zeros((len(centres), len(model.activities)))
    np.add.at(loads, label[label >= 0], model.activities[:, label >= 0].T)
    room = model.upper[:, centres].T - loads
    rest = np.flatnonzero(label < 0)
    while rest.size:
        amounts = model.activities[:, rest].T
        fits = (amounts[:, None, :] <= room[None] + 1e-9).all(axis=2)
        cost = model.cost[np.ix_(rest, centres)]
        priced = np.where(fits, cost, np.inf)
        two = np.sort(priced, axis=1)[:, :2]
        first, second = two[:, 0], two[:, -1]
        regret = np.where(np.isfinite(first), np.inf, -1.0)
        both = np.isfinite(second)
        regret[both] = second[both] - first[both]
        at = int(regret.argmax())
        row = int((priced if np.isfinite(first[at]) else cost)[at].argmin())
        label[rest[at]] = row
        room[row] -= amounts[at]
        rest = np.delete(rest, at)
    return centres, label


def polished(
    model: CentreModel, begun: tuple[IndexArray, IndexArray], seed: int
) -> IndexArray | None:
    """Cool shifts and swaps, and centres moved to the middle, by turns; None if limits stay broken."""
    centres, label = begun
    n = model.units
    if n < 2 or len(centres) < 2:
        plan = np.asarray(centres[label])
        return plan if model.holds(plan) else None
    generator = np.random.default_rng(seed)
    start, lists = near_units(model.cost)
    fixed = np.zeros(n, dtype=np.bool_)
    best: IndexArray | None = None
    least = np.inf
    for _ in range(POLISHINGS):
        cost = np.ascontiguousarray(model.cost[:, centres].T)
        rivals = np.argsort(cost, axis=0, kind="stable")[: min(RIVALS, len(centres))].T
        mean = float(np.where(np.isfinite(cost), cost, 0.0)[label, np.arange(n)].mean()) + 1e-12
        value, found = anneal(
            cost, fixed, label.copy(), model.activities,
            np.ascontiguousarray(model.lower[:, centres].T),
            np.ascontiguousarray(model.upper[:, centres].T),
            start, lists, np.ascontiguousarray(rivals), False, generator, PROPOSALS * n,
            HEAT * mean, COLD * mean, PENALTY * mean,
        )  # fmt: skip
        if not np.isfinite(value):
            continue
        label = found
        centres = middles(model, label, centres)
        plan = centres[label]
        if model.value(plan) >= least * (1.0 - 1e-12):
            break
        best, least = plan, model.value(plan)
    return best


def middles(model: CentreModel, label: IndexArray, centres: IndexArray) -> IndexArray:
    """Best centre inside each territory that can carry it."""
    moved = centres.copy()
    order = np.argsort(label, kind="stable")
    start = np.searchsorted(label[order], np.arange(len(centres) + 1))
    used = np.zeros(model.units, dtype=np.bool_)
    used[centres] = True
    for row in range(len(centres)):
        units = order[start[row] : start[row + 1]]
        if not units.size:
            continue
        costs = model.cost[np.ix_(units, units)].sum(axis=0)
        loads = model.activities[:, units].sum(axis=1, keepdims=True)
        slack = 1e-9 * np.maximum(1.0, loads)
        low, high = model.lower[:, units], model.upper[:, units]
        fits = ((loads >= low - slack) & (loads <= high + slack)).all(axis=0)
        fits &= ~used[units] | (units == moved[row])
        costs[~fits] = np.inf
        now = model.cost[units, moved[row]].sum()
        if costs.min() < now:
            used[moved[row]] = False
            moved[row] = units[costs.argmin()]
            used[moved[row]] = True
    return moved
