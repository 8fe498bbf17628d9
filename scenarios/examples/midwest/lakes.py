"""Ways round the Great Lakes, where the line as the crow flies is no road.

The outlines are a few corners drawn by hand, good enough to tell whether a straight
line crosses open water. A way that does goes by the best of three gates: round the
foot of Lake Michigan, over the Mackinac bridge, round the west end of Lake Erie.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from ....models import Places
from ....models.arrays import BoolArray, FloatArray
from ....optimizer.travel import GreatCircle

#: Corners of open water, degrees (longitude, latitude).
WATERS = (
    # Lake Michigan
    ((-87.3, 41.75), (-87.6, 42.3), (-87.7, 43.2), (-87.4, 44.2), (-86.9, 45.3), (-86.2, 45.85),
     (-85.1, 45.85), (-85.5, 45.2), (-86.4, 44.4), (-86.6, 43.6), (-86.35, 42.7), (-86.7, 41.95)),
    # Lake Erie
    ((-83.3, 41.85), (-82.7, 41.6), (-81.7, 41.6), (-80.6, 42.0), (-80.6, 42.5), (-82.4, 42.0)),
    # Lake Huron with Saginaw Bay
    ((-84.4, 45.75), (-83.2, 45.3), (-83.1, 44.5), (-83.6, 43.9), (-82.9, 44.15), (-82.3, 43.6),
     (-82.0, 44.5), (-82.8, 46.0)),
    # Lake Superior
    ((-91.6, 46.85), (-90.3, 47.6), (-88.6, 48.1), (-86.0, 47.9), (-84.8, 46.8), (-86.5, 46.65),
     (-87.3, 46.7), (-88.3, 47.4), (-89.5, 46.95), (-90.6, 46.85)),
)  # fmt: skip
#: Gates, latitude and longitude: Gary, Mackinac bridge, Toledo, and two for the others.
GATES = (
    (41.60, -87.33),
    (45.82, -84.73),
    (41.66, -83.55),
    (43.60, -83.95),  # Bay City, foot of Saginaw Bay
    (46.72, -92.10),  # Duluth, head of Lake Superior
)


def lake_ways(bases: Places, units: Places, provider: GreatCircle) -> pd.DataFrame:
    """``lakes.csv``: ``rep, unit, minutes, kilometres`` of pairs with water in between."""
    water = shapely.union_all([shapely.Polygon(corners) for corners in WATERS])
    shapely.prepare(water)
    wet = _crosses(water, bases, units)
    straight, _ = provider.times(bases, units)
    minutes, kilometres = np.full(wet.shape, np.inf), np.zeros(wet.shape)
    for latitude, longitude in GATES:
        gate = Places(("gate",), np.array([latitude]), np.array([longitude]))
        first, first_km = provider.times(gate, bases)
        last, last_km = provider.times(gate, units)
        way = last + first.T
        shorter = way < minutes
        minutes = np.where(shorter, way, minutes)
        kilometres = np.where(shorter, last_km + first_km.T, kilometres)
    rows = [
        (bases.ids[base], units.ids[unit], round(float(minutes[unit, base])),
         round(float(kilometres[unit, base])))
        for unit, base in np.argwhere(wet & (minutes > straight * 1.1)).tolist()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["rep", "unit", "minutes", "kilometres"])


def _crosses(water: shapely.Geometry, bases: Places, units: Places) -> BoolArray:
    """Whether the straight line meets open water, (units, bases)."""
    ends: FloatArray = np.zeros((len(units), len(bases), 2, 2))
    ends[:, :, 0, 0], ends[:, :, 0, 1] = units.longitude[:, None], units.latitude[:, None]
    ends[:, :, 1, 0], ends[:, :, 1, 1] = bases.longitude[None, :], bases.latitude[None, :]
    lines = shapely.linestrings(ends.reshape(-1, 2, 2))
    return np.asarray(shapely.intersects(water, lines).reshape(len(units), len(bases)))
