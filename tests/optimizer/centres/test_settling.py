"""Bases settled on connected territories."""

from __future__ import annotations

import networkx as nx
import numpy as np
from teig.models.arrays import FloatArray, IndexArray
from teig.optimizer.territories.centres.placing import Placing
from teig.optimizer.territories.centres.settling import Settling, place_connected, settle


def grid(seed: int, side: int = 12) -> tuple[FloatArray, FloatArray, IndexArray]:
    """Units of a grid with two amounts, the second rare in one half, and their neighbours."""
    rng = np.random.default_rng(seed)
    at = np.indices((side, side)).reshape(2, -1).T.astype(np.float64)
    measures = rng.uniform(1.0, 2.0, (side * side, 2))
    measures[:, 1] *= np.where(at[:, 0] < side / 2, 1.0, 1.6)
    number = np.arange(side * side).reshape(side, side)
    across = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    down = np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)
    return 10.0 * at, measures, np.concatenate([across, down])


def test_the_plan_is_connected_balanced_and_worth_what_it_says() -> None:
    better = 0
    for seed in range(3):
        points, measures, edges = grid(seed)
        placing = Placing.of(points, measures, 5, 0.1)
        layout = placing.placed(np.random.default_rng(seed))
        first = Settling(placing, edges, seed).begun(layout)
        found = settle(placing, layout, edges, seed)
        better += found.value < first.value
        graph: nx.Graph[int] = nx.Graph(edges.tolist())
        share = measures / measures.sum(axis=0)
        total = 0.0
        for r, base in enumerate(found.bases.tolist()):
            held = np.flatnonzero(found.owner == r)
            assert nx.is_connected(graph.subgraph(held.tolist()))
            assert (np.abs(5.0 * share[held].sum(axis=0) - 1.0) <= 0.1 + 1e-6).all()
            away = np.linalg.norm(points[held] - points[base], axis=1)
            total += float((share[held, 0] * away).sum())
        assert np.isclose(total, found.value)
        assert found.value <= first.value
    assert better


def test_without_a_plan_the_bases_stay() -> None:
    """Two islands of unequal size have no balanced plan for one base each."""
    points = np.column_stack([np.arange(9.0), np.zeros(9)])
    edges = np.array([[0, 1], [2, 3], [3, 4], [4, 5], [5, 6], [6, 7], [7, 8]])
    placing = Placing.of(points, np.ones((9, 1)), 2, 0.1)
    layout = placing.placed(np.random.default_rng(1))
    found = settle(placing, layout, edges, 1)
    assert np.isinf(found.value)
    assert (found.bases == layout.bases).all()


def test_same_input_same_bases_and_one_base_is_the_median() -> None:
    rng = np.random.default_rng(2)
    latitude, longitude = rng.uniform(30, 45, 60), rng.uniform(-120, -70, 60)
    measures = rng.uniform(1.0, 2.0, (60, 1))
    order = np.argsort(longitude)
    edges = np.column_stack([order[:-1], order[1:]])
    first = place_connected(latitude, longitude, measures, 4, edges, seed=3)
    again = place_connected(latitude, longitude, measures, 4, edges, seed=3)
    assert (first.bases == again.bases).all()
    assert (first.owner == again.owner).all()
    assert (np.diff(first.bases) > 0).all()
    assert (first.owner[first.bases] == np.arange(4)).all()
    assert place_connected(latitude, longitude, measures, 1, edges).bases.shape == (1,)
