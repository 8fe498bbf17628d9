"""Maps on slides: the report's drawing as the presentation program's own shapes.

Shapes stay sharp at any size and can be coloured anew; hatching is drawn as lines, as
programs fill with patterns of their own making.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely
from pptx.oxml import parse_xml

from ..reports.labels import label_spot, place_labels
from ..reports.maps import HOUSE_GREY, NOBODY
from .deck import Box

if TYPE_CHECKING:
    from ..reports.maps import Atlas, MapView
    from ..reports.mesh import Mesh, Ring

_EMU = 914_400
_NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
INK, LAND = "17212B", "F0F2F4"
#: Letters of labels, largest and smallest, points.
LETTERS = (15.0, 10.0)
#: Beyond this many points a map shows the owner of each small square instead.
MOST_DOTS = 1500
#: Squares along the longer side of such a map.
SQUARES = 110
#: Signs that no file of this kind may hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
#: Column and row of a square.
Square = tuple[int, int]
#: Grid steps between the lines of a hatching.
_HATCH = 24


def draw_map(slide: Any, box: Box, atlas: Atlas, view: MapView, text: str, number: int) -> None:
    """Draw a map into a box, kept in proportion, as one group of shapes.

    Parameters
    ----------
    text
        What it shows, for people who cannot see it.
    number
        Of the first shape; those of one slide differ.
    """
    mesh = atlas.mesh
    scale = min(box.width / mesh.width, box.height / mesh.height) * _EMU
    left = box.left * _EMU + (box.width * _EMU - scale * mesh.width) / 2
    top = box.top * _EMU + (box.height * _EMU - scale * mesh.height) / 2
    pen = _Pen(scale, left, top, number + 1)
    owners = _by_owner(mesh, view)
    fills = {shape.owner: shape.fill.removeprefix("#") for shape in view.shapes}
    land = mesh.outline(np.flatnonzero(mesh.is_area).tolist())
    pen.shape(land, "land", fill=LAND)
    radius = _radius(mesh)
    squares = _squares(mesh, view) if _number_of_dots(mesh) > MOST_DOTS else {}
    links = {} if squares else _links(mesh, view)
    candidates = []
    for owner, units in owners.items():
        rings, dots = _outline(mesh, units, squares.get(owner))
        fill = fills.get(owner, NOBODY.removeprefix("#"))
        pen.shape(links.get(owner, ()), owner, line=fill, width=2.0, closed=False)
        pen.shape(rings, owner or "nobody", fill=fill, line="FFFFFF", width=0.75)
        pen.shape([_diamond(x, y, radius) for x, y in dots], owner or "nobody", fill=fill)
        spot = label_spot(rings, dots)
        if spot is not None and f"#{fill}" not in (HOUSE_GREY, NOBODY):
            x, y, room = spot
            # Among points a label stands above one, not on it.
            candidates.append((owner, x, y if rings else y - 2.5 * radius, room))
    moved = _moved_rings(mesh, view, radius + 6)
    pen.shape(_hatching(moved), "changes hands", line=INK, width=0.5, closed=False)
    pen.shape(moved, "changes hands", line=INK, width=0.75)
    for shape in view.shapes:
        if shape.base is not None:
            pen.shape([_diamond(*shape.base, 9)], f"base of {shape.owner}", fill="FFFFFF", line=INK)
    points = 12_700 / scale
    sizes = (round(LETTERS[0] * points), round(LETTERS[1] * points))
    for owner, (x, y, size) in place_labels(candidates, sizes).items():
        pen.label(x, y, size, owner)
    slide.shapes._spTree.append(pen.group(mesh, text, number))  # noqa: SLF001 - the only way in


class _Pen:
    """Collects shapes in the file's own words; grid steps in, EMU out."""

    def __init__(self, scale: float, left: float, top: float, number: int) -> None:
        self.scale, self.left, self.top, self.number = scale, left, top, number
        self.drawn: list[str] = []

    def shape(
        self,
        rings: Sequence[Ring],
        name: str,
        *,
        fill: str = "",
        line: str = "",
        width: float = 0.75,
        closed: bool = True,
    ) -> None:
        """Add one shape of many rings; colours are hexadecimal, widths points."""
        if not rings:
            return
        points = np.array([point for ring in rings for point in ring], dtype=np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        size = np.maximum(high - low, 1.0)
        path = "".join(_path(ring, low, closed) for ring in rings)
        x, y = (self._at(low[0], self.left), self._at(low[1], self.top))
        filled = f'<a:solidFill><a:srgbClr val="{fill}"/></a:solidFill>' if fill else "<a:noFill/>"
        lined = (
            f'<a:ln w="{round(width * 12_700)}"><a:solidFill><a:srgbClr val="{line}"/>'
            "</a:solidFill><a:round/></a:ln>"
            if line
            else "<a:ln><a:noFill/></a:ln>"
        )
        self.drawn.append(
            f"<p:sp {_NAMESPACES}>{self._named(name)}<p:spPr><a:xfrm>"
            f'<a:off x="{x}" y="{y}"/>'
            f'<a:ext cx="{round(size[0] * self.scale)}" cy="{round(size[1] * self.scale)}"/>'
            "</a:xfrm><a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>"
            '<a:rect l="0" t="0" r="r" b="b"/><a:pathLst>'
            f'<a:path w="{round(10 * size[0])}" h="{round(10 * size[1])}">{path}</a:path>'
            f"</a:pathLst></a:custGeom>{filled}{lined}</p:spPr></p:sp>"
        )

    def label(self, x: int, y: int, size: int, text: str) -> None:
        """Add letters with their middle at a place."""
        letters = max(int(size * self.scale / 127), 100)
        width = round(letters * 127 * (len(text) + 2) * 0.75)
        height = round(letters * 127 * 1.6)
        left = self._at(x, self.left) - width // 2
        top = self._at(y, self.top) - height // 2
        self.drawn.append(
            f"<p:sp {_NAMESPACES}>{self._named(f'label {text}', box=True)}<p:spPr><a:xfrm>"
            f'<a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr><p:txBody>'
            '<a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/><a:p>'
            f'<a:pPr algn="ctr"/><a:r><a:rPr lang="en-GB" sz="{letters}" b="1"><a:solidFill>'
            f'<a:srgbClr val="{INK}"/></a:solidFill><a:latin typeface="Calibri"/></a:rPr>'
            f"<a:t>{_escaped(text)}</a:t></a:r></a:p></p:txBody></p:sp>"
        )

    def group(self, mesh: Mesh, text: str, number: int) -> Any:
        """All shapes as one, with a text for those who cannot see it."""
        box = (
            f'x="{round(self.left)}" y="{round(self.top)}"',
            f'cx="{round(mesh.width * self.scale)}" cy="{round(mesh.height * self.scale)}"',
        )
        return parse_xml(
            f"<p:grpSp {_NAMESPACES}><p:nvGrpSpPr>"
            f'<p:cNvPr id="{number}" name="map" descr={_quoted(text)}/>'
            "<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>"
            f"<a:off {box[0]}/><a:ext {box[1]}/><a:chOff {box[0]}/><a:chExt {box[1]}/>"
            f"</a:xfrm></p:grpSpPr>{''.join(self.drawn)}</p:grpSp>"
        )

    def _at(self, place: float, start: float) -> int:
        return round(start + place * self.scale)

    def _named(self, name: str, *, box: bool = False) -> str:
        self.number += 1
        kind = '<p:cNvSpPr txBox="1"/>' if box else "<p:cNvSpPr/>"
        return (
            f'<p:nvSpPr><p:cNvPr id="{self.number}" name={_quoted(name)}/>{kind}<p:nvPr/>'
            "</p:nvSpPr>"
        )


def _escaped(text: str) -> str:
    return escape(_CONTROL.sub("", text))


def _quoted(text: str) -> str:
    return quoteattr(_CONTROL.sub("", text))


def _path(ring: Ring, low: Any, closed: bool) -> str:
    """One ring, in tenths of a grid step from the shape's corner."""
    points = [
        f'<a:pt x="{round(10 * (x - low[0]))}" y="{round(10 * (y - low[1]))}"/>' for x, y in ring
    ]
    lines = "".join(f"<a:lnTo>{point}</a:lnTo>" for point in points[1:])
    return f"<a:moveTo>{points[0]}</a:moveTo>{lines}{'<a:close/>' if closed else ''}"


def _radius(mesh: Mesh) -> float:
    """Half of a point's size: larger where there are few, small among areas; grid steps."""
    room = (mesh.width * mesh.height / max(_number_of_dots(mesh), 1)) ** 0.5
    return float(np.clip(0.16 * room, 7, 12 if mesh.is_area.any() else 36))


def _links(mesh: Mesh, view: MapView) -> dict[str, list[Ring]]:
    """Lines between neighbouring points of each owner that has a colour."""
    coloured = {shape.owner for shape in view.shapes if shape.links}
    found: dict[str, list[Ring]] = {owner: [] for owner in coloured}
    for pair in view.links:
        owner = view.owners[view.owner_of[pair[0]]]
        if owner in coloured:
            (a, b), (c, d) = mesh.points[list(pair)].tolist()
            found[owner].append(((a, b), (c, d)))
    return found


def _by_owner(mesh: Mesh, view: MapView) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {owner: [] for owner in sorted(view.owners)}
    for unit, owner in enumerate(view.owner_of):
        if owner >= 0 and mesh.is_placed[unit]:
            found[view.owners[owner]].append(unit)
    return {owner: units for owner, units in found.items() if units}


def _outline(
    mesh: Mesh, units: Sequence[int], squares: Sequence[Square] | None
) -> tuple[tuple[Ring, ...], list[tuple[int, int]]]:
    """Rings of an owner's areas, and its points; or squares in place of many points."""
    areas = [unit for unit in units if mesh.is_area[unit]]
    rings = mesh.outline(areas) if areas else ()
    if squares is not None:
        return (*rings, *_square_rings(mesh, squares)), []
    dots = [unit for unit in units if not mesh.is_area[unit]]
    return rings, [(int(mesh.points[u, 0]), int(mesh.points[u, 1])) for u in dots]


def _number_of_dots(mesh: Mesh) -> int:
    return int((mesh.is_placed & ~mesh.is_area).sum())


def _side(mesh: Mesh) -> int:
    """Side of a square, grid steps."""
    return max(mesh.width, mesh.height) // SQUARES + 1


def _square_of(mesh: Mesh, unit: int) -> Square:
    side = _side(mesh)
    return int(mesh.points[unit, 0]) // side, int(mesh.points[unit, 1]) // side


def _squares(mesh: Mesh, view: MapView) -> dict[str, list[Square]]:
    """Squares of each owner: where it has the most points; of equal ones the first."""
    counts: dict[Square, Counter[str]] = {}
    for unit in np.flatnonzero(mesh.is_placed & ~mesh.is_area).tolist():
        owner = view.owner_of[unit]
        if owner >= 0:
            counts.setdefault(_square_of(mesh, unit), Counter())[view.owners[owner]] += 1
    found: dict[str, list[Square]] = {owner: [] for owner in view.owners}
    for square, own in sorted(counts.items()):
        found[min(own, key=lambda owner: (-own[owner], owner))].append(square)
    return found


def _square_rings(mesh: Mesh, squares: Iterable[Square]) -> list[Ring]:
    """Squares that touch, put together."""
    side = _side(mesh)
    boxes = [
        shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side) for x, y in sorted(squares)
    ]
    shape = shapely.union_all(boxes) if boxes else shapely.Polygon()
    return _rings_of(shape)


