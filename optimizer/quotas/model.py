"""Quotas of part of the tree as a CP-SAT model: cells, hand-downs, limits, deviations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import gcd

import numpy as np
from ortools.sat.python import cp_model

from ...models.arrays import BoolArray, IndexArray
from ...models.plan import Status
from ...models.quotas import LeanLimit, Limit, LimitKind, QuotaProblem
from .ranges import Ranges, couples

#: Deviations are counted in parts of this many; a cell of many units takes finer ones.
RESOLUTION = 10**9
_LARGEST_RESOLUTION = 10**13
_LARGEST_OBJECTIVE = 2.0**60


_STATUS = {
    cp_model.OPTIMAL: Status.OPTIMAL,
    cp_model.FEASIBLE: Status.FEASIBLE,
    cp_model.INFEASIBLE: Status.INFEASIBLE,
    cp_model.UNKNOWN: Status.UNKNOWN,
}


class OutOfWork(Exception):
    """The limit on work was met before the answer was known."""


@dataclass(frozen=True)
class Work:
    """How much work the solver may do; counts work, not seconds, so that runs repeat.

    Parameters
    ----------
    per_solve
        CP-SAT's deterministic time of one solve, about a second's work each.
    seed
        CP-SAT's random seed.
    """

    per_solve: float = 20.0
    seed: int = 0

    def solve(self, model: cp_model.CpModel) -> tuple[cp_model.CpSolver, Status]:
        """Solve on one worker, so that the result is a function of the input.

        Returns the solver, and a status that says infeasible or optimal only with proof.

        Raises
        ------
        RuntimeError
            When the model itself is wrong, which is a defect.
        """
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = self.seed
        # This step of CP-SAT 9.15 adds up in 32 bits: see optimizer/cp_sat.py.
        solver.parameters.presolve_inclusion_work_limit = 0
        solver.parameters.max_deterministic_time = self.per_solve
        status = solver.solve(model)
        if status == cp_model.MODEL_INVALID:
            raise RuntimeError(model.validate())
        return solver, _STATUS[status]

    def possible(self, model: cp_model.CpModel) -> cp_model.CpSolver | None:
        """Find any plan; None where it is proven that there is none.

        Raises
        ------
        OutOfWork
            When the limit on work is met first.
        """
        solver, status = self.solve(model)
        if status is Status.UNKNOWN:
            raise OutOfWork
        return None if status is Status.INFEASIBLE else solver


Cell = tuple[int, int]


@dataclass(eq=False)
class CellModel:
    """Cells (node, column) as integer variables that count rounding units.

    Parameters
    ----------
    problem, ranges, limits
        What is modelled, what single-cell limits leave open, and the limits posted.
    expanded
        Nodes whose children's cells are modelled as well, (nodes,); below the
        others ``ranges`` says all there is to know.
    """

    problem: QuotaProblem
    ranges: Ranges
    limits: Sequence[Limit]
    expanded: BoolArray
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    cells: dict[Cell, cp_model.IntVar] = field(default_factory=dict)

    def add(self, cell: Cell, low: int | None = None, high: int | None = None) -> None:
        """Add a cell, narrowed to [low, high] units where given, and what hangs below it."""
        node, column = cell
        unit = int(self.problem.tree.cell_units[node])
        least = int(self.ranges.low[node, column]) // unit
        most = int(self.ranges.high[node, column]) // unit
        least, most = max(least, low or 0), most if high is None else min(most, high)
        if least > most:
            self.model.add_bool_or([])  # nothing is left for this cell
            most = least
        self.cells[cell] = self.model.new_int_var(least, most, f"q{node}_{column}")
        if self.expanded[node]:
            children = self.problem.tree.children[node].tolist()
            for child in children:
                self.add((child, column))
            self._hand_down(cell, [self.cells[child, column] for child in children])

    def _hand_down(self, cell: Cell, children: list[cp_model.IntVar]) -> None:
        """State that the children's units are round-half-up(quota × (1 + h) ÷ unit)."""
        tree = self.problem.tree
        node = cell[0]
        unit, handed = int(tree.cell_units[node]), tree.handed_units[node]
        factor = 1 + tree.over_assignment[node]
        # handed·Σ ≤ quota·factor + handed/2 < handed·(Σ + 1), times twice the denominator
        up, across = 2 * unit * factor.numerator, 2 * handed * factor.denominator
        half = handed * factor.denominator
        quota, total = self.cells[cell], cp_model.LinearExpr.sum(children)
        if factor == 1:
            self.model.add(total == quota * (unit // handed))
            return
        common = gcd(up, across, half)
        up, across, half = up // common, across // common, half // common
        self.model.add(across * total <= up * quota + half)
        self.model.add(across * total >= up * quota + half - across + 1)

    def post_limits(self) -> None:
        """Post the limits that tie several of the model's cells together."""
        for limit in self.limits:
            cells = self.cells_of(limit)
            if cells and (couples(limit) or limit.kind == LimitKind.BUDGET):
                unit = int(self.problem.tree.cell_units[limit.node])
                total = cp_model.LinearExpr.sum(cells)
                if limit.low is not None:
                    self.model.add(total >= -(-limit.low // unit))
                if limit.high is not None:
                    self.model.add(total <= limit.high // unit)

    def post_leans(self, leans: Iterable[LeanLimit]) -> None:
        """Post limits of fairness, of which all cells must be part of the model."""
        units = self.problem.tree.cell_units.tolist()
        width = len(self.problem.products) * len(self.problem.periods)
        for lean in leans:
            terms = [
                self.cells[node, column] * (factor * units[node])
                for node, factor in zip(lean.nodes, lean.coefficients, strict=True)
                for column in range(width)
            ]
            self.model.add(cp_model.LinearExpr.sum(terms) <= 0)

    def cells_of(self, limit: Limit) -> list[cp_model.IntVar]:
        """Variables of a limit's cells; empty where they are not part of the model."""
        columns = self.problem.columns(limit).tolist()
        cells = [self.cells[limit.node, k] for k in columns if (limit.node, k) in self.cells]
        return cells if len(cells) == len(columns) else []

    def minimize_deviation(
        self, cells: Sequence[Cell], low: IndexArray, high: IndexArray
    ) -> tuple[int, float]:
        """Minimize the cells' deviations; returns the resolution and what rounding it blurs.

        Parameters
        ----------
        low, high
            Units that the cells are held to, (cells,).
        """
        problem = self.problem
        rows, columns = (np.array(part) for part in zip(*cells, strict=True))
        unit = problem.tree.cell_units[rows]
        exact = flat(problem, problem.index)[rows, columns] / unit
        slope = unit / flat(problem, problem.scale)[rows, columns]
        below = np.floor(exact)
        off = np.maximum(np.maximum(high - below, below - low), 1) + 1
        resolution = RESOLUTION
        while resolution * slope.min() < 10**4 and resolution < _LARGEST_RESOLUTION:
            resolution *= 10
        while resolution * float((slope * off).sum()) > _LARGEST_OBJECTIVE:
            resolution //= 10
        costs = []
        for cell, steep, index, base, far in zip(
            cells, slope.tolist(), exact.tolist(), below.astype(int).tolist(), off, strict=True
        ):
            step, part = round(resolution * steep), index - base
            cost = self.model.new_int_var(0, (step + 1) * int(far), f"d{cell[0]}_{cell[1]}")
            count = self.cells[cell]
            self.model.add(cost >= round(resolution * steep * part) - step * (count - base))
            beyond = round(resolution * steep * (1 - part))
            self.model.add(cost >= beyond + step * (count - base - 1))
            costs.append(cost)
        self.model.minimize(cp_model.LinearExpr.sum(costs))
        return resolution, float((1.0 + 0.5 * off).sum()) / resolution

    def hint(self, cells: Iterable[Cell], units: Iterable[int]) -> None:
        """Suggest values to the solver."""
        for cell, count in zip(cells, units, strict=True):
            self.model.add_hint(self.cells[cell], count)


def flat(problem: QuotaProblem, array: np.ndarray) -> np.ndarray:
    """View cells as (nodes, products × periods)."""
    return array.reshape(len(problem.tree), -1)


def nodes_above(problem: QuotaProblem, limits: Iterable[Limit]) -> BoolArray:
    """Nodes with one of the limits strictly below them, (nodes,)."""
    parent = problem.tree.parent
    above = np.zeros(len(problem.tree), dtype=np.bool_)
    for limit in limits:
        node = int(parent[limit.node])
        while node >= 0 and not above[node]:
            above[node] = True
            node = int(parent[node])
    return above


def descendants(problem: QuotaProblem, nodes: Iterable[int]) -> BoolArray:
    """The nodes and everything below them, (nodes,)."""
    inside = np.zeros(len(problem.tree), dtype=np.bool_)
    inside[list(nodes)] = True
    for node, parent in enumerate(problem.tree.parent.tolist()):
        inside[node] |= parent >= 0 and inside[parent]
    return inside


def column_components(
    problem: QuotaProblem, limits: Iterable[Limit], columns: IndexArray | None = None
) -> list[list[int]]:
    """Columns grouped so that no limit ties two groups together; ascending."""
    width = len(problem.products) * len(problem.periods)
    leader = list(range(width))

    def find(column: int) -> int:
        while leader[column] != column:
            leader[column] = leader[leader[column]]
            column = leader[column]
        return column

    for limit in limits:
        first, *others = problem.columns(limit).tolist()
        for other in others:
            a, b = sorted((find(first), find(other)))
            leader[b] = a
    groups: dict[int, list[int]] = {}
    for column in range(width) if columns is None else columns.tolist():
        groups.setdefault(find(column), []).append(column)
    return [groups[key] for key in sorted(groups)]
