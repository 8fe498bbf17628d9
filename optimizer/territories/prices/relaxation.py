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

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inlined, inner
from ..tables import CUT, PriceTables


@inner
def unit_prices(
    t: PriceTables, load_price: FloatArray, item_coef: FloatArray, pair_coef: FloatArray
) -> None:
    """Cost of a unit of each row of values at each owner, from the prices, (rows, R)."""
    for row in range(item_coef.shape[0]):
        for r in range(t.owners):
            item_coef[row, r] = 0.0
    for row in range(pair_coef.shape[0]):
        for r in range(t.owners):
            pair_coef[row, r] = 0.0
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


@inlined
def add_counters(
    t: PriceTables, i: int, many: int, counter_price: FloatArray, reduced: FloatArray
) -> None:
    """Add the priced counters of an item to the costs of its owners."""
    for e in range(t.entry_start[i], t.entry_start[i + 1]):
        if t.entry_step[e] < 0:
            value = t.counter_value[t.entry_value[e]]
            reduced[-1 - t.entry_step[e]] += value * counter_price[t.entry_counter[e]]
            continue
        for q in range(many):
            value = t.counter_value[t.entry_value[e] + q]
            reduced[q] += value * counter_price[t.entry_counter[e] + q * t.entry_step[e]]


@inlined
def reduced_costs(
    t: PriceTables,
    i: int,
    group_price: FloatArray,
    item_coef: FloatArray,
    pair_coef: FloatArray,
    counter_price: FloatArray,
    reduced: FloatArray,
) -> None:
    """Reduced cost of every owner of an item, in ``reduced[: width]``; inf where not allowed."""
    begin, many, low = t.start[i], t.width[i], t.first[i]
    # Slices that begin at 0 let the compiler use vector instructions.
    cost = t.pair_cost[0, begin : begin + many]
    for q in range(many):
        reduced[q] = cost[q]
    for g in range(1, len(group_price)):
        cost = t.pair_cost[g, begin : begin + many]
        for q in range(many):
            reduced[q] += group_price[g] * cost[q]
    for row in range(item_coef.shape[0]):
        value = t.item_value[row, i]
        coef = item_coef[row, low : low + many]
        for q in range(many):
            reduced[q] += value * coef[q]
    for row in range(pair_coef.shape[0]):
        values = t.pair_value[row, begin : begin + many]
        coef = pair_coef[row, low : low + many]
        for q in range(many):
            reduced[q] += values[q] * coef[q]
    add_counters(t, i, many, counter_price, reduced)
    allowed = t.allowed[begin : begin + many]
    for q in range(many):
        if not allowed[q]:
            reduced[q] = np.inf


@compiled
def relaxed_minimum(
    t: PriceTables,
    group_price: FloatArray,
    load_price: FloatArray,
    counter_price: FloatArray,
    item_coef: FloatArray,
    pair_coef: FloatArray,
    choice: IndexArray,
    best: FloatArray,
) -> float:
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


@inner
def loads_of(
    t: PriceTables, choice: IndexArray, load: FloatArray, counter: FloatArray, sums: FloatArray
) -> None:
    """What owners and counters carry, and the pair costs by group, for an assignment."""
    for k in range(len(t.moving)):
        for r in range(t.owners):
            load[k, r] = 0.0
    for c in range(len(counter)):
        counter[c] = 0.0
    for g in range(len(sums)):
        sums[g] = 0.0
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
            if t.entry_step[e] >= 0:
                at = t.entry_counter[e] + q * t.entry_step[e]
                counter[at] += t.counter_value[t.entry_value[e] + q]
            elif q == -1 - t.entry_step[e]:
                counter[t.entry_counter[e]] += t.counter_value[t.entry_value[e]]


@compiled
def priced_limits(
    t: PriceTables,
    relaxed: float,
    group_price: FloatArray,
    load_price: FloatArray,
    counter: FloatArray,
) -> tuple[float, float]:
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
            part = abs(price) * 1e-6 * max(1.0, abs(edge)) if t.counter_group[c] != CUT else 0.0
            value -= price * edge + part
            size += abs(price * edge) + part
    return relaxed + value, size


@inlined
def counters_size(t: PriceTables, i: int, q: int, counter_price: FloatArray) -> float:
    """Sum of the sizes of a pair's priced counters."""
    size = 0.0
    for e in range(t.entry_start[i], t.entry_start[i + 1]):
        if t.entry_step[e] >= 0:
            value = t.counter_value[t.entry_value[e] + q]
            size += abs(value * counter_price[t.entry_counter[e] + q * t.entry_step[e]])
        elif q == -1 - t.entry_step[e]:
            size += abs(t.counter_value[t.entry_value[e]] * counter_price[t.entry_counter[e]])
    return size


@compiled
def rounding_margin(
    t: PriceTables,
    group_price: FloatArray,
    load_price: FloatArray,
    counter_price: FloatArray,
    best: FloatArray,
    size: float,
) -> float:
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
                part += counters_size(t, i, q, counter_price)
                most = max(most, part)
        entries = t.entry_start[i + 1] - t.entry_start[i]
        # 2.3e-16 is just above ε; the factor two covers the sums in this function.
        total += 2.0 * (rows + entries + len(group_price) + t.owners + 4) * most
        total += abs(best[i]) * (len(t.first) - i + 1)
    return 2.3e-16 * (total + size * (t.owners * len(t.moving) + len(counter_price) + 4))


@compiled
def all_reduced_costs(
    t: PriceTables,
    group_price: FloatArray,
    load_price: FloatArray,
    counter_price: FloatArray,
    out: FloatArray,
) -> None:
    """Reduced cost of every pair, inf where not allowed, (P,)."""
    item_coef = np.zeros((t.item_value.shape[0], t.owners))
    pair_coef = np.zeros((t.pair_value.shape[0], t.owners))
    unit_prices(t, load_price, item_coef, pair_coef)
    reduced = np.empty(t.owners)
    for i in range(len(t.first)):
        reduced_costs(t, i, group_price, item_coef, pair_coef, counter_price, reduced)
        for q in range(t.width[i]):
            out[t.start[i] + q] = reduced[q]
