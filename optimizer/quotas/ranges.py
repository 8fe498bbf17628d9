"""Which quotas each cell may have, given what stands on single cells anywhere below it.

With limits on single cells alone these ranges are exact: for every multiple of the
unit in a cell's range there are quotas below it that keep every limit. Siblings are
dealt in one common unit, so the sums that they can reach have no holes, and the
total to hand down never falls as the quota rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...models.arrays import IndexArray
from ...models.quotas import Limit, LimitKind, QuotaProblem


@dataclass(frozen=True, eq=False)
class Ranges:
    """Least and largest quota, minor units, (nodes, columns); crossed where there is none."""

    low: IndexArray
    high: IndexArray

    @property
    def empty(self) -> IndexArray:
        """Columns in which some cell has no quota left."""
        return np.flatnonzero((self.low > self.high).any(axis=0))


def couples(limit: Limit) -> bool:
    """Whether a limit ties several cells together; the budget is dealt out on its own."""
    return limit.cells > 1 and limit.kind is not LimitKind.BUDGET


def ceiling(problem: QuotaProblem) -> int:
    """More money than any cell of a sensible plan holds, minor units."""
    asked = int(problem.budget.sum())
    for limit in problem.limits:
        asked += max(limit.low or 0, 0)
    tree = problem.tree
    for depth in range(int(tree.depth.max()) + 1):
        hedges = [tree.over_assignment[n] for n in tree.inner if tree.depth[n] == depth]
        asked = int(asked * (1 + max(hedges, default=0))) + 1
    unit = int(tree.cell_units.max())
    return 2 * (asked + unit * len(tree))


def allowed_ranges(
    problem: QuotaProblem, limits: Sequence[Limit], columns: IndexArray | None = None
) -> Ranges:
    """Ranges of all cells under the limits; of the given columns only, where named."""
    tree = problem.tree
    width = len(problem.products) * len(problem.periods)
    most = ceiling(problem)
    low = np.zeros((len(tree), width), dtype=np.int64)
    high = np.full_like(low, most)
    for limit in limits:
        node, cells = limit.node, problem.columns(limit)
        if limit.low is not None and limit.cells == 1:
            low[node, cells] = np.maximum(low[node, cells], limit.low)
        if limit.high is not None:
            # Quotas are never negative, so no cell exceeds the cap on a sum it is part of.
            high[node, cells] = np.minimum(high[node, cells], limit.high)
    units = tree.cell_units[:, None]
    low, high = -(-low // units) * units, high // units * units
    wanted = range(width) if columns is None else columns.tolist()
    for node in reversed(tree.inner):
        children = tree.children[node]
        least, largest = low[children].sum(axis=0), high[children].sum(axis=0)
        for column in wanted:
            bottom, top = tree.quotas_handing(
                node, int(least[column]), min(int(largest[column]), 2 * most)
            )
            low[node, column] = max(low[node, column], bottom)
            high[node, column] = min(high[node, column], top)
    return Ranges(low, high)
