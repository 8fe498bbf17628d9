"""Whether the parts of a quota problem fit together; all problems are named at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ProblemList
from .limits import Limit, LimitKind

if TYPE_CHECKING:
    from .problem import QuotaProblem

#: Sums of this many minor units still fit 64-bit integers with room to spare.
LARGEST_TOTAL = 10**15


def validate_quota_problem(problem: QuotaProblem) -> None:
    """Raise :class:`~teig.models.errors.BadInput` where parts do not fit together."""
    found = ProblemList("quotas")
    _check_shapes(problem, found)
    found.raise_any()
    _check_numbers(problem, found)
    _check_shares(problem, found)
    names = Counter([limit.name for limit in problem.limits])
    names.update(lean.name for lean in problem.leans)
    for lean in problem.leans:
        if not set(lean.nodes) <= set(problem.tree.leaves.tolist()):
            found.add("is about leaves of the tree", place=lean.name, key="leans")
    for name, count in sorted(names.items()):
        if count > 1:
            found.add("each limit needs a name of its own", key="limits", value=name)
    for limit in problem.limits:
        _check_limit(problem, limit, found)
    _check_budget(problem, found)
    found.raise_any()


def _check_shapes(problem: QuotaProblem, found: ProblemList) -> None:
    nodes, products, periods = problem.shape
    leaves = len(problem.tree.leaves)
    if not products or not periods or nodes < 1:
        found.add("at least one product and one period are needed", key="products, periods")
    for key, names in (("products", problem.products), ("periods", problem.periods)):
        if len(set(names)) != len(names):
            found.add("each name stands once", key=key)
    expected = {"raw_index": (leaves, products, periods), "productivity": (leaves, periods)}
    for key, shape in expected.items():
        if getattr(problem, key).shape != shape:
            found.add(f"must have the shape {shape}", key=key, value=getattr(problem, key).shape)
    if problem.leaf_index is not None and problem.leaf_index.shape != expected["raw_index"]:
        shape = problem.leaf_index.shape
        found.add(f"must have the shape {expected['raw_index']}", key="leaf_index", value=shape)
    allowed = {(r, c) for r in (1, products) for c in (1, periods)}
    if problem.budget.shape not in allowed:
        found.add(
            f"must have one of the shapes {sorted(allowed)}",
            key="budget",
            value=problem.budget.shape,
        )


def _check_numbers(problem: QuotaProblem, found: ProblemList) -> None:
    raw, productivity = problem.raw_index, problem.productivity
    assert productivity is not None  # noqa: S101 - set by the problem itself
    leaves = problem.tree.leaves
    for row in np.flatnonzero(~(np.isfinite(raw) & (raw >= 0)).all(axis=(1, 2))):
        found.add(
            "must be a number of at least 0", place=problem.tree.ids[leaves[row]], key="index"
        )
    for row in np.flatnonzero(~((productivity >= 0) & (productivity <= 1)).all(axis=1)):
        found.add("must lie between 0 and 1", place=problem.tree.ids[leaves[row]], key="ramp")
    own = problem.leaf_index
    if own is not None and not (np.isfinite(own) & (own >= 0)).all():
        found.add("must hold numbers of at least 0", key="leaf_index")
    if not problem.zero_deviation > 0:
        found.add("must be above 0", key="zero_deviation", value=problem.zero_deviation)
    if problem.minor_units < 1:
        found.add("must be at least 1", key="minor_units", value=problem.minor_units)


def _check_shares(problem: QuotaProblem, found: ProblemList) -> None:
    leaves = set(problem.tree.leaves.tolist())
    sums: Counter[int] = Counter()
    for node, share in problem.fixed_shares.items():
        if node not in leaves or node == 0:
            found.add("only a leaf can have a fixed share", key="fixed_shares", value=node)
        elif not 0 <= share <= 1:
            found.add("must lie between 0 and 1", place=problem.tree.ids[node], key="fixed_share")
        else:
            sums[int(problem.tree.parent[node])] += share  # type: ignore[assignment]
    for node, total in sorted(sums.items()):
        if total > 1:
            found.add(
                "fixed shares below one node sum to 1 at most",
                place=problem.tree.ids[node],
                key="fixed_share",
                value=float(total),
            )


def _check_limit(problem: QuotaProblem, limit: Limit, found: ProblemList) -> None:
    nodes, products, periods = problem.shape
    place = limit.name
    if not (
        0 <= limit.node < nodes
        and limit.products
        and limit.periods
        and 0 <= limit.products[0] <= limit.products[-1] < products
        and 0 <= limit.periods[0] <= limit.periods[-1] < periods
    ):
        found.add("names a node, product or period that is not there", place=place)
        return
    if limit.kind in (LimitKind.BUDGET, LimitKind.SHARE):
        found.add("the problem itself makes limits of this kind", place=place, value=limit.kind)
    if limit.low is None and limit.high is None:
        found.add("needs a least or a largest amount", place=place)
    if limit.high is not None and limit.high < 0:
        found.add("a quota is at least 0", place=place, value=_money(problem, limit.high))
    if limit.low is not None and limit.low > LARGEST_TOTAL:
        found.add("is too large to be money", place=place, value=_money(problem, limit.low))
    if limit.kind == LimitKind.PIN:
        if limit.low is None or limit.low != limit.high:
            found.add("a pin has one amount", place=place)
        else:
            _check_multiple(problem, limit.node, limit.low, place, found)


def _check_budget(problem: QuotaProblem, found: ProblemList) -> None:
    for row, column in np.ndindex(*problem.budget.shape):
        amount = int(problem.budget[row, column])
        if amount < 0:
            found.add("must be at least 0", key="budget", value=_money(problem, amount))
        elif amount > LARGEST_TOTAL:
            found.add("is too large to be money", key="budget", value=_money(problem, amount))
        else:
            _check_multiple(problem, 0, amount, "budget", found)


def _check_multiple(
    problem: QuotaProblem, node: int, amount: int, place: str, found: ProblemList
) -> None:
    unit = int(problem.tree.cell_units[node])
    if amount % unit:
        step = _money(problem, unit)
        below = amount - amount % unit
        found.add(
            f"must be a multiple of {step}, the unit that {problem.tree.ids[node]} is dealt in: "
            f"{_money(problem, below)} or {_money(problem, below + unit)}",
            place=place,
            value=_money(problem, amount),
        )


def _money(problem: QuotaProblem, amount: int) -> str:
    return f"{amount / max(problem.minor_units, 1):,.2f}".removesuffix(".00")
