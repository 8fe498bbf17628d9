"""Territories evened out where nothing but the limits matters, in compiled code.

Where much of one measure lies in few places, balanced territories are long: side by side
they reach from there far into the land around. Shifts along borders that look at the way
to the base seldom find such a layout. Here a group of territories is annealed for

    Σ ((outside / usual)² + sharp · outside / usual + pull · ((load - aim) / usual)²)

over its owners and hard limits. The square spreads what is too much over many owners,
and the pull makes room in those that keep their limits, so that it passes through them to
where there is room. Besides single shifts two adjacent territories are put together and
cut anew (DeFord, Duchin and Solomon 2021), which turns how they lie to each other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..compiled import bare, bare_inlined
from .border import accepts, carried_out, drawn_edge
from .deal import (
    Deal,
    Walker,
    move,
    outside,
    value_of,
)
from .drawing import draw
from .ground import Ground

#: Weights beside the square of what lies outside.
SHARP, PULL = 0.02, 0.3
#: Of 1,024 proposals so many cut two territories anew, and of the others so many are chains.
CUTS, CHAINS = 16, 400
#: Proposals between two looks at how much lies outside.
BLOCK = 1_000


class Timber(NamedTuple):
    """Room for trees over the items of two owners.

    Parameters
    ----------
    tree, parent
        Items, each after its parent, and the place of the parent in that list, (n,).
    frontier
        Directed pairs that wait while a tree grows, (E,).
    branch
        What hangs on a place, for either owner: cost, pairs that may not be chosen, and
        loads, (n, 2, 2 + K).
    inside
        Whether a place belongs to the branch that is cut off, (n,).
    """

    tree: IndexArray
    parent: IndexArray
    frontier: IndexArray
    branch: FloatArray
    inside: BoolArray


def new_timber(g: Ground) -> Timber:
    """Room for the largest tree."""
    n, kinds = len(g.first), len(g.price)
    return Timber(
        np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64),
        np.zeros(len(g.tail) + 1, dtype=np.int64), np.zeros((n, 2, 2 + kinds)),
        np.zeros(n, dtype=np.bool_),
    )  # fmt: skip


@bare_inlined
def strain(g: Ground, d: Deal, k: int, r: int, load: float, usual: float, aim: float) -> float:
    """What a load of an owner counts, in squares of what owners usually carry."""
    if g.price[k] < np.inf or not g.takes_part[k, r]:
        return 0.0
    over, off = outside(d, k, r, load) / usual, (load - aim) / usual
    return float(over * over + SHARP * over + PULL * off * off)


@bare_inlined
def load_change(
    g: Ground, d: Deal, k: int, r: int, amount: float, usual: FloatArray, aim: FloatArray
) -> float:
    """What it adds to the strain where an owner's load changes by an amount."""
    now = d.load[k, r]
    after = strain(g, d, k, r, now + amount, usual[k], aim[k, r])
    return float(after - strain(g, d, k, r, now, usual[k], aim[k, r]))


@bare_inlined
def propose_shift(
    g: Ground, d: Deal, w: Walker, e: int, chain: bool, usual: FloatArray, aim: FloatArray
) -> float:
    """Plan a shift across a border, or a chain of two; what it adds to the strain.

    A chain hands one of the receiver's items back to the first owner or on to a third.
    inf where there is no such chain, or a pair may not be chosen.
    """
    plan, i = w.plan, g.tail[e]
    r, to = d.owner[i], d.owner[g.near_other[e]]
    j, q = i, r
    if not g.cost[g.start[i] + to - g.first[i]] < np.inf:
        return np.inf
    if chain:
        e = drawn_edge(d, w.random, to)
        j, q = g.tail[e], d.owner[g.near_other[e]]
        if i == j or d.group[q] != d.group[r]:
            return np.inf
        if not g.cost[g.start[j] + q - g.first[j]] < np.inf:
            return np.inf
    change = 0.0
    for k in range(d.load.shape[0]):
        gives, takes = -value_of(g, k, i, r), value_of(g, k, i, to)
        if chain:
            takes -= value_of(g, k, j, to)
            more = value_of(g, k, j, q)
            if q == r:
                gives += more
            else:
                change += load_change(g, d, k, q, more, usual, aim)
        change += load_change(g, d, k, r, gives, usual, aim)
        change += load_change(g, d, k, to, takes, usual, aim)
    plan[0], plan[1], plan[2], plan[3] = i, to, j, q
    return change


@bare_inlined
def grow(g: Ground, d: Deal, w: Walker, t: Timber, root: int, r: int, to: int) -> int:
    """Grow a random tree over the items of two owners; return how many it holds."""
    w.clock[0] += 2
    clock = w.clock[0]
    w.stamp[root] = clock
    t.tree[0], t.parent[0] = root, -1
    # The place of an item in the tree is kept in the walker's queue.
    w.queue[root] = 0
    waiting, count, at = 0, 0, 0
    while True:
        i = t.tree[count]
        for e in range(g.near_start[i], g.near_start[i + 1]):
            j = g.near_other[e]
            if (d.owner[j] == r or d.owner[j] == to) and w.stamp[j] != clock:
                t.frontier[waiting] = e
                waiting += 1
        count += 1
        found = -1
        while waiting > 0 and found < 0:
            at = draw(w.random) % waiting
            e = t.frontier[at]
            waiting -= 1
            t.frontier[at] = t.frontier[waiting]
            if w.stamp[g.near_other[e]] != clock:
                found = e
        if found < 0:
            return count
        j = g.near_other[found]
        w.stamp[j] = clock
        w.queue[j] = count
        t.tree[count], t.parent[count] = j, w.queue[g.tail[found]]


