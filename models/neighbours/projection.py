"""A flat map of a part of the earth on which circles stay circles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import FloatArray
from ..geodesy import EARTH_RADIUS_KM, directions


@dataclass(frozen=True, eq=False)
class Stereographic:
    """Stereographic map of the sphere around a centre, in metres there.

    It keeps angles and takes circles to circles, so that the Delaunay triangulation on
    the map is the one on the sphere, and nothing breaks at the date line.
    """

    east: FloatArray
    north: FloatArray
    centre: FloatArray

    @classmethod
    def around(cls, latitude: FloatArray, longitude: FloatArray) -> Stereographic:
        """Map around the middle of some points."""
        middle = directions(latitude, longitude).mean(axis=0)
        length = float(np.linalg.norm(middle))
        centre = middle / length if length > 1e-9 else np.array([1.0, 0.0, 0.0])
        pole = np.array([0.0, 0.0, 1.0]) if abs(centre[2]) < 0.99 else np.array([1.0, 0.0, 0.0])
        east = np.cross(pole, centre)
        east /= np.linalg.norm(east)
        return cls(east, np.cross(centre, east), centre)

    def flat(self, latitude: FloatArray, longitude: FloatArray) -> FloatArray:
        """Metres east and north of the centre, (n, 2)."""
        points = directions(latitude, longitude)
        scale = 2000.0 * EARTH_RADIUS_KM / np.maximum(1.0 + points @ self.centre, 1e-9)
        return np.column_stack([points @ self.east * scale, points @ self.north * scale])
