"""A plan as the search holds it: sums, members, borders, and a quick test of connection.

Points stand on a whole-numbered grid. Squares of distances are whole numbers then, and
sums of them are exact in any order, so that vector instructions give the same result
as a plain loop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....models.arrays import FloatArray, IndexArray
from ..compiled import fast_sums, inner
from .model import PartitionModel

GRID = 2.0**19
"""Whole numbers across the widest side of the market."""

STEP = 0.25
"""A pair that is too far apart costs this share of the limit, and what it is beyond it."""

WIDEST = 64
"""Neighbours that the quick test of connection can take."""


Words = NDArray[np.uint64]
"""Random words."""


class Ground(NamedTuple):
    """What does not change: the graph, the places, the activities and their limits.

    ``ring[e]`` has bit j set where the e-th neighbour of a unit touches the unit's j-th
    neighbour. Activities are in shares of the mean; ``weight`` is what a share outside
    the limits costs.
    """

    first: IndexArray
    near: IndexArray
    ring: IndexArray
    x: FloatArray
    y: FloatArray
    z: FloatArray
    flat: bool
    activity: FloatArray
    lower: FloatArray
    upper: FloatArray
    weight: FloatArray
    hard: FloatArray
    cut_weight: float
    far_weight: float
    diameter_price: float
    contiguous: bool


class Draft(NamedTuple):
    """What moves change.

    ``member[t, :size[t]]`` are the units of a territory, ``slot`` their columns, ``px``,
    ``py``, ``pz`` their places. ``border[:whole[BORDER]]`` are units with a neighbour
    elsewhere, ``place`` their columns in it, ``foreign`` how many such neighbours.
    """

    owner: IndexArray
    load: FloatArray
    size: IndexArray
    member: IndexArray
    slot: IndexArray
    px: FloatArray
    py: FloatArray
    pz: FloatArray
    border: IndexArray
    place: IndexArray
    foreign: IndexArray
    mark: IndexArray
    queue: IndexArray
    best: IndexArray
    whole: IndexArray
    real: FloatArray


BORDER, STAMP, STOP = 0, 1, 2
"""Places in ``Draft.whole``: units at borders, last mark used, whether to stop."""

FAR, CUTS, LIMIT, BEST, VALUE, SHRINK, BALANCE = 0, 1, 2, 3, 4, 5, 6
"""Places in ``Draft.real``.

