"""The exact allocation: from the top of the tree down, each group with the least deviation.

What is optimized. The groups are the root's cells, dealt out of the budget, and for
every node and column (product × period) its children's cells, dealt out of what the
node hands down. Starting at the top, each group gets the smallest largest deviation
from the index, then the smallest sum, **given what was decided above it** and leaving
a plan for everything below it. So the order of importance is company before region,
region before district, district before rep: a higher level never gives up accuracy
for a lower one. Groups of one level do not influence each other unless limits tie
columns together (a cap on somebody's year, say); those columns are dealt as one group.

A deviation that nobody can avoid does not widen what others may be off by: the
largest deviation is the smallest θ for which every cell keeps to max(θ, forced),
where forced is what the cell's own limits and whole units force on it, and in coupled
columns what its own total forces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...models.arrays import FloatArray, IndexArray
from ...models.plan import Status
from ...models.quotas import (
    Limit,
    LimitKind,
    QuotaPlan,
    QuotaProblem,
    check_quotas,
    evaluate_quotas,
)
from .cells import Group, children_group, root_group
from .conflicts import Conflict, explain_conflicts
from .group import Deal, Dealer
from .model import OutOfWork, Work, column_components, descendants, flat, nodes_above
from .ranges import allowed_ranges, couples
from .relaxation import Relaxation


@dataclass(frozen=True)
class Stage:
    """One step of the strict order: a depth of the tree, its largest or its summed deviation.

    Parameters
    ----------
    depth
        Steps from the root.
    measure
        ``largest`` or ``sum`` of relative deviations, as a fraction.
    objective, bound
        What the plan has; what no plan can beat, given the levels above.
    """

    depth: int
    measure: str
    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """|objective − bound| ÷ max(|objective|, 1e-9)."""
        return abs(self.objective - self.bound) / max(abs(self.objective), 1e-9)


@dataclass(frozen=True)
class Allocation:
    """What the allocation found.

    Parameters
    ----------
    status
        Optimal, feasible (the gap says how far from proof), infeasible, or unknown
        where the limit on work was met before any plan.
    plan
        None unless optimal or feasible.
    stages
        Objective and bound, the root first.
    conflicts
        Minimal sets of limits that cannot all hold; only when infeasible.
    relaxation
        The smallest change of limits that makes a plan possible, where known.
    """

    status: Status
    plan: QuotaPlan | None = None
    stages: tuple[Stage, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    relaxation: tuple[Relaxation, ...] = ()


def allocate(problem: QuotaProblem, work: Work | None = None) -> Allocation:
    """Deal the budget down the tree; see the module's text for what is optimized.

    The result depends on the problem and the amount of work alone, not on the
    order of its limits, the machine or the time.
    """
    work = work or Work()
    limits = problem.rules
    tying = [limit for limit in limits if couples(limit)]
    dealer = Dealer(problem, allowed_ranges(problem, limits), limits, work)
    try:
        dealing = _Dealing(problem, dealer)
        found = not dealer.ranges.empty.size and dealing.run()
        if found and not dealing.keeps(tying):
            dealing = _Dealing(problem, dealer, tying)
            found = dealing.run()
    except OutOfWork:
        return Allocation(Status.UNKNOWN)
    if not found:
        conflicts, relaxation = explain_conflicts(problem, work)
        return Allocation(Status.INFEASIBLE, conflicts=conflicts, relaxation=relaxation)
    plan = QuotaPlan(dealing.quota.reshape(problem.shape))
    violations = check_quotas(problem, plan)
    if violations:
        raise RuntimeError(f"the allocation breaks its own rules: {violations[:3]}")
    status = Status.OPTIMAL if dealing.proven else Status.FEASIBLE
    return Allocation(status, plan, dealing.stages(plan))


@dataclass(eq=False)
class _Dealing:
    """One pass down the tree; ``tying`` are the limits between cells that it heeds."""

    problem: QuotaProblem
    dealer: Dealer
    tying: Sequence[Limit] = ()
    proven: bool = True
    bounds: dict[int, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = flat(self.problem, self.problem.index).shape
        self.quota: IndexArray = np.zeros(shape, dtype=np.int64)
        self.carried: FloatArray = np.zeros(len(self.problem.tree))

    def run(self) -> bool:
        """Deal all groups; False where the limits cannot all hold."""
        if not all(self._deal(group, self.tying) for group in self._top()):
            return False
        above = nodes_above(self.problem, self.tying)
        for node in self.problem.tree.inner:
            below = self._strictly_below(node) if above[node] else []
            if not all(self._deal(group, below) for group in self._children(node, below)):
                return False
        return True

    def _strictly_below(self, node: int) -> list[Limit]:
        inside = descendants(self.problem, [node])
        return [x for x in self.tying if inside[x.node] and x.node != node]

    def _top(self) -> Iterator[Group]:
        """The root's cells, dealt out of the budget."""
        problem = self.problem
        budget = [limit for limit in problem.rules if limit.kind == LimitKind.BUDGET]
        for columns in column_components(problem, [*self.tying, *budget]):
            inside = [(x, x.low or 0) for x in budget if problem.columns(x)[0] in columns]
            yield root_group(problem, np.array(columns), inside)

    def _children(self, node: int, tying: Sequence[Limit]) -> Iterator[Group]:
        """The cells of a node's children, dealt out of what it hands down."""
        for columns in map(np.array, column_components(self.problem, tying)):
            yield children_group(self.problem, node, columns, self.quota[node, columns])

    def _deal(self, group: Group, tying: Sequence[Limit]) -> bool:
        fast = self.dealer.fast(group, self.carried)
        if fast is None:
            return False
        deal, forced = fast
        inside = set(group.column.tolist())
        tying = [x for x in tying if inside.issuperset(self.problem.columns(x).tolist())]
        if tying and not self.dealer.extends(group, deal.units):
            coupled = self.dealer.coupled(group, deal, forced)
            if coupled is None:
                return False
            deal = coupled
        self._record(group, deal)
        return True

    def _record(self, group: Group, deal: Deal) -> None:
        tree = self.problem.tree
        self.quota[group.node, group.column] = deal.units * tree.cell_units[group.node]
        index, scale = group.measures(self.problem)
        np.add.at(self.carried, group.node, (deal.units - index) / scale)
        self.proven &= deal.proven
        depth = int(tree.depth[group.node[0]])
        largest, total = self.bounds.get(depth, (0.0, 0.0))
        self.bounds[depth] = max(largest, deal.largest_bound), total + deal.total_bound

    def keeps(self, limits: Sequence[Limit]) -> bool:
        """Whether the finished pass keeps the limits."""
        return not any(
            limit.excess(int(self.quota[limit.node, self.problem.columns(limit)].sum()))
            for limit in limits
        )

    def stages(self, plan: QuotaPlan) -> tuple[Stage, ...]:
        """Objective and bound of each depth."""
        evaluation = evaluate_quotas(self.problem, plan)
        stages = []
        for depth, (largest, total) in sorted(self.bounds.items()):
            reached, summed = evaluation.largest[depth], evaluation.total[depth]
            stages.append(Stage(depth, "largest", reached, min(largest, reached)))
            stages.append(Stage(depth, "sum", summed, summed if self.proven else total))
        return tuple(stages)
