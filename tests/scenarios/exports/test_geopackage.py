"""plan.gpkg read back by geopandas."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from teig.models.plan import Plan
from teig.scenarios.exports import write_geopackage

from ..reports.hand_made import grid_geometry, grid_problem, grid_run, make_result


def layers(path: Path) -> dict[str, gpd.GeoDataFrame]:
    return {str(name): gpd.read_file(path, layer=name) for name in pyogrio.list_layers(path)[:, 0]}


def test_layers_hold_the_plan(tmp_path: Path) -> None:
    result = grid_run(grid_geometry()).scenarios[0]
    write_geopackage(result, tmp_path / "plan.gpkg")
    found = layers(tmp_path / "plan.gpkg")
    assert set(found) == {"units", "territories", "bases"}
    units = found["units"].set_index("unit")
    assert len(units) == 24
    assert units.loc["0005", "rep"] == "R02"
    assert units.loc["0005", "incumbent"] == "R03"
    assert units["moved"].sum() == 2
    assert units.loc["0005", "name"] == "Tromsø 5"
    assert units.loc["0005", "potential"] == 1_200_000.0
    assert found["units"].crs.to_epsg() == 4326


def test_territories_are_the_units_put_together(tmp_path: Path) -> None:
    result = grid_run(grid_geometry()).scenarios[0]
    write_geopackage(result, tmp_path / "plan.gpkg")
    found = layers(tmp_path / "plan.gpkg")
    territories = found["territories"].set_index("rep")
    assert set(territories.index) == {"R01", "R02", "R03"}
    for rep, own in found["units"].groupby("rep"):
        shape = territories.loc[rep, "geometry"]
        assert shape.area == pytest.approx(sum(square.area for square in own.geometry))
        assert all(part.geom_type == "Polygon" for part in shapely.get_parts(shape))
    assert territories.loc["R02", "units"] == 10
    assert "utilisation" in territories


def test_bases_stand_at_a_unit_not_at_home(tmp_path: Path) -> None:
    problem = grid_problem()
    result = make_result("base", problem, Plan.incumbent(problem), grid_geometry())
    write_geopackage(result, tmp_path / "plan.gpkg")
    bases = layers(tmp_path / "plan.gpkg")["bases"]
    assert sorted(bases["rep"]) == ["R01", "R02", "R03"]
    places = set(zip(problem.units.longitude, problem.units.latitude, strict=True))
    assert {(point.x, point.y) for point in bases.geometry} <= places
    assert set(bases.geom_type) == {"Point"}


def test_without_polygons_units_are_points(tmp_path: Path) -> None:
    write_geopackage(grid_run().scenarios[0], tmp_path / "plan.gpkg")
    found = layers(tmp_path / "plan.gpkg")
    assert set(found["units"].geom_type) == {"Point"}
    assert set(found["territories"].geom_type) == {"MultiPoint"}


def test_areas_and_points_have_a_layer_each(tmp_path: Path) -> None:
    some = grid_geometry().iloc[:20]
    write_geopackage(grid_run(some).scenarios[0], tmp_path / "plan.gpkg")
    found = layers(tmp_path / "plan.gpkg")
    assert (len(found["units"]), len(found["unit_points"])) == (20, 4)


def test_the_same_plan_gives_the_same_bytes_also_over_an_old_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one.gpkg", tmp_path / "other.gpkg"
    result = grid_run(grid_geometry()).scenarios[0]
    write_geopackage(result, one)
    write_geopackage(grid_run(grid_geometry()).scenarios[1], other)
    assert one.read_bytes() != other.read_bytes()
    write_geopackage(result, other)
    assert one.read_bytes() == other.read_bytes()
    with closing(sqlite3.connect(one)) as connection:
        times = {row[0] for row in connection.execute("SELECT last_change FROM gpkg_contents")}
    assert times == {"2000-01-01T00:00:00.000Z"}


def test_no_plan_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no plan to draw"):
        write_geopackage(make_result("too few", grid_problem(), None), tmp_path / "plan.gpkg")
    assert not (tmp_path / "plan.gpkg").exists()
