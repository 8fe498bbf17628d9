"""Rules on units together: keep together, keep apart, splits, change, cohesion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..arrays import FloatArray, IndexArray
from ..errors import did_you_mean
from ..geodesy import directions, great_circle_km
from ..totals import cover_values, measure_problem, measure_unit
from .base import TOLERANCE, Rule, Violation
from .limits import TeamRule
from .pairs import moved, named_covers, unknown_units

if TYPE_CHECKING:
    from ..plan import Plan
    from ..problem import Problem

BY_PARENT = "parent"


def _by_team(problem: Problem, covers: Iterable[int]) -> list[tuple[int, ...]]:
    """Covers of one group, team by team."""
    teams: dict[int, list[int]] = {}
    for cover in sorted(covers):
        teams.setdefault(int(problem.covers.team[cover]), []).append(cover)
    return [tuple(teams[team]) for team in sorted(teams)]


@dataclass(frozen=True, kw_only=True)
class KeepTogether(TeamRule):
    """Units that one owner of each team has together; of all teams where none is named.

    Parameters
    ----------
    groups
        Groups of unit ids.
    parents
        Parent ids whose units are a group each; ``("*",)`` for every parent.
    """

    kind: ClassVar[str] = "keep_together"
    unit_of_amounts: ClassVar[str] = "owners"
    groups: tuple[tuple[str, ...], ...] = ()
    parents: tuple[str, ...] = ()

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown units and parents."""
        found = unknown_units(problem, tuple(unit for group in self.groups for unit in group))
        known = {*problem.units.parent_ids, "*"}
        found += [
            f"there is no parent {name!r}; {did_you_mean(name, known)}"
            for name in self.parents
            if name not in known
        ]
        return (*super().problems(problem), *found)

    def cover_groups(self, problem: Problem) -> tuple[tuple[int, ...], ...]:
        """Groups of at least two covers of one team, sorted."""
        groups: list[tuple[int, ...]] = []
        for group in self.groups:
            covers = [cover for unit in group for cover in named_covers(problem, unit)]
            groups += _by_team(problem, covers)
        parent_of = problem.units.parents[problem.covers.unit]
        members: dict[int, list[int]] = {}
        for cover in np.flatnonzero(parent_of >= 0).tolist():
            members.setdefault(int(parent_of[cover]), []).append(cover)
        for index, covers in sorted(members.items()):
            if problem.units.parent_ids[index] in self.parents or "*" in self.parents:
                groups += _by_team(problem, covers)
        chosen = problem.owner_teams(self.teams)
        return tuple(
            sorted({g for g in groups if len(g) > 1 and problem.covers.team[g[0]] in chosen})
        )

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Groups with more than one owner; the amount counts the owners too many."""
        found = []
        for group in self.cover_groups(problem):
            extra = len(set(plan.owner[list(group)].tolist())) - 1
            if extra:
                first = problem.units.ids[problem.covers.unit[group[0]]]
                found.append(
                    Violation(self.name, f"group of {first}", float(extra), self.unit_of_amounts)
                )
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class KeepApart(Rule):
    """Units of a group that must have different owners, pair by pair."""

    kind: ClassVar[str] = "keep_apart"
    unit_of_amounts: ClassVar[str] = "pairs"
    groups: tuple[tuple[str, ...], ...] = ()

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown units."""
        return tuple(unknown_units(problem, tuple(unit for group in self.groups for unit in group)))

    def cover_pairs(self, problem: Problem) -> tuple[tuple[int, int], ...]:
        """Pairs of covers of one team and of different whole units, sorted."""
        pairs: set[tuple[int, int]] = set()
        for group in self.groups:
            covers = {cover for unit in group for cover in named_covers(problem, unit)}
            for same in _by_team(problem, covers):
                for position, a in enumerate(same):
                    for b in same[position + 1 :]:
                        wholes = problem.units.wholes
                        if wholes[problem.covers.unit[a]] != wholes[problem.covers.unit[b]]:
                            pairs.add((a, b))
        return tuple(sorted(pairs))

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Pairs that one owner has."""
        ids, unit = problem.units.ids, problem.covers.unit
        return tuple(
            Violation(self.name, f"{ids[unit[a]]} and {ids[unit[b]]}", 1.0, self.unit_of_amounts)
            for a, b in self.cover_pairs(problem)
            if plan.owner[a] == plan.owner[b] >= 0
        )


@dataclass(frozen=True, kw_only=True)
class Splits(Rule):
    """At most ``maximum_owners`` share one whole unit within a team."""

    kind: ClassVar[str] = "splits"
    unit_of_amounts: ClassVar[str] = "owners"
    maximum_owners: int = 2

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.maximum_owners < 1:
            raise ValueError("a unit needs at least one owner")

    def cover_groups(self, problem: Problem) -> tuple[tuple[int, ...], ...]:
        """Parts of each split unit, team by team, where they could break the rule."""
        groups: list[tuple[int, ...]] = []
        for covers in problem.covers_of_whole.values():
            if len(covers) <= self.maximum_owners:
                continue
            groups += [g for g in _by_team(problem, covers) if len(g) > self.maximum_owners]
        return tuple(sorted(groups))

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Units with too many owners."""
        found = []
        for group in self.cover_groups(problem):
            extra = len(set(plan.owner[list(group)].tolist()) - {-1}) - self.maximum_owners
            if extra > 0:
                whole = problem.units.wholes[problem.covers.unit[group[0]]]
                found.append(Violation(self.name, whole, float(extra), self.unit_of_amounts))
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class DisruptionCap(Rule):
    """At most a share of a measure leaves its incumbent.

    Parameters
    ----------
    share
        Of the whole (``scope="all"``) or of each rep's present book (``scope="rep"``).
    measure
        Any measure that does not depend on the owner; ``units`` by default.
    """

    kind: ClassVar[str] = "disruption_cap"
    share: float = 0.1
    measure: str = "sales"
    scope: str = "all"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.share <= 1:
            raise ValueError("the share of a disruption cap lies between 0 and 1")
        if self.scope not in ("all", "rep"):
            raise ValueError("the scope of a disruption cap is 'all' or 'rep'")

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown measures."""
        fault = measure_problem(problem, self.measure, of_covers=True)
        return (fault,) if fault else ()

    def amount_unit(self, problem: Problem) -> str:
        """That of the measure."""
        return measure_unit(problem, self.measure)

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Amounts moved beyond the cap, in the measure's unit."""
        values = cover_values(problem, self.measure)
        incumbent = problem.covers.incumbent
        gone = np.where(moved(problem, plan), values, 0.0)
        held = incumbent >= 0
        books = np.bincount(incumbent[held], values[held], minlength=len(problem.owners))
        lost = np.bincount(incumbent[held], gone[held], minlength=len(problem.owners))
        subjects = list(problem.owners.ids)
        if self.scope == "all":
            books, lost, subjects = books.sum(keepdims=True), lost.sum(keepdims=True), ["all"]
        unit = self.amount_unit(problem)
        return tuple(
            Violation(self.name, subject, float(away - self.share * book), unit)
            for subject, book, away in zip(subjects, books, lost, strict=True)
            if away - self.share * book > TOLERANCE * max(1.0, self.share * book)
        )


