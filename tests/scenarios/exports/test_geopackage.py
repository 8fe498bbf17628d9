"""plan.gpkg read back by geopandas."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import geopandas as gpd
import pyogrio
import pytest
import shapely
from teig.models.plan import Plan
from teig.scenarios.exports import write_geopackage

from ..reports.hand_made import grid_geometry, grid_problem, grid_run, make_result


def layers(path: Path) -> dict[str, gpd.GeoDataFrame]:
    shapes = [name for name, kind in pyogrio.list_layers(path) if kind is not None]
    return {str(name): gpd.read_file(path, layer=name) for name in shapes}


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


def styles(path: Path) -> dict[str, Element]:
    """QML of the default style of each layer."""
    query = "SELECT f_table_name, f_geometry_column, styleQML FROM layer_styles WHERE useAsDefault"
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(query).fetchall()
        known = set(connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    assert {(layer, column) for layer, column, _ in rows} == known
    return {layer: fromstring(qml.split("\n", 1)[1]) for layer, _, qml in rows}  # noqa: S314


def colours(style: Element) -> dict[str, str]:
    """Colour by value of a category: that of its symbol's first layer."""
    symbols = {
        s.get("name"): s.find("./layer/Option/Option[@name='color']") for s in style.iter("symbol")
    }
    found = {}
    for category in style.iter("category"):
        option = symbols[category.get("symbol")]
        assert option is not None
        found[str(category.get("value"))] = str(option.get("value"))
    return found


def test_qgis_opens_every_layer_in_colours_that_neighbours_do_not_share(tmp_path: Path) -> None:
    result = grid_run(grid_geometry()).scenarios[0]
    write_geopackage(result, tmp_path / "plan.gpkg")
    frames = layers(tmp_path / "plan.gpkg")
    found = styles(tmp_path / "plan.gpkg")
    assert set(found) == {"units", "territories", "bases"}
    by_rep = colours(found["territories"])
    assert by_rep == colours(found["units"])
    assert set(frames["units"]["rep"]) <= set(by_rep)
    territories = frames["territories"].set_index("rep").geometry
    touching = [
        (a, b) for a in territories.index for b in territories.index
        if a < b and territories[a].intersects(territories[b])
    ]  # fmt: skip
    assert len(touching) >= 2
    assert all(by_rep[a] != by_rep[b] for a, b in touching)
    labels = [c.get("label") for c in found["units"].iter("category")]
    assert labels == ["R01", "R02", "R03", "nobody"]
    assert found["territories"].get("labelsEnabled") == "1"
    # What changes hands is hatched: a second layer that follows the column.
    follows = {
        o.get("value") for o in found["units"].iter("Option") if o.get("name") == "expression"
    }
    assert follows == {'"moved"'}


def test_points_get_markers(tmp_path: Path) -> None:
    write_geopackage(grid_run(None).scenarios[0], tmp_path / "plan.gpkg")
    found = styles(tmp_path / "plan.gpkg")
    for layer in ("units", "territories"):
        kinds = {symbol.get("type") for symbol in found[layer].iter("symbol")}
        assert kinds == {"marker"}
