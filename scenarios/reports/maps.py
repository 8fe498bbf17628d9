"""Maps of territories: one per scenario and role, all on one drawing of the market."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from .mesh import Mesh, Ring, dots_text, draw_mesh, path_text
from .palette import colour_of, shared_colours

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from ...models.problem import Problem
    from ..results import ScenarioResult

PRIMARY = "primary"
#: Kinds of owner that get a colour of their own; the others are grey.
COLOURED = ("rep", "vacancy", "left")
HOUSE_GREY, PARTNER_GREY, NOBODY = "#D3D7DB", "#C3C9CF", "#FFFFFF"
#: Largest and smallest letters of a label, in grid steps.
LABEL_SIZES = (46, 26)


@dataclass(frozen=True)
class TerritoryShape:
    """What a map shows of one owner.

    Parameters
    ----------
    area, dots
        SVG paths of the polygons and of the points; empty for none.
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
    role
        ``primary`` or the name of an overlay.
    owners
        Owner ids by number, as :attr:`owner_of` counts them.
    owner_of, incumbent_of
        Number of the (main) owner and of today's per unit of the mesh, -1 for none.
    shares
        Text on units with several owners.
    moved_area, moved_dots
        SVG paths of what changed hands.
    """

    key: str
    scenario: str
    role: str
    shapes: tuple[TerritoryShape, ...]
    splits: tuple[SplitShape, ...]
    owners: tuple[str, ...]
    owner_of: tuple[int, ...]
    incumbent_of: tuple[int, ...]
    shares: Mapping[str, str]
    moved_area: str
    moved_dots: str


@dataclass(frozen=True, eq=False)
class Atlas:
    """All maps of a report.

    Parameters
    ----------
    colours
        Fill by scenario, role and owner.
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
    drafts = [draft for row in rows if row.evaluation is not None for draft in _drafts(row, mesh)]
    numbered = _coloured(drafts)
    point_size = _point_size(mesh)
    views, colours = [], {}
    for number, (draft, fills) in enumerate(zip(drafts, numbered, strict=True)):
        views.append(_view(f"m{number}", draft, fills, mesh))
        colours.update({(draft.scenario, draft.role, owner): fill for owner, fill in fills.items()})
    areas = np.flatnonzero(mesh.is_area)
    land = path_text(mesh.outline(areas.tolist())) if len(areas) else ""
    return Atlas(mesh, tuple(views), colours, land, point_size)


@dataclass(frozen=True, eq=False)
class _Draft:
    """Who has what on one map, before anything is drawn."""

    scenario: str
    role: str
    kinds: Mapping[str, str]
    held: Mapping[int, Sequence[tuple[str, float]]]
    incumbents: Mapping[int, str]
    moved: frozenset[int]
    pairs: tuple[tuple[str, str], ...]
    near_pairs: tuple[tuple[str, str], ...]
    bases: Mapping[str, tuple[int, int]]


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


def _drafts(row: ScenarioResult, mesh: Mesh) -> Iterable[_Draft]:
    assert row.evaluation is not None  # noqa: S101 - the caller chose rows with one
    role_of = {team.name: team.role for team in row.problem.teams}
    roles = sorted(set(role_of.values()), key=lambda role: (role != PRIMARY, role))
    table = row.evaluation.assignments
    for role in roles:
        part = table[table["team"].map(role_of) == role]
        yield _draft(row, role, part, mesh)


