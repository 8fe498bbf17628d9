"""The fair index as a linear program over nodes and blocks of cells.

Columns (product × period) that every limit takes or leaves together form a block; a
variable is what a node has in a block. The program keeps the roll-up, the budget, fixed
shares, floors, caps, growth limits, pins and the limits of fairness, but no whole units:
it is a relaxation of the allocation, so what it cannot do no plan can, and what it needs
to move no plan moves less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from ....models.arrays import FloatArray, IndexArray
from ....models.quotas import LeanLimit, Limit, LimitKind, QuotaProblem
from ..model import OutOfWork

Terms = list[tuple[int, float]]
#: How scipy says that no solution exists.
_INFEASIBLE = 2
#: Solutions of the simplex method keep their rows up to about this.
_SLACK = 1e-7


@dataclass(frozen=True)
class Moved:
    """A solution.

    Parameters
    ----------
    amounts
        Minor units, (nodes, blocks).
    largest
        Largest deviation of a leaf's block from its index, beyond what the leaf's own
        limits force on it.
    total
        Sum of the leaves' deviations.
    """

    amounts: FloatArray
    largest: float
    total: float


@dataclass(eq=False)
class FairProgram:
    """The program of one problem; ``limits`` and ``leans`` are those that it heeds."""

    problem: QuotaProblem
    limits: Sequence[Limit]
    leans: Sequence[LeanLimit]
    _entries: list[tuple[int, int, float]] = field(default_factory=list)
    _upper: list[float] = field(default_factory=list)

    @cached_property
    def blocks(self) -> list[IndexArray]:
        """Columns of each block, ascending."""
        problem = self.problem
        width = len(problem.products) * len(problem.periods)
        marks: list[list[int]] = [[] for _ in range(width)]
        sets = sorted({tuple(problem.columns(limit).tolist()) for limit in self.limits})
        for number, columns in enumerate(sets):
            for column in columns:
                marks[column].append(number)
        groups: dict[tuple[int, ...], list[int]] = {}
        for column, mark in enumerate(marks):
            groups.setdefault(tuple(mark), []).append(column)
        return [np.array(columns) for columns in groups.values()]

    @cached_property
    def index(self) -> FloatArray:
        """Index of every node in every block, minor units, (nodes, blocks)."""
        cells = self.problem.targets.shared.reshape(len(self.problem.tree), -1)
        return np.stack([cells[:, columns].sum(axis=1) for columns in self.blocks], axis=1)

    def possible(self) -> bool:
        """Whether the limits can hold together, whole units aside."""
        return self._solve(None, 0.0, None) is not None

    def least_change(self, margin: float = 0.0) -> Moved | None:
        """Move the index least: the smallest largest deviation, then the smallest sum.

        Parameters
        ----------
        margin
            By how much the limits of fairness are narrower, a share of the mean burden.
        """
        first = self._solve("largest", margin, None)
        if first is None:
            return None
        largest = max(float(first[-1]), 0.0)
        second = self._solve("sum", margin, largest * (1 + _SLACK) + _SLACK)
        solution = first if second is None else second
        nodes, width = self.index.shape
        amounts = np.maximum(solution[: nodes * width].reshape(nodes, width), 0.0)
        return Moved(amounts, largest, float(self._deviations(amounts).sum()))

    def least_sum(self, largest: float) -> float:
        """Smallest sum of the leaves' deviations where the largest may be as given."""
        nodes, width = self.index.shape
        solution = self._solve("sum", 0.0, largest * (1 + _SLACK) + _SLACK)
        return 0.0 if solution is None else float(solution[nodes * width : -1].sum())

    def least_lean(self) -> float | None:
        """By how much all limits of fairness have to widen together, a share; None for never."""
        solution = self._solve("lean", 0.0, None)
        return None if solution is None else max(float(solution[-1]), 0.0)

    def _deviations(self, amounts: FloatArray) -> FloatArray:
        leaves = self._free
        index = self.index[leaves]
        gap = np.abs(amounts[leaves] - index)
        return np.asarray(np.divide(gap, index, out=np.zeros_like(gap), where=index > 0))

    @cached_property
    def _free(self) -> IndexArray:
        """Leaves whose index may be moved: those without a fixed share."""
        leaves = self.problem.tree.leaves
        return leaves[[leaf not in self.problem.fixed_shares for leaf in leaves.tolist()]]

    @cached_property
    def _forced(self) -> FloatArray:
        """Deviation that a leaf's own limits force on it, whatever fairness asks, (free, blocks)."""
        place = {leaf: row for row, leaf in enumerate(self._free.tolist())}
        forced = np.zeros((len(self._free), len(self.blocks)))
        for limit in self.limits:
            row = place.get(limit.node)
            if row is None:
                continue
            columns = set(self.problem.columns(limit).tolist())
            inside = [
                k for k, block in enumerate(self.blocks) if columns.issuperset(block.tolist())
            ]
            index = self.index[limit.node, inside].sum()
            if index > 0:
                low = 0.0 if limit.low is None else max(limit.low / index - 1.0, 0.0)
                high = 0.0 if limit.high is None else max(1.0 - limit.high / index, 0.0)
                forced[row, inside] = np.maximum(forced[row, inside], max(low, high))
        return forced

    def _add(self, terms: Terms, most: float) -> None:
        """Post Σ factor × variable ≤ most, the amounts counted in minor units."""
        cells = len(self._scale)
        scaled = [(k, f * self._scale[k] if k < cells else f) for k, f in terms]
        size = max((abs(factor) for _, factor in scaled), default=1.0) or 1.0
        row = len(self._upper)
        self._entries.extend((row, column, factor / size) for column, factor in scaled)
        self._upper.append(most / size)

    def _equal(self, terms: Terms, amount: float) -> None:
        self._add(terms, amount)
        self._add([(column, -factor) for column, factor in terms], -amount)

    def _solve(self, goal: str | None, margin: float, within: float | None) -> FloatArray | None:
        """Solve for a goal; the variables are amounts, deviations, and one number at the end."""
        self._entries.clear()
        self._upper.clear()
        nodes, width = self.index.shape
        cells, free = nodes * width, self._free
        last = cells + len(free) * width
        self._post_roll_up(width)
        self._post_limits(width)
        self._post_leans(width, margin, last if goal == "lean" else None)
        if goal in ("largest", "sum"):
            self._post_deviations(width, cells, last, within)
        costs = np.zeros(last + 1)
        if goal == "sum":
            costs[cells:last] = 1.0
        elif goal is not None:
            costs[last] = 1.0
        rows, columns, factors = (np.array(part) for part in zip(*self._entries, strict=True))
        shape = (len(self._upper), last + 1)
        matrix: Any = coo_array((factors, (rows, columns)), shape=shape).tocsr()
        solved = linprog(costs, A_ub=matrix, b_ub=np.array(self._upper), method="highs-ds")
        if solved.status == _INFEASIBLE:
            return None
        if solved.x is None:
            # A failure of arithmetic proves nothing.
            raise OutOfWork
        solution = np.asarray(solved.x, dtype=np.float64)
        solution[:cells] *= self._scale
        return solution

    @cached_property
    def _scale(self) -> FloatArray:
        """Minor units that each amount's variable counts in: its index, so that all are near 1."""
        units = np.repeat(self.problem.tree.cell_units, self.index.shape[1])
        return np.where(self.index.ravel() > 0, self.index.ravel(), units.astype(np.float64))

    def _post_roll_up(self, width: int) -> None:
        tree, shares = self.problem.tree, self.problem.fixed_shares
        for node in tree.inner:
            factor = float(1 + tree.over_assignment[node])
            for block in range(width):
                own = node * width + block
                children = tree.children[node].tolist()
                terms = [(child * width + block, 1.0) for child in children]
                self._equal([*terms, (own, -factor)], 0.0)
                for child in children:
                    if child in shares:
                        share = float(shares[child]) * factor
                        self._equal([(child * width + block, 1.0), (own, -share)], 0.0)

    def _post_limits(self, width: int) -> None:
        for limit in self.limits:
            columns = set(self.problem.columns(limit).tolist())
            inside = [k for k, block in enumerate(self.blocks) if int(block[0]) in columns]
            terms = [(limit.node * width + block, 1.0) for block in inside]
            if limit.high is not None:
                self._add(terms, float(limit.high))
            if limit.low is not None:
                self._add([(column, -factor) for column, factor in terms], -float(limit.low))

    def _post_leans(self, width: int, margin: float, slack: int | None) -> None:
        for lean in self.leans:
            factors = np.array(lean.coefficients) / lean.scale + margin
            mean = float(sum(self.index[node].sum() for node in lean.nodes))
            terms = [
                (node * width + block, float(factor))
                for node, factor in zip(lean.nodes, factors.tolist(), strict=True)
                for block in range(width)
            ]
            self._add(terms if slack is None else [*terms, (slack, -mean)], 0.0)

    def _post_deviations(self, width: int, cells: int, last: int, within: float | None) -> None:
        for row, leaf in enumerate(self._free.tolist()):
            for block in range(width):
                index = float(self.index[leaf, block])
                if not index > 0:
                    self._add([(leaf * width + block, 1.0)], 0.0)
                    continue
                amount, deviation = leaf * width + block, cells + row * width + block
                self._add([(amount, 1 / index), (deviation, -1.0)], 1.0)
                self._add([(amount, -1 / index), (deviation, -1.0)], -1.0)
                forced = float(self._forced[row, block])
                if within is None:
                    self._add([(deviation, 1.0), (last, -1.0)], forced)
                else:
                    self._add([(deviation, 1.0)], within + forced)


def program_of(problem: QuotaProblem, leans: Sequence[LeanLimit] | None = None) -> FairProgram:
    """The program of a problem's limits; shares of the house are rows of it, not limits."""
    limits = [limit for limit in problem.rules if limit.kind is not LimitKind.SHARE]
    return FairProgram(problem, limits, problem.leans if leans is None else leans)
