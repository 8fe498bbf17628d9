"""Pieces of a territory and the separators that hold them apart, compiled."""

from __future__ import annotations

import numpy as np

from ....models.arrays import BoolArray, IndexArray
from ..compiled import compiled


@compiled
def reached(root: int, inside: BoolArray, start: IndexArray, neighbours: IndexArray) -> BoolArray:
    """Units that can be reached from ``root`` over units that are ``inside``, (n,)."""
    seen = np.zeros(len(inside), dtype=np.bool_)
    seen[root] = True
    stack = np.empty(len(inside), dtype=np.int64)
    stack[0] = root
    top = 1
    while top > 0:
        top -= 1
        i = stack[top]
        for q in range(start[i], start[i + 1]):
            other = neighbours[q]
            if inside[other] and not seen[other]:
                seen[other] = True
                stack[top] = other
                top += 1
    return seen


@compiled
def separator(
    centre: int, piece: BoolArray, allowed: BoolArray, start: IndexArray, neighbours: IndexArray
) -> IndexArray:
    """A minimal set of ``allowed`` units that every way from ``centre`` to ``piece`` crosses.

    The neighbours of the piece, less those that the centre cannot reach but through
    others of them (Fischetti et al. 2017, doi 10.1007/s12532-016-0111-0).
    """
    n = len(piece)
    ring = np.zeros(n, dtype=np.bool_)
    for i in range(n):
        if piece[i]:
            for q in range(start[i], start[i + 1]):
                other = neighbours[q]
                if allowed[other] and not piece[other]:
                    ring[other] = True
    outside = allowed & ~ring & ~piece
    seen = reached(centre, outside, start, neighbours)
    kept = np.zeros(n, dtype=np.bool_)
    for i in range(n):
        if ring[i]:
            if i == centre:
                kept[i] = True
            for q in range(start[i], start[i + 1]):
                if seen[neighbours[q]] and not ring[neighbours[q]]:
                    kept[i] = True
    return np.flatnonzero(kept)


@compiled
def pieces(labels: IndexArray, start: IndexArray, neighbours: IndexArray) -> IndexArray:
    """Number of the connected piece of equal labels that each unit is in, (n,)."""
    n = len(labels)
    piece = np.full(n, -1, dtype=np.int64)
    stack = np.empty(n, dtype=np.int64)
    count = 0
    for root in range(n):
        if piece[root] >= 0:
            continue
        piece[root] = count
        stack[0] = root
        top = 1
        while top > 0:
            top -= 1
            i = stack[top]
            for q in range(start[i], start[i + 1]):
                other = neighbours[q]
                if piece[other] < 0 and labels[other] == labels[i]:
                    piece[other] = count
                    stack[top] = other
                    top += 1
        count += 1
    return piece
