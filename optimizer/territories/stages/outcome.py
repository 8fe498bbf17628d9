"""What is known of one stage: its best plan, the plan's value, and what none can beat."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ....models.arrays import IndexArray
from ....models.objective import Stage
from ....models.plan import Status
from ..measures import overlooked
from ..model import AssignmentModel
from ..result import StageResult, relative_gap

#: Share of a stage's value that floating point may cost an earlier stage.
SLACK = 1e-9

#: How far the search's own sums may be from the evaluation's, a share.
SEARCH_UNIT = 1e-7


@dataclass(frozen=True, eq=False)
class Outcome:
    """What is known of a stage: owners of items, their value within a unit, a bound."""

    owners: IndexArray | None
    value: float
    unit: float
    bound: float
    proven: bool
    stopped_by: str

    def within(self, gap: float) -> bool:
        """Whether there is a plan that is proven within a share of its value."""
        if self.owners is None or not math.isfinite(self.bound):
            return False
        return relative_gap(self.value, self.bound) <= gap


#: Nothing is known.
UNKNOWN = Outcome(None, math.inf, 0.0, -math.inf, False, "work")

#: There is no plan.
IMPOSSIBLE = Outcome(None, math.inf, 0.0, math.inf, True, "proof")


def with_remainder(best: Outcome, found: Outcome) -> Outcome:
    """Put together a plan with what CP-SAT says of the pairs that a better plan may hold."""
    if found.proven and found.owners is None:
        # No better plan: the known one is the best, or there is none at all.
        bound = best.value if best.owners is not None else math.inf
        return replace(best, bound=bound, proven=True, stopped_by="proof")
    bound = max(best.bound, min(found.bound, best.value))
    if found.owners is not None and found.value <= best.value:
        return replace(found, bound=max(found.bound, min(bound, found.value)))
    return replace(best, bound=bound, stopped_by=found.stopped_by)


def value_unit(model: AssignmentModel, owners: IndexArray, value: float) -> float:
    """How far a plan's value by the model may be from the evaluation's."""
    return SEARCH_UNIT * max(1.0, abs(value)) + overlooked(model, owners)


def stage_result(stage: Stage, outcome: Outcome | None, value: float | None) -> StageResult:
    """Say what is known of a stage.

    Parameters
    ----------
    outcome
        None where the solve did not come to the stage.
    value
        Of the plan, as the evaluation has it; None without a plan.
    """
    if outcome is None:
        return StageResult(
            stage.name, Status.UNKNOWN if value is None else Status.FEASIBLE, value, None
        )
    if value is None:
        status = Status.INFEASIBLE if outcome.proven else Status.UNKNOWN
        return StageResult(stage.name, status, None, None if outcome.proven else outcome.bound)
    # A value at its bound is proven, whoever found it: soft limits that all hold, say.
    closed = value - outcome.bound <= SLACK * max(1.0, abs(value))
    proven = outcome.owners is not None and (outcome.proven or closed)
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    bound = min(outcome.bound, value) if math.isfinite(outcome.bound) else None
    return StageResult(stage.name, status, value, bound)
