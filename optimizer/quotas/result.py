"""What setting quotas gives back: the frame, its proof, and reasons where there is none."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...models.plan import Status
from ...models.quotas import Limit, QuotaPlan, QuotaProblem
from .allocate import Allocation, Stage
from .conflicts import Conflict
from .relaxation import Relaxation

#: Columns of the frame of quotas.
COLUMNS = ("node", "level", "parent", "product", "period", "quota", "index", "currency")


@dataclass(frozen=True, eq=False)
class QuotaResult:
    """Quotas with their proof.

    Parameters
    ----------
    status
        Optimal, feasible, infeasible or unknown.
    quotas
        One row per node, product and period: ``node, level, parent, product, period,
        quota, index, currency``; no rows where there is no plan.
    explanation
        What each leaf's quota is made of: ``node, product, period, step, amount,
        currency``; the steps of a cell sum to its quota.
    objective, bound, gap
        Sum of relative deviations from the index over all cells, and of what fairness moved
        the index; what no plan can
        beat given the levels above each; their distance ÷ objective. None without a plan.
    stages
        The strict order that was solved, one depth of the tree after the other.
    conflicts
        Minimal sets of limits that cannot all hold.
    relaxation
        The change of limits with the least money in sum that makes a plan possible.
    notes
        For people: what was left out, and why.
    problem, plan
        What was solved, and the plan in minor units.
    fairness
        What attainment leans on, by test, before and after: see
        :func:`teig.optimizer.quotas.fairness.certificate`.
    before
        The quotas that stood, where a change in mid-period made these of them.
    """

    status: Status
    quotas: pd.DataFrame
    explanation: pd.DataFrame
    objective: float | None
    bound: float | None
    gap: float | None
    stages: tuple[Stage, ...]
    conflicts: tuple[Conflict, ...]
    relaxation: tuple[Relaxation, ...]
    notes: tuple[str, ...]
    problem: QuotaProblem
    plan: QuotaPlan | None
    fairness: pd.DataFrame = field(default_factory=pd.DataFrame)
    before: QuotaResult | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why there is no plan and what would make one, a sentence each."""
        named = (conflict_sentence(self.problem, conflict) for conflict in self.conflicts)
        changed = (relaxation_sentence(self.problem, change) for change in self.relaxation)
        return (*named, *changed)


def quota_result(
    problem: QuotaProblem,
    allocation: Allocation,
    explanation: pd.DataFrame,
    notes: tuple[str, ...],
    fairness: pd.DataFrame | None = None,
) -> QuotaResult:
    """Put an allocation into frames."""
    objective = bound = gap = None
    if allocation.plan is not None:
        sums = [stage for stage in allocation.stages if stage.measure.startswith("sum")]
        objective = sum(stage.objective for stage in sums)
        bound = sum(stage.bound for stage in sums)
        gap = abs(objective - bound) / max(abs(objective), 1e-9)
    return QuotaResult(
        allocation.status,
        quota_frame(problem, allocation.plan),
        explanation,
        objective,
        bound,
        gap,
        allocation.stages,
        allocation.conflicts,
        allocation.relaxation,
        notes,
        problem,
        allocation.plan,
        pd.DataFrame() if fairness is None else fairness,
    )


def quota_frame(problem: QuotaProblem, plan: QuotaPlan | None) -> pd.DataFrame:
    """One row per node, product and period, nodes from the root down.

    ``quota`` is of whole numbers where every rounding unit is whole money.
    """
    if plan is None:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    tree = problem.tree
    nodes, products, periods = problem.shape
    cells = products * periods

    def per_node(texts: list[str]) -> np.ndarray:
        return np.repeat(np.array(texts, dtype=object), cells)

    whole = not (tree.cell_units % problem.minor_units).any()
    flat = plan.quota.ravel()
    quota = flat // problem.minor_units if whole else flat / problem.minor_units
    return pd.DataFrame(
        {
            "node": per_node(list(tree.ids)),
            "level": per_node([tree.levels[level] for level in tree.level.tolist()]),
            "parent": per_node([tree.ids[p] if p >= 0 else "" for p in tree.parent.tolist()]),
            "product": np.tile(np.repeat(np.array(problem.products, dtype=object), periods), nodes),
            "period": np.tile(np.array(problem.periods, dtype=object), nodes * products),
            "quota": quota,
            "index": np.round(problem.index.ravel() / problem.minor_units, 6),
            "currency": problem.currency,
        }
    )


def conflict_sentence(problem: QuotaProblem, conflict: Conflict) -> str:
    """Name the limits of a conflict, and what each would have to give alone."""
    start = "These cannot all hold, any one fewer can: "
    if not conflict.alone:
        return start + "; ".join(_many(conflict)) + "."
    texts = [
        f"{limit.name} ({limit_text(problem, limit)}), alone gives {_money(problem, amount)}"
        for limit, amount in zip(conflict.limits, conflict.alone, strict=True)
    ]
    return start + "; ".join(texts) + "."


def _many(conflict: Conflict) -> list[str]:
    """A large set by kind, with its first and last names."""
    kinds: dict[str, list[str]] = {}
    for limit in conflict.limits:
        kinds.setdefault(str(limit.kind), []).append(limit.name)
    kinds |= {"fairness": [lean.name for lean in conflict.leans]} if conflict.leans else {}
    return [
        names[0] if len(names) == 1 else f"{len(names)} × {kind} ({names[0]} … {names[-1]})"
        for kind, names in kinds.items()
    ]


def relaxation_sentence(problem: QuotaProblem, change: Relaxation) -> str:
    """Say what a limit would be instead."""
    before = limit_text(problem, change.limit)
    after = limit_text(problem, change.limit, change.low, change.high)
    way = "Smallest way out" if change.smallest else "A way out, perhaps not the smallest"
    return f"{way}: {change.limit.name} from {before} to {after}."


def limit_text(
    problem: QuotaProblem, limit: Limit, low: int | None = None, high: int | None = None
) -> str:
    """A limit's amounts in words; ``low`` and ``high`` stand in for its own."""
    if low is None and high is None:
        low, high = limit.low, limit.high
    if low == high and low is not None:
        return f"exactly {_money(problem, low)}"
    sides = []
    if low is not None:
        sides.append(f"at least {_money(problem, low)}")
    if high is not None:
        sides.append(f"at most {_money(problem, high)}")
    return " and ".join(sides)


def _money(problem: QuotaProblem, amount: int) -> str:
    return f"{amount / problem.minor_units:,.2f}".removesuffix(".00") + f" {problem.currency}"
