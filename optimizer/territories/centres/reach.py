"""Who may be worth serving from where, kept sparse: the tables of location at scale.

With a price for each unit, a site earns only from units that are cheaper to serve than
their price. Where prices are held below a ceiling, each unit matters to the sites within
a radius alone, so that a problem of tens of thousands of units fits into memory without
leaving any site or any plan out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....models.arrays import FloatArray, IndexArray
from ....models.geodesy import EARTH_RADIUS_KM
from ..compiled import compiled, inner

BLOCK = 64
"""Units looked at together; a site passes over a block that is out of its reach."""

Indices = NDArray[np.int32]
Costs = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Market:
    """Units, and what a site at each of them may carry.

    Parameters
    ----------
    points
        Three columns on the earth, km from its middle, or two in a plane, (n, 2 or 3).
    weight
        Cost of a unit per km to its base, (n,).
    amounts
        What is balanced or limited, (measures, n), not negative.
    lower, upper
        Limits of each measure at each site, (n, measures); -inf and inf for none.
    count
        Bases to be placed.
    """

    points: FloatArray
    weight: FloatArray
    amounts: FloatArray
    lower: FloatArray
    upper: FloatArray
    count: int

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Reach:
    """Units within reach of each site.

    Parameters
    ----------
    sites
        Units where a base may lie, (m,).
    start
        Where the list of each site begins, (m + 1,).
    unit, cost
        Units in the lists, and their cost from there, rounded down to single precision:
        what is proven with it is proven with the true costs.
    """

    sites: IndexArray
    start: IndexArray
    unit: Indices
    cost: Costs

    def only(self, keep: NDArray[np.bool_]) -> Reach:
        """The reach of some sites, (m,) says which."""
        sizes = np.diff(self.start)
        entries = np.repeat(keep, sizes)
        start = np.concatenate([[0], np.cumsum(sizes[keep])])
        return Reach(self.sites[keep], start, self.unit[entries], self.cost[entries])


@inner
def kilometres(points: FloatArray, i: int, j: int) -> float:
    """Distance of two units, along the earth where they lie on it."""
    square = 0.0
    for axis in range(points.shape[1]):
        off = points[i, axis] - points[j, axis]
        square += off * off
    if points.shape[1] == 2:
        return float(np.sqrt(square))
    half = np.sqrt(square) / (2.0 * EARTH_RADIUS_KM)
    return float(2.0 * EARTH_RADIUS_KM * np.arcsin(min(1.0, half)))


def blocked_order(points: FloatArray) -> IndexArray:
    """An order in which units that follow each other lie near each other.

    Halves along the longest side, again and again.
    """
    order = np.arange(len(points))
    stack = [(0, len(points))]
    while stack:
        begin, end = stack.pop()
        if end - begin <= BLOCK:
            continue
        part = order[begin:end]
        axis = int(np.ptp(points[part], axis=0).argmax())
        order[begin:end] = part[np.argsort(points[part, axis], kind="stable")]
        middle = begin + (end - begin) // 2 // BLOCK * BLOCK
        middle = middle if middle > begin else begin + BLOCK
        stack += [(begin, middle), (middle, end)]
    return order


@compiled
def _blocks(
    points: FloatArray, radius: FloatArray, order: IndexArray, size: int
) -> tuple[FloatArray, FloatArray]:
    """Middle of each block and how far a site may be from it to reach any of its units."""
    count = (len(order) + size - 1) // size
    middle = np.zeros((count, points.shape[1]))
    far = np.zeros(count)
    for b in range(count):
        part = order[b * size : (b + 1) * size]
        for i in part:
            middle[b] += points[i]
        middle[b] /= len(part)
        for i in part:
            square = 0.0
            for axis in range(points.shape[1]):
                square += (points[i, axis] - middle[b, axis]) ** 2
            far[b] = max(far[b], np.sqrt(square) + radius[i])
    return middle, far


@compiled
def _scan(
    points: FloatArray,
    weight: FloatArray,
    radius: FloatArray,
    order: IndexArray,
    size: int,
    middle: FloatArray,
    far: FloatArray,
    sites: IndexArray,
    start: IndexArray,
    unit: Indices,
    cost: Costs,
) -> None:
    """Count each site's units into ``start``; list them too where there is room for them."""
    listed = len(unit) > 0
    for row in range(len(sites)):
        j = sites[row]
        found = start[row] if listed else 0
        for b in range(len(far)):
            square = 0.0
            for axis in range(points.shape[1]):
                square += (points[j, axis] - middle[b, axis]) ** 2
            if square > far[b] * far[b]:
                continue
            for i in order[b * size : (b + 1) * size]:
                km = kilometres(points, i, j)
                if km <= radius[i]:
                    if listed:
                        unit[found] = i
                        single = np.float32(weight[i] * km)
                        if single > weight[i] * km:
                            single = np.nextafter(single, np.float32(0.0))
                        cost[found] = single
                    found += 1
        if not listed:
            start[row + 1] = found


def reach_of(market: Market, radius: FloatArray, sites: IndexArray | None = None) -> Reach:
    """Lists of the units that lie within their own radius of each site.

    Parameters
    ----------
    radius
        Of each unit, km, (n,).
    sites
        All units by default.
    """
    chosen = np.arange(len(market)) if sites is None else sites
    order = blocked_order(market.points)
    # A chord is never longer than its arc, so that blocks are passed over safely.
    middle, far = _blocks(market.points, radius, order, BLOCK)
    far = far * (1.0 + 1e-9) + 1e-9
    start = np.zeros(len(chosen) + 1, dtype=np.int64)
    none = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
    given = (market.points, market.weight, radius, order, BLOCK, middle, far, chosen)
    _scan(*given, start, *none)
    np.cumsum(start, out=start)
    unit = np.empty(start[-1], dtype=np.int32)
    cost = np.empty(start[-1], dtype=np.float32)
    if len(unit):
        _scan(*given, start, unit, cost)
    return Reach(chosen, start, unit, cost)
