"""Annealing over shifts and chains of two shifts, in compiled code.

A *shift* gives an item to another owner, mostly the owner of a neighbour. A *chain*
shifts an item and then one of the receiver's on, back to the first owner (a swap) or to
a third, so that balance may hold all along. Hard limits weigh in with prices that rise
while they are broken and sink while they hold (strategic oscillation).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inner
from ..tables import HARD
from .amounts import above_limit
from .connection import evaluate_pieces, recount_pieces, stays_whole
from .drawing import draw
from .evaluation import evaluate
from .layout import Layout
from .recombination import best_cut, carry_out, grow_tree, pair_to_recombine
from .shifting import move, shift
from .state import add_up

#: Growth of the price of a hard limit over a block in which it ends broken, and decay.
GROWTH, DECAY = 1.03, 0.98
#: Growth towards the end of an annealing, when small amounts have to go too.
LATE_GROWTH = 1.2
EARLY = 100.0
TRIES = 4
#: Of 1,000 proposals so many are to any candidate rather than to a neighbour's owner.
FAR = 15
#: At most every so many turns two territories are cut anew instead of a shift.
RECOMBINE = 256


@inner
def target_of(
    o: Layout, ints: IndexArray, reals: FloatArray, random: Any, i: int, far: bool
) -> int:
    """An owner to propose for an item: a neighbour's, else one of its candidates; -1 for none."""
    begin = ints[o.near_start + i]
    many = ints[o.near_start + i + 1] - begin
    to = -1
    if many > 0 and not far:
        for _ in range(TRIES):
            q = ints[o.owner + ints[o.near_other + begin + draw(random) % many]]
            if q != ints[o.owner + i]:
                to = q
                break
    elif o.choices > 0:
        to = ints[o.candidates + i * o.choices + draw(random) % o.choices]
    low = ints[o.first + i]
    if to < low or to >= low + ints[o.width + i] or to == ints[o.owner + i]:
        return -1
    return to if reals[o.pair_cost + ints[o.start + i] + to - low] < np.inf else -1


@inner
def follower_of(
    o: Layout, ints: IndexArray, reals: FloatArray, random: Any, i: int, by: int
) -> int:
    """An item of ``by`` to shift on after ``by`` has got item i: a short walk within it."""
    begin = ints[o.near_start + i]
    many = ints[o.near_start + i + 1] - begin
    at = -1
    for _ in range(TRIES):
        if many > 0:
            j = ints[o.near_other + begin + draw(random) % many]
            if ints[o.owner + j] == by:
                at = j
                break
    if at < 0:
        return (
            np.int64(ints[o.members + by * o.items + draw(random) % ints[o.held + by]])
            if ints[o.held + by] > 0
            else -1
        )
    for _ in range(draw(random) % 6):
        begin = ints[o.near_start + at]
        many = ints[o.near_start + at + 1] - begin
        j = ints[o.near_other + begin + draw(random) % many]
        if ints[o.owner + j] == by and j != i:
            at = j
    return at


@inner
def effect_of(o: Layout, ints: IndexArray, reals: FloatArray) -> float:
    """What the evaluated changes add to the value that is annealed."""
    value = reals[o.change] + reals[o.effect]
    for g in range(1, o.groups):
        after = above_limit(o, ints, reals, g, reals[o.sums + g] + reals[o.change + g])
        value += reals[o.sum_weight + g] * (
            after - above_limit(o, ints, reals, g, reals[o.sums + g])
        )
    return value


@inner
def clear(o: Layout, ints: IndexArray, reals: FloatArray) -> None:
    """Forget evaluated changes."""
    for g in range(o.groups):
        reals[o.change + g] = 0.0
    reals[o.effect] = 0.0
    reals[o.effect + 1] = 0.0


