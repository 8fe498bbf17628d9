"""Quotas that keep a limit of fairness: the index moves least, then it is dealt exactly.

In strict order: (1) where the plain allocation keeps the limits of fairness, it is the
plan. Otherwise (2) the owners' index moves least, in blocks of cells that all limits
take together: first the smallest largest relative change, then the smallest sum, of
which fairness and all other limits hold (:mod:`.program`, a linear program, solved to
optimality); (3) the moved index is dealt out in whole units as any index is, from the
top of the tree down. Whole units lean a little, so (2) leaves a margin for them, found
by trying; the program without a margin is the bound that no plan can beat, and the gap
says what the margin cost. Where margins fail, in coarse units, CP-SAT deals small
companies exactly.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ....models.arrays import FloatArray
from ....models.plan import Status
from ....models.quotas import LeanLimit, Limit, LimitKind, QuotaPlan, QuotaProblem, check_quotas
from ..allocate import Allocation, Stage, allocate
from ..conflicts import Conflict, minimal_set
from ..model import CellModel, OutOfWork, Work
from ..ranges import allowed_ranges
from .program import FairProgram, Moved, program_of

#: How often the margin is widened before it is given up.
_TRIES = 8
#: The next margin is what whole units leaned too far, and a little more.
_MORE = 1.1
#: Cells up to which CP-SAT is asked where no margin is enough.
_MOST_CELLS = 1500
LARGEST, SUM = "largest move for fairness", "sum of moves for fairness"


@dataclass(frozen=True, eq=False)
class FairAllocation:
    """An allocation, and the problem with the index that fairness moved.

    Parameters
    ----------
    problem
        As it was dealt: with ``leaf_index`` where the index was moved.
    needed
        Where fairness and the other limits cannot all hold: by how much every limit of
        fairness would have to widen, a share; None where that would not help, or is
        not needed.
    """

    problem: QuotaProblem
    allocation: Allocation
    needed: float | None = None


def allocate_fairly(problem: QuotaProblem, work: Work | None = None) -> FairAllocation:
    """Deal the budget so that the problem's ``leans`` hold; see the module's text."""
    work = work or Work()
    plain = allocate(problem.replace(leans=()), work)
    if not problem.leans or plain.plan is None or _keeps(problem, plain.plan):
        return FairAllocation(problem, plain)
    try:
        return _moved_allocation(problem, work)
    except OutOfWork:
        return FairAllocation(problem, Allocation(Status.UNKNOWN))


def _moved_allocation(problem: QuotaProblem, work: Work) -> FairAllocation:
    program = program_of(problem)
    least = program.least_change()
    if least is None:
        return _impossible(problem)
    margin = 0.0
    for _ in range(_TRIES):
        moved = least if not margin else program.least_change(margin)
        if moved is None:
            break
        fair = problem.replace(leaf_index=_cells(program, moved))
        allocation = allocate(fair.replace(leans=()), work)
        if allocation.plan is not None and _keeps(problem, allocation.plan):
            return FairAllocation(fair, _with_proof(allocation, program, least, moved))
        excess = 0.0 if allocation.plan is None else _excess(problem, allocation.plan)
        margin += max(_MORE * excess, margin / 2, 1e-7)
    return _by_solver(problem, program, least, work)


def _keeps(problem: QuotaProblem, plan: QuotaPlan) -> bool:
    totals = plan.quota.sum(axis=(1, 2))
    return all(lean.keeps(totals) for lean in problem.leans)


def _excess(problem: QuotaProblem, plan: QuotaPlan) -> float:
    totals = plan.quota.sum(axis=(1, 2))
    return max(lean.excess(totals) for lean in problem.leans)


def _cells(program: FairProgram, moved: Moved) -> FloatArray:
    """The moved index of every leaf's cell; within a block cells keep their proportions."""
    problem = program.problem
    tree = problem.tree
    shared = problem.targets.shared.reshape(len(tree), -1).copy()
    for block, columns in enumerate(program.blocks):
        before, after = program.index[:, block], moved.amounts[:, block]
        factor = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
        shared[:, columns] *= factor[:, None]
    handed = np.zeros_like(shared)
    for node in reversed(tree.inner):
        # The house has its share of what is handed down in every cell, not only in all.
        children = tree.children[node].tolist()
        fixed = [child for child in children if child in problem.fixed_shares]
        taken = float(sum(problem.fixed_shares[child] for child in fixed))
        free = sum((shared[child] for child in children if child not in fixed), handed[node])
        if taken < 1:
            for child in fixed:
                shared[child] = free * float(problem.fixed_shares[child]) / (1 - taken)
        total = sum((shared[child] for child in children), handed[node])
        shared[node] = total / float(1 + tree.over_assignment[node])
    return np.asarray(shared.reshape(problem.shape)[tree.leaves])


