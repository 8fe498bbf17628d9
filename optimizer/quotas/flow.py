"""A coupled group as a flow of least cost: exact, and fast where CP-SAT is slow.

Where every node has at most one limit on a sum of its cells, a group is a
transportation problem: each unit flows from its node's limit through a cell to the
total that the cell counts towards. Deviations are convex, so a cell is a few
parallel arcs of growing cost, and integral capacities give an integral optimum
(Ahuja, Magnanti and Orlin, *Network Flows*, 1993, chapters 9 and 14).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from ortools.graph.python import min_cost_flow

from ...models.arrays import FloatArray, IndexArray

#: Costs are counted in parts of this many, less where costs would not fit 64 bits.
RESOLUTION = 10**12
_LARGEST_COST = 2.0**50


@dataclass(frozen=True, eq=False)
class SumLimit:
    """Least and largest sum of some cells of a group, in units."""

    rows: IndexArray
    low: int
    high: int


@dataclass(frozen=True, eq=False)
class Flow:
    """Cells, the totals that they count towards, and limits on disjoint sums of them.

    Parameters
    ----------
    total
        Which total a cell counts towards, (cells,).
    totals
        Units to deal, (totals,).
    limits
        No cell is in two of them.
    """

    total: IndexArray
    totals: IndexArray
    limits: Sequence[SumLimit]

    def solve(
        self,
        low: IndexArray,
        high: IndexArray,
        index: FloatArray | None = None,
        scale: FloatArray | None = None,
    ) -> IndexArray | None:
        """Units of each cell within [low, high]: of least Σ |x − index| ÷ scale, or any.

        None where there is no such deal.
        """
        if (low > high).any():
            return None
        network = _Network(1 + len(self.limits) + len(self.totals))
        totals = 1 + len(self.limits)
        tails = np.zeros(len(self.total), dtype=np.int64)
        for place, limit in enumerate(self.limits, start=1):
            tails[limit.rows] = place
            least, most = max(limit.low, int(low[limit.rows].sum())), limit.high
            most = min(most, int(high[limit.rows].sum()))
            if least > most:
                return None
            network.add(0, place, least, most, 0)
        network.supply[0] += int(self.totals.sum())
        network.supply[totals:] -= self.totals
        heads = totals + self.total
        if index is None or scale is None:
            arcs = [network.add_all(tails, heads, low, high, np.zeros_like(low))]
        else:
            arcs = self._convex(network, tails, heads, low, high, index, scale)
        flows = network.solve()
        if flows is None:
            return None
        return np.asarray(low + sum(flows[places] for places in arcs))

    def _convex(
        self,
        network: _Network,
        tails: IndexArray,
        heads: IndexArray,
        low: IndexArray,
        high: IndexArray,
        index: FloatArray,
        scale: FloatArray,
    ) -> list[IndexArray]:
        """Three arcs a cell: towards the index, past it, and away from it."""
        resolution = min(RESOLUTION, int(_LARGEST_COST * scale.min()) or 1)
        slope = np.rint(resolution / scale).astype(np.int64)
        below = np.floor(index).astype(np.int64)
        past = np.rint(resolution * (1 - 2 * (index - below)) / scale).astype(np.int64)
        first = np.clip(below, low, high)
        second = np.clip(below + 1, low, high)
        nothing = np.zeros_like(low)
        return [
            network.add_all(tails, heads, low, first, -slope),
            network.add_all(tails, heads, nothing, second - first, past),
            network.add_all(tails, heads, nothing, high - second, slope),
        ]


@dataclass(eq=False)
class _Network:
    """Arcs whose least flows are shipped beforehand."""

    size: int
    tails: list[IndexArray] = field(default_factory=list)
    heads: list[IndexArray] = field(default_factory=list)
    room: list[IndexArray] = field(default_factory=list)
    cost: list[IndexArray] = field(default_factory=list)
    arcs: int = 0

    def __post_init__(self) -> None:
        self.supply: IndexArray = np.zeros(self.size, dtype=np.int64)

    def add(self, tail: int, head: int, low: int, high: int, cost: int) -> None:
        self.add_all(*(np.array([value]) for value in (tail, head, low, high, cost)))

    def add_all(
        self,
        tails: IndexArray,
        heads: IndexArray,
        low: IndexArray,
        high: IndexArray,
        cost: IndexArray,
    ) -> IndexArray:
        """Add arcs; returns their places. Flows are counted from ``low`` up."""
        self.tails.append(tails)
        self.heads.append(heads)
        self.room.append(high - low)
        self.cost.append(cost)
        np.subtract.at(self.supply, tails, low)
        np.add.at(self.supply, heads, low)
        places = np.arange(self.arcs, self.arcs + len(tails))
        self.arcs += len(tails)
        return places

    def solve(self) -> IndexArray | None:
        solver = min_cost_flow.SimpleMinCostFlow()
        columns = (np.concatenate(part) for part in (self.tails, self.heads, self.room, self.cost))
        arcs = solver.add_arcs_with_capacity_and_unit_cost(*columns)
        solver.set_nodes_supplies(np.arange(self.size), self.supply)
        status = solver.solve()
        if status == solver.INFEASIBLE:
            return None
        if status != solver.OPTIMAL:
            raise RuntimeError(f"the flow of least cost ended with {status}")
        return np.asarray(solver.flows(arcs), dtype=np.int64)
