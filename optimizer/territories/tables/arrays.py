"""The arrays themselves: all of a model, and the part that the relaxation reads."""

from __future__ import annotations

from typing import NamedTuple

from ....models.arrays import BoolArray, FloatArray, IndexArray

#: Group of parts that are hard.
HARD = -1
#: Group of counters that are cuts: hard, at most 0, without a tolerance.
CUT = -2


class Tables(NamedTuple):
    """Arrays of a model; n items, R owners, P pairs, G groups, K resources, C counters.

    Parameters
    ----------
    first, start, width
        Owners of an item are ``first … first + width - 1``; its pairs begin at
        ``start``, (n,).
    pair_cost
        Objective and earlier sums of each pair, (G, P).
    group_limit, group_constant
        Largest value of each group's sum and its fixed part, (G,); inf for the objective.
    value_row, value_per_item
        Where a resource's values stand: row of ``item_value`` (rows, n) or of
        ``pair_value`` (rows, P), (K,).
    moving
        Resources whose limits move with the total; shares of the others are 0, (K,).
    entry_start, entry_counter, entry_step, entry_value
        Entries of item i are ``entry_start[i] … entry_start[i + 1] - 1``. With the owner
        at position q of the item's range, entry e adds
        ``counter_value[entry_value[e] + q]`` to counter
        ``entry_counter[e] + q · entry_step[e]``. A negative step means that only the
        owner at position ``-1 - step`` adds anything, ``counter_value[entry_value[e]]``.
    spread_start, spread_of
        Spread groups of each item.
    counter_unit
        What one item usually adds to a counter, (C,).
    cut_start, cut_other, cut_price, cut_group
        Cut edges of each item, both ways.
    point_start, points
        Places of each item's covers, km.
    layer_start, layer_other, layer_owners
        Neighbours of covers by layer, (L, covers + 1) into ``layer_other``; owners that
        a layer holds together, (L, R).
    near_start, near_other
        Neighbours of an item in any layer or cut edge.
    cover_start, cover_of
        Covers of each item.
    """

    owners: int
    first: IndexArray
    start: IndexArray
    width: IndexArray
    allowed: BoolArray
    pair_cost: FloatArray
    group_limit: FloatArray
    group_constant: FloatArray
    item_value: FloatArray
    pair_value: FloatArray
    value_row: IndexArray
    value_per_item: BoolArray
    takes_part: BoolArray
    lower: FloatArray
    upper: FloatArray
    lower_share: FloatArray
    upper_share: FloatArray
    moving: BoolArray
    resource_price: FloatArray
    resource_group: IndexArray
    tolerance: FloatArray
    entry_start: IndexArray
    entry_counter: IndexArray
    entry_step: IndexArray
    entry_value: IndexArray
    counter_value: FloatArray
    counter_lower: FloatArray
    counter_upper: FloatArray
    counter_price: FloatArray
    counter_group: IndexArray
    counter_unit: FloatArray
    spread_start: IndexArray
    spread_of: IndexArray
    spread_maximum: IndexArray
    spread_price: FloatArray
    spread_group: IndexArray
    cut_start: IndexArray
    cut_other: IndexArray
    cut_price: FloatArray
    cut_group: IndexArray
    point_start: IndexArray
    points: FloatArray
    diameter_owners: BoolArray
    diameter_maximum: FloatArray
    diameter_price: FloatArray
    diameter_group: IndexArray
    layer_start: IndexArray
    layer_other: IndexArray
    layer_owners: BoolArray
    layer_price: FloatArray
    layer_group: IndexArray
    near_start: IndexArray
    near_other: IndexArray
    item_of_cover: IndexArray
    cover_start: IndexArray
    cover_of: IndexArray


class PriceTables(NamedTuple):
    """The part of :class:`Tables` that the relaxation reads: fewer arrays compile sooner."""

    owners: int
    first: IndexArray
    start: IndexArray
    width: IndexArray
    allowed: BoolArray
    pair_cost: FloatArray
    group_limit: FloatArray
    group_constant: FloatArray
    item_value: FloatArray
    pair_value: FloatArray
    value_row: IndexArray
    value_per_item: BoolArray
    takes_part: BoolArray
    lower: FloatArray
    upper: FloatArray
    lower_share: FloatArray
    upper_share: FloatArray
    moving: BoolArray
    resource_price: FloatArray
    resource_group: IndexArray
    tolerance: FloatArray
    entry_start: IndexArray
    entry_counter: IndexArray
    entry_step: IndexArray
    entry_value: IndexArray
    counter_value: FloatArray
    counter_lower: FloatArray
    counter_upper: FloatArray
    counter_price: FloatArray
    counter_group: IndexArray

    @classmethod
    def of(cls, tables: Tables) -> PriceTables:
        """Pick the arrays."""
        return cls(*(getattr(tables, name) for name in cls._fields))
