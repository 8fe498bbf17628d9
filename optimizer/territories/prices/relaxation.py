"""The relaxed problem at given prices, in compiled code.

With the limits of resources and counters priced, nothing couples the items: each
takes the owner of least reduced cost. For a resource with price λ_r at owner r
(positive at its upper limit, negative at its lower) and limits that move with the
total T, the relaxed objective holds

    Σ_r λ_r · (carried_r − limit_r − share_r · T),

so that a unit of the resource at r costs λ_r − Σ_s λ_s · share_s. A soft limit with
price p has |λ_r| ≤ p (Fisher 1981 describes the method).

Every sum runs in a fixed order, so that results do not depend on the machine.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..tables import Tables


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def unit_prices(t: Tables, load_price: FloatArray, item_coef: FloatArray, pair_coef: FloatArray):
    """Cost of a unit of each row of values at each owner, from the prices, (rows, R)."""
    item_coef[:] = 0.0
    pair_coef[:] = 0.0
    for k in range(len(t.moving)):
        shift = 0.0
        if t.moving[k]:
            for r in range(t.owners):
                price = load_price[k, r]
                # As wide as the tolerance by which a plan may miss them.
                if price > 0:
                    shift += price * t.upper_share[k, r] * (1.0 + t.tolerance[k])
                else:
                    shift += price * t.lower_share[k, r] * (1.0 - t.tolerance[k])
        row = t.value_row[k]
        for r in range(t.owners):
            if t.takes_part[k, r]:
                if t.value_per_item[k]:
                    item_coef[row, r] += load_price[k, r] - shift
                else:
                    pair_coef[row, r] += load_price[k, r] - shift


@nb.njit(cache=True, nogil=True, forceinline=True)  # type: ignore[misc]
def reduced_costs(
    t: Tables,
    i: int,
    group_price: FloatArray,
    item_coef: FloatArray,
    pair_coef: FloatArray,
    counter_price: FloatArray,
    reduced: FloatArray,
):
    """Reduced cost of every owner of an item, in ``reduced[: width]``; inf where not allowed."""
    begin, many, low = t.start[i], t.width[i], t.first[i]
    for q in range(many):
        reduced[q] = t.pair_cost[0, begin + q]
    for g in range(1, len(group_price)):
        for q in range(many):
            reduced[q] += group_price[g] * t.pair_cost[g, begin + q]
    for row in range(item_coef.shape[0]):
        value = t.item_value[row, i]
        if value != 0.0:
            for q in range(many):
                reduced[q] += value * item_coef[row, low + q]
    for row in range(pair_coef.shape[0]):
        for q in range(many):
            reduced[q] += t.pair_value[row, begin + q] * pair_coef[row, low + q]
    for e in range(t.entry_start[i], t.entry_start[i + 1]):
        for q in range(many):
            value = t.counter_value[t.entry_value[e] + q]
            reduced[q] += value * counter_price[t.entry_counter[e] + q * t.entry_step[e]]
    for q in range(many):
        if not t.allowed[begin + q]:
            reduced[q] = np.inf


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def relaxed_minimum(
    t: Tables,
    group_price: FloatArray,
    load_price: FloatArray,
    counter_price: FloatArray,
    item_coef: FloatArray,
    pair_coef: FloatArray,
    choice: IndexArray,
    best: FloatArray,
):
    """Cheapest owner of each item and its reduced cost; returns their sum."""
    unit_prices(t, load_price, item_coef, pair_coef)
    reduced = np.empty(t.owners)
    total = 0.0
    for i in range(len(t.first)):
        reduced_costs(t, i, group_price, item_coef, pair_coef, counter_price, reduced)
        least, at = reduced[0], 0
        for q in range(1, t.width[i]):
            if reduced[q] < least:
                least, at = reduced[q], q
        choice[i] = t.first[i] + at
        best[i] = least
        total += least
    return total


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def loads_of(
    t: Tables, choice: IndexArray, load: FloatArray, counter: FloatArray, sums: FloatArray
):
    """What owners and counters carry, and the pair costs by group, for an assignment."""
    load[:] = 0.0
    counter[:] = 0.0
    sums[:] = 0.0
    for i in range(len(t.first)):
        r = choice[i]
        q = r - t.first[i]
        pair = t.start[i] + q
        for g in range(len(sums)):
            sums[g] += t.pair_cost[g, pair]
        for k in range(len(t.moving)):
            if t.takes_part[k, r]:
                row = t.value_row[k]
                load[k, r] += (
                    t.item_value[row, i] if t.value_per_item[k] else t.pair_value[row, pair]
                )
        for e in range(t.entry_start[i], t.entry_start[i + 1]):
            at = t.entry_counter[e] + q * t.entry_step[e]
            counter[at] += t.counter_value[t.entry_value[e] + q]


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def priced_limits(
    t: Tables, relaxed: float, group_price: FloatArray, load_price: FloatArray, counter: FloatArray
):
    """Value of the relaxation less rounding aside: the items' sum less the priced limits.

    Limits are taken as wide as the tolerance by which a plan may miss them.
    """
    value = 0.0
    size = 0.0
    for g in range(len(group_price)):
        value += group_price[g] * t.group_constant[g]
        size += abs(group_price[g] * t.group_constant[g])
        if g > 0:
            limit = t.group_limit[g] + 1e-6 * max(1.0, abs(t.group_limit[g]))
            value -= group_price[g] * limit
            size += abs(group_price[g] * limit)
    for k in range(len(t.moving)):
        for r in range(t.owners):
            price = load_price[k, r]
            if price != 0.0:
                edge = t.upper[k, r] if price > 0 else t.lower[k, r]
                part = abs(price) * t.tolerance[k] * max(1.0, abs(edge))
                value -= price * edge + part
                size += abs(price * edge) + part
    for c in range(len(counter)):
        price = counter[c]
        if price != 0.0:
            edge = t.counter_upper[c] if price > 0 else t.counter_lower[c]
            part = abs(price) * 1e-6 * max(1.0, abs(edge))
            value -= price * edge + part
            size += abs(price * edge) + part
    return relaxed + value, size


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def rounding_margin(
    t: Tables,
    group_price: FloatArray,
    load_price: FloatArray,
    counter_price: FloatArray,
    best: FloatArray,
    size: float,
):
    """How far floating point can have lifted the relaxed value, from above.

    A sum of m products carries an error of at most (m + 1) · ε · Σ |terms| (Higham 2002,
    section 4.2); the sizes of the terms are bounded item by item.
    """
    rows = t.item_value.shape[0] + t.pair_value.shape[0]
    item_size = np.zeros((t.item_value.shape[0], t.owners))
    pair_size = np.zeros((t.pair_value.shape[0], t.owners))
    for k in range(len(t.moving)):
        shift = 0.0
        for r in range(t.owners):
            shift += abs(load_price[k, r]) * max(t.upper_share[k, r], t.lower_share[k, r])
        for r in range(t.owners):
            if t.value_per_item[k]:
                item_size[t.value_row[k], r] += abs(load_price[k, r]) + shift
            else:
                pair_size[t.value_row[k], r] += abs(load_price[k, r]) + shift
    total = size
    for i in range(len(t.first)):
        begin, low = t.start[i], t.first[i]
        most = 0.0
        for q in range(t.width[i]):
            if t.allowed[begin + q]:
                part = 0.0
                for g in range(len(group_price)):
                    part += abs(group_price[g] * t.pair_cost[g, begin + q])
                for row in range(item_size.shape[0]):
                    part += t.item_value[row, i] * item_size[row, low + q]
                for row in range(pair_size.shape[0]):
                    part += t.pair_value[row, begin + q] * pair_size[row, low + q]
                for e in range(t.entry_start[i], t.entry_start[i + 1]):
                    value = t.counter_value[t.entry_value[e] + q]
                    price = counter_price[t.entry_counter[e] + q * t.entry_step[e]]
                    part += abs(value * price)
                most = max(most, part)
        entries = t.entry_start[i + 1] - t.entry_start[i]
        # 2.3e-16 is just above ε; the factor two covers the sums in this function.
        total += 2.0 * (rows + entries + len(group_price) + t.owners + 4) * most
        total += abs(best[i]) * (len(t.first) - i + 1)
    return 2.3e-16 * (total + size * (t.owners * len(t.moving) + len(counter_price) + 4))


@nb.njit(cache=True, nogil=True)  # type: ignore[misc]
def possible_pairs(
    t: Tables,
    group_price: FloatArray,
    load_price: FloatArray,
    counter_price: FloatArray,
    slack: float,
    possible: np.ndarray,  # type: ignore[type-arg]
):
    """Mark the pairs whose reduced cost lies within ``slack`` of the item's least."""
    item_coef = np.zeros((t.item_value.shape[0], t.owners))
    pair_coef = np.zeros((t.pair_value.shape[0], t.owners))
    unit_prices(t, load_price, item_coef, pair_coef)
    reduced = np.empty(t.owners)
    for i in range(len(t.first)):
        reduced_costs(t, i, group_price, item_coef, pair_coef, counter_price, reduced)
        least = np.inf
        for q in range(t.width[i]):
            least = min(least, reduced[q])
        for q in range(t.width[i]):
            possible[t.start[i] + q] = reduced[q] - least <= slack and reduced[q] < np.inf
