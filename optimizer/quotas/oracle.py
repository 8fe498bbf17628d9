"""Whether limits can hold together: by what is plain, by a quick plan, or by proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...models.arrays import IndexArray
from ...models.quotas import Limit, LimitKind, QuotaProblem
from .cells import Group, flow_of, root_group
from .implied import Implied, reaches
from .model import CellModel, Work, nodes_above
from .ranges import Ranges, allowed_ranges, couples


@dataclass(frozen=True, eq=False)
class Oracle:
    """Says whether limits can hold together in columns that no other limit ties to more."""

    problem: QuotaProblem
    columns: IndexArray
    work: Work

    def possible(self, limits: Sequence[Limit]) -> bool:
        """Whether some plan keeps the limits.

        Raises
        ------
        OutOfWork
            When the limit on work is met before that is known.
        """
        implied = self._implied(limits)
        if self._crossed(implied, limits):
            return False
        if not implied.tying or self._found(implied, limits):
            return True
        model = column_model(self, implied.ranges, limits, implied.tying)
        model.post_limits()
        return self.work.possible(model.model) is not None

    def plainly_impossible(self, limits: Sequence[Limit]) -> bool:
        """Whether what the limits imply for sums is a contradiction; cheap, not complete."""
        return self._crossed(self._implied(limits), limits)

    def finds_plan(self, limits: Sequence[Limit]) -> bool:
        """Whether a quick descent finds a plan; False proves nothing."""
        implied = self._implied(limits)
        return not self._crossed(implied, limits) and self._found(implied, limits)

    def _implied(self, limits: Sequence[Limit]) -> Implied:
        ranges = allowed_ranges(self.problem, limits, self.columns)
        return Implied(self.problem, ranges, [limit for limit in limits if couples(limit)])

    def _crossed(self, implied: Implied, limits: Sequence[Limit]) -> bool:
        low, high = implied.ranges.low, implied.ranges.high
        if (low > high)[:, self.columns].any() or implied.crossed:
            return True
        budget = [limit for limit in limits if limit.kind == LimitKind.BUDGET]
        if not budget:
            return False
        sums = implied.limits([0], self.columns)
        for limit in budget:
            columns = self.problem.columns(limit)
            least, most = int(low[0, columns].sum()), int(high[0, columns].sum())
            for other in sums:
                if (other.products, other.periods) == (limit.products, limit.periods):
                    least = max(least, other.low or 0)
                    most = most if other.high is None else min(most, other.high)
            if least > (limit.high or 0) or most < (limit.low or 0):
                return True
        return False

    def _found(self, implied: Implied, limits: Sequence[Limit]) -> bool:
        """Whether a quick descent finds a plan; False proves nothing."""
        group = self._root(implied, limits)
        flow = flow_of(self.problem, group, implied.limits([0], self.columns, tight=True))
        if flow is None:
            return False
        bounds = group.bounds(self.problem, implied.ranges)
        units = flow.solve(*bounds, *group.measures(self.problem))
        if units is None:
            return False
        quota = units * self.problem.tree.cell_units[0]
        return reaches(implied, 0, group.column, quota)

    def _root(self, implied: Implied, limits: Sequence[Limit]) -> Group:
        """The root's cells; where the limits hold no budget, with one that suits the others."""
        problem = self.problem
        unit = int(problem.tree.cell_units[0])
        given = {limit.name: limit for limit in limits}
        sums = implied.limits([0], self.columns, tight=True)
        amounts = []
        for budget in problem.rules:
            columns = problem.columns(budget)
            if budget.kind != LimitKind.BUDGET or columns[0] not in self.columns:
                continue
            least = int(implied.ranges.low[0, columns].sum())
            most = int(implied.ranges.high[0, columns].sum())
            own = given.get(budget.name)
            for limit in [*sums, *([] if own is None else [own])]:
                if set(problem.columns(limit).tolist()) <= set(columns.tolist()):
                    least = max(least, limit.low or 0)
                if set(problem.columns(limit).tolist()) >= set(columns.tolist()):
                    most = most if limit.high is None else min(most, limit.high)
            least, most = -(-least // unit) * unit, most // unit * unit
            amounts.append((budget, max(min(budget.low or 0, most), least)))
        return root_group(problem, self.columns, amounts)


def column_model(
    oracle: Oracle, ranges: Ranges, limits: Sequence[Limit], expand_for: Sequence[Limit]
) -> CellModel:
    """A model of all cells of the oracle's columns, down to the limits that need it."""
    problem = oracle.problem
    model = CellModel(problem, ranges, limits, nodes_above(problem, expand_for))
    for column in np.asarray(oracle.columns).tolist():
        model.add((0, column))
    return model
