"""Pairs of a territory: what those too far apart cost, and the widest."""

from __future__ import annotations

import numpy as np

from .....models.arrays import FloatArray
from ...compiled import fast_sums, inner
from .draft import LIMIT, Draft
from .ground import Ground

STEP = 0.25
"""A pair that is too far apart costs this share of the limit, and what it is beyond it."""


@fast_sums
def beyond2(
    px: FloatArray, py: FloatArray, count: int, x: float, y: float, limit: float, step: float
) -> float:
    """Cost of a flat place for all that are too far from it; whole numbers, so exact."""
    total = 0.0
    for i in range(count):
        dx = px[i] - x
        dy = py[i] - y
        over = dx * dx + dy * dy - limit
        total += over + step if over > 0.0 else 0.0
    return total


@fast_sums
def beyond3(
    px: FloatArray,
    py: FloatArray,
    pz: FloatArray,
    count: int,
    x: float,
    y: float,
    z: float,
    limit: float,
    step: float,
) -> float:
    """As :func:`beyond2`, on the globe."""
    total = 0.0
    for i in range(count):
        dx = px[i] - x
        dy = py[i] - y
        dz = pz[i] - z
        over = dx * dx + dy * dy + dz * dz - limit
        total += over + step if over > 0.0 else 0.0
    return total


@inner
def beyond(ground: Ground, draft: Draft, unit: int, territory: int, count: int) -> float:
    """Cost of a unit beside the first ``count`` members of a territory."""
    limit = draft.real[LIMIT]
    step = np.floor(STEP * limit)
    if ground.flat:
        return beyond2(
            draft.px[territory], draft.py[territory], count, ground.x[unit], ground.y[unit],
            limit, step,
        )  # fmt: skip
    return beyond3(
        draft.px[territory], draft.py[territory], draft.pz[territory], count,
        ground.x[unit], ground.y[unit], ground.z[unit], limit, step,
    )  # fmt: skip


@inner
def all_beyond(ground: Ground, draft: Draft) -> float:
    """Cost of all pairs that are too far apart."""
    total = 0.0
    if ground.far_weight > 0.0 and draft.real[LIMIT] < np.inf:
        for t in range(len(draft.size)):
            for i in range(draft.size[t]):
                total += beyond(ground, draft, draft.member[t, i], t, i)
    return total


@inner
def squared_diameter(ground: Ground, draft: Draft) -> float:
    """Largest squared distance between two members of a territory."""
    largest = 0.0
    for t in range(len(draft.size)):
        px, py = draft.px[t], draft.py[t]
        for i in range(draft.size[t]):
            x, y = px[i], py[i]
            here = 0.0
            if ground.flat:
                for j in range(i):
                    here = max(here, (px[j] - x) ** 2 + (py[j] - y) ** 2)
            else:
                pz = draft.pz[t]
                for j in range(i):
                    square = (px[j] - x) ** 2 + (py[j] - y) ** 2 + (pz[j] - pz[i]) ** 2
                    here = max(here, square)
            largest = max(largest, here)
    return largest
