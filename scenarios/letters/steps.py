"""What a quota is made of, step by step to the last minor unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor

import numpy as np

from ...optimizer.quotas.adjustment import MOVED
from ...optimizer.quotas.result import QuotaResult
from .facts import Step

#: The part of the index that goes by what was sold.
HISTORY = "history"
#: Step that scales the method's parts to what is handed down.
TO_THE_TOTAL = "to the total"


@dataclass(frozen=True, eq=False)
class BuildUp:
    """Steps of every quota, summed over products and periods once for all letters."""

    quotas: QuotaResult

    @cached_property
    def _amounts(self) -> dict[str, dict[str, int]]:
        """Minor units by leaf and step, the steps in the order of the build-up."""
        table, minor = self.quotas.explanation, self.quotas.problem.minor_units
        amounts = np.rint(table["amount"].to_numpy(dtype=float) * minor).astype(np.int64)
        sums = table.assign(amount=amounts).groupby(["node", "step"], sort=False)["amount"].sum()
        found: dict[str, dict[str, int]] = {}
        for (node, step), amount in zip(sums.index, sums.to_numpy().tolist(), strict=True):
            found.setdefault(str(node), {})[str(step)] = int(amount)
        return found

    def steps(self, node: int, leaves: Sequence[int]) -> tuple[Step, ...]:
        """Steps that add up to a node's quota, those of nothing left out.

        A seller's are those of the build-up. A manager's start from what the method
        gives everybody below (``leaves``), and go on with the manager's own index. What a
        change in mid-period did to a manager's quota is one step more than stood before.
        """
        tree = self.quotas.problem.tree
        if len(tree.children[node]):
            if self.quotas.before is not None:
                return self._moved_steps(node, leaves, self.quotas.before)
            return self._manager_steps(node, leaves)
        amounts = self._summed(leaves)
        return tuple(Step(name, amount) for name, amount in amounts.items() if amount)

    def _moved_steps(
        self, node: int, leaves: Sequence[int], before: QuotaResult
    ) -> tuple[Step, ...]:
        """Steps of a manager's quota that stood, and what has changed it since."""
        tree, plan = self.quotas.problem.tree, self.quotas.plan
        assert plan is not None  # noqa: S101 - no steps without one
        place = {name: row for row, name in enumerate(before.problem.tree.ids)}
        old = [place[tree.ids[leaf]] for leaf in leaves if tree.ids[leaf] in place]
        stood = BuildUp(before).steps(place[tree.ids[node]], old)
        change = int(plan.quota[node].sum()) - sum(step.amount for step in stood)
        return (*stood, Step(MOVED, change)) if change else stood

    def _manager_steps(self, node: int, leaves: Sequence[int]) -> tuple[Step, ...]:
        problem, plan = self.quotas.problem, self.quotas.plan
        assert plan is not None  # noqa: S101 - no steps without one
        targets = problem.targets
        # Every cell of the build-up is rounded to a minor unit: their sum is no step.
        cells = len(problem.products) * len(problem.periods)
        rounded = len(leaves) * cells
        steps: list[Step] = []
        running = 0
        for name, amount in self._summed(leaves).items():
            if name == TO_THE_TOTAL:
                break
            steps.append(Step(name, amount))
            running += amount
        for name, table in (
            (TO_THE_TOTAL, targets.unhedged),
            ("over-assignment", targets.unrelieved),
            ("relief below", targets.shared),
            ("fairness", targets.index),
        ):
            reached = floor(float(table[node].sum()) + 0.5)
            if abs(reached - running) > rounded:
                steps.append(Step(name, reached - running))
                running = reached
        steps.append(Step("rounding and limits", int(plan.quota[node].sum()) - running))
        return tuple(step for step in steps if step.amount)

    def _summed(self, leaves: Sequence[int]) -> dict[str, int]:
        ids = self.quotas.problem.tree.ids
        sums: dict[str, int] = {}
        for leaf in leaves:
            for step, amount in self._amounts.get(ids[leaf], {}).items():
                sums[step] = sums.get(step, 0) + amount
        # What was sold comes first, whatever order the method names its parts in.
        return {name: sums[name] for name in sorted(sums, key=lambda name: name != HISTORY)}