def _draft(row: ScenarioResult, role: str, table: pd.DataFrame, mesh: Mesh) -> _Draft:
    problem = row.problem
    frozen = row.territory is None and row.name == "incumbent"
    shares: dict[int, dict[str, float]] = {}
    incumbents: dict[int, str] = {}
    moved: set[int] = set()
    for unit, rep, share, incumbent, has_moved in table[
        ["unit", "rep", "share", "incumbent", "moved"]
    ].itertuples(index=False):
        at = mesh.index[unit]
        # Today's map shows those too who have left or serve another team by now.
        owner = (incumbent or rep) if frozen else rep
        held = shares.setdefault(at, {})
        held[owner] = held.get(owner, 0.0) + float(share)
        incumbents.setdefault(at, incumbent)
        if has_moved and not frozen:
            moved.add(at)
    held_by = {
        at: sorted(owners.items(), key=lambda item: (-item[1], item[0]))
        for at, owners in sorted(shares.items())
    }
    known = {owner: str(problem.owners.kinds[i]) for owner, i in problem.owner_index.items()}
    names = sorted({owner for owners in held_by.values() for owner, _ in owners})
    kinds = {owner: known.get(owner, "left" if owner else "nobody") for owner in names}
    main = {at: owners[0][0] for at, owners in held_by.items()}
    pairs = {
        _pair(main[a], main[b])
        for a, b in mesh.borders.tolist()
        if a in main and b in main and main[a] != main[b]
    }
    pairs |= _graph_pairs(problem, role, main, mesh)
    pairs |= {
        _pair(one, other)
        for owners in held_by.values()
        for place, (one, _) in enumerate(owners)
        for other, _ in owners[place + 1 :]
    }
    near = {
        _pair(main[a], main[b])
        for a, b in mesh.corners.tolist()
        if a in main and b in main and main[a] != main[b]
    }
    return _Draft(
        scenario=row.name,
        role=role,
        kinds=kinds,
        held=held_by,
        incumbents=incumbents,
        moved=frozenset(moved),
        pairs=tuple(sorted(pairs)),
        near_pairs=tuple(sorted(near)),
        bases=_bases(problem, names, mesh),
    )


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _graph_pairs(
    problem: Problem, role: str, main: Mapping[int, str], mesh: Mesh
) -> set[tuple[str, str]]:
    """Owners that touch on the neighbour graphs of the role's teams."""
    whole = np.array([mesh.index[w] for w in problem.units.wholes], dtype=np.int64)
    found = set()
    for team in problem.teams:
        if team.role != role or not len(team.neighbours.pairs):
            continue
        ends = whole[problem.covers.unit[team.neighbours.pairs]]
        for a, b in np.unique(ends, axis=0).tolist():
            if a in main and b in main and main[a] != main[b]:
                found.add(_pair(main[a], main[b]))
    return found


def _bases(problem: Problem, names: Sequence[str], mesh: Mesh) -> dict[str, tuple[int, int]]:
    """Bases, drawn at the place of the nearest unit so that no map shows a home."""
    owners = problem.owners
    places = mesh.points[mesh.is_placed]
    found: dict[str, tuple[int, int]] = {}
    for name in names:
        index = problem.owner_index.get(name)
        if index is None or not owners.holds_territory[index] or not len(places):
            continue
        lat, lon = float(owners.latitude[index]), float(owners.longitude[index])
        if not (np.isfinite(lat) and np.isfinite(lon)):
            continue
        here = mesh.project.grid(mesh.project.metres(np.array([lon]), np.array([lat])))[0]
        nearest = places[((places - here) ** 2).sum(axis=1).argmin()]
        found[name] = (int(nearest[0]), int(nearest[1]))
    return found


def _coloured(drafts: Sequence[_Draft]) -> list[dict[str, str]]:
    """Fill by owner, map by map; an owner keeps the colour on all maps where possible."""

    def numbers(with_corners: bool) -> list[dict[str, int]]:
        maps = []
        for draft in drafts:
            owners = [owner for owner, kind in draft.kinds.items() if kind in COLOURED]
            known = set(owners)
            pairs = set(draft.pairs) | (set(draft.near_pairs) if with_corners else set())
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
            for owner, kind in draft.kinds.items()
        }
        for draft, own in zip(drafts, numbered, strict=True)
    ]


