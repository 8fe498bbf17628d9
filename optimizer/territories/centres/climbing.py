"""Raising the prices of location where most sites are out of the question.

Only sites among the most worthwhile are ever chosen, so that the ascent looks at these
alone and now and then at all: what the few prove may be too much, what all prove is true.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ....models.arrays import FloatArray
from .ascent import Ascent
from .location import Pricing

LEG = 25
"""Passes over the sites in question between two passes over all."""

KEPT, FEWEST = 8.0, 200
"""Sites in question: so many times the number to be chosen, and so many at least."""


class Climb(NamedTuple):
    """The best prices, what all sites prove at them, and how many passes that took.

    ``last`` are the prices at the end, where the next ascent goes on.
    """

    point: FloatArray
    value: float
    last: FloatArray
    passes: float


def climb(
    pricing: Pricing,
    point: FloatArray,
    ceiling: FloatArray,
    scale: FloatArray,
    passes: float,
    *,
    hope: float,
    precision: float,
    stop: Callable[[], bool] = lambda: False,
) -> Climb:
    """Raise a bound from ``point``; see :func:`.ascent.ascend`.

    Parameters
    ----------
    passes
        Over all sites; passes over a part count as that part.
    """
    value, slope = pricing.priced(point)
    state = Ascent(point, value, slope, ceiling, scale, hope)
    best, proven, done = point, value, 1.0
    sites = len(pricing.worth)
    rank = min(sites, max(FEWEST, int(KEPT * pricing.market.count))) - 1
    keep = np.zeros(sites, dtype=np.bool_)
    while done < passes and not stop():
        keep |= pricing.worth <= np.partition(pricing.worth, rank)[rank]
        part = pricing.only(keep)
        share = len(part.reach.unit) / max(1, len(pricing.reach.unit))
        before = state.value
        settled = False
        for _ in range(LEG):
            trial = state.trial()
            settled = state.expected <= precision * abs(state.value)
            if settled or done >= passes or stop():
                break
            state.learn(*part.priced(trial))
            done += share
        value, slope = pricing.priced(state.point)
        done += 1.0
        fell = state.value - value
        state.lower(value, slope)
        if value > proven:
            best, proven = state.point, value
        if settled and fell <= precision * abs(value) and state.value >= before:
            break
    return Climb(best, proven, state.point, done)
