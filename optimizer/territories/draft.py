"""The mutable builder of an :class:`AssignmentModel`: rules and terms are posted into it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ...models.arrays import BoolArray, FloatArray, IndexArray
from ...models.geodesy import EARTH_RADIUS_KM, directions
from ...models.problem import Problem
from ...models.rules import TOLERANCE
from ...models.totals import PAIR_MEASURES, cover_values
from .model import (
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

    # ------------------------------------------------------------------ items

    def _item_of_cover(self) -> IndexArray:
        """Number the groups of covers kept together, in order of their first cover."""
        n = len(self.problem.covers)
        root = list(range(n))

        def find(cover: int) -> int:
            while root[cover] != cover:
                root[cover] = root[root[cover]]
                cover = root[cover]
            return cover

        for group in self.together:
            for cover in group[1:]:
                a, b = find(group[0]), find(cover)
                root[max(a, b)] = min(a, b)
        roots = np.array([find(cover) for cover in range(n)], dtype=np.int64)
        return np.unique(roots, return_inverse=True)[1].astype(np.int64)

    def model(self) -> AssignmentModel:
        """Put the draft together."""
        item_of_cover = self._item_of_cover()
        items = int(item_of_cover.max(initial=-1)) + 1
        leader = np.full(items, len(item_of_cover), dtype=np.int64)
        np.minimum.at(leader, item_of_cover, np.arange(len(item_of_cover)))
        first, last = self.first[leader], self.last[leader]
        width = last - first
        start = np.concatenate([[0], np.cumsum(width)[:-1]]).astype(np.int64)
        pairs = int(width.sum())
        item = item_of_cover[self.cover_of_pair]
        pair = start[item] + self.owner_of_pair - first[item]

        def summed(values: FloatArray) -> FloatArray:
            return np.bincount(pair, weights=values, minlength=pairs).astype(np.float64)

        def anywhere(mask: BoolArray) -> BoolArray:
            return np.bincount(pair[mask], minlength=pairs) > 0

        def highest(values: FloatArray) -> FloatArray:
            found = np.zeros(pairs)
            np.maximum.at(found, pair, values)
            return found

        forbidden = {name: anywhere(mask) for name, mask in sorted(self.forbidden_by.items())}
        allowed = np.ones(pairs, dtype=np.bool_)
        for mask in forbidden.values():
            allowed &= ~mask
        cut_edges, cut_prices = self._item_cuts(item_of_cover)
        return AssignmentModel(
            owners=len(self.problem.owners),
            item_of_cover=item_of_cover,
            first=first,
            last=last,
            start=start,
            allowed=allowed,
            cost=summed(self.cost),
            constant=self.constant,
            resources=tuple(replace(r, values=summed(r.values)) for r in self.resources),
            budgets=tuple(replace(b, values=summed(b.values)) for b in self.budgets),
            connected=tuple(
                replace(c, edges=_item_edges(c.edges, item_of_cover)) for c in self.connected
            ),
            apart=tuple(
                replace(p, a=int(item_of_cover[p.a]), b=int(item_of_cover[p.b])) for p in self.apart
            ),
            spread=tuple(replace(s, items=_items(s.items, item_of_cover)) for s in self.spread),
            homes=tuple(replace(h, items=_items(h.items, item_of_cover)) for h in self.homes),
            diameters=tuple(self.diameters),
            cut_edges=cut_edges,
            cut_prices=cut_prices,
            forbidden_by=forbidden,
            largest=tuple(
                part if part.values is None else replace(part, values=highest(part.values))
                for part in self.largest
            ),
        )

    def _item_cuts(self, item_of_cover: IndexArray) -> tuple[IndexArray, FloatArray]:
        if not self.cuts:
            return np.zeros((0, 2), dtype=np.int64), np.zeros(0)
        edges = np.sort(item_of_cover[np.concatenate([edges for edges, _ in self.cuts])], axis=1)
        prices = np.concatenate([prices for _, prices in self.cuts])
        apart = edges[:, 0] != edges[:, 1]
        merged, where = np.unique(edges[apart], axis=0, return_inverse=True)
        summed = np.bincount(where.ravel(), prices[apart], minlength=len(merged))
        return merged, summed.astype(np.float64)


def _items(covers: tuple[int, ...], item_of_cover: IndexArray) -> tuple[int, ...]:
    return tuple(sorted({int(item_of_cover[cover]) for cover in covers}))


def _item_edges(edges: IndexArray, item_of_cover: IndexArray) -> IndexArray:
    pairs = np.sort(item_of_cover[edges].reshape(-1, 2), axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return np.unique(pairs, axis=0) if len(pairs) else pairs