def _view(key: str, draft: _Draft, fills: Mapping[str, str], mesh: Mesh) -> MapView:
    by_owner: dict[str, list[int]] = {owner: [] for owner in draft.kinds}
    for at, owners in draft.held.items():
        by_owner[owners[0][0]].append(at)
    shapes, candidates = [], []
    for owner, units in by_owner.items():
        rings = mesh.outline([u for u in units if mesh.is_area[u]]) if units else ()
        dots = _dots(mesh, units)
        spot = _label_spot(rings, dots)
        if spot and draft.kinds[owner] in COLOURED:
            candidates.append((owner, *spot))
        shapes.append((owner, rings, dots))
    labels = _placed_labels(candidates, len(candidates))
    numbers = {owner: number for number, owner in enumerate(everybody(draft))}
    return MapView(
        key=key,
        scenario=draft.scenario,
        role=draft.role,
        shapes=tuple(
            TerritoryShape(
                owner=owner,
                kind=draft.kinds[owner],
                fill=fills[owner],
                area=path_text(rings),
                dots=dots_text(dots),
                label=labels.get(owner),
                base=draft.bases.get(owner),
                strays=_strays(draft.bases.get(owner), by_owner[owner], mesh),
            )
            for owner, rings, dots in shapes
        ),
        splits=tuple(_splits(draft, fills, mesh)),
        owners=tuple(numbers),
        owner_of=tuple(
            numbers[draft.held[at][0][0]] if at in draft.held else -1
            for at in range(len(mesh.units))
        ),
        incumbent_of=tuple(
            numbers[draft.incumbents[at]] if draft.incumbents.get(at) else -1
            for at in range(len(mesh.units))
        ),
        shares={
            str(at): ", ".join(f"{owner or 'nobody'} {share:.0%}" for owner, share in owners)
            for at, owners in draft.held.items()
            if len(owners) > 1
        },
        moved_area=path_text(mesh.outline(sorted(u for u in draft.moved if mesh.is_area[u]))),
        moved_dots=dots_text(_dots(mesh, sorted(draft.moved))),
    )


def everybody(draft: _Draft) -> list[str]:
    """Owners of the plan and of today, sorted."""
    return sorted(set(draft.kinds) | set(draft.incumbents.values()))


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


def _splits(draft: _Draft, fills: Mapping[str, str], mesh: Mesh) -> Iterable[SplitShape]:
    for at, owners in draft.held.items():
        if len(owners) > 1 and mesh.is_placed[at]:
            area = path_text(mesh.rings[at])
            dot = "" if area else dots_text([tuple(mesh.points[at].tolist())])
            yield SplitShape(mesh.units[at], area, dot, fills[owners[1][0]])


def _label_spot(
    rings: Sequence[Ring], dots: Sequence[tuple[int, int]]
) -> tuple[float, float, float] | None:
    """Middle of the widest place of a territory and its radius, grid steps."""
    if rings:
        shape = shapely.make_valid(
            shapely.union_all([shapely.Polygon(r).buffer(0) for r in _shells(rings)])
        )
        largest = max(shapely.get_parts(shape), key=lambda part: part.area, default=None)
        if largest is not None and largest.area > 0:
            line = shapely.maximum_inscribed_circle(largest, tolerance=4)
            (x, y), *_ = line.coords
            return float(x), float(y), float(line.length)
    if dots:
        middle = np.median(np.array(dots), axis=0)
        distance = np.hypot(*(np.array(dots) - middle).T)
        x, y = dots[int(distance.argmin())]
        return float(x), float(y), float(np.percentile(distance, 50)) + 10.0
    return None


def _shells(rings: Sequence[Ring]) -> list[Ring]:
    """The larger rings; holes matter little to where a label stands."""
    return [ring for ring in rings if len(ring) > 2]


def _placed_labels(
    candidates: Sequence[tuple[str, float, float, float]], count: int
) -> dict[str, tuple[int, int, int]]:
    """Labels that fit without covering one another, the widest territories first."""
    largest, smallest = LABEL_SIZES
    if count > 40:
        largest = 36
    taken: list[tuple[float, float, float, float]] = []
    placed: dict[str, tuple[int, int, int]] = {}
    for owner, x, y, radius in sorted(candidates, key=lambda c: (-c[3], c[0])):
        size = int(max(smallest, min(largest, radius * 0.9)))
        half_width, half_height = 0.31 * size * max(len(owner), 2), 0.55 * size
        box = (x - half_width, y - half_height, x + half_width, y + half_height)
        if radius < 9 or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        placed[owner] = (round(x), round(y), size)
    return placed


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _point_size(mesh: Mesh) -> int:
    """Width of a dot: smaller where there are many, grid steps."""
    dots = int((mesh.is_placed & ~mesh.is_area).sum())
    if not dots:
        return 0
    room = (mesh.width * mesh.height / dots) ** 0.5
    # Among areas dots must not hide what lies around them.
    return int(np.clip(0.55 * room, 7, 17 if mesh.is_area.any() else 24))