@inner
def reweigh(
    o: Layout, ints: IndexArray, reals: FloatArray, least: FloatArray, dearest: float
) -> None:
    """Raise the prices of broken hard limits, lower the others; ``least`` per kind of part.

    ``least`` holds the smallest weight of each resource, then of sums of earlier stages.
    """
    growth = GROWTH if dearest <= EARLY else LATE_GROWTH
    for k in range(o.resources):
        if ints[o.resource_group + k] == HARD:
            for r in range(o.owners):
                at = k * o.owners + r
                factor = growth if reals[o.outside + at] > 0 else DECAY
                weight = max(reals[o.resource_weight + at] * factor, least[k])
                reals[o.resource_weight + at] = min(weight, dearest * least[k])
    for c in range(o.counters):
        if ints[o.counter_group + c] == HARD:
            value = reals[o.counter + c]
            over = value > reals[o.counter_upper + c] or value < reals[o.counter_lower + c]
            floor = least[o.resources]
            reals[o.counter_weight + c] = max(
                reals[o.counter_weight + c] * (GROWTH if over else DECAY), floor
            )
    for g in range(o.spreads):
        if ints[o.spread_group + g] == HARD:
            over = ints[o.spread_owners + g] > ints[o.spread_maximum + g]
            floor = least[o.resources]
            reals[o.spread_weight + g] = max(
                reals[o.spread_weight + g] * (GROWTH if over else DECAY), floor
            )
    for d in range(o.diameters):
        if ints[o.diameter_group + d] == HARD:
            over = False
            for r in range(o.owners):
                over = over or (
                    ints[o.diameter_owners + d * o.owners + r]
                    and reals[o.chord + d * o.owners + r] > reals[o.diameter_maximum + d]
                )
            floor = least[o.resources + 1]
            reals[o.chord_weight + d] = max(
                reals[o.chord_weight + d] * (GROWTH if over else DECAY), floor
            )
    for g in range(1, o.groups):
        factor = GROWTH if above_limit(o, ints, reals, g, reals[o.sums + g]) > 0 else DECAY
        reals[o.sum_weight + g] = max(reals[o.sum_weight + g] * factor, least[o.resources + 1 + g])


@inner
def keeps_all(o: Layout, ints: IndexArray, reals: FloatArray) -> bool:
    """Whether every hard part holds."""
    kept = ints[o.broken] == 0
    for g in range(1, o.groups):
        kept = kept and above_limit(o, ints, reals, g, reals[o.sums + g]) == 0.0
    return kept


@inner
def is_loose(o: Layout, ints: IndexArray, i: int, to: int) -> bool:
    """Whether a shift may win by joining pieces or by emptying a territory: count them."""
    r = ints[o.owner + i]
    for layer in range(o.layers):
        line = o.pieces + layer * o.owners
        if ints[o.layer_group + layer] != HARD or ints[line + r] > 1 or ints[line + to] > 1:
            return True
    many = ints[o.cover_start + i + 1] - ints[o.cover_start + i]
    return ints[o.held + r] <= 1 or ints[o.held + to] == 0 or many > 1


@inner
def next_shift(
    o: Layout, ints: IndexArray, reals: FloatArray, random: Any, one: int, r: int
) -> tuple[int, int]:
    """What the receiver of an item may shift on, and to whom; (-1, -1) for nothing."""
    two = follower_of(o, ints, reals, random, one, ints[o.owner + one])
    if two < 0 or two == one:
        return -1, -1
    if draw(random) % 2 == 0 and ints[o.near_start + two] == ints[o.near_start + two + 1]:
        low = ints[o.first + two]
        if r < low or r >= low + ints[o.width + two]:
            return -1, -1
        open_to = reals[o.pair_cost + ints[o.start + two] + r - low] < np.inf
        return (two, r) if open_to else (-1, -1)
    goal = target_of(o, ints, reals, random, two, False)
    return (two, goal) if goal >= 0 else (-1, -1)


@inner
def propose(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    random: Any,
    i: int,
    chain: bool,
    bar: float,
    moved: IndexArray,
) -> int:
    """Try a shift or a chain; carry it out below the bar and return how many items moved."""
    r = ints[o.owner + i]
    to = target_of(o, ints, reals, random, i, draw(random) % 1000 < FAR)
    if to < 0:
        return 0
    clear(o, ints, reals)
    moved[0] = i
    steps = 2 if chain else 1
    for step in range(steps):
        evaluate(o, ints, reals, i, to)
        last = step == steps - 1
        loose = is_loose(o, ints, i, to)
        if last and not loose and effect_of(o, ints, reals) > bar:
            break
        whole = not loose and stays_whole(o, ints, reals, i, to)
        if not whole:
            # Territories are not taken apart to save balance: the way back is long.
            if not loose or evaluate_pieces(o, ints, reals, i, to) > 0:
                break
            if last and effect_of(o, ints, reals) > bar:
                break
        if whole:
            move(o, ints, reals, i, to)
        else:
            shift(o, ints, reals, i, to)
        if last:
            return steps
        i, to = next_shift(o, ints, reals, random, i, r)
        if i < 0:
            break
        moved[1] = i
    if ints[o.owner + moved[0]] != r:
        shift(o, ints, reals, moved[0], r)
    return 0


