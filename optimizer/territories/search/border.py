"""Annealing along the borders of territories, in compiled code.

Only items at a border can move, so directed neighbour pairs with different owners are
kept in a list for each owner, and proposals are drawn from these. What is annealed is

    Σ cost + Σ price · load + Σ weight · amount outside the limits,

with a *price* for each owner and hard limit as in the relaxation (Everett 1963): at the
right prices balance costs nothing to keep, and an owner with too little draws items
through the territories in between. Prices follow what is outside from block to block;
weights rise from the start of an annealing to its end, when all limits have to hold.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import bare, bare_inlined
from .drawing import draw, seeded
from .ground import Ground

#: Covers that a quick look for a way round visits.
NEARBY = 80
#: Share of what an owner usually carries by which hard limits are taken tighter, so that
#: amounts that cost next to nothing do not keep a plan from holding them.
TIGHTER = 2e-3
#: Share outside the limits from which on prices rise as fast as they may.
FAR = 0.02


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
def amount_change(d: Deal, k: int, r: int, amount: float) -> float:
    """What an owner's price and weight add where its load changes by an amount."""
    now = d.load[k, r]
    change = d.price[k, r] * amount
    over = outside(d, k, r, now + amount) - outside(d, k, r, now)
    return float(change + d.weight[k, r] * over)


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


@bare_inlined
def drawn_edge(d: Deal, random: Any, r: int) -> int:
    """One of an owner's border pairs; -1 where it has none."""
    many = d.crossings[r]
    return int(d.crossing[r, draw(random) % many]) if many > 0 else -1


@bare_inlined
def accepts(random: Any, change: float, temperature: float) -> bool:
    """The rule of Metropolis et al. (1953)."""
    if change <= 0.0:
        return True
    if change > 16.0 * temperature:
        return False
    return bool((draw(random) + 1.0) / 2147483649.0 < np.exp(-change / temperature))


@bare_inlined
def propose(
    g: Ground, d: Deal, w: Walker, mine: IndexArray, temperature: float, chain: bool
) -> int:
    """Draw a shift across a border or a chain of two; returns how many items it moves, or 0.

    The walker's plan gets item, receiver, and for a chain one of the receiver's items
    and its receiver: back to the first owner or on to a third.
    """
    random, plan = w.random, w.plan
    r = mine[draw(random) % len(mine)]
    e = drawn_edge(d, random, r)
    if e < 0:
        return 0
    i, to = g.tail[e], d.owner[g.near_other[e]]
    if d.group[to] != d.group[r]:
        return 0
    change = pair_change(g, i, r, to)
    j, q = -1, -1
    if chain:
        e = drawn_edge(d, random, to)
        j, q = g.tail[e], d.owner[g.near_other[e]]
        if i == j or d.group[q] != d.group[r]:
            return 0
        change += pair_change(g, j, to, q)
    if not change < np.inf:
        return 0
    for k in range(d.load.shape[0]):
        gives = -value_of(g, k, i, r)
        takes = value_of(g, k, i, to)
        if chain:
            takes -= value_of(g, k, j, to)
            more = value_of(g, k, j, q)
            if q == r:
                gives += more
            else:
                change += amount_change(d, k, q, more)
        change += amount_change(d, k, r, gives) + amount_change(d, k, to, takes)
    if not accepts(random, change, temperature):
        return 0
    plan[0], plan[1], plan[2], plan[3] = i, to, j, q
    return 2 if chain else 1


@bare_inlined
def carried_out(g: Ground, d: Deal, w: Walker, steps: int) -> int:
    """Carry out what was drawn where territories stay whole; returns how many items moved."""
    took = 0
    plan = w.plan
    goal = np.int64(-1)
    for step in range(3):
        if step < steps:
            i, to = plan[2 * step], plan[2 * step + 1]
            touches = step == 0
            if not touches:
                for e in range(g.near_start[i], g.near_start[i + 1]):
                    touches = touches or d.owner[g.near_other[e]] == to
            fits = touches and stays_whole(g, d, w, i, d.owner[i])
            if not fits and step == 0:
                return 0
            if not fits:
                i, to = plan[0], goal
        else:
            return took
        goal = d.owner[i]
        move(g, d, w, i, to)
        if not fits:
            return 0
        took += 1
    return took


