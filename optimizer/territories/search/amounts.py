"""What items add to what owners carry, how far that lies outside limits, where it counts."""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ....models.geodesy import EARTH_RADIUS_KM
from ..compiled import inlined
from ..measures import EARLIER, KEPT
from ..tables import HARD
from .layout import Layout

DIAMETER_SLACK = 0.5e-6


@inlined
def amount_of(o: Layout, ints: IndexArray, reals: FloatArray, k: int, i: int, r: int) -> float:
    """What an item adds to what an owner carries of a resource."""
    if ints[o.takes_part + k * o.owners + r] == 0:
        return 0.0
    row = ints[o.value_row + k]
    if ints[o.value_per_item + k]:
        return reals[o.item_value + row * o.items + i]
    return reals[o.pair_value + row * o.pairs + ints[o.start + i] + r - ints[o.first + i]]


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
def above_limit(o: Layout, ints: IndexArray, reals: FloatArray, g: int, value: float) -> float:
    """Amount of an earlier sum above its limit."""
    over = value - reals[o.group_limit + g]
    return over if over > EARLIER * max(1.0, abs(reals[o.group_limit + g])) else 0.0


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
