"""What the search along borders needs of a model: costs, loads with limits, neighbours.

Most large models are of one shape: every owner's territory hangs together, what it
carries lies between limits, and pairs have costs. :func:`ground_of` finds out whether a
model is; other parts (budgets, items apart, diameters …) are left to the general search.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..measures import KEPT
from ..model import AssignmentModel
from ..tables import HARD, Tables


class Ground(NamedTuple):
    """Fixed arrays of a model; n items, R owners, P pairs, E directed neighbour pairs.

    Parameters
    ----------
    first, start
        An item's first owner and where its pairs begin, (n,).
    near_start, near_other, tail, back
        Neighbours of item i are ``near_other[near_start[i]:near_start[i + 1]]``; edge e
        leads from ``tail[e]``, and ``back[e]`` is the same one the other way.
    cost
        Objective of each pair, inf where it may not be chosen, (P,).
    value_row, per_item, item_value, pair_value
        Where each resource's values stand, as in the tables.
    takes_part
        Owners that a resource limits, (K, R).
    lower, upper, lower_share, upper_share
        Limits, fixed and by the total, (K, R).
    price
        Of what lies outside the limits, inf for hard ones, (K,).
    slack
        Share of a limit by which it may be missed, (K,).
    whole
        Owners whose territory has to hang together, (R,).
    stays
        Owners that must not lose everything, (R,).
    """

    first: IndexArray
    start: IndexArray
    near_start: IndexArray
    near_other: IndexArray
    tail: IndexArray
    back: IndexArray
    cost: FloatArray
    value_row: IndexArray
    per_item: BoolArray
    item_value: FloatArray
    pair_value: FloatArray
    takes_part: BoolArray
    lower: FloatArray
    upper: FloatArray
    lower_share: FloatArray
    upper_share: FloatArray
    price: FloatArray
    slack: FloatArray
    whole: BoolArray
    stays: BoolArray


def ground_of(model: AssignmentModel, t: Tables) -> Ground | None:
    """The arrays of a model that has nothing but costs, limits on owners and one graph."""
    other = (
        len(t.counter_price), len(t.spread_price), len(t.diameter_price), len(t.cut_other),
        len(t.group_limit) - 1, len(model.largest),
    )  # fmt: skip
    if any(other) or len(t.layer_price) != 1 or t.layer_group[0] != HARD:
        return None
    if len(model.item_of_cover) != model.items or not len(t.near_other):
        return None
    tail = np.repeat(np.arange(model.items), np.diff(t.near_start))
    cost = np.where(t.allowed, t.pair_cost[0], np.inf)
    hard = t.resource_group == HARD
    return Ground(
        first=t.first,
        start=t.start,
        near_start=t.near_start,
        near_other=t.near_other,
        tail=tail,
        back=_reverse(tail, t.near_other),
        cost=cost,
        value_row=t.value_row,
        per_item=t.value_per_item,
        item_value=t.item_value,
        pair_value=t.pair_value,
        takes_part=t.takes_part,
        lower=t.lower,
        upper=t.upper,
        lower_share=t.lower_share,
        upper_share=t.upper_share,
        price=np.where(hard, np.inf, t.resource_price),
        slack=KEPT * t.tolerance,
        whole=np.ascontiguousarray(t.layer_owners[0]),
        stays=np.asarray(((t.lower > 0) | (t.lower_share > 0)).any(axis=0)),
    )


def _reverse(tail: IndexArray, head: IndexArray) -> IndexArray:
    """Index of each directed pair the other way round; pairs are sorted by tail, then head."""
    size = int(tail.max(initial=0)) + 1
    return np.searchsorted(tail * size + head, head * size + tail).astype(np.int64)
