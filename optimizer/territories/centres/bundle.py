"""Ascent of the Lagrangian by a proximal bundle method, compiled.

The planes found so far make a model of the concave function; the next point is the one
that is best under the model less a quadratic penalty on the distance (Kiwiel 1990,
doi 10.1007/BF01585731). The small quadratic program over the planes' weights is solved
by exchanges between two planes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inner
from .prices import all_worths, choose, shortage

PLANES = 48


class Prices(NamedTuple):
    """Prices and what they prove, for the candidates they were made with.

    ``bound`` = Σ alpha + worth of the chosen candidates.
    """

    bound: float
    alpha: FloatArray
    mu: FloatArray
    worth: FloatArray
    evaluations: int


@inner
def plane_weights(
    gram: FloatArray, error: FloatArray, weight: FloatArray, count: int, stiffness: float
) -> None:
    """Minimise |Σ w·plane|² / (2·stiffness) + Σ w·error over the simplex, in place."""
    slope = np.empty(count)
    for i in range(count):
        total = 0.0
        for k in range(count):
            total += gram[i, k] * weight[k]
        slope[i] = total / stiffness + error[i]
    for _ in range(8 * PLANES):
        best, worst = 0, -1
        for i in range(count):
            if slope[i] < slope[best]:
                best = i
            if weight[i] > 0.0 and (worst < 0 or slope[i] > slope[worst]):
                worst = i
        if slope[worst] - slope[best] <= 1e-10 * (abs(slope[worst]) + abs(slope[best])):
            return
        curve = (gram[best, best] + gram[worst, worst] - 2.0 * gram[best, worst]) / stiffness
        step = weight[worst]
        if curve > 0.0:
            step = min(step, (slope[worst] - slope[best]) / curve)
        weight[best] += step
        weight[worst] -= step
        if weight[worst] < 1e-14:
            weight[worst] = 0.0
        for i in range(count):
            slope[i] += step * (gram[i, best] - gram[i, worst]) / stiffness


@compiled
def ascend(
    cost: FloatArray,
    owns: IndexArray,
    activities: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    region: IndexArray,
    counts: IndexArray,
    alpha: FloatArray,
    mu: FloatArray,
    scale: FloatArray,
    target: float,
    limit: int,
    precision: float,
) -> tuple[float, FloatArray, FloatArray, FloatArray, int]:
    """Raise the bound from ``alpha``; see :class:`Prices` for what comes back.

    Parameters
    ----------
    cost, owns, lower, upper, region
        Of the candidates: (m, n), (m,), (m, activities) twice, (m,).
    counts
        Centres to be chosen in each region.
    scale
        Natural size of a step in each price, (n,); may hold zeros.
    target
        The ascent ends when the bound reaches it.
    limit
        Evaluations at most.
    precision
        It also ends when the model expects to gain less than this share of the bound.
    """
    m, n = cost.shape
    worth = np.empty(m)
    chosen = np.empty(counts.sum(), dtype=np.int64)
    slope = np.empty(n)
    point, price = alpha.copy(), mu.copy()
    all_worths(cost, owns, activities, lower, upper, point, price, worth)
    value = choose(worth, region, counts, chosen) + point.sum()
    best_mu, best_worth = price.copy(), worth.copy()
    if np.isinf(value) or value >= target:
        return value, point, best_mu, best_worth, 1
    shortage(cost, owns, activities, lower, upper, point, price, chosen, slope)
    slope *= scale
    planes = np.zeros((PLANES, n))
    gram = np.zeros((PLANES, PLANES))
    error, weight = np.zeros(PLANES), np.zeros(PLANES)
    planes[0] = slope
    gram[0, 0] = np.dot(slope, slope)
    weight[0] = 1.0
    count = 1
    hope = target - value if target < np.inf else 0.05 * abs(value)
    stiffness = max(gram[0, 0], 1e-12) / max(hope, 1e-9 * abs(value), 1e-12)
    done = 1
    while done < limit:
        plane_weights(gram, error, weight, count, stiffness)
        step = np.zeros(n)
        expected = 0.0
        for q in range(count):
            if weight[q] > 0.0:
                step += weight[q] / stiffness * planes[q]
                expected += weight[q] * error[q]
        expected += stiffness * np.dot(step, step)
        if expected <= precision * abs(value):
            break
        trial = point + step * scale
        all_worths(cost, owns, activities, lower, upper, trial, price, worth)
        found = choose(worth, region, counts, chosen) + trial.sum()
        done += 1
        shortage(cost, owns, activities, lower, upper, trial, price, chosen, slope)
        slope *= scale
        off = max(0.0, found - np.dot(slope, step) - value)
        if found - value >= 0.1 * expected:
            if found - value > 0.5 * expected:
                stiffness *= 0.6
            for q in range(count):
                error[q] = max(0.0, error[q] + value - found + np.dot(planes[q], step))
            point, value, off = trial, found, 0.0
            best_mu[:], best_worth[:] = price, worth
            if value >= target:
                break
        elif off > 3.0 * expected:
            stiffness *= 1.3
        place = count
        if count == PLANES:
            # The weighted mean of all planes keeps what they prove; two places get free.
            spare, place = 0, 1
            if weight[1] < weight[0]:
                spare, place = 1, 0
            for q in range(2, count):
                if weight[q] < weight[spare]:
                    place, spare = spare, q
                elif weight[q] < weight[place]:
                    place = q
            mean = np.zeros(n)
            mean_error = 0.0
            for q in range(count):
                mean += weight[q] * planes[q]
                mean_error += weight[q] * error[q]
            planes[spare], error[spare] = mean, mean_error
            weight[:] = 0.0
            weight[spare] = 1.0
            for q in range(count):
                gram[q, spare] = gram[spare, q] = np.dot(planes[q], mean)
        else:
            count += 1
        planes[place], error[place], weight[place] = slope, off, 0.0
        for q in range(count):
            gram[q, place] = gram[place, q] = np.dot(planes[q], slope)
    return value, point, best_mu, best_worth, done
