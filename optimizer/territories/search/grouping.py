"""Groups of owners whose territories lie together on the map, for searches of their own."""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from .ground import Ground


def territory_neighbours(g: Ground, owner: IndexArray, owners: int) -> list[list[int]]:
    """Owners whose territories touch, for each owner, ascending."""
    one, other = owner[g.tail], owner[g.near_other]
    pairs = np.unique((one * owners + other)[one != other])
    near: list[list[int]] = [[] for _ in range(owners)]
    for pair in pairs.tolist():
        near[pair // owners].append(pair % owners)
    return near


def halves(
    mine: IndexArray, near: list[list[int]], random: np.random.Generator
) -> list[IndexArray]:
    """Cut a group in two, by steps from an owner far from one drawn at random."""
    inside = set(mine.tolist())
    order = _by_steps(int(random.choice(mine)), inside, near)
    order = _by_steps(order[-1], inside, near)
    half = len(order) // 2
    return [np.sort(np.array(part, dtype=np.int64)) for part in (order[:half], order[half:])]


def _by_steps(root: int, inside: set[int], near: list[list[int]]) -> list[int]:
    """A group's owners by steps from one of them; those out of reach last."""
    seen, order = {root}, [root]
    for at in order:
        for other in near[at]:
            if other in inside and other not in seen:
                seen.add(other)
                order.append(other)
    return order + sorted(inside - seen)


def lossy_groups(
    near: list[list[int]], loss: FloatArray, sizes: tuple[int, int], many: int,
    random: np.random.Generator,
) -> list[IndexArray]:  # fmt: skip
    """Groups of neighbours with no owner in two of them, drawn where most is lost.

    Parameters
    ----------
    near
        Neighbours of each owner.
    loss
        What each owner's territory loses, positive, (R,).
    sizes
        Owners of a group, at least and at most; fewer where no neighbour is left.
    many
        Groups.
    """
    free = np.ones(len(near), dtype=np.bool_)
    groups: list[IndexArray] = []
    while len(groups) < many and free.any():
        mine: list[int] = []
        size = int(random.integers(sizes[0], sizes[1] + 1))
        beside = np.flatnonzero(free)
        while len(beside) and len(mine) < size:
            chance = loss[beside] / loss[beside].sum()
            mine.append(int(random.choice(beside, p=chance)))
            free[mine[-1]] = False
            touched = sorted({other for at in mine for other in near[at] if free[other]})
            beside = np.array(touched, dtype=np.int64)
        groups.append(np.sort(np.array(mine, dtype=np.int64)))
    return groups