Excess of pairs too far apart, neighbours cut, squared limit, squared diameter and value
of the best plan, the share of the last diameter that becomes the next limit (squared),
and the cost of all amounts outside limits.
"""


def ground_of(model: PartitionModel, balance_weight: float, scale: float) -> Ground:
    """Arrays of a model; a hard limit costs at least ``balance_weight`` a share, the rest ``scale``."""
    n = model.units
    mean = model.activities.sum(axis=1) / model.territories
    unit = np.where(mean > 0, mean, 1.0)
    first, near = _stars(n, model.edges)
    points = np.zeros((n, 3))
    flat = True
    if model.points is not None:
        given = _turned(model.points)
        flat = given.shape[1] == 2
        points[:, : given.shape[1]] = np.round((given - given.min(axis=0)) * grid_scale(model))
    soft = np.where(model.hard, 0.0, model.prices) * unit * scale
    balance_weight = max(balance_weight, 4.0 * float(soft.sum()))
    return Ground(
        first=first,
        near=near,
        ring=_rings(first, near),
        x=points[:, 0].copy(),
        y=points[:, 1].copy(),
        z=points[:, 2].copy(),
        flat=flat,
        activity=np.ascontiguousarray((model.activities / unit[:, None]).T),
        lower=model.lower / unit,
        upper=model.upper / unit,
        weight=np.where(model.hard, balance_weight, soft),
        hard=model.hard.astype(np.float64),
        cut_weight=model.cut_price * scale,
        far_weight=1.0 if model.points is not None else 0.0,
        diameter_price=model.diameter_price * scale / grid_scale(model),
        contiguous=model.contiguous,
    )


def _turned(points: FloatArray) -> FloatArray:
    """Points about their own axes; the third goes where the market is flat."""
    if points.shape[1] == 2:
        return points
    middle = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(middle, full_matrices=False)
    turned = middle @ axes.T
    span = np.ptp(turned, axis=0)
    return turned[:, :2] if span[2] < 1e-6 * span[0] else turned


def grid_scale(model: PartitionModel) -> float:
    """Grid steps in a unit of length."""
    if model.points is None:
        return 1.0
    span = float(np.ptp(_turned(model.points), axis=0).max())
    return GRID / span if span > 0 else 1.0


def _stars(n: int, edges: IndexArray) -> tuple[IndexArray, IndexArray]:
    """Neighbours of each unit, ascending: starts (n + 1,) and units."""
    source = np.concatenate([edges[:, 0], edges[:, 1]])
    target = np.concatenate([edges[:, 1], edges[:, 0]])
    order = np.lexsort((target, source))
    first = np.searchsorted(source[order], np.arange(n + 1)).astype(np.int64)
    return first, target[order].astype(np.int64)


def _rings(first: IndexArray, near: IndexArray) -> IndexArray:
    """Bits of the neighbours' neighbours among the neighbours, one entry for each star's ray."""
    stars = [near[first[u] : first[u + 1]].tolist() for u in range(len(first) - 1)]
    sets = [set(star) for star in stars]
    ring = np.zeros(len(near), dtype=np.uint64)
    for unit, star in enumerate(stars):
        if len(star) > WIDEST:
            continue
        for position, other in enumerate(star):
            bits = sum(1 << j for j, third in enumerate(star) if third in sets[other])
            ring[first[unit] + position] = bits
    return ring.view(np.int64)


def draft_of(ground: Ground, territories: int) -> Draft:
    """Room for a plan; :func:`load_plan` fills it."""
    n, p = len(ground.x), territories

    def indices() -> IndexArray:
        return np.zeros(n, dtype=np.int64)

    return Draft(
        owner=indices(),
        load=np.zeros((p, ground.activity.shape[1])),
        size=np.zeros(p, dtype=np.int64),
        member=np.zeros((p, n), dtype=np.int64),
        slot=indices(),
        px=np.zeros((p, n)),
        py=np.zeros((p, n)),
        pz=np.zeros((p, 1 if ground.flat else n)),
        border=indices(),
        place=indices(),
        foreign=indices(),
        mark=indices(),
        queue=indices(),
        best=indices(),
        whole=np.zeros(3, dtype=np.int64),
        real=np.array([0.0, 0.0, np.inf, np.inf, np.inf, 1.0, 0.0]),
    )


@fast_sums
def beyond2(
    px: FloatArray, py: FloatArray, count: int, x: float, y: float, limit: float, step: float
) -> float:
    """Cost of a flat place for all that are too far from it; whole numbers, so exact."""
    total = 0.0
    for i in range(count):
        dx = px[i] - x
        dy = py[i] - y
        over = dx * dx + dy * dy - limit
        total += over + step if over > 0.0 else 0.0
    return total


@fast_sums
def beyond3(
    px: FloatArray,
    py: FloatArray,
    pz: FloatArray,
    count: int,
    x: float,
    y: float,
    z: float,
    limit: float,
    step: float,
) -> float:
    """As :func:`beyond2`, on the globe."""
    total = 0.0
    for i in range(count):
        dx = px[i] - x
        dy = py[i] - y
        dz = pz[i] - z
        over = dx * dx + dy * dy + dz * dz - limit
        total += over + step if over > 0.0 else 0.0
    return total


@inner
def beyond(ground: Ground, draft: Draft, unit: int, territory: int, count: int) -> float:
    """Cost of a unit beside the first ``count`` members of a territory."""
    limit = draft.real[LIMIT]
    step = np.floor(STEP * limit)
    if ground.flat:
        return beyond2(
            draft.px[territory], draft.py[territory], count, ground.x[unit], ground.y[unit],
            limit, step,
        )  # fmt: skip
    return beyond3(
        draft.px[territory], draft.py[territory], draft.pz[territory], count,
        ground.x[unit], ground.y[unit], ground.z[unit], limit, step,
    )  # fmt: skip


@inner
def all_beyond(ground: Ground, draft: Draft) -> float:
    """Cost of all pairs that are too far apart."""
    total = 0.0
    if ground.far_weight > 0.0 and draft.real[LIMIT] < np.inf:
        for t in range(len(draft.size)):
            for i in range(draft.size[t]):
                total += beyond(ground, draft, draft.member[t, i], t, i)
    return total


@inner
def squared_diameter(ground: Ground, draft: Draft) -> float:
    """Largest squared distance between two members of a territory."""
    largest = 0.0
    for t in range(len(draft.size)):
        px, py = draft.px[t], draft.py[t]
        for i in range(draft.size[t]):
            x, y = px[i], py[i]
            here = 0.0
            if ground.flat:
                for j in range(i):
                    here = max(here, (px[j] - x) ** 2 + (py[j] - y) ** 2)
            else:
                pz = draft.pz[t]
                for j in range(i):
                    square = (px[j] - x) ** 2 + (py[j] - y) ** 2 + (pz[j] - pz[i]) ** 2
                    here = max(here, square)
            largest = max(largest, here)
    return largest


@inner
def load_plan(ground: Ground, draft: Draft, plan: IndexArray) -> None:
    """Fill a draft from the territory of each unit."""
    draft.size[:] = 0
    draft.load[:] = 0.0
    draft.owner[:] = plan
    for unit in range(len(plan)):
        t = plan[unit]
        put(ground, draft, unit, t)
        for k in range(ground.activity.shape[1]):
            draft.load[t, k] += ground.activity[unit, k]
    at_border, cuts = 0, 0
    for unit in range(len(plan)):
        foreign = 0
        for e in range(ground.first[unit], ground.first[unit + 1]):
            foreign += plan[ground.near[e]] != plan[unit]
        draft.foreign[unit] = foreign
        draft.place[unit] = -1
        cuts += foreign
        if foreign > 0:
            draft.border[at_border] = unit
            draft.place[unit] = at_border
            at_border += 1
    draft.whole[BORDER] = at_border
    draft.real[CUTS] = cuts // 2
    draft.real[FAR] = all_beyond(ground, draft)


@inner
def put(ground: Ground, draft: Draft, unit: int, territory: int) -> None:
    """Append a unit to a territory's members."""
    column = draft.size[territory]
    draft.member[territory, column] = unit
    draft.slot[unit] = column
    draft.px[territory, column] = ground.x[unit]
    draft.py[territory, column] = ground.y[unit]
    if not ground.flat:
        draft.pz[territory, column] = ground.z[unit]
    draft.size[territory] = column + 1


