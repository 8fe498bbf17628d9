"""The quota problem: frozen, validated, index-based, in minor units of money."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from ..arrays import FloatArray, IndexArray, frozen_floats, frozen_indices
from .fairness import LeanLimit
from .limits import Limit, LimitKind
from .targets import Targets, share_out
from .tree import QuotaTree, round_half_up


class Relief(StrEnum):
    """Who carries what a ramping seller is spared."""

    SHARED = "shared"
    """Colleagues: those under the same node, or the next node up where nobody there sells."""
    LOST = "lost"
    """Nobody: it is taken off the total."""


@dataclass(frozen=True, eq=False)
class QuotaProblem:
    """Cells node × product × period, what they should be, and what binds them.

    Parameters
    ----------
    tree
        Who hands down to whom.
    products, periods
        Names.
    raw_index
        What the index method gives each leaf, any common scale, at least 0,
        (leaves, products, periods) in the order of ``tree.leaves``. Only shares
        matter: :attr:`index` scales them to the totals.
    budget
        Minor units that the root's cells sum to, (products or 1, periods or 1):
        an axis of length 1 is summed over, so that ``[[x]]`` fixes the total alone.
    limits
        Floors, caps, growth limits and pins.
    productivity
        Share of a full seller's index, 0 to 1, (leaves, periods); ones by default.
    relief
        Who carries what ``productivity`` spares.
    fixed_shares
        Leaf → its share of what its parent hands down by the index: owners that
        do not take part (the house, a partner). The cell is that amount, half up.
    zero_deviation
        Deviation that one rounding unit counts for where the index is 0.
    minor_units
        Minor units in one unit of the currency.
    leaf_index
        Index of each leaf in place of what the raw index shares out, minor units,
        (leaves, products, periods): where fairness or a change in mid-period moved it.
    leans
        How far the quotas may lean on what owners are like.

    Raises
    ------
    BadInput
        When parts do not fit together or a fixed amount is no multiple of the
        unit that it has to be dealt in; all problems at once.
    """

    tree: QuotaTree
    products: tuple[str, ...]
    periods: tuple[str, ...]
    raw_index: FloatArray
    budget: IndexArray
    limits: tuple[Limit, ...] = ()
    productivity: FloatArray | None = None
    relief: Relief = Relief.SHARED
    fixed_shares: Mapping[int, Fraction] = field(default_factory=dict)
    zero_deviation: float = 1.0
    currency: str = "EUR"
    minor_units: int = 100
    leaf_index: FloatArray | None = None
    leans: tuple[LeanLimit, ...] = ()

    def __post_init__(self) -> None:
        leaves, periods = len(self.tree.leaves), len(self.periods)
        given = np.ones((leaves, periods)) if self.productivity is None else self.productivity
        shares = {int(n): Fraction(s) for n, s in sorted(self.fixed_shares.items())}
        object.__setattr__(self, "productivity", frozen_floats(given))
        object.__setattr__(self, "raw_index", frozen_floats(self.raw_index))
        object.__setattr__(self, "budget", frozen_indices(self.budget))
        object.__setattr__(self, "limits", tuple(sorted(self.limits, key=lambda x: x.order)))
        object.__setattr__(self, "fixed_shares", MappingProxyType(shares))
        object.__setattr__(self, "relief", Relief(self.relief))
        if self.leaf_index is not None:
            object.__setattr__(self, "leaf_index", frozen_floats(self.leaf_index))
        from .validation import validate_quota_problem

        validate_quota_problem(self)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, validated again."""
        return dataclasses.replace(self, **changes)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Nodes, products, periods."""
        return len(self.tree), len(self.products), len(self.periods)

    @cached_property
    def targets(self) -> Targets:
        """The index of every cell and the steps that lead to it."""
        return share_out(self)

    @property
    def index(self) -> FloatArray:
        """What each cell would be without rounding and limits, minor units, as :attr:`shape`.

        The root's budget split by the raw index, and at every node below what is
        handed down to it: quota × (1 + over-assignment), by the children's raw
        index after relief.
        """
        return self.targets.index

    @cached_property
    def scale(self) -> FloatArray:
        """What a cell's distance from its index is divided by, minor units, as :attr:`shape`."""
        units = self.tree.cell_units[:, None, None] / self.zero_deviation
        return frozen_floats(np.where(self.index > 0, self.index, units))

    @cached_property
    def rules(self) -> tuple[Limit, ...]:
        """All limits in their order: the budget, pins, fixed shares, growth, floors, caps."""
        return tuple(
            sorted((*self._budget_limits(), *self._share_limits(), *self.limits), key=_order)
        )

    def columns(self, limit: Limit) -> IndexArray:
        """Columns of a limit in arrays of shape (nodes, products × periods)."""
        products = np.array(limit.products, dtype=np.int64)[:, None] * len(self.periods)
        return frozen_indices((products + np.array(limit.periods, dtype=np.int64)).ravel())

    def block(self, row: int, column: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Products and periods that one entry of the budget sums over."""
        products, periods = len(self.products), len(self.periods)
        rows = range(products) if self.budget.shape[0] == 1 else (row,)
        columns = range(periods) if self.budget.shape[1] == 1 else (column,)
        return tuple(rows), tuple(columns)

    def _budget_limits(self) -> list[Limit]:
        unit = int(self.tree.cell_units[0])
        limits = []
        for row, column in np.ndindex(*self.budget.shape):
            products, periods = self.block(row, column)
            lost = float(self.targets.lost[np.ix_(products, periods)].sum())
            amount = int(self.budget[row, column]) - _nearest(lost, unit)
            parts = ["budget"]
            if self.budget.shape[0] > 1:
                parts.append(self.products[row])
            if self.budget.shape[1] > 1:
                parts.append(self.periods[column])
            name, kind = " ".join(parts), LimitKind.BUDGET
            limits.append(Limit(name, kind, 0, products, periods, amount, amount))
        return limits

    def _share_limits(self) -> list[Limit]:
        limits = []
        for node in self.fixed_shares:
            unit = int(self.tree.cell_units[node])
            for p, t in np.ndindex(self.shape[1:]):
                amount = _nearest(float(self.index[node, p, t]), unit)
                name = f"share of {self.tree.ids[node]}, {self.products[p]}, {self.periods[t]}"
                limits.append(Limit(name, LimitKind.SHARE, node, (p,), (t,), amount, amount))
        return limits


def _order(limit: Limit) -> tuple[int, int, str]:
    return limit.order


def _nearest(amount: float, unit: int) -> int:
    """The multiple nearest to a float; a half that floats blur by a hair still goes up."""
    return round_half_up(Fraction(round(amount, 3)), unit)
