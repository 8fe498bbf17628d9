"""Links over water and gaps: the shortest that join the pieces of a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError

from ..arrays import FloatArray, IndexArray
from ..geodesy import great_circle_km
from .points import planar_pairs
from .projection import Stereographic

#: Corners of one unit's outline that are looked at; more would only be more of the same.
CORNERS = 60


@dataclass(frozen=True)
class Link:
    """A link between two nodes, and how far it reaches in km."""

    a: int
    b: int
    kilometres: float


def pieces_of(nodes: int, pairs: IndexArray) -> tuple[int, IndexArray]:
    """Number of connected pieces, and the piece of every node, (nodes,)."""
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_matrix((ones, (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes))
    count, piece = connected_components(graph, directed=False)
    return int(count), piece.astype(np.int64)


def link_components(
    pairs: IndexArray,
    latitude: FloatArray,
    longitude: FloatArray,
    shapes: NDArray[Any] | None = None,
    barriers: IndexArray | None = None,
) -> tuple[Link, ...]:
    """Shortest links that make one piece of a graph, as in a minimum spanning tree.

    Parameters
    ----------
    pairs
        What touches already, (e, 2).
    latitude, longitude
        A point of every node, degrees, (n,); NaN for a node without a place, which no
        link can reach.
    shapes
        The node's area in degrees, or None for a node that is a point, (n,).
    barriers
        Pairs that must not be linked, smaller first, (b, 2).
    """
    nodes = len(latitude)
    count, piece = pieces_of(nodes, pairs)
    if count < 2:
        return ()
    node, lat, lon = _corners(latitude, longitude, shapes)
    if len(node) < 2:
        return ()
    ends = _shortest_candidates(lat, lon)
    a, b = node[ends[:, 0]], node[ends[:, 1]]
    apart = np.asarray(great_circle_km(*(x[ends[:, i]] for i in (0, 1) for x in (lat, lon))))
    if barriers is not None and len(barriers):
        low, high = np.minimum(a, b), np.maximum(a, b)
        open_way = ~np.isin(low * nodes + high, barriers[:, 0] * nodes + barriers[:, 1])
        a, b, apart = a[open_way], b[open_way], apart[open_way]
    return _spanning(a, b, apart, piece)


def _corners(
    latitude: FloatArray, longitude: FloatArray, shapes: NDArray[Any] | None
) -> tuple[IndexArray, FloatArray, FloatArray]:
    """Points that stand for the nodes: corners of areas, the place of the others."""
    area = np.zeros(len(latitude), dtype=np.bool_)
    if shapes is not None:
        area = ~shapely.is_missing(shapes)
    single = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude) & ~area)
    node, lat, lon = [single], [latitude[single]], [longitude[single]]
    if area.any():
        assert shapes is not None  # noqa: S101
        at = np.flatnonzero(area)
        corners, owner = shapely.get_coordinates(shapes[at], return_index=True)
        total = np.bincount(owner, minlength=len(at))
        position = np.arange(len(owner)) - np.repeat(np.cumsum(total) - total, total)
        kept = position % np.maximum(total // CORNERS, 1)[owner] == 0
        node.append(at[owner[kept]])
        lon.append(corners[kept, 0])
        lat.append(corners[kept, 1])
    return np.concatenate(node), np.concatenate(lat), np.concatenate(lon)


def _shortest_candidates(latitude: FloatArray, longitude: FloatArray) -> IndexArray:
    """Pairs of points that hold the shortest pair between any two groups of them."""
    places = np.column_stack([latitude, longitude])
    _, first, member = np.unique(places, axis=0, return_index=True, return_inverse=True)
    same = np.column_stack([np.arange(len(member)), first[member.ravel()]])
    lat, lon = latitude[first], longitude[first]
    try:
        corners = Delaunay(Stereographic.around(lat, lon).flat(lat, lon)).simplices
        edges = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]).astype(
            np.int64
        )
    except (QhullError, ValueError):
        edges = planar_pairs(lat, lon)
    return np.vstack([same, first[edges]])


def _spanning(
    a: IndexArray, b: IndexArray, apart: FloatArray, piece: IndexArray
) -> tuple[Link, ...]:
    between = piece[a] != piece[b]
    a, b, apart = a[between], b[between], apart[between]
    low, high = np.minimum(a, b), np.maximum(a, b)
    root = np.arange(int(piece.max()) + 1)

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = int(root[node])
        return node

    links = []
    # Metres are near enough; beyond that the order of the nodes decides, not the last digit.
    for at in np.lexsort((high, low, np.round(apart, 3))).tolist():
        one, other = find(int(piece[low[at]])), find(int(piece[high[at]]))
        if one != other:
            root[max(one, other)] = min(one, other)
            links.append(Link(int(low[at]), int(high[at]), float(apart[at])))
    return tuple(links)
