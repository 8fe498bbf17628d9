"""Units that no connected territory can hold, against every connected set there is."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
from teig.models.arrays import FloatArray, IndexArray
from teig.optimizer.explain import cornered_items
from teig.optimizer.territories.model import AssignmentModel, Resource

from ...plain_models import plain_model

OWNERS = 3


def market(values: FloatArray, edges: IndexArray, low: float, high: float) -> AssignmentModel:
    """Three alike owners, a hard range for each measure, contiguity."""
    n, who, none = values.shape[1], np.ones(OWNERS, dtype=np.bool_), np.zeros(OWNERS)
    ranges = tuple(
        Resource(
            f"measure{k}", np.repeat(row, OWNERS), np.full(OWNERS, low), np.full(OWNERS, high),
            who, np.inf, none, none, per_item=True,
        )
        for k, row in enumerate(values)
    )  # fmt: skip
    return plain_model(np.zeros((n, OWNERS)), edges, ranges)


def fits(item: int, values: FloatArray, edges: IndexArray, low: float, high: float) -> bool:
    """Whether some connected set with the item keeps every range, by trying all of them."""
    graph: nx.Graph[int] = nx.Graph(edges.tolist())
    graph.add_nodes_from(range(values.shape[1]))
    others = [i for i in range(values.shape[1]) if i != item]
    for size in range(len(others) + 1):
        for rest in itertools.combinations(others, size):
            chosen = [item, *rest]
            sums = values[:, chosen].sum(axis=1)
            held = bool((sums >= low).all() and (sums <= high).all())
            if held and nx.is_connected(graph.subgraph(chosen)):
                return True
    return False


def test_only_units_that_fit_nowhere_are_named() -> None:
    rng = np.random.default_rng(7)
    named = spared = 0
    for _ in range(40):
        n = int(rng.integers(6, 10))
        values = rng.integers(1, 10, (2, n)).astype(np.float64)
        values[0, 0], values[1, 0] = 2.0, 12.0
        tree = [(int(rng.integers(0, i)), i) for i in range(1, n)]
        more = rng.integers(0, n, (3, 2))
        edges = np.array(tree + more[more[:, 0] != more[:, 1]].tolist())
        low, high = 15.0, 18.0
        found = {one.item for one in cornered_items(market(values, edges, low, high))}
        for item in found:
            assert not fits(item, values, edges, low, high)
        if fits(0, values, edges, low, high):
            spared += 1
        else:
            named += 0 in found
    assert named > 10
    assert spared > 3


def test_a_rich_unit_behind_a_rich_neighbour_is_named_with_its_shares() -> None:
    values = np.array([[2.0, 5.0, 9.0, 9.0], [9.0, 8.0, 1.0, 1.0]])
    edges = np.array([[0, 1], [1, 2], [2, 3], [3, 2]])
    found = {one.item: one for one in cornered_items(market(values, edges, 14.0, 16.0))}[0]
    assert found.rules == ("measure0", "measure1")
    assert found.shares == (2.0 / (16.0 * (1 + 1e-6)), 9.0 / (16.0 * (1 + 1e-6)))


def test_one_measure_or_no_contiguity_corners_nobody() -> None:
    values = np.array([[2.0, 5.0, 9.0, 9.0]])
    edges = np.array([[0, 1], [1, 2], [2, 3]])
    assert cornered_items(market(values, edges, 14.0, 16.0)) == ()
