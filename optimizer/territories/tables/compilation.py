"""From a model to its arrays."""

from __future__ import annotations

import numpy as np

from ..model import AssignmentModel
from .arrays import Tables
from .counters import counters
from .grouping import graph, grouped
from .neighbours import cuts, diameters, layers, spread
from .parts import Parts
from .resources import resources


def compile_tables(model: AssignmentModel) -> Tables:
    """Flatten a model."""
    parts = Parts(model)
    n, owners = model.items, model.owners
    width = model.last - model.first
    stages = [stage for stage, _ in parts.stages]
    cover_start, (cover_of,) = grouped(
        model.item_of_cover, [np.arange(len(model.item_of_cover))], n
    )
    near = [part.edges for part in model.connected] + [model.cut_edges]
    near_start, near_other = graph([edges for edges in near if len(edges)], n)
    return Tables(
        owners=owners,
        first=np.array(model.first, dtype=np.int64),
        start=np.array(model.start, dtype=np.int64),
        width=np.array(width, dtype=np.int64),
        allowed=parts.allowed,
        pair_cost=np.ascontiguousarray(np.stack([stage.cost for stage in stages])),
        group_limit=np.array([limit for _, limit in parts.stages]),
        group_constant=np.array([stage.constant for stage in stages]),
        **resources(parts),
        **counters(parts),
        **spread(parts),
        **cuts(parts),
        **diameters(parts),
        **layers(parts),
        near_start=near_start,
        near_other=near_other,
        item_of_cover=np.array(model.item_of_cover, dtype=np.int64),
        cover_start=cover_start,
        cover_of=cover_of,
    )
