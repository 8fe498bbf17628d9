"""The compiled problem: rules and terms as intervals, budgets and pair costs.

Rules and terms of a :class:`~teig.models.problem.Problem` are posted into an
:class:`AssignmentModel`, which every solver reads: the exact core, the bound by
prices, the search. So a rule is written down once.

An *item* is what gets one owner: a cover, or covers that are kept together. Pairs
(item, owner) are stored flat: item ``i`` may have the owners ``first[i] … last[i]-1``
(those of its team) and the value of the pair stands at ``start[i] + owner - first[i]``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...models.arrays import BoolArray, FloatArray, IndexArray
from ...models.rules import TOLERANCE


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
    tolerance
        A limit counts as kept up to this share of its own size (at least of 1), as
        the rule's check has it; 0 for a term, which has no such dead zone.
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
    tolerance: float = TOLERANCE

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
class Largest:
    """A price on the largest of something over the whole plan, in km.

    Parameters
    ----------
    values
        Per pair, flat, (pairs,): the largest over the chosen pairs counts. None where
        distances between covers of one owner count instead.
    points, owners
        Then as in :class:`Diameter`.
    price
        Objective per km.
    """

    name: str
    values: FloatArray | None
    points: FloatArray
    owners: BoolArray
    price: float


@dataclass(frozen=True, eq=False)
class Connected:
    """Owners whose territory must hang together on some item pairs.

    Parameters
    ----------
    edges
        Item indices, (e, 2). An item of several covers counts as one node here, which
        is too generous where its covers do not touch.
    price
        Objective per piece too many; inf for hard.
    cover_edges
        Cover indices, (e, 2): what the rule's check counts pieces on. The same as
        ``edges`` where every item is one cover.
    """

    name: str
    edges: IndexArray
    owners: BoolArray
    price: float
    cover_edges: IndexArray


@dataclass(frozen=True, eq=False)
class EarlierLimit:
    """What an earlier stage of a strict order may cost now.

    Parameters
    ----------
    model
        The stage's priced parts alone, on the same items and pairs: its objective is
        what is limited; nothing in it is hard.
    limit
        ``objective of model ≤ limit``.
    """

    name: str
    model: AssignmentModel
    limit: float


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
    forbidden_by
        Rule name → which pairs it forbids, (pairs,).
    earlier
        Limits from the stages before, hard.
    largest
        What counts by its largest value. The bound by prices and the search by moves
        know nothing of it: :mod:`.stages.bottleneck` sets limits for them.
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
    earlier: tuple[EarlierLimit, ...] = field(default=())
    largest: tuple[Largest, ...] = field(default=())

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

    def total_range(self, resource: Resource) -> tuple[float, float]:
        """Least and most that the owners who take part can carry together.

        Both are the same number where the resource's limits are fixed.
        """
        low = np.where(self.allowed, resource.values, np.inf)
        high = np.where(self.allowed, resource.values, -np.inf)
        least = np.minimum.reduceat(low, self.start) if self.items else low
        most = np.maximum.reduceat(high, self.start) if self.items else high
        possible = np.isfinite(least)
        return float(least[possible].sum()), float(most[possible].sum())

    def fixed_limits(self, resource: Resource) -> tuple[FloatArray, FloatArray] | None:
        """Lower and upper limit per owner as numbers, (owners,), or None if the total moves."""
        if not resource.relative:
            return resource.lower, resource.upper
        least, most = self.total_range(resource)
        if most - least > 1e-12 * max(1.0, most):
            return None
        lower = resource.lower + resource.lower_share * most
        return lower, resource.upper + resource.upper_share * most