def _with_proof(
    allocation: Allocation, program: FairProgram, least: Moved, moved: Moved
) -> Allocation:
    """Add the stages of the moved index; optimal only where the margin cost nothing."""
    depth = int(program.problem.tree.depth.max())
    bound = program.least_sum(moved.largest) if moved is not least else least.total
    stages = (
        Stage(depth, LARGEST, moved.largest, least.largest),
        Stage(depth, SUM, moved.total, min(bound, moved.total)),
    )
    proven = all(stage.gap <= 1e-6 or stage.objective <= 1e-6 for stage in stages)
    status = allocation.status if proven else Status.FEASIBLE
    return dataclasses.replace(allocation, status=status, stages=(*stages, *allocation.stages))


def _impossible(problem: QuotaProblem) -> FairAllocation:
    """Name a minimal set of fairness and other limits, and how wide fairness would have to be."""
    limits = [limit for limit in problem.rules if limit.kind is not LimitKind.SHARE]

    def possible(some: Sequence[Limit | LeanLimit]) -> bool:
        own = [limit for limit in some if isinstance(limit, Limit)]
        leans = [limit for limit in some if isinstance(limit, LeanLimit)]
        return FairProgram(problem, own, leans).possible()

    everything: list[Limit | LeanLimit] = [*limits, *problem.leans]
    conflict = _conflict(problem, {limit.name for limit in minimal_set(possible, everything)})
    needed = program_of(problem).least_lean()
    return FairAllocation(problem, Allocation(Status.INFEASIBLE, conflicts=(conflict,)), needed)


def _conflict(problem: QuotaProblem, names: set[str]) -> Conflict:
    limits = tuple(limit for limit in problem.rules if limit.name in names)
    return Conflict(limits, leans=tuple(lean for lean in problem.leans if lean.name in names))


def _by_solver(
    problem: QuotaProblem, program: FairProgram, least: Moved, work: Work
) -> FairAllocation:
    """Deal a small company by CP-SAT, nearest to the moved index; unknown for a large one."""
    fair = problem.replace(leaf_index=_cells(program, least))
    nodes, products, periods = problem.shape
    if nodes * products * periods > _MOST_CELLS:
        return FairAllocation(problem, Allocation(Status.UNKNOWN))
    plain = fair.replace(leans=())
    ranges = allowed_ranges(plain, plain.rules)
    expanded = np.array([len(children) > 0 for children in problem.tree.children])
    model = CellModel(plain, ranges, plain.rules, expanded)
    for column in range(products * periods):
        model.add((0, column))
    model.post_limits()
    model.post_leans(problem.leans)
    cells = list(model.cells)
    rows, columns = (np.array(part) for part in zip(*cells, strict=True))
    units = problem.tree.cell_units[rows]
    low, high = ranges.low[rows, columns] // units, ranges.high[rows, columns] // units
    model.minimize_deviation(cells, low, high)
    solver, status = work.solve(model.model)
    if status is Status.UNKNOWN:
        raise OutOfWork
    if status is Status.INFEASIBLE:
        # Whole units are to blame, which are no limits: the program alone could.
        conflict = Conflict(problem.rules, leans=problem.leans)
        return FairAllocation(problem, Allocation(Status.INFEASIBLE, conflicts=(conflict,)))
    quota = np.zeros((nodes, products * periods), dtype=np.int64)
    for (node, column), variable in model.cells.items():
        quota[node, column] = solver.value(variable) * int(problem.tree.cell_units[node])
    plan = QuotaPlan(quota.reshape(problem.shape))
    violations = check_quotas(fair, plan)
    if violations:
        raise RuntimeError(f"the fair allocation breaks its own rules: {violations[:3]}")
    depth = int(problem.tree.depth.max())
    stages = (
        Stage(depth, LARGEST, least.largest, least.largest),
        Stage(depth, SUM, least.total, least.total),
        *_measured(fair, plan),
    )
    return FairAllocation(fair, Allocation(Status.FEASIBLE, plan, stages))


def _measured(problem: QuotaProblem, plan: QuotaPlan) -> list[Stage]:
    """Stages of a plan without a proof of its own: the plain allocation is their bound."""
    from ....models.quotas import evaluate_quotas

    free = allocate(problem.replace(leans=()))
    measured = evaluate_quotas(problem, plan)
    stages = []
    for stage in free.stages:
        sums = measured.total if stage.measure == "sum" else measured.largest
        reached = sums[stage.depth]
        stages.append(Stage(stage.depth, stage.measure, reached, min(stage.bound, reached)))
    return stages
