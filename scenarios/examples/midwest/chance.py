"""Made-up variety that never changes: numbers drawn from the names of things."""

from __future__ import annotations

import hashlib


def draw(*words: object) -> float:
    """Return a number in [0, 1) that belongs to the words, on any machine.

    >>> draw("17031", "sales") == draw("17031", "sales")
    True
    """
    digest = hashlib.sha256("|".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2.0**56


def between(low: float, high: float, *words: object) -> float:
    """Return a number between two others that belongs to the words."""
    return low + (high - low) * draw(*words)
