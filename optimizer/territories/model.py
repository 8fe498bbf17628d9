"""The compiled problem: rules and terms as intervals, budgets and pair costs.

Rules and terms of a :class:`~teig.models.problem.Problem` are posted into an
:class:`AssignmentModel`, which every solver reads: the exact core, the bound by
prices, the search. So a rule is written down once.

An *item* is what gets one owner: a cover, or covers that are kept together. Pairs
(item, owner) are stored flat: item ``i`` may have the owners ``first[i] … last[i]-1``
(those of its team) and the value of the pair stands at ``start[i] + owner - first[i]``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...models.arrays import BoolArray, FloatArray, IndexArray


@dataclass(frozen=True, eq=False)
class Resource:
    """An interval on what each owner carries of something.

    ``lower[r] + lower_share[r] · total ≤ Σ values · x ≤ upper[r] + upper_share[r] · total``
    with the total over all owners that take part. Each unit below or above costs its
    price; an infinite price makes the limit hard.

    Parameters
    ----------
    values
        Per pair, flat, (pairs,); the same for all owners of an item where
        ``per_item`` is true.
    lower, upper, lower_share, upper_share
        Per owner, (owners,); -inf and inf for no limit, shares 0 for a fixed limit.
    takes_part
        Owners whose carriage makes up the total and who are limited, (owners,).
    price
        Objective per unit outside; inf for hard.
    """

    name: str
    values: FloatArray
    lower: FloatArray
    upper: FloatArray
    takes_part: BoolArray
    price: float
    lower_share: FloatArray
    upper_share: FloatArray
    per_item: bool

    @property
    def hard(self) -> bool:
        """Whether the limit must hold."""
        return bool(np.isinf(self.price))

    @property
    def relative(self) -> bool:
        """Whether the limits move with the total."""
        return bool(self.lower_share.any() or self.upper_share.any())


@dataclass(frozen=True, eq=False)
class Budget:
    """A limit on the sum over all chosen pairs: Σ values · x ≤ upper.

    Parameters
    ----------
    values
        Per pair, flat, (pairs,), not negative.
    price
        Objective per unit above; inf for hard.
    """

    name: str
    values: FloatArray
    upper: float
    price: float


@dataclass(frozen=True, eq=False)
class ApartPair:
    """Two items that should have different owners; the price is inf for must."""

    name: str
    a: int
    b: int
    price: float


@dataclass(frozen=True, eq=False)
class SpreadGroup:
    """Items that at most ``maximum`` owners share; a price per owner too many."""

    name: str
    items: tuple[int, ...]
    maximum: int
    price: float


@dataclass(frozen=True, eq=False)
class Home:
    """An owner who should have at least one of some items."""

    name: str
    owner: int
    items: tuple[int, ...]
    price: float


@dataclass(frozen=True, eq=False)
class Diameter:
    """A limit on the distance between two items of one owner.

    Parameters
    ----------
    points
        Per cover, (covers, 3): points on the earth in km, whose chord stands for
        the great circle; NaN rows for covers without a place.
    owners
        Whom it concerns, (owners,).
    maximum
        Largest chord allowed, km.
    price
        Objective per owner and km of great circle beyond; inf for hard.
    """

    name: str
    points: FloatArray
    owners: BoolArray
    maximum: float
    price: float


@dataclass(frozen=True, eq=False)
class Connected:
    """Owners whose territory must hang together on some item pairs.

    Parameters
    ----------
    edges
        Item indices, (e, 2).
    price
        Objective per piece too many; inf for hard.
    """

    name: str
    edges: IndexArray
    owners: BoolArray
    price: float


@dataclass(frozen=True, eq=False)
class AssignmentModel:
    """One stage of a problem, compiled.

    Minimise ``constant + Σ cost · x + Σ cut_prices · [cut] + prices of what is broken``.

    Parameters
    ----------
    item_of_cover
        Item of each cover, (covers,).
    first, last, start
        Range of owners of each item and where its pairs begin, (items,).
    allowed
        Which pairs may be chosen, (pairs,).
    cost
        Objective of each pair, (pairs,).
    cut_edges, cut_prices
        Item pairs (e, 2) and what different owners cost, (e,).
    names
        For each pair that is not allowed the rules that forbid it can be asked of
        :attr:`forbidden_by`: rule name → flat mask (pairs,).
    """

    owners: int
    item_of_cover: IndexArray
    first: IndexArray
    last: IndexArray
    start: IndexArray
    allowed: BoolArray
    cost: FloatArray
    constant: float
    resources: tuple[Resource, ...]
    budgets: tuple[Budget, ...]
    connected: tuple[Connected, ...]
    apart: tuple[ApartPair, ...]
    spread: tuple[SpreadGroup, ...]
    homes: tuple[Home, ...]
    diameters: tuple[Diameter, ...]
    cut_edges: IndexArray
    cut_prices: FloatArray
    forbidden_by: dict[str, BoolArray]

    @property
    def items(self) -> int:
        """Number of items."""
        return len(self.first)

    @property
    def pairs(self) -> int:
        """Number of (item, owner) pairs."""
        return len(self.cost)

    def pair(self, item: int, owner: int) -> int:
        """Flat index of a pair."""
        return int(self.start[item] + owner - self.first[item])

    def pair_items(self) -> IndexArray:
        """Item of each pair, (pairs,)."""
        return np.repeat(np.arange(self.items), self.last - self.first)

    def pair_owners(self) -> IndexArray:
        """Owner of each pair, (pairs,)."""
        return np.arange(self.pairs) - self.start[self.pair_items()] + self.first[self.pair_items()]

    def cover_owners(self, item_owners: IndexArray) -> IndexArray:
        """Owner of each cover from the owner of each item."""
        return np.asarray(item_owners[self.item_of_cover])
