"""Small random problems of free centres, and all their plans."""

from __future__ import annotations

from itertools import combinations, product

import networkx as nx
import numpy as np
from teig.models.arrays import FloatArray, IndexArray
from teig.optimizer.territories.centres import CentreModel, centre_model


def grid_edges(width: int, height: int) -> IndexArray:
    """Neighbours on a grid, and a few diagonals."""
    pairs = []
    for x, y in product(range(width), range(height)):
        here = y * width + x
        if x + 1 < width:
            pairs.append((here, here + 1))
        if y + 1 < height:
            pairs.append((here, here + width))
        if x + 1 < width and y + 1 < height and (x + y) % 3 == 0:
            pairs.append((here, here + width + 1))
    return np.array(pairs)


def random_problem(
    seed: int, *, kinds: int, contiguous: bool, by_centre: bool, own_centre: bool, tight: float
) -> CentreModel:
    """Six or eight units on a grid; some pairs are forbidden."""
    rng = np.random.default_rng(seed)
    width, height = (4, 2) if seed % 2 and own_centre else (3, 2)
    n = width * height
    p = int(rng.integers(1, 4))
    places = np.array([(x, y) for y in range(height) for x in range(width)], dtype=float)
    places += rng.normal(0, 0.3, places.shape)
    weight = rng.integers(1, 9, n).astype(float)
    squared = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    cost = weight[:, None] * squared if seed % 3 else np.sqrt(squared)
    cost[rng.random((n, n)) < 0.05] = np.inf
    np.fill_diagonal(cost, 0.0)
    activities = rng.integers(0, 9, (kinds, n)).astype(float)
    mean = activities.sum(axis=1, keepdims=True) / p
    factor = rng.uniform(0.8, 1.3, (kinds, n)) if by_centre else np.ones((kinds, n))
    upper = mean * (1 + tight) * factor
    lower = mean * (1 - tight) * factor if own_centre else np.full((kinds, n), -np.inf)
    return centre_model(
        cost, p, activities=activities, lower=lower, upper=upper,
        edges=grid_edges(width, height) if contiguous else None, own_centre=own_centre,
    )  # fmt: skip


def _hangs_together(model: CentreModel, plan: IndexArray) -> bool:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(model.units))
    graph.add_edges_from(model.edges.tolist())
    return all(
        nx.is_connected(graph.subgraph(np.flatnonzero(plan == c).tolist()))
        for c in set(plan.tolist())
    )


def best_by_enumeration(model: CentreModel) -> float:
    """Value of the best plan among all, inf where there is none."""
    n, best = model.units, np.inf
    for centres in combinations(range(n), model.territories):
        places = np.array(centres)
        choices = [[i] if model.own_centre and i in centres else list(centres) for i in range(n)]
        for owners in product(*choices):
            plan = np.array(owners)
            value = float(model.cost[np.arange(n), plan].sum())
            if value >= best or not _limits_hold(model, plan, places):
                continue
            if not model.contiguous or _hangs_together(model, plan):
                best = value
    return float(best)


def _limits_hold(model: CentreModel, plan: IndexArray, centres: IndexArray) -> bool:
    loads: FloatArray = np.array(
        [[row[plan == c].sum() for c in centres.tolist()] for row in model.activities]
    ).reshape(-1, len(centres))
    low, high = model.lower[:, centres], model.upper[:, centres]
    return bool(((loads >= low - 1e-9) & (loads <= high + 1e-9)).all())