@dataclass(frozen=True, kw_only=True)
class IncumbentPreference(Rule):
    """Prefer the incumbent: soft, amount = measure × (1 + years of tenure × ``per_year``)."""

    kind: ClassVar[str] = "incumbent_preference"
    hard: bool = False
    measure: str = "units"
    per_year: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hard:
            raise ValueError("to forbid a change lock the unit; a preference is soft")

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown measures."""
        fault = measure_problem(problem, self.measure, of_covers=True)
        return (fault,) if fault else ()

    def amounts(self, problem: Problem) -> FloatArray:
        """What losing its incumbent costs each cover, (covers,); 0 where it has none."""
        values = cover_values(problem, self.measure)
        weight = 1.0 + self.per_year * problem.covers.tenure
        return np.where(problem.covers.incumbent >= 0, values * weight, 0.0)

    def amount_unit(self, problem: Problem) -> str:
        """That of the measure."""
        return measure_unit(problem, self.measure)

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """One entry per cover that changes hands."""
        amounts = self.amounts(problem)
        unit = self.amount_unit(problem)
        ids = problem.units.ids
        return tuple(
            Violation(self.name, ids[problem.covers.unit[cover]], float(amounts[cover]), unit)
            for cover in np.flatnonzero(moved(problem, plan))
        )


@dataclass(frozen=True, kw_only=True)
class Contiguity(TeamRule):
    """Every territory hangs together on the team's neighbour graph.

    Parameters
    ----------
    barriers
        Pairs of unit ids that do not count as neighbours (a river, a mountain pass).
    """

    kind: ClassVar[str] = "contiguity"
    unit_of_amounts: ClassVar[str] = "pieces"
    barriers: tuple[tuple[str, str], ...] = ()

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """Name unknown teams and units."""
        units = tuple(unit for pair in self.barriers for unit in pair)
        return (*super().problems(problem), *unknown_units(problem, units))

    def barrier_pairs(self, problem: Problem) -> frozenset[tuple[int, int]]:
        """Pairs of covers that barriers part, smaller index first."""
        return frozenset(
            (min(a, b), max(a, b))
            for one, other in self.barriers
            for a in named_covers(problem, one)
            for b in named_covers(problem, other)
            if problem.covers.team[a] == problem.covers.team[b]
        )

    def components(self, problem: Problem, plan: Plan, owner: int) -> list[set[int]]:
        """Connected pieces of an owner's territory, largest first."""
        team = int(problem.owners.team[owner])
        span = problem.teams[team].covers
        label = self.labels(problem, plan, team)
        pieces: dict[int, set[int]] = {}
        for row in np.flatnonzero(plan.owner[span.start : span.stop] == owner).tolist():
            pieces.setdefault(int(label[row]), set()).add(span.start + row)
        return sorted(pieces.values(), key=lambda piece: (-len(piece), min(piece)))

    def labels(self, problem: Problem, plan: Plan, team: int) -> IndexArray:
        """Number of the connected piece that each of a team's covers belongs to, (team covers,)."""
        return piece_labels(problem, plan, team, self.barrier_pairs(problem))

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Owners with more than one piece; the amount counts the pieces too many."""
        found = []
        for index in problem.owner_teams(self.teams):
            pieces = piece_counts(problem, plan, index, self.labels(problem, plan, index))
            for owner in problem.teams[index].owners:
                extra = int(pieces[owner]) - 1
                if extra > 0 and problem.owners.holds_territory[owner]:
                    subject = problem.owners.ids[owner]
                    found.append(Violation(self.name, subject, float(extra), self.unit_of_amounts))
        return tuple(found)


def piece_labels(
    problem: Problem, plan: Plan, team: int, barriers: frozenset[tuple[int, int]] = frozenset()
) -> IndexArray:
    """Connected piece of each of a team's covers under a plan, (team covers,)."""
    span, pairs = problem.teams[team].covers, problem.teams[team].neighbours.pairs
    keep = plan.owner[pairs[:, 0]] == plan.owner[pairs[:, 1]]
    if barriers:
        parted = np.array(sorted(barriers), dtype=np.int64)
        size = len(problem.covers)
        keep &= ~np.isin(pairs[:, 0] * size + pairs[:, 1], parted[:, 0] * size + parted[:, 1])
    a, b = (pairs[keep] - span.start).T
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(span), len(span)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def piece_counts(problem: Problem, plan: Plan, team: int, labels: IndexArray) -> IndexArray:
    """Number of pieces of each owner of a team, (owners,); 0 for the others."""
    span = problem.teams[team].covers
    owner = plan.owner[span.start : span.stop]
    _, first = np.unique(labels, return_index=True)
    held = owner[first]
    return np.bincount(held[held >= 0], minlength=len(problem.owners)).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Compactness(TeamRule):
    """No two units of a territory farther apart than ``maximum_diameter`` km, great circle."""

    kind: ClassVar[str] = "compactness"
    unit_of_amounts: ClassVar[str] = "km"
    maximum_diameter: float = float("inf")

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Kilometres beyond the limit, owner by owner."""
        found = []
        for index in problem.owner_teams(self.teams):
            team = problem.teams[index]
            for owner in team.owners:
                if not problem.owners.holds_territory[owner]:
                    continue
                mine = problem.covers.unit[np.flatnonzero(plan.owner == owner)]
                if mine.size < 2:
                    continue
                lat, lon = problem.units.latitude[mine], problem.units.longitude[mine]
                placed = np.isfinite(lat)
                excess = largest_distance(lat[placed], lon[placed]) - self.maximum_diameter
                if excess > TOLERANCE * max(1.0, self.maximum_diameter):
                    found.append(
                        Violation(
                            self.name, problem.owners.ids[owner], excess, self.unit_of_amounts
                        )
                    )
        return tuple(found)


def largest_distance(latitude: FloatArray, longitude: FloatArray) -> float:
    """Great-circle km between the two points farthest apart, 0 for fewer than two.

    Two points are farthest apart where their directions' inner product is least.
    """
    if latitude.size < 2:
        return 0.0
    points = directions(latitude, longitude)
    a, b = np.unravel_index(int((points @ points.T).argmin()), (len(points), len(points)))
    return float(great_circle_km(latitude[a], longitude[a], latitude[b], longitude[b]))
