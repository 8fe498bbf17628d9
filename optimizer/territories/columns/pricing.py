"""The cheapest territories of one owner at given prices of the items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.optimize

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..model import AssignmentModel
from ..tables import grouped
from .enumeration import Found, Ground, territories

#: Room for rounding in sums, a share of their size.
ROUNDING = 1e-11


@dataclass(frozen=True, eq=False)
class Owner:
    """What one owner may have.

    Parameters
    ----------
    number
        Of the owner.
    items, pairs
        What the owner may have, ascending, and the flat index of its pairs, (n,).
    begin, near
        Neighbours of each of these items, among them.
    cost
        Of each pair, (n,).
    weight, low, high
        Hard limits, as wide as the rules' checks have them, (K, n), (K,), (K,).
    home
        Items one of which is needed, (n,).
    """

    number: int
    items: IndexArray
    pairs: IndexArray
    begin: IndexArray
    near: IndexArray
    cost: FloatArray
    weight: FloatArray
    low: FloatArray
    high: FloatArray
    home: BoolArray

    @property
    def may_have_nothing(self) -> bool:
        """Whether an empty territory keeps the limits."""
        return bool((self.low <= 0.0).all()) and not self.home.any()


@dataclass(frozen=True, eq=False)
class Priced:
    """Territories of an owner at some prices.

    Parameters
    ----------
    floor
        No territory costs less than this, prices of its items taken off.
    members, values
        Territories as masks over the owner's items and what they cost so, cheapest
        first, (sets, n), (sets,).
    complete
        Whether these are all up to the value that was asked for.
    nodes
        Decisions that it took.
    """

    floor: float
    members: BoolArray
    values: FloatArray
    complete: bool
    nodes: int


def owners_of(model: AssignmentModel, possible: BoolArray) -> list[Owner]:
    """Every owner, with the pairs that are left."""
    items, owners = model.pair_items(), model.pair_owners()
    limits = []
    for resource in model.resources:
        fixed = model.fixed_limits(resource)
        if fixed is None:
            raise ValueError(f"limits of {resource.name} move with the plan")
        slack = [
            resource.tolerance * np.where(np.isfinite(part), np.maximum(1.0, np.abs(part)), 0.0)
            for part in fixed
        ]
        low, high = fixed[0] - slack[0], fixed[1] + slack[1]
        part = resource.takes_part
        limits.append((resource.values, np.where(part, low, -np.inf), np.where(part, high, np.inf)))
    return [_owner(model, r, np.flatnonzero(possible & (owners == r)), items, limits)
            for r in range(model.owners)]  # fmt: skip


def _owner(
    model: AssignmentModel,
    number: int,
    pairs: IndexArray,
    pair_items: IndexArray,
    limits: list[tuple[FloatArray, FloatArray, FloatArray]],
) -> Owner:
    items = pair_items[pairs]
    at = np.full(model.items, -1, dtype=np.int64)
    at[items] = np.arange(len(items))
    edges = np.concatenate([p.edges for p in model.connected if p.owners[number]])
    edges = at[edges]
    edges = edges[(edges >= 0).all(axis=1)]
    both = np.unique(np.concatenate([edges, edges[:, ::-1]]), axis=0)
    begin, (near,) = grouped(both[:, 0], [both[:, 1]], len(items))
    bounded = [
        (values[pairs], low[number], high[number]) for values, low, high in limits
        if np.isfinite(low[number]) or np.isfinite(high[number])
    ]  # fmt: skip
    home = np.zeros(len(items), dtype=np.bool_)
    for part in model.homes:
        if part.owner == number:
            inside = at[list(part.items)]
            home[inside[inside >= 0]] = True
    return Owner(
        number, items, pairs, begin, near, model.cost[pairs],
        np.array([one[0] for one in bounded]).reshape(len(bounded), len(items)),
        np.array([one[1] for one in bounded]), np.array([one[2] for one in bounded]), home,
    )  # fmt: skip


def limit_prices(owner: Owner, value: FloatArray) -> FloatArray:
    """Prices of an owner's limits at which the relaxation costs most, (K,)."""
    if not len(owner.low) or not len(value):
        return np.zeros(len(owner.low))
    if len(owner.low) == 1:
        low, high = float(owner.low[0]), float(owner.high[0])
        return np.array([_best_price(value, owner.weight[0], low, high)])
    upper, lower = np.isfinite(owner.high), np.isfinite(owner.low)
    found = scipy.optimize.linprog(
        value,
        A_ub=np.concatenate([owner.weight[upper], -owner.weight[lower]]),
        b_ub=np.concatenate([owner.high[upper], -owner.low[lower]]),
        bounds=(0.0, 1.0),
        method="highs-ds",
    )
    price = np.zeros(len(owner.low))
    if found.status == 0:
        shadow = found.ineqlin.marginals
        price[upper] += shadow[: upper.sum()]
        price[lower] -= shadow[upper.sum() :]
    return price


