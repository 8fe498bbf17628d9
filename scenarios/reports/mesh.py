"""The drawing of a market's units: projected, simplified and snapped to one grid.

Polygons of the units are simplified together, so that a border that two units
share stays one line, and all vertices are whole numbers of one grid. Borders of
territories then follow from the units' own edges: an edge that two units of one
territory share, once in each direction, cancels. Nothing is computed in floats
after the snapping, so the same input draws the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

IndexArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Ring = tuple[tuple[int, int], ...]

#: Steps of the grid along the longer side: finer than the dots of a screen or a page.
GRID = 2000
#: Detail below this many grid steps is dropped.
DETAIL = 1.2
#: Parts of a unit below this area, in grid steps², are dropped, the largest part never.
SMALLEST_PART = 6.0
_STRIDE = 1 << 14


@dataclass(frozen=True, eq=False)
class Mesh:
    """Units on the grid; x runs east, y runs south, as on a screen.

    Parameters
    ----------
    units
        Ids of the units as given (never of parts), sorted.
    rings
        Oriented rings per unit, open (the last vertex is not repeated); empty for
        a unit that is drawn as a point.
    points
        A place inside each unit, for labels and dots, (n, 2); -1 where it has none.
    width, height
        Extent of the drawing in grid steps.
    project
        From degrees to grid steps.
    """

    units: tuple[str, ...]
    rings: tuple[tuple[Ring, ...], ...]
    points: IndexArray
    width: int
    height: int
    project: Projection

    @cached_property
    def index(self) -> dict[str, int]:
        """Row of each unit."""
        return {unit: row for row, unit in enumerate(self.units)}

    @cached_property
    def is_area(self) -> NDArray[np.bool_]:
        """Units with a polygon, (n,)."""
        return np.array([bool(rings) for rings in self.rings], dtype=np.bool_)

    @cached_property
    def is_placed(self) -> NDArray[np.bool_]:
        """Units that the drawing can show, (n,)."""
        return np.asarray(self.is_area | (self.points[:, 0] >= 0))

    @cached_property
    def _edges(self) -> tuple[IndexArray, IndexArray, IndexArray]:
        """Directed edges of all rings: start key, end key, unit."""
        starts: list[int] = []
        ends: list[int] = []
        owner: list[int] = []
        for unit, rings in enumerate(self.rings):
            for ring in rings:
                keys = [x * _STRIDE + y for x, y in ring]
                starts += keys
                ends += keys[1:] + keys[:1]
                owner += [unit] * len(keys)
        return (
            np.array(starts, dtype=np.int64),
            np.array(ends, dtype=np.int64),
            np.array(owner, dtype=np.int64),
        )

    @cached_property
    def borders(self) -> IndexArray:
        """Pairs of units that share an edge, smaller first, sorted, (k, 2)."""
        starts, ends, unit = self._edges
        scale = _STRIDE * _STRIDE
        forward, backward = starts * scale + ends, ends * scale + starts
        order = np.argsort(forward, kind="stable")
        position = np.searchsorted(forward[order], backward)
        position = np.minimum(position, max(len(forward) - 1, 0))
        found = forward[order][position] == backward if len(forward) else np.zeros(0, np.bool_)
        pairs = np.column_stack([unit[found], unit[order][position][found]])
        pairs = pairs[pairs[:, 0] < pairs[:, 1]]
        return np.unique(pairs, axis=0)

    @cached_property
    def corners(self) -> IndexArray:
        """Pairs of units that share a vertex, smaller first, sorted, (k, 2)."""
        starts, _, unit = self._edges
        at: dict[int, set[int]] = {}
        for key, who in zip(starts.tolist(), unit.tolist(), strict=True):
            at.setdefault(key, set()).add(who)
        pairs = {
            (a, b) for group in at.values() if len(group) > 1 for a in group for b in group if a < b
        }
        return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)

    def outline(self, units: Iterable[int]) -> tuple[Ring, ...]:
        """Rings around a set of units: their edges less those that they share.

        An edge counts once per direction; what is left after opposite ones have
        cancelled still leads as often into every vertex as out of it.
        """
        starts, ends, unit = self._edges
        inside = np.zeros(len(self.units), dtype=np.bool_)
        inside[np.fromiter(units, dtype=np.int64)] = True
        chosen = inside[unit]
        starts, ends = starts[chosen], ends[chosen]
        scale = _STRIDE * _STRIDE
        line = np.minimum(starts, ends) * scale + np.maximum(starts, ends)
        lines, which = np.unique(line, return_inverse=True)
        net = np.bincount(which, np.where(starts < ends, 1, -1), len(lines)).astype(np.int64)
        low, high = np.divmod(np.repeat(lines, np.abs(net)), scale)
        onward = np.repeat(net, np.abs(net)) > 0
        return _linked(np.where(onward, low, high), np.where(onward, high, low))


@dataclass(frozen=True, eq=False)
class Projection:
    """Degrees to grid steps by Lambert's equal-area projection about the data's middle.

    North is up at the middle, and a square kilometre is as large anywhere, so that
    a large territory does not only look so.
    """

    latitude: float
    longitude: float
    west: float
    north: float
    metres_per_step: float

    @cached_property
    def _transformer(self) -> Any:
        text = f"+proj=laea +lat_0={self.latitude:.6f} +lon_0={self.longitude:.6f} +datum=WGS84"
        return pyproj.Transformer.from_crs("EPSG:4326", text, always_xy=True)

    def metres(self, longitude: FloatArray, latitude: FloatArray) -> FloatArray:
        """Metres east and north of the middle, (n, 2)."""
        return np.column_stack(self._transformer.transform(longitude, latitude))

    def grid(self, metres: FloatArray) -> IndexArray:
        """Whole grid steps from metres, (n, 2)."""
        steps = np.column_stack([metres[:, 0] - self.west, self.north - metres[:, 1]])
        return np.rint(steps / self.metres_per_step).astype(np.int64)


def draw_mesh(
    units: Sequence[str],
    latitude: FloatArray,
    longitude: FloatArray,
    polygons: Sequence[Any] | None = None,
) -> Mesh:
    """Lay units on the grid.

    Parameters
    ----------
    units
        Ids, sorted.
    latitude, longitude
        Degrees, NaN where a unit has no place, (n,).
    polygons
        A polygon or None per unit, WGS 84; a unit without one (or with an empty
        one) is a point at its place.
    """
    shapes = np.array(
        [None] * len(units) if polygons is None else [_areas_only(shape) for shape in polygons],
        dtype=object,
    )
    has_area = np.array([shape is not None for shape in shapes], dtype=np.bool_)
    placed = np.isfinite(latitude) & np.isfinite(longitude)
    projection, shapes = _placed(shapes, has_area, longitude, latitude, placed)
    rings: list[tuple[Ring, ...]] = [()] * len(units)
    points = np.full((len(units), 2), -1, dtype=np.int64)
    points[placed] = projection.grid(projection.metres(longitude[placed], latitude[placed]))
    areas = np.flatnonzero(has_area)
    if len(areas):
        simple = shapely.coverage_simplify(
            shapes[areas], DETAIL * projection.metres_per_step, simplify_boundary=True
        )
        for row, before, shape in zip(areas.tolist(), shapes[areas], simple, strict=True):
            inner = shapely.get_coordinates(shapely.point_on_surface(before))
            points[row] = projection.grid(inner)[0]
            rings[row] = _rings(shape, projection)
    extent = [np.array(ring) for unit in rings for ring in unit] + [points[points[:, 0] >= 0]]
    corners = np.concatenate([part for part in extent if len(part)] or [np.ones((1, 2), np.int64)])
    width, height = (int(v) for v in corners.max(axis=0) + 1)
    return Mesh(tuple(units), tuple(rings), points, width, height, projection)


def _placed(
    shapes: NDArray[Any],
    has_area: NDArray[np.bool_],
    longitude: FloatArray,
    latitude: FloatArray,
    placed: NDArray[np.bool_],
) -> tuple[Projection, NDArray[Any]]:
    """Choose the projection and move the polygons into it."""
    degrees = np.concatenate(
        [
            shapely.get_coordinates(shapes[has_area]),
            np.column_stack([longitude[placed], latitude[placed]]),
        ]
    )
    if not len(degrees):
        degrees = np.zeros((1, 2))
    middle_lat = float(degrees[:, 1].min() + degrees[:, 1].max()) / 2
    middle_lon = _middle_longitude(degrees[:, 0])
    about = Projection(middle_lat, middle_lon, 0.0, 0.0, 1.0)
    metres = about.metres(degrees[:, 0], degrees[:, 1])
    low, high = metres.min(axis=0), metres.max(axis=0)
    step = max(float((high - low).max()) / GRID, 1e-6)
    moved = shapes.copy()
    for row in np.flatnonzero(has_area):
        moved[row] = shapely.transform(shapes[row], lambda c: about.metres(c[:, 0], c[:, 1]))
    return Projection(middle_lat, middle_lon, float(low[0]), float(high[1]), step), moved


def _middle_longitude(longitude: FloatArray) -> float:
    """Middle of the smallest arc that holds all longitudes; the date line is no border."""
    around = np.sort(np.mod(longitude, 360.0))
    gaps = np.diff(np.append(around, around[0] + 360.0))
    widest = int(gaps.argmax())
    first = around[(widest + 1) % len(around)]
    span = 360.0 - gaps[widest]
    return float((first + span / 2 + 180.0) % 360.0 - 180.0)


def _areas_only(shape: Any) -> Any:
    """Polygons of a shape, mended where they cross themselves; None where there are none."""
    if shape is None or shape.is_empty:
        return None
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(shape, return_index=False) if part.area > 0]
    flat = [
        piece
        for part in parts
        for piece in shapely.get_parts(part)
        if piece.geom_type == "Polygon" and piece.area > 0
    ]
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)


def _rings(shape: Any, projection: Projection) -> tuple[Ring, ...]:
    """Rings on the grid, shells clockwise on the screen, holes the other way."""
    found: list[tuple[float, int, Ring]] = []
    for part_number, part in enumerate(shapely.get_parts(shape)):
        for position, ring in enumerate((part.exterior, *part.interiors)):
            is_shell = position == 0
            snapped = projection.grid(shapely.get_coordinates(ring))
            distinct = np.append(True, (np.diff(snapped, axis=0) != 0).any(axis=1))
            vertices = [(int(x), int(y)) for x, y in snapped[distinct][:-1].tolist()]
            if len(vertices) > 1 and vertices[0] == vertices[-1]:
                vertices.pop()
            if len(vertices) < 3:
                continue
            area = _signed_area(vertices)
            if area and (area > 0) != is_shell:
                vertices.reverse()
            found.append((abs(area) if is_shell else -abs(area), part_number, tuple(vertices)))
    largest = max((area for area, _, _ in found), default=0.0)
    if largest <= 0:
        return ()
    shells = {part for area, part, _ in found if area >= min(SMALLEST_PART, largest)}
    return tuple(
        ring for area, part, ring in found if part in shells and abs(area) >= min(2.0, largest)
    )


def _signed_area(ring: Sequence[tuple[int, int]]) -> float:
    total = 0
    for (x, y), (next_x, next_y) in zip(ring, [*ring[1:], ring[0]], strict=True):
        total += x * next_y - next_x * y
    return total / 2


def _linked(starts: IndexArray, ends: IndexArray) -> tuple[Ring, ...]:
    """Directed edges linked to rings, from the smallest vertex on."""
    onward: dict[int, list[int]] = {}
    for start, end in sorted(zip(starts.tolist(), ends.tolist(), strict=True), reverse=True):
        onward.setdefault(start, []).append(end)
    rings: list[Ring] = []
    for first in sorted(onward):
        while onward[first]:
            keys = [first]
            while onward.get(keys[-1]):
                follower = onward[keys[-1]].pop()
                if follower == first:
                    break
                keys.append(follower)
            rings.append(tuple(divmod(key, _STRIDE) for key in _straightened(keys)))
    return tuple(rings)


def _straightened(keys: list[int]) -> list[int]:
    """Drop vertices in the middle of a straight line."""
    if len(keys) < 4:
        return keys
    kept = []
    for before, here, after in zip([keys[-1], *keys[:-1]], keys, [*keys[1:], keys[0]], strict=True):
        (ax, ay), (bx, by), (cx, cy) = (divmod(key, _STRIDE) for key in (before, here, after))
        if (bx - ax) * (cy - by) != (by - ay) * (cx - bx):
            kept.append(here)
    return kept if len(kept) > 2 else keys


def path_text(rings: Iterable[Ring]) -> str:
    """SVG path of closed rings, in relative whole steps.

    >>> path_text([((0, 0), (4, 0), (4, 3))])
    'M0 0l4 0 0 3z'
    """
    parts = []
    for ring in rings:
        (x, y), rest = ring[0], ring[1:]
        steps = []
        for next_x, next_y in rest:
            steps.append(f"{next_x - x} {next_y - y}")
            x, y = next_x, next_y
        parts.append(f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps).replace(' -', '-')}z")
    return "".join(parts)


def dots_text(points: Iterable[Sequence[int]]) -> str:
    """SVG path that draws a dot at each point where its line has round ends.

    >>> dots_text([(3, 4)])
    'M3 4h0'
    """
    return "".join(f"M{x} {y}h0" for x, y in points)
