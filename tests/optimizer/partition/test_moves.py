"""Sums that moves keep are what they would be if they were counted anew."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from teig.models.arrays import IndexArray
from teig.optimizer.territories.compiled import compiled
from teig.optimizer.territories.partition import PartitionModel
from teig.optimizer.territories.partition.annealing import judge
from teig.optimizer.territories.partition.start import starting_plan
from teig.optimizer.territories.partition.state import (
    BORDER,
    CUTS,
    FAR,
    LIMIT,
    STEP,
    Draft,
    Ground,
    all_beyond,
    beyond,
    draft_of,
    ground_of,
    load_plan,
    move,
    stays_connected,
)

from .alike_problems import grid_model


@compiled
def _connected(ground: Ground, draft: Draft, unit: int) -> bool:
    return stays_connected(ground, draft, unit)


@compiled
def _load(ground: Ground, draft: Draft, plan: IndexArray) -> None:
    load_plan(ground, draft, plan)


@compiled
def _shift(ground: Ground, draft: Draft, unit: int, target: int) -> None:
    source = draft.owner[unit]
    draft.real[FAR] += beyond(ground, draft, unit, target, draft.size[target])
    draft.real[FAR] -= beyond(ground, draft, unit, source, draft.size[source])
    move(ground, draft, unit, target)


@compiled
def _far(ground: Ground, draft: Draft) -> float:
    return all_beyond(ground, draft)


def _graph(model: PartitionModel) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(model.units))
    graph.add_edges_from(model.edges.tolist())
    return graph


@pytest.mark.parametrize("deep", [False, True])
def test_incremental_equals_naive_along_a_random_walk(deep: bool) -> None:
    model = grid_model(9, 8, 5, 4, diameter=1.0, deep=deep)
    ground, rng = ground_of(model, 10.0, 1.0), np.random.default_rng(2)
    draft, graph = draft_of(ground, 5), _graph(model)
    plan = starting_plan(ground, 5, rng)
    limit = float(np.floor(3.0e10))
    draft.real[LIMIT] = limit
    _load(ground, draft, plan)
    refused = moved = 0
    for _ in range(1500):
        unit = int(draft.border[rng.integers(draft.whole[BORDER])])
        target = int(draft.owner[rng.choice(sorted(graph[unit]))])
        source = int(draft.owner[unit])
        if target == source or draft.size[source] == 1:
            continue
        rest = [int(u) for u in np.flatnonzero(draft.owner == source) if u != unit]
        whole = nx.is_connected(graph.subgraph(rest))
        assert _connected(ground, draft, unit) == whole
        if not whole:
            refused += 1
            continue
        _shift(ground, draft, unit, target)
        moved += 1
        owner = draft.owner
        assert draft.real[CUTS] == model.cuts(owner)
        assert draft.load.T * model.activities.sum(axis=1)[:, None] / 5 == pytest.approx(
            model.loads(owner)
        )
        foreign = {int(a) for e in model.edges for a in e if owner[e[0]] != owner[e[1]]}
        assert set(draft.border[: draft.whole[BORDER]].tolist()) == foreign
        assert draft.real[FAR] == _naive_far(ground, owner, limit)
        assert _far(ground, draft) == draft.real[FAR]
    assert moved > 300
    assert refused > 20


def _naive_far(ground: Ground, owner: IndexArray, limit: float) -> float:
    points = np.column_stack([ground.x, ground.y, ground.z])
    square = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    same = np.triu(owner[:, None] == owner[None], 1)
    over = square[same & (square > limit)] - limit
    return float(over.sum() + len(over) * np.floor(STEP * limit))


def test_a_plan_without_fault_is_kept_with_its_own_diameter() -> None:
    model = grid_model(6, 5, 3, 1, diameter=1.0, tight=0.5)
    ground = ground_of(model, 10.0, 1.0)
    draft = draft_of(ground, 3)
    kept = 0
    for seed in range(20):
        plan = starting_plan(ground, 3, np.random.default_rng(seed))
        draft.real[4] = np.inf
        judge(ground, draft, plan)
        assert (draft.real[4] < np.inf) == model.holds(plan)
        if model.holds(plan):
            kept += 1
            assert draft.real[4] == pytest.approx(model.value(plan), rel=1e-4)
    assert kept > 5
