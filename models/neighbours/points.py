"""Neighbours of points: the Gabriel graph on the sphere.

Two points are neighbours when no other lies in the circle that has them as its
diameter (Gabriel and Sokal, Systematic Zoology 18(3), 1969). The graph is planar,
connected, and holds the shortest links between any two groups of points. An edge of
the Delaunay triangulation is in it exactly when neither of the two triangles at the
edge has its third corner in that circle.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.spatial import Delaunay, QhullError

from ..arrays import FloatArray, IndexArray
from ..geodesy import directions
from .projection import Stereographic

#: Degrees (about a centimetre) within which points count as the same place.
SAME_PLACE = 1e-7


def planar_pairs(latitude: FloatArray, longitude: FloatArray) -> IndexArray:
    """Neighbour pairs of points, smaller index first, sorted, (e, 2).

    Points at one place are chained in their order; the first of them stands for all.
    """
    place = np.round(np.column_stack([latitude, longitude]) / SAME_PLACE).astype(np.int64)
    _, first, member = np.unique(place, axis=0, return_index=True, return_inverse=True)
    chains: dict[int, list[int]] = {}
    for point, group in enumerate(member.ravel().tolist()):
        chains.setdefault(group, []).append(point)
    chained = [pair for points in chains.values() for pair in pairwise(points)]
    pairs = np.array(chained, dtype=np.int64).reshape(-1, 2)
    between = first[_gabriel(latitude[first], longitude[first])]
    return sorted_pairs(np.vstack([pairs, between]))


def sorted_pairs(pairs: IndexArray) -> IndexArray:
    """Each pair once, smaller index first, in order, (e, 2)."""
    pairs = pairs.reshape(-1, 2)
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(pairs, axis=0) if len(pairs) else pairs


def _gabriel(latitude: FloatArray, longitude: FloatArray) -> IndexArray:
    n = len(latitude)
    if n < 2:
        return np.empty((0, 2), dtype=np.int64)
    flat = Stereographic.around(latitude, longitude).flat(latitude, longitude)
    try:
        triangulation = Delaunay(flat)
    except (QhullError, ValueError):
        return _chain(flat)
    corners = triangulation.simplices.astype(np.int64)
    edges = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    opposite = np.concatenate([corners[:, 2], corners[:, 0], corners[:, 1]])
    space = directions(latitude, longitude)
    inside = ((space[edges[:, 0]] - space[opposite]) * (space[edges[:, 1]] - space[opposite])).sum(
        axis=1
    ) < 0.0
    edges = np.sort(edges, axis=1)
    kept = set(map(tuple, edges.tolist())) - set(map(tuple, edges[inside].tolist()))
    # Qhull leaves points out that lie on an edge within its precision.
    left_out = triangulation.coplanar[:, [0, 2]].tolist()
    kept |= {(min(a, b), max(a, b)) for a, b in left_out}
    return np.array(sorted(kept), dtype=np.int64).reshape(-1, 2)


def _chain(flat: FloatArray) -> IndexArray:
    """Fewer than three points, or all on a line: each with the next along it."""
    centred = flat - flat.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    order = np.argsort(centred @ axis, kind="stable")
    return np.column_stack([order[:-1], order[1:]]).astype(np.int64)
