"""The Hess model on the pairs that are left, with separator cuts on violated pieces.

HiGHS, reached through OR-tools, knows no lazy rows: a solution in pieces adds cuts and
the model is solved anew. A first row per pair (a unit needs a neighbour in the same
territory) makes that rare.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt

from ....models.arrays import BoolArray, IndexArray
from ...highs import run_highs
from .connection import reached, separator
from .control import Control
from .tables import Node, Tables

STRONG_LIMIT = 1e5
"""Limits are scaled to about this size, so that the solver's tolerance is tiny for them."""


FRACTION_ROUNDS = 8
MANY_PAIRS = 1500
"""Pairs left to decide above which contiguity is only asked for where it is broken."""

BARRIERS = 200
"""Separators remembered from other nodes."""


@dataclass(frozen=True, eq=False)
class LeafResult:
    """Outcome of an integer program.

    Parameters
    ----------
    bound
        What no plan of the node beats; inf where none is below the cutoff.
    centres
        Centre of each unit in the best plan, None without one below the cutoff.
    """

    bound: float
    centres: IndexArray | None
    value: float


class _Program:
    """Variables and rows of one node."""

    def __init__(self, tables: Tables, node: Node) -> None:
        self.tables, self.node = tables, node
        self.units = tables.model.units
        self.pairs = node.pairs(self.units)
        self.count = self.pairs.sum(axis=0)
        self.decided = (node.sizes() == node.counts)[node.region]
        self.model = mathopt.Model()
        self.one = one = self.model.add_variable(lb=1.0, ub=1.0)
        self.open = [one if fixed else self.model.add_binary_variable() for fixed in self.decided]
        self.take: list[dict[int, Any]] = []
        for row, candidate in enumerate(node.candidates):
            mine: dict[int, Any] = {}
            for i in np.flatnonzero(self.pairs[row]).tolist():
                if tables.owns[candidate] == i:
                    mine[i] = self.open[row]
                elif self.count[i] == 1:
                    mine[i] = one
                else:
                    mine[i] = self.model.add_binary_variable()
            self.take.append(mine)
        self._post()

    def _post(self) -> None:
        node, model = self.node, self.model
        cost = self.tables.cost
        model.minimize(
            mathopt.fast_sum(
                cost[candidate, i] * variable
                for candidate, mine in zip(node.candidates, self.take, strict=True)
                for i, variable in mine.items()
            )
        )
        for i in range(self.units):
            owners = [mine[i] for mine in self.take if i in mine]
            if any(variable is not self.one for variable in owners):
                model.add_linear_constraint(mathopt.fast_sum(owners) == 1.0)
        for r, count in enumerate(node.counts):
            rows = np.flatnonzero(node.region == r)
            if len(rows) > count:
                total = mathopt.fast_sum(self.open[row] for row in rows)
                model.add_linear_constraint(total == float(count))
        for row, mine in enumerate(self.take):
            if not self.decided[row]:
                for variable in mine.values():
                    if variable is not self.open[row]:
                        model.add_linear_constraint(variable <= self.open[row])
            self._post_limits(row)
            if self.tables.model.contiguous and node.free <= MANY_PAIRS:
                self._post_neighbours(row)

    def _post_limits(self, row: int) -> None:
        centre = self.node.candidates[row]
        for k, amounts in enumerate(self.tables.model.activities):
            low, high = self.tables.lower[centre, k], self.tables.upper[centre, k]
            sizes = [abs(limit) for limit in (low, high) if np.isfinite(limit) and limit]
            scale = STRONG_LIMIT / max(sizes) if sizes else 1.0
            load = mathopt.fast_sum(
                float(amounts[i] * scale) * variable for i, variable in self.take[row].items()
            )
            if np.isfinite(low) and low > 0.0:
                self.model.add_linear_constraint(load - low * scale * self.open[row] >= 0.0)
            if np.isfinite(high):
                self.model.add_linear_constraint(load - high * scale * self.open[row] <= 0.0)

    def _post_neighbours(self, row: int) -> None:
        centre = int(self.node.candidates[row])
        start, lists = self.tables.start, self.tables.neighbours
        for i in self.take[row]:
            near = lists[start[i] : start[i + 1]]
            if i != centre and centre not in near:
                self.cut(row, i, near)

    def cut(self, row: int, unit: int, through: IndexArray) -> None:
        """A unit needs one of these units in the same territory."""
        mine = self.take[row]
        helpers = mathopt.fast_sum(mine[i] for i in through.tolist() if i in mine)
        self.model.add_linear_constraint(helpers - mine[unit] >= 0.0)

    def forbid(self, plan: IndexArray) -> None:
        """Exclude one plan."""
        chosen = mathopt.fast_sum(
            mine[i]
            for candidate, mine in zip(self.node.candidates, self.take, strict=True)
            for i in np.flatnonzero(plan == candidate).tolist()
        )
        self.model.add_linear_constraint(chosen <= self.units - 1.0)

    def plan(self, values: dict[Any, float]) -> IndexArray:
        """Centre of each unit in a solution."""
        plan = np.full(self.units, -1, dtype=np.int64)
        for candidate, mine in zip(self.node.candidates, self.take, strict=True):
            for i, variable in mine.items():
                if values[variable] > 0.5:
                    plan[i] = candidate
        return plan

    def cut_pieces(self, plan: IndexArray) -> bool:
        """Cut off territories in pieces; whether there were any."""
        start, lists = self.tables.start, self.tables.neighbours
        found = False
        for row, candidate in enumerate(self.node.candidates.tolist()):
            rest = plan == candidate
            if not rest.any():
                continue
            rest &= ~reached(candidate, rest, start, lists)
            while rest.any():
                piece = reached(int(rest.argmax()), rest, start, lists)
                self.cut_piece(row, piece)
                rest &= ~piece
                found = True
        return found

    def cut_piece(self, row: int, piece: BoolArray) -> None:
        """Cut off one piece, and remember what separates it for other centres."""
        tables, centre = self.tables, int(self.node.candidates[row])
        start, lists = tables.start, tables.neighbours
        through = separator(centre, piece, self.pairs[row], start, lists)
        for i in np.flatnonzero(piece).tolist():
            self.cut(row, i, through)
        everywhere = np.ones(self.units, dtype=np.bool_)
        barrier = separator(centre, piece, everywhere, start, lists)
        everywhere[barrier] = False
        behind = reached(int(piece.argmax()), everywhere, start, lists)
        tables.barriers.append((behind, barrier))
        del tables.barriers[:-BARRIERS]

    def cut_behind_barriers(self) -> None:
        """Post what other nodes have learnt about contiguity."""
        known = {(barrier.tobytes(), behind.tobytes()): (behind, barrier)
                 for behind, barrier in self.tables.barriers}  # fmt: skip
        for behind, barrier in known.values():
            for row, candidate in enumerate(self.node.candidates.tolist()):
                if behind[candidate]:
                    continue
                mine = self.take[row]
                if any(mine.get(i) is self.one for i in barrier.tolist()):
                    continue
                for i in np.flatnonzero(behind & self.pairs[row]).tolist():
                    self.cut(row, i, barrier)

    def cut_fractions(self, seconds: float | None) -> None:
        """Cut off pieces in the support of the linear relaxation, a few times."""
        variables = [v for v in self.model.variables() if v is not self.one and v.integer]
        for variable in variables:
            variable.integer = False
        for _ in range(FRACTION_ROUNDS):
            result = _relaxed(self.model, seconds)
            if result.termination.reason != mathopt.TerminationReason.OPTIMAL:
                break
            if not self._cut_support(result.variable_values()):
                break
        for variable in variables:
            variable.integer = True

    def _cut_support(self, values: dict[Any, float]) -> bool:
        found = False
        for row, candidate in enumerate(self.node.candidates.tolist()):
            inside = np.zeros(self.units, dtype=np.bool_)
            inside[[i for i, variable in self.take[row].items() if values[variable] > 1e-6]] = True
            if not inside[candidate]:
                continue
            start, lists = self.tables.start, self.tables.neighbours
            rest = inside & ~reached(candidate, inside, start, lists)
            while rest.any():
                piece = reached(int(rest.argmax()), rest, start, lists)
                if max(values[self.take[row][i]] for i in np.flatnonzero(piece).tolist()) > 1e-4:
                    self.cut_piece(row, piece)
                    found = True
                rest &= ~piece
        return found


