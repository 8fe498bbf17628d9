"""Compiled models of the plainest kind: alike owners, hard ranges, contiguity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from teig.models.arrays import BoolArray, FloatArray, IndexArray
from teig.optimizer.territories.model import AssignmentModel, Connected, Resource


def plain_model(
    cost: FloatArray,
    edges: IndexArray,
    resources: Sequence[Resource],
    allowed: BoolArray | None = None,
) -> AssignmentModel:
    """Every unit one item that any owner may have, unless told otherwise.

    Parameters
    ----------
    cost, allowed
        Per unit and owner, (units, owners).
    """
    n, owners = cost.shape
    everybody = np.ones(owners, dtype=np.bool_)
    return AssignmentModel(
        owners=owners,
        item_of_cover=np.arange(n),
        first=np.zeros(n, dtype=np.int64),
        last=np.full(n, owners),
        start=np.arange(n) * owners,
        allowed=np.ones(n * owners, dtype=np.bool_) if allowed is None else allowed.ravel(),
        cost=cost.ravel(),
        constant=0.0,
        resources=tuple(resources),
        budgets=(),
        connected=(Connected("contiguity", edges, everybody, np.inf, edges),),
        apart=(),
        spread=(),
        homes=(),
        diameters=(),
        cut_edges=np.zeros((0, 2), dtype=np.int64),
        cut_prices=np.zeros(0),
        forbidden_by={},
    )
