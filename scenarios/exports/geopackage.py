"""``plan.gpkg``: units, territories and bases of one scenario, for a GIS.

Layers
------
``units``
    One feature per row of ``assignments.csv``: who has the unit, who had it, its
    money. Polygons where the units have some, points otherwise; where there are both,
    points stand in ``unit_points``.
``territories``
    One feature per owner of each team: its units in one shape, with the figures of
    ``territories.csv``.
``bases``
    One point per rep and vacancy, at the place of the nearest unit, so that no file
    shows where somebody lives.

All in WGS 84. QGIS opens them in colours: neighbours never share one, what changes hands
is hatched, territories are labelled, overlays are hatched over the team below.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ...models.geodesy import great_circle_km
from ..audience import PLANNERS, Audience
from ..reports.palette import colour_of, number_colours
from .qgis_style import (
    GREY,
    NOBODY,
    Category,
    add_styles,
    bases_style,
    territories_style,
    units_style,
)

if TYPE_CHECKING:
    from ...models.problem import Problem
    from ..results import ScenarioResult

WGS84 = "EPSG:4326"
#: What stands where GDAL notes the time of writing: same plan, same bytes.
FIXED_TIME = "2000-01-01T00:00:00.000Z"


def write_geopackage(
    result: ScenarioResult, path: str | Path, *, audience: Audience = PLANNERS
) -> None:
    """Write the plan of a scenario; the same result gives the same bytes.

    Raises
    ------
    ValueError
        When the scenario has no plan.
    """
    if result.evaluation is None:
        raise ValueError(f"scenario {result.name!r} has no plan to draw")
    target = Path(path)
    target.unlink(missing_ok=True)
    layers = _layers(result)
    for layer, told in layers:
        # A shared file has no columns that nobody may read.
        frame = told[_shared_columns(told)] if audience.is_shared else told
        several = not (frame.geom_type == "Point").all()
        frame.to_file(
            target, layer=layer, driver="GPKG", engine="pyogrio", promote_to_multi=several
        )
    _finish(target, _styles(result, dict(layers), with_names=not audience.is_shared))


def _layers(result: ScenarioResult) -> list[tuple[str, gpd.GeoDataFrame]]:
    units = _units(result)
    is_area = units.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    layers = []
    if is_area.any():
        layers.append(("units", units[is_area]))
        if not is_area.all():
            layers.append(("unit_points", units[~is_area]))
    else:
        layers.append(("units", units))
    layers.append(("territories", _territories(result, units)))
    layers.append(("bases", _bases(result.problem)))
    return [(name, frame.reset_index(drop=True)) for name, frame in layers if len(frame)]


def _shared_columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [
        str(column)
        for column in frame.columns
        if column not in ("name", "potential", "sales")
        and (column == "geometry" or frame[column].notna().any())
    ]


def _units(result: ScenarioResult) -> gpd.GeoDataFrame:
    """Rows of the assignments with names, money and shapes; places unknown are left out."""
    assert result.evaluation is not None  # noqa: S101 - checked by the caller
    frame = result.evaluation.assignments.merge(unit_figures(result.problem), on="unit")
    for column in ("potential", "sales"):
        frame[column] = frame[column] * frame["share"]
    frame["moved"] = frame["moved"].astype(bool)
    shapes = _shapes(result)
    geometry = [shapes.get(unit) for unit in frame["unit"]]
    units = gpd.GeoDataFrame(frame, geometry=geometry, crs=WGS84)
    return units[~units.geometry.isna().to_numpy()]


def unit_figures(problem: Problem) -> pd.DataFrame:
    """One row per whole unit: ``unit, name, potential, sales``, parts put together."""
    units = problem.units
    frame = pd.DataFrame(
        {
            "unit": np.array(units.wholes, dtype=object),
            "name": [
                name.rsplit("#", 1)[0].rstrip() if whole != unit else name
                for unit, whole, name in zip(units.ids, units.wholes, units.names, strict=True)
            ],
            "potential": units.measures["potential"],
            "sales": units.measures["sales"],
        }
    )
    return frame.groupby("unit", as_index=False, sort=True).agg(
        name=("name", "first"), potential=("potential", "sum"), sales=("sales", "sum")
    )


def _shapes(result: ScenarioResult) -> dict[str, Any]:
    """Polygon or point of each whole unit; None where it has no place."""
    units = result.problem.units
    found: dict[str, Any] = {
        whole: shapely.Point(lon, lat) if np.isfinite(lat) and np.isfinite(lon) else None
        for whole, lat, lon in zip(units.wholes, units.latitude, units.longitude, strict=True)
    }
    if result.geometry is not None:
        frame = result.geometry
        if frame.crs is not None and not frame.crs.equals(WGS84):
            frame = frame.to_crs(WGS84)
        for unit, shape in zip(frame["unit"].astype(str), frame.geometry, strict=True):
            if unit in found and shape is not None and not shape.is_empty:
                found[unit] = shape if shape.is_valid else shapely.make_valid(shape)
    return found


def _territories(result: ScenarioResult, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Shapes of the owners' units put together; a shared unit goes with its largest share."""
    assert result.evaluation is not None  # noqa: S101 - checked by the caller
    main = units.sort_values(
        ["unit", "team", "share", "rep"], ascending=[True, True, False, True]
    ).drop_duplicates(["unit", "team"])
    rows = []
    for record in result.evaluation.territories.to_dict("records"):
        own = main[(main["team"] == record["team"]) & (main["rep"] == record["rep"])]
        if len(own):
            rows.append({**record, "geometry": _together(list(own.sort_values("unit").geometry))})
    if not rows:
        return gpd.GeoDataFrame({"rep": []}, geometry=[], crs=WGS84)
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=WGS84)


