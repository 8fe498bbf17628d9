"""A proximal bundle method for any concave function, as :mod:`.bundle` has it compiled.

The quadratic penalty is on steps measured in the natural size of each price, and prices
stay within a ceiling of their own: a trial point is cut off there, and what is proven
there counts as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ....models.arrays import FloatArray
from ..compiled import compiled
from .bundle import PLANES, plane_weights


@compiled
def _settle(
    gram: FloatArray, error: FloatArray, weight: FloatArray, count: int, stiffness: float
) -> None:
    plane_weights(gram, error, weight, count, stiffness)


@dataclass
class Ascent:
    """Prices that rise towards the best bound.

    Parameters
    ----------
    point, value
        The best prices so far and what they prove.
    ceiling
        Highest price of each unit; the lowest is 0.
    scale
        Natural size of a step in each price, (n,); may hold zeros.
    """

    point: FloatArray
    value: float
    slope: FloatArray
    ceiling: FloatArray
    scale: FloatArray
    hope: float
    planes: list[FloatArray] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    stiffness: float = 0.0
    expected: float = np.inf

    def __post_init__(self) -> None:
        self._gram = np.zeros((PLANES, PLANES))
        self._add(self.slope * self.scale, 0.0, 1.0)
        size = max(self._gram[0, 0], 1e-12)
        self.stiffness = size / max(self.hope, 1e-9 * abs(self.value), 1e-12)

    def trial(self) -> FloatArray:
        """Where to look next."""
        count = len(self.planes)
        weight, error = np.array(self.weight), np.array(self.error)
        _settle(self._gram, error, weight, count, self.stiffness)
        self.weight = weight.tolist()
        step = np.zeros(len(self.point))
        for plane, part in zip(self.planes, self.weight, strict=True):
            if part > 0.0:
                step += part / self.stiffness * plane
        self.expected = float(weight @ error + self.stiffness * (step @ step))
        self._trial = np.clip(self.point + step * self.scale, 0.0, self.ceiling)
        return self._trial

    def learn(self, found: float, slope: FloatArray) -> bool:
        """Take in the value and supergradient at the trial; whether the point moved there."""
        plane = slope * self.scale
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(self.scale > 0, (self._trial - self.point) / self.scale, 0.0)
        off = max(0.0, found - float(plane @ step) - self.value)
        moved = found - self.value >= 0.1 * self.expected
        if moved:
            if found - self.value > 0.5 * self.expected:
                self.stiffness *= 0.6
            for q, known in enumerate(self.planes):
                error = self.error[q] + self.value - found + float(known @ step)
                self.error[q] = max(0.0, error)
            self.point, self.value, off = self._trial, found, 0.0
        elif off > 3.0 * self.expected:
            self.stiffness *= 1.3
        if len(self.planes) == PLANES:
            self._merge()
        self._add(plane, off, 0.0)
        return moved

    def lower(self, found: float, slope: FloatArray) -> None:
        """Take in that the value at the point is less: the function was looked at in part.

        What is known of the part is above the whole as well, so its planes stay.
        """
        off = max(0.0, self.value - found)
        self.error = [error + off for error in self.error]
        self.value -= off
        if len(self.planes) == PLANES:
            self._merge()
        self._add(slope * self.scale, 0.0, 0.0)

    def _add(self, plane: FloatArray, error: float, weight: float) -> None:
        self.planes.append(plane)
        self.error.append(error)
        self.weight.append(weight)
        last = len(self.planes) - 1
        for q, known in enumerate(self.planes):
            self._gram[q, last] = self._gram[last, q] = known @ plane

    def _merge(self) -> None:
        """The weighted mean of all planes keeps what they prove; the least used go."""
        mean = np.zeros(len(self.point))
        for plane, part in zip(self.planes, self.weight, strict=True):
            if part > 0.0:
                mean += part * plane
        error = float(np.array(self.weight) @ np.array(self.error))
        order = np.argsort(-np.array(self.weight), kind="stable")[: PLANES // 2]
        kept = [(self.planes[q], self.error[q]) for q in sorted(order.tolist())]
        self.planes, self.error, self.weight = [], [], []
        self._add(mean, error, 1.0)
        for plane, off in kept:
            self._add(plane, off, 0.0)


def ascend(
    evaluate: Callable[[FloatArray], tuple[float, FloatArray]],
    point: FloatArray,
    ceiling: FloatArray,
    scale: FloatArray,
    passes: int,
    *,
    hope: float | None = None,
    precision: float = 1e-6,
    target: float = np.inf,
    stop: Callable[[], bool] = lambda: False,
) -> Ascent:
    """Raise a bound from ``point``; ends after ``passes``, at ``target`` or when little is left."""
    value, slope = evaluate(point)
    hope = 0.05 * abs(value) if hope is None else hope
    state = Ascent(point, value, slope, ceiling, scale, hope)
    for _ in range(passes - 1):
        if state.value >= target or stop():
            break
        trial = state.trial()
        if state.expected <= precision * abs(state.value):
            break
        state.learn(*evaluate(trial))
    return state
