"""Finding cuts that connected territories keep and the relaxation at some prices breaks.

Let a clump of an owner's items be too light for a territory (a hard lower limit says
how much one must carry), or lie without the item where the owner must be. Then a
territory with any of the clump has some of what surrounds it, and if that is still not
enough, some of what surrounds both. As in Wong's dual ascent for Steiner trees (1984)
the clump grows along the cheapest items, and every stage of the growth is a cut: with d
the cheapest way from the clump in terms of what an item costs the owner beyond its
cheapest, the items at distance up to any level t form such a set, and an item s with
the way to it between d(before s) and d(s) is in the surroundings for the levels
between. One row adds up the levels from 0 to the distance F at which the set is first
enough, or to what it would cost to give the clump away:

    Σ_{a in clump} δ_a · x(a, r)  ≤  Σ_s (min(d(s), F) - d(before s)) · x(s, r),  Σ δ_a = F.

With the row's price at 1 the clump becomes dearer by F and nothing on the way gets
cheaper than its cheapest owner. Newton's method finds the prices that are best together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..compiled import compiled, inner
from ..model import AssignmentModel, Connected
from ..tables import PriceTables, Tables, grouped
from .cuts import Cuts

#: Share of an item above which an owner counts as having it.
HELD = 0.5
#: Rows found in one go, at most, those first that are broken most.
MOST_ROWS = 250
#: The clump's side of a row is made so much smaller, for rounding.
SAFE = 1.0 - 1e-9


@dataclass(frozen=True, eq=False)
class Region:
    """Owners that must be connected on one graph, with what makes a set of items enough.

    Parameters
    ----------
    begin, near
        Neighbours of each item.
    owners
        Whom it concerns, (owners,).
    carried, need
        Per hard resource: what each pair carries, (resources, P), and the least that an
        owner must carry, (resources, owners); -inf where nothing is asked.
    root
        Item that each owner must have, -1 for none, (owners,).
    """

    begin: IndexArray
    near: IndexArray
    owners: BoolArray
    carried: FloatArray
    need: FloatArray
    root: IndexArray


def regions_of(model: AssignmentModel, tables: Tables) -> tuple[Region, ...]:
    """Regions of a model's hard connected parts whose owners need something."""
    hard = [part for part in model.connected if np.isinf(part.price) and len(part.edges)]
    if not hard:
        return ()
    carried, need = _needs(model)
    root = _roots(model, tables)
    found = []
    for part in hard:
        owners = part.owners & ((need > 0).any(axis=0) | (root >= 0))
        if owners.any():
            begin, near = _neighbours(part, model.items)
            found.append(Region(begin, near, owners, carried, need, root))
    return tuple(found)


def _neighbours(part: Connected, items: int) -> tuple[IndexArray, IndexArray]:
    both = np.unique(np.concatenate([part.edges, part.edges[:, ::-1]]), axis=0)
    begin, (near,) = grouped(both[:, 0], [both[:, 1]], items)
    return begin, near


def _needs(model: AssignmentModel) -> tuple[FloatArray, FloatArray]:
    """What owners must carry at least, whatever the plan."""
    carried, need = [], []
    for resource in model.resources:
        if not resource.hard or (resource.values < 0).any():
            continue
        lower = resource.lower + resource.lower_share * model.total_range(resource)[0]
        lower = np.where(resource.takes_part & np.isfinite(lower), lower, -np.inf)
        lower = lower - 2.0 * resource.tolerance * np.maximum(1.0, np.abs(lower))
        if (lower > 0).any():
            carried.append(np.asarray(resource.values, dtype=np.float64))
            need.append(np.where(lower > 0, lower, -np.inf))
    if not need:
        return np.zeros((0, model.pairs)), np.zeros((0, model.owners))
    return np.ascontiguousarray(np.stack(carried)), np.ascontiguousarray(np.stack(need))


