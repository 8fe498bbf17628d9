"""One group of cells whose totals are given: dealt fast where nothing ties them, else by CP-SAT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ortools.sat.python import cp_model

from ...models.arrays import FloatArray, IndexArray
from ...models.plan import Status
from ...models.quotas import Limit, QuotaProblem
from .apportion import apportion
from .cells import Group, flow_of
from .implied import Implied, reaches
from .model import CellModel, Work, descendants, nodes_above
from .ranges import Ranges, couples
from .threshold import THRESHOLD_STEP, Boxes, smallest_threshold


@dataclass(frozen=True, eq=False)
class Deal:
    """What a group's cells get.

    Parameters
    ----------
    units
        Whole units, (cells,).
    largest_bound, total_bound
        What the largest deviation and the sum of deviations cannot be less than,
        given the totals.
    proven
        False where a limit on work stopped the solver before it had the proof.
    """

    units: IndexArray
    largest_bound: float
    total_bound: float
    proven: bool = True


@dataclass(frozen=True, eq=False)
class Dealer:
    """Deals groups of one problem.

    Parameters
    ----------
    problem, ranges, limits
        What is dealt, what single-cell limits leave open, the limits in force.
    work
        How much the solver may do.
    """

    problem: QuotaProblem
    ranges: Ranges
    limits: Sequence[Limit]
    work: Work

    @cached_property
    def implied(self) -> Implied:
        """What the limits between cells mean for the sums of the nodes above them."""
        tying = [limit for limit in self.limits if couples(limit)]
        return Implied(self.problem, self.ranges, tying)

    def fast(self, group: Group, carried: FloatArray) -> tuple[Deal, FloatArray] | None:
        """Deal each total on its own; also the θ of each cell's total, (cells,)."""
        index, scale = group.measures(self.problem)
        low, high = group.bounds(self.problem, self.ranges)
        units, forced = np.zeros_like(group.node), np.zeros(len(group.node))
        ties = carried.copy()
        for which, amount in enumerate(group.totals.tolist()):
            rows = np.flatnonzero(group.total == which)
            nodes = group.node[rows]
            dealt = apportion(amount, index[rows], scale[rows], low[rows], high[rows], ties[nodes])
            if dealt is None:
                return None
            units[rows], forced[rows] = dealt.units, dealt.threshold
            ties[nodes] += (dealt.units - index[rows]) / scale[rows]
        deviation = np.abs(units - index) / scale
        bound = float(deviation.max(initial=0.0))
        return Deal(units, bound, float(deviation.sum())), forced

    def couplings(self, group: Group) -> list[Limit]:
        """Limits that tie cells of the group, or below it, together."""
        inside = descendants(self.problem, set(group.node.tolist()))
        columns = set(group.column.tolist())
        return [
            limit
            for limit in self.limits
            if couples(limit)
            and inside[limit.node]
            and columns.issuperset(self.problem.columns(limit).tolist())
        ]

    def coupled(self, group: Group, start: Deal, forced: FloatArray) -> Deal | None:
        """Deal all totals at once with CP-SAT; None where the limits cannot all hold.

        ``start`` and ``forced`` come from :meth:`fast`: what each total forces on its
        own is no deviation that the limits between cells are to blame for.

        Raises
        ------
        OutOfWork
            When the limit on work is met before any plan is found.
        """
        limits = self.couplings(group)
        if all(limit.node in group.nodes for limit in limits):
            return self._coupled(group, limits, start, forced)
        # First as if the limits below were no more than what they mean for the sums
        # of this group's own cells: a small model, and mostly all there is to it.
        wide = self.implied.limits(group.nodes, group.column)
        relaxed = self._coupled(group, wide, start, forced)
        if relaxed is None or self.extends(group, relaxed.units):
            return relaxed
        narrow = self.implied.limits(group.nodes, group.column, tight=True)
        deal = self._coupled(group, narrow, start, forced)
        if deal is not None and self.extends(group, deal.units):
            return Deal(deal.units, relaxed.largest_bound, relaxed.total_bound, proven=False)
        return self._coupled(group, limits, start, forced)

    def _coupled(
        self, group: Group, limits: Sequence[Limit], start: Deal, forced: FloatArray
    ) -> Deal | None:
        first = self._any(group, limits, group.bounds(self.problem, self.ranges))
        if first is None:
            return None
        index, scale = group.measures(self.problem)
        low, high = group.bounds(self.problem, self.ranges)
        nearest = np.clip(np.floor(index + 0.5), low, high)
        boxes = Boxes(index, scale, low, high, np.maximum(forced, np.abs(nearest - index) / scale))
        best, threshold, bound = smallest_threshold(
            boxes, first, lambda theta: self._any(group, limits, boxes.within(theta))
        )
        deal = self._least_sum(group, limits, boxes, threshold, best)
        largest = float((np.abs(deal.units - index) / scale).max())
        return Deal(
            deal.units,
            min(max(start.largest_bound, bound), largest),
            deal.total_bound if deal.proven else max(deal.total_bound, start.total_bound),
            deal.proven and threshold - bound <= THRESHOLD_STEP,
        )

    def extends(self, group: Group, units: IndexArray) -> bool:
        """Whether the limits at and below the group's cells can hold with these units.

        Raises
        ------
        OutOfWork
            When the limit on work is met before that is known.
        """
        quota = units * self.problem.tree.cell_units[group.node]
        concerned = set()
        for limit in self.implied.limits(group.nodes, group.column):
            rows = (group.node == limit.node) & np.isin(group.column, self.problem.columns(limit))
            if limit.excess(int(quota[rows].sum())):
                return False
            concerned.add(limit.node)
        for node in sorted(concerned):
            rows = np.flatnonzero(group.node == node)
            if not self._completes(node, group.column[rows], quota[rows]):
                return False
        return True

    def _completes(self, node: int, columns: IndexArray, quota: IndexArray) -> bool:
        """Whether the limits at and below a node can hold when its cells are as given."""
        if reaches(self.implied, node, columns, quota):
            return True
        units = quota // self.problem.tree.cell_units[node]
        group = Group(np.full(len(columns), node), columns, np.arange(len(columns)), units)
        return self._any(group, self.couplings(group), (units, units)) is not None

    def _least_sum(
        self,
        group: Group,
        limits: Sequence[Limit],
        boxes: Boxes,
        threshold: float,
        start: IndexArray,
    ) -> Deal:
        """Within a threshold, minimize the sum of deviations."""
        low, high = boxes.within(threshold)
        flow = flow_of(self.problem, group, limits)
        if flow is not None:
            units = flow.solve(low, high, boxes.index, boxes.scale)
            if units is None:
                raise RuntimeError("a plan within the threshold was lost")
            return Deal(units, 0.0, float((np.abs(units - boxes.index) / boxes.scale).sum()))
        model = self._model(group, limits, (low, high))
        resolution, blur = model.minimize_deviation(group.cells, low, high)
        model.hint(group.cells, start.tolist())
        solver, status = self.work.solve(model.model)
        units = start if status is Status.UNKNOWN else _units_of(solver, model, group)
        total = float((np.abs(units - boxes.index) / boxes.scale).sum())
        if status is Status.OPTIMAL:
            # Proven in whole parts of the resolution: what they blur is no gap.
            return Deal(units, 0.0, total)
        bound = max(solver.best_objective_bound / resolution - blur, 0.0)
        return Deal(units, 0.0, min(bound, total), proven=False)

    def _model(
        self, group: Group, limits: Sequence[Limit], boxes: tuple[IndexArray, IndexArray]
    ) -> CellModel:
        expanded = nodes_above(self.problem, limits)
        model = CellModel(self.problem, self.ranges, limits, expanded)
        for cell, low, high in zip(group.cells, *(box.tolist() for box in boxes), strict=True):
            model.add(cell, low, high)
        for which, amount in enumerate(group.totals.tolist()):
            rows = np.flatnonzero(group.total == which).tolist()
            total = cp_model.LinearExpr.sum([model.cells[group.cells[row]] for row in rows])
            model.model.add(total == amount)
        model.post_limits()
        return model

    def _any(
        self, group: Group, limits: Sequence[Limit], boxes: tuple[IndexArray, IndexArray]
    ) -> IndexArray | None:
        """Units of the group's cells in some plan; None where there is none."""
        flow = flow_of(self.problem, group, limits)
        if flow is not None:
            return flow.solve(*boxes)
        model = self._model(group, limits, boxes)
        solver = self.work.possible(model.model)
        return None if solver is None else _units_of(solver, model, group)


def _units_of(solver: cp_model.CpSolver, model: CellModel, group: Group) -> IndexArray:
    return np.array([solver.value(model.cells[cell]) for cell in group.cells])
