"""Who has what in the search along borders: loads, limits and border pairs, move by move."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import bare, bare_inlined
from .drawing import seeded
from .ground import Ground

#: Covers that a quick look for a way round visits.
NEARBY = 80

#: Share of what an owner usually carries by which hard limits are taken tighter, so that
#: amounts that cost next to nothing do not keep a plan from holding them.
TIGHTER = 2e-3


class Deal(NamedTuple):
    """Who has what, and the sums that follow; all of it changes move by move.

    Every entry belongs to one owner, so that searches among different owners can work
    on one deal at the same time.

    Parameters
    ----------
    owner, held
        Owner of each item (n,), items of each owner (R,).
    load, low, high
        What is carried and the limits at today's totals, (K, R); hard ones a little
        tighter than they are.
    margin
        By how much these may be missed, so that the true ones hold, (K, R).
    price, weight
        Of a unit carried, and of a unit outside the limits, (K, R).
    crossing, crossings, position
        Directed neighbour pairs from each owner to another (R, E), how many (R,), and
        where each pair stands, -1 for nowhere (E,).
    group
        Which search an owner belongs to now, (R,).
    """

    owner: IndexArray
    held: IndexArray
    load: FloatArray
    low: FloatArray
    high: FloatArray
    margin: FloatArray
    price: FloatArray
    weight: FloatArray
    crossing: Any
    crossings: IndexArray
    position: IndexArray
    group: IndexArray


class Walker(NamedTuple):
    """What one search among some owners keeps for itself.

    Parameters
    ----------
    stamp, queue, clock
        For walks over neighbours, (n,), (n,), (1,).
    objective, broken
        Of its owners: costs and soft limits, and hard limits that do not hold, (1,).
    trail
        Items moved since its best plan, (n,).
    plan
        Items and receivers of the proposal at hand, (4,).
    best_owner, best
        Its best plan that keeps all limits, for its owners' items, and its objective,
        inf for none, (n,), (1,).
    random
        State of its generator, (1,).
    """

    stamp: IndexArray
    queue: IndexArray
    clock: IndexArray
    objective: FloatArray
    broken: IndexArray
    trail: IndexArray
    plan: IndexArray
    best_owner: IndexArray
    best: FloatArray
    random: Any


def new_deal(g: Ground, owner: IndexArray) -> Deal:
    """All sums of the given owners, with no prices and weights yet."""
    edges = len(g.tail)
    resources, owners = g.takes_part.shape
    per_owner = (resources, owners)
    deal = Deal(
        owner=np.array(owner, dtype=np.int64),
        held=np.zeros(owners, dtype=np.int64),
        load=np.zeros(per_owner),
        low=np.zeros(per_owner),
        high=np.zeros(per_owner),
        margin=np.zeros(per_owner),
        price=np.zeros(per_owner),
        weight=np.zeros(per_owner),
        # Only the pages of this that are ever written take up memory.
        crossing=np.empty((owners, edges), dtype=np.int32),
        crossings=np.zeros(owners, dtype=np.int64),
        position=np.full(edges, -1, dtype=np.int64),
        group=np.zeros(owners, dtype=np.int64),
    )
    rebuild(g, deal)
    return deal


def new_walker(items: int, seed: int) -> Walker:
    """A search that has seen nothing yet."""
    many = [np.zeros(items, dtype=np.int64) for _ in range(4)]
    return Walker(
        stamp=many[0],
        queue=many[1],
        clock=np.zeros(1, dtype=np.int64),
        objective=np.zeros(1),
        broken=np.zeros(1, dtype=np.int64),
        trail=many[2],
        plan=np.zeros(4, dtype=np.int64),
        best_owner=many[3],
        best=np.full(1, np.inf),
        random=seeded(seed),
    )


@bare_inlined
def value_of(g: Ground, k: int, i: int, r: int) -> float:
    """What an item adds to an owner's load."""
    if not g.takes_part[k, r]:
        return 0.0
    if g.per_item[k]:
        return float(g.item_value[g.value_row[k], i])
    return float(g.pair_value[g.value_row[k], g.start[i] + r - g.first[i]])


@bare_inlined
def outside(d: Deal, k: int, r: int, load: float) -> float:
    """Amount beyond the limits."""
    if load > d.high[k, r]:
        return load - float(d.high[k, r])
    return float(d.low[k, r]) - load if load < d.low[k, r] else 0.0


@bare_inlined
def is_broken(g: Ground, d: Deal, k: int, r: int) -> int:
    """1 for a hard limit that does not hold by more than its slack."""
    if g.price[k] < np.inf:
        return 0
    return 1 if outside(d, k, r, d.load[k, r]) > d.margin[k, r] else 0


@bare_inlined
def pair_change(g: Ground, i: int, r: int, to: int) -> float:
    """What a shift adds to the costs of pairs."""
    begin = g.start[i] - g.first[i]
    return float(g.cost[begin + to] - g.cost[begin + r])


