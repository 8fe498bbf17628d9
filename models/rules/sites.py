"""A rule on what can be carried from where a base lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..arrays import FloatArray
from ..totals import is_measure, measure_unit, owner_totals
from .base import Violation
from .limits import TeamRule, outside
from .pairs import named_covers, unknown_units

if TYPE_CHECKING:
    from ..plan import Plan
    from ..problem import Problem


@dataclass(frozen=True, kw_only=True)
class SiteCapacity(TeamRule):
    """What an owner carries of a measure is at most what the site of its base can carry.

    It concerns owners in ``bases`` and owners whose base the optimizer places.

    Parameters
    ----------
    measure
        See :mod:`teig.models.totals`.
    capacity
        Column of the units with what a base there can carry, in the unit of ``measure``.
    bases
        Unit id of the base by owner id.
    """

    kind: ClassVar[str] = "site_capacity"
    measure: str = "workload"
    capacity: str = ""
    bases: Mapping[str, str] = field(default_factory=dict)

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown measures, units and owners."""
        found = list(super().problems(problem))
        if not is_measure(problem, self.measure):
            found.append(f"there is no measure {self.measure!r}")
        if self.capacity not in problem.covers.measures:
            found.append(f"the units have no column {self.capacity!r}")
        found += unknown_units(problem, tuple(self.bases.values()))
        found += [
            f"there is no owner {owner!r}"
            for owner in sorted(self.bases)
            if owner not in problem.owner_index
        ]
        return tuple(found)

    def limits(self, problem: Problem) -> FloatArray:
        """What each owner may carry, (owners,); inf where the rule does not concern it.

        Of a unit in parts the parts add up.
        """
        limits = np.full(len(problem.owners), np.inf)
        columns = problem.covers.measures[self.capacity]
        concerned = problem.owner_teams(self.teams)
        for owner, unit in sorted(self.bases.items()):
            index = problem.owner_index[owner]
            team = int(problem.owners.team[index])
            if team in concerned:
                covers = named_covers(problem, unit, problem.teams[team].name)
                limits[index] = float(columns[list(covers)].sum())
        return limits

    def amount_unit(self, problem: Problem) -> str:
        """That of the measure."""
        return measure_unit(problem, self.measure)

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Amounts above the site's capacity, owner by owner."""
        totals = owner_totals(problem, plan, self.measure)
        none = np.full(len(problem.owners), -np.inf)
        owners = range(len(problem.owners))
        unit = self.amount_unit(problem)
        return tuple(outside(self, problem, owners, totals, none, self.limits(problem), unit))
