"""Ragged lists and rows as flat arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ....models.arrays import FloatArray, IndexArray


def grouped(
    keys: IndexArray, values: Sequence[IndexArray | FloatArray], size: int
) -> tuple[IndexArray, list[Any]]:
    """Sort values by key, stably; return where each key begins, (size + 1,), and the values."""
    order = np.argsort(keys, kind="stable")
    begin = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=size))]).astype(np.int64)
    return begin, [np.ascontiguousarray(np.asarray(column)[order]) for column in values]


def graph(edges: list[IndexArray], n: int) -> tuple[IndexArray, IndexArray]:
    """Neighbours both ways, each once, sorted."""
    if not edges:
        return np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    pairs = np.concatenate(edges)
    pairs = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    start, (other,) = grouped(pairs[:, 0], [pairs[:, 1]], n)
    return start, other


def stacked(rows: Sequence[Any], length: int) -> FloatArray:
    """Rows of one length, also where there are none, (rows, length)."""
    if not rows:
        return np.zeros((0, length))
    return np.ascontiguousarray(np.stack(rows).astype(np.float64))


def joined(arrays: Iterable[IndexArray]) -> IndexArray:
    """Put arrays one after another, also where there are none."""
    found = list(arrays)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
