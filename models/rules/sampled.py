"""A rule on totals as it would hold in one possible future."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..arrays import FloatArray, frozen_floats
from ..objective import Objective
from .base import Rule, Violation
from .limits import TotalsRule

if TYPE_CHECKING:
    from ..plan import Plan
    from ..problem import Problem


@dataclass(frozen=True, eq=False)
class Future:
    """Factors of one sample, for one problem.

    Parameters
    ----------
    potential, workload
        On potential and sales, and on workload and visits, of each unit, (units,).
    minutes
        On the minutes to each unit, (units,).
    kilometres
        On all kilometres.
    """

    potential: FloatArray
    workload: FloatArray
    minutes: FloatArray
    kilometres: float = 1.0

    def __post_init__(self) -> None:
        for name in ("potential", "workload", "minutes"):
            object.__setattr__(self, name, frozen_floats(getattr(self, name)))

    def of(self, problem: Problem) -> Problem:
        """The problem as it is in this future, without its rules."""
        covers, unit = problem.covers, problem.covers.unit
        measures = {
            name: values * self.potential[unit] if name in ("potential", "sales") else values
            for name, values in covers.measures.items()
        }
        work = self.workload[unit]
        teams = tuple(
            dataclasses.replace(
                team,
                minutes=team.minutes
                * self.minutes[unit[team.covers.start : team.covers.stop], None],
                kilometres=team.kilometres * self.kilometres,
            )
            for team in problem.teams
        )
        return problem.replace(
            covers=dataclasses.replace(
                covers,
                measures=measures,
                workload=covers.workload * work,
                visits=covers.visits * work,
            ),
            teams=teams,
            rules=(),
            objective=Objective.weighted({"travel_hours": 1.0}),
        )


@dataclass(frozen=True, kw_only=True)
class UnderFuture(Rule):
    """A rule on totals in one future, so that a plan can be chosen for several.

    Parameters
    ----------
    rule
        What is asked for.
    future
        Where.
    """

    kind: ClassVar[str] = "under_future"
    rule: TotalsRule
    future: Future = dataclasses.field(
        default_factory=lambda: Future(np.ones(0), np.ones(0), np.ones(0))
    )

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """What is wrong with the rule itself, and factors that do not fit."""
        sizes = {len(getattr(self.future, name)) for name in ("potential", "workload", "minutes")}
        wrong = () if sizes == {len(problem.units)} else ("the future is that of other units",)
        return (*self.rule.problems(problem), *wrong)

    def amount_unit(self, problem: Problem) -> str:
        """That of the rule in the future."""
        return self.rule.amount_unit(problem)

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """By how much the rule is broken in the future."""
        found = self.rule.check(self.future.of(problem), plan)
        return tuple(dataclasses.replace(violation, rule=self.name) for violation in found)
