"""Carrying out a shift: owners, members and all that is kept for each owner."""

from __future__ import annotations

from ....models.arrays import FloatArray, IndexArray
from ..compiled import inner
from .amounts import amount_of, amount_outside
from .chords import farthest, widest
from .connection import pieces_changed
from .layout import Layout


@inner
def shift(o: Layout, ints: IndexArray, reals: FloatArray, i: int, to: int) -> None:
    """Carry out a shift; sums and penalty are the caller's, pieces are counted here."""
    r = ints[o.owner + i]
    for layer in range(o.layers):
        lost, won = pieces_changed(o, ints, reals, layer, i, r, to)
        ints[o.pieces + layer * o.owners + r] += lost
        ints[o.pieces + layer * o.owners + to] += won
    move(o, ints, reals, i, to)


@inner
def move(o: Layout, ints: IndexArray, reals: FloatArray, i: int, to: int) -> None:
    """As :func:`shift`, the pieces left uncounted; see :func:`recount_pieces`."""
    r = ints[o.owner + i]
    shift_loads(o, ints, reals, i, r, to)
    shift_groups(o, ints, reals, i, r, to)
    ints[o.owner + i] = to
    for c in range(ints[o.cover_start + i], ints[o.cover_start + i + 1]):
        ints[o.cover_owner + ints[o.cover_of + c]] = to
    last = ints[o.members + r * o.items + ints[o.held + r] - 1]
    ints[o.members + r * o.items + ints[o.place + i]] = last
    ints[o.place + last] = ints[o.place + i]
    ints[o.held + r] -= 1
    ints[o.members + to * o.items + ints[o.held + to]] = i
    ints[o.place + i] = ints[o.held + to]
    ints[o.held + to] += 1
    for d in range(o.diameters):
        if (
            ints[o.ends + (d * o.owners + r) * 2] == i
            or ints[o.ends + (d * o.owners + r) * 2 + 1] == i
        ):
            (
                reals[o.chord + d * o.owners + r],
                ints[o.ends + (d * o.owners + r) * 2],
                ints[o.ends + (d * o.owners + r) * 2 + 1],
            ) = widest(o, ints, reals, r, -1)
        chord, end = farthest(o, ints, reals, i, to, -1)
        held = ints[o.diameter_owners + d * o.owners + to]
        if held and chord > reals[o.chord + d * o.owners + to]:
            (
                reals[o.chord + d * o.owners + to],
                ints[o.ends + (d * o.owners + to) * 2],
                ints[o.ends + (d * o.owners + to) * 2 + 1],
            ) = chord, i, end


@inner
def shift_loads(o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int) -> None:
    """Move what an item weighs from one owner to another."""
    for k in range(o.resources):
        for q, sign in ((r, -1.0), (to, 1.0)):
            if ints[o.takes_part + k * o.owners + q]:
                value = amount_of(o, ints, reals, k, i, q)
                reals[o.load + k * o.owners + q] += sign * value
                reals[o.total + k] += sign * value
        for q in range(o.owners):
            if ints[o.takes_part + k * o.owners + q] and (ints[o.moving + k] or q == r or q == to):
                reals[o.outside + k * o.owners + q] = amount_outside(
                    o, ints, reals, k, q, reals[o.load + k * o.owners + q], reals[o.total + k]
                )


@inner
def shift_groups(o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int) -> None:
    """Move an item in counters and spread groups."""
    low = ints[o.first + i]
    for e in range(ints[o.entry_start + i], ints[o.entry_start + i + 1]):
        for q, sign in ((r, -1.0), (to, 1.0)):
            c = ints[o.entry_counter + e] + (q - low) * ints[o.entry_step + e]
            reals[o.counter + c] += (
                sign * reals[o.counter_value + ints[o.entry_value + e] + q - low]
            )
    for e in range(ints[o.spread_start + i], ints[o.spread_start + i + 1]):
        g = ints[o.spread_of + e]
        ints[o.spread_count + g * o.owners + r] -= 1
        ints[o.spread_owners + g] -= ints[o.spread_count + g * o.owners + r] == 0
        ints[o.spread_owners + g] += ints[o.spread_count + g * o.owners + to] == 0
        ints[o.spread_count + g * o.owners + to] += 1
