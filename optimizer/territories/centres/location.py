"""The Lagrangian of location at scale, compiled: what each site earns at given prices.

Serving unit i earns its price λ_i. The best territory of site j is a knapsack on the
units that earn more than they cost, within the limits of its loads; its relaxation by
prices μ_j of the loads is solved as in :mod:`.prices`. Then

    bound = Σ λ_i + Σ of the ``count`` smallest worths,

for any prices (Lagrangian of the capacitated p-median: Pirkul 1987; Senne and Lorena
2000). Contiguity is relaxed.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inner
from .prices import CLOSE, weighted_split
from .reach import Costs, Indices, Market, Reach

PARTS = 16
"""Ranges of sites that workers take one after another; sums do not depend on it."""


@inner
def load_price(
    unit: Indices, reduced: FloatArray, count: int, amount: FloatArray, lower: float,
    upper: float, ceiling: float, ratio: FloatArray, weight: FloatArray,
) -> float:  # fmt: skip
    """Price of one measure at which a site's load meets its limits; at most ``ceiling``."""
    load = 0.0
    for e in range(count):
        if reduced[e] < 0.0:
            load += amount[unit[e]]
    if lower <= load <= upper:
        return 0.0
    found = 0
    over = load > upper
    for e in range(count):
        size = amount[unit[e]]
        if size > 0.0 and (reduced[e] < 0.0) == over:
            ratio[found] = reduced[e] / size
            weight[found] = size
            found += 1
    if over:
        return weighted_split(ratio, weight, found, upper)
    price = weighted_split(ratio, weight, found, lower - load)
    return ceiling if np.isnan(price) or price > ceiling else price


@inner
def site_worth(
    unit: Indices, cost: Costs, alpha: FloatArray, amounts: FloatArray, lower: FloatArray,
    upper: FloatArray, ceiling: FloatArray, mu: FloatArray, reduced: FloatArray,
    ratio: FloatArray, weight: FloatArray,
) -> float:  # fmt: skip
    """Least cost less prices of one site; ``mu`` (measures,) is the start and the outcome."""
    count, kinds = len(unit), len(amounts)
    if kinds == 1:
        mu[0] = 0.0
    for e in range(count):
        reduced[e] = cost[e] - alpha[unit[e]]
        for k in range(kinds):
            if mu[k] != 0.0:
                reduced[e] -= mu[k] * amounts[k, unit[e]]
    for _ in range(1 if kinds < 2 else 2):
        for k in range(kinds):
            if mu[k] != 0.0:
                for e in range(count):
                    reduced[e] += mu[k] * amounts[k, unit[e]]
            mu[k] = load_price(
                unit, reduced, count, amounts[k], lower[k], upper[k], ceiling[k], ratio, weight
            )
            if mu[k] != 0.0:
                for e in range(count):
                    reduced[e] -= mu[k] * amounts[k, unit[e]]
    worth = 0.0
    for k in range(kinds):
        if mu[k] > 0.0:
            worth += mu[k] * lower[k]
        elif mu[k] < 0.0:
            worth += mu[k] * upper[k]
    for e in range(count):
        worth += min(0.0, reduced[e])
    return worth


@compiled
def range_worths(
    begin: int, end: int, sites: IndexArray, start: IndexArray, unit: Indices, cost: Costs,
    alpha: FloatArray, amounts: FloatArray, lower: FloatArray, upper: FloatArray,
    ceiling: FloatArray, mu: FloatArray, worth: FloatArray,
) -> None:  # fmt: skip
    """Fill ``worth`` and ``mu`` of the sites from ``begin`` to ``end``."""
    widest = 1
    for row in range(begin, end):
        widest = max(widest, start[row + 1] - start[row])
    reduced, ratio, weight = np.empty(widest), np.empty(widest), np.empty(widest)
    for row in range(begin, end):
        span = slice(start[row], start[row + 1])
        j = sites[row]
        worth[row] = site_worth(
            unit[span], cost[span], alpha, amounts, lower[j], upper[j], ceiling, mu[row],
            reduced, ratio, weight,
        )  # fmt: skip


