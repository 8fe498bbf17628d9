"""Deals a few adjacent territories out anew around a change, with the least change beyond it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ...models.arrays import BoolArray, FloatArray, IndexArray
from ...models.objective import Objective, Stage, Term
from ...models.problem import Problem
from ...models.rules import IncumbentPreference
from ..territories.exact import Effort, solve_exact
from ..territories.measures import carried, measure, pieces
from ..territories.model import AssignmentModel, Connected
from ..territories.posting import compile_stage
from ..territories.search import improve
from ..territories.search.neighbourhood import Neighbourhood, cut_out

#: What breaking a rule costs beside change, which in all is worth 1: a piece too many or a
#: wrong owner, and a limit missed by the whole of what an owner usually carries.
BROKEN, MISSED = 10.0, 100.0
#: How far from a border, in units, territories are dealt out anew.
DEPTH = 2
#: Effort of CP-SAT in its deterministic time, and proposals of the search after it.
EFFORT, PROPOSALS = 0.4, 300_000.0
#: Share of a typical change by which two equal changes are told apart: by travel.
TRAVEL = 0.01


@dataclass(frozen=True, eq=False)
class Deal:
    """Owners of all covers after rebalancing, and the owners that took part."""

    owner: IndexArray
    territories: tuple[int, ...]
    proven: bool


class Rebalancing:
    """A problem made ready: all rules as prices, built once and cut out again and again."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        soft = [r for r in problem.rules if not r.hard and not isinstance(r, IncumbentPreference)]
        stage = Stage("rebalance", tuple(Term(f"rule:{rule.name}", 1.0) for rule in soft))
        model = compile_stage(problem.replace(objective=Objective((stage,))), stage)
        self.model = model
        leader = np.full(model.items, len(model.item_of_cover), dtype=np.int64)
        np.minimum.at(leader, model.item_of_cover, np.arange(len(model.item_of_cover)))
        self.leader = leader
        self.edges = _item_edges(problem, model)
        self.travel = self._travel()
        sales = problem.covers.measures["sales"]
        worth = sales / max(float(sales.sum()), 1e-12) + 1e-6
        #: What the change of each item costs; all of them together about 1, (items,).
        self.worth = np.bincount(model.item_of_cover, worth, model.items)

    def deal(
        self,
        owner: IndexArray,
        concerned: tuple[int, ...],
        locked: Container[int],
        territories: int,
        work: float,
        seed: int,
    ) -> Deal:
        """Deal out what the owners concerned and their neighbours hold.

        Parameters
        ----------
        owner
            The plan now, (covers,).
        locked
            Covers that stay.
        """
        items = self._item_owners(owner)
        result, proven, dealt = owner.copy(), True, set[int]()
        for team in sorted({int(self.problem.owners.team[each]) for each in concerned}):
            mine = [each for each in concerned if self.problem.owners.team[each] == team]
            chosen = self._chosen(items, mine, territories)
            part = cut_out(self.model, items, chosen)
            found, whole = self._dealt(part, items, locked, Effort(work=EFFORT * work), seed)
            dealt |= set(chosen.tolist())
            proven &= whole
            moved = part.put_back(items, found)
            changed = moved[self.model.item_of_cover] != items[self.model.item_of_cover]
            result[changed] = moved[self.model.item_of_cover][changed]
        return Deal(result, tuple(sorted(dealt)), proven)

    def _dealt(
        self,
        part: Neighbourhood,
        items: IndexArray,
        locked: Container[int],
        effort: Effort,
        seed: int,
    ) -> tuple[IndexArray, bool]:
        """Owners of the part's items, and whether they are proven to be best.

        First near the borders; where that provably leaves rules broken, in all of the
        territories. Where it is not known within the effort what is best and rules stay
        broken, a search takes over, which mends more and changes more.
        """
        start = part.inside(self._joined(items, part.owners, locked))
        for depth in (DEPTH, None):
            small = self._priced(part, items, start, locked, depth)
            if self._broken(part, small, start) <= 0 and (start == part.inside(items)).all():
                return start, True
            found = solve_exact(small, effort, seed=seed, start=start)
            # Cut short, CP-SAT may hold a plan that is worse than the one to begin from.
            if found.owners is not None and _better(small, found.owners, start):
                start = found.owners
            if found.stopped_by != "proof":
                break
            if self._broken(part, small, start) <= 0:
                return start, True
        else:
            return start, True
        if self._broken(part, small, start) > 0:
            small = self._priced(part, items, start, locked, None)
            near = improve(small, start=start, seed=seed, work=PROPOSALS * effort.work / EFFORT)
            if near.item_owners is not None and _better(small, near.item_owners, start):
                start = near.item_owners
        return start, False

    @staticmethod
    def _broken(part: Neighbourhood, small: AssignmentModel, owners: IndexArray) -> float:
        """What broken rules cost alone."""
        cost = np.where(part.model.allowed, 0.0, BROKEN)
        return measure(replace(small, cost=cost), owners).objective

    def _item_owners(self, owner: IndexArray) -> IndexArray:
        """Owner of each item by its first cover; of one that nobody has, its first owner."""
        held = owner[self.leader]
        model = self.model
        inside = (held >= model.first) & (held < model.last)
        return np.where(inside, held, model.first)

    def _chosen(self, items: IndexArray, concerned: list[int], most: int) -> IndexArray:
        """The owners concerned and, up to a number, those with most borders with them."""
        chosen = set(concerned)
        while len(chosen) < most:
            a, b = items[self.edges[:, 0]], items[self.edges[:, 1]]
            inside = np.isin(a, sorted(chosen)), np.isin(b, sorted(chosen))
            near = np.concatenate([b[inside[0] & ~inside[1]], a[inside[1] & ~inside[0]]])
            near = near[self.problem.owners.holds_territory[near]]
            if not len(near):
                break
            chosen.add(int(np.bincount(near).argmax()))
        return np.array(sorted(chosen), dtype=np.int64)

    def _priced(
        self,
        part: Neighbourhood,
        items: IndexArray,
        start: IndexArray,
        locked: Container[int],
        depth: int | None,
    ) -> AssignmentModel:
        """The small model with prices for what is broken and what changes, far items fixed."""
        model, many = part.model, len(part.owners)
        own = model.start + part.inside(items)
        movable = self._near(part, items, depth) | (start != part.inside(items))
        movable &= ~np.isin(part.items, self._held(locked))
        allowed = model.allowed & np.repeat(movable, many)
        cost = model.cost + np.where(model.allowed, 0.0, BROKEN)
        allowed[own] = True
        worth = self.worth[part.items]
        change = np.repeat(worth, many)
        change[own] = 0.0
        pairs = np.concatenate(
            [self.model.start[i] + part.owners - self.model.first[i] for i in part.items.tolist()]
            or [np.empty(0, dtype=np.int64)]
        )
        return replace(
            model,
            allowed=allowed,
            cost=cost + change + TRAVEL * self.travel[pairs],
            resources=tuple(
                replace(each, price=MISSED / scale)
                for each, scale in zip(model.resources, self._scales(items), strict=True)
            ),
            budgets=tuple(
                replace(each, price=MISSED / max(abs(whole.upper), 1e-9))
                for each, whole in zip(model.budgets, self.model.budgets, strict=True)
            ),
            connected=tuple(self._hanging(each, model, start) for each in model.connected),
            apart=tuple(replace(each, price=BROKEN) for each in model.apart),
            spread=tuple(replace(each, price=BROKEN) for each in model.spread),
            homes=tuple(replace(each, price=BROKEN) for each in model.homes),
            diameters=tuple(
                replace(each, price=MISSED / max(each.maximum, 1e-9)) for each in model.diameters
            ),
        )

    def _held(self, locked: Container[int]) -> IndexArray:
        """Items that hold a locked cover, sorted."""
        covers = [cover for cover in range(len(self.model.item_of_cover)) if cover in locked]
        return np.unique(self.model.item_of_cover[covers])

    def _joined(self, items: IndexArray, owners: IndexArray, locked: Container[int]) -> IndexArray:
        """The plan with what moves have cut off given to whom it borders on most.

        The largest piece of a territory stays, and so does what is locked; only pieces
        that border on another of the owners can go.
        """
        if not self.model.connected:
            return items
        joined, held = items.copy(), self._held(locked)
        for owner in owners.tolist():
            mine = np.flatnonzero(joined == owner)
            same = self.edges[(joined[self.edges] == owner).all(axis=1)]
            ends = np.searchsorted(mine, same).T
            graph = coo_array((np.ones(len(same)), (ends[0], ends[1])), shape=(len(mine),) * 2)
            labels = connected_components(graph, directed=False)[1]
            sizes = np.bincount(labels)
            for label in np.flatnonzero(np.arange(len(sizes)) != sizes.argmax()).tolist():
                piece = mine[labels == label]
                if np.isin(piece, held).any():
                    continue
                near = self.edges[np.isin(self.edges, piece).any(axis=1)].ravel()
                to = joined[near[~np.isin(near, piece)]]
                to = to[np.isin(to, owners) & (to != owner)]
                if len(to):
                    joined[piece] = int(np.bincount(to).argmax())
        return joined

    @staticmethod
    def _hanging(part: Connected, model: AssignmentModel, owners: IndexArray) -> Connected:
        """Hard where territories hang together now, which is far quicker than a price."""
        whole = (pieces(model, part, owners)[part.owners] <= 1).all()
        return replace(part, price=float("inf") if whole else BROKEN)

    def _near(self, part: Neighbourhood, items: IndexArray, depth: int | None) -> BoolArray:
        """Items of the part, all of them or those within some steps of a border between its owners, (part items,)."""
        inside = np.zeros(self.model.items, dtype=np.bool_)
        inside[part.items] = True
        edges = self.edges[inside[self.edges].all(axis=1)]
        if depth is None or not len(edges):
            return np.ones(len(part.items), dtype=np.bool_)
        near = np.zeros(self.model.items, dtype=np.bool_)
        near[edges[items[edges[:, 0]] != items[edges[:, 1]]]] = True
        for _ in range(depth - 1):
            near[edges[near[edges].any(axis=1)]] = True
        return near[part.items]

    def _scales(self, items: IndexArray) -> list[float]:
        """What an owner usually carries of each resource."""
        found = []
        for each in self.model.resources:
            load = carried(self.model, each, items)[each.takes_part]
            found.append(max(float(load.mean()) if load.size else 1.0, 1e-9))
        return found

    def _travel(self) -> FloatArray:
        """Hours on the road of each pair as a share of the mean over all, times a mean worth."""
        problem, model = self.problem, self.model
        hours = np.zeros(model.pairs)
        for index, team in enumerate(problem.teams):
            block = np.nan_to_num(problem.travel_hours(index), nan=0.0)
            for row, cover in enumerate(team.covers):
                item = model.item_of_cover[cover]
                at = model.start[item] + team.owners.start - model.first[item]
                hours[at : at + len(team.owners)] += block[row]
        mean = float(hours.mean()) if hours.size else 0.0
        return np.asarray(hours / max(mean, 1e-12) / max(model.items, 1))


def _better(model: AssignmentModel, one: IndexArray, other: IndexArray) -> bool:
    """Whether one plan keeps what is hard and costs less than another, or that breaks it."""
    first, second = measure(model, one), measure(model, other)
    if not (first.feasible and second.feasible):
        return first.feasible
    return first.objective < second.objective


def _item_edges(problem: Problem, model: AssignmentModel) -> IndexArray:
    """Neighbouring items of all teams, (e, 2)."""
    pairs = np.concatenate([team.neighbours.pairs for team in problem.teams]).reshape(-1, 2)
    edges = model.item_of_cover[pairs]
    return np.unique(np.sort(edges[edges[:, 0] != edges[:, 1]], axis=1), axis=0)