def _roots(model: AssignmentModel, tables: Tables) -> IndexArray:
    """First item that nobody but the owner may have, -1 for none, (owners,)."""
    root = np.full(model.owners, -1, dtype=np.int64)
    ways = np.add.reduceat(tables.allowed, model.start) if model.items else np.zeros(0)
    owners = model.pair_owners()
    for item in np.flatnonzero(ways == 1)[::-1].tolist():
        begin = int(model.start[item])
        at = begin + int(tables.allowed[begin : begin + int(tables.width[item])].argmax())
        root[owners[at]] = item
    return root


@inner
def push(keys: FloatArray, items: IndexArray, size: int, key: float, item: int) -> int:
    """Put an item on a heap, least key first and then least item; the new size."""
    at = size
    while at > 0:
        up = (at - 1) // 2
        if keys[up] < key or (keys[up] == key and items[up] <= item):
            break
        keys[at], items[at] = keys[up], items[up]
        at = up
    keys[at], items[at] = key, item
    return size + 1


@inner
def pop(keys: FloatArray, items: IndexArray, size: int) -> tuple[float, int, int]:
    """Take the first off a heap: its key, item, and the new size."""
    key, item = keys[0], items[0]
    size -= 1
    last, mover, at = keys[size], items[size], 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and (
            keys[child + 1] < keys[child]
            or (keys[child + 1] == keys[child] and items[child + 1] < items[child])
        ):
            child += 1
        if last < keys[child] or (last == keys[child] and mover <= items[child]):
            break
        keys[at], items[at] = keys[child], items[child]
        at = child
    keys[at], items[at] = last, mover
    return key, item, size


class Owner(NamedTuple):
    """What an owner sees of every item, (n,), and what it needs.

    Parameters
    ----------
    pair
        Flat index of the owner's pair with each item, (n,).
    slack, share
        What each item costs the owner beyond its cheapest, inf where not allowed, and
        the share that the owner has of it.
    regret
        What it would cost to give an item to the next owner.
    """

    number: int
    root: int
    need: FloatArray
    carried: FloatArray
    begin: IndexArray
    near: IndexArray
    pair: IndexArray
    slack: FloatArray
    share: FloatArray
    regret: FloatArray


class Rows(NamedTuple):
    """Rows in the making: as :class:`Cuts`, by how much each is broken, and how many."""

    owner: IndexArray
    broken: FloatArray
    begin: IndexArray
    item: IndexArray
    value: FloatArray
    filled: IndexArray

    @classmethod
    def room(cls, rows: int, entries: int) -> Rows:
        """Room for so many."""
        owner, item = np.zeros(rows, dtype=np.int64), np.zeros(entries, dtype=np.int64)
        begin, filled = np.zeros(rows + 1, dtype=np.int64), np.zeros(2, dtype=np.int64)
        return cls(owner, np.zeros(rows), begin, item, np.zeros(entries), filled)


class Growth(NamedTuple):
    """Room for growing clumps, (n,) each but the heap, which is twice as long.

    Parameters
    ----------
    clump, around
        Items of the clump, and those met around it.
    clump_of, mark
        Which clump an item belongs to, and for which it was met last.
    before, way
        Distance to the way before an item, and with it.
    """

    clump: IndexArray
    clump_of: IndexArray
    around: IndexArray
    mark: IndexArray
    before: FloatArray
    way: FloatArray
    keys: FloatArray
    heap: IndexArray
    weight: FloatArray

    @classmethod
    def of(cls, n: int, resources: int) -> Growth:
        """Empty room."""
        return cls(
            clump=np.zeros(n, dtype=np.int64),
            clump_of=np.zeros(n, dtype=np.int64),
            around=np.zeros(n, dtype=np.int64),
            mark=np.zeros(n, dtype=np.int64),
            before=np.zeros(n),
            way=np.zeros(n),
            keys=np.zeros(2 * n + 1),
            heap=np.zeros(2 * n + 1, dtype=np.int64),
            weight=np.zeros(resources),
        )


