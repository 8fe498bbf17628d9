"""Neighbour graphs against plain definitions, and against the pairs that come with real data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from teig.models.arrays import FloatArray, IndexArray
from teig.models.geodesy import great_circle_km
from teig.models.neighbours import (
    TeamUnits,
    area_graph,
    border_pairs,
    empty_graph,
    given_graph,
    link_components,
    planar_pairs,
    point_graph,
    team_neighbours,
)
from teig.models.neighbours.links import pieces_of

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


def box(column: int, row: int, size: float = 0.5) -> shapely.Polygon:
    """A cell of a grid at 60° north."""
    x, y = 10 + column * size, 60 + row * size
    return shapely.box(x, y, x + size, y + size)


def as_sets(pairs: IndexArray) -> set[frozenset[int]]:
    return {frozenset(pair) for pair in pairs.tolist()}


def team(
    latitude: list[float],
    longitude: list[float],
    *,
    free: list[bool] | None = None,
    parts: list[int] | None = None,
    shapes: NDArray[Any] | None = None,
    units: list[int] | None = None,
) -> TeamUnits:
    n = len(latitude)
    counts = parts or [1] * n
    starts = np.cumsum(counts) - counts
    return TeamUnits(
        np.array(units if units is not None else range(n), dtype=np.int64),
        np.array(free or [True] * n),
        tuple(tuple(range(s, s + c)) for s, c in zip(starts.tolist(), counts, strict=True)),
        np.array(latitude, dtype=float),
        np.array(longitude, dtype=float),
        shapes,
        tuple(f"U{i}" for i in range(n)),
    )


# --- points


def gabriel_by_definition(lat: FloatArray, lon: FloatArray) -> set[frozenset[int]]:
    """Pairs with no third point in the ball that has them as its diameter."""
    phi, lam = np.radians(lat), np.radians(lon)
    xyz = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    found = set()
    for a in range(len(lat)):
        for b in range(a + 1, len(lat)):
            inside = ((xyz[a] - xyz) * (xyz[b] - xyz)).sum(axis=1) < 0
            inside[[a, b]] = False
            if not inside.any():
                found.add(frozenset((a, b)))
    return found


edges_seen: list[int] = []


@settings(derandomize=True, deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 40), west=st.sampled_from([-10.0, 175.0]))
def test_points_are_joined_as_defined(seed: int, count: int, west: float) -> None:
    generator = np.random.default_rng(seed)
    lat = generator.uniform(50, 70, count)
    lon = (generator.uniform(west, west + 15, count) + 180) % 360 - 180
    pairs = planar_pairs(lat, lon)
    edges_seen.append(len(pairs))
    assert as_sets(pairs) == gabriel_by_definition(lat, lon)
    graph: nx.Graph[int] = nx.Graph(pairs.tolist())
    assert nx.is_connected(graph)
    assert len(graph) == count
    assert nx.check_planarity(graph)[0]
    assert (pairs[:, 0] < pairs[:, 1]).all()


def test_graphs_of_points_had_edges() -> None:
    assert sum(edges_seen) > 500


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        ([60.0], [10.0], set()),
        ([60.0, 61.0], [10.0, 10.0], {(0, 1)}),
        ([60.0, 60.0, 60.0], [10.0, 10.0, 10.0], {(0, 1), (1, 2)}),
        ([60.0, 60.0, 61.0], [10.0, 10.0, 10.0], {(0, 1), (0, 2)}),
        ([62.0, 60.0, 61.0, 63.0], [10.0] * 4, {(1, 2), (0, 2), (0, 3)}),
    ],
)
def test_few_points_doubles_and_lines(
    latitude: list[float], longitude: list[float], expected: set[tuple[int, int]]
) -> None:
    pairs = planar_pairs(np.array(latitude), np.array(longitude))
    assert set(map(tuple, pairs.tolist())) == expected


def test_a_regular_grid_is_connected_and_planar() -> None:
    lat, lon = (x.ravel() for x in np.meshgrid(np.arange(50, 56, 0.5), np.arange(5, 11, 0.5)))
    graph: nx.Graph[int] = nx.Graph(planar_pairs(lat, lon).tolist())
    assert len(graph) == len(lat)
    assert nx.is_connected(graph)


# --- areas


def test_areas_that_touch_at_a_corner_are_no_neighbours() -> None:
    cells = np.array([box(0, 0), box(1, 0), box(0, 1), box(1, 1)], dtype=object)
    pairs, metres = border_pairs(cells)
    assert set(map(tuple, pairs.tolist())) == {(0, 1), (0, 2), (1, 3), (2, 3)}
    height = float(great_circle_km(60, 10.5, 60.5, 10.5)) * 1000
    assert metres[0] == pytest.approx(height, rel=0.02)


@pytest.mark.parametrize("gap", [-0.0001, 0.0001])
def test_small_gaps_and_overlaps_do_not_part_areas(gap: float) -> None:
    right = shapely.transform(box(1, 0), lambda xy: xy + np.array([gap, 0.0]))
    pairs, metres = border_pairs(np.array([box(0, 0), right], dtype=object))
    assert pairs.tolist() == [[0, 1]]
    assert metres[0] > 50_000
    far = shapely.transform(box(1, 0), lambda xy: xy + np.array([0.01, 0.0]))
    assert not len(border_pairs(np.array([box(0, 0), far], dtype=object))[0])


def test_no_areas() -> None:
    assert border_pairs(np.array([], dtype=object))[0].shape == (0, 2)


@pytest.mark.parametrize(("folder", "least"), [("us-counties", 0.998), ("norway", 0.98)])
def test_borders_agree_with_given_pairs(folder: str, least: float) -> None:
    if not (SHARED / folder).is_dir():
        pytest.skip(f"the data folder {folder} is not beside this checkout")
    areas = gpd.read_file(SHARED / folder / "units.geojson")
    given_pairs = pd.read_csv(SHARED / folder / "adjacency.csv", dtype={"a": str, "b": str})
    pairs, _ = border_pairs(areas.geometry.to_numpy())
    ids = areas["id"].tolist()
    ours = {frozenset((ids[a], ids[b])) for a, b in pairs.tolist()}
    borders = given_pairs.loc[given_pairs["kind"] == "border", ["a", "b"]]
    theirs = {frozenset(pair) for pair in borders.to_numpy().tolist()}
    agreement = len(ours & theirs) / len(ours | theirs)
    sys.stderr.write(f"{folder}: {len(ours & theirs)} of {len(ours | theirs)} borders agree\n")
    assert agreement >= least
    middle = areas.geometry.representative_point()
    links = link_components(
        pairs, middle.y.to_numpy(), middle.x.to_numpy(), areas.geometry.to_numpy()
    )
    joined = np.vstack([pairs, [(link.a, link.b) for link in links]])
    assert pieces_of(len(areas), joined)[0] == 1
    over_water = given_pairs.loc[given_pairs["kind"] != "border", ["a", "b"]].to_numpy().tolist()
    known = {frozenset(pair) for pair in over_water}
    same = sum(frozenset((ids[link.a], ids[link.b])) in known for link in links)
    assert len(links) == len(known)
    assert same >= 0.9 * len(known)


# --- links


def shortest_by_definition(piece: list[int], lat: FloatArray, lon: FloatArray) -> float:
    graph: nx.Graph[int] = nx.Graph()
    for a in range(len(lat)):
        for b in range(a + 1, len(lat)):
            km = float(great_circle_km(lat[a], lon[a], lat[b], lon[b]))
            graph.add_edge(a, b, weight=0.0 if piece[a] == piece[b] else km)
    return float(nx.minimum_spanning_tree(graph).size(weight="weight"))


links_seen: list[int] = []


@settings(derandomize=True, deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), groups=st.integers(1, 6))
def test_links_are_the_shortest(seed: int, groups: int) -> None:
    generator = np.random.default_rng(seed)
    lat, lon = generator.uniform(55, 65, 25), generator.uniform(5, 15, 25)
    piece = generator.integers(0, groups, 25).tolist()
    chains = [
        (a, b)
        for g in range(groups)
        for a, b in zip(
            *(lambda m: (m[:-1], m[1:]))(  # neighbours along each group
                [i for i in range(25) if piece[i] == g]
            ),
            strict=True,
        )
    ]
    pairs = np.array(chains, dtype=np.int64).reshape(-1, 2)
    links = link_components(pairs, lat, lon)
    links_seen.append(len(links))
    total = sum(link.kilometres for link in links)
    assert total == pytest.approx(shortest_by_definition(piece, lat, lon), abs=0.01)
    joined = np.vstack([pairs, np.array([(k.a, k.b) for k in links]).reshape(-1, 2)])
    assert pieces_of(25, joined.astype(np.int64))[0] == 1


def test_links_were_made() -> None:
    assert sum(links_seen) > 30


def test_an_island_is_linked_at_its_shore_not_at_its_middle() -> None:
    # The island's middle is nearer to cell 1's middle, its shore to cell 0's.
    long = shapely.box(10, 60, 12, 60.5)
    island = shapely.box(9.0, 60, 9.9, 60.5)
    near_middle = shapely.box(10, 60.5, 10.4, 61)
    shapes = np.array([long, near_middle, island], dtype=object)
    middle = [shape.centroid for shape in shapes]
    links = link_components(
        np.array([[0, 1]]), np.array([m.y for m in middle]), np.array([m.x for m in middle]), shapes
    )
    assert [(link.a, link.b) for link in links] == [(0, 2)]
    assert links[0].kilometres == pytest.approx(5.5, abs=0.2)


def test_a_barrier_is_not_linked_across() -> None:
    lat, lon = np.array([60.0, 60.0, 60.0]), np.array([10.0, 10.1, 11.0])
    none = np.empty((0, 2), dtype=np.int64)
    plain = [(k.a, k.b) for k in link_components(none, lat, lon)]
    walled = [(k.a, k.b) for k in link_components(none, lat, lon, None, np.array([[0, 1]]))]
    assert plain == [(0, 1), (1, 2)]
    assert (0, 1) not in walled


# --- teams


def test_the_house_does_not_join_what_lies_on_either_side() -> None:
    cells = np.array([box(c, 0) for c in range(5)], dtype=object)
    lat, lon = [60.25] * 5, [10.25 + 0.5 * c for c in range(5)]
    graph = area_graph(cells, np.array(lat), np.array(lon))
    plain, notes = team_neighbours(graph, team(lat, lon, shapes=cells))
    assert as_sets(plain.pairs) == {frozenset((c, c + 1)) for c in range(4)}
    assert notes == ()
    held = team(lat, lon, shapes=cells, free=[True, True, False, True, True])
    linked, notes = team_neighbours(graph, held)
    assert "link" in linked.kinds
    link = linked.pairs[linked.kinds.index("link")].tolist()
    assert link == [1, 3]
    assert len(notes) == 1
    assert "U1 and U3 are linked over 2" in notes[0]
    assert as_sets(linked.pairs) == as_sets(plain.pairs) | {frozenset((1, 3))}


def test_a_team_sees_only_its_own_units() -> None:
    mine = team([60.0, 60.0], [10.0, 10.2], units=[0, 2])
    neighbours, notes = team_neighbours(point_graph(3), mine)
    assert neighbours.pairs.tolist() == [[0, 1]]
    assert neighbours.kinds == ("point",)
    assert notes == ()


def test_parts_border_on_each_other_and_on_all_neighbours() -> None:
    graph = given_graph(3, np.array([[0, 1], [1, 2]]), ["border", ""])
    neighbours, _ = team_neighbours(graph, team([60, 61, 62], [10, 10, 10], parts=[1, 3, 2]))
    kinds = dict(zip(map(tuple, neighbours.pairs.tolist()), neighbours.kinds, strict=True))
    assert {pair for pair, kind in kinds.items() if kind == "border"} == {(0, 1), (0, 2), (0, 3)}
    assert {pair for pair, kind in kinds.items() if kind == "part"} == {
        (1, 2), (1, 3), (2, 3), (4, 5)
    }  # fmt: skip
    assert sum(kind == "given" for kind in kinds.values()) == 6


def test_given_pairs_barriers_and_words() -> None:
    pairs = np.array([[1, 0], [0, 1], [2, 1], [2, 3], [3, 2]])
    graph = given_graph(4, pairs, ["", "border", "sea_link", "x", "barrier"])
    neighbours, notes = team_neighbours(graph, team([60, 60, 60, 60], [10, 11, 12, 13]))
    kinds = dict(zip(map(tuple, neighbours.pairs.tolist()), neighbours.kinds, strict=True))
    # 2 and 3 are parted, so 3 hangs on another unit, if on any.
    assert kinds[0, 1] == "given"
    assert kinds[1, 2] == "link"
    assert (2, 3) not in kinds
    assert len(notes) == 1


def test_accounts_join_the_area_around_them_and_its_neighbours() -> None:
    shapes = np.array([box(0, 0), box(1, 0), box(2, 0), None, None], dtype=object)
    lat = np.array([60.25, 60.25, 60.25, 60.1, 60.3])
    lon = np.array([10.25, 10.75, 11.25, 10.1, 10.7])
    graph = area_graph(shapes, lat, lon)
    neighbours, notes = team_neighbours(graph, team(lat.tolist(), lon.tolist(), shapes=shapes))
    kinds = dict(zip(map(tuple, neighbours.pairs.tolist()), neighbours.kinds, strict=True))
    assert {pair for pair, kind in kinds.items() if kind == "border"} == {(0, 1), (1, 2)}
    assert {pair for pair, kind in kinds.items() if kind == "point"} == {
        (0, 3), (1, 3), (0, 4), (1, 4), (2, 4)
    }  # fmt: skip
    assert notes == ()
    # Without the areas, the accounts are a market of points.
    alone, _ = team_neighbours(
        graph, team([60.1, 60.3], [10.1, 10.7], units=[3, 4], shapes=shapes[3:])
    )
    assert alone.pairs.tolist() == [[0, 1]]
    assert alone.kinds == ("point",)


def test_units_without_a_place_are_named() -> None:
    neighbours, notes = team_neighbours(
        point_graph(3), team([60.0, float("nan"), 61.0], [10.0, float("nan"), 10.0])
    )
    assert neighbours.pairs.tolist() == [[0, 2]]
    assert notes == ("cut off from the rest of the map: 1 unit, U1",)
    assert team_neighbours(empty_graph(2), team([60, 61], [10, 10]))[0].pairs.shape == (0, 2)