@inner
def take(ground: Ground, draft: Draft, unit: int, territory: int) -> None:
    """Remove a unit from a territory's members; the last one takes its column."""
    column, last = draft.slot[unit], draft.size[territory] - 1
    moved = draft.member[territory, last]
    draft.member[territory, column] = moved
    draft.slot[moved] = column
    draft.px[territory, column] = draft.px[territory, last]
    draft.py[territory, column] = draft.py[territory, last]
    if not ground.flat:
        draft.pz[territory, column] = draft.pz[territory, last]
    draft.size[territory] = last


@inner
def move(ground: Ground, draft: Draft, unit: int, target: int) -> None:
    """Give a unit to another territory; members, sums, borders and cuts follow."""
    source = draft.owner[unit]
    take(ground, draft, unit, source)
    put(ground, draft, unit, target)
    draft.owner[unit] = target
    for k in range(ground.activity.shape[1]):
        draft.load[source, k] -= ground.activity[unit, k]
        draft.load[target, k] += ground.activity[unit, k]
    for e in range(ground.first[unit], ground.first[unit + 1]):
        other = ground.near[e]
        if draft.owner[other] == source:
            draft.foreign[unit] += 1
            draft.foreign[other] += 1
            draft.real[CUTS] += 1
            if draft.foreign[other] == 1:
                _join_border(draft, other)
        elif draft.owner[other] == target:
            draft.foreign[unit] -= 1
            draft.foreign[other] -= 1
            draft.real[CUTS] -= 1
            if draft.foreign[other] == 0:
                _leave_border(draft, other)
    if draft.foreign[unit] == 0 and draft.place[unit] >= 0:
        _leave_border(draft, unit)
    elif draft.foreign[unit] > 0 and draft.place[unit] < 0:
        _join_border(draft, unit)


@inner
def _join_border(draft: Draft, unit: int) -> None:
    draft.border[draft.whole[BORDER]] = unit
    draft.place[unit] = draft.whole[BORDER]
    draft.whole[BORDER] += 1


@inner
def _leave_border(draft: Draft, unit: int) -> None:
    draft.whole[BORDER] -= 1
    last = draft.border[draft.whole[BORDER]]
    draft.border[draft.place[unit]] = last
    draft.place[last] = draft.place[unit]
    draft.place[unit] = -1


@inner
def stays_connected(ground: Ground, draft: Draft, unit: int) -> bool:
    """Whether a territory hangs together without one of its units."""
    if draft.size[draft.owner[unit]] == 1:
        return False
    return _meets_around(ground, draft, unit) or _meets_at_all(ground, draft, unit)


@inner
def _meets_around(ground: Ground, draft: Draft, unit: int) -> bool:
    """Whether the neighbours in the same territory meet among themselves."""
    begin, end = ground.first[unit], ground.first[unit + 1]
    if end - begin > WIDEST:
        return False
    one = np.uint64(1)
    same = np.uint64(0)
    for e in range(begin, end):
        if draft.owner[ground.near[e]] == draft.owner[unit]:
            same |= one << np.uint64(e - begin)
    seen = same & (~same + one)
    front = seen
    while front != np.uint64(0):
        spread = np.uint64(0)
        for e in range(begin, end):
            if (front >> np.uint64(e - begin)) & one:
                spread |= np.uint64(ground.ring[e])
        front = spread & same & ~seen
        seen |= front
    return seen == same and same != np.uint64(0)


@inner
def _meets_at_all(ground: Ground, draft: Draft, unit: int) -> bool:
    """As :func:`_meets_around`, through the whole territory."""
    territory = draft.owner[unit]
    draft.whole[STAMP] += 1
    stamp = draft.whole[STAMP]
    left = 0
    begin, end = 0, 0
    for e in range(ground.first[unit], ground.first[unit + 1]):
        other = ground.near[e]
        if draft.owner[other] == territory:
            left += 1
            if end == 0:
                draft.queue[0] = other
                draft.mark[other] = stamp
                end = 1
    draft.mark[unit] = stamp
    while begin < end:
        here = draft.queue[begin]
        begin += 1
        for e in range(ground.first[here], ground.first[here + 1]):
            other = ground.near[e]
            if other == unit:
                left -= 1
            elif draft.owner[other] == territory and draft.mark[other] != stamp:
                draft.mark[other] = stamp
                draft.queue[end] = other
                end += 1
    return left == 0
