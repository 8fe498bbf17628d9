"""Connected pieces of territories, and how one shift changes them."""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import inner
from ..tables import HARD
from .amounts import count_in
from .layout import Layout

#: Covers that a quick look for a way round visits.
NEARBY = 60


@inner
def reach(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    layer: int,
    cover: int,
    r: int,
    without: int,
    wanted: int,
    visits: int,
) -> int:
    """Spread from a cover over an owner's covers until ``wanted`` marked ones are found.

    At most ``visits`` covers are looked at, those nearest first.

    Marked covers carry the stamp ``clock - 1``; visited ones get ``clock``. Returns how
    many marked ones were found.
    """
    clock = ints[o.clock]
    found = 1 if ints[o.stamp + cover] == clock - 1 else 0
    ints[o.stamp + cover] = clock
    ints[o.queue] = cover
    head, tail = 0, 1
    while head < min(tail, visits) and found < wanted:
        at = ints[o.queue + head]
        head += 1
        for e in range(
            ints[o.layer_start + layer * (o.covers + 1) + at],
            ints[o.layer_start + layer * (o.covers + 1) + at + 1],
        ):
            near = ints[o.layer_other + e]
            if ints[o.cover_owner + near] != r or ints[o.stamp + near] == clock:
                continue
            if ints[o.item_of_cover + near] == without:
                continue
            if ints[o.stamp + near] == clock - 1:
                found += 1
            ints[o.stamp + near] = clock
            ints[o.queue + tail] = near
            tail += 1
    return found


@inner
def pieces_beside(
    o: Layout, ints: IndexArray, reals: FloatArray, layer: int, i: int, r: int
) -> int:
    """How many pieces of an owner's territory, without the item, the item touches."""
    cover = ints[o.cover_of + ints[o.cover_start + i]]
    ints[o.clock] += 2
    mark = ints[o.clock] - 1
    many, first = 0, -1
    for e in range(
        ints[o.layer_start + layer * (o.covers + 1) + cover],
        ints[o.layer_start + layer * (o.covers + 1) + cover + 1],
    ):
        near = ints[o.layer_other + e]
        if ints[o.cover_owner + near] == r and ints[o.item_of_cover + near] != i:
            ints[o.stamp + near] = mark
            many += 1
            first = near
    if many <= 1:
        return many
    found = reach(o, ints, reals, layer, first, r, i, many, o.covers)
    pieces = 1
    while found < many:
        for e in range(
            ints[o.layer_start + layer * (o.covers + 1) + cover],
            ints[o.layer_start + layer * (o.covers + 1) + cover + 1],
        ):
            near = ints[o.layer_other + e]
            if ints[o.stamp + near] == mark:
                found += reach(o, ints, reals, layer, near, r, i, many - found, o.covers)
                pieces += 1
                break
    return pieces


@inner
def count_pieces(
    o: Layout, ints: IndexArray, reals: FloatArray, layer: int, r: int, without: int, extra: int
) -> int:
    """Connected pieces of an owner's covers, one item taken away or added (-1 for none)."""
    ints[o.clock] += 2
    clock = ints[o.clock]
    if extra >= 0:
        for c in range(ints[o.cover_start + extra], ints[o.cover_start + extra + 1]):
            ints[o.cover_owner + ints[o.cover_of + c]] = r
    pieces = 0
    for m in range(ints[o.held + r] + 1):
        i = np.int64(extra if m == ints[o.held + r] else ints[o.members + r * o.items + m])
        if i < 0 or i == without:
            continue
        for c in range(ints[o.cover_start + i], ints[o.cover_start + i + 1]):
            cover = ints[o.cover_of + c]
            if ints[o.stamp + cover] != clock:
                reach(o, ints, reals, layer, cover, r, without, o.covers, o.covers)
                pieces += 1
    if extra >= 0:
        for c in range(ints[o.cover_start + extra], ints[o.cover_start + extra + 1]):
            ints[o.cover_owner + ints[o.cover_of + c]] = ints[o.owner + extra]
    return pieces


