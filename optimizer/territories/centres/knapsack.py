"""Sites priced with whole units: the bound of location where a site holds only a few.

Where units are large beside what a site can carry, a knapsack that cuts units up promises
too much. With whole amounts the best set is found by the usual recursion on the load
(Martello and Toth 1990). The relaxed worths come first: a site whose relaxed worth is
above the worst of the chosen cannot be among the best, and is left alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled
from .location import Pricing
from .reach import Costs, Indices, Market, Reach

LARGEST_CAPACITY = 20_000
"""Capacities up to which the recursion is asked."""


@compiled
def best_set(
    unit: Indices, cost: Costs, alpha: FloatArray, amount: IndexArray, capacity: int,
    chosen: NDArray[np.bool_],
) -> float:  # fmt: skip
    """Least cost less prices of one site with whole units; ``chosen`` marks them in the list."""
    profit = np.zeros(capacity + 1)
    items = np.empty(len(unit), dtype=np.int64)
    count, load = 0, 0
    total = 0.0
    for e in range(len(unit)):
        chosen[e] = False
        if cost[e] < alpha[unit[e]] and amount[unit[e]] <= capacity:
            items[count] = e
            count += 1
            load += amount[unit[e]]
            total += cost[e] - alpha[unit[e]]
    if load <= capacity:
        for q in range(count):
            chosen[items[q]] = True
        return total
    taken = np.zeros((count, capacity + 1), dtype=np.bool_)
    for q in range(count):
        e = items[q]
        size, gain = amount[unit[e]], alpha[unit[e]] - cost[e]
        for c in range(capacity, size - 1, -1):
            better = profit[c - size] + gain
            if better > profit[c]:
                profit[c] = better
                taken[q, c] = True
    left = capacity
    for q in range(count - 1, -1, -1):
        if taken[q, left]:
            chosen[items[q]] = True
            left -= amount[unit[items[q]]]
    return float(-profit[capacity])


@compiled
def best_sets(
    order: IndexArray, count: int, worth: FloatArray, sites: IndexArray, start: IndexArray,
    unit: Indices, cost: Costs, alpha: FloatArray, amount: IndexArray, capacity: IndexArray,
    slope: FloatArray,
) -> tuple[float, IndexArray]:  # fmt: skip
    """The best ``count`` sites with whole units: their worth and their rows.

    ``worth`` (m,), relaxed, becomes true for the sites that were asked; ``slope`` becomes
    the supergradient, 1 less how often each unit is taken.
    """
    best, rows = np.full(count, np.inf), np.zeros(count, dtype=np.int64)
    for row in order:
        if worth[row] >= best[count - 1]:
            break
        span = slice(start[row], start[row + 1])
        chosen = np.empty(start[row + 1] - start[row], dtype=np.bool_)
        value = best_set(unit[span], cost[span], alpha, amount, capacity[sites[row]], chosen)
        worth[row] = max(worth[row], value)
        at = count - 1
        if worth[row] >= best[at]:
            continue
        while at > 0 and best[at - 1] > worth[row]:
            best[at], rows[at] = best[at - 1], rows[at - 1]
            at -= 1
        best[at], rows[at] = worth[row], row
    slope[:] = 1.0
    for row in rows:
        span = slice(start[row], start[row + 1])
        chosen = np.empty(start[row + 1] - start[row], dtype=np.bool_)
        best_set(unit[span], cost[span], alpha, amount, capacity[sites[row]], chosen)
        for e in range(len(chosen)):
            if chosen[e]:
                slope[unit[start[row] + e]] -= 1.0
    return best.sum(), rows


class WholePricing(Pricing):
    """As :class:`Pricing`, with whole units in the best sites, and one capacity each."""

    def __init__(self, market: Market, reach: Reach, workers: int = 2) -> None:
        super().__init__(market, reach, np.zeros(1), workers)
        self.amount = market.amounts[0].astype(np.int64)
        self.capacity = np.floor(market.upper[:, 0]).astype(np.int64)
        self._slope = np.empty(len(market))

    def value(self, alpha: FloatArray) -> float:
        """Bound at these prices."""
        super().value(alpha)
        reach = self.reach
        order = np.argsort(self.worth, kind="stable")
        total, self.chosen = best_sets(
            order, self.market.count, self.worth, reach.sites, reach.start, reach.unit,
            reach.cost, alpha, self.amount, self.capacity, self._slope,
        )  # fmt: skip
        return float(alpha.sum() + total)

    def slope(self, alpha: FloatArray) -> FloatArray:
        """Supergradient at the prices of the last pass, (n,)."""
        del alpha
        return self._slope.copy()
