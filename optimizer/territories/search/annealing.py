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
from ..compiled import compiled, inlined, inner
from ..tables import HARD
from .state import Layout, above_limit, add_up, evaluate, evaluate_pieces, shift

#: Growth of the price of a hard limit over a block in which it ends broken, and decay.
GROWTH, DECAY = 1.08, 0.96
TRIES = 4


@inlined
def draw(random: Any) -> int:
    """Next number of a xorshift64* generator, 31 bits."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return np.int64((x * np.uint64(2685821657736338717)) >> np.uint64(33))


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


@inlined
def clear(o: Layout, ints: IndexArray, reals: FloatArray) -> None:
    """Forget evaluated changes."""
    for g in range(o.groups):
        reals[o.change + g] = 0.0
    reals[o.effect] = 0.0
    reals[o.effect + 1] = 0.0


@inner
def reweigh(o: Layout, ints: IndexArray, reals: FloatArray, least: FloatArray) -> None:
    """Raise the prices of broken hard limits, lower the others; ``least`` per kind of part.

    ``least`` holds the smallest weight of each resource, then of sums of earlier stages.
    """
    for k in range(o.resources):
        if ints[o.resource_group + k] == HARD:
            over = 0.0
            for r in range(o.owners):
                over += reals[o.outside + k * o.owners + r]
            factor = GROWTH if over > 0 else DECAY
            reals[o.resource_weight + k] = max(reals[o.resource_weight + k] * factor, least[k])
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


@compiled
def anneal(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    random: Any,
    movable: IndexArray,
    least: FloatArray,
    temperature: float,
    cooling: float,
    blocks: int,
    block: int,
    chains: int,
    best_owner: IndexArray,
    best: FloatArray,
) -> int:
    """Anneal for some blocks of proposals; ``best`` is the value of ``best_owner``, or inf, (1,).

    Parameters
    ----------
    chains
        Of 1,000 proposals so many are chains.
    cooling
        Factor of the temperature from block to block.
    """
    n, many = o.items, len(movable)
    changed = np.empty(n, dtype=np.int64)
    count = 0
    in_step = False
    accepted = 0
    for b in range(blocks):
        if b > 0:
            reweigh(o, ints, reals, least)
        add_up(o, ints, reals)
        for proposal in range(block + 1):
            # The block's first turn only looks at the state that it begins with.
            if proposal > 0:
                i = movable[draw(random) % many]
                r = ints[o.owner + i]
                to = target_of(o, ints, reals, random, i, draw(random) % 1000 < 15)
                if to < 0:
                    continue
                bar = -temperature * np.log((draw(random) + 1.0) / 2147483649.0)
                steps = 2 if draw(random) % 1000 < chains else 1
                one, two = i, -1
                took = False
                clear(o, ints, reals)
                for step in range(steps):
                    evaluate(o, ints, reals, i, to)
                    q = ints[o.owner + i]
                    loose = False
                    for layer in range(o.layers):
                        loose = (
                            loose
                            or ints[o.pieces + layer * o.owners + q] > 1
                            or ints[o.pieces + layer * o.owners + to] > 1
                        )
                        loose = loose or ints[o.layer_group + layer] != HARD
                    if step == steps - 1 and not loose and effect_of(o, ints, reals) > bar:
                        break
                    whole = reals[o.effect + 1]
                    evaluate_pieces(o, ints, reals, i, to)
                    if step == steps - 1:
                        took = effect_of(o, ints, reals) <= bar
                        break
                    if reals[o.effect + 1] > whole:
                        break
                    shift(o, ints, reals, i, to)
                    two = follower_of(o, ints, reals, random, i, to)
                    if two < 0 or two == one:
                        two = -1
                        break
                    goal = r if draw(random) % 2 == 0 else -1
                    if goal < 0 or ints[o.near_start + two] < ints[o.near_start + two + 1]:
                        goal = target_of(o, ints, reals, random, two, False)
                    low = ints[o.first + two]
                    if (
                        goal < low
                        or goal >= low + ints[o.width + two]
                        or goal == ints[o.owner + two]
                    ):
                        two = -1
                        break
                    if reals[o.pair_cost + ints[o.start + two] + goal - low] == np.inf:
                        two = -1
                        break
                    i, to = two, goal
                if not took:
                    if steps == 2 and ints[o.owner + one] != r:
                        shift(o, ints, reals, one, r)
                    continue
                shift(o, ints, reals, i, to)
                accepted += 1
                for g in range(o.groups):
                    reals[o.sums + g] += reals[o.change + g]
                reals[o.penalty] += reals[o.effect]
                ints[o.broken] += int(round(reals[o.effect + 1]))
                for item in (one, two):
                    if item >= 0:
                        if count < n:
                            changed[count] = item
                        count += 1
            if reals[o.sums] < best[0] and ints[o.broken] == 0 and keeps_all(o, ints, reals):
                best[0] = reals[o.sums]
                if count > n or not in_step:
                    for j in range(n):
                        best_owner[j] = ints[o.owner + j]
                else:
                    for at in range(count):
                        best_owner[changed[at]] = ints[o.owner + changed[at]]
                in_step = True
                count = 0
        temperature *= cooling
    add_up(o, ints, reals)
    return accepted
