"""The record of a solve: what is known of it at any moment, also asked from another thread."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ....models.arrays import IndexArray
from ....models.objective import Stage
from ....models.plan import Plan
from ....models.problem import Problem
from ...explain import Cornered
from ..clock import Clock
from ..model import AssignmentModel
from ..verification import verified_value
from .outcome import UNKNOWN, Outcome, value_unit


@dataclass(frozen=True, eq=False)
class Known:
    """What is known in the middle of a solve, as one thing that is replaced as a whole.

    Parameters
    ----------
    plan, outcomes
        Of the stages before, the best plan so far and what is known of each.
    stage
        The stage at hand; None while a plan to begin from is looked for.
    model, outcome
        The best plan of the stage at hand, its value and bound.
    """

    plan: Plan | None = None
    outcomes: tuple[tuple[Stage, Outcome], ...] = ()
    stage: Stage | None = None
    model: AssignmentModel | None = None
    outcome: Outcome = UNKNOWN


class Record:
    """What a solve has found out.

    Attributes
    ----------
    known
        Plans and bounds so far.
    outcomes
        Of the stages that are done, in order.
    nearest
        Where a search found no plan, what came nearest to one.
    cornered
        Items of which it is proven that no owner can have them.
    """

    nearest: Plan | None = None
    cornered: tuple[Cornered, ...] = ()

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.known = Known()
        self.outcomes: list[tuple[Stage, Outcome]] = []

    def open(self, stage: Stage, plan: Plan | None) -> None:
        """Begin a stage, with the best plan so far."""
        self.known = Known(plan, tuple(self.outcomes), stage)

    def close(self, stage: Stage, outcome: Outcome) -> None:
        """Take down what came of a stage."""
        self.outcomes.append((stage, outcome))

    def better(self, model: AssignmentModel, owners: IndexArray, value: float) -> None:
        """Remember a better plan of the stage at hand."""
        if value < self.known.outcome.value:
            unit = value_unit(model, owners, value)
            outcome = replace(self.known.outcome, owners=owners, value=value, unit=unit)
            self.known = replace(self.known, model=model, outcome=outcome)
            self.clock.found = True

    def bounded(self, bound: float) -> None:
        """Remember a better bound of the stage at hand."""
        if math.isfinite(bound) and bound > self.known.outcome.bound:
            self.known = replace(self.known, outcome=replace(self.known.outcome, bound=bound))

    def so_far(self, problem: Problem) -> tuple[Plan | None, list[tuple[Stage, Outcome]]]:
        """Plan and outcomes at this moment, the stage at hand among them, verified."""
        known = self.known
        plan, outcomes, outcome = known.plan, list(known.outcomes), known.outcome
        if known.model is not None and outcome.owners is not None:
            plan = Plan(known.model.cover_owners(outcome.owners))
            if known.stage is not None:
                verified_value(problem, plan, known.stage, outcome.value, outcome.unit)
        if known.stage is not None:
            outcomes.append((known.stage, outcome))
        return plan, outcomes
