"""The tree that quotas are handed down: nodes, levels, over-assignment and rounding units."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np

from ..arrays import IndexArray, frozen_indices
from ..errors import ProblemList


def round_half_up(amount: Fraction, unit: int) -> int:
    """Return the multiple of ``unit`` nearest to ``amount``, the upper one of two.

    >>> round_half_up(Fraction(105, 2), 1), round_half_up(Fraction(149), 100)
    (53, 100)
    """
    return int((amount / unit + Fraction(1, 2)).__floor__()) * unit


@dataclass(frozen=True, eq=False)
class QuotaTree:
    """Who hands quotas down to whom. Money is counted in minor units (cents, øre).

    Parameters
    ----------
    ids
        One text per node; the root stands first and parents before children.
    parent
        Index of the parent, -1 for the root, (nodes,).
    level
        Index into ``levels``, (nodes,).
    levels
        Names of the levels.
    over_assignment
        How far the quotas below a node sum above its own: 1/20 for 5 %, (nodes,).
        A node without children hands nothing down, so its value is not used.
    units
        Rounding unit per level, minor units of money, (levels,).

    Raises
    ------
    BadInput
        When it is no tree, or a number makes no sense; all problems at once.
    """

    ids: tuple[str, ...]
    parent: IndexArray
    level: IndexArray
    levels: tuple[str, ...]
    over_assignment: tuple[Fraction, ...]
    units: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parent", frozen_indices(self.parent))
        object.__setattr__(self, "level", frozen_indices(self.level))
        object.__setattr__(
            self, "over_assignment", tuple(Fraction(share) for share in self.over_assignment)
        )
        self._validate()

    def _validate(self) -> None:
        found = ProblemList("quota tree")
        size = len(self.ids)
        for key in ("parent", "level", "over_assignment"):
            if len(getattr(self, key)) != size:
                found.add(f"must have {size} entries", key=key, value=len(getattr(self, key)))
        if len(self.units) != len(self.levels):
            found.add(f"must have {len(self.levels)} entries", key="units", value=len(self.units))
        if not size:
            found.add("a tree needs at least its root", key="ids")
        found.raise_any()
        self._check_order(found)
        for name, share in zip(self.ids, self.over_assignment, strict=True):
            if share < 0:
                found.add("must be at least 0", place=name, key="over_assignment", value=share)
        for name, unit in zip(self.levels, self.units, strict=True):
            if unit < 1:
                found.add("must be at least one minor unit", place=name, key="units", value=unit)
        found.raise_any()

    def _check_order(self, found: ProblemList) -> None:
        for name, count in sorted(Counter(self.ids).items()):
            if count > 1:
                found.add("each id stands once", key="ids", value=name)
        below = self.parent[1:]
        if self.parent[0] != -1 or ((below < 0) | (below > np.arange(len(below)))).any():
            found.add("the root stands first and every parent before its children", key="parent")
        if ((self.level < 0) | (self.level >= len(self.levels))).any():
            found.add("must be an index into levels", key="level")

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def children(self) -> tuple[IndexArray, ...]:
        """Indices of the children of each node, ascending."""
        lists: list[list[int]] = [[] for _ in self.ids]
        for node, parent in enumerate(self.parent.tolist()):
            if parent >= 0:
                lists[parent].append(node)
        return tuple(frozen_indices(nodes) for nodes in lists)

    @cached_property
    def leaves(self) -> IndexArray:
        """Nodes without children, ascending, (leaves,)."""
        return frozen_indices([n for n, below in enumerate(self.children) if not len(below)])

    @cached_property
    def inner(self) -> tuple[int, ...]:
        """Nodes with children, parents before children."""
        return tuple(n for n, below in enumerate(self.children) if len(below))

    @cached_property
    def depth(self) -> IndexArray:
        """Steps from the root, (nodes,)."""
        depth = np.zeros(len(self), dtype=np.int64)
        for node in range(1, len(self)):
            depth[node] = depth[self.parent[node]] + 1
        return frozen_indices(depth)

    @cached_property
    def handed_units(self) -> tuple[int, ...]:
        """Unit of what each node hands down: its children's cells are multiples of it.

        It is the least common multiple of what the children need: the unit of
        their level, and where a child hands down without over-assignment, the
        unit below it, so that nothing is lost on the way. 1 for a leaf.
        """
        needed = [self.units[level] for level in self.level.tolist()]
        handed = [1] * len(self)
        for node in reversed(self.inner):
            handed[node] = lcm(*(needed[child] for child in self.children[node].tolist()))
            if not self.over_assignment[node]:
                needed[node] = lcm(needed[node], handed[node])
        return tuple(handed)

    @cached_property
    def cell_units(self) -> IndexArray:
        """Minor units that each node's cells are multiples of, (nodes,)."""
        root = self.units[self.level[0]]
        if self.inner and not self.over_assignment[0]:
            root = lcm(root, self.handed_units[0])
        return frozen_indices([root, *(self.handed_units[p] for p in self.parent[1:].tolist())])

    def hand_down(self, node: int, quota: int) -> int:
        """Total that a node's children carry: quota × (1 + over-assignment), half up."""
        return round_half_up(quota * (1 + self.over_assignment[node]), self.handed_units[node])

    def quotas_handing(self, node: int, low: int, high: int) -> tuple[int, int]:
        """Return the least and the largest quota whose total to hand down lies in [low, high].

        Both are multiples of the node's unit; the first exceeds the second where
        no quota does.
        """
        unit, half = int(self.cell_units[node]), Fraction(self.handed_units[node], 2)
        factor = (1 + self.over_assignment[node]) * unit
        least = -((half - low) / factor).__floor__()
        # hand_down(q) ≤ high means q × (1 + h) < high + half a unit, strictly.
        most = -((-(high + half)) / factor).__floor__() - 1
        return least * unit, most * unit
