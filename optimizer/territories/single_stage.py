"""The result of a problem of one stage that a solver took as a whole, verified."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from ...models.plan import Plan, Status
from ...models.problem import Problem
from .clock import Clock
from .result import StageResult, TerritoryResult
from .verification import verified, verified_value


class Found(Protocol):
    """What a solver of one stage says beside its plan."""

    @property
    def status(self) -> Status:
        """Whether the plan is proven, or that there is none."""
        ...

    @property
    def bound(self) -> float:
        """What no plan can beat; not finite where nothing is known."""
        ...

    @property
    def stopped_by(self) -> str:
        """What ended the solve."""
        ...


def single_stage_result(
    problem: Problem,
    found: Found,
    plan: Plan | None,
    claimed: float,
    rounding: float,
    *,
    impossible: str,
    work: Mapping[str, float],
    seed: int,
    clock: Clock,
    versions: Mapping[str, str],
) -> TerritoryResult:
    """Evaluate the plan and put the result together.

    Parameters
    ----------
    claimed, rounding
        What the solver says of the plan, and within what rounding it is meant.
    impossible
        What is said where it is proven that there is no plan.

    Raises
    ------
    VerificationError
        When the evaluation disagrees with the solver.
    """
    stage = problem.objective.stages[0]
    evaluation = value = None
    bound: float | None = found.bound if math.isfinite(found.bound) else None
    if plan is not None:
        value = verified_value(problem, plan, stage, claimed, rounding)
        evaluation = verified(problem, plan)
        bound = None if bound is None else min(bound, value)
    said: tuple[str, ...] = ()
    if found.status is Status.INFEASIBLE:
        said = (impossible,)
    elif plan is None:
        said = ("nothing was found within the limits; it is not proven impossible",)
    return TerritoryResult(
        plan=plan,
        status=found.status,
        stages=(StageResult(stage.name, found.status, value, bound),),
        stopped_by="interrupted" if clock.interrupted else found.stopped_by,
        seed=seed,
        versions=versions,
        evaluation=evaluation,
        explanation=said,
        seconds=clock.elapsed(),
        work=work,
    )
