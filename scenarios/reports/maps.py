"""Maps of territories: one per scenario and layer, all on one drawing of the market."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .holdings import Holding, everybody, holdings_of
from .labels import label_spot, place_labels
from .mesh import Mesh, dots_text, draw_mesh, path_text
from .palette import colour_of, shared_colours

if TYPE_CHECKING:
    import geopandas as gpd

    from ..results import ScenarioResult

#: Kinds of owner that get a colour of their own; the others are grey.
COLOURED = ("rep", "vacancy", "left")
HOUSE_GREY, PARTNER_GREY, NOBODY = "#D3D7DB", "#C3C9CF", "#FFFFFF"


@dataclass(frozen=True)
class TerritoryShape:
    """What a map shows of one owner.

    Parameters
    ----------
    area, dots, links
        SVG paths of the polygons, of the points, and between neighbouring points; empty
        for none.
    label, base
        Where the label and the base stand, grid steps; None for not shown.
    strays
        Whether the base lies outside the owner's own territory.
    """

    owner: str
    kind: str
    fill: str
    area: str
    dots: str
    label: tuple[int, int, int] | None
    base: tuple[int, int] | None
    strays: bool
    links: str = ""


@dataclass(frozen=True)
class SplitShape:
    """A unit that several owners share: striped with the second one's colour."""

    unit: str
    path: str
    dot: str
    fill: str


@dataclass(frozen=True, eq=False)
class MapView:
    """One map.

    Parameters
    ----------
    key
        Unique in the report, fit for an id.
    layer
        ``primary``, the name of an overlay, or a team that is drawn by itself.
    title
        What stands beside the scenario's name; empty for the primary role.
    owners
        Owner ids by number, as :attr:`owner_of` counts them.
    owner_of, incumbent_of
        Number of the (main) owner and of today's per unit of the mesh, -1 for none.
    shares
        Text on units with several owners.
    moved
        Units of the mesh of which something changed hands, sorted.
    links
        Pairs of neighbouring points with the same owner.
    moved_area, moved_dots
        SVG paths of them.
    """

    key: str
    scenario: str
    layer: str
    title: str
    shapes: tuple[TerritoryShape, ...]
    splits: tuple[SplitShape, ...]
    owners: tuple[str, ...]
    owner_of: tuple[int, ...]
    incumbent_of: tuple[int, ...]
    shares: Mapping[str, str]
    moved: tuple[int, ...]
    moved_area: str
    moved_dots: str
    links: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Atlas:
    """All maps of a report.

    Parameters
    ----------
    colours
        Fill by scenario, layer and owner.
    """

    mesh: Mesh
    maps: tuple[MapView, ...]
    colours: Mapping[tuple[str, str, str], str]
    land: str
    point_size: int

    def of(self, scenario: str) -> tuple[MapView, ...]:
        """Maps of one scenario, the primary role first."""
        return tuple(view for view in self.maps if view.scenario == scenario)


def draw_atlas(rows: Sequence[ScenarioResult]) -> Atlas:
    """Draw every scenario that has a plan, the incumbent too."""
    mesh = _market(rows)
    holdings = [
        each for row in rows if row.evaluation is not None for each in holdings_of(row, mesh)
    ]
    numbered = _coloured(holdings)
    point_size = _point_size(mesh)
    views, colours = [], {}
    for number, (holding, fills) in enumerate(zip(holdings, numbered, strict=True)):
        views.append(_view(f"m{number}", holding, fills, mesh, point_size))
        colours.update(
            {(holding.scenario, holding.layer, owner): fill for owner, fill in fills.items()}
        )
    areas = np.flatnonzero(mesh.is_area)
    land = path_text(mesh.outline(areas.tolist())) if len(areas) else ""
    return Atlas(mesh, tuple(views), colours, land, point_size)


def _market(rows: Sequence[ScenarioResult]) -> Mesh:
    """Every unit of every scenario once, with its polygon where one is given."""
    places: dict[str, tuple[float, float]] = {}
    polygons: dict[str, Any] = {}
    for row in rows:
        units = row.problem.units
        for whole, lat, lon in zip(units.wholes, units.latitude, units.longitude, strict=True):
            places.setdefault(whole, (float(lat), float(lon)))
        if row.geometry is not None:
            for unit, shape in _shapes(row.geometry):
                if unit not in polygons and shape is not None:
                    polygons[unit] = shape
    ids = sorted(places)
    return draw_mesh(
        ids,
        np.array([places[unit][0] for unit in ids]),
        np.array([places[unit][1] for unit in ids]),
        [polygons.get(unit) for unit in ids],
    )


def _shapes(geometry: gpd.GeoDataFrame) -> Iterable[tuple[str, Any]]:
    frame = geometry
    if frame.crs is not None and not frame.crs.equals("EPSG:4326"):
        frame = frame.to_crs("EPSG:4326")
    return zip(frame["unit"].astype(str), frame.geometry, strict=True)


