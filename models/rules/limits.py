"""Rules that limit what one owner carries: capacity, balance, counts, travel, nights."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..arrays import FloatArray
from ..errors import did_you_mean
from ..fair_share import BY_CAPACITY, EQUAL, share_weights
from ..totals import measure_problem, measure_unit, owner_totals
from .base import TOLERANCE, Rule, Violation

if TYPE_CHECKING:
    from ..plan import Plan
    from ..problem import Problem


def unknown_owners(problem: Problem, owners: Iterable[str]) -> list[str]:
    """Say which of the owners the problem does not know."""
    known = problem.owner_index
    return [
        f"there is no owner {owner!r}; {did_you_mean(owner, known)}"
        for owner in owners
        if owner not in known
    ]


def outside(
    rule: Rule,
    problem: Problem,
    owners: range,
    totals: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    unit: str,
) -> list[Violation]:
    """Violations of owners whose total lies outside [lower, upper]; all arrays (owners,)."""
    found = []
    for position, owner in enumerate(owners):
        total, low, high = totals[owner], lower[position], upper[position]
        excess = max(total - high, low - total)
        scale = max(1.0, abs(high) if total > high else abs(low))
        if excess > TOLERANCE * scale:
            found.append(Violation(rule.name, problem.owners.ids[owner], float(excess), unit))
    return found


@dataclass(frozen=True, kw_only=True)
class TeamRule(Rule):
    """A rule that holds for the owners of some teams; all teams where none is named."""

    teams: tuple[str, ...] = ()

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name teams that do not exist."""
        known = {team.name for team in problem.teams}
        return tuple(
            f"there is no team {name!r}; {did_you_mean(name, known)}"
            for name in self.teams
            if name not in known
        )


@dataclass(frozen=True, kw_only=True)
class TotalsRule(TeamRule):
    """A rule that asks only what each owner carries of one measure."""

    @property
    @abstractmethod
    def measured(self) -> str:
        """The measure; see :mod:`teig.models.totals`."""

    @abstractmethod
    def check_totals(self, problem: Problem, totals: FloatArray) -> tuple[Violation, ...]:
        """By how much totals of the measure break the rule, (owners,)."""

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Amounts by which owners break the rule."""
        return self.check_totals(problem, owner_totals(problem, plan, self.measured))


@dataclass(frozen=True, kw_only=True)
class Capacity(TotalsRule):
    """Load (workload and travel, hours) within the owner's hours times ``limit``."""

    kind: ClassVar[str] = "capacity"
    unit_of_amounts: ClassVar[str] = "hours"
    limit: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.limit > 0:
            raise ValueError("the limit of capacity must be positive")

    @property
    def measured(self) -> str:
        """The measure."""
        return "load"

    def check_totals(self, problem: Problem, totals: FloatArray) -> tuple[Violation, ...]:
        """Hours above the limit, owner by owner."""
        found: list[Violation] = []
        for team in problem.owner_teams(self.teams):
            owners = problem.teams[team].owners
            hours = problem.owners.hours[owners.start : owners.stop] * self.limit
            high = np.where(
                problem.owners.holds_territory[owners.start : owners.stop], hours, np.inf
            )
            low = np.full(len(owners), -np.inf)
            found += outside(self, problem, owners, totals, low, high, self.unit_of_amounts)
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Balance(TotalsRule):
    """A measure within ``tolerance`` of each owner's fair share of the team's total.

    The total is what the owners with a territory of their own carry together; for
    measures with travel it depends on the plan.

    Parameters
    ----------
    measure
        See :mod:`teig.models.totals`.
    tolerance
        Share of the fair share, 0.1 for ±10 %.
    target
        ``capacity`` (by hours), ``equal``, or weights by owner id.
    """

    kind: ClassVar[str] = "balance"
    measure: str = "load"
    tolerance: float = 0.1
    target: str | Mapping[str, float] = BY_CAPACITY

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", f"balance_{self.measure}")
        super().__post_init__()
        if not 0 <= self.tolerance <= 1:
            raise ValueError("the tolerance of balance is a share from 0 to 1; 0.15 for 15 %")
        if isinstance(self.target, str) and self.target not in (BY_CAPACITY, EQUAL):
            raise ValueError("the target of balance is 'capacity', 'equal' or weights by owner")

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown measures, teams and owners."""
        found = list(super().problems(problem))
        fault = measure_problem(problem, self.measure)
        if fault:
            found.append(fault)
        if not isinstance(self.target, str):
            found += unknown_owners(problem, sorted(self.target))
        return tuple(found)

    def amount_unit(self, problem: Problem) -> str:
        """That of the measure."""
        return measure_unit(problem, self.measure)

    @property
    def measured(self) -> str:
        """The measure."""
        return self.measure

    def check_totals(self, problem: Problem, totals: FloatArray) -> tuple[Violation, ...]:
        """Amounts outside the tolerance, owner by owner."""
        unit = self.amount_unit(problem)
        found: list[Violation] = []
        for team in problem.owner_teams(self.teams):
            owners = problem.teams[team].owners
            span = slice(owners.start, owners.stop)
            part = problem.owners.holds_territory[span]
            share = share_weights(problem, team, self.target)
            fair = share * totals[span][part].sum()
            low = np.where(part, fair * (1 - self.tolerance), -np.inf)
            high = np.where(part, fair * (1 + self.tolerance), np.inf)
            found += outside(self, problem, owners, totals, low, high, unit)
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class MeasureRange(TotalsRule):
    """A measure of each owner between a minimum and a maximum.

    With the measure ``units`` or ``accounts`` it is the minimum and maximum number;
    with ``travel_hours`` a limit on time on the road.
    """

    kind: ClassVar[str] = "range"
    measure: str = "units"
    minimum: float = float("-inf")
    maximum: float = float("inf")

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", f"range_{self.measure}")
        super().__post_init__()
        if not self.minimum <= self.maximum:
            raise ValueError("the minimum must not be above the maximum")

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown measures and teams."""
        found = list(super().problems(problem))
        fault = measure_problem(problem, self.measure)
        if fault:
            found.append(fault)
        return tuple(found)

    def amount_unit(self, problem: Problem) -> str:
        """That of the measure."""
        return measure_unit(problem, self.measure)

    @property
    def measured(self) -> str:
        """The measure."""
        return self.measure

    def check_totals(self, problem: Problem, totals: FloatArray) -> tuple[Violation, ...]:
        """Amounts outside the range, owner by owner."""
        unit = self.amount_unit(problem)
        found: list[Violation] = []
        for team in problem.owner_teams(self.teams):
            owners = problem.teams[team].owners
            part = problem.owners.holds_territory[owners.start : owners.stop]
            low = np.where(part, self.minimum, -np.inf)
            high = np.where(part, self.maximum, np.inf)
            found += outside(self, problem, owners, totals, low, high, unit)
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Overnights(TotalsRule):
    """At most ``maximum`` nights away from home per owner in the plan period."""

    kind: ClassVar[str] = "overnights"
    unit_of_amounts: ClassVar[str] = "nights"
    maximum: float = 40.0

    @property
    def measured(self) -> str:
        """The measure."""
        return "nights"

    def check_totals(self, problem: Problem, totals: FloatArray) -> tuple[Violation, ...]:
        """Nights above the limit, owner by owner."""
        found: list[Violation] = []
        for index in problem.owner_teams(self.teams):
            owners = problem.teams[index].owners
            low, high = np.full(len(owners), -np.inf), np.full(len(owners), self.maximum)
            found += outside(self, problem, owners, totals, low, high, self.unit_of_amounts)
        return tuple(found)
