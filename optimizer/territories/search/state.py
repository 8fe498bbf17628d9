"""A plan in the making with all its sums, and how one shift changes them.

Everything here is kept up to date move by move; :func:`rebuild` computes it anew, and
the tests hold one against the other. Tables and state lie in two long arrays, whole
numbers and reals, and a :class:`Layout` says where each table begins: calls that pass
a hundred arrays take long to compile and to make.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ....models.geodesy import EARTH_RADIUS_KM
from ..compiled import compiled, inlined, inner
from ..measures import EARLIER, KEPT
from ..tables import HARD, Tables

DIAMETER_SLACK = 0.5e-6
#: Covers that a quick look for a way round visits.
NEARBY = 60


class Layout(NamedTuple):
    """Sizes, then where each table of :class:`Tables` and each of the state's begins.

    Of the state: ``owner`` per item and ``cover_owner`` per cover; ``members`` of each
    owner in no order (R, n), how many are ``held`` and the ``place`` of each item;
    ``load``, amount ``outside`` the limits (K, R) and ``total`` (K,); ``counter`` sums (C,);
    ``spread_count`` items of a group with each owner (groups, R) and ``spread_owners`` with
    any; ``pieces`` by layer (L, R); largest ``chord`` in km (D, R) and the items at its
    ``ends`` (D, R, 2); value of each group in ``sums`` (G,), weighted amounts of hard parts
    in ``penalty`` and their number in ``broken``; the weights; ``change`` and ``effect`` that
    a move under evaluation would have on sums (G,), penalty and broken (2,); ``stamp``,
    ``clock`` and ``queue`` for searches over neighbours; ``candidates`` of each item (n, c).
    """

    owners: int
    items: int
    pairs: int
    covers: int
    groups: int
    resources: int
    counters: int
    spreads: int
    diameters: int
    layers: int
    choices: int
    first: int
    start: int
    width: int
    value_row: int
    value_per_item: int
    takes_part: int
    moving: int
    resource_group: int
    entry_start: int
    entry_counter: int
    entry_step: int
    entry_value: int
    counter_group: int
    spread_start: int
    spread_of: int
    spread_maximum: int
    spread_group: int
    cut_start: int
    cut_other: int
    cut_group: int
    point_start: int
    diameter_owners: int
    diameter_group: int
    layer_start: int
    layer_other: int
    layer_owners: int
    layer_group: int
    near_start: int
    near_other: int
    item_of_cover: int
    cover_start: int
    cover_of: int
    pair_cost: int
    group_limit: int
    group_constant: int
    item_value: int
    pair_value: int
    lower: int
    upper: int
    lower_share: int
    upper_share: int
    resource_price: int
    tolerance: int
    counter_value: int
    counter_lower: int
    counter_upper: int
    counter_price: int
    spread_price: int
    cut_price: int
    points: int
    diameter_maximum: int
    diameter_price: int
    layer_price: int
    owner: int
    cover_owner: int
    members: int
    held: int
    place: int
    spread_count: int
    spread_owners: int
    pieces: int
    ends: int
    broken: int
    stamp: int
    clock: int
    queue: int
    candidates: int
    load: int
    outside: int
    total: int
    counter: int
    chord: int
    sums: int
    penalty: int
    resource_weight: int
    counter_weight: int
    spread_weight: int
    chord_weight: int
    piece_weight: int
    sum_weight: int
    change: int
    effect: int


TABLE_INTS = (
    "first",
    "start",
    "width",
    "value_row",
    "value_per_item",
    "takes_part",
    "moving",
    "resource_group",
    "entry_start",
    "entry_counter",
    "entry_step",
    "entry_value",
    "counter_group",
    "spread_start",
    "spread_of",
    "spread_maximum",
    "spread_group",
    "cut_start",
    "cut_other",
    "cut_group",
    "point_start",
    "diameter_owners",
    "diameter_group",
    "layer_start",
    "layer_other",
    "layer_owners",
    "layer_group",
    "near_start",
    "near_other",
    "item_of_cover",
    "cover_start",
    "cover_of",
)
TABLE_REALS = (
    "pair_cost",
    "group_limit",
    "group_constant",
    "item_value",
    "pair_value",
    "lower",
    "upper",
    "lower_share",
    "upper_share",
    "resource_price",
    "tolerance",
    "counter_value",
    "counter_lower",
    "counter_upper",
    "counter_price",
    "spread_price",
    "cut_price",
    "points",
    "diameter_maximum",
    "diameter_price",
    "layer_price",
)


class State(NamedTuple):
    """The two arrays with their layout, and the state's tables as views by name."""

    layout: Layout
    ints: IndexArray
    reals: FloatArray
    views: dict[str, Any]


