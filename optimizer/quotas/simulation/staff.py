"""From a quota plan to what is simulated: expected sales, and who is paid what."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ....models.arrays import FloatArray, IndexArray
from ....models.compensation import Payees
from ....models.errors import ProblemList
from ....models.quotas import QuotaPlan, QuotaProblem
from ..tables import text_column
from .figures import figures

#: Owners that sell without a salesperson to pay.
UNPAID = frozenset({"house", "partner", "vacancy"})


def expected_sales(problem: QuotaProblem, expected: float | pd.DataFrame) -> FloatArray:
    """What each leaf is expected to sell, plan currency, (leaves, products, periods).

    Its index before over-assignment, which asks for more than is expected, times its
    ramp, times a share; or given sums, phased as the index is.
    """
    tree, leaves = problem.tree, problem.tree.leaves
    plain: FloatArray = problem.targets.unhedged[leaves] / problem.minor_units
    if not isinstance(expected, pd.DataFrame):
        found = ProblemList("simulation")
        if not 0 < expected < float("inf"):
            found.add("must be a share above 0", key="expected", value=expected)
        found.raise_any()
        ramped: FloatArray = plain * np.asarray(problem.productivity)[:, None, :] * expected
        return ramped
    found = ProblemList("expected")
    sold = figures(expected, "sales", found)
    given = dict(zip(text_column(expected, "node"), sold.tolist(), strict=True))
    names = [tree.ids[leaf] for leaf in leaves.tolist()]
    for name in names:
        if name not in given:
            found.add("needs the expected sales of every owner", place=name, key="node")
    for name in sorted(set(given) - set(names)):
        found.add("is no owner", key="node", value=name)
    found.raise_any()
    sums = plain.sum(axis=(1, 2), keepdims=True)
    even = np.full(plain.shape, 1.0 / (plain.shape[1] * plain.shape[2]))
    share = np.divide(plain, sums, out=even, where=sums > 0)
    phased: FloatArray = share * np.array([given[name] for name in names])[:, None, None]
    return phased


def payees_of(
    problem: QuotaProblem, plan: QuotaPlan, pay: Mapping[str, tuple[float, float]] | pd.DataFrame
) -> tuple[Payees, IndexArray]:
    """Who is paid, and their nodes in the tree, in its order."""
    tree = problem.tree
    given = _by_node(problem, pay)
    nodes = np.array([n for n, name in enumerate(tree.ids) if name in given], dtype=np.int64)
    foot = set(tree.leaves.tolist())
    managers = {node: at for at, node in enumerate(tree.inner)}
    quota = plan.quota.sum(axis=1).T / problem.minor_units
    amounts = np.array([given[tree.ids[n]] for n in nodes.tolist()]).reshape(-1, 2)
    payees = Payees(
        ids=tuple(tree.ids[n] for n in nodes.tolist()),
        levels=tuple(tree.levels[tree.level[n]] for n in nodes.tolist()),
        team=np.array([managers.get(int(tree.parent[n]), -1) for n in nodes.tolist()], dtype=int),
        managers=tuple(tree.ids[n] for n in tree.inner),
        manager_levels=tuple(tree.levels[tree.level[n]] for n in tree.inner),
        manager_above=np.array([managers.get(int(tree.parent[n]), -1) for n in tree.inner], int),
        foot=np.array([n in foot for n in nodes.tolist()], dtype=bool),
        periods=problem.periods,
        quota=quota[:, nodes],
        base=amounts[:, 0],
        target_incentive=amounts[:, 1],
    )
    return payees, nodes


def _by_node(
    problem: QuotaProblem, pay: Mapping[str, tuple[float, float]] | pd.DataFrame
) -> dict[str, tuple[float, float]]:
    tree, found = problem.tree, ProblemList("pay")
    if not isinstance(pay, pd.DataFrame):
        known = set(tree.levels)
        for level in sorted(set(pay) - known):
            message = f"is no level of the tree; its levels are {', '.join(tree.levels)}"
            found.add(message, key="level", value=level)
        found.raise_any()
        return {
            name: pay[tree.levels[level]]
            for name, level in zip(tree.ids, tree.level.tolist(), strict=True)
            if tree.levels[level] in pay
        }
    base, target = figures(pay, "base", found), figures(pay, "target_incentive", found)
    named = text_column(pay, "node")
    for name in sorted({n for n in named if named.count(n) > 1}):
        found.add("stands more than once", key="node", value=name)
    for name in sorted(set(named) - set(tree.ids)):
        found.add("is nobody with a quota", key="node", value=name)
    found.raise_any()
    return {n: (b, t) for n, b, t in zip(named, base.tolist(), target.tolist(), strict=True)}
