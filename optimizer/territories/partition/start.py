"""Plans to begin with: territories grown from centres, the lightest first."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled
from .state import Ground

ROUNDS = 12
"""Times that the centres move to the middle of what has grown from them."""


@compiled
def grow(
    x: FloatArray,
    y: FloatArray,
    z: FloatArray,
    first: IndexArray,
    near: IndexArray,
    weight: FloatArray,
    seeds: IndexArray,
    centres: FloatArray,
) -> IndexArray:
    """Grow territories from their seeds; the lightest takes the unit nearest to its centre.

    Returns
    -------
    Territory of each unit, -1 where none reaches it, (n,).
    """
    n, p = len(x), len(seeds)
    owner = np.full(n, -1, dtype=np.int64)
    load = np.zeros(p)
    front = np.empty((p, n), dtype=np.int64)
    count = np.zeros(p, dtype=np.int64)
    known = np.zeros((p, n), dtype=np.bool_)
    for t in range(p):
        front[t, 0] = seeds[t]
        known[t, seeds[t]] = True
        count[t] = 1
    full = np.zeros(p, dtype=np.bool_)
    while True:
        lightest, least = -1, np.inf
        for t in range(p):
            if not full[t] and load[t] < least:
                lightest, least = t, load[t]
        if lightest < 0:
            return owner
        best, nearest, kept = -1, np.inf, 0
        for i in range(count[lightest]):
            unit = front[lightest, i]
            if owner[unit] >= 0:
                continue
            front[lightest, kept] = unit
            kept += 1
            square = (
                (x[unit] - centres[lightest, 0]) ** 2
                + (y[unit] - centres[lightest, 1]) ** 2
                + (z[unit] - centres[lightest, 2]) ** 2
            )
            if square < nearest:
                best, nearest = unit, square
        count[lightest] = kept
        if best < 0:
            full[lightest] = True
            continue
        owner[best] = lightest
        load[lightest] += weight[best]
        for e in range(first[best], first[best + 1]):
            other = near[e]
            if owner[other] < 0 and not known[lightest, other]:
                known[lightest, other] = True
                front[lightest, count[lightest]] = other
                count[lightest] += 1


def starting_plan(ground: Ground, territories: int, rng: np.random.Generator) -> IndexArray:
    """Random seeds, then centres in the middle of what grows from them.

    A connected piece of the graph gets seeds by its load, at least one where there are
    enough. Units that no seed reaches join the lightest territory (no plan that must
    hang together exists then).
    """
    weight = ground.activity.mean(axis=1) + 1e-9
    places = np.column_stack([ground.x, ground.y, ground.z])
    seeds = _seeds(ground, weight, territories, rng)
    centres = places[seeds].copy()
    owner = np.zeros(len(weight), dtype=np.int64)
    for _ in range(ROUNDS if places.any() else 1):
        owner = grow(
            ground.x, ground.y, ground.z, ground.first, ground.near, weight, seeds, centres
        )
        for t in range(territories):
            units = np.flatnonzero(owner == t)
            centres[t] = places[units].mean(axis=0)
            square = ((places[units] - centres[t]) ** 2).sum(axis=1)
            seeds[t] = units[int(square.argmin())]
    load = np.bincount(owner[owner >= 0], weights=weight[owner >= 0], minlength=territories)
    for unit in np.flatnonzero(owner < 0).tolist():
        owner[unit] = int(load.argmin())
        load[owner[unit]] += weight[unit]
    return owner


def _seeds(
    ground: Ground, weight: FloatArray, territories: int, rng: np.random.Generator
) -> IndexArray:
    n = len(weight)
    source = np.repeat(np.arange(n), np.diff(ground.first))
    graph = coo_array((np.ones(len(source)), (source, ground.near)), shape=(n, n))
    pieces, label = connected_components(graph, directed=False)
    order = np.argsort(-np.bincount(label, weights=weight), kind="stable")[:territories]
    load = np.bincount(label, weights=weight)[order]
    size = np.bincount(label, minlength=pieces)[order]
    share = np.ones(len(order), dtype=np.int64)
    for _ in range(territories - len(order)):
        room = np.where(share < size, load / share, -1.0)
        share[int(room.argmax())] += 1
    chosen = [
        rng.choice(np.flatnonzero(label == piece), size=int(many), replace=False)
        for piece, many in zip(order.tolist(), share.tolist(), strict=True)
    ]
    return np.concatenate(chosen).astype(np.int64)