def _shapes(
    t: Tables, choices: int
) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Shapes of the state's tables: of whole numbers and of reals."""
    n, owners, covers = len(t.first), t.owners, len(t.item_of_cover)
    resources, counters, groups = len(t.moving), len(t.counter_price), len(t.group_limit)
    spreads, diameters, layers = len(t.spread_price), len(t.diameter_price), len(t.layer_price)
    ints: dict[str, tuple[int, ...]] = {
        "owner": (n,),
        "cover_owner": (covers,),
        "members": (owners, n),
        "held": (owners,),
        "place": (n,),
        "spread_count": (spreads, owners),
        "spread_owners": (spreads,),
        "pieces": (layers, owners),
        "ends": (diameters, owners, 2),
        "broken": (1,),
        "stamp": (covers,),
        "clock": (1,),
        "queue": (covers,),
        "candidates": (n, choices),
    }
    reals: dict[str, tuple[int, ...]] = {
        "load": (resources, owners),
        "outside": (resources, owners),
        "total": (resources,),
        "counter": (counters,),
        "chord": (diameters, owners),
        "sums": (groups,),
        "penalty": (1,),
        "resource_weight": (resources, owners),
        "counter_weight": (counters,),
        "spread_weight": (spreads,),
        "chord_weight": (diameters,),
        "piece_weight": (layers,),
        "sum_weight": (groups,),
        "change": (groups,),
        "effect": (2,),
    }
    return ints, reals


def new_state(t: Tables, owner: IndexArray, candidates: IndexArray) -> State:
    """A state of the given owners with prices of 1 for hard parts, all sums built."""
    shapes = _shapes(t, candidates.shape[1])
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


@inlined
def amount_outside(
    o: Layout, ints: IndexArray, reals: FloatArray, k: int, r: int, load: float, total: float
) -> float:
    """Amount of a resource outside an owner's limits; 0 within the tolerance."""
    high = reals[o.upper + k * o.owners + r] + reals[o.upper_share + k * o.owners + r] * total
    if load > high:
        return (
            load - high
            if load - high > KEPT * reals[o.tolerance + k] * max(1.0, abs(high))
            else 0.0
        )
    low = reals[o.lower + k * o.owners + r] + reals[o.lower_share + k * o.owners + r] * total
    if load < low:
        return (
            low - load if low - load > KEPT * reals[o.tolerance + k] * max(1.0, abs(low)) else 0.0
        )
    return 0.0


@inlined
def counter_outside(o: Layout, ints: IndexArray, reals: FloatArray, c: int, value: float) -> float:
    """Amount of a counter outside its interval; 0 within the tolerance."""
    over = max(value - reals[o.counter_upper + c], reals[o.counter_lower + c] - value)
    edge = (
        reals[o.counter_upper + c]
        if value > reals[o.counter_upper + c]
        else reals[o.counter_lower + c]
    )
    return over if over > 0.5e-6 * max(1.0, abs(edge)) else 0.0


@inlined
def chord_excess(chord: float, maximum: float) -> float:
    """Great circle beyond that of the largest chord allowed, km."""
    if chord <= maximum:
        return 0.0
    most = 2.0 * EARTH_RADIUS_KM
    over = most * (np.arcsin(min(1.0, chord / most)) - np.arcsin(min(1.0, maximum / most)))
    return over if over > DIAMETER_SLACK * max(1.0, maximum) else 0.0


