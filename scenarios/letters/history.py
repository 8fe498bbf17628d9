"""Last time's quotas: what changed, and what can honestly be said of why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ...optimizer.quotas.result import QuotaResult
from .facts import Change, Step


@dataclass(frozen=True, eq=False)
class Previous:
    """Quotas of the last plan.

    Parameters
    ----------
    quotas
        By node, minor units.
    growth
        How much all sellers' quotas together grew; None where too few are known.
    """

    quotas: Mapping[str, int]
    growth: float | None
    result: QuotaResult

    @classmethod
    def read(cls, frame: pd.DataFrame, result: QuotaResult, fewest: int) -> Previous:
        """Sum last time's quotas over products and periods."""
        minor = result.problem.minor_units
        sums: dict[str, int] = {}
        for node, quota in zip(frame["node"].astype(str), frame["quota"], strict=True):
            sums[node] = sums.get(node, 0) + round(float(quota) * minor)
        tree, plan = result.problem.tree, result.plan
        assert plan is not None  # noqa: S101 - no letters without one
        known = [leaf for leaf in tree.leaves.tolist() if sums.get(tree.ids[leaf])]
        growth = None
        if len(known) >= fewest:
            before = sum(sums[tree.ids[leaf]] for leaf in known)
            growth = float(plan.quota[known].sum()) / before - 1.0
        return cls(sums, growth, result)

    def change(self, node: int, moved: float | None) -> Change | None:
        """Steps from last time's quota to this one; None for somebody who had none.

        Accounts that came and went count with their present sales; the growth of all
        sellers' quotas together with the same share of the quota before; the rest is
        what the method, limits and rounding do.
        """
        problem, plan = self.result.problem, self.result.plan
        before = self.quotas.get(problem.tree.ids[node], 0)
        if plan is None or not before:
            return None
        steps = []
        rest = int(plan.quota[node].sum()) - before
        if moved is not None and round(moved * problem.minor_units):
            steps.append(Step("accounts", round(moved * problem.minor_units)))
        if self.growth is not None:
            steps.append(Step("company", round(before * self.growth)))
        rest -= sum(step.amount for step in steps)
        if rest:
            steps.append(Step("method" if steps else "whole", rest))
        return Change(before, tuple(step for step in steps if step.amount), self.growth)
