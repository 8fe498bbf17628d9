"""Diameters of territories, kept as their longest chord, and how one shift changes them."""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import inlined, inner
from .amounts import chord_excess, count_in
from .layout import Layout


@inlined
def squared_chord(o: Layout, reals: FloatArray, a: int, b: int) -> float:
    """Squared length of the chord between two places."""
    square = 0.0
    for axis in range(3):
        square += (reals[o.points + a * 3 + axis] - reals[o.points + b * 3 + axis]) ** 2
    return square


@inner
def farthest(
    o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, skip: int
) -> tuple[float, int]:
    """Largest chord from an item to an owner's items, and the item at its end."""
    best, end = 0.0, i
    for m in range(ints[o.held + r]):
        j = ints[o.members + r * o.items + m]
        if j == skip:
            continue
        for a in range(ints[o.point_start + i], ints[o.point_start + i + 1]):
            for b in range(ints[o.point_start + j], ints[o.point_start + j + 1]):
                square = squared_chord(o, reals, a, b)
                if square > best:
                    best, end = square, j
    return np.sqrt(best), end


@inner
def farthest_within(o: Layout, ints: IndexArray, reals: FloatArray, i: int) -> float:
    """Largest chord between two covers of one item."""
    best = 0.0
    for a in range(ints[o.point_start + i], ints[o.point_start + i + 1]):
        for b in range(a + 1, ints[o.point_start + i + 1]):
            best = max(best, squared_chord(o, reals, a, b))
    return np.sqrt(best)


@inner
def widest(
    o: Layout, ints: IndexArray, reals: FloatArray, r: int, skip: int
) -> tuple[float, int, int]:
    """Largest chord within an owner's items but one, and the items at its ends."""
    best, one, other = 0.0, -1, -1
    for m in range(ints[o.held + r]):
        i = ints[o.members + r * o.items + m]
        if i != skip:
            chord, end = farthest(o, ints, reals, i, r, skip)
            if chord > best:
                best, one, other = chord, i, end
    return best, one, other


@inner
def evaluate_chords(
    o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int
) -> None:
    """Add what a shift does to the diameters of both territories."""
    for d in range(o.diameters):
        most = reals[o.diameter_maximum + d]
        if ints[o.diameter_owners + d * o.owners + r] and (
            ints[o.ends + (d * o.owners + r) * 2] == i
            or ints[o.ends + (d * o.owners + r) * 2 + 1] == i
        ):
            old = chord_excess(reals[o.chord + d * o.owners + r], most)
            if old > 0:
                new = chord_excess(widest(o, ints, reals, r, i)[0], most)
                change = (new > 0) - 1
                count_in(
                    o,
                    ints,
                    reals,
                    ints[o.diameter_group + d],
                    reals[o.chord_weight + d],
                    new - old,
                    change,
                )
        if ints[o.diameter_owners + d * o.owners + to]:
            chord = max(reals[o.chord + d * o.owners + to], farthest(o, ints, reals, i, to, i)[0])
            own = farthest_within(o, ints, reals, i)
            old = chord_excess(reals[o.chord + d * o.owners + to], most)
            new = chord_excess(max(chord, own), most)
            if old != new:
                change = (new > 0) - (old > 0)
                count_in(
                    o,
                    ints,
                    reals,
                    ints[o.diameter_group + d],
                    reals[o.chord_weight + d],
                    new - old,
                    change,
                )