@inner
def pieces_changed(
    o: Layout, ints: IndexArray, reals: FloatArray, layer: int, i: int, r: int, to: int
) -> tuple[int, int]:
    """Change of the pieces of both owners when an item shifts."""
    lost, won = 0, 0
    single = ints[o.cover_start + i + 1] - ints[o.cover_start + i] == 1
    if ints[o.layer_owners + layer * o.owners + r]:
        if single:
            lost = pieces_beside(o, ints, reals, layer, i, r) - 1
        else:
            lost = (
                count_pieces(o, ints, reals, layer, r, i, -1)
                - ints[o.pieces + layer * o.owners + r]
            )
    if ints[o.layer_owners + layer * o.owners + to]:
        if single:
            beside = 0
            if ints[o.pieces + layer * o.owners + to] > 1:
                beside = pieces_beside(o, ints, reals, layer, i, to)
            else:
                cover = ints[o.cover_of + ints[o.cover_start + i]]
                for e in range(
                    ints[o.layer_start + layer * (o.covers + 1) + cover],
                    ints[o.layer_start + layer * (o.covers + 1) + cover + 1],
                ):
                    if ints[o.cover_owner + ints[o.layer_other + e]] == to:
                        beside = 1
                        break
            won = 1 - beside
        else:
            won = (
                count_pieces(o, ints, reals, layer, to, -1, i)
                - ints[o.pieces + layer * o.owners + to]
            )
    return lost, won


@inner
def stays_whole(o: Layout, ints: IndexArray, reals: FloatArray, i: int, to: int) -> bool:
    """Whether a shift surely leaves two connected territories connected, found quickly.

    Says no where a short search from the item's neighbours does not settle it: the item
    is then nearly always one that holds its territory together.
    """
    if ints[o.cover_start + i + 1] - ints[o.cover_start + i] != 1:
        return False
    r, cover = ints[o.owner + i], ints[o.cover_of + ints[o.cover_start + i]]
    for layer in range(o.layers):
        beside, many, first = 0, 0, -1
        begin = o.layer_start + layer * (o.covers + 1) + cover
        ints[o.clock] += 2
        mark = ints[o.clock] - 1
        for e in range(ints[begin], ints[begin + 1]):
            near = ints[o.layer_other + e]
            q = ints[o.cover_owner + near]
            if q == r:
                ints[o.stamp + near] = mark
                many += 1
                first = near
            elif q == to:
                beside += 1
        if beside == 0 and ints[o.layer_owners + layer * o.owners + to] != 0:
            return False
        if ints[o.layer_owners + layer * o.owners + r] != 0:
            if many == 0:
                return False
            if many > 1 and reach(o, ints, reals, layer, first, r, i, many, NEARBY) < many:
                return False
    return True


@inner
def evaluate_pieces(o: Layout, ints: IndexArray, reals: FloatArray, i: int, to: int) -> int:
    """Add what a shift does to connected pieces; return the change of pieces too many for hard."""
    r = ints[o.owner + i]
    hard = 0
    for layer in range(o.layers):
        lost, won = pieces_changed(o, ints, reals, layer, i, r, to)
        for q, by in ((r, lost), (to, won)):
            before = ints[o.pieces + layer * o.owners + q]
            old, new = max(before - 1, 0), max(before + by - 1, 0)
            if old != new:
                if ints[o.layer_group + layer] == HARD:
                    hard += new - old
                change = (new > 0) - (old > 0)
                count_in(
                    o,
                    ints,
                    reals,
                    ints[o.layer_group + layer],
                    reals[o.piece_weight + layer],
                    float(new - old),
                    change,
                )
    return hard


@inner
def recount_pieces(o: Layout, ints: IndexArray, reals: FloatArray, r: int, to: int) -> int:
    """Count the pieces of two owners anew and add what has changed to ``change`` and ``effect``.

    Returns the change of pieces too many for hard layers.
    """
    hard = 0
    for layer in range(o.layers):
        for q in (r, to):
            line = layer * o.owners + q
            if ints[o.layer_owners + line] == 0:
                continue
            old = max(ints[o.pieces + line] - 1, 0)
            ints[o.pieces + line] = count_pieces(o, ints, reals, layer, q, -1, -1)
            new = max(ints[o.pieces + line] - 1, 0)
            if old != new:
                if ints[o.layer_group + layer] == HARD:
                    hard += new - old
                change = (new > 0) - (old > 0)
                weight = reals[o.piece_weight + layer]
                count_in(
                    o, ints, reals, ints[o.layer_group + layer], weight, float(new - old), change
                )
    return hard
