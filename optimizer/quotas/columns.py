"""Columns of the territories, and finer figures beside them, as arrays over leaves and cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray
from ...models.errors import ProblemList
from .demands import read_weights
from .index import Figures, index_parts, needed_measures
from .tables import Staff, numbers, ratio, text_column

#: Measures that say when in the year an owner sells, the first that is there by period.
PHASED_BY = ("forecast", "sales")


@dataclass(frozen=True, eq=False)
class Columns:
    """What is known of the owners.

    Parameters
    ----------
    territories
        One row per owner, or per owner and product.
    figures
        ``owner``, ``product`` and ``period`` (either or both) and measures, which stand in
        for those of the territories; None where there are none.
    product_weights, period_weights
        How a measure is split that is not by product or by period.
    weighted_periods
        Whether the period weights were given: then they go before what the figures say.
    """

    territories: pd.DataFrame
    figures: pd.DataFrame | None
    staff: Staff
    products: tuple[str, ...]
    periods: tuple[str, ...]
    product_weights: FloatArray
    period_weights: FloatArray
    weighted_periods: bool
    found: ProblemList

    def parts(
        self, method: str, parameters: Mapping[str, Any], total: float
    ) -> dict[str, FloatArray]:
        """Named parts of the raw index, money, (leaves, products, periods) each."""
        whole: dict[str, FloatArray] = {}
        try:
            needed = needed_measures(method, parameters)
            measures = {name: self.cells(name).sum(axis=2) for name in needed}
            if self.found:
                return {}
            phasing = self.phasing()
            for p, weight in enumerate(self.product_weights.tolist()):
                columns = {name: column[:, p] for name, column in measures.items()}
                figures = Figures(columns, total * weight)
                for name, part in index_parts(method, figures, parameters).items():
                    array = whole.setdefault(name, np.zeros_like(phasing))
                    array[:, p] = part[:, None] * phasing[:, p]
        except (ValueError, TypeError, AttributeError) as error:
            self.found.add(str(error), key="method", value=method)
            return {}
        return whole

    def phasing(self) -> FloatArray:
        """Share of each period in what an owner sells of a product, (leaves, products, periods)."""
        shape = (len(self.staff.rows), len(self.products), len(self.periods))
        even: FloatArray = np.array(np.broadcast_to(self.period_weights, shape))
        named = [name for name in PHASED_BY if self._by_period(name)]
        if self.weighted_periods or not named:
            return even
        cells = self.cells(named[0])
        sums = cells.sum(axis=2, keepdims=True)
        return np.asarray(np.divide(cells, sums, out=even, where=sums > 0))

    def has(self, measure: str) -> bool:
        """Whether a measure is known."""
        fine = self.figures is not None and measure in self.figures.columns
        return fine or measure in self.territories.columns

    def history(self) -> FloatArray:
        """What was sold, phased, money, (leaves, products, periods)."""
        if not self.has("sales"):
            return np.zeros((len(self.staff.rows), len(self.products), len(self.periods)))
        return self.cells("sales")

    def cells(self, measure: str) -> FloatArray:
        """A measure, (leaves, products, periods): split by the weights where it is not by cell."""
        if self.figures is not None and measure in self.figures.columns:
            return self._fine_cells(self.figures, measure)
        values = numbers(self.territories, measure, self.found)
        array = np.zeros((len(self.staff.rows), len(self.products)))
        named = text_column(self.territories, "product")
        for leaf, rows in enumerate(self.staff.rows):
            for row in rows:
                if named[row]:
                    array[leaf, self.products.index(named[row])] = values[row]
                else:
                    array[leaf] = values[row] * self.product_weights
        return np.asarray(array[:, :, None] * self.period_weights)

    def _by_period(self, measure: str) -> bool:
        frame = self.figures
        return frame is not None and measure in frame.columns and "period" in frame.columns

    def _fine_cells(self, frame: pd.DataFrame, measure: str) -> FloatArray:
        values = numbers(frame, measure, self.found, source="figures")
        cells = np.zeros((len(self.staff.rows), len(self.products), len(self.periods)))
        where = self._places(frame)
        if where is None:
            return cells
        leaves, products, periods = where
        if (products >= 0).all() and (periods >= 0).all():
            np.add.at(cells, (leaves, products, periods), values)
            return cells
        by_product = _split(products, self.product_weights)
        by_period = _split(periods, self.period_weights)
        spread = values[:, None, None] * by_product[:, :, None] * by_period[:, None, :]
        np.add.at(cells, leaves, spread)
        return cells

    def _places(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Leaf, product and period of each row of the figures; -1 where a row names none."""
        tree = self.staff.tree
        owners = {tree.ids[leaf]: row for row, leaf in enumerate(tree.leaves.tolist())}
        products = {"": -1} | {name: n for n, name in enumerate(self.products)}
        periods = {"": -1} | {name: n for n, name in enumerate(self.periods)}
        columns = []
        for key, known in (("owner", owners), ("product", products), ("period", periods)):
            words = text_column(frame, key)
            strange = sorted(set(words) - set(known))
            for word in strange:
                self.found.add(f"there is no such {key}", source="figures", key=key, value=word)
            if strange:
                return None
            places = np.array([known[word] for word in words], dtype=np.int64)
            if (places < 0).any() and (places >= 0).any():
                self.found.add("must be named in all rows or in none", source="figures", key=key)
                return None
            columns.append(places)
        keys = list(zip(*(column.tolist() for column in columns), strict=True))
        if len(set(keys)) < len(keys):
            self.found.add("a cell stands twice", source="figures")
            return None
        return columns[0], columns[1], columns[2]

    def per_leaf(self, column: str, default: float) -> FloatArray:
        """A share from 0 to 1 of each leaf; the same in all rows of an owner."""
        values = numbers(self.territories, column, self.found, default=default, most=1.0)
        for rows in self.staff.rows:
            if len(set(values[list(rows)].tolist())) > 1:
                owner = text_column(self.territories, "owner")[rows[0]]
                message = "must be the same in all rows of an owner"
                self.found.add(message, source="territories", place=owner, key=column)
        return np.array([values[rows[0]] for rows in self.staff.rows])

    def by_period(self, column: str, frame: pd.DataFrame | None, source: str) -> FloatArray:
        """A share of each leaf in each period, (leaves, periods).

        What the territories say for all periods, in place of it what the frame ``owner,
        period`` says of one.
        """
        shares = np.repeat(self.per_leaf(column, 1.0)[:, None], len(self.periods), axis=1)
        if frame is None:
            return shares
        tree = self.staff.tree
        row_of = {tree.ids[leaf]: row for row, leaf in enumerate(tree.leaves.tolist())}
        values = numbers(frame, column, self.found, most=1.0, source=source)
        keys = zip(text_column(frame, "owner"), text_column(frame, "period"), strict=True)
        seen: set[tuple[str, str]] = set()
        for (owner, period), value in zip(keys, values.tolist(), strict=True):
            if (owner, period) in seen:
                self.found.add("stands twice", source=source, place=f"{owner} {period}")
            seen.add((owner, period))
            if owner not in row_of or period not in self.periods:
                message = "names an owner or period that is not there"
                self.found.add(message, source=source, place=f"{owner} {period}")
            else:
                shares[row_of[owner], self.periods.index(period)] = value
        return shares

    def fixed_shares(self) -> dict[int, Fraction]:
        """Leaf → the share of what its parent hands down, as it is written."""
        if "fixed_share" not in self.territories.columns:
            return {}
        shares = {}
        for leaf, rows in zip(self.staff.tree.leaves.tolist(), self.staff.rows, strict=True):
            given = self.territories["fixed_share"].iloc[rows[0]]
            share = ratio(given)
            if pd.isna(given):
                continue
            if share is None:
                self.found.add("must be a share", source="territories", key="fixed_share")
                continue
            shares[leaf] = share
        return shares