@inlined
def count_in(
    o: Layout,
    ints: IndexArray,
    reals: FloatArray,
    group: int,
    weight: float,
    amount: float,
    broken: int,
) -> None:
    """Add a part's change to the group it belongs to, or to the penalty."""
    if group == HARD:
        reals[o.effect] += weight * amount
        reals[o.effect + 1] += broken
    else:
        reals[o.change + group] += weight * amount


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
                square = 0.0
                for axis in range(3):
                    square += (reals[o.points + a * 3 + axis] - reals[o.points + b * 3 + axis]) ** 2
                if square > best:
                    best, end = square, j
    return np.sqrt(best), end


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
def evaluate_resources(
    o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int
) -> None:
    """Add what a shift does to what owners carry."""
    begin, low = ints[o.start + i], ints[o.first + i]
    for k in range(o.resources):
        row = ints[o.value_row + k]
        out, into = 0.0, 0.0
        if ints[o.value_per_item + k]:
            out = (
                reals[o.item_value + row * o.items + i]
                if ints[o.takes_part + k * o.owners + r]
                else 0.0
            )
            into = (
                reals[o.item_value + row * o.items + i]
                if ints[o.takes_part + k * o.owners + to]
                else 0.0
            )
        else:
            out = (
                reals[o.pair_value + row * o.pairs + begin + r - low]
                if ints[o.takes_part + k * o.owners + r]
                else 0.0
            )
            into = (
                reals[o.pair_value + row * o.pairs + begin + to - low]
                if ints[o.takes_part + k * o.owners + to]
                else 0.0
            )
        if out == 0.0 and into == 0.0:
            continue
        total = reals[o.total + k] + into - out
        cost, broken = 0.0, 0
        line = k * o.owners
        # Where limits move with the total, everybody's may be broken.
        for turn in range(o.owners if ints[o.moving + k] else 2):
            q = turn
            if not ints[o.moving + k]:
                q = r if turn == 0 else to
            if ints[o.takes_part + line + q]:
                load = reals[o.load + line + q]
                if q == r:
                    load -= out
                elif q == to:
                    load += into
                new = amount_outside(o, ints, reals, k, q, load, total)
                old = reals[o.outside + line + q]
                if new != old:
                    cost += reals[o.resource_weight + line + q] * (new - old)
                    broken += (new > 0) - (old > 0)
        count_in(o, ints, reals, ints[o.resource_group + k], 1.0, cost, broken)


@inner
def evaluate_groups(
    o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int
) -> None:
    """Add what a shift does to counters, spread groups, cut edges and diameters."""
    low = ints[o.first + i]
    for e in range(ints[o.entry_start + i], ints[o.entry_start + i + 1]):
        for q, sign in ((r, -1.0), (to, 1.0)):
            value = reals[o.counter_value + ints[o.entry_value + e] + q - low]
            c = ints[o.entry_counter + e] + (q - low) * ints[o.entry_step + e]
            # Both ends of a shift may count into one counter: its second part starts
            # where the first has left it.
            before = reals[o.counter + c]
            if sign > 0 and ints[o.entry_step + e] == 0:
                before -= reals[o.counter_value + ints[o.entry_value + e] + r - low]
            if value != 0.0:
                old = counter_outside(o, ints, reals, c, before)
                new = counter_outside(o, ints, reals, c, before + sign * value)
                change = (new > 0) - (old > 0)
                count_in(
                    o,
                    ints,
                    reals,
                    ints[o.counter_group + c],
                    reals[o.counter_weight + c],
                    new - old,
                    change,
                )
    for e in range(ints[o.spread_start + i], ints[o.spread_start + i + 1]):
        g = ints[o.spread_of + e]
        many = ints[o.spread_owners + g]
        after = (
            many
            - (ints[o.spread_count + g * o.owners + r] == 1)
            + (ints[o.spread_count + g * o.owners + to] == 0)
        )
        old = max(many - ints[o.spread_maximum + g], 0)
        new = max(after - ints[o.spread_maximum + g], 0)
        if old != new:
            change = (new > 0) - (old > 0)
            count_in(
                o,
                ints,
                reals,
                ints[o.spread_group + g],
                reals[o.spread_weight + g],
                float(new - old),
                change,
            )
    for e in range(ints[o.cut_start + i], ints[o.cut_start + i + 1]):
        q = ints[o.owner + ints[o.cut_other + e]]
        reals[o.change + ints[o.cut_group + e]] += reals[o.cut_price + e] * ((q != to) - (q != r))


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


