"""A quota plan, its check without a solver, and its evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..arrays import FloatArray, IndexArray, frozen_floats, frozen_indices
from ..rules.base import Violation
from .problem import QuotaProblem


@dataclass(frozen=True, eq=False)
class QuotaPlan:
    """The quota of every cell.

    Parameters
    ----------
    quota
        Minor units of money, (nodes, products, periods).
    """

    quota: IndexArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "quota", frozen_indices(self.quota))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, QuotaPlan) and np.array_equal(self.quota, other.quota)

    def __hash__(self) -> int:
        return hash(self.quota.tobytes())


def check_quotas(problem: QuotaProblem, plan: QuotaPlan) -> tuple[Violation, ...]:
    """By how much a plan breaks the roll-up, the rounding and each limit; empty when kept.

    Amounts are in the problem's currency. Uses integers throughout, so that a sum
    that is one minor unit off is found.

    Raises
    ------
    ValueError
        When the plan has not the problem's shape.
    """
    if plan.quota.shape != problem.shape:
        raise ValueError(f"the plan has the shape {plan.quota.shape}, not {problem.shape}")
    found: list[Violation] = []

    def note(rule: str, subject: str, amount: int) -> None:
        found.append(Violation(rule, subject, amount / problem.minor_units, problem.currency))

    tree = problem.tree
    units = tree.cell_units[:, None, None]
    remainder = plan.quota % units
    for node, product, period in np.argwhere(remainder > 0).tolist():
        note("rounding", _subject(problem, node, product, period), remainder[node, product, period])
    for node, product, period in np.argwhere(plan.quota < 0).tolist():
        amount = -int(plan.quota[node, product, period])
        note("at least zero", _subject(problem, node, product, period), amount)
    for node in tree.inner:
        sums = plan.quota[tree.children[node]].sum(axis=0)
        for product, period in np.ndindex(*sums.shape):
            handed = tree.hand_down(node, int(plan.quota[node, product, period]))
            if handed != sums[product, period]:
                off = abs(handed - int(sums[product, period]))
                note("roll-up", _subject(problem, node, product, period), off)
    for limit in problem.rules:
        cells = plan.quota[limit.node][np.ix_(limit.products, limit.periods)]
        excess = limit.excess(int(cells.sum()))
        if excess:
            note(limit.name, tree.ids[limit.node], excess)
    totals = plan.quota.sum(axis=(1, 2))
    found += [
        Violation(lean.name, lean.covariate, lean.excess(totals), "share")
        for lean in problem.leans
        if not lean.keeps(totals)
    ]
    return tuple(found)


def _subject(problem: QuotaProblem, node: int, product: int, period: int) -> str:
    return f"{problem.tree.ids[node]}, {problem.products[product]}, {problem.periods[period]}"


@dataclass(frozen=True, eq=False)
class QuotaEvaluation:
    """How far a plan lies from the index.

    Parameters
    ----------
    deviation
        |quota − index| ÷ index of each cell as a fraction; where the index is 0,
        quota ÷ rounding unit × the problem's ``zero_deviation``; (nodes, products,
        periods).
    depth
        Steps of each node from the root, (nodes,).
    """

    deviation: FloatArray
    depth: IndexArray

    @cached_property
    def largest(self) -> tuple[float, ...]:
        """Largest deviation at each depth, the root first."""
        return tuple(float(self.deviation[rows].max()) for rows in self._rows)

    @cached_property
    def total(self) -> tuple[float, ...]:
        """Sum of deviations at each depth, the root first."""
        return tuple(float(self.deviation[rows].sum()) for rows in self._rows)

    @cached_property
    def _rows(self) -> tuple[IndexArray, ...]:
        return tuple(np.flatnonzero(self.depth == d) for d in range(int(self.depth.max()) + 1))


def evaluate_quotas(problem: QuotaProblem, plan: QuotaPlan) -> QuotaEvaluation:
    """Measure each cell's deviation from its index; knows no solver."""
    deviation = np.abs(plan.quota - problem.index) / problem.scale
    return QuotaEvaluation(frozen_floats(deviation), problem.tree.depth)
