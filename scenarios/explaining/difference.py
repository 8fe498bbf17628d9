"""How another plan differs from the one explained: by objective, by terms, by hands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...models.evaluation import Evaluation
from ...models.objective import Stage
from ...models.plan import Status
from ...models.problem import Problem
from ...models.terms import stage_terms
from ...optimizer.territories.result import TerritoryResult
from .subject import Subject

#: Share of a value below which two are the same.
SAME = 1e-6


@dataclass(frozen=True)
class Difference:
    """Another plan against the one explained; positive is worse.

    Parameters
    ----------
    stage, unit
        The first stage of the objective that differs, and its unit; the last one where
        none does.
    cost
        Its value in the other plan less that in this one.
    least
        No plan of the other kind costs less than this, proven; None where nothing is
        proven of this stage or one before.
    terms
        Natural terms that change: name, amount, unit.
    units
        Units that other reps have than in the plan explained.
    """

    stage: str
    unit: str
    cost: float
    least: float | None
    terms: tuple[tuple[str, float, str], ...]
    units: int


def difference_of(subject: Subject, other: TerritoryResult) -> Difference:
    """Compare the plan of another solve with the one explained, stage by stage."""
    problem, ours, theirs = subject.problem, subject.evaluation, other.evaluation
    if ours is None or theirs is None or other.plan is None or subject.plan is None:
        raise ValueError("both need a plan")
    decisive = problem.objective.stages[-1]
    for stage in problem.objective.stages:
        mine, its = ours.objectives[stage.name], theirs.objectives[stage.name]
        if abs(its - mine) > SAME * max(1.0, abs(mine)):
            decisive = stage
            break
    mine = ours.objectives[decisive.name]
    bound = _bound_of(other, decisive.name)
    changed = np.flatnonzero(other.plan.owner != subject.plan.owner)
    wholes = {problem.units.wholes[int(problem.covers.unit[cover])] for cover in changed}
    return Difference(
        decisive.name,
        unit_of(problem, decisive, ours),
        theirs.objectives[decisive.name] - mine,
        None if bound is None else bound - mine,
        tuple(
            (name, theirs.terms[name].value - term.value, term.unit)
            for name, term in ours.terms.items()
            if name in theirs.terms
            and abs(theirs.terms[name].value - term.value) > SAME * max(1.0, abs(term.value))
        ),
        len(wholes),
    )


def unit_of(problem: Problem, stage: Stage, evaluation: Evaluation) -> str:
    """Unit of a stage's value: that of its one term, or points of the weights."""
    terms = stage_terms(problem, stage)
    if len(terms) == 1 and terms[0].weight == 1.0 and terms[0].name in evaluation.terms:
        return evaluation.terms[terms[0].name].unit
    return "points of the objective"


def _bound_of(other: TerritoryResult, name: str) -> float | None:
    """Bound of a stage that also holds for plans that are better in the stages before."""
    for stage in other.stages:
        if stage.name == name:
            known = stage.bound is not None and math.isfinite(stage.bound)
            return stage.bound if known else None
        if stage.status is not Status.OPTIMAL:
            return None
    return None