def _coloured(holdings: Sequence[Holding]) -> list[dict[str, str]]:
    """Fill by owner, map by map; an owner keeps the colour on all maps where possible."""

    def numbers(with_corners: bool) -> list[dict[str, int]]:
        maps = []
        for holding in holdings:
            owners = [owner for owner, kind in holding.kinds.items() if kind in COLOURED]
            known = set(owners)
            pairs = set(holding.pairs) | (set(holding.near_pairs) if with_corners else set())
            maps.append((owners, sorted(p for p in pairs if p[0] in known and p[1] in known)))
        return shared_colours(maps)

    # Territories that meet in a corner differ too, as long as few colours do it: the
    # first six of the scheme are the ones that are easiest to tell apart.
    numbered = numbers(with_corners=True)
    if max((n for own in numbered for n in own.values()), default=0) > 5:
        numbered = numbers(with_corners=False)
    grey = {"house": HOUSE_GREY, "partner": PARTNER_GREY, "nobody": NOBODY}
    return [
        {
            owner: colour_of(own[owner]) if owner in own else grey[kind]
            for owner, kind in holding.kinds.items()
        }
        for holding, own in zip(holdings, numbered, strict=True)
    ]


def _view(
    key: str, holding: Holding, fills: Mapping[str, str], mesh: Mesh, point_size: int
) -> MapView:
    by_owner: dict[str, list[int]] = {owner: [] for owner in holding.kinds}
    for at, owners in holding.held.items():
        by_owner[owners[0][0]].append(at)
    shapes, candidates = [], []
    for owner, units in by_owner.items():
        rings = mesh.outline([u for u in units if mesh.is_area[u]]) if units else ()
        dots = _dots(mesh, units)
        spot = label_spot(rings, dots)
        if spot and holding.kinds[owner] in COLOURED:
            x, y, room = spot
            # Among points a label stands above one, not on it.
            candidates.append((owner, x, y if rings else y - point_size - 16, room))
        shapes.append((owner, rings, dots))
    labels = place_labels(candidates)
    numbers = {owner: number for number, owner in enumerate(everybody(holding))}
    return MapView(
        key=key,
        scenario=holding.scenario,
        layer=holding.layer,
        title=holding.title,
        shapes=tuple(
            TerritoryShape(
                owner=owner,
                kind=holding.kinds[owner],
                fill=fills[owner],
                area=path_text(rings),
                dots=dots_text(dots),
                label=labels.get(owner),
                base=holding.bases.get(owner),
                strays=_strays(holding.bases.get(owner), by_owner[owner], mesh),
                links=_links_text(holding, owner, mesh),
            )
            for owner, rings, dots in shapes
        ),
        splits=tuple(_splits(holding, fills, mesh)),
        owners=tuple(numbers),
        owner_of=tuple(
            numbers[holding.held[at][0][0]] if at in holding.held else -1
            for at in range(len(mesh.units))
        ),
        incumbent_of=tuple(
            numbers[holding.incumbents[at]] if holding.incumbents.get(at) else -1
            for at in range(len(mesh.units))
        ),
        shares={
            str(at): ", ".join(f"{owner or 'nobody'} {share:.0%}" for owner, share in owners)
            for at, owners in holding.held.items()
            if len(owners) > 1
        },
        moved=tuple(sorted(holding.moved)),
        moved_area=path_text(mesh.outline(sorted(u for u in holding.moved if mesh.is_area[u]))),
        moved_dots=dots_text(_dots(mesh, sorted(holding.moved))),
        links=holding.links,
    )


def _links_text(holding: Holding, owner: str, mesh: Mesh) -> str:
    """SVG path of lines between an owner's neighbouring points."""
    if holding.kinds[owner] not in COLOURED:
        return ""
    ends = [
        mesh.points[list(pair)] for pair in holding.links if holding.held[pair[0]][0][0] == owner
    ]
    return "".join(f"M{a} {b}L{c} {d}" for (a, b), (c, d) in (pair.tolist() for pair in ends))


def _dots(mesh: Mesh, units: Iterable[int]) -> list[tuple[int, int]]:
    return [
        (int(mesh.points[u, 0]), int(mesh.points[u, 1]))
        for u in units
        if mesh.is_placed[u] and not mesh.is_area[u]
    ]


def _strays(base: tuple[int, int] | None, units: Sequence[int], mesh: Mesh) -> bool:
    if base is None or not units:
        return False
    return not bool((mesh.points[list(units)] == np.array(base)).all(axis=1).any())


def _splits(holding: Holding, fills: Mapping[str, str], mesh: Mesh) -> Iterable[SplitShape]:
    for at, owners in holding.held.items():
        if len(owners) > 1 and mesh.is_placed[at]:
            area = path_text(mesh.rings[at])
            dot = "" if area else dots_text([tuple(mesh.points[at].tolist())])
            yield SplitShape(mesh.units[at], area, dot, fills[owners[1][0]])


def _point_size(mesh: Mesh) -> int:
    """Width of a dot: smaller where there are many, grid steps."""
    dots = int((mesh.is_placed & ~mesh.is_area).sum())
    if not dots:
        return 0
    room = (mesh.width * mesh.height / dots) ** 0.5
    # Among areas dots must not hide what lies around them.
    return int(np.clip(0.55 * room, 7, 17 if mesh.is_area.any() else 32))
