"""What no plan of territories without a base can beat: true bounds at every size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import cdist, pdist

from ....models.arrays import FloatArray, IndexArray
from .model import PartitionModel

SAFETY = 1e-9
"""Share by which a bound is lowered for rounding."""

STARTS = 48
"""Packings tried, and units besides the hull whose surroundings are measured."""

EXCHANGED, EXCHANGES = 3, 60
"""Packings that are improved further, and units exchanged in each at most."""

SPECTRAL_UNITS = 1_500
"""Units up to which eigenvalues are computed, all of them exactly."""

STEPS, STEPS_WORK = 60, 4e9
"""Steps of the ascent, and cubes of units that they may cost together."""


def _never() -> bool:
    return False


def lower_bound(model: PartitionModel, stop: Callable[[], bool] = _never) -> float:
    """Bound on the objective: each term's own bound times its price.

    ``stop`` ends the ascent of a bound early; what it has reached is true as well.
    """
    bound = 0.0
    if model.diameter_price > 0:
        bound += model.diameter_price * diameter_bound(model)
    if model.cut_price > 0:
        bound += model.cut_price * cut_bound(model, stop)
    return bound * (1.0 - SAFETY)


def diameter_bound(model: PartitionModel) -> float:
    """Bound on the largest diameter.

    Of p + 1 units two share a territory, so the diameter is at least the least distance
    between them. And a territory reaches at least as far from each of its units as one
    must go to find the least amount of every activity.
    """
    if model.points is None:
        return 0.0
    return model.arc(max(_packing(model, model.points), _reach(model, model.points)))


def _packing(model: PartitionModel, points: FloatArray) -> float:
    """Least distance between p + 1 units spread by farthest insertion, then exchanged."""
    many = model.territories + 1
    if many > len(points):
        return 0.0
    packings = []
    for begin in np.linspace(0, len(points) - 1, STARTS).astype(int).tolist():
        chosen = [begin]
        near = cdist(points[[begin]], points)[0]
        while len(chosen) < many:
            chosen.append(int(near.argmax()))
            near = np.minimum(near, cdist(points[[chosen[-1]]], points)[0])
        packings.append((float(pdist(points[chosen]).min()), chosen))
    packings.sort(reverse=True)
    return max(_exchanged(points, np.array(chosen)) for _, chosen in packings[:EXCHANGED])


def _exchanged(points: FloatArray, chosen: IndexArray) -> float:
    """Move one of the two nearest where it is farther from all others, while that helps."""
    best = 0.0
    for _ in range(EXCHANGES):
        between = cdist(points[chosen], points[chosen])
        np.fill_diagonal(between, np.inf)
        value = float(between.min())
        if value <= best * (1 + 1e-12):
            break
        best = value
        others = np.delete(chosen, int(between.argmin()) // len(chosen))
        near = cdist(points[others], points).min(axis=0)
        chosen = np.append(others, int(near.argmax()))
    return best


def _reach(model: PartitionModel, points: FloatArray) -> float:
    """Largest distance that some unit's territory must reach for its least activities."""
    asked = np.flatnonzero(model.hard & np.isfinite(model.lower) & (model.least > 0))
    reach = 0.0
    for unit in _outer(points).tolist():
        away = cdist(points[[unit]], points)[0]
        order = np.argsort(away, kind="stable")
        for kind in asked.tolist():
            gathered = np.cumsum(model.activities[kind, order])
            enough = int(np.searchsorted(gathered, model.least[kind] * (1 - 1e-9)))
            reach = max(reach, float(away[order[min(enough, len(order) - 1)]]))
    return reach


def _outer(points: FloatArray) -> IndexArray:
    """Units at the rim, and a few others: any of them gives a true bound."""
    some = np.linspace(0, len(points) - 1, STARTS).astype(np.int64)
    try:
        rim = ConvexHull(points[:, :2]).vertices.astype(np.int64)
    except (QhullError, ValueError):
        rim = some
    return np.unique(np.concatenate([some, rim]))


def cut_bound(model: PartitionModel, stop: Callable[[], bool] = _never) -> float:
    """Bound on the neighbours in different territories; whole.

    Connected territories of a connected market are a connected graph: p − 1 cuts. And
    for weights w with l ≤ w(S) ≤ u in every territory S, and any d, the indicators
    divided by √w(S) are orthonormal in w, so that (Donath and Hoffman 1973; Fan 1949)

        Σ (cuts of S + d(S)) / w(S) ≥ the p smallest eigenvalues of L + diag(d), W

    with the graph's Laplacian L. With d(S) / w(S) bounded unit by unit this bounds the
    cuts; the bound is concave in d, and a subgradient ascent improves d.
    """
    n, p = model.units, model.territories
    ones = np.ones(len(model.edges))
    graph = coo_array((ones, (model.edges[:, 0], model.edges[:, 1])), shape=(n, n))
    pieces = int(connected_components(graph, directed=False)[0])
    bound = float(max(0, p - pieces))
    if n <= SPECTRAL_UNITS and p > 1:
        for kind in np.flatnonzero(model.hard & (model.least > 0) & np.isfinite(model.upper)):
            bound = max(bound, _spectral(model, int(kind), stop))
    return bound


def _spectral(model: PartitionModel, kind: int, stop: Callable[[], bool]) -> float:
    n, p = model.units, model.territories
    amount = model.activities[kind]
    weight = np.maximum(amount, 1e-3 * amount.mean())
    low = float(model.least[kind])
    high = float(model.most[kind] + (weight - amount).sum())
    laplacian = np.zeros((n, n))
    np.add.at(laplacian, (model.edges[:, 0], model.edges[:, 1]), -1.0)
    np.add.at(laplacian, (model.edges[:, 1], model.edges[:, 0]), -1.0)
    laplacian[np.arange(n), np.arange(n)] = -laplacian.sum(axis=1)
    root = 1.0 / np.sqrt(weight)
    shift = np.zeros(n)
    best, target, length = 0.0, 1.0, 1.0
    for _ in range(int(min(STEPS, max(8.0, STEPS_WORK / n**3)))):
        if stop():
            break
        matrix = (laplacian + np.diag(shift)) * root[:, None] * root[None, :]
        values, vectors = eigh(matrix, subset_by_index=[0, p - 1])
        value = low * (float(values.sum()) - float(np.maximum(shift / low, shift / high).sum())) / 2
        if value > best:
            best = value
        else:
            length *= 0.9
        target = best + 0.1 * length * max(1.0, best)
        slope = (vectors**2).sum(axis=1) / weight - np.where(shift > 0, 1.0 / low, 1.0 / high)
        square = float((slope**2).sum())
        if square <= 0:
            break
        shift = shift + 2.0 * (target - value) / low * slope / square
    return float(np.ceil(best - 1e-6))
