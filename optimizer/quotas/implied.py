"""What limits on sums below a node mean for the node's own sums.

If every rep of a district may carry at most so much in a year, so may the district.
Stated on the district's own cells, such limits keep a group's model small: it need
not hold every cell below. They are necessary; whether they suffice is checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from ...models.arrays import IndexArray
from ...models.quotas import Limit, LimitKind, QuotaProblem
from .cells import children_group, flow_of
from .ranges import Ranges, ceiling

#: Products and periods that a limit sums over.
Cells = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Implied:
    """Limits on sums of nodes' own cells that follow from limits at and below them.

    Parameters
    ----------
    tying
        Limits that tie cells together.
    """

    problem: QuotaProblem
    ranges: Ranges
    tying: Sequence[Limit]

    @cached_property
    def _same_cells(self) -> dict[Cells, list[Limit]]:
        found: dict[Cells, list[Limit]] = {}
        for limit in sorted(self.tying, key=lambda x: (x.products, x.periods)):
            found.setdefault((limit.products, limit.periods), []).append(limit)
        return found

    @cached_property
    def _concerned(self) -> dict[Cells, set[int]]:
        """Nodes with such a limit at or below them."""
        parent = self.problem.tree.parent.tolist()
        concerned: dict[Cells, set[int]] = {}
        for cells, limits in self._same_cells.items():
            nodes: set[int] = set()
            for limit in limits:
                node = limit.node
                while node >= 0 and node not in nodes:
                    nodes.add(node)
                    node = parent[node]
            concerned[cells] = nodes
        return concerned

    @cached_property
    def _wide(self) -> dict[Cells, tuple[list[int], list[int]]]:
        return {cells: self._sums(limits, 1) for cells, limits in self._same_cells.items()}

    @cached_property
    def _narrow(self) -> dict[Cells, tuple[list[int], list[int]]]:
        return {cells: self._sums(limits, -1) for cells, limits in self._same_cells.items()}

    @property
    def crossed(self) -> bool:
        """Whether some node's least sum exceeds its largest: then no plan exists."""
        sums = self._wide.values()
        return any(a > b for low, high in sums for a, b in zip(low, high, strict=True))

    def below(self, node: int) -> bool:
        """Whether such limits stand strictly below a node."""
        children = self.problem.tree.children[node].tolist()
        return any(child in nodes for nodes in self._concerned.values() for child in children)

    def limits(
        self, nodes: Sequence[int], columns: IndexArray, *, tight: bool = False
    ) -> list[Limit]:
        """Limits on the nodes' sums within the columns.

        Rounding on the way down blurs them: they are wide enough for all that is
        possible, or where tight, narrow enough to be on the safe side.
        """
        implied: list[Limit] = []
        most, given = ceiling(self.problem), set(columns.tolist())
        for cells, (low, high) in (self._narrow if tight else self._wide).items():
            first = self._same_cells[cells][0]
            if not given.issuperset(self.problem.columns(first).tolist()):
                continue
            for node in sorted(self._concerned[cells].intersection(nodes)):
                name = f"below {self.problem.tree.ids[node]}"
                cap = high[node] if high[node] < most else None
                implied.append(Limit(name, LimitKind.GROWTH, node, *cells, low[node], cap))
        return implied

    def _sums(self, limits: Sequence[Limit], sign: int) -> tuple[list[int], list[int]]:
        """Least and largest sum of every node's cells, widened or narrowed by rounding."""
        tree = self.problem.tree
        columns = self.problem.columns(limits[0])
        low = np.asarray(self.ranges.low[:, columns].sum(axis=1)).tolist()
        high = np.asarray(self.ranges.high[:, columns].sum(axis=1)).tolist()
        own: dict[int, list[Limit]] = {}
        for limit in limits:
            own.setdefault(limit.node, []).append(limit)
        for node in reversed(range(len(tree))):
            children = tree.children[node].tolist()
            if children:
                factor = 1 + tree.over_assignment[node]
                blur = Fraction(sign * len(columns) * tree.handed_units[node], 2)
                blur = blur if factor != 1 else Fraction(0)
                least = (sum(low[child] for child in children) - blur) / factor
                most = (sum(high[child] for child in children) + blur) / factor
                low[node] = max(low[node], -((-least) // 1))
                high[node] = min(high[node], most // 1)
            for limit in own.get(node, []):
                low[node] = max(low[node], limit.low or 0)
                high[node] = high[node] if limit.high is None else min(high[node], limit.high)
            unit = int(tree.cell_units[node])
            low[node], high[node] = -(-low[node] // unit) * unit, high[node] // unit * unit
        return [int(amount) for amount in low], [int(amount) for amount in high]


def reaches(implied: Implied, node: int, columns: IndexArray, quota: IndexArray) -> bool:
    """Whether a quick descent finds a plan below a node's cells; False proves nothing.

    Limits at the node itself are the caller's. Every group on the way is dealt as
    a flow near the index, on the safe side of what the limits below it ask.
    """
    if not implied.below(node):
        return True
    problem = implied.problem
    group = children_group(problem, node, columns, quota)
    flow = flow_of(problem, group, implied.limits(group.nodes, columns, tight=True))
    if flow is None:
        return False
    units = flow.solve(*group.bounds(problem, implied.ranges), *group.measures(problem))
    if units is None:
        return False
    dealt = units * problem.tree.cell_units[group.node]
    return all(
        reaches(implied, child, columns, dealt[group.node == child])
        for child in group.nodes
        if implied.below(child)
    )
