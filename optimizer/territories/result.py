"""What a solve returns: the plan, what is proven of it, and why it stopped."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ...models.arrays import IndexArray
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


class Running(Protocol):
    """A solve that goes on."""

    def result(self) -> TerritoryResult:
        """What it would return now."""
        ...

    def interrupt(self) -> None:
        """Let it end."""
        ...


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
    _running: Running | None = field(default=None, repr=False, compare=False)

    def result(self) -> TerritoryResult:
        """The best plan so far with its bounds, evaluated and verified when asked for.

        ``stopped_by`` is ``running``; ``plan`` is None as long as there is none. May be
        asked at any time, from any thread: what counts is the moment of the question.

        Raises
        ------
        RuntimeError
            In another process than the one that solves.
        VerificationError
            When the independent evaluation disagrees with the solver: a defect.
        """
        return self._solve().result()

    def stop(self) -> None:
        """End the solve as Ctrl-C does: it returns its best plan, ``interrupted``.

        Raises
        ------
        RuntimeError
            In another process than the one that solves.
        """
        self._solve().interrupt()

    def _solve(self) -> Running:
        if self._running is None:
            raise RuntimeError("only the process that solves knows the plan and can be stopped")
        return self._running

    def __reduce__(self) -> tuple[type[Progress], tuple[str, float | None, float | None, float]]:
        # A word that is sent to another process leaves the solve behind.
        return Progress, (self.what, self.best, self.bound, self.seconds)


Listener = Callable[[Progress], None]

Told = Callable[[str, float | None, float | None, IndexArray | None], None]
"""Takes what is done, value of the best plan, bound, and that plan in the solver's own terms."""


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
        ``proof``, ``gap``, ``work``, ``time`` or ``interrupted``; ``running`` in what a
        solve that goes on is asked for.
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
