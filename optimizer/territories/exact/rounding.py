"""From floats to the integers that CP-SAT needs, with the rounding known.

``docs/decisions/exact-rounding.md`` gives the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....models.arrays import FloatArray, IndexArray

#: Factors by which figures as people write them become whole numbers.
PLAIN_FACTORS = (1, 2, 4, 5, 8, 10, 20, 100, 1_000, 10_000, 100_000, 1_000_000)

#: Largest sum of rounded objective coefficients: far inside 64 bits, and small
#: enough for the floating point of the linear relaxation.
LARGEST_OBJECTIVE = 2.0**42

#: Largest sum of rounded coefficients of a hard limit, which may need more digits.
LARGEST_LIMIT = 2.0**50

#: A hard limit gives away at most this share of the checker's tolerance to rounding.
ROUNDING_SHARE = 1.0 / 8.0

_WHOLE = 1e-9


def plain_factor(values: FloatArray, largest: float) -> int | None:
    """Smallest factor that makes all values whole and their sum at most ``largest``.

    >>> plain_factor(np.array([0.25, 3.0]), 1e9)
    4
    >>> plain_factor(np.array([1 / 3]), 1e9) is None
    True
    """
    distinct = np.unique(values[np.isfinite(values)])
    total = float(np.abs(values[np.isfinite(values)]).sum())
    for factor in PLAIN_FACTORS:
        scaled = distinct * factor
        slack = _WHOLE * np.maximum(1.0, np.abs(scaled) * 1e-3)
        if total * factor > largest:
            return None
        if (np.abs(scaled - np.rint(scaled)) <= slack).all():
            return factor
    return None


def binary_factor(total: float, largest: float) -> float:
    """Largest power of two that keeps a sum of ``total`` at most ``largest``."""
    if total <= 0.0:
        return 1.0
    return float(2.0 ** np.floor(np.log2(largest / total)))


@dataclass(frozen=True, eq=False)
class Rounded:
    """Coefficients times a factor, as integers.

    Parameters
    ----------
    whole
        The integers.
    error
        How far each is from the scaled figure, not negative.
    """

    whole: IndexArray
    error: FloatArray


def rounded(values: FloatArray, factor: float) -> Rounded:
    """Round scaled values to the nearest integer; crumbs of floating point are no error."""
    scaled = values * factor
    whole = np.rint(scaled)
    error = np.abs(scaled - whole)
    crumbs = _WHOLE * np.maximum(1.0, np.abs(scaled) * 1e-3)
    return Rounded(whole.astype(np.int64), np.where(error <= crumbs, 0.0, error))


def largest_by_item(values: FloatArray, items: IndexArray, count: int) -> FloatArray:
    """Largest value of each item's pairs, (count,), 0 for an item without any."""
    largest = np.zeros(count)
    np.maximum.at(largest, items, values)
    return largest
