"""A few adjacent territories as a model of their own, for the exact core to deal out anew.

What other owners hold stays: their part of budgets and of earlier sums is taken off the
limits, and neighbours outside are cut off as before. Hard limits on what owners carry
may be given prices, so that a plan that breaks them can be mended step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..exact import Effort, solve_exact
from ..measures import carried, excess, measure
from ..model import AssignmentModel, EarlierLimit, Resource

#: Largest neighbourhood that is mended, in pairs; the effort for one, in CP-SAT's
#: deterministic time; and how many are tried.
MENDED, EFFORT, TRIED = 1_500, 1.0, 8


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """Items and owners of the large model that the small one is about.

    Parameters
    ----------
    items, owners
        Indices in the large model, ascending.
    model
        The small model; its owner q is ``owners[q]``.
    """

    items: IndexArray
    owners: IndexArray
    model: AssignmentModel

    def inside(self, item_owners: IndexArray) -> IndexArray:
        """Owners in the small model of its items."""
        return np.searchsorted(self.owners, item_owners[self.items])

    def put_back(self, item_owners: IndexArray, found: IndexArray) -> IndexArray:
        """The large assignment with the small one's owners in it."""
        result = item_owners.copy()
        result[self.items] = self.owners[found]
        return result


def cut_out(
    model: AssignmentModel,
    item_owners: IndexArray,
    chosen: IndexArray,
    prices: FloatArray | None = None,
) -> Neighbourhood:
    """Make a model of what the chosen owners hold.

    Parameters
    ----------
    chosen
        Owners of one team, ascending.
    prices
        Per resource a price for those of its limits that are hard; None leaves them hard.
    """
    items = np.flatnonzero(np.isin(item_owners, chosen))
    view = _View(model, item_owners, items, chosen)
    small = view.model(model)
    if prices is not None:
        priced = tuple(
            replace(part, price=float(price)) if part.hard else part
            for part, price in zip(small.resources, prices, strict=True)
        )
        small = replace(small, resources=priced)
    limits = []
    for limit in model.earlier:
        own = view.model(limit.model)
        inside = measure(own, np.searchsorted(chosen, item_owners[items])).objective
        outside = measure(limit.model, item_owners).objective - inside
        limits.append(EarlierLimit(limit.name, own, limit.limit - outside))
    return Neighbourhood(items, chosen, replace(small, earlier=tuple(limits)))


class _View:
    """Renumbers the parts of a model to a few items and owners."""

    def __init__(
        self, model: AssignmentModel, owners: IndexArray, items: IndexArray, chosen: IndexArray
    ) -> None:
        self.owners, self.items, self.chosen = owners, items, chosen
        self.item_at = np.full(model.items, -1, dtype=np.int64)
        self.item_at[items] = np.arange(len(items))
        self.pairs = np.concatenate(
            [model.start[i] + chosen - model.first[i] for i in items.tolist()]
            or [np.zeros(0, dtype=np.int64)]
        )
        self.covers = np.flatnonzero(self.item_at[model.item_of_cover] >= 0)
        self.cover_at = np.full(len(model.item_of_cover), -1, dtype=np.int64)
        self.cover_at[self.covers] = np.arange(len(self.covers))
        self.chosen_pairs = model.start + owners - model.first

    def model(self, large: AssignmentModel) -> AssignmentModel:
        """The model's parts within the view, without limits on earlier sums."""
        n, many = len(self.items), len(self.chosen)
        homes = [h for h in large.homes if h.owner in self.chosen]
        edges, prices = self._edges(large.cut_edges, self.item_at), large.cut_prices
        return AssignmentModel(
            owners=many,
            item_of_cover=self.item_at[large.item_of_cover[self.covers]],
            first=np.zeros(n, dtype=np.int64),
            last=np.full(n, many, dtype=np.int64),
            start=np.arange(n, dtype=np.int64) * many,
            allowed=large.allowed[self.pairs],
            cost=large.cost[self.pairs],
            constant=0.0,
            resources=tuple(self._resource(large, part) for part in large.resources),
            budgets=tuple(
                replace(
                    part,
                    values=part.values[self.pairs],
                    upper=part.upper - self._outside(part.values),
                )
                for part in large.budgets
            ),
            connected=tuple(
                replace(
                    part,
                    edges=self._edges(part.edges, self.item_at),
                    cover_edges=self._edges(part.cover_edges, self.cover_at),
                    owners=part.owners[self.chosen],
                )
                for part in large.connected
            ),
            apart=tuple(
                replace(part, a=int(self.item_at[part.a]), b=int(self.item_at[part.b]))
                for part in large.apart
                if self.item_at[part.a] >= 0 and self.item_at[part.b] >= 0
            ),
            spread=tuple(
                replace(
                    part,
                    items=tuple(self.item_at[list(inside)].tolist()),
                    maximum=part.maximum - self._owners_outside(part.items),
                )
                for part in large.spread
                if (inside := [i for i in part.items if self.item_at[i] >= 0])
            ),
            homes=tuple(
                replace(
                    home,
                    owner=int(np.searchsorted(self.chosen, home.owner)),
                    items=tuple(self.item_at[list(inside)].tolist()),
                )
                for home in homes
                if (inside := [i for i in home.items if self.item_at[i] >= 0])
            ),
            diameters=tuple(
                replace(part, points=part.points[self.covers], owners=part.owners[self.chosen])
                for part in large.diameters
            ),
            cut_edges=edges,
            cut_prices=prices[self._both(large.cut_edges, self.item_at)],
            forbidden_by={name: mask[self.pairs] for name, mask in large.forbidden_by.items()},
        )

    @staticmethod
    def _both(edges: IndexArray, at: IndexArray) -> BoolArray:
        return np.asarray((at[edges.reshape(-1, 2)] >= 0).all(axis=1))

    def _edges(self, edges: IndexArray, at: IndexArray) -> IndexArray:
        """Edges with both ends inside, renumbered."""
        return np.asarray(at[edges.reshape(-1, 2)[self._both(edges, at)]].reshape(-1, 2))

    def _outside(self, values: FloatArray) -> float:
        picked = values[self.chosen_pairs]
        return float(picked[self.item_at < 0].sum())

    def _owners_outside(self, items: tuple[int, ...]) -> int:
        return len({int(self.owners[i]) for i in items if self.item_at[i] < 0})

    def _resource(self, large: AssignmentModel, part: Resource) -> Resource:
        """The resource with fixed limits; those that move are taken at today's total."""
        fixed = large.fixed_limits(part)
        if fixed is None:
            total = float(carried(large, part, self.owners)[part.takes_part].sum())
            fixed = (
                part.lower + part.lower_share * total,
                part.upper + part.upper_share * total,
            )
        none = np.zeros(len(self.chosen))
        return replace(
            part,
            values=part.values[self.pairs],
            lower=fixed[0][self.chosen],
            upper=fixed[1][self.chosen],
            takes_part=part.takes_part[self.chosen],
            lower_share=none,
            upper_share=none,
        )


