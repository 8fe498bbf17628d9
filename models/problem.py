"""The territory problem: frozen, validated, index-based.

Loaders and :func:`teig.models.build.build_problem` make a :class:`Problem` from
data frames; solvers read it; nobody changes it (:meth:`Problem.replace` makes a
new one and validates it again).

The unit of decision is a *cover*: a unit as one team serves it. A unit that two
teams serve (an overlay) has two covers. Covers are sorted by team, then unit, so
that the covers of team ``t`` and its owners are ranges of indices and every
team's travel is one dense block.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import numpy as np

from .arrays import (
    BoolArray,
    FloatArray,
    IndexArray,
    frozen_floats,
    frozen_indices,
    frozen_measures,
)
from .campaigns import CampaignLoad
from .objective import Objective
from .rules.base import Rule
from .sites import Sites
from .touring import Touring


class OwnerKind(StrEnum):
    """Who answers for a unit."""

    REP = "rep"
    VACANCY = "vacancy"
    HOUSE = "house"
    PARTNER = "partner"

    @property
    def holds_territory(self) -> bool:
        """Whether this owner travels, has hours and takes part in balance."""
        return self in (OwnerKind.REP, OwnerKind.VACANCY)


@dataclass(frozen=True, eq=False)
class Units:
    """What is dealt out; a splittable unit appears as its parts.

    Parameters
    ----------
    ids, names
        One text per unit; a part's id is ``whole#1``, ``whole#2`` …
    wholes
        The id of the unit as given; equal to ``ids`` where nothing was split.
    shares
        Share of the whole that the part stands for, (n,), 0 < share ≤ 1.
    latitude, longitude
        Degrees, WGS 84, (n,); NaN where a unit has no place (phone only).
    measures
        Named columns, (n,) each; at least ``potential`` and ``sales`` (plan
        currency a year) and ``accounts`` (count).
    parents
        Index into ``parent_ids``, -1 for none, (n,).
    required_skills
        Skills that the owner must have.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    wholes: tuple[str, ...]
    shares: FloatArray
    latitude: FloatArray
    longitude: FloatArray
    measures: Mapping[str, FloatArray]
    parents: IndexArray
    parent_ids: tuple[str, ...] = ()
    required_skills: tuple[frozenset[str], ...] = ()
    service_classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.ids)
        object.__setattr__(self, "shares", frozen_floats(self.shares))
        object.__setattr__(self, "latitude", frozen_floats(self.latitude))
        object.__setattr__(self, "longitude", frozen_floats(self.longitude))
        object.__setattr__(self, "measures", frozen_measures(self.measures))
        object.__setattr__(self, "parents", frozen_indices(self.parents))
        if not self.required_skills:
            object.__setattr__(self, "required_skills", (frozenset(),) * n)
        if not self.service_classes:
            object.__setattr__(self, "service_classes", ("",) * n)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Owners:
    """Who may answer for units, sorted by team.

    Parameters
    ----------
    ids, names
        One text per owner; ids are pseudonymous.
    kinds
        Rep, vacancy, house or partner.
    team
        Index of the one team that the owner belongs to, (m,), ascending.
    latitude, longitude
        The base, degrees; NaN for an owner that does not travel.
    hours
        Hours for customers, travel included, in the plan period, (m,): the
        calendar's working time less leave, training and administration.
    full_time_hours
        What a full-time colleague with the same calendar has, (m,).
    productivity
        Share of a ramped colleague's selling, averaged over the plan period.
    cost
        Plan currency a year.
    opens
        True where the optimizer may hand the owner any unit of the team; an
        owner that is closed (the house, a partner by default) holds only what a
        lock gives it.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    kinds: tuple[OwnerKind, ...]
    team: IndexArray
    latitude: FloatArray
    longitude: FloatArray
    hours: FloatArray
    full_time_hours: FloatArray
    productivity: FloatArray
    cost: FloatArray
    opens: BoolArray
    skills: tuple[frozenset[str], ...] = ()

    def __post_init__(self) -> None:
        for name in ("latitude", "longitude", "hours", "full_time_hours", "productivity", "cost"):
            object.__setattr__(self, name, frozen_floats(getattr(self, name)))
        object.__setattr__(self, "team", frozen_indices(self.team))
        opens = np.array(self.opens, dtype=np.bool_)
        opens.flags.writeable = False
        object.__setattr__(self, "opens", opens)
        if not self.skills:
            object.__setattr__(self, "skills", (frozenset(),) * len(self.ids))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def holds_territory(self) -> BoolArray:
        """Owners that travel and are balanced: reps and vacancies, (m,)."""
        return np.array([kind.holds_territory for kind in self.kinds], dtype=np.bool_)

    @cached_property
    def availability(self) -> FloatArray:
        """Share of a full-timer's hours, (m,); 0 for the house and partners."""
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(self.full_time_hours > 0, self.hours / self.full_time_hours, 0.0)
        return frozen_floats(share)


