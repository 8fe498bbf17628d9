"""Neighbours of areas: those that share a stretch of border, not merely a corner."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..arrays import FloatArray, IndexArray
from .projection import Stereographic

Shapes = NDArray[Any]

#: Metres of gap or overlap between two areas that drawing leaves along a true border.
TOLERANCE_M = 30.0

#: Metres of border seen through the tolerance below which areas only touch at a corner;
#: a corner itself shows as up to about five times the tolerance.
SHORTEST_M = 10.0 * TOLERANCE_M


def projected(shapes: Shapes) -> Shapes:
    """Shapes in degrees on a flat map in metres around them all."""
    corners = shapely.get_coordinates(shapes)
    flat = Stereographic.around(corners[:, 1], corners[:, 0])
    return np.asarray(
        shapely.transform(shapes, lambda xy: flat.flat(xy[:, 1], xy[:, 0])), dtype=object
    )


def border_pairs(
    shapes: Shapes, tolerance: float = TOLERANCE_M, shortest: float = SHORTEST_M
) -> tuple[IndexArray, FloatArray]:
    """Pairs of areas with a common border, and its length in metres.

    Most borders are drawn by the same points on both sides and are measured as they
    are; only where two areas come within ``tolerance`` without that is the border
    measured between one's outline and the other widened by the tolerance.

    Parameters
    ----------
    shapes
        Valid polygons in degrees, (n,).

    Returns
    -------
    pairs
        Smaller index first, sorted, (e, 2).
    metres
        Length of the shared border, (e,).
    """
    if not len(shapes):
        return np.empty((0, 2), dtype=np.int64), np.empty(0)
    flat = projected(shapes)
    found = shapely.STRtree(flat).query(flat, predicate="dwithin", distance=tolerance)
    pairs = found.T[found[0] < found[1]].astype(np.int64)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    outline = np.asarray(shapely.boundary(flat), dtype=object)
    metres = shapely.length(shapely.intersection(outline[pairs[:, 0]], outline[pairs[:, 1]]))
    loose = np.flatnonzero(metres < shortest)
    metres[loose] = np.maximum(metres[loose], _loose(flat, outline, pairs[loose], tolerance))
    # A stretch that short comes from a corner seen through the tolerance; a short
    # border that both sides draw alike is one all the same.
    true = metres > 0.0
    true[loose] = (metres[loose] >= shortest) | _drawn_alike(outline, pairs[loose])
    return pairs[true], metres[true]


def _loose(flat: Shapes, outline: Shapes, pairs: IndexArray, tolerance: float) -> FloatArray:
    wide = shapely.buffer(flat[pairs[:, 1]], tolerance)
    return np.asarray(shapely.length(shapely.intersection(outline[pairs[:, 0]], wide)))


def _drawn_alike(outline: Shapes, pairs: IndexArray) -> NDArray[np.bool_]:
    shared = shapely.intersection(outline[pairs[:, 0]], outline[pairs[:, 1]])
    return np.asarray(shapely.length(shared) > 1.0)
