"""Finding rows that whole items keep and the relaxation at some prices breaks.

Let *C* be items that an owner cannot have together, Σ_{i∈C} a_i = limit + λ. Whoever
leaves out nothing that weighs more than λ must leave out λ of the rest, so that with
whole items

    Σ_{i∈C} min(a_i, λ) · (1 - x(i, r))  ≥  λ + Σ_{j∉C} φ(a_j) · x(j, r).

Where the relaxation has half of a large item the row is broken, unless it has left out
half of λ elsewhere. φ says what more must go for an item from outside; with the items
of *C* that weigh more than λ in falling order, a_1 ≥ a_2 ≥ …, and M_h the sum of the first h,

    φ(z) = h λ                        for M_h ≤ z ≤ M_{h+1} - λ,
           h λ + z - (M_{h+1} - λ)    for M_{h+1} - λ ≤ z ≤ M_{h+1},

and beyond the last of them what is beyond. φ is superadditive, so that all items
outside may be lifted at once (Marchand and Wolsey 1999, for knapsacks with a
continuous part; Gu, Nemhauser and Savelsbergh 2000). A lower limit is an upper one on what is
left to others, with 1 - x in the place of x.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..model import AssignmentModel
from ..tables import Tables, grouped
from .cuts import Cuts

#: Share of an item from which an owner is looked at for it.
NEAR = 0.01
#: A large item weighs this share of its owner's limit at least.
LARGE = 2e-3
#: Rows of one owner and limit, and how much of its limit a row must be broken by.
ROWS, BROKEN = 3, 1e-3
#: Rows found in one go, at most, those first that are broken most.
MOST_ROWS = 100
#: Times that the set is chosen anew for the excess that it has.
SETTLED = 3
#: Limits of rows are made so much wider, for rounding.
SAFE = 1e-9


@dataclass(frozen=True, eq=False)
class Knapsack:
    """What owners may carry of a hard resource, whatever the plan.

    Parameters
    ----------
    carried
        What each pair carries, (P,), not negative.
    lower, upper
        Limits, as wide as their tolerance, (owners,).
    """

    carried: FloatArray
    lower: FloatArray
    upper: FloatArray


def knapsacks_of(model: AssignmentModel) -> tuple[Knapsack, ...]:
    """The hard resources of a model that add up."""
    found = []
    for resource in model.resources:
        if not resource.hard or (resource.values < 0).any():
            continue
        least, most = model.total_range(resource)
        lower = resource.lower + resource.lower_share * least
        upper = resource.upper + resource.upper_share * most
        lower = lower - 2.0 * resource.tolerance * np.maximum(1.0, np.abs(lower))
        upper = upper + 2.0 * resource.tolerance * np.maximum(1.0, np.abs(upper))
        lower = np.where(resource.takes_part & (lower > 0), lower, 0.0)
        upper = np.where(resource.takes_part, upper, np.inf)
        if (lower > 0).any() or np.isfinite(upper).any():
            values = np.ascontiguousarray(resource.values, dtype=np.float64)
            found.append(Knapsack(values, lower, upper))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Cover:
    """Items that are too much together.

    Parameters
    ----------
    inside
        Which items are in *C*, (near,).
    excess
        λ.
    broken
        By how much, in units of what is carried.
    """

    inside: BoolArray
    excess: float
    broken: float


def cover(a: FloatArray, z: FloatArray, limit: float, seed: int) -> Cover | None:
    """A broken row around an item of which an owner has a part; None for none.

    An item that weighs less than λ had better be in *C* where its share is above what is
    left out of those that weigh more: it adds a_i to λ, and takes a_i times that away.

    Parameters
    ----------
    a, z
        What each item carries and the share that is taken, (near,).
    """
    apart = 1.0 - z
    rest = float(apart[seed])
    inside, excess = np.zeros(len(a), dtype=np.bool_), 0.0
    for _ in range(SETTLED):
        inside = z > rest
        inside[seed] = True
        excess = float(a[inside].sum()) - limit
        large = inside & (a > excess)
        if excess <= 0.0 or not large[seed]:
            return None
        again = float(apart[large].sum())
        if again == rest:
            break
        rest = again
    broken = excess - float((np.minimum(a, excess) * apart)[inside].sum())
    return Cover(inside, excess, broken) if broken > 0 else None


def lifted(a: FloatArray, large: FloatArray, excess: float) -> FloatArray:
    """φ of each item outside.

    Parameters
    ----------
    large
        Items inside that weigh more than the excess.
    """
    ends = np.cumsum(np.sort(large)[::-1])
    value = np.zeros(len(a))
    for end in ends.tolist():
        value += np.clip(a - (end - excess), 0.0, excess)
    return np.asarray(value + np.maximum(a - ends[-1], 0.0))


class _Rows:
    """Rows in the making."""

    def __init__(self) -> None:
        self.owner: list[int] = []
        self.item: list[IndexArray] = []
        self.value: list[FloatArray] = []
        self.limit: list[float] = []
        self.broken: list[float] = []

    def add(
        self, owner: int, items: IndexArray, value: FloatArray, limit: float, broken: float
    ) -> None:
        """Append a row, without what is 0."""
        there = value != 0.0
        self.owner.append(owner)
        self.item.append(items[there])
        self.value.append(value[there])
        self.limit.append(limit + SAFE * float(np.abs(value).sum() + abs(limit)))
        self.broken.append(broken)

    def cuts(self, tables: Tables) -> Cuts:
        """Those that are broken most."""
        if not self.owner:
            return Cuts.none(tables)
        sizes = [len(items) for items in self.item]
        found = Cuts(
            tables,
            np.array(self.owner, dtype=np.int64),
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            np.concatenate(self.item),
            np.concatenate(self.value),
            np.array(self.limit),
        )
        keep = np.zeros(len(found), dtype=np.bool_)
        keep[np.argsort(-np.array(self.broken), kind="stable")[:MOST_ROWS]] = True
        return found.chosen(keep)


def broken_covers(tables: Tables, share: FloatArray, knapsacks: tuple[Knapsack, ...]) -> Cuts:
    """Rows that the relaxation breaks, where every item is shared among its cheapest owners.

    Parameters
    ----------
    share
        Of every pair, (P,).
    """
    rows = _Rows()
    pairs = np.flatnonzero(share > NEAR)
    items = np.searchsorted(tables.start, pairs, side="right") - 1
    owners = tables.first[items] + pairs - tables.start[items]
    begin, (pairs, items) = grouped(owners, [pairs, items], tables.owners)
    for r in range(tables.owners):
        mine, near = pairs[begin[r] : begin[r + 1]], items[begin[r] : begin[r + 1]]
        for knapsack in knapsacks:
            _upper(rows, r, near, knapsack.carried[mine], share[mine], knapsack)
            _lower(rows, r, tables, mine, near, share[mine], knapsack)
    return rows.cuts(tables)


def _upper(
    rows: _Rows, r: int, near: IndexArray, a: FloatArray, x: FloatArray, knapsack: Knapsack
) -> None:
    limit = float(knapsack.upper[r])
    if not np.isfinite(limit):
        return
    for found in _covers(a, x, limit, limit):
        value, top = _weights(a, found, np.zeros(0))
        size = found.excess
        rows.add(r, near, value / size, (top - size) / size, found.broken / limit)


def _lower(
    rows: _Rows, r: int, tables: Tables, mine: IndexArray, near: IndexArray, x: FloatArray,
    knapsack: Knapsack,
) -> None:  # fmt: skip
    limit, a = float(knapsack.lower[r]), knapsack.carried[mine]
    if limit <= 0.0:
        return
    spare = float(a.sum()) - limit
    far: tuple[IndexArray, FloatArray] | None = None
    for found in _covers(a, 1.0 - x, spare, limit):
        size = found.excess
        if far is None:
            far = _others(tables, r, near, knapsack.carried)
        value, top = _weights(a, found, far[1])
        every = np.concatenate([near, far[0]])
        # Of those outside, 1 - x is lifted.
        fixed = float(value.sum()) - top
        values = np.concatenate([value, np.minimum(far[1], size)])
        order = np.argsort(every, kind="stable")
        rows.add(
            r, every[order], -values[order] / size, -(size + fixed) / size, found.broken / limit
        )


def _others(
    tables: Tables, r: int, near: IndexArray, carried: FloatArray
) -> tuple[IndexArray, FloatArray]:
    """Items that an owner may have but has nothing of, and what they carry."""
    may = (tables.first <= r) & (r < tables.first + tables.width)
    pair = tables.start + np.where(may, r - tables.first, 0)
    may &= tables.allowed[pair]
    may[near] = False
    there = np.flatnonzero(may)
    return there, carried[pair[there]]


def _covers(a: FloatArray, z: FloatArray, limit: float, size: float) -> Iterator[Cover]:
    """The most broken rows of one limit, at most one for each item that is shared."""
    seeds = np.flatnonzero((a >= LARGE * size) & (z > NEAR) & (z < 1.0 - NEAR))
    found = [one for one in (cover(a, z, limit, int(seed)) for seed in seeds) if one is not None]
    found = [one for one in found if one.broken > BROKEN * size]
    known: set[bytes] = set()
    for one in sorted(found, key=lambda each: -each.broken):
        key = one.inside.tobytes()
        if key not in known and len(known) < ROWS:
            known.add(key)
            yield one


def _weights(a: FloatArray, found: Cover, far: FloatArray) -> tuple[FloatArray, float]:
    """Weight of every item near, and the sum of those inside; what is far is inside too."""
    inner = np.minimum(a, found.excess)
    large = np.concatenate([a[found.inside & (a > found.excess)], far[far > found.excess]])
    value = np.where(found.inside, inner, lifted(a, large, found.excess))
    return value, float(inner[found.inside].sum())