@bare_inlined
def reprice(
    g: Ground,
    d: Deal,
    mine: IndexArray,
    usual: FloatArray,
    rate: FloatArray,
    cap: FloatArray,
    fade: float,
) -> None:
    """Raise prices where there is too much, lower them where too little.

    Those of limits that are not even near fade (complementary slackness).
    """
    for k in range(d.load.shape[0]):
        if g.price[k] < np.inf:
            continue
        for at in range(len(mine)):
            r = mine[at]
            load, price, far = d.load[k, r], d.price[k, r], FAR * usual[k]
            if load > d.high[k, r]:
                price += rate[k] * min(1.0, (load - d.high[k, r]) / far)
            elif load < d.low[k, r]:
                price -= rate[k] * min(1.0, (d.low[k, r] - load) / far)
            elif (load < d.high[k, r] - far and price > 0) or (
                load > d.low[k, r] + far and price < 0
            ):
                price *= fade
            d.price[k, r] = min(max(price, -cap[k]), cap[k])


@bare_inlined
def note(d: Deal, w: Walker, took: int, length: int) -> int:
    """Book moves; keep the plan where it is the best. Returns how many moves it is away."""
    n = len(d.owner)
    for at in range(took):
        if length < n:
            w.trail[length] = w.plan[2 * at]
        length += 1
    if w.broken[0] > 0 or w.objective[0] >= w.best[0]:
        return length
    w.best[0] = w.objective[0]
    if length > n:
        for i in range(n):
            w.best_owner[i] = d.owner[i]
    else:
        for at in range(length):
            w.best_owner[w.trail[at]] = d.owner[w.trail[at]]
    return 0


@bare
def anneal_borders(
    g: Ground,
    d: Deal,
    w: Walker,
    mine: IndexArray,
    usual: FloatArray,
    temperature: float,
    cooling: float,
    weight: FloatArray,
    growth: float,
    rate: FloatArray,
    cap: FloatArray,
    fade: float,
    blocks: int,
    block: int,
    chains: int,
) -> int:
    """Anneal among some owners for some blocks of proposals.

    Parameters
    ----------
    mine
        The owners, all those of one group of the deal.
    usual
        What an owner carries on average of each resource, (K,).
    temperature, cooling
        At the start, and its factor from block to block.
    weight, growth
        Of a unit outside hard limits at the start, (K,), and its factor.
    rate, cap, fade
        By how much prices rise where limits are missed by far, their largest value, (K,)
        each, and the factor by which those of limits that are not near fade, both from block to block.
    chains
        Of 1,024 proposals so many are chains of two shifts.

    Returns
    -------
    int
        Moves carried out.
    """
    # Nothing is known of how the state differs from the best plan: copy all at first.
    length = len(d.owner) + 1
    accepted = 0
    rise = 1.0
    for b in range(blocks):
        if b > 0:
            reprice(g, d, mine, usual, rate, cap, fade)
        for k in range(d.load.shape[0]):
            for at in range(len(mine)):
                hard = g.price[k] == np.inf
                d.weight[k, mine[at]] = rise * weight[k] if hard else g.price[k]
        for turn in range(block):
            took = 0
            if turn > 0 or b > 0:
                chain = draw(w.random) & 1023 < chains
                steps = propose(g, d, w, mine, temperature, chain)
                if steps > 0:
                    took = carried_out(g, d, w, steps)
                if took == 0:
                    continue
            length = note(d, w, took, length)
            accepted += took > 0
        temperature *= cooling
        rise *= growth
    return accepted