@inner
def absorb(o: Owner, g: Growth, pair: int) -> bool:
    """Add a pair's amounts to a set; whether the set is enough to carry."""
    enough = True
    for k in range(len(g.weight)):
        g.weight[k] += o.carried[k, pair]
        enough = enough and g.weight[k] >= o.need[k]
    return enough


@inner
def gather(o: Owner, g: Growth, seed: int) -> tuple[int, float, bool, bool]:
    """Flood the clump of a seed: its size and ransom, whether it is enough and has the root."""
    g.clump[0], g.clump_of[seed] = seed, seed + 1
    many, head, ransom = 1, 0, 0.0
    enough, rooted = False, o.root < 0
    g.weight[:] = 0.0
    while head < many:
        at = g.clump[head]
        head += 1
        enough = absorb(o, g, o.pair[at])
        rooted = rooted or at == o.root
        ransom += o.regret[at]
        for e in range(o.begin[at], o.begin[at + 1]):
            j = o.near[e]
            if not g.clump_of[j] and o.share[j] >= HELD:
                g.clump_of[j] = seed + 1
                g.clump[many] = j
                many += 1
    return many, ransom, enough, rooted


@inner
def meet(
    o: Owner, g: Growth, seed: int, at: int, d: float, seen: int, size: int
) -> tuple[int, int]:
    """Put an item's neighbours outside on the heap; how many were met so far, and its size."""
    for e in range(o.begin[at], o.begin[at + 1]):
        j = o.near[e]
        if g.clump_of[j] != seed + 1 and g.mark[j] != seed + 1 and o.slack[j] < np.inf:
            # The nearest of its neighbours meets it first.
            g.mark[j] = seed + 1
            g.before[j], g.way[j] = d, d + o.slack[j]
            g.around[seen] = j
            seen += 1
            size = push(g.keys, g.heap, size, g.way[j], j)
    return seen, size


@inner
def grow(
    o: Owner, g: Growth, seed: int, many: int, ransom: float, rooted: bool
) -> tuple[float, int]:
    """Grow a clump until it is enough: the distance at which it is, and items met.

    The distance is the ransom where the clump is cheaper to give away.
    """
    size, seen = 0, 0
    for c in range(many):
        seen, size = meet(o, g, seed, g.clump[c], 0.0, seen, size)
    while size > 0:
        d, at, size = pop(g.keys, g.heap, size)
        if d >= ransom:
            break
        enough = absorb(o, g, o.pair[at])
        rooted = rooted or at == o.root
        if enough and rooted:
            return d, seen
        seen, size = meet(o, g, seed, at, d, seen, size)
    return ransom, seen


@inner
def append_row(
    o: Owner, g: Growth, many: int, seen: int, reach: float, ransom: float, rows: Rows
) -> None:
    """Append the row of a clump where the shares break it."""
    row, entry = rows.filled[0], rows.filled[1]
    broken = 0.0
    for c in range(many + seen):
        at = g.clump[c] if c < many else g.around[c - many]
        if c < many:
            value = SAFE * reach * o.regret[at] / ransom
        else:
            value = -max(0.0, min(reach, g.way[at]) - g.before[at])
        if value != 0.0:
            rows.item[entry], rows.value[entry] = at, value
            broken += value * o.share[at]
            entry += 1
    if broken > 1e-9 * reach:
        rows.owner[row], rows.broken[row] = o.number, broken
        rows.begin[row + 1] = entry
        rows.filled[0], rows.filled[1] = row + 1, entry


@compiled
def rows_of_owner(o: Owner, g: Growth, rows: Rows) -> None:
    """Rows of one owner, appended."""
    g.clump_of[:], g.mark[:] = 0, 0
    for seed in range(len(o.share)):
        if o.share[seed] < HELD or g.clump_of[seed]:
            continue
        many, ransom, enough, rooted = gather(o, g, seed)
        if (enough and rooted) or ransom <= 0.0:
            continue
        reach, seen = grow(o, g, seed, many, ransom, rooted)
        full = rows.filled[1] + many + seen > len(rows.item)
        if full or rows.filled[0] >= len(rows.owner):
            return
        if reach > 0.0:
            append_row(o, g, many, seen, reach, ransom, rows)


