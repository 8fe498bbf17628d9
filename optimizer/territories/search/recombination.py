"""Two adjacent territories put together and cut anew, in compiled code.

A random tree is grown over the items of both; each of its edges parts them into two
connected sides, and the best of these cuts is proposed. Large items change hands this
way that no chain of single shifts would carry over the balance of what stands between
(after the recombination moves of DeFord, Duchin and Solomon 2021).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import inner
from .amounts import amount_outside
from .connection import recount_pieces
from .drawing import draw
from .evaluation import evaluate
from .layout import Layout
from .shifting import move


@inner
def grow_tree(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    random: Any,
    r: int,
    to: int,
    tree: IndexArray,
    parent: IndexArray,
    position: IndexArray,
) -> int:
    """Grow a random tree over the items of two owners; return how many it holds.

    ``tree`` lists the items, each after its parent; ``parent`` holds the parent's
    place in that list.
    """
    both = ints[o.held + r] + ints[o.held + to]
    # Frontier of pairs (item, place of the parent); the next one is drawn at random.
    frontier = np.empty((0, 2), dtype=np.int64)
    size = 0
    for q in (r, to):
        for m in range(ints[o.held + q]):
            i = ints[o.members + q * o.items + m]
            position[i] = -1
            size += ints[o.near_start + i + 1] - ints[o.near_start + i]
    frontier = np.empty((size + 1, 2), dtype=np.int64)
    pick = draw(random) % both
    many = ints[o.held + r]
    root = (
        ints[o.members + r * o.items + pick]
        if pick < many
        else ints[o.members + to * o.items + pick - many]
    )
    frontier[0, 0], frontier[0, 1] = root, -1
    waiting, count = 1, 0
    while waiting > 0:
        at = draw(random) % waiting
        i, above = frontier[at, 0], frontier[at, 1]
        waiting -= 1
        frontier[at, 0], frontier[at, 1] = frontier[waiting, 0], frontier[waiting, 1]
        if position[i] >= 0:
            continue
        position[i] = count
        tree[count], parent[count] = i, above
        for e in range(ints[o.near_start + i], ints[o.near_start + i + 1]):
            j = ints[o.near_other + e]
            q = ints[o.owner + j]
            if (q == r or q == to) and position[j] < 0:
                frontier[waiting, 0], frontier[waiting, 1] = j, count
                waiting += 1
        count += 1
    return count


@inner
def best_cut(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    r: int,
    to: int,
    tree: IndexArray,
    parent: IndexArray,
    count: int,
) -> tuple[float, int, int]:
    """Best edge to cut the tree at, by pair costs and amounts outside limits.

    Returns the change of value, the place in the tree whose branch is one side, and the
    owner of that side. Limits that move with the total are taken as they stand.
    """
    width = 2 * (1 + o.resources)
    branch = np.zeros((count, width))
    now = 0.0
    for at in range(count - 1, -1, -1):
        i = tree[at]
        begin, low = ints[o.start + i], ints[o.first + i]
        for side in range(2):
            q = r if side == 0 else to
            cost = reals[o.pair_cost + begin + q - low]
            branch[at, side] += cost
            if ints[o.owner + i] == q:
                now += cost
            for k in range(o.resources):
                if ints[o.takes_part + k * o.owners + q]:
                    row = ints[o.value_row + k]
                    if ints[o.value_per_item + k]:
                        value = reals[o.item_value + row * o.items + i]
                    else:
                        value = reals[o.pair_value + row * o.pairs + begin + q - low]
                    branch[at, 2 + 2 * k + side] += value
        if at > 0:
            for c in range(width):
                branch[parent[at], c] += branch[at, c]
    for k in range(o.resources):
        for q in (r, to):
            at = k * o.owners + q
            now += reals[o.resource_weight + at] * reals[o.outside + at]
    best, place, holder = np.inf, -1, r
    for at in range(1, count):
        for side in range(2):
            q, other = (r, to) if side == 0 else (to, r)
            value = branch[at, side] + (branch[0, 1 - side] - branch[at, 1 - side])
            if not value < np.inf:
                continue
            for k in range(o.resources):
                c = 2 + 2 * k
                load = branch[at, c + side]
                rest = branch[0, c + 1 - side] - branch[at, c + 1 - side]
                total = reals[o.total + k]
                line = k * o.owners
                if ints[o.takes_part + line + q]:
                    over = amount_outside(o, ints, reals, k, q, load, total)
                    value += reals[o.resource_weight + line + q] * over
                if ints[o.takes_part + line + other]:
                    over = amount_outside(o, ints, reals, k, other, rest, total)
                    value += reals[o.resource_weight + line + other] * over
            if value < best:
                best, place, holder = value, at, q
    return best - now, place, holder


@inner
def carry_out(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    r: int,
    to: int,
    tree: IndexArray,
    parent: IndexArray,
    count: int,
    place: int,
    holder: int,
    moved: IndexArray,
) -> tuple[int, int]:
    """Shift items to their side of the cut; returns how many and the pieces too many won.

    What that changes is added up in ``change`` and ``effect``.
    """
    other = to if holder == r else r
    inside = np.zeros(count, dtype=np.int64)
    inside[place] = 1
    many = 0
    for at in range(count):
        if at > place and inside[parent[at]]:
            inside[at] = 1
        i = tree[at]
        goal = holder if inside[at] else other
        if ints[o.owner + i] != goal:
            evaluate(o, ints, reals, i, goal)
            move(o, ints, reals, i, goal)
            moved[many] = i
            many += 1
    return many, recount_pieces(o, ints, reals, r, to)


@inner
def pair_to_recombine(
    o: Layout, ints: IndexArray, reals: FloatArray, random: Any, movable: IndexArray
) -> tuple[int, int]:
    """Two adjacent owners, every other time one of them outside its limits; -1 for none."""
    i = movable[draw(random) % len(movable)]
    r = ints[o.owner + i]
    if o.resources > 0 and draw(random) % 2 == 0:
        begin = draw(random) % (o.resources * o.owners)
        for turn in range(o.resources * o.owners):
            at = (begin + turn) % (o.resources * o.owners)
            if reals[o.outside + at] > 0 and ints[o.held + at % o.owners] > 0:
                r = at % o.owners
                break
    for _ in range(60):
        i = ints[o.members + r * o.items + draw(random) % ints[o.held + r]]
        begin = ints[o.near_start + i]
        many = ints[o.near_start + i + 1] - begin
        if many > 0:
            to = ints[o.owner + ints[o.near_other + begin + draw(random) % many]]
            if to != r:
                return r, to
    return r, -1
