"""Sales as a response to hours: the closed form, and with hours that are owed.

A rep who can split T hours freely over units with response c_u·t^b (0 < b < 1)
sells most where every unit's marginal return is the same; then t_u is
proportional to a_u = c_u^(1/(1−b)), and the sales are T^b · S^(1−b) with
S = Σ a_u. ``a`` is called the *pull* of a unit here; the pulls of the parts of a
unit add up to the pull of the whole.
"""

from __future__ import annotations

import numpy as np

from ...models.arrays import FloatArray, IndexArray


def expected_sales(hours: FloatArray, pull: FloatArray, response: float) -> FloatArray:
    """Sales of reps with freely split hours, T^b · S^(1−b); the arrays broadcast.

    >>> import numpy as np
    >>> expected_sales(np.array([100.0]), np.array([25.0]), 0.5)
    array([50.])
    """
    free = np.maximum(hours, 0.0)
    return np.asarray(free**response * np.maximum(pull, 0.0) ** (1.0 - response))


def sales_with_owed_hours(
    hours: float, pulls: FloatArray, owed: FloatArray, response: float
) -> float:
    """Sales of one rep where every unit gets at least its owed hours.

    Units whose share of the free hours would lie below what they are owed get what
    they are owed; the rest is split freely over the others (the optimality
    conditions of max Σ a^(1−b)·t^b over t ≥ owed, Σ t = T). Where more is owed
    than there is, everybody's owed hours shrink alike.
    """
    if hours <= 0 or not len(pulls):
        return 0.0
    if owed.sum() >= hours:
        spent = owed * (hours / owed.sum())
        return float((pulls ** (1.0 - response) * spent**response).sum())
    # Sorted by owed hours per pull, the units that are held at their minimum come
    # first; `level` is hours per pull of all others.
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(pulls > 0, owed / pulls, np.inf)
    order = np.argsort(-ratio, kind="stable")
    held = np.concatenate([[0.0], np.cumsum(owed[order])])
    rest = np.concatenate([np.cumsum(pulls[order][::-1])[::-1], [0.0]])
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(rest > 0, (hours - held) / rest, np.inf)
    following = np.concatenate([ratio[order], [-np.inf]])
    count = int(np.argmax(following <= level))
    fixed, free = order[:count], order[count:]
    sales = float((pulls[fixed] ** (1.0 - response) * owed[fixed] ** response).sum())
    if len(free):
        sales += float(expected_sales(hours - held[count], np.asarray(rest[count]), response))
    return sales


def sums(index: IndexArray, values: FloatArray, size: int) -> FloatArray:
    """Sum of values by index, (size,); all indices at least 0."""
    return np.bincount(index, values, size).astype(np.float64)
