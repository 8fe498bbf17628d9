"""Problems whose bases are free: location and alignment together.

Where the model of centres knows all rules and terms, it is solved as a whole, to proof.
Else bases and the alignment to them take turns (:mod:`.turns`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ....models.arrays import IndexArray
from ....models.placement import located
from ....models.plan import Plan, Status
from ....models.problem import Problem
from ..clock import Clock
from ..result import TerritoryResult
from ..single_stage import single_stage_result
from .compile import whole_model
from .model import CentreModel
from .solve import CentreResult, solve_centres
from .turns import Solve, Turns

WORK = 20_000.0
"""Million pairs priced where a problem is solved as a whole; the usual effort."""


def solve_placing(
    problem: Problem,
    solve: Solve,
    *,
    work: float,
    gap: float,
    seed: int,
    start: Plan | None,
    clock: Clock,
    versions: dict[str, str],
) -> TerritoryResult:
    """Choose bases and territories together; the plan names the centre of each owner.

    Parameters
    ----------
    solve
        How a problem with bases is solved.
    """
    model = whole_model(problem)
    if model is not None:
        return _whole(problem, model, work, gap, seed, start, clock, versions)
    turns = Turns(problem, solve, work=work, seed=seed, start=start, clock=clock, versions=versions)
    return turns.run()


def _whole(
    problem: Problem,
    model: CentreModel,
    work: float,
    gap: float,
    seed: int,
    start: Plan | None,
    clock: Clock,
    versions: dict[str, str],
) -> TerritoryResult:
    """Solve all of a problem as one of centres."""
    known = CentreResult(None, Status.UNKNOWN, None, -np.inf, "running")

    def told(
        what: str, best: float | None, bound: float | None, centres: IndexArray | None
    ) -> None:
        nonlocal known
        low = known.bound if bound is None else bound
        if centres is None:
            known = replace(known, bound=low)
        else:
            known = CentreResult(centres, Status.FEASIBLE, best, low, "running")
        clock.say(what, best, bound)

    clock.so_far = lambda: _whole_result(problem, model, known, seed, clock, versions)
    found = solve_centres(
        model, work=WORK * work, seconds=clock.left(), gap=gap, start=_chosen(problem, start),
        stop=lambda: clock.interrupted, told=told,
    )  # fmt: skip
    return _whole_result(problem, model, found, seed, clock, versions)


def _chosen(problem: Problem, start: Plan | None) -> IndexArray | None:
    """Centre of each cover in a plan to begin from."""
    if start is None or (start.owner < 0).any():
        return None
    centres = located(problem, start).centres
    return None if centres is None else np.asarray(centres[start.owner])


def _whole_result(
    problem: Problem,
    model: CentreModel,
    found: CentreResult,
    seed: int,
    clock: Clock,
    versions: dict[str, str],
) -> TerritoryResult:
    plan, claimed = None, 0.0
    if found.centres is not None:
        chosen, label = np.unique(found.centres, return_inverse=True)
        centres = np.full(len(problem.owners), -1, dtype=np.int64)
        centres[: len(chosen)] = chosen
        plan, claimed = Plan(label.reshape(-1), centres), model.value(found.centres)
    return single_stage_result(
        problem, found, plan, claimed, 0.0, work=found.work, seed=seed, clock=clock,
        versions=versions,
        impossible="it is proven that no places of the bases and no plan keep the hard rules",
    )  # fmt: skip
