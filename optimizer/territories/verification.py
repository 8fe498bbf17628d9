"""After every solve: the plan measured again by code that shares nothing with the solver."""

from __future__ import annotations

from ...models.evaluation import Evaluation, evaluate
from ...models.objective import Stage
from ...models.placement import placed
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.terms import stage_value


class VerificationError(RuntimeError):
    """The solver and the evaluation disagree: a defect, never the input's fault."""


def verified_value(
    problem: Problem, plan: Plan, stage: Stage, claimed: float, unit: float
) -> float:
    """Evaluate a stage and compare what the solver claims of it.

    Parameters
    ----------
    unit
        Within what rounding the claim is meant.

    Raises
    ------
    VerificationError
        When it is off by more.
    """
    value = stage_value(placed(problem, plan), plan, stage)
    if abs(value - claimed) > unit + 1e-9 * max(1.0, abs(value)):
        text = f"stage {stage.name}: the solver says {claimed!r}, the evaluation {value!r}"
        raise VerificationError(f"{text} (rounding unit {unit!r})")
    return value


def verified(problem: Problem, plan: Plan) -> Evaluation:
    """Evaluate a plan that the solver says keeps every hard rule.

    Raises
    ------
    VerificationError
        When it does not.
    """
    found = evaluate(problem, plan)
    if not found.feasible:
        hard = {rule.name for rule in placed(problem, plan).rules if rule.hard} | {"coverage"}
        broken = [violation for violation in found.violations if violation.rule in hard]
        raise VerificationError(f"the solver's plan breaks hard rules: {broken[:3]}")
    return found


def verified_limit(problem: Problem, plan: Plan, stage: Stage, limit: float) -> None:
    """Evaluate a stage that the solver was to keep within a limit.

    Raises
    ------
    VerificationError
        When it is above, by more than rounding may cost.
    """
    value = stage_value(problem, plan, stage)
    if value > limit + 1e-6 * max(1.0, abs(limit)):
        raise VerificationError(f"stage {stage.name}: {value!r} is above its limit {limit!r}")
