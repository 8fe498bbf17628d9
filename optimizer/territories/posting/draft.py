"""The mutable builder of an :class:`AssignmentModel`: rules and terms are posted into it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ....models.geodesy import EARTH_RADIUS_KM, directions
from ....models.problem import Problem
from ....models.rules import TOLERANCE
from ....models.totals import PAIR_MEASURES, cover_values
from ..model import (
    ApartPair,
    AssignmentModel,
    Budget,
    Connected,
    Diameter,
    Home,
    Largest,
    Resource,
    SpreadGroup,
)
from .items import Items


@dataclass(eq=False)
class Draft:
    """A model in the making, on covers; :meth:`model` puts kept-together covers into items.

    Parameters
    ----------
    problem
        Read only.
    cost
        Objective per cover pair, flat, (pairs,).
    """

    problem: Problem
    constant: float = 0.0
    resources: list[Resource] = field(default_factory=list)
    budgets: list[Budget] = field(default_factory=list)
    connected: list[Connected] = field(default_factory=list)
    apart: list[ApartPair] = field(default_factory=list)
    spread: list[SpreadGroup] = field(default_factory=list)
    homes: list[Home] = field(default_factory=list)
    diameters: list[Diameter] = field(default_factory=list)
    largest: list[Largest] = field(default_factory=list)
    together: list[tuple[int, ...]] = field(default_factory=list)
    forbidden_by: dict[str, BoolArray] = field(default_factory=dict)
    locked: set[tuple[int, int]] = field(default_factory=set)
    cuts: list[tuple[IndexArray, FloatArray]] = field(default_factory=list)

    def __post_init__(self) -> None:
        problem = self.problem
        team = problem.covers.team
        owner_first = np.array([t.owners.start for t in problem.teams], dtype=np.int64)
        owner_last = np.array([t.owners.stop for t in problem.teams], dtype=np.int64)
        self.first, self.last = owner_first[team], owner_last[team]
        width = self.last - self.first
        self.start = np.concatenate([[0], np.cumsum(width)[:-1]]).astype(np.int64)
        self.pairs = int(width.sum())
        self.cost: FloatArray = np.zeros(self.pairs)
        self.cover_of_pair = np.repeat(np.arange(len(team)), width)
        self.owner_of_pair = (
            np.arange(self.pairs) - self.start[self.cover_of_pair] + self.first[self.cover_of_pair]
        )

    def pair(self, cover: int, owner: int) -> int:
        """Flat index of a pair of a cover and an owner of its team."""
        return int(self.start[cover] + owner - self.first[cover])

    def flat(self, blocks: list[FloatArray]) -> FloatArray:
        """One value per pair from one (covers, owners) block per team."""
        return np.concatenate([np.ravel(block) for block in blocks]) if blocks else np.zeros(0)

    def pair_values(self, measure: str) -> FloatArray:
        """A measure of :mod:`teig.models.totals` per pair, flat; 0 where there is no way."""
        problem = self.problem
        if measure not in PAIR_MEASURES:
            return np.asarray(cover_values(problem, measure)[self.cover_of_pair])
        if measure == "travel_km":
            travel = self.flat([self._driven_km(t) for t in range(len(problem.teams))])
        elif measure == "nights":
            visits = problem.covers.visits[self.cover_of_pair]
            travel = problem.touring.nights(visits, np.nan_to_num(self.minutes()))
        else:
            travel = self.flat([problem.travel_hours(t) for t in range(len(problem.teams))])
        travel = np.nan_to_num(travel, nan=0.0)
        if measure == "load":
            travel = travel + problem.covers.workload[self.cover_of_pair]
        return travel

    def _driven_km(self, index: int) -> FloatArray:
        problem, team = self.problem, self.problem.teams[index]
        visits = problem.covers.visits[team.covers.start : team.covers.stop, None]
        driven = problem.touring.kilometres(visits, team.minutes, team.kilometres)
        travels = problem.owners.holds_territory[team.owners.start : team.owners.stop]
        return np.where(travels[None, :], driven, 0.0)

    def kilometres(self) -> FloatArray:
        """Kilometres from base to unit per pair, one way; 0 for owners that do not travel."""
        blocks = [np.where(np.isnan(t.kilometres), 0.0, t.kilometres) for t in self.problem.teams]
        travels = self.problem.owners.holds_territory[self.owner_of_pair]
        return np.asarray(self.flat(blocks) * travels)

    def minutes(self) -> FloatArray:
        """Minutes from base to unit per pair, one way; NaN where there is no way."""
        flat = self.flat([team.minutes for team in self.problem.teams])
        return np.where(self.problem.owners.holds_territory[self.owner_of_pair], flat, 0.0)

    def forbid(self, rule: str, mask: BoolArray) -> None:
        """Rule out the pairs of a flat mask."""
        known = self.forbidden_by.get(rule)
        self.forbidden_by[rule] = mask.copy() if known is None else known | mask

    def owners_of(self, teams: tuple[str, ...]) -> BoolArray:
        """Territory-holding owners of the named teams (all where none is named), (owners,)."""
        mask = np.zeros(len(self.problem.owners), dtype=np.bool_)
        for index in self.problem.owner_teams(teams):
            owners = self.problem.teams[index].owners
            mask[owners.start : owners.stop] = True
        return mask & self.problem.owners.holds_territory

    def limit(
        self,
        name: str,
        values: FloatArray,
        takes_part: BoolArray,
        price: float,
        *,
        lower: FloatArray | None = None,
        upper: FloatArray | None = None,
        lower_share: FloatArray | None = None,
        upper_share: FloatArray | None = None,
        per_item: bool = False,
        tolerance: float = TOLERANCE,
    ) -> None:
        """Post an interval on what each owner carries; see :class:`Resource`."""
        owners = len(self.problem.owners)
        self.resources.append(
            Resource(
                name,
                values * takes_part[self.owner_of_pair],
                np.full(owners, -np.inf) if lower is None else lower,
                np.full(owners, np.inf) if upper is None else upper,
                takes_part,
                price,
                np.zeros(owners) if lower_share is None else lower_share,
                np.zeros(owners) if upper_share is None else upper_share,
                per_item,
                tolerance,
            )
        )

    def points(self) -> FloatArray:
        """Covers on the sphere, km, (covers, 3); NaN without a place."""
        unit = self.problem.covers.unit
        units = self.problem.units
        return np.asarray(EARTH_RADIUS_KM * directions(units.latitude[unit], units.longitude[unit]))

    def model(self) -> AssignmentModel:
        """Put the draft together."""
        items = Items(self.together, self.first, self.last, self.cover_of_pair, self.owner_of_pair)
        forbidden = {name: items.any(mask) for name, mask in sorted(self.forbidden_by.items())}
        allowed = np.ones(items.pairs, dtype=np.bool_)
        for mask in forbidden.values():
            allowed &= ~mask
        cut_edges, cut_prices = items.cuts(self.cuts)
        return AssignmentModel(
            owners=len(self.problem.owners),
            item_of_cover=items.of_cover,
            first=items.first,
            last=items.last,
            start=items.start,
            allowed=allowed,
            cost=items.sum(self.cost),
            constant=self.constant,
            resources=tuple(replace(r, values=items.sum(r.values)) for r in self.resources),
            budgets=tuple(replace(b, values=items.sum(b.values)) for b in self.budgets),
            connected=tuple(replace(c, edges=items.edges(c.edges)) for c in self.connected),
            apart=tuple(
                replace(p, a=int(items.of_cover[p.a]), b=int(items.of_cover[p.b]))
                for p in self.apart
            ),
            spread=tuple(replace(s, items=items.named(s.items)) for s in self.spread),
            homes=tuple(replace(h, items=items.named(h.items)) for h in self.homes),
            diameters=tuple(self.diameters),
            cut_edges=cut_edges,
            cut_prices=cut_prices,
            forbidden_by=forbidden,
            largest=tuple(
                part if part.values is None else replace(part, values=items.max(part.values))
                for part in self.largest
            ),
        )
