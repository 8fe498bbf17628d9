"""What each quota is made of: steps that add up to it, to the last minor unit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray, IndexArray
from ...models.quotas import QuotaPlan, QuotaProblem, Relief

#: Columns of the build-up.
COLUMNS = ("node", "product", "period", "step", "amount", "currency")


def build_up(
    problem: QuotaProblem,
    parts: Mapping[str, FloatArray],
    availability: FloatArray,
    presence: FloatArray,
    free: QuotaPlan,
    plan: QuotaPlan,
) -> pd.DataFrame:
    """Steps of each leaf's quota, one row each; those of one cell sum to its quota.

    Parameters
    ----------
    parts
        Named parts of the raw index, minor units, (leaves, products, periods) each.
    availability
        What the parts are multiplied by for part time, (leaves, periods).
    presence
        Share of each period that somebody is there; part of the problem's productivity,
        (leaves, periods).
    free
        The plan that rounding alone makes, without limits.
    plan
        The plan.

    Notes
    -----
    The steps, in order: the parts of the index method; ``availability``; ``to the
    total`` scales to what is handed down; ``over-assignment`` adds what managers
    hand down beyond their own; ``absence`` is what somebody is spared who is away or not
    there yet, ``ramp`` what somebody new is spared, and ``relief of colleagues`` what is
    taken over from those; ``fairness`` is how a limit of it moved the index; ``rounding`` goes to whole units
    that sum exactly; ``limits`` is what floors, caps, growth limits and pins change.
    """
    leaves = problem.tree.leaves
    steps: list[tuple[str, FloatArray | IndexArray]] = []
    sum_so_far: FloatArray = np.zeros(problem.raw_index.shape)
    for name, part in parts.items():
        sum_so_far = sum_so_far + part
        steps.append((name, sum_so_far))
    if (availability != 1.0).any():
        steps.append(("availability", sum_so_far * availability[:, None, :]))
    targets = problem.targets
    steps.append(("to the total", targets.unhedged[leaves]))
    if any(problem.tree.over_assignment):
        steps.append(("over-assignment", targets.unrelieved[leaves]))
    productivity = np.asarray(problem.productivity)
    if (presence != 1.0).any():
        steps.append(("absence", targets.unrelieved[leaves] * presence[:, None, :]))
    if (productivity != presence).any():
        steps.append(("ramp", targets.unrelieved[leaves] * productivity[:, None, :]))
    if (productivity != 1.0).any() and problem.relief is Relief.SHARED:
        steps.append(("relief of colleagues", targets.shared[leaves]))
    if problem.leaf_index is not None:
        steps.append(("fairness", targets.index[leaves]))
    steps.append(("rounding", free.quota[leaves]))
    if problem.limits:
        steps.append(("limits", plan.quota[leaves]))
    return _rows(problem, steps)


def _rows(problem: QuotaProblem, steps: list[tuple[str, FloatArray | IndexArray]]) -> pd.DataFrame:
    # Rounding the running sums, not the steps, makes the steps add up exactly.
    running = np.stack([np.floor(np.asarray(total) + 0.5).astype(np.int64) for _, total in steps])
    amounts = np.diff(running, axis=0, prepend=0)
    leaves, products, periods = amounts.shape[1:]
    count = len(steps)
    ids = np.array([problem.tree.ids[leaf] for leaf in problem.tree.leaves.tolist()], dtype=object)
    return pd.DataFrame(
        {
            "node": np.repeat(ids, products * periods * count),
            "product": np.tile(
                np.repeat(np.array(problem.products, dtype=object), periods * count), leaves
            ),
            "period": np.tile(
                np.repeat(np.array(problem.periods, dtype=object), count), leaves * products
            ),
            "step": np.tile(
                np.array([name for name, _ in steps], dtype=object), leaves * products * periods
            ),
            "amount": np.moveaxis(amounts, 0, -1).ravel() / problem.minor_units,
            "currency": problem.currency,
        }
    )