@inner
def recombine(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    random: Any,
    movable: IndexArray,
    bar: float,
    scratch: Any,
) -> int:
    """Try to cut two territories anew; returns how many items moved, in ``scratch[0]``."""
    moved, tree, parent, position = scratch
    r, to = pair_to_recombine(o, ints, reals, random, movable)
    if to < 0:
        return 0
    count = grow_tree(o, ints, reals, random, r, to, tree, parent, position)
    if count < ints[o.held + r] + ints[o.held + to]:
        return 0
    change, place, holder = best_cut(o, ints, reals, r, to, tree, parent, count)
    if place < 0 or change > bar or abs(change) < 1e-12 * abs(reals[o.sums]):
        return 0
    clear(o, ints, reals)
    many, pieces = carry_out(o, ints, reals, r, to, tree, parent, count, place, holder, moved)
    if pieces <= 0 and effect_of(o, ints, reals) <= bar:
        return many
    for at in range(many - 1, -1, -1):
        i = moved[at]
        move(o, ints, reals, i, to if ints[o.owner + i] == r else r)
    recount_pieces(o, ints, reals, r, to)
    return 0


@inner
def note(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    moved: IndexArray,
    many: int,
    trail: IndexArray,
    length: int,
) -> int:
    """Book a move that was carried out; returns the length of the trail since the best plan."""
    for g in range(o.groups):
        reals[o.sums + g] += reals[o.change + g]
    reals[o.penalty] += reals[o.effect]
    ints[o.broken] += np.int64(np.rint(reals[o.effect + 1]))
    for at in range(many):
        if length < o.items:
            trail[length] = moved[at]
        length += 1
    return length


@inner
def keep_best(
    o: Layout,
    ints: IndexArray,
    best_owner: IndexArray,
    trail: IndexArray,
    length: int,
) -> None:
    """Copy the owners that changed since the best plan into it; all where too many did."""
    if length > o.items:
        for i in range(o.items):
            best_owner[i] = ints[o.owner + i]
    else:
        for at in range(length):
            best_owner[trail[at]] = ints[o.owner + trail[at]]


@compiled
def anneal(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    random: Any,
    movable: IndexArray,
    least: FloatArray,
    dearest: float,
    temperature: float,
    cooling: float,
    blocks: int,
    block: int,
    chains: int,
    territory_heat: float,
    best_owner: IndexArray,
    best: FloatArray,
) -> int:
    """Anneal for some blocks of proposals; ``best`` is the value of ``best_owner``, or inf, (1,).

    Parameters
    ----------
    dearest
        Largest multiple of the least prices of hard limits.
    cooling
        Factor of the temperature from block to block.
    chains
        Of 1,000 proposals so many are chains.
    territory_heat
        How much hotter territories are cut anew than items shifted.

    Returns
    -------
    int
        Moves carried out.
    """
    n, many = o.items, len(movable)
    trail = np.empty(n, dtype=np.int64)
    scratch = (
        np.empty(max(n, 2), dtype=np.int64),
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64),
    )
    # Nothing is known of how the state differs from the best plan: copy all at first.
    length = n + 1
    accepted = 0
    neighbours = ints[o.near_start + n] > 0
    # A cut takes the time of its items, so larger territories are cut less often.
    every = max(RECOMBINE, 2 * n // max(o.owners, 1))
    for b in range(blocks):
        if b > 0:
            reweigh(o, ints, reals, least, dearest)
        add_up(o, ints, reals)
        for turn in range(block):
            bar = -temperature * np.log((draw(random) + 1.0) / 2147483649.0)
            took = 0
            if turn == 0:
                # The first turn only looks at the state that the block begins with.
                pass
            elif neighbours and turn % every == 0:
                took = recombine(o, ints, reals, random, movable, territory_heat * bar, scratch)
            else:
                i = movable[draw(random) % many]
                chain = draw(random) % 1000 < chains
                took = propose(o, ints, reals, random, i, chain, bar, scratch[0])
            if took > 0:
                accepted += 1
                length = note(o, ints, reals, scratch[0], took, trail, length)
            if reals[o.sums] < best[0] and ints[o.broken] == 0 and keeps_all(o, ints, reals):
                best[0] = reals[o.sums]
                keep_best(o, ints, best_owner, trail, length)
                length = 0
        temperature *= cooling
    add_up(o, ints, reals)
    return accepted
