"""What a quota is made of, step by step to the last minor unit."""

from __future__ import annotations

from math import floor

from ...optimizer.quotas.result import QuotaResult
from .facts import Step

#: The part of the index that goes by what was sold.
HISTORY = "history"
#: Step that scales the method's parts to what is handed down.
TO_THE_TOTAL = "to the total"


def steps_of(quotas: QuotaResult, node: int) -> tuple[Step, ...]:
    """Steps that add up to a node's quota, those of nothing left out.

    A seller's are those of the build-up. A manager's start from what the method gives
    everybody below, and go on with the manager's own index.
    """
    tree = quotas.problem.tree
    if len(tree.children[node]):
        return _manager_steps(quotas, node)
    table = quotas.explanation
    own = table[table["node"] == tree.ids[node]]
    amounts = _summed(quotas, own["step"].tolist(), own["amount"].tolist())
    return tuple(Step(name, amount) for name, amount in amounts.items() if amount)


def _manager_steps(quotas: QuotaResult, node: int) -> tuple[Step, ...]:
    problem, plan = quotas.problem, quotas.plan
    assert plan is not None  # noqa: S101 - no steps without one
    tree, targets = problem.tree, problem.targets
    below = {tree.ids[leaf] for leaf in tree.leaves.tolist() if _is_above(quotas, node, leaf)}
    rows = quotas.explanation[quotas.explanation["node"].isin(below)]
    amounts = _summed(quotas, rows["step"].tolist(), rows["amount"].tolist())
    # Every row of the build-up is rounded to a minor unit: what that adds up to is no step.
    rounded = len(rows)
    steps: list[Step] = []
    running = 0
    for name, amount in amounts.items():
        if name == TO_THE_TOTAL:
            break
        steps.append(Step(name, amount))
        running += amount
    for name, table in (
        (TO_THE_TOTAL, targets.unhedged),
        ("over-assignment", targets.unrelieved),
        ("ramp", targets.shared),
        ("fairness", targets.index),
    ):
        reached = floor(float(table[node].sum()) + 0.5)
        if abs(reached - running) > rounded:
            steps.append(Step(name, reached - running))
            running = reached
    steps.append(Step("rounding and limits", int(plan.quota[node].sum()) - running))
    return tuple(step for step in steps if step.amount)


def _is_above(quotas: QuotaResult, node: int, leaf: int) -> bool:
    while leaf >= 0 and leaf != node:
        leaf = int(quotas.problem.tree.parent[leaf])
    return leaf == node


def _summed(quotas: QuotaResult, names: list[str], amounts: list[float]) -> dict[str, int]:
    minor = quotas.problem.minor_units
    sums: dict[str, int] = {}
    for name, amount in zip(names, amounts, strict=True):
        sums[name] = sums.get(name, 0) + round(amount * minor)
    # What was sold comes first, whatever order the method names its parts in.
    return {name: sums[name] for name in sorted(sums, key=lambda name: name != HISTORY)}
