"""Solve a problem of territories without a base: a plan, a proven bound, why it ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....models.arrays import IndexArray
from ....models.plan import Status
from ..result import Told, relative_gap
from .bound import lower_bound
from .model import PartitionModel
from .searches import Heat, Searches
from .state import grid_scale, ground_of

FAR_HEAT = Heat(start=1.0, again=(0.5, 0.2, 0.1, 0.05), end=0.004)
"""Temperatures where the diameter counts; a pair just too far apart costs a quarter."""

CUT_HEAT = Heat(start=4.0, again=(3.0, 2.0, 1.2, 0.7), end=0.25)
"""Temperatures where only cuts count; one costs 1."""

FAR_BALANCE, CUT_BALANCE = 10.0, 100.0
"""What the mean of an activity outside its limits costs."""

PROPOSALS = 4_000
"""Proposals for each unit in a search's round."""

FEWEST, MOST = 50_000, 40_000_000
"""Proposals in a search's round at least and at most."""

WORK = 2_000.0
"""Million proposals where nothing else ends a solve."""


@dataclass(frozen=True, eq=False)
class PartitionResult:
    """A solved problem of territories without a base.

    Parameters
    ----------
    plan
        Territory of each unit, 0 … p − 1, (n,); None without a plan.
    bound
        What no plan beats, proven.
    stopped_by
        ``proof``, ``gap``, ``work``, ``time`` or ``interrupted``.
    work
        Million proposals looked at.
    """

    plan: IndexArray | None
    status: Status
    objective: float | None
    bound: float
    stopped_by: str
    work: float

    @property
    def gap(self) -> float | None:
        """Distance of the plan from the bound, a fraction of the plan's value."""
        return None if self.objective is None else relative_gap(self.objective, self.bound)


def solve_partition(
    model: PartitionModel,
    *,
    work: float | None = None,
    seconds: float | None = None,
    gap: float = 0.0,
    seed: int = 1,
    start: IndexArray | None = None,
    workers: int | None = None,
    stop: Callable[[], bool] | None = None,
    told: Told | None = None,
) -> PartitionResult:
    """Deal units out among alike territories.

    The same model, work, seed and start give the same plan, whatever the number of
    workers; ``seconds`` and ``stop`` do not.

    Parameters
    ----------
    work
        Limit in million proposals; where neither it nor ``seconds`` is given, 2,000.
    seconds
        Limit of wall clock, the bound included.
    gap
        Ends when the gap is this small.
    start
        Territory of each unit in a plan to begin with, (n,).
    workers
        Threads; all processors where not given.
    told
        Called after each round with what is done, the best value, the bound, and the
        territory of each unit in the best plan; None for what is not known.
    """
    began = time.monotonic()
    limit = WORK if work is None and seconds is None else work

    def over() -> bool:
        return seconds is not None and time.monotonic() - began > seconds

    def late() -> bool:
        return over() or (stop is not None and stop())

    bound = 0.0
    if _impossible(model):
        return PartitionResult(None, Status.INFEASIBLE, None, np.inf, "proof", 0.0)
    searches = _searches(model, seed, workers or os.cpu_count() or 1)
    if start is not None:
        searches.offer(np.asarray(start, dtype=np.int64))

    def tell() -> None:
        if told is not None:
            best = None if searches.best is None else model.value(searches.best)
            told("search", best, bound, searches.best)

    ended, bounded = "", False
    while not ended:
        if not bounded and (searches.best is not None or searches.round > 0) and not over():
            # A plan comes first; until then the bound is that nothing costs less than 0.
            bound, bounded = lower_bound(model, late), True
        if late():
            ended = "time" if over() else "interrupted"
        elif limit is not None and searches.work >= limit * 1e6:
            ended = "work"
        elif searches.best is not None and _near(model.value(searches.best), bound, gap):
            ended = "gap"
        else:
            searches.run(1, late, tell)
    return _result(model, searches, bound, ended)


def _searches(model: PartitionModel, seed: int, workers: int) -> Searches:
    far = model.diameter_price > 0 or np.isfinite(model.longest)
    scale = 1.0 / model.cut_price if model.cut_price > 0 else 1.0
    ground = ground_of(model, FAR_BALANCE if far else CUT_BALANCE, scale)
    longest = np.inf
    if np.isfinite(model.longest):
        # Places are rounded to whole steps: two of them may gain a step and a half.
        steps = model.distance_limit * grid_scale(model) - 1.5
        longest = float(max(1.0, np.floor(max(steps, 0.0) ** 2)))
    return Searches(
        ground, model.territories, FAR_HEAT if far else CUT_HEAT, seed=seed,
        proposals=int(np.clip(PROPOSALS * model.units, FEWEST, MOST)), longest=longest,
        workers=workers,
    )  # fmt: skip


def _near(value: float, bound: float, gap: float) -> bool:
    return value - bound <= max(gap * abs(value), 1e-9 * max(1.0, abs(value)))


def _impossible(model: PartitionModel) -> bool:
    """Whether totals or single units cannot fit the limits that must hold."""
    total = model.activities.sum(axis=1)
    p, hard = model.territories, model.hard
    slack = 1e-6 * np.maximum(1.0, np.abs(total))
    low, high = p * model.lower > total + slack, p * model.upper < total - slack
    largest = model.activities.max(axis=1) > model.upper + slack
    return bool(((low | high | largest) & hard).any())


def _result(model: PartitionModel, searches: Searches, bound: float, ended: str) -> PartitionResult:
    work = searches.work / 1e6
    plan = searches.best
    if plan is None or not model.holds(plan):
        return PartitionResult(None, Status.UNKNOWN, None, bound, ended, work)
    value = model.value(plan)
    proven = _near(value, bound, 0.0)
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    return PartitionResult(
        plan, status, value, min(bound, value), "proof" if proven else ended, work
    )