def solve_leaf(
    tables: Tables,
    node: Node,
    cutoff: float,
    control: Control,
    *,
    nodes: int | None = None,
    relative_gap: float = 1e-9,
    rounds: int = 1000,
) -> LeafResult:
    """Best plan of a node below the cutoff, proven unless a limit bites.

    Parameters
    ----------
    nodes
        Branch-and-bound nodes at most in each solve.
    rounds
        Solves at most, each with the cuts that the one before called for.
    """
    program = _Program(tables, node)
    if tables.model.contiguous:
        program.cut_behind_barriers()
        if node.free <= MANY_PAIRS:
            program.cut_fractions(control.seconds_left())
    bound = node.bound
    for _ in range(rounds):
        control.programs += 1
        result = run_highs(
            program.model, cutoff=cutoff, nodes=nodes, relative_gap=relative_gap,
            seconds=control.seconds_left(),
        )  # fmt: skip
        reason = result.termination.reason
        if reason in _NONE:
            return LeafResult(np.inf, None, np.inf)
        found = result.termination.objective_bounds.dual_bound
        bound = max(bound, found) if np.isfinite(found) else bound
        if reason not in _SOLVED or not result.solutions:
            return LeafResult(bound, None, np.inf)
        exact = reason == mathopt.TerminationReason.OPTIMAL and relative_gap <= 1e-9
        if exact and result.objective_value() >= cutoff:
            return LeafResult(np.inf, None, np.inf)
        plan = program.plan(result.variable_values())
        if tables.model.contiguous and program.cut_pieces(plan):
            if control.ended_by():
                return LeafResult(bound, None, np.inf)
            continue
        if (plan < 0).any() or not tables.model.keeps_limits(plan).all():
            program.forbid(plan)
            continue
        value = tables.model.value(plan)
        if value >= cutoff:
            return LeafResult(np.inf if exact else bound, None, np.inf)
        return LeafResult(value if exact else min(bound, value), plan, value)
    return LeafResult(bound, None, np.inf)


_NONE = (
    mathopt.TerminationReason.INFEASIBLE,
    mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
)
_SOLVED = (mathopt.TerminationReason.OPTIMAL, mathopt.TerminationReason.FEASIBLE)


def _relaxed(model: mathopt.Model, seconds: float | None) -> mathopt.SolveResult:
    """Solve a program without integers."""
    parameters = mathopt.SolveParameters(
        time_limit=None if seconds is None else datetime.timedelta(seconds=seconds), threads=1
    )
    return mathopt.solve(model, mathopt.SolverType.GLOP, params=parameters)
