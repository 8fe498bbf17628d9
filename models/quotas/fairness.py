"""Fairness of quotas as a linear rule: how much is asked must not lean on who is asked.

The *burden* of an owner is b = quota ÷ what is expected of the owner; the expected
attainment is 1 / b. With n owners, their mean burden B = Σ quota ÷ Σ expected, and

- a number z that owners have (size, growth, tenure), standardized to mean 0 and
  deviation 1: the slope of least squares is β = Σ z_i·b_i / n, and the limit L asks for
  |β| ≤ L·B: somebody one standard deviation larger is asked for at most L more, as a
  share of the mean;
- groups (regions, incumbents and others): the mean burden of every group lies within
  L·B of the mean burden of all.

Both are linear in the quotas: Σ c_i·quota_i ≤ 0. Attainment leans the other way by as
much, to the first order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import FloatArray, IndexArray
from .limits import LimitKind

#: Coefficients are whole numbers up to this, so that a check adds up exactly.
_LARGEST = 10**9


@dataclass(frozen=True)
class LeanLimit:
    """One side of a fairness limit: Σ coefficient × quota of the plan period ≤ 0.

    Parameters
    ----------
    name
        Unique; conflicts and violations go by it.
    covariate
        What must not be leaned on.
    nodes, coefficients
        Leaves and whole coefficients; only their ratios matter.
    scale
        What a sum of coefficient × quota is divided by to be a share of the mean burden
        times the sum of quotas.
    limit
        The share L that it allows.
    """

    name: str
    covariate: str
    nodes: tuple[int, ...]
    coefficients: tuple[int, ...]
    scale: float
    limit: float
    kind: LimitKind = LimitKind.FAIRNESS

    def __post_init__(self) -> None:
        if len(self.nodes) != len(self.coefficients):
            raise ValueError("nodes and coefficients must be as many")

    def total(self, quotas: Sequence[int] | IndexArray) -> int:
        """Σ coefficient × quota, from every node's quota of the plan period, (nodes,)."""
        pairs = zip(self.nodes, self.coefficients, strict=True)
        return sum(int(quotas[node]) * factor for node, factor in pairs)

    def keeps(self, quotas: Sequence[int] | IndexArray) -> bool:
        """Whether the limit holds, in whole numbers."""
        return self.total(quotas) <= 0

    def excess(self, quotas: Sequence[int] | IndexArray) -> float:
        """By how much of the mean burden the limit is exceeded, a share; below 0 is room."""
        carried = sum(int(quotas[node]) for node in self.nodes)
        return self.total(quotas) / self.scale / max(carried, 1)


def number_limits(
    covariate: str,
    nodes: Sequence[int],
    expected: FloatArray,
    values: FloatArray,
    limit: float,
) -> tuple[LeanLimit, ...]:
    """Both sides of the limit on a number that owners have; none where all have the same.

    Parameters
    ----------
    nodes, expected, values
        Leaves, what is expected of each (above 0), and the number, (owners,).

    Examples
    --------
    >>> sides = number_limits("size", [1, 2], np.array([100.0, 300.0]), np.array([1.0, 3.0]), 0.1)
    >>> [side.keeps([0, 100, 300]) for side in sides], [side.keeps([0, 50, 350]) for side in sides]
    ([True, True], [False, True])
    """
    deviation = float(values.std())
    if not deviation > 1e-12 * max(1.0, float(np.abs(values).max(initial=0.0))):
        return ()
    slope = (values - values.mean()) / deviation / len(values) / expected
    return tuple(
        _side(f"fairness of {covariate}, {word}", covariate, nodes, expected, sign * slope, limit)
        for sign, word in ((1.0, "rising"), (-1.0, "falling"))
    )


def group_limits(
    covariate: str,
    nodes: Sequence[int],
    expected: FloatArray,
    groups: Sequence[str],
    limit: float,
) -> tuple[LeanLimit, ...]:
    """Both sides of the limit for each group of owners; none where there is one group."""
    names = sorted(set(groups))
    sides: list[LeanLimit] = []
    if len(names) < 2:
        return ()
    for name in names:
        inside = np.array([group == name for group in groups])
        gap = (inside / inside.sum() - 1.0 / len(inside)) / expected
        for sign, word in ((1.0, "above"), (-1.0, "below")):
            title = f"fairness of {covariate}, {name} {word}"
            sides.append(_side(title, covariate, nodes, expected, sign * gap, limit))
    return tuple(sides)


def _side(
    name: str,
    covariate: str,
    nodes: Sequence[int],
    expected: FloatArray,
    lean: FloatArray,
    limit: float,
) -> LeanLimit:
    factors = lean - limit / expected.sum()
    scale = _LARGEST / float(np.abs(factors).max())
    whole = tuple(int(factor) for factor in np.rint(factors * scale).tolist())
    # lean·q is β; divided by the mean burden Σq ÷ Σe it is a share of it.
    share = scale / float(expected.sum())
    return LeanLimit(name, covariate, tuple(map(int, nodes)), whole, share, limit)
