"""Groups of cells whose totals are given, in whole units, and the flow that deals them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...models.arrays import FloatArray, IndexArray
from ...models.quotas import Limit, QuotaProblem
from .flow import Flow, SumLimit
from .model import Cell, flat
from .ranges import Ranges


@dataclass(frozen=True, eq=False)
class Group:
    """Cells that are dealt together.

    Parameters
    ----------
    node, column
        The cells, (cells,).
    total
        Which total a cell counts towards, (cells,).
    totals
        Units to deal, (totals,).
    """

    node: IndexArray
    column: IndexArray
    total: IndexArray
    totals: IndexArray

    @property
    def cells(self) -> list[Cell]:
        """The cells as pairs."""
        return list(zip(self.node.tolist(), self.column.tolist(), strict=True))

    @property
    def nodes(self) -> list[int]:
        """The nodes, each once, ascending."""
        return sorted(set(self.node.tolist()))

    def measures(self, problem: QuotaProblem) -> tuple[FloatArray, FloatArray]:
        """Index and scale of the cells, in units."""
        unit = problem.tree.cell_units[self.node]
        index = flat(problem, problem.index)[self.node, self.column] / unit
        scale = flat(problem, problem.scale)[self.node, self.column] / unit
        return index, scale

    def bounds(self, problem: QuotaProblem, ranges: Ranges) -> tuple[IndexArray, IndexArray]:
        """Ranges of the cells, in units."""
        unit = problem.tree.cell_units[self.node]
        low = ranges.low[self.node, self.column] // unit
        return low, ranges.high[self.node, self.column] // unit


def children_group(
    problem: QuotaProblem, node: int, columns: IndexArray, quota: IndexArray
) -> Group:
    """The cells of a node's children, dealt out of what its quotas (columns,) hand down."""
    tree = problem.tree
    children, unit = tree.children[node], tree.handed_units[node]
    handed = [tree.hand_down(node, amount) // unit for amount in quota.tolist()]
    return Group(
        np.repeat(children, len(columns)),
        np.tile(columns, len(children)),
        np.tile(np.arange(len(columns)), len(children)),
        np.array(handed),
    )


def root_group(
    problem: QuotaProblem, columns: IndexArray, budget: Sequence[tuple[Limit, int]]
) -> Group:
    """The root's cells, dealt out of budgets (limit, amount) that take up the columns."""
    which = np.zeros(len(columns), dtype=np.int64)
    for total, (limit, _) in enumerate(budget):
        which[np.isin(columns, problem.columns(limit))] = total
    unit = int(problem.tree.cell_units[0])
    totals = np.array([amount // unit for _, amount in budget])
    return Group(np.zeros_like(which), columns, which, totals)


def flow_of(problem: QuotaProblem, group: Group, limits: Sequence[Limit]) -> Flow | None:
    """The group as a flow, if the limits are on disjoint sums of its own cells."""
    place = {cell: row for row, cell in enumerate(group.cells)}
    sums: dict[tuple[int, ...], SumLimit] = {}
    for limit in limits:
        cells = [(limit.node, column) for column in problem.columns(limit).tolist()]
        if not place.keys() >= set(cells):
            return None
        unit = int(problem.tree.cell_units[limit.node])
        rows = tuple(place[cell] for cell in cells)
        low = -(-(limit.low or 0) // unit)
        high = int(group.totals.sum()) if limit.high is None else limit.high // unit
        if rows in sums:
            low, high = max(low, sums[rows].low), min(high, sums[rows].high)
        sums[rows] = SumLimit(np.array(rows), low, high)
    taken = [row for rows in sums for row in rows]
    if len(taken) != len(set(taken)):
        return None
    return Flow(group.total, group.totals, tuple(sums[rows] for rows in sorted(sums)))
