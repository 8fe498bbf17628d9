"""Whether a territory hangs together without a unit."""

from __future__ import annotations

import numpy as np

from ...compiled import inner
from .draft import STAMP, Draft
from .ground import WIDEST, Ground


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