@dataclass(frozen=True, eq=False)
class Covers:
    """The units as teams serve them, sorted by team, then unit.

    Parameters
    ----------
    unit, team
        Indices, (c,).
    workload
        Hours in the plan period without travel, (c,).
    visits
        Visits at the customer's in the plan period, (c,); phone and mail do not count.
    measures
        As in :class:`Units`, times the share that the team's role has of them, (c,).
    incumbent
        Index of the owner who has it today, -1 for none, (c,). It may belong to
        another team; then the cover has to change hands.
    incumbent_ids
        Today's owner as text, empty for none; also of people who have left.
    tenure
        Years that the relationship has stood, (c,).
    """

    unit: IndexArray
    team: IndexArray
    workload: FloatArray
    visits: FloatArray
    measures: Mapping[str, FloatArray]
    incumbent: IndexArray
    incumbent_ids: tuple[str, ...]
    tenure: FloatArray

    def __post_init__(self) -> None:
        for name in ("unit", "team", "incumbent"):
            object.__setattr__(self, name, frozen_indices(getattr(self, name)))
        for name in ("workload", "visits", "tenure"):
            object.__setattr__(self, name, frozen_floats(getattr(self, name)))
        object.__setattr__(self, "measures", frozen_measures(self.measures))

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The neighbour graph of one team's covers.

    Parameters
    ----------
    pairs
        Global cover indices, (e, 2), each pair once, smaller first, sorted.
    kinds
        ``border``, ``point``, ``part``, ``given`` or ``link`` (over water, to an island).
    """

    pairs: IndexArray
    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "pairs", frozen_indices(self.pairs).reshape(-1, 2))


@dataclass(frozen=True, eq=False)
class Team:
    """One team: a contiguous range of covers and of owners, and travel between them.

    Parameters
    ----------
    role
        ``primary`` for the team whose sales add up to the budget; any other word
        names an overlay.
    covers, owners
        Ranges of cover and owner indices.
    minutes, kilometres
        One way from base to unit, (covers, owners); 0 for owners that do not
        travel; NaN where there is no way.
    neighbours
        Which covers of the team touch.
    sites
        Owners whose base is to be found, and distances between covers for them; None
        where every base is given or does not matter. Their columns of ``minutes`` and
        ``kilometres`` are 0 until they are placed (:mod:`teig.models.placement`).
    """

    name: str
    role: str
    covers: range
    owners: range
    minutes: FloatArray
    kilometres: FloatArray
    neighbours: Neighbours
    credit: str = "primary"
    sites: Sites | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "minutes", frozen_floats(self.minutes))
        object.__setattr__(self, "kilometres", frozen_floats(self.kilometres))


@dataclass(frozen=True, eq=False)
class Problem:
    """A whole territory problem; see the module's text.

    Parameters
    ----------
    campaigns
        What campaigns ask of the covers; their hours and visits are in the covers'
        workload and visits already.

    Raises
    ------
    BadInput
        When parts do not fit together; all problems at once.
    """

    units: Units
    owners: Owners
    covers: Covers
    teams: tuple[Team, ...]
    rules: tuple[Rule, ...]
    objective: Objective
    touring: Touring = field(default_factory=Touring)
    currency: str = "EUR"
    price_year: int = 0
    notes: tuple[str, ...] = ()
    campaigns: tuple[CampaignLoad, ...] = ()

    def __post_init__(self) -> None:
        from .validation import validate_problem

        validate_problem(self)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, validated again."""
        return dataclasses.replace(self, **changes)

    def without_campaigns(self) -> Self:
        """Return the problem as it is when nothing beyond the service standards is done."""
        if not self.campaigns:
            return self
        # What was added is taken off again; the last digits must not fall below nothing.
        workload = np.maximum(self.covers.workload - self.campaign_hours, 0.0)
        visits = np.maximum(self.covers.visits - self.campaign_visits, 0.0)
        covers = dataclasses.replace(self.covers, workload=workload, visits=visits)
        return self.replace(covers=covers, campaigns=())

    @cached_property
    def campaign_hours(self) -> FloatArray:
        """Hours of the covers' workload that campaigns take, (covers,)."""
        hours = [load.hours for load in self.campaigns]
        return frozen_floats(np.sum(hours, axis=0) if hours else np.zeros(len(self.covers)))

    @cached_property
    def campaign_visits(self) -> FloatArray:
        """Visits of the covers' that campaigns take, (covers,)."""
        visits = [load.visits for load in self.campaigns]
        return frozen_floats(np.sum(visits, axis=0) if visits else np.zeros(len(self.covers)))

    def travel_hours(self, team: int) -> FloatArray:
        """Hours of travel in the plan period per cover and owner of a team, (covers, owners)."""
        return self._travel_hours[team]

    @cached_property
    def _travel_hours(self) -> tuple[FloatArray, ...]:
        hours = []
        for team in self.teams:
            span = slice(team.covers.start, team.covers.stop)
            who = slice(team.owners.start, team.owners.stop)
            block = self.touring.hours(self.covers.visits[span, None], team.minutes)
            travels = self.owners.holds_territory[who]
            hours.append(frozen_floats(np.where(travels[None, :], block, 0.0)))
        return tuple(hours)

    @cached_property
    def owner_index(self) -> Mapping[str, int]:
        """Index of each owner id."""
        return {owner: index for index, owner in enumerate(self.owners.ids)}

    @cached_property
    def unit_index(self) -> Mapping[str, int]:
        """Index of each unit (or part) id."""
        return {unit: index for index, unit in enumerate(self.units.ids)}

    @cached_property
    def covers_of_whole(self) -> Mapping[str, tuple[int, ...]]:
        """Covers of each unit as given: all its parts, in all teams."""
        found: dict[str, list[int]] = {}
        for cover, unit in enumerate(self.covers.unit):
            found.setdefault(self.units.wholes[unit], []).append(cover)
        return {whole: tuple(covers) for whole, covers in found.items()}

    def owner_teams(self, names: tuple[str, ...]) -> tuple[int, ...]:
        """Indices of the named teams; all teams where no name is given."""
        return tuple(t for t, team in enumerate(self.teams) if not names or team.name in names)
