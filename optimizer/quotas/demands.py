"""What is asked of quotas: budget, phasing, floors, caps, growth limits and pins as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray, IndexArray
from ...models.errors import ProblemList
from ...models.quotas import Limit, LimitKind, QuotaTree
from .tables import minor_amount, ratio, text_column


def read_weights(
    given: Mapping[str, float] | Sequence[str], what: str, found: ProblemList
) -> tuple[tuple[str, ...], FloatArray]:
    """Names and shares that sum to 1: of periods, say."""
    names = tuple(map(str, given))
    if isinstance(given, Mapping):
        weights = np.array([float(given[name]) for name in given])
        value = ", ".join(
            f"{name}: {weight:g}" for name, weight in zip(names, weights, strict=True)
        )
    else:
        weights, value = np.ones(len(names)), ", ".join(names)
    if not len(names) or not np.isfinite(weights).all() or (weights < 0).any() or not weights.sum():
        found.add("weights must be at least 0 and not all 0", key=what, value=value)
        return names or ("",), np.ones(max(len(names), 1)) / max(len(names), 1)
    return names, weights / weights.sum()


def read_budget(
    budget: Any,
    products: tuple[str, ...],
    periods: tuple[str, ...],
    minor_units: int,
    found: ProblemList,
) -> IndexArray:
    """Minor units, (products or 1, periods or 1): a number, amounts by product, or a frame."""
    if isinstance(budget, Mapping):
        budget = pd.DataFrame({"product": list(budget), "amount": list(budget.values())})
    if not isinstance(budget, pd.DataFrame):
        budget = pd.DataFrame({"amount": [budget]})
    rows = products if "product" in budget.columns else ("",)
    columns = periods if "period" in budget.columns else ("",)
    amounts: dict[tuple[str, str], int] = {}
    keys = zip(text_column(budget, "product"), text_column(budget, "period"), strict=True)
    values = budget["amount"] if "amount" in budget.columns else [None] * len(budget)
    for key, value in zip(keys, values, strict=True):
        place = " ".join(filter(None, key))
        amount = minor_amount(value, minor_units)
        if key[0] not in rows or key[1] not in columns:
            found.add("names a product or period that is not there", source="budget", place=place)
        elif key in amounts:
            found.add("is given twice", source="budget", place=place)
        elif amount is None:
            message = "must be money in whole minor units"
            found.add(message, source="budget", place=place, value=value)
        amounts[key] = amount or 0
    for key in ((row, column) for row in rows for column in columns):
        if key not in amounts:
            found.add("is missing", source="budget", place=" ".join(key))
    return np.array([[amounts.get((row, column), 0) for column in columns] for row in rows])


@dataclass(frozen=True, eq=False)
class Demands:
    """Reads frames of limits; each row binds the sum over the cells that it names.

    Parameters
    ----------
    tree, products, periods, minor_units
        As in the quota problem.
    history
        What each cell sold, phased and after relief, minor units, (nodes,
        products, periods): growth limits are relative to it.
    """

    tree: QuotaTree
    products: tuple[str, ...]
    periods: tuple[str, ...]
    minor_units: int
    history: FloatArray
    found: ProblemList
    notes: list[str]

    def amounts(self, kind: LimitKind, demand: Any) -> list[Limit]:
        """Floors, caps or pins: a frame ``node, product, period, amount``, or one for all owners."""
        if demand is None:
            return []
        if not isinstance(demand, pd.DataFrame):
            demand = pd.DataFrame({"node": self._leaf_ids(), "amount": demand})

        def limit(name: str, cells: _Cells, row: pd.Series[Any]) -> Limit | None:
            amount = minor_amount(row.get("amount"), self.minor_units)
            if amount is None:
                message = "must be money in whole minor units"
                self.found.add(message, source=kind, place=name, value=row.get("amount"))
                return None
            low = None if kind == LimitKind.CAP else amount
            high = None if kind == LimitKind.FLOOR else amount
            return Limit(name, kind, *cells, low=low, high=high)

        return self._read(kind, demand, limit)

    def growth(self, demand: Any) -> list[Limit]:
        """Growth limits: a frame ``node, product, period, least, most``, or a pair for all owners.

        Where nothing was sold there is no growth to limit; that is noted.
        """
        if demand is None:
            return []
        if not isinstance(demand, pd.DataFrame):
            least, most = demand
            demand = pd.DataFrame({"node": self._leaf_ids(), "least": least, "most": most})

        def limit(name: str, cells: _Cells, row: pd.Series[Any]) -> Limit | None:
            node, products, periods = cells
            sold = round(float(self.history[node][np.ix_(products, periods)].sum()))
            if not sold:
                self.notes.append(f"{name}: nothing was sold, so there is no growth to limit")
                return None
            sides: list[Fraction | None] = []
            for key in ("least", "most"):
                missing = key not in row or pd.isna(row[key])
                sides.append(None if missing else ratio(row[key]))
                if not missing and sides[-1] is None:
                    self.found.add("must be a share", source="growth", place=name, key=key)
            least, most = sides
            return Limit.growth(name, node, products, periods, history=sold, least=least, most=most)

        return self._read(LimitKind.GROWTH, demand, limit)

    def _leaf_ids(self) -> list[str]:
        return [self.tree.ids[leaf] for leaf in self.tree.leaves.tolist()]

    def _read(
        self,
        kind: LimitKind,
        demand: pd.DataFrame,
        limit: Callable[[str, _Cells, pd.Series[Any]], Limit | None],
    ) -> list[Limit]:
        columns = ("node", "product", "period", "name", "amount", "least", "most")
        keys = list(zip(*(text_column(demand, name) for name in columns), strict=True))
        limits: list[Limit] = []
        counts: dict[str, int] = {}
        # Sorted, so that the order of rows decides nothing, not even a name.
        for row in sorted(range(len(keys)), key=keys.__getitem__):
            node, product, period, given, *_ = keys[row]
            name = given or ", ".join(filter(None, (f"{kind} of {node}", product, period)))
            counts[name] = counts.get(name, 0) + 1
            if counts[name] > 1:
                name = f"{name} ({counts[name]})"
            cells = self._cells(kind, node, product, period, f"row {row + 1}")
            read = None if cells is None else limit(name, cells, demand.iloc[row])
            if read is not None:
                limits.append(read)
        return limits

    def _cells(
        self, kind: LimitKind, node: str, product: str, period: str, place: str
    ) -> _Cells | None:
        known = True
        for key, value, names in (
            ("node", node, self.tree.ids),
            ("product", product or self.products[0], self.products),
            ("period", period or self.periods[0], self.periods),
        ):
            if value not in names:
                self.found.add("is not there", source=kind, place=place, key=key, value=value)
                known = False
        if not known:
            return None
        return (
            self.tree.ids.index(node),
            (self.products.index(product),) if product else tuple(range(len(self.products))),
            (self.periods.index(period),) if period else tuple(range(len(self.periods))),
        )


_Cells = tuple[int, tuple[int, ...], tuple[int, ...]]
