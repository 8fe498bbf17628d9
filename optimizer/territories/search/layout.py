"""Where each table of a plan in the making stands: two long arrays, whole numbers and reals.

Calls that pass a hundred arrays take long to compile and to make, so compiled code gets
the two arrays and a :class:`Layout` that says where each table begins.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ....models.arrays import FloatArray, IndexArray
from ..tables import Tables


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


def shapes_of(
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