def _together(shapes: Sequence[Any]) -> Any:
    """One shape of many: areas without their inner borders, or all points."""
    areas = [shape for shape in shapes if shape.geom_type != "Point"]
    if not areas:
        return shapely.MultiPoint([shape for shape in shapes if shape.geom_type == "Point"])
    joined = shapely.union_all(areas)
    polygons = [part for part in shapely.get_parts(joined) if part.geom_type == "Polygon"]
    return shapely.normalize(shapely.MultiPolygon(polygons))


def _bases(problem: Problem) -> gpd.GeoDataFrame:
    owners, units = problem.owners, problem.units
    placed = np.flatnonzero(np.isfinite(units.latitude) & np.isfinite(units.longitude))
    rows = []
    for owner, rep in enumerate(owners.ids):
        lat, lon = float(owners.latitude[owner]), float(owners.longitude[owner])
        if not (owners.holds_territory[owner] and np.isfinite([lat, lon]).all() and len(placed)):
            continue
        away = great_circle_km(lat, lon, units.latitude[placed], units.longitude[placed])
        nearest = int(placed[int(away.argmin())])
        rows.append(
            {
                "rep": rep,
                "team": problem.teams[int(owners.team[owner])].name,
                "kind": str(owners.kinds[owner]),
                "unit": units.wholes[nearest],
                "geometry": shapely.Point(units.longitude[nearest], units.latitude[nearest]),
            }
        )
    if not rows:
        return gpd.GeoDataFrame({"rep": []}, geometry=[], crs=WGS84)
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=WGS84)


def _styles(
    result: ScenarioResult, layers: Mapping[str, gpd.GeoDataFrame], *, with_names: bool
) -> dict[str, str]:
    """QML by layer."""
    territories = layers.get("territories")
    if territories is None:
        return {}
    problem = result.problem
    colours = _colours(result, territories)
    primary = {team.name for team in problem.teams if team.role == "primary"}
    owners = problem.owners
    drawn = []
    # Primary teams first: QGIS draws what comes later on top.
    held = territories.sort_values(["team", "rep"], key=lambda c: c.astype(str))
    for team, rep in zip(held["team"].astype(str), held["rep"].astype(str), strict=True):
        name = owners.names[problem.owner_index[rep]]
        label = f"{rep} – {name}" if with_names and name != rep else rep
        label = label if len(problem.teams) == 1 else f"{label} ({team})"
        drawn.append(Category(rep, label, colours[rep], team not in primary))
    drawn.sort(key=lambda each: each.is_overlay)
    drawn.append(Category("", "nobody", NOBODY))
    styles = {}
    for layer, frame in layers.items():
        points = bool(frame.geom_type.isin(["Point", "MultiPoint"]).all())
        if layer in ("units", "unit_points"):
            styles[layer] = units_style(drawn, points=points)
        elif layer == "territories":
            styles[layer] = territories_style(drawn, points=points)
        else:
            styles[layer] = bases_style()
    return styles


def _colours(result: ScenarioResult, territories: gpd.GeoDataFrame) -> dict[str, str]:
    """Colour by rep: alike for none of a team whose territories touch; grey for the house."""
    owners = result.problem.owners
    reps = territories["rep"].astype(str).tolist()
    travels = {rep: bool(owners.holds_territory[result.problem.owner_index[rep]]) for rep in reps}
    numbers = number_colours([rep for rep in reps if travels[rep]], _touching(result, territories))
    return {rep: colour_of(numbers[rep]) if travels[rep] else GREY for rep in reps}


def _touching(result: ScenarioResult, territories: gpd.GeoDataFrame) -> set[tuple[str, str]]:
    """Pairs of reps of a team whose territories meet, on the map or on the neighbour graph."""
    assert result.plan is not None  # noqa: S101 - there is something to draw
    owner, ids = result.plan.owner, result.problem.owners.ids
    pairs = set()
    for team in result.problem.teams:
        own = territories[territories["team"].astype(str) == team.name]
        reps = own["rep"].astype(str).tolist()
        shapes = own.geometry.to_numpy()
        one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        pairs |= {
            (reps[a], reps[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True) if a < b
        }
        ends = owner[team.neighbours.pairs].reshape(-1, 2)
        ends = ends[(ends >= 0).all(axis=1) & (ends[:, 0] != ends[:, 1])]
        pairs |= {(ids[a], ids[b]) for a, b in np.unique(ends, axis=0).tolist()}
    return pairs


def _finish(path: Path, styles: Mapping[str, str]) -> None:
    """Add styles, overwrite the times of writing, and lay the pages anew: no trace is left.

    In a file of its own, since the old one's header counts how often it was written.
    """
    anew = path.with_name(f".{path.name}.anew")
    anew.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        if styles:
            add_styles(connection, styles, FIXED_TIME)
        connection.execute("UPDATE gpkg_contents SET last_change = ?", (FIXED_TIME,))
        connection.commit()
        connection.execute("VACUUM INTO ?", (str(anew),))
    anew.replace(path)
