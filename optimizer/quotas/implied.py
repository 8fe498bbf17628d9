"""What limits on sums below a node mean for the node's own sums.

If every rep of a district may carry at most so much in a year, so may the district.
Stated on the district's own cells, such limits keep a group's model small: it need
not hold every cell below. They are necessary; whether they suffice is checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from ...models.quotas import Limit, LimitKind, QuotaProblem
from .ranges import Ranges, ceiling


def implied_limits(
    problem: QuotaProblem,
    ranges: Ranges,
    limits: Sequence[Limit],
    nodes: Sequence[int],
    *,
    tight: bool = False,
) -> list[Limit]:
    """Limits on sums of the nodes' own cells that follow from limits at and below them.

    Parameters
    ----------
    limits
        Limits that tie cells together.
    tight
        Rounding on the way down blurs the limits. Wide enough for all that is
        possible by default; where tight, narrow enough to be on the safe side.
    """
    implied: list[Limit] = []
    for products, periods in sorted({(limit.products, limit.periods) for limit in limits}):
        same = [x for x in limits if (x.products, x.periods) == (products, periods)]
        low, high = _sums(problem, ranges, same, tight=tight)
        most = ceiling(problem)
        for node in sorted(nodes):
            name = f"below {problem.tree.ids[node]}"
            bounds = low[node], high[node] if high[node] < most else None
            implied.append(Limit(name, LimitKind.GROWTH, node, products, periods, *bounds))
    return implied


def _sums(
    problem: QuotaProblem, ranges: Ranges, limits: Sequence[Limit], *, tight: bool
) -> tuple[list[int], list[int]]:
    """Least and largest sum of every node's cells, all limits over the same cells."""
    tree = problem.tree
    columns = problem.columns(limits[0])
    low = np.asarray(ranges.low[:, columns].sum(axis=1)).tolist()
    high = np.asarray(ranges.high[:, columns].sum(axis=1)).tolist()
    own: dict[int, list[Limit]] = {}
    for limit in limits:
        own.setdefault(limit.node, []).append(limit)
    for node in reversed(range(len(tree))):
        children = tree.children[node].tolist()
        if children:
            factor = 1 + tree.over_assignment[node]
            blur = Fraction(len(columns) * tree.handed_units[node], 2) if factor != 1 else 0
            blur = -blur if tight else blur
            least = (sum(low[child] for child in children) - blur) / factor
            most = (sum(high[child] for child in children) + blur) / factor
            low[node] = max(low[node], -((-least) // 1))
            high[node] = min(high[node], most // 1)
        for limit in own.get(node, []):
            low[node] = max(low[node], limit.low or 0)
            high[node] = high[node] if limit.high is None else min(high[node], limit.high)
    return [int(amount) for amount in low], [int(amount) for amount in high]
