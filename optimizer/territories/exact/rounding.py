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

#: Largest sum of rounded coefficients in one constraint. CP-SAT 9.15 adds up the
#: booleans of a constraint in 32 bits in one step of its presolve, and proves false
#: optima beyond that (mended after 9.15); see ``docs/decisions/exact-rounding.md``.
LARGEST_ROW = 2.0**30

#: A hard limit gives away at most this share of the checker's tolerance to rounding.
ROUNDING_SHARE = 1.0 / 8.0


def _crumbs(scaled: FloatArray) -> FloatArray:
    """How far floating point alone may move a scaled figure: some units in the last place."""
    return np.asarray(np.maximum(1e-9, 16.0 * np.finfo(float).eps * np.abs(scaled)))


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
        if total * factor > largest:
            return None
        if (np.abs(scaled - np.rint(scaled)) <= _crumbs(scaled)).all():
            return factor
    return None


def binary_factor(total: float, largest: float) -> float:
    """Largest power of two that keeps a sum of ``total`` at most ``largest``."""
    if total <= 0.0:
        return 1.0
    return float(2.0 ** np.floor(np.log2(largest / total)))


def excess_scale(
    values: FloatArray, limit: float, price: float, factor: float
) -> tuple[float, int]:
    """Scale of a priced constraint and what a unit above it costs in the objective.

    Parameters
    ----------
    factor
        The objective's scale: scale × cost = price × factor, exactly.
    """
    size = float(np.abs(values).sum()) + abs(limit)
    plain = plain_factor(np.append(values, limit), LARGEST_ROW)
    if plain is not None:
        cost = price * factor / plain
        if cost >= 0.5 and abs(cost - np.rint(cost)) <= 16.0 * np.finfo(float).eps * cost:
            return float(plain), int(np.rint(cost))
    cost = max(1.0, np.ceil(price * factor / binary_factor(size, LARGEST_ROW)))
    return price * factor / cost, int(cost)


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
    return Rounded(whole.astype(np.int64), np.where(error <= _crumbs(scaled), 0.0, error))


def largest_by_item(values: FloatArray, items: IndexArray, count: int) -> FloatArray:
    """Largest value of each item's pairs, (count,), 0 for an item without any."""
    largest = np.zeros(count)
    np.maximum.at(largest, items, values)
    return largest