def _rings_of(shape: Any) -> list[Ring]:
    return [
        tuple((round(x), round(y)) for x, y in ring.coords[:-1])
        for part in shapely.get_parts(shapely.normalize(shape))
        if part.geom_type == "Polygon" and not part.is_empty
        for ring in (part.exterior, *part.interiors)
    ]


def _moved_rings(mesh: Mesh, view: MapView, frame: float) -> list[Ring]:
    """Outlines of what changes hands: areas, and a frame around each point or square."""
    rings = list(mesh.outline([u for u in view.moved if mesh.is_area[u]]))
    dots = [u for u in view.moved if mesh.is_placed[u] and not mesh.is_area[u]]
    if _number_of_dots(mesh) <= MOST_DOTS:
        places = [(float(mesh.points[u, 0]), float(mesh.points[u, 1])) for u in dots]
        return rings + [_diamond(x, y, frame) for x, y in places]
    points = np.flatnonzero(mesh.is_placed & ~mesh.is_area).tolist()
    there = Counter(_square_of(mesh, unit) for unit in points)
    gone = Counter(_square_of(mesh, unit) for unit in dots)
    mostly = {square for square, count in gone.items() if 2 * count >= there[square]}
    return rings + _square_rings(mesh, mostly)


def _hatching(rings: Sequence[Ring]) -> list[Ring]:
    """Slanting lines within rings."""
    if not rings:
        return []
    shape: Any = shapely.Polygon()
    for ring in rings:
        # Rings within rings are holes: what is inside twice is outside.
        shape = shape.symmetric_difference(shapely.Polygon(ring).buffer(0))
    left, top, right, bottom = (int(v) for v in shape.bounds)
    first = (left + top) // _HATCH
    lines = shapely.MultiLineString(
        [
            [(c * _HATCH - top, top), (c * _HATCH - bottom, bottom)]
            for c in range(first, (right + bottom) // _HATCH + 1)
        ]
    )
    inside = shapely.intersection(lines, shape)
    parts = [p for p in shapely.get_parts(shapely.normalize(inside)) if p.geom_type == "LineString"]
    return [tuple((round(x), round(y)) for x, y in part.coords) for part in parts]


def _diamond(x: float, y: float, radius: float) -> Ring:
    around = ((0.0, -radius), (radius, 0.0), (0.0, radius), (-radius, 0.0))
    return tuple((round(x + dx), round(y + dy)) for dx, dy in around)
