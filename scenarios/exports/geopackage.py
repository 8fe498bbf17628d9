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

All in WGS 84.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ...models.geodesy import great_circle_km
from ..audience import PLANNERS, Audience

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
    for layer, told in _layers(result):
        # A shared file has no columns that nobody may read.
        frame = told[_shared_columns(told)] if audience.is_shared else told
        several = not (frame.geom_type == "Point").all()
        frame.to_file(
            target, layer=layer, driver="GPKG", engine="pyogrio", promote_to_multi=several
        )
    _fix_time(target)


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


def _fix_time(path: Path) -> None:
    """Overwrite the times of writing, and lay the pages anew so that no trace is left."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE gpkg_contents SET last_change = ?", (FIXED_TIME,))
        connection.commit()
        connection.execute("VACUUM")
