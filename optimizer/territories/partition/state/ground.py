"""What does not change: neighbours, places on the grid, activities and their limits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .....models.arrays import FloatArray, IndexArray
from ..model import PartitionModel

GRID = 2.0**19
"""Whole numbers across the widest side of the market."""

WIDEST = 64
"""Neighbours that the quick test of connection can take."""


class Ground(NamedTuple):
    """What does not change: the graph, the places, the activities and their limits.

    ``ring[e]`` has bit j set where the e-th neighbour of a unit touches the unit's j-th
    neighbour. Activities are in shares of the mean; ``weight`` is what a share outside
    the limits costs.
    """

    first: IndexArray
    near: IndexArray
    ring: IndexArray
    x: FloatArray
    y: FloatArray
    z: FloatArray
    flat: bool
    activity: FloatArray
    lower: FloatArray
    upper: FloatArray
    weight: FloatArray
    hard: FloatArray
    cut_weight: float
    far_weight: float
    diameter_price: float
    contiguous: bool


def ground_of(model: PartitionModel, balance_weight: float, scale: float) -> Ground:
    """Arrays of a model; a hard limit costs at least ``balance_weight`` a share, the rest ``scale``."""
    n = model.units
    mean = model.activities.sum(axis=1) / model.territories
    unit = np.where(mean > 0, mean, 1.0)
    first, near = _stars(n, model.edges)
    points = np.zeros((n, 3))
    flat = True
    if model.points is not None:
        given = _turned(model.points)
        flat = given.shape[1] == 2
        points[:, : given.shape[1]] = np.round((given - given.min(axis=0)) * grid_scale(model))
    soft = np.where(model.hard, 0.0, model.prices) * unit * scale
    balance_weight = max(balance_weight, 4.0 * float(soft.sum()))
    return Ground(
        first=first,
        near=near,
        ring=_rings(first, near),
        x=points[:, 0].copy(),
        y=points[:, 1].copy(),
        z=points[:, 2].copy(),
        flat=flat,
        activity=np.ascontiguousarray((model.activities / unit[:, None]).T),
        lower=model.lower / unit,
        upper=model.upper / unit,
        weight=np.where(model.hard, balance_weight, soft),
        hard=model.hard.astype(np.float64),
        cut_weight=model.cut_price * scale,
        far_weight=1.0 if model.points is not None else 0.0,
        diameter_price=model.diameter_price * scale / grid_scale(model),
        contiguous=model.contiguous,
    )


def _turned(points: FloatArray) -> FloatArray:
    """Points about their own axes; the third goes where the market is flat."""
    if points.shape[1] == 2:
        return points
    middle = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(middle, full_matrices=False)
    turned = middle @ axes.T
    span = np.ptp(turned, axis=0)
    return turned[:, :2] if span[2] < 1e-6 * span[0] else turned


def grid_scale(model: PartitionModel) -> float:
    """Grid steps in a unit of length."""
    if model.points is None:
        return 1.0
    span = float(np.ptp(_turned(model.points), axis=0).max())
    return GRID / span if span > 0 else 1.0


def _stars(n: int, edges: IndexArray) -> tuple[IndexArray, IndexArray]:
    """Neighbours of each unit, ascending: starts (n + 1,) and units."""
    source = np.concatenate([edges[:, 0], edges[:, 1]])
    target = np.concatenate([edges[:, 1], edges[:, 0]])
    order = np.lexsort((target, source))
    first = np.searchsorted(source[order], np.arange(n + 1)).astype(np.int64)
    return first, target[order].astype(np.int64)


def _rings(first: IndexArray, near: IndexArray) -> IndexArray:
    """Bits of the neighbours' neighbours among the neighbours, one entry for each star's ray."""
    stars = [near[first[u] : first[u + 1]].tolist() for u in range(len(first) - 1)]
    sets = [set(star) for star in stars]
    ring = np.zeros(len(near), dtype=np.uint64)
    for unit, star in enumerate(stars):
        if len(star) > WIDEST:
            continue
        for position, other in enumerate(star):
            bits = sum(1 << j for j, third in enumerate(star) if third in sets[other])
            ring[first[unit] + position] = bits
    return ring.view(np.int64)