def mend(
    model: AssignmentModel, item_owners: IndexArray, seed: int, stop: Callable[[], bool]
) -> IndexArray:
    """Bring what owners carry nearer to hard limits, a few adjacent territories at a time.

    Around the owner who is farthest outside, the smallest neighbourhoods of three owners
    are dealt out anew with the least amount outside, whatever that costs.
    """
    owners = item_owners
    for _ in range(TRIED):
        over, scale = _outside_by_owner(model, owners)
        if not over.any() or stop():
            break
        for chosen in _around(model, owners, int(over.argmax())):
            part = cut_out(model, owners, chosen, prices=1.0 / scale)
            free = replace(part.model, cost=np.zeros(part.model.pairs))
            found = solve_exact(
                free, Effort(work=EFFORT), seed=seed, start=part.inside(owners), stop=stop
            )
            if found.owners is None:
                continue
            mended = part.put_back(owners, found.owners)
            if _outside_by_owner(model, mended)[0].sum() < (1.0 - 1e-6) * over.sum():
                owners = mended
                break
        else:
            break
    return owners


def _outside_by_owner(model: AssignmentModel, owners: IndexArray) -> tuple[FloatArray, FloatArray]:
    """Shares by which owners miss hard limits, (owners,), and what one usually carries."""
    over = np.zeros(model.owners)
    scale = np.ones(len(model.resources))
    for index, part in enumerate(model.resources):
        load = carried(model, part, owners)
        scale[index] = max(
            float(load[part.takes_part].mean()) if part.takes_part.any() else 1, 1e-9
        )
        if part.hard:
            over += excess(part, load) / scale[index]
    return over, scale


def _around(model: AssignmentModel, owners: IndexArray, owner: int) -> list[IndexArray]:
    """Small groups of three adjacent owners of one team with the given one, fewest items first."""
    near: dict[int, set[int]] = {}
    for part in model.connected:
        for a, b in owners[part.edges].tolist():
            if a != b:
                near.setdefault(a, set()).add(b)
                near.setdefault(b, set()).add(a)
    groups = {
        tuple(sorted((owner, a, b)))
        for a in near.get(owner, set())
        for b in (near[a] | near[owner]) - {owner, a}
    }
    held = np.bincount(owners, minlength=model.owners)
    sized = sorted((3 * int(held[list(group)].sum()), group) for group in groups)
    return [np.array(group) for size, group in sized if size <= MENDED][:TRIED]