@bare_inlined
def carry(g: Ground, d: Deal, w: Walker, i: int, r: int, sign: float) -> None:
    """Add an item to an owner's load (1) or take it off (-1), with all that counts it."""
    for k in range(d.load.shape[0]):
        soft = g.price[k] < np.inf
        w.broken[0] -= is_broken(g, d, k, r)
        if soft:
            w.objective[0] -= g.price[k] * outside(d, k, r, d.load[k, r])
        d.load[k, r] += sign * value_of(g, k, i, r)
        w.broken[0] += is_broken(g, d, k, r)
        if soft:
            w.objective[0] += g.price[k] * outside(d, k, r, d.load[k, r])


@bare_inlined
def stays_whole(g: Ground, d: Deal, w: Walker, i: int, r: int) -> bool:
    """Whether an owner's territory surely hangs together without the item as it did with it.

    Says no where a short walk from the item's neighbours does not settle it: the item
    is then nearly always one that holds the territory together.
    """
    if d.held[r] <= 1:
        return not g.stays[r]
    if not g.whole[r]:
        return True
    w.clock[0] += 2
    clock = w.clock[0]
    many, root = 0, -1
    for e in range(g.near_start[i], g.near_start[i + 1]):
        j = g.near_other[e]
        if d.owner[j] == r:
            w.stamp[j] = clock - 1
            many += 1
            root = j
    if many <= 1:
        return True
    found, head, tail = 1, 0, 1
    w.queue[0] = root
    w.stamp[root] = clock
    w.stamp[i] = clock
    while head < tail and head < NEARBY:
        at = w.queue[head]
        head += 1
        for e in range(g.near_start[at], g.near_start[at + 1]):
            j = g.near_other[e]
            if d.owner[j] != r or w.stamp[j] == clock:
                continue
            if w.stamp[j] == clock - 1:
                found += 1
                if found == many:
                    return True
            w.stamp[j] = clock
            w.queue[tail] = j
            tail += 1
    return False


@bare_inlined
def list_edge(d: Deal, e: int, r: int) -> None:
    """Put a directed pair on an owner's list."""
    d.position[e] = d.crossings[r]
    d.crossing[r, d.crossings[r]] = e
    d.crossings[r] += 1


@bare_inlined
def drop_edge(d: Deal, e: int, r: int) -> None:
    """Take a directed pair off an owner's list."""
    at, last = d.position[e], d.crossings[r] - 1
    moved = d.crossing[r, last]
    d.crossing[r, at] = moved
    d.position[moved] = at
    d.position[e] = -1
    d.crossings[r] = last


@bare_inlined
def move(g: Ground, d: Deal, w: Walker, i: int, to: int) -> None:
    """Give an item to another owner."""
    r = d.owner[i]
    w.objective[0] += pair_change(g, i, r, to)
    for side in range(2):
        carry(g, d, w, i, r if side == 0 else to, -1.0 if side == 0 else 1.0)
    for e in range(g.near_start[i], g.near_start[i + 1]):
        q = d.owner[g.near_other[e]]
        if q != r:
            drop_edge(d, e, r)
        else:
            list_edge(d, g.back[e], r)
        if q != to:
            list_edge(d, e, to)
        else:
            drop_edge(d, g.back[e], to)
    d.owner[i] = to
    d.held[r] -= 1
    d.held[to] += 1


@bare
def rebuild(g: Ground, d: Deal, share: float = TIGHTER) -> None:
    """Compute every sum anew from the owners, and limits from today's totals.

    Hard limits are taken tighter by a share of what an owner usually carries.
    """
    resources, owners = d.load.shape
    for r in range(owners):
        d.held[r] = 0
        d.crossings[r] = 0
        for k in range(resources):
            d.load[k, r] = 0.0
    for i in range(len(d.owner)):
        r = d.owner[i]
        d.held[r] += 1
        for k in range(resources):
            d.load[k, r] += value_of(g, k, i, r)
    for k in range(resources):
        total, many = 0.0, 0
        for r in range(owners):
            total += d.load[k, r]
            many += g.takes_part[k, r]
        for r in range(owners):
            low = g.lower[k, r] + g.lower_share[k, r] * total
            high = g.upper[k, r] + g.upper_share[k, r] * total
            tighter = 0.0
            if g.price[k] == np.inf and g.takes_part[k, r]:
                tighter = min(share * total / many, 0.25 * (high - low))
            edge = min(abs(low), abs(high))
            d.margin[k, r] = tighter + g.slack[k] * max(1.0, edge if edge < np.inf else 0.0)
            d.low[k, r], d.high[k, r] = low + tighter, high - tighter
    for e in range(len(g.tail)):
        r = d.owner[g.tail[e]]
        d.position[e] = -1
        if d.owner[g.near_other[e]] != r:
            list_edge(d, e, r)


@bare
def begin_walk(g: Ground, d: Deal, w: Walker, number: int) -> None:
    """Add up what a search's owners cost and break; its best plan is unknown again."""
    w.objective[0] = 0.0
    w.broken[0] = 0
    w.best[0] = np.inf
    for i in range(len(d.owner)):
        r = d.owner[i]
        if d.group[r] == number:
            w.objective[0] += g.cost[g.start[i] + r - g.first[i]]
    for k in range(d.load.shape[0]):
        for r in range(d.load.shape[1]):
            if d.group[r] == number:
                w.broken[0] += is_broken(g, d, k, r)
                if g.price[k] < np.inf:
                    w.objective[0] += g.price[k] * outside(d, k, r, d.load[k, r])
