"""The smallest largest deviation of a coupled group, by halving between proofs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...models.arrays import FloatArray, IndexArray
from .model import OutOfWork

#: θ is settled to this much where its possible values lie too densely to tell apart.
THRESHOLD_STEP = 1e-6
_HAIR = 1e-12


@dataclass(frozen=True, eq=False)
class Boxes:
    """Which units a threshold leaves each cell of a group.

    Parameters
    ----------
    index, scale
        In units, (cells,).
    low, high
        Ranges in whole units, (cells,).
    forced
        Deviation that a cell's own range, or its own total, forces on it, (cells,).
    """

    index: FloatArray
    scale: FloatArray
    low: IndexArray
    high: IndexArray
    forced: FloatArray

    def within(self, threshold: float) -> tuple[IndexArray, IndexArray]:
        """Least and largest units of each cell whose deviation is at most the threshold."""
        reach = np.maximum(threshold, self.forced) * (1 + _HAIR) * self.scale
        return (
            np.maximum(self.low, np.ceil(self.index - reach)).astype(np.int64),
            np.minimum(self.high, np.floor(self.index + reach)).astype(np.int64),
        )

    def reached(self, units: IndexArray) -> float:
        """Largest deviation beyond what is forced."""
        deviation = np.abs(units - self.index) / self.scale
        return float(deviation[deviation > self.forced * (1 + _HAIR)].max(initial=0.0))

    def next_below(self, threshold: float) -> float:
        """Largest deviation below the threshold that some cell can have; 0 for none."""
        edge = threshold * (1 - _HAIR) * self.scale
        above = (np.ceil(self.index + edge) - 1 - self.index) / self.scale
        below = (self.index - np.floor(self.index - edge) - 1) / self.scale
        values = np.concatenate([above, below])
        free = values > np.concatenate([self.forced, self.forced]) * (1 + _HAIR)
        return float(values[free].max(initial=0.0))


def smallest_threshold(
    boxes: Boxes, first: IndexArray, attempt: Callable[[float], IndexArray | None]
) -> tuple[IndexArray, float, float]:
    """Find the smallest θ for which ``attempt`` finds a plan.

    Returns the plan, its θ and what θ cannot be less than; the two are equal when
    proven. ``first`` is any plan that keeps the limits.
    """
    best, high, low = first, boxes.reached(first), 0.0
    try:
        found = attempt(0.0)
        if found is not None:
            return found, 0.0, 0.0
        while high - low > THRESHOLD_STEP:
            candidate = boxes.next_below(high)
            if candidate <= low:
                return best, high, high
            probe = min(candidate, (low + high) / 2)
            found = attempt(probe)
            if found is not None:
                best, high = found, boxes.reached(found)
            elif probe == candidate:
                return best, high, high
            else:
                low = probe
    except OutOfWork:
        pass
    return best, high, low
