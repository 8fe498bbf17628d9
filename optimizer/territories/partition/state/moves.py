"""Filling a draft with a plan, and giving a unit to another territory."""

from __future__ import annotations

from .....models.arrays import IndexArray
from ...compiled import inner
from .distances import all_beyond
from .draft import BORDER, CUTS, FAR, Draft
from .ground import Ground


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