@inner
def farthest_within(o: Layout, ints: IndexArray, reals: FloatArray, i: int) -> float:
    """Largest chord between two covers of one item."""
    best = 0.0
    for a in range(ints[o.point_start + i], ints[o.point_start + i + 1]):
        for b in range(a + 1, ints[o.point_start + i + 1]):
            square = 0.0
            for axis in range(3):
                square += (reals[o.points + a * 3 + axis] - reals[o.points + b * 3 + axis]) ** 2
            best = max(best, square)
    return np.sqrt(best)


@inner
def evaluate(o: Layout, ints: IndexArray, reals: FloatArray, i: int, to: int) -> None:
    """Add to ``change`` and ``effect`` all that a shift does but connected pieces."""
    r = ints[o.owner + i]
    for g in range(o.groups):
        reals[o.change + g] += (
            reals[o.pair_cost + g * o.pairs + ints[o.start + i] + to - ints[o.first + i]]
            - reals[o.pair_cost + g * o.pairs + ints[o.start + i] + r - ints[o.first + i]]
        )
    evaluate_resources(o, ints, reals, i, r, to)
    evaluate_groups(o, ints, reals, i, r, to)
    if o.diameters > 0:
        evaluate_chords(o, ints, reals, i, r, to)


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


@inner
def shift_loads(o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int) -> None:
    """Move what an item weighs from one owner to another."""
    begin, low = ints[o.start + i], ints[o.first + i]
    for k in range(o.resources):
        row = ints[o.value_row + k]
        for q, sign in ((r, -1.0), (to, 1.0)):
            if ints[o.takes_part + k * o.owners + q]:
                if ints[o.value_per_item + k]:
                    value = reals[o.item_value + row * o.items + i]
                else:
                    value = reals[o.pair_value + row * o.pairs + begin + q - low]
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


@compiled
def rebuild(o: Layout, ints: IndexArray, reals: FloatArray) -> None:
    """Compute every sum anew from the owners."""
    n = o.items
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
    for i in range(n):
        r = ints[o.owner + i]
        ints[o.members + r * o.items + ints[o.held + r]] = i
        ints[o.place + i] = ints[o.held + r]
        ints[o.held + r] += 1
        for c in range(ints[o.cover_start + i], ints[o.cover_start + i + 1]):
            ints[o.cover_owner + ints[o.cover_of + c]] = r
        q = r - ints[o.first + i]
        for k in range(o.resources):
            if ints[o.takes_part + k * o.owners + r]:
                row = ints[o.value_row + k]
                if ints[o.value_per_item + k]:
                    reals[o.load + k * o.owners + r] += reals[o.item_value + row * o.items + i]
                else:
                    reals[o.load + k * o.owners + r] += reals[
                        o.pair_value + row * o.pairs + ints[o.start + i] + q
                    ]
        for e in range(ints[o.entry_start + i], ints[o.entry_start + i + 1]):
            value = reals[o.counter_value + ints[o.entry_value + e] + q]
            reals[o.counter + ints[o.entry_counter + e] + q * ints[o.entry_step + e]] += value
        for e in range(ints[o.spread_start + i], ints[o.spread_start + i + 1]):
            g = ints[o.spread_of + e]
            ints[o.spread_owners + g] += ints[o.spread_count + g * o.owners + r] == 0
            ints[o.spread_count + g * o.owners + r] += 1
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
    for g in range(groups):
        reals[o.sums + g] = reals[o.change + g]
        reals[o.change + g] = 0.0
    reals[o.penalty] = reals[o.effect]
    ints[o.broken] = int(reals[o.effect + 1])
    reals[o.effect] = 0.0
    reals[o.effect + 1] = 0.0


@inlined
def above_limit(o: Layout, ints: IndexArray, reals: FloatArray, g: int, value: float) -> float:
    """Amount of an earlier sum above its limit."""
    over = value - reals[o.group_limit + g]
    return over if over > EARLIER * max(1.0, abs(reals[o.group_limit + g])) else 0.0
