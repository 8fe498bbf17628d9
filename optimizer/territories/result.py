"""What a solve returns: the plan, what is proven of it, and why it stopped."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...models.evaluation import Evaluation
from ...models.plan import Plan, Status

Sense = Literal["min", "max"]


def relative_gap(objective: float, bound: float) -> float:
    """|objective − bound| / max(|objective|, 1e-9), as a fraction."""
    return abs(objective - bound) / max(abs(objective), 1e-9)


@dataclass(frozen=True)
class StageResult:
    """What is known of one stage of the objective.

    Parameters
    ----------
    objective
        Value of the plan, None without one.
    bound
        What no plan that keeps the hard rules and the stages before can beat.
    """

    name: str
    status: Status
    objective: float | None
    bound: float | None
    sense: Sense = "min"

    @property
    def gap(self) -> float | None:
        """Distance of the plan from the bound, a fraction of the plan's value."""
        if self.objective is None or self.bound is None or not math.isfinite(self.bound):
            return None
        return relative_gap(self.objective, self.bound)


@dataclass(frozen=True)
class Progress:
    """A word from a running solve.

    Parameters
    ----------
    what
        What is being done, in a few words for people.
    best, bound
        Of the stage at hand; None while unknown.
    seconds
        Since the solve began.
    """

    what: str
    best: float | None
    bound: float | None
    seconds: float


Listener = Callable[[Progress], None]


@dataclass(frozen=True, eq=False)
class TerritoryResult:
    """A solved territory problem.

    Parameters
    ----------
    plan
        The best plan, None where there is none.
    status
        Of the whole: optimal only when every stage is.
    stages
        One result per stage of the objective, in order.
    stopped_by
        ``proof``, ``gap``, ``work``, ``time`` or ``interrupted``.
    evaluation
        The plan measured by code that shares nothing with the solver.
    explanation
        For people: why there is no plan, or what stands out in it.
    work
        Amount of work done, in the solver's own deterministic unit.
    """

    plan: Plan | None
    status: Status
    stages: tuple[StageResult, ...]
    stopped_by: str
    seed: int
    versions: Mapping[str, str]
    evaluation: Evaluation | None = None
    explanation: tuple[str, ...] = ()
    seconds: float = 0.0
    work: Mapping[str, float] = field(default_factory=dict)
