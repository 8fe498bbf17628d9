"""Random draws that belong to what they are drawn for, not to its place in a list.

Every factor (the market, one territory, one territory in one period …) has a stream
of its own, seeded by its name. So the same territory has the same luck in every
scenario, and two plans are compared on common random numbers. Each stream is
stratified: one draw from each of K equally likely slices, in random order (McKay,
Beckman and Conover, Technometrics 21, 1979), so that each margin is exact to 1/K.
"""

from __future__ import annotations

import hashlib

import numpy as np
from scipy.special import ndtri

from ....models.arrays import FloatArray


def normal_draws(seed: int, name: str, count: int) -> FloatArray:
    """Standard normal draws of one factor, (count,).

    >>> draws = normal_draws(1, "market", 1000)
    >>> int((draws > 0).sum()), bool((draws == normal_draws(1, "market", 1000)).all())
    (500, True)
    """
    digest = hashlib.sha256(name.encode()).digest()
    generator = np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])
    slices = generator.permutation(count) + generator.random(count)
    draws: FloatArray = ndtri(np.clip(slices / count, 1e-12, 1 - 1e-12))
    return draws


def many_draws(seed: int, names: list[str], count: int) -> FloatArray:
    """Draws of several factors, (count, names)."""
    draws = np.empty((count, len(names)))
    for column, name in enumerate(names):
        draws[:, column] = normal_draws(seed, name, count)
    return draws
