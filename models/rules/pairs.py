"""Rules on who may have which unit: coverage, locks, skills, distance, home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..arrays import BoolArray, FloatArray, IndexArray
from ..errors import did_you_mean
from ..totals import served_pairs, travelled_pairs
from .base import TOLERANCE, Rule, Violation
from .limits import TeamRule, unknown_owners

if TYPE_CHECKING:
    from ..plan import Plan
    from ..problem import Problem


@dataclass(frozen=True, kw_only=True)
class Coverage(Rule):
    """Every cover has exactly one owner of its team who may take it. Always hard.

    A closed owner (the house, a partner) may take what a lock gives it; an owner
    that travels may take what there is a way to.
    """

    kind: ClassVar[str] = "coverage"
    unit_of_amounts: ClassVar[str] = "covers"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.hard:
            raise ValueError("coverage is always hard")

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Covers without an owner of their team who may take them."""
        kept = np.zeros(len(problem.covers), dtype=np.bool_)
        for index, team in enumerate(problem.teams):
            covers, owners = served_pairs(problem, plan, index)
            minutes = team.minutes[covers - team.covers.start, owners - team.owners.start]
            no_way = problem.owners.holds_territory[owners] & np.isnan(minutes)
            may = problem.owners.opens[owners] | self._locked(problem, covers, owners)
            kept[covers] = may & ~no_way
        return tuple(
            Violation(self.name, cover_name(problem, cover), 1.0, self.unit_of_amounts)
            for cover in np.flatnonzero(~kept).tolist()
        )

    @staticmethod
    def _locked(problem: Problem, covers: IndexArray, owners: IndexArray) -> BoolArray:
        """Whether a lock, hard or soft, gives a closed owner what it has, pair by pair."""
        found = np.zeros(len(covers), dtype=np.bool_)
        closed = np.flatnonzero(~problem.owners.opens[owners])
        if closed.size:
            locked = {
                (cover, problem.owner_index[owner])
                for rule in problem.rules
                if isinstance(rule, Lock)
                for unit, owner in rule.owners.items()
                for cover in rule.covers(problem, unit, owner)
            }
            for at in closed.tolist():
                found[at] = (int(covers[at]), int(owners[at])) in locked
        return found


def cover_name(problem: Problem, cover: int) -> str:
    """Name a cover for people: the unit's id, with the team where there are several."""
    unit = problem.units.ids[int(problem.covers.unit[cover])]
    if len(problem.teams) == 1:
        return unit
    return f"{unit} ({problem.teams[problem.covers.team[cover]].name})"


def named_covers(problem: Problem, unit: str, team: str = "") -> tuple[int, ...]:
    """Covers of a unit (all parts of a whole, or one part), of one team or of all."""
    index = problem.unit_index.get(unit)
    covers = problem.covers_of_whole.get(unit, ())
    if not covers and index is not None:
        covers = tuple(int(cover) for cover in np.flatnonzero(problem.covers.unit == index))
    if not team:
        return covers
    return tuple(
        cover for cover in covers if problem.teams[problem.covers.team[cover]].name == team
    )


#: Unknown units for which a like name is looked for.
_SUGGESTIONS = 5


def unknown_units(problem: Problem, units: tuple[str, ...]) -> list[str]:
    """Say which of the units nobody covers."""
    unknown = [unit for unit in units if not named_covers(problem, unit)]
    known = problem.covers_of_whole
    return [
        f"no team covers a unit {unit!r}"
        # Comparing with thousands of names takes its time.
        + (f"; {did_you_mean(unit, known)}" if position < _SUGGESTIONS else "")
        for position, unit in enumerate(unknown)
    ]