def _split(places: np.ndarray, weights: FloatArray) -> FloatArray:
    """Which share of a row goes where: all to the place that it names, or by the weights."""
    if (places >= 0).all():
        return np.asarray(np.eye(len(weights))[places])
    return np.repeat(weights[None, :], len(places), axis=0)


def read_products(
    territories: pd.DataFrame,
    figures: pd.DataFrame | None,
    products: Mapping[str, float] | Sequence[str],
    found: ProblemList,
) -> tuple[tuple[str, ...], FloatArray]:
    """Products and their weights: those that a table names, weighed as given, else by its money."""
    frames = [frame for frame in (figures, territories) if frame is not None]
    table = next((frame for frame in frames if "product" in frame.columns), None)
    if table is None:
        return read_weights(products, "products", found)
    named = text_column(table, "product")
    names = tuple(dict.fromkeys(named))
    if isinstance(products, Mapping):
        if set(map(str, products)) != set(names):
            message = "must be the products of the territories"
            found.add(message, key="products", value=", ".join(map(str, products)))
        return read_weights(products, "products", found)
    weights: FloatArray = np.ones(len(names))
    measure = next((name for name in PHASED_BY if name in table.columns), None)
    if measure is not None:
        source = "territories" if table is territories else "figures"
        sales = numbers(table, measure, found, source=source)
        sold = np.bincount([names.index(name) for name in named], weights=sales)
        weights = sold.astype(float) if sold.sum() > 0 else weights
    return names, weights / weights.sum()