@compiled
def shortage(
    rows: IndexArray, sites: IndexArray, start: IndexArray, unit: Indices, cost: Costs,
    alpha: FloatArray, amounts: FloatArray, lower: FloatArray, upper: FloatArray,
    mu: FloatArray, slope: FloatArray,
) -> None:  # fmt: skip
    """Supergradient: 1 less how often each unit is taken by the sites of ``rows``, (n,).

    Units on the edge of a limit are taken in the part that meets the limit.
    """
    slope[:] = 1.0
    for row in rows:
        last, load, edge = -1, 0.0, 0.0
        for k in range(len(amounts)):
            if mu[row, k] != 0.0:
                last = k
        for turn in range(2):
            part = 1.0
            if turn == 1:
                if last < 0 or edge <= 0.0:
                    break
                limit = lower[sites[row], last] if mu[row, last] > 0.0 else upper[sites[row], last]
                part = min(1.0, max(0.0, (limit - load) / edge))
            for e in range(start[row], start[row + 1]):
                i = unit[e]
                reduced = cost[e] - alpha[i]
                for k in range(len(amounts)):
                    reduced -= mu[row, k] * amounts[k, i]
                small = CLOSE * (abs(cost[e]) + abs(alpha[i]) + 1e-30)
                if reduced < -small:
                    if turn == 0:
                        slope[i] -= 1.0
                        if last >= 0:
                            load += amounts[last, i]
                elif reduced <= small:
                    if turn == 0 and last >= 0:
                        edge += amounts[last, i]
                    elif turn == 1:
                        slope[i] -= part


class Pricing:
    """A market's sites priced pass by pass.

    Parameters
    ----------
    ceiling
        Highest price of each measure; the reach must allow for it, (measures,).
    """

    def __init__(self, market: Market, reach: Reach, ceiling: FloatArray, workers: int = 2) -> None:
        self.market, self.reach, self.ceiling = market, reach, ceiling
        self.workers = workers
        self.mu = np.zeros((len(reach.sites), len(market.amounts)))
        self.worth = np.zeros(len(reach.sites))

    def only(self, keep: NDArray[np.bool_]) -> Pricing:
        """The pricing of some sites; what it proves may be too much."""
        part = Pricing(self.market, self.reach.only(keep), self.ceiling, self.workers)
        part.mu[:] = self.mu[keep]
        return part

    def value(self, alpha: FloatArray) -> float:
        """Bound at these prices; fills ``worth`` and ``mu``."""
        reach, market = self.reach, self.market
        marks = np.searchsorted(reach.start, np.linspace(0, reach.start[-1], PARTS + 1))
        marks[0], marks[-1] = 0, len(reach.sites)

        def price(part: tuple[int, int]) -> None:
            range_worths(
                part[0], part[1], reach.sites, reach.start, reach.unit, reach.cost, alpha,
                market.amounts, market.lower, market.upper, self.ceiling, self.mu, self.worth,
            )  # fmt: skip

        ranges = list(itertools.pairwise(marks.tolist()))
        if self.workers > 1:
            with ThreadPoolExecutor(self.workers) as pool:
                list(pool.map(price, ranges))
        else:
            for part in ranges:
                price(part)
        order = np.argsort(self.worth, kind="stable")
        self.chosen = order[: market.count]
        return float(alpha.sum() + self.worth[self.chosen].sum())

    def priced(self, alpha: FloatArray) -> tuple[float, FloatArray]:
        """Bound and supergradient."""
        return self.value(alpha), self.slope(alpha)

    def slope(self, alpha: FloatArray) -> FloatArray:
        """Supergradient at the prices of the last pass, (n,)."""
        reach, market = self.reach, self.market
        slope = np.empty(len(market))
        shortage(
            self.chosen, reach.sites, reach.start, reach.unit, reach.cost, alpha,
            market.amounts, market.lower, market.upper, self.mu, slope,
        )  # fmt: skip
        return slope