@compiled
def soft_minima(
    t: PriceTables, reduced: FloatArray, width: FloatArray, soft: FloatArray, regret: FloatArray
) -> None:
    """Smoothed least reduced cost of each item, and from its cheapest owner to the next."""
    for i in range(len(t.first)):
        least, second = np.inf, np.inf
        for pair in range(t.start[i], t.start[i] + t.width[i]):
            if reduced[pair] < least:
                least, second = reduced[pair], least
            elif reduced[pair] < second:
                second = reduced[pair]
        total = 0.0
        for pair in range(t.start[i], t.start[i] + t.width[i]):
            if reduced[pair] <= least + 14.0 * width[i]:
                total += np.exp((least - reduced[pair]) / width[i])
        soft[i] = least - width[i] * np.log(total)
        regret[i] = (second - least if second < np.inf else 0.0) + width[i]


@compiled
def owner_view(
    t: PriceTables,
    r: int,
    reduced: FloatArray,
    soft: FloatArray,
    width: FloatArray,
    slack: FloatArray,
    share: FloatArray,
) -> None:
    """Slack and share of every item at one owner."""
    for i in range(len(t.first)):
        slack[i], share[i] = np.inf, 0.0
        if t.first[i] <= r < t.first[i] + t.width[i]:
            over = reduced[t.start[i] + r - t.first[i]] - soft[i]
            if over < np.inf:
                slack[i] = max(over, 0.0)
                share[i] = np.exp(-slack[i] / width[i])


def shares_of(t: PriceTables, reduced: FloatArray, width: FloatArray) -> FloatArray:
    """Share that each owner has of an item, (P,)."""
    soft, regret = np.empty(len(t.first)), np.empty(len(t.first))
    soft_minima(t, reduced, width, soft, regret)
    over = np.maximum(reduced - np.repeat(soft, t.width), 0.0)
    return np.asarray(np.exp(-over / np.repeat(width, t.width)))


def broken_rows(
    t: PriceTables,
    tables: Tables,
    reduced: FloatArray,
    width: FloatArray,
    regions: tuple[Region, ...],
) -> Cuts:
    """Rows that the relaxation breaks, where every item is shared among its cheapest owners.

    Parameters
    ----------
    reduced
        Reduced cost of every pair, cuts that are there included, (P,).
    width
        Smoothing of each item, (n,).
    """
    n = len(t.first)
    soft, regret = np.empty(n), np.empty(n)
    soft_minima(t, reduced, width, soft, regret)
    slack, share = np.empty(n), np.empty(n)
    rows = Rows.room(20 * MOST_ROWS, 40 * n + 1000)
    for region in regions:
        growth = Growth.of(n, len(region.need))
        for r in np.flatnonzero(region.owners).tolist():
            owner_view(t, r, reduced, soft, width, slack, share)
            owner = Owner(
                r,
                int(region.root[r]),
                np.ascontiguousarray(region.need[:, r]),
                region.carried,
                region.begin,
                region.near,
                t.start + np.clip(r - t.first, 0, t.width - 1),
                slack,
                share,
                regret,
            )
            rows_of_owner(owner, growth, rows)
    many, used = rows.filled.tolist()
    found = Cuts(
        tables,
        rows.owner[:many],
        rows.begin[: many + 1],
        rows.item[:used],
        rows.value[:used],
        np.zeros(many),
    )
    keep = np.zeros(many, dtype=np.bool_)
    keep[np.argsort(-rows.broken[:many], kind="stable")[:MOST_ROWS]] = True
    return found.chosen(keep)
