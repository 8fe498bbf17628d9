"""A plan in the making with all its sums, computed from the owners.

Moves keep everything here up to date one by one (:mod:`.evaluation`, :mod:`.shifting`);
:func:`rebuild` computes it anew, and the tests hold one against the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inner
from ..tables import Tables
from .amounts import amount_of, amount_outside, chord_excess, count_in, counter_outside
from .chords import widest
from .connection import count_pieces
from .layout import TABLE_INTS, TABLE_REALS, Layout, State, shapes_of


def new_state(t: Tables, owner: IndexArray, candidates: IndexArray) -> State:
    """A state of the given owners with prices of 1 for hard parts, all sums built."""
    shapes = shapes_of(t, candidates.shape[1])
    offsets: dict[str, int] = {}
    arrays: list[Any] = []
    for names, own, kind in (
        (TABLE_INTS, shapes[0], np.int64),
        (TABLE_REALS, shapes[1], np.float64),
    ):
        size = 0
        for name in (*names, *own):
            offsets[name] = size
            size += getattr(t, name).size if name in names else int(np.prod(own[name]))
        flat = np.zeros(size, dtype=kind)
        for name in names:
            table = getattr(t, name)
            flat[offsets[name] : offsets[name] + table.size] = table.ravel()
        arrays.append(flat)
    ints, reals = arrays
    costs = reals[offsets["pair_cost"] : offsets["pair_cost"] + len(t.allowed)]
    costs[~t.allowed] = np.inf
    views = {
        name: flat[offsets[name] : offsets[name] + int(np.prod(shape))].reshape(shape)
        for flat, own in zip(arrays, shapes, strict=True)
        for name, shape in own.items()
    }
    views["owner"][:], views["candidates"][:], views["ends"][:] = owner, candidates, -1
    for name, prices in (
        ("resource_weight", t.resource_price[:, None]),
        ("counter_weight", t.counter_price),
        ("spread_weight", t.spread_price),
        ("chord_weight", t.diameter_price),
        ("piece_weight", t.layer_price),
    ):
        views[name][:] = np.where(prices > 0, prices, 1.0)
    views["sum_weight"][:] = 1.0
    layout = Layout(
        t.owners,
        len(t.first),
        t.pair_cost.shape[1],
        len(t.item_of_cover),
        len(t.group_limit),
        len(t.moving),
        len(t.counter_price),
        len(t.spread_price),
        len(t.diameter_price),
        len(t.layer_price),
        candidates.shape[1],
        **offsets,
    )
    state = State(layout, ints, reals, views)
    rebuild(layout, ints, reals)
    return state


@compiled
def rebuild(o: Layout, ints: IndexArray, reals: FloatArray) -> None:
    """Compute every sum anew from the owners."""
    clear_sums(o, ints, reals)
    for i in range(o.items):
        count_item(o, ints, reals, i)
    rebuild_loads(o, ints, reals)
    for layer in range(o.layers):
        for r in range(o.owners):
            ints[o.pieces + layer * o.owners + r] = 0
            if ints[o.layer_owners + layer * o.owners + r]:
                ints[o.pieces + layer * o.owners + r] = count_pieces(
                    o, ints, reals, layer, r, -1, -1
                )
    for d in range(o.diameters):
        for r in range(o.owners):
            if ints[o.diameter_owners + d * o.owners + r]:
                (
                    reals[o.chord + d * o.owners + r],
                    ints[o.ends + (d * o.owners + r) * 2],
                    ints[o.ends + (d * o.owners + r) * 2 + 1],
                ) = widest(o, ints, reals, r, -1)
    add_up(o, ints, reals)


@inner
def clear_sums(o: Layout, ints: IndexArray, reals: FloatArray) -> None:
    """Forget what items add up to."""
    for r in range(o.owners):
        ints[o.held + r] = 0
        for k in range(o.resources):
            reals[o.load + k * o.owners + r] = 0.0
        for g in range(o.spreads):
            ints[o.spread_count + g * o.owners + r] = 0
    for k in range(o.resources):
        reals[o.total + k] = 0.0
    for c in range(o.counters):
        reals[o.counter + c] = 0.0
    for g in range(o.spreads):
        ints[o.spread_owners + g] = 0


@inner
def count_item(o: Layout, ints: IndexArray, reals: FloatArray, i: int) -> None:
    """Add an item to all that its owner holds."""
    r = ints[o.owner + i]
    ints[o.members + r * o.items + ints[o.held + r]] = i
    ints[o.place + i] = ints[o.held + r]
    ints[o.held + r] += 1
    for c in range(ints[o.cover_start + i], ints[o.cover_start + i + 1]):
        ints[o.cover_owner + ints[o.cover_of + c]] = r
    for k in range(o.resources):
        reals[o.load + k * o.owners + r] += amount_of(o, ints, reals, k, i, r)
    q = r - ints[o.first + i]
    for e in range(ints[o.entry_start + i], ints[o.entry_start + i + 1]):
        value = reals[o.counter_value + ints[o.entry_value + e] + q]
        reals[o.counter + ints[o.entry_counter + e] + q * ints[o.entry_step + e]] += value
    for e in range(ints[o.spread_start + i], ints[o.spread_start + i + 1]):
        g = ints[o.spread_of + e]
        ints[o.spread_owners + g] += ints[o.spread_count + g * o.owners + r] == 0
        ints[o.spread_count + g * o.owners + r] += 1


@inner
def rebuild_loads(o: Layout, ints: IndexArray, reals: FloatArray) -> None:
    """Compute totals anew from the loads, and what lies outside the limits they give."""
    for k in range(o.resources):
        for r in range(o.owners):
            if ints[o.takes_part + k * o.owners + r]:
                reals[o.total + k] += reals[o.load + k * o.owners + r]
        for r in range(o.owners):
            reals[o.outside + k * o.owners + r] = 0.0
            if ints[o.takes_part + k * o.owners + r]:
                reals[o.outside + k * o.owners + r] = amount_outside(
                    o, ints, reals, k, r, reals[o.load + k * o.owners + r], reals[o.total + k]
                )


@inner
def add_up(o: Layout, ints: IndexArray, reals: FloatArray) -> None:
    """Sum the groups and the penalty from what the state holds, part by part."""
    groups = o.groups
    for g in range(groups):
        reals[o.change + g] = reals[o.group_constant + g]
    reals[o.effect] = 0.0
    reals[o.effect + 1] = 0.0
    for i in range(o.items):
        r = ints[o.owner + i]
        for g in range(groups):
            reals[o.change + g] += reals[
                o.pair_cost + g * o.pairs + ints[o.start + i] + r - ints[o.first + i]
            ]
        for e in range(ints[o.cut_start + i], ints[o.cut_start + i + 1]):
            if ints[o.cut_other + e] > i and ints[o.owner + ints[o.cut_other + e]] != r:
                reals[o.change + ints[o.cut_group + e]] += reals[o.cut_price + e]
    add_excess(o, ints, reals)
    for g in range(groups):
        reals[o.sums + g] = reals[o.change + g]
        reals[o.change + g] = 0.0
    reals[o.penalty] = reals[o.effect]
    ints[o.broken] = int(reals[o.effect + 1])
    reals[o.effect] = 0.0
    reals[o.effect + 1] = 0.0


@inner
def add_excess(o: Layout, ints: IndexArray, reals: FloatArray) -> None:
    """Add to ``change`` and ``effect`` all that lies outside limits."""
    for k in range(o.resources):
        for r in range(o.owners):
            over = reals[o.outside + k * o.owners + r]
            if over > 0:
                count_in(
                    o,
                    ints,
                    reals,
                    ints[o.resource_group + k],
                    reals[o.resource_weight + k * o.owners + r],
                    over,
                    1,
                )
    for c in range(o.counters):
        over = counter_outside(o, ints, reals, c, reals[o.counter + c])
        if over > 0:
            count_in(
                o, ints, reals, ints[o.counter_group + c], reals[o.counter_weight + c], over, 1
            )
    for g in range(o.spreads):
        over = float(ints[o.spread_owners + g] - ints[o.spread_maximum + g])
        if over > 0:
            count_in(o, ints, reals, ints[o.spread_group + g], reals[o.spread_weight + g], over, 1)
    for d in range(o.diameters):
        for r in range(o.owners):
            if ints[o.diameter_owners + d * o.owners + r]:
                over = chord_excess(
                    reals[o.chord + d * o.owners + r], reals[o.diameter_maximum + d]
                )
                if over > 0:
                    count_in(
                        o,
                        ints,
                        reals,
                        ints[o.diameter_group + d],
                        reals[o.chord_weight + d],
                        over,
                        1,
                    )
    for layer in range(o.layers):
        for r in range(o.owners):
            over = float(ints[o.pieces + layer * o.owners + r] - 1)
            if over > 0:
                count_in(
                    o,
                    ints,
                    reals,
                    ints[o.layer_group + layer],
                    reals[o.piece_weight + layer],
                    over,
                    1,
                )
