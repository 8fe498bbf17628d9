"""A smallest set of demands that cannot hold together, and what each comes to."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...models.plan import Status
from ...models.problem import Problem
from ..territories.exact import Effort, solve_exact
from .demands import Demand, demands_of, model_of

#: Deterministic time for each of the solves.
WORK_PER_SOLVE = 1.0

Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Conflict:
    """Demands that cannot hold together.

    Parameters
    ----------
    minimal
        Whether it is proven that without any one of them the others can.
    """

    demands: tuple[Demand, ...]
    minimal: bool


def _never() -> bool:
    return False


def smallest_conflict(
    problem: Problem,
    demands: Sequence[Demand] | None = None,
    *,
    work: float = WORK_PER_SOLVE,
    stop: Stop = _never,
) -> Conflict | None:
    """Demands that are proven not to hold together, and of which none can be spared.

    Halves are tried first (QuickXplain, Junker 2004), so that a few out of thousands
    are found with few solves. Coverage always stays and is not named.

    Parameters
    ----------
    demands
        To look among; all of the problem's by default.
    work
        Deterministic time for each solve.

    Returns
    -------
    None where it is not proven within the limits that all of them conflict.
    """
    search = _Search(problem, work, stop)
    every = list(demands_of(problem) if demands is None else demands)
    if search.status(every) is not Status.INFEASIBLE:
        return None
    if search.status([]) is Status.INFEASIBLE:
        return Conflict((), True)
    found = search.among([], False, every)
    order = {id(demand): position for position, demand in enumerate(every)}
    found.sort(key=lambda demand: order[id(demand)])
    return Conflict(tuple(found), search.certain)


class _Search:
    def __init__(self, problem: Problem, work: float, stop: Stop) -> None:
        self.problem, self.work, self.stop = problem, work, stop
        self.certain = True

    def status(self, demands: Sequence[Demand]) -> Status:
        return status_of(self.problem, demands, self.work, self.stop)

    def among(self, kept: list[Demand], more: bool, open_ones: list[Demand]) -> list[Demand]:
        """Demands of the open ones that conflict with what is kept anyway."""
        if more:
            status = self.status(kept)
            if status is Status.INFEASIBLE:
                return []
            # What a limit left open is taken for possible: the set stays a conflict.
            self.certain &= status is not Status.UNKNOWN
        if len(open_ones) == 1:
            return list(open_ones)
        first, second = open_ones[: len(open_ones) // 2], open_ones[len(open_ones) // 2 :]
        of_second = self.among(kept + first, True, second)
        of_first = self.among(kept + of_second, bool(of_second), first)
        return of_first + of_second


def status_of(
    problem: Problem, demands: Sequence[Demand], work: float = WORK_PER_SOLVE, stop: Stop = _never
) -> Status:
    """Whether some demands can hold together."""
    model = model_of(problem, demands)
    if model.items and not np.logical_or.reduceat(model.allowed, model.start).all():
        return Status.INFEASIBLE
    return solve_exact(model, Effort(work=work), stop=stop).status


@dataclass(frozen=True)
class Amount:
    """What one owner carries of what a rule limits, in the rule's unit.

    Parameters
    ----------
    lower, upper
        What the rule demands; infinite where it demands nothing, NaN where that
        depends on the plan.
    least, most
        With all other demands of the conflict kept, no less and no more than this can
        be carried, proven.
    """

    owner: str
    lower: float
    upper: float
    least: float
    most: float


def amount_of(
    problem: Problem, conflict: Conflict, demand: Demand, work: float = WORK_PER_SOLVE
) -> Amount | None:
    """How much an owner must, and can, carry when the other demands of a conflict hold.

    None for demands that limit no amount.
    """
    if demand.owner is None:
        return None
    limits = next(
        (r for r in model_of(problem, [demand]).resources if r.name == demand.part.name), None
    )
    if limits is None:
        return None
    others = [other for other in conflict.demands if other is not demand]
    model = model_of(problem, [*others, _without_limits(demand)])
    resource = next(r for r in model.resources if r.name == demand.part.name)
    mine = np.where(model.pair_owners() == demand.owner, resource.values, 0.0)
    largest = np.maximum.reduceat(mine, model.start)
    spared = largest[model.pair_items()] - mine
    least, less = (
        solve_exact(dataclasses.replace(model, cost=cost, constant=0.0), Effort(work=work)).bound
        for cost in (mine, spared)
    )
    most = float(largest.sum()) - less
    moves = limits.relative
    return Amount(
        problem.owners.ids[demand.owner],
        math.nan if moves and limits.lower_share[demand.owner] else limits.lower[demand.owner],
        math.nan if moves and limits.upper_share[demand.owner] else limits.upper[demand.owner],
        least,
        most,
    )


def _without_limits(demand: Demand) -> Demand:
    """The demand of nobody: its resource stays in the model and limits none."""
    return dataclasses.replace(demand, owner=-1)
