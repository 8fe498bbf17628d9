"""The drawing: borders stay shared, outlines hold what they should, the poles stand still."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.scenarios.reports.mesh import GRID, Mesh, Ring, draw_mesh, path_text

from ...real_data import needs
from .hand_made import COLUMNS, ROWS, grid_geometry, grid_pairs, grid_units


def grid_mesh() -> Mesh:
    units = grid_units()
    return draw_mesh(
        list(units["unit"]),
        units["latitude"].to_numpy(),
        units["longitude"].to_numpy(),
        list(grid_geometry().geometry),
    )


def signed_area(ring: Ring) -> float:
    x, y = np.array(ring).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def parsed(path: str) -> list[Ring]:
    """Rings that an SVG path draws, read by a reader of its own."""
    rings = []
    for part in path.split("z")[:-1]:
        numbers = [int(n) for n in re.findall(r"-?\d+", part)]
        x, y = numbers[:2]
        ring = [(x, y)]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            x, y = x + dx, y + dy
            ring.append((x, y))
        rings.append(tuple(ring))
    return rings


def test_units_that_share_a_side_are_neighbours_and_no_others() -> None:
    assert grid_mesh().borders.tolist() == sorted(map(list, grid_pairs()))
    corners = grid_mesh().corners.tolist()
    assert [0, COLUMNS + 1] in corners
    assert len(corners) == len(grid_pairs()) + 2 * (COLUMNS - 1) * (ROWS - 1)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.sets(st.integers(0, COLUMNS * ROWS - 1), min_size=1))
def test_an_outline_encloses_its_units_and_nothing_else(chosen: set[int]) -> None:
    mesh = grid_mesh()
    outline = mesh.outline(sorted(chosen))
    inside = sum(signed_area(ring) for unit in chosen for ring in mesh.rings[unit])
    assert sum(map(signed_area, outline)) == inside > 0
    edges = sum(len(ring) for unit in chosen for ring in mesh.rings[unit])
    assert sum(map(len, outline)) <= edges


def test_a_ring_of_units_has_a_hole_in_its_outline() -> None:
    around = [0, 1, 2, COLUMNS, COLUMNS + 2, 2 * COLUMNS, 2 * COLUMNS + 1, 2 * COLUMNS + 2]
    areas = sorted(map(signed_area, grid_mesh().outline(around)))
    assert len(areas) == 2
    assert areas[0] < 0 < areas[1]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(-9, 3000), st.integers(-9, 3000)), min_size=3, max_size=9),
        max_size=3,
    )
)
def test_a_path_draws_the_rings_it_was_made_of(rings: list[list[tuple[int, int]]]) -> None:
    made = [tuple(ring) for ring in rings]
    assert parsed(path_text(made)) == made


def test_a_border_stays_shared_when_it_is_simplified() -> None:
    wiggle = [(0.5 + 0.004 * np.sin(9 * t), t) for t in np.linspace(0, 1, 400)]
    left = shapely.Polygon([(0, 0), *wiggle, (0, 1)])
    right = shapely.Polygon([(1, 0), *wiggle, (1, 1)])
    mesh = draw_mesh(["a", "b"], np.full(2, np.nan), np.full(2, np.nan), [left, right])
    assert mesh.borders.tolist() == [[0, 1]]
    assert sum(len(ring) for ring in mesh.rings[0]) < 300
    both = sum(signed_area(ring) for unit in mesh.rings for ring in unit)
    assert sum(map(signed_area, mesh.outline([0, 1]))) == both


def test_units_without_a_polygon_are_points_and_those_without_a_place_are_not_drawn() -> None:
    empty, line = shapely.Polygon(), shapely.LineString([(0, 0), (1, 1)])
    mesh = draw_mesh(
        ["a", "b", "c", "d"],
        np.array([60.0, 60.1, np.nan, 60.2]),
        np.array([10.0, 10.1, np.nan, 10.2]),
        [empty, line, None, shapely.box(10.0, 60.1, 10.2, 60.3)],
    )
    assert mesh.is_area.tolist() == [False, False, False, True]
    assert mesh.is_placed.tolist() == [True, True, False, True]


def test_a_market_without_any_place_can_be_drawn() -> None:
    mesh = draw_mesh(["a"], np.array([np.nan]), np.array([np.nan]))
    assert not mesh.is_placed.any()
    assert mesh.outline([]) == ()


def test_a_polygon_that_crosses_itself_is_mended() -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    mesh = draw_mesh(["a"], np.array([0.5]), np.array([0.5]), [bow])
    assert mesh.is_area.all()
    assert all(signed_area(ring) > 0 for ring in mesh.rings[0])


def test_north_is_up_and_the_date_line_is_no_border() -> None:
    mesh = draw_mesh(
        ["east", "north", "west"], np.array([0.0, 5.0, 0.0]), np.array([-178.0, 180.0, 178.0])
    )
    east, north, west = mesh.points.tolist()
    assert west[0] < north[0] < east[0]
    assert north[1] < west[1]
    assert max(mesh.width, mesh.height) <= GRID + 2


def test_real_counties_keep_their_neighbours_and_fit_the_grid() -> None:
    folder = needs("us-counties")
    frame = gpd.read_file(folder / "units.geojson")
    nowhere = np.full(len(frame), np.nan)
    mesh = draw_mesh(sorted(frame["id"]), nowhere, nowhere, list(frame.sort_values("id").geometry))
    # Cities smaller than a step of the grid become dots.
    assert mesh.is_area.sum() > 3_100
    assert mesh.is_placed.all()
    assert len(mesh.borders) > 8_500
    text = "".join(path_text(rings) for rings in mesh.rings)
    assert len(text) < 600_000
    assert mesh.width <= GRID + 2