def _best_price(value: FloatArray, weight: FloatArray, low: float, high: float) -> float:
    """The price at which the cheapest choice weighs no less than the low, no more than the high."""
    weighty = weight > 0.0
    ratio = value[weighty] / weight[weighty]
    order = np.argsort(ratio, kind="stable")
    load = np.cumsum(weight[weighty][order])
    # At a price of p items of ratio below p are chosen.
    free = float(load[int((ratio < 0.0).sum()) - 1]) if (ratio < 0.0).any() else 0.0
    if free < low:
        at = min(int(np.searchsorted(load, low)), len(load) - 1)
        return float(ratio[order[at]]) if len(load) else 0.0
    if free > high:
        at = int(np.searchsorted(load, high, side="right"))
        return float(ratio[order[at]])
    return 0.0


class Pricing:
    """An owner's problem at given prices of the items.

    Parameters
    ----------
    prices
        Of the items, (items,): what a territory earns for having each.
    """

    def __init__(self, owner: Owner, prices: FloatArray) -> None:
        self.owner = owner
        self.value = owner.cost - prices[owner.items]
        price = limit_prices(owner, self.value)
        reduced = self.value - price @ owner.weight
        at = np.where(price > 0.0, owner.low, np.where(price < 0.0, owner.high, 0.0))
        self.base = float(price @ at) + float(np.minimum(reduced, 0.0).sum())
        self.size = float(np.abs(price * at).sum() + np.abs(self.value).sum())
        self.price, self.reduced = price, reduced

    def _ground(self, budget: float) -> tuple[Ground, IndexArray]:
        """Items that the budget leaves, as a ground of their own."""
        owner = self.owner
        kept = np.flatnonzero(self.reduced <= budget)
        at = np.full(len(owner.items), -1, dtype=np.int64)
        at[kept] = np.arange(len(kept))
        item = np.repeat(np.arange(len(owner.items)), np.diff(owner.begin))
        inside = (at[item] >= 0) & (at[owner.near] >= 0)
        begin, (near,) = grouped(at[item[inside]], [at[owner.near[inside]]], len(kept))
        reduced = self.reduced[kept]
        ground = Ground(
            begin, near, np.maximum(reduced, 0.0), np.maximum(-reduced, 0.0), self.value[kept],
            np.ascontiguousarray(owner.weight[:, kept]), owner.low, owner.high, self.price,
            bool(owner.home.any()), owner.home[kept],
        )  # fmt: skip
        return ground, kept

    def up_to(self, limit: float, nodes: int, room: int) -> Priced:
        """Every territory of a value up to the limit, unless nodes or room are too few."""
        n = len(self.owner.items)
        margin = ROUNDING * self.size
        nothing = self.owner.may_have_nothing and limit >= 0.0
        budget = limit - self.base + margin
        if n == 0 or budget < 0.0:
            members = np.zeros((int(nothing), n), dtype=np.bool_)
            return Priced(self.base, members, np.zeros(int(nothing)), True, 0)
        ground, kept = self._ground(budget)
        found = Found(
            np.zeros((room, len(kept)), dtype=np.bool_), np.zeros(room),
            np.zeros(3, dtype=np.int64),
        )  # fmt: skip
        if len(kept):
            territories(ground, budget, limit + margin, nodes, found)
        count, decided, cut_short = found.tally.tolist()
        members = np.zeros((count + nothing, n), dtype=np.bool_)
        members[:count, kept] = found.member[:count]
        values = np.append(found.value[:count], np.zeros(int(nothing)))
        order = np.argsort(values, kind="stable")
        return Priced(self.base, members[order], values[order], not cut_short, decided)
