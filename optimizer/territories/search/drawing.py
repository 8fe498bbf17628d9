"""Random numbers that are the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..compiled import inlined


@inlined
def draw(random: Any) -> int:
    """Next number of a xorshift64* generator (Vigna 2016), 31 bits; its state is (1,)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return np.int64((x * np.uint64(2685821657736338717)) >> np.uint64(33))


def seeded(seed: int) -> Any:
    """State of a generator; different seeds give unrelated streams."""
    mixed = (seed + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    return np.array([mixed ^ mixed >> 27 or 1], dtype=np.uint64)