@bare_inlined
def add_up(g: Ground, d: Deal, t: Timber, count: int, r: int, to: int) -> None:
    """Costs and loads of every branch, with either owner."""
    kinds = d.load.shape[0]
    for at in range(count):
        i = t.tree[at]
        for side in range(2):
            q = r if side == 0 else to
            cost = g.cost[g.start[i] + q - g.first[i]]
            t.branch[at, side, 0] = cost if cost < np.inf else 0.0
            t.branch[at, side, 1] = 0.0 if cost < np.inf else 1.0
            for k in range(kinds):
                t.branch[at, side, 2 + k] = value_of(g, k, i, q)
    for back in range(1, count):
        at = count - back
        for side in range(2):
            for c in range(2 + kinds):
                t.branch[t.parent[at], side, c] += t.branch[at, side, c]


@bare_inlined
def cut_change(
    g: Ground, d: Deal, w: Walker, t: Timber, root: int, r: int, to: int,
    usual: FloatArray, aim: FloatArray,
) -> float:  # fmt: skip
    """Cut the territories of two owners anew; what that adds to the strain, inf for no way.

    The walker's plan gets the place whose branch is cut off, 1 where it goes to the
    second owner, and the size of the tree.
    """
    count = grow(g, d, w, t, root, r, to)
    if count != d.held[r] + d.held[to]:
        return np.inf
    add_up(g, d, t, count, r, to)
    best, cheapest = np.inf, np.inf
    for at in range(1, count):
        for side in range(2):
            barred = t.branch[0, 1 - side, 1] - t.branch[at, 1 - side, 1]
            if barred + t.branch[at, side, 1] > 0.5:
                continue
            rest = t.branch[0, 1 - side, 0] - t.branch[at, 1 - side, 0]
            cost = t.branch[at, side, 0] + rest
            value = 0.0
            for k in range(d.load.shape[0]):
                cut = t.branch[at, side, 2 + k]
                left = t.branch[0, 1 - side, 2 + k] - t.branch[at, 1 - side, 2 + k]
                mine, other = (cut, left) if side == 0 else (left, cut)
                value += strain(g, d, k, r, mine, usual[k], aim[k, r])
                value += strain(g, d, k, to, other, usual[k], aim[k, to])
            if value < best - 1e-12 or (value < best + 1e-12 and cost < cheapest):
                best, cheapest = value, cost
                w.plan[0], w.plan[1], w.plan[2] = at, side, count
    for k in range(d.load.shape[0]):
        best -= strain(g, d, k, r, d.load[k, r], usual[k], aim[k, r])
        best -= strain(g, d, k, to, d.load[k, to], usual[k], aim[k, to])
    return best


@bare_inlined
def cut(g: Ground, d: Deal, w: Walker, t: Timber, r: int, to: int) -> None:
    """Carry out the cut that was found."""
    place, side, count = w.plan[0], w.plan[1], w.plan[2]
    for at in range(count):
        t.inside[at] = at == place or (at > place and t.inside[t.parent[at]])
        goal = r if t.inside[at] == (side == 0) else to
        if d.owner[t.tree[at]] != goal:
            move(g, d, w, t.tree[at], goal)


@bare_inlined
def all_outside(g: Ground, d: Deal, mine: IndexArray, usual: FloatArray) -> float:
    """What lies outside the hard limits of some owners, in what they usually carry."""
    total = 0.0
    for k in range(d.load.shape[0]):
        if g.price[k] < np.inf:
            continue
        for at in range(len(mine)):
            r = mine[at]
            total += max(0.0, outside(d, k, r, d.load[k, r]) - d.margin[k, r]) / usual[k]
    return total


@bare
def even_out(
    g: Ground,
    d: Deal,
    w: Walker,
    t: Timber,
    mine: IndexArray,
    usual: FloatArray,
    aim: FloatArray,
    temperature: float,
    cooling: float,
    blocks: int,
) -> int:
    """Anneal the strain of some owners until all their hard limits hold; blocks done.

    Where they never do, the deal is left with what lay outside least at the end of a
    block, in the walker's best plan.

    Parameters
    ----------
    mine
        The owners, all those of one group of the deal.
    usual, aim
        What an owner carries on average, (K,), and where loads are drawn to, (K, R).
    temperature, cooling
        At the start, and its factor from block to block.
    """
    random = w.random
    for b in range(blocks):
        over = all_outside(g, d, mine, usual)
        if over < w.best[0]:
            w.best[0] = over
            for i in range(len(d.owner)):
                w.best_owner[i] = d.owner[i]
        for _ in range(BLOCK):
            if w.broken[0] == 0:
                for i in range(len(d.owner)):
                    w.best_owner[i] = d.owner[i]
                w.best[0] = 0.0
                return b + 1
            r = mine[draw(random) % len(mine)]
            e = drawn_edge(d, random, r)
            if e < 0:
                continue
            i, to = g.tail[e], d.owner[g.near_other[e]]
            if d.group[to] != d.group[r]:
                continue
            if (draw(random) & 1023) < CUTS and g.whole[r] and g.whole[to]:
                change = cut_change(g, d, w, t, i, r, to, usual, aim)
                if change < np.inf and accepts(random, change, temperature):
                    cut(g, d, w, t, r, to)
                continue
            chain = (draw(random) & 1023) < CHAINS
            change = propose_shift(g, d, w, e, chain, usual, aim)
            if accepts(random, change, temperature):
                carried_out(g, d, w, 2 if chain else 1)
        temperature *= cooling
    return blocks
