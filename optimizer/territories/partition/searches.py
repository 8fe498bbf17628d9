"""A fixed number of searches that share what they find, carried by any number of threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from ....models.arrays import IndexArray
from .annealing import anneal, judge, span
from .resplitting import resplit
from .start import starting_plan
from .state import BEST, LIMIT, SHRINK, STOP, VALUE, Draft, Ground, draft_of

SEARCHES = 4
"""Searches side by side; part of the method, whatever the machine."""

KEPT = 8
"""Plans that searches go on from."""

SCATTER = 6
"""Rounds in which all searches begin anew."""

AIMS = (0.02, 0.1, 0.35, 1.0)
"""How far below the best diameter each search aims, shares of the common step."""

SHORT = (0.05, 0.1, 0.25)
"""Length of those rounds, shares of the usual one: a plan early; the last one stays."""

PATIENCE, LENGTHENING, LONGEST = 6, 1.4, 8.0
"""Rounds without a better plan until they get longer, by what factor, and at most."""

RESPLITS, RESPLIT = 3, 0.6
"""Pairs of territories dealt anew in a new start, for each territory, and how often one
is before going on from a plan; where cut neighbours count."""

POLL = 0.1
"""Seconds between two looks whether to stop."""


@dataclass(frozen=True)
class Heat:
    """Temperatures of a search: of a new start, of going on, and of the end."""

    start: float
    again: tuple[float, ...]
    end: float


@dataclass(frozen=True, eq=False)
class Round:
    """What one search brings back from one round."""

    last: IndexArray
    energy: float
    best: IndexArray | None
    value: float
    limit: float
    proposals: int


class Searches:
    """Searches of one model in rounds.

    A round anneals one plan in each search, at the common limit on the diameter. The
    plans of least energy are kept, and later rounds go on from them; every third search
    still begins anew, so that no first layout decides all.

    Parameters
    ----------
    proposals
        Moves that a search looks at in a round.
    """

    def __init__(
        self, ground: Ground, territories: int, heat: Heat, *,
        seed: int, proposals: int, longest: float, workers: int,
    ) -> None:  # fmt: skip
        self.ground, self.territories, self.heat = ground, territories, heat
        self.seed, self.proposals, self.workers = seed, proposals, workers
        self.drafts = [draft_of(ground, territories) for _ in range(SEARCHES)]
        self.longest = self.limit = longest
        self.descends = ground.diameter_price > 0
        self.pool: list[tuple[float, IndexArray]] = []
        self.best: IndexArray | None = None
        self.value = np.inf
        self.square = np.inf
        self.step = 0.02
        self.round = 0
        self.idle = 0
        self.work = 0.0

    # ------------------------------------------------------------------ rounds

    def run(self, rounds: int, stop: Callable[[], bool], told: Callable[[], None]) -> bool:
        """Some rounds; False where it was stopped. ``told`` is called after each."""
        with ThreadPoolExecutor(min(self.workers, SEARCHES)) as threads:
            for _ in range(rounds):
                tasks = [threads.submit(self._one, i) for i in range(SEARCHES)]
                stopped = self._await(tasks, stop)
                self._gather([task.result() for task in tasks])
                told()
                if stopped:
                    return False
        return True

    def offer(self, plan: IndexArray) -> None:
        """Take a plan in, one that keeps all or not."""
        draft = self.drafts[0]
        self._prepare(draft)
        energy = judge(self.ground, draft, plan)
        if self._take(float(draft.real[VALUE]), draft.best):
            self.square = float(draft.real[BEST])
        self.pool.append((float(energy), plan.copy()))

    def _await(self, tasks: list[Future[Round]], stop: Callable[[], bool]) -> bool:
        stopped = False
        waiting = set(tasks)
        while waiting:
            _, waiting = wait(waiting, timeout=POLL)
            if not stopped and stop():
                stopped = True
                for draft in self.drafts:
                    draft.whole[STOP] = 1
        for draft in self.drafts:
            draft.whole[STOP] = 0
        return stopped

    def _prepare(self, draft: Draft) -> None:
        draft.real[LIMIT] = self.limit
        draft.real[VALUE] = self.value
        draft.real[SHRINK] = (1.0 - self.step) ** 2 if self.descends else 1.0

    def _one(self, index: int) -> Round:
        """One search's part of a round; a function of the round and the state before it."""
        ground, draft = self.ground, self.drafts[index]
        rng = np.random.default_rng((self.seed, self.round, index))
        random = rng.integers(1, 2**62, size=1).astype(np.uint64)
        anew = self.round < SCATTER or not self.pool or (self.round + index) % SEARCHES == 3
        if anew:
            plan, hot = starting_plan(ground, self.territories, rng), self.heat.start
            if ground.cut_weight > 0:
                for _ in range(RESPLITS * self.territories):
                    plan = resplit(ground, plan, rng)
        else:
            turn = self.round * SEARCHES + index
            _, plan = self.pool[int(len(self.pool) * rng.random() ** 2)]
            hot = self.heat.again[turn % len(self.heat.again)]
            if ground.cut_weight > 0 and rng.random() < RESPLIT:
                plan = resplit(ground, plan, rng)
        self._prepare(draft)
        if self.best is not None and self.descends:
            aim = (1.0 - self.step * AIMS[(self.round + index) % len(AIMS)]) ** 2
            draft.real[SHRINK] = aim
            draft.real[LIMIT] = min(self.longest, max(1.0, np.floor(self.square * aim)))
        elif not np.isfinite(draft.real[LIMIT]) and self.descends:
            draft.real[LIMIT] = max(1.0, np.floor(first_limit(ground, plan)))
        long = int(self.proposals * self._length())
        energy, done = anneal(ground, draft, plan, random, long, hot, self.heat.end)
        found = draft.real[VALUE] < self.value
        return Round(
            draft.owner.copy(), float(energy), draft.best.copy() if found else None,
            float(draft.real[VALUE]), float(draft.real[LIMIT]), int(done),
        )  # fmt: skip

    def _length(self) -> float:
        """Short rounds at first; longer ones the longer nothing is found."""
        if self.round < SCATTER:
            return SHORT[min(self.round, len(SHORT) - 1)]
        return float(min(LONGEST, LENGTHENING ** (self.idle // PATIENCE)))

    def _take(self, value: float, plan: IndexArray) -> bool:
        if value >= self.value:
            return False
        self.value, self.best = value, plan.copy()
        return True

    def _gather(self, found: list[Round]) -> None:
        before = self.value
        for each in found:
            self.work += each.proposals
            if each.best is not None:
                self._take(each.value, each.best)
            self._square(each.last)
        self.idle = 0 if self.value < before else self.idle + 1
        if self.descends:
            self._set_limit(found)
        self.pool += [(each.energy, each.last) for each in found]
        if self.best is not None:
            self.pool.append((0.0, self.best))
        self._sort()
        self.round += 1

    def _set_limit(self, found: list[Round]) -> None:
        """A smaller step below the best plan where rounds bring nothing."""
        if self.idle == 0:
            self.step = min(0.02, self.step * 1.2)
        elif self.idle % 2 == 0:
            self.step = max(0.002, self.step * 0.7)
        if self.best is None:
            self.limit = min(self.longest, 1.5 * max(each.limit for each in found))
        else:
            self.square = self._square(self.best)
            aim = max(1.0, np.floor(self.square * (1.0 - AIMS[1] * self.step) ** 2))
            self.limit = min(self.longest, aim)

    def _square(self, plan: IndexArray) -> float:
        """Squared diameter of a plan; keeps the plan where it is the best."""
        draft = self.drafts[0]
        self._prepare(draft)
        draft.real[LIMIT] = self.longest
        judge(self.ground, draft, plan)
        if self._take(float(draft.real[VALUE]), draft.best):
            return float(draft.real[BEST])
        return float(span(self.ground, draft))

    def _sort(self) -> None:
        """Keep the plans of least energy at the present limit, each once."""
        draft = self.drafts[0]
        seen: set[bytes] = set()
        kept = []
        for _, plan in self.pool:
            self._prepare(draft)
            key = _renamed(plan).tobytes()
            if key not in seen:
                seen.add(key)
                kept.append((float(judge(self.ground, draft, plan)), plan))
                self._take(float(draft.real[VALUE]), draft.best)
        kept.sort(key=lambda entry: (entry[0], entry[1].tobytes()))
        self.pool = kept[:KEPT]


def first_limit(ground: Ground, plan: IndexArray) -> float:
    """Squared limit to begin with: somewhat below the mean span of a plan's territories."""
    spans = []
    for t in range(int(plan.max()) + 1):
        units = np.flatnonzero(plan == t)
        sides = [float(np.ptp(axis[units])) for axis in (ground.x, ground.y, ground.z)]
        spans.append(sum(side * side for side in sides))
    return float(np.mean(spans))


def _renamed(plan: IndexArray) -> IndexArray:
    """Territories numbered by their first units, so that equal plans look equal."""
    _, first, inverse = np.unique(plan, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