@dataclass(frozen=True, kw_only=True)
class Lock(Rule):
    """Named units belong to the named owner of its team, all parts of them.

    With a ``reason`` it is a named account: the reason is shown beside the unit.
    """

    kind: ClassVar[str] = "lock"
    unit_of_amounts: ClassVar[str] = "covers"
    owners: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown units and owners."""
        found = unknown_units(problem, tuple(self.owners))
        for unit, owner in sorted(self.owners.items()):
            if owner not in problem.owner_index:
                found += [
                    f"{said} (for unit {unit!r})" for said in unknown_owners(problem, [owner])
                ]
            elif named_covers(problem, unit) and not self.covers(problem, unit, owner):
                found.append(f"{owner!r} is not of a team that covers unit {unit!r}")
        return tuple(found)

    def covers(self, problem: Problem, unit: str, owner: str) -> tuple[int, ...]:
        """Covers of the unit in the owner's team."""
        index = problem.owner_index[owner]
        return named_covers(problem, unit, problem.teams[problem.owners.team[index]].name)

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Locked covers that somebody else has."""
        return tuple(
            Violation(self.name, cover_name(problem, cover), 1.0, self.unit_of_amounts)
            for unit, owner in sorted(self.owners.items())
            for cover in self.covers(problem, unit, owner)
            if plan.owner[cover] != problem.owner_index[owner]
        )


@dataclass(frozen=True, kw_only=True)
class Forbid(Rule):
    """Named owners must not have named units: pairs (unit, owner)."""

    kind: ClassVar[str] = "forbid"
    unit_of_amounts: ClassVar[str] = "covers"
    pairs: tuple[tuple[str, str], ...] = ()

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown units and owners."""
        found = unknown_units(problem, tuple(unit for unit, _ in self.pairs))
        found += unknown_owners(problem, (owner for _, owner in self.pairs))
        return tuple(found)

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Forbidden pairs in the plan."""
        return tuple(
            Violation(self.name, cover_name(problem, cover), 1.0, self.unit_of_amounts)
            for unit, owner in self.pairs
            for cover in named_covers(problem, unit)
            if plan.owner[cover] == problem.owner_index[owner]
        )


@dataclass(frozen=True, kw_only=True)
class Skills(TeamRule):
    """The owner has every skill that the unit asks for (the house and partners too)."""

    kind: ClassVar[str] = "skills"
    unit_of_amounts: ClassVar[str] = "skills"

    def lacking(self, problem: Problem, cover: int, owner: int) -> frozenset[str]:
        """Skills that the owner lacks for the cover."""
        unit = int(problem.covers.unit[cover])
        return problem.units.required_skills[unit] - problem.owners.skills[owner]

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Covers whose owner lacks skills; the amount counts them."""
        found = []
        needs = problem.units.required_skills
        asking = np.array([bool(skills) for skills in needs], dtype=np.bool_)
        for index in problem.owner_teams(self.teams):
            span = problem.teams[index].covers
            covers = np.arange(span.start, span.stop)
            held = covers[asking[problem.covers.unit[covers]] & (plan.owner[covers] >= 0)]
            for cover, owner in zip(held.tolist(), plan.owner[held].tolist(), strict=True):
                lacking = len(self.lacking(problem, cover, owner))
                if lacking:
                    name = cover_name(problem, cover)
                    found.append(Violation(self.name, name, float(lacking), self.unit_of_amounts))
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class MaximumDistance(TeamRule):
    """No unit farther from its owner's base than some kilometres or minutes, one way.

    Locked units and those of owners that do not travel are held to it too as far as
    the owner travels. As a soft rule the amount is the excess (km, or minutes where
    only minutes are limited).
    """

    kind: ClassVar[str] = "maximum_distance"
    kilometres: float = float("inf")
    minutes: float = float("inf")

    def excess(self, kilometres: FloatArray, minutes: FloatArray) -> FloatArray:
        """How far beyond the limit, in :attr:`unit`, with 0 within it; arrays alike."""
        if np.isfinite(self.kilometres):
            over = np.maximum(kilometres - self.kilometres, 0.0)
            if np.isfinite(self.minutes):
                # One natural unit: minutes beyond their limit count as km at a km a minute.
                over = np.maximum(over, np.maximum(minutes - self.minutes, 0.0))
            return np.asarray(over)
        return np.asarray(np.maximum(minutes - self.minutes, 0.0))

    @property
    def unit(self) -> str:
        """Natural unit of the amount."""
        return "km" if np.isfinite(self.kilometres) else "minutes"

    def amount_unit(self, problem: Problem) -> str:
        """Minutes where only they are limited, else km."""
        del problem
        return self.unit

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Covers beyond the limit."""
        found = []
        for index in problem.owner_teams(self.teams):
            team = problem.teams[index]
            covers, owners = travelled_pairs(problem, plan, index)
            rows, columns = covers - team.covers.start, owners - team.owners.start
            over = self.excess(team.kilometres[rows, columns], team.minutes[rows, columns])
            for at in np.flatnonzero(over > TOLERANCE).tolist():
                name = cover_name(problem, int(covers[at]))
                found.append(Violation(self.name, name, float(over[at]), self.unit))
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class BaseInTerritory(TeamRule):
    """A rep's territory holds the unit where the rep is based.

    Parameters
    ----------
    bases
        Unit id of the base by owner id; an owner that is not named has no home unit.
    """

    kind: ClassVar[str] = "base_in_territory"
    unit_of_amounts: ClassVar[str] = "covers"
    bases: Mapping[str, str] = field(default_factory=dict)

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown units and owners."""
        found = list(super().problems(problem))
        found += unknown_units(problem, tuple(self.bases.values()))
        found += unknown_owners(problem, sorted(self.bases))
        return tuple(found)

    def homes(self, problem: Problem) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Pairs of an owner and the covers of its home unit in its team.

        Of a unit in parts, any one part will do.
        """
        found = []
        for owner, unit in sorted(self.bases.items()):
            index = problem.owner_index[owner]
            team = int(problem.owners.team[index])
            if team in problem.owner_teams(self.teams):
                covers = named_covers(problem, unit, problem.teams[team].name)
                if covers:
                    found.append((index, covers))
        return tuple(found)

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Owners without their home unit."""
        return tuple(
            Violation(self.name, problem.owners.ids[owner], 1.0, self.unit_of_amounts)
            for owner, covers in self.homes(problem)
            if not (plan.owner[list(covers)] == owner).any()
        )


def moved(problem: Problem, plan: Plan) -> BoolArray:
    """Covers that leave an incumbent who is still there, (covers,).

    A cover without an incumbent, or whose incumbent has left, cannot be kept: it is
    new or orphaned, not disrupted.
    """
    incumbent = problem.covers.incumbent
    return np.asarray((incumbent >= 0) & (plan.owner != incumbent))
