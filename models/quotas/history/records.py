"""The history of units, read from a frame of any periodicity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import pandas as pd

from ...arrays import IndexArray, frozen_indices
from ...errors import ProblemList
from .crosswalk import Ledger, follow_crosswalk, read_crosswalk
from .periods import Frequency, Span, read_period, spans_between

ALL = "all"
#: More rows with the same kind of problem are not named one by one.
_MOST_ROWS = 20


@dataclass(frozen=True, eq=False)
class History:
    """What each unit sold of each product in each period, in minor units of money.

    Parameters
    ----------
    units, products
        Ids, sorted.
    spans
        Periods without holes, the oldest first.
    frequency
        Their kind.
    amounts
        Minor units, (units, products, spans). A row that is not there is nothing sold.
    minor_units
        Minor units in one unit of the currency.
    notes
        For people: what was restated or left out.
    """

    units: tuple[str, ...]
    products: tuple[str, ...]
    spans: tuple[Span, ...]
    frequency: Frequency
    amounts: IndexArray
    minor_units: int = 100
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "amounts", frozen_indices(self.amounts))
        shape = (len(self.units), len(self.products), len(self.spans))
        if self.amounts.shape != shape:
            raise ValueError(f"amounts must have the shape {shape}, not {self.amounts.shape}")

    @property
    def season(self) -> int:
        """Periods of a year."""
        return self.frequency.per_year

    @property
    def years(self) -> float:
        """How many years it covers."""
        return len(self.spans) / self.season

    def first(self, count: int) -> History:
        """The oldest ``count`` periods: what was known then."""
        return self._cut(slice(None, count))

    def last(self, count: int) -> History:
        """The latest ``count`` periods."""
        return self._cut(slice(max(len(self.spans) - count, 0), None))

    def _cut(self, part: slice) -> History:
        return History(
            self.units,
            self.products,
            self.spans[part],
            self.frequency,
            self.amounts[:, :, part],
            self.minor_units,
            self.notes,
        )

    def of_units(self, units: Iterable[str]) -> History:
        """The history of given units in their order; nothing sold where there is none."""
        chosen = tuple(units)
        place = {unit: row for row, unit in enumerate(self.units)}
        amounts = np.zeros((len(chosen), *self.amounts.shape[1:]), dtype=np.int64)
        for row, unit in enumerate(chosen):
            if unit in place:
                amounts[row] = self.amounts[place[unit]]
        return History(
            chosen,
            self.products,
            self.spans,
            self.frequency,
            amounts,
            self.minor_units,
            self.notes,
        )


def read_history(
    sales: pd.DataFrame,
    crosswalk: pd.DataFrame | None = None,
    *,
    minor_units: int = 100,
) -> History:
    """Read ``unit, period, sales`` (and ``product``) of any periodicity.

    Parameters
    ----------
    sales
        One row per unit, product and period: ``2026``, ``2026-Q3``, ``2026-07``,
        ``2026-W31``, or a day, which counts to its month. Rows of one cell add up;
        returns may be negative. All rows are of one periodicity.
    crosswalk
        ``old, new, share, valid_from`` where codes or areas changed; what was sold
        before goes to the new codes, sums preserved to the last minor unit.

    Raises
    ------
    BadInput
        With all problems at once.

    Examples
    --------
    >>> sales = pd.DataFrame({"unit": ["a", "a"], "period": ["2025-Q4", "2026-Q1"], "sales": [5, 7]})
    >>> history = read_history(sales)
    >>> history.frequency.value, history.amounts.ravel().tolist()
    ('quarterly', [500, 700])
    """
    found = ProblemList("history")
    ledgers, kinds = _ledgers(sales, minor_units, found)
    if len(kinds) > 1:
        message = "all rows must be of one periodicity"
        value = ", ".join(sorted(kinds))
        found.add(message, source="history", key="period", value=value)
    changes = () if crosswalk is None else read_crosswalk(crosswalk, found)
    if not ledgers and not found:
        found.add("holds no sales", source="history")
    found.raise_any()
    restated = follow_crosswalk(ledgers, changes)
    notes = []
    if changes:
        moved = sorted({change.old for change in changes} & set(ledgers))
        notes.append(f"history: {len(moved)} codes restated by the crosswalk")
    return _history(restated, Frequency(next(iter(kinds))), minor_units, tuple(notes))


def _ledgers(
    sales: pd.DataFrame, minor_units: int, found: ProblemList
) -> tuple[dict[str, Ledger], set[Frequency]]:
    missing = [key for key in ("unit", "period", "sales") if key not in sales.columns]
    for key in missing:
        found.add("needs this column", source="history", key=key)
    if missing:
        return {}, set()
    products = sales["product"] if "product" in sales.columns else [ALL] * len(sales)
    known: dict[object, tuple[Frequency, Span] | None] = {}
    ledgers: dict[str, Ledger] = {}
    kinds: set[Frequency] = set()
    bad = 0
    rows = zip(sales["unit"], products, sales["period"], sales["sales"], strict=True)
    for number, (unit, product, period, amount) in enumerate(rows, start=1):
        if period not in known:
            known[period] = read_period(period)
        read, minor = known[period], _minor(amount, minor_units)
        if read is None or minor is None:
            bad += 1
            if bad <= _MOST_ROWS:
                key, value = ("period", period) if read is None else ("sales", amount)
                wanted = "2026, 2026-Q3, 2026-07, 2026-W31 or a day"
                message = f"must be {wanted}" if read is None else "must be money; missing is not 0"
                found.add(message, source="history", place=f"row {number}", key=key, value=value)
            continue
        kinds.add(read[0])
        ledger = ledgers.setdefault(str(unit), {})
        cell = (str(product), read[1])
        ledger[cell] = ledger.get(cell, 0) + minor
    if bad > _MOST_ROWS:
        found.add(f"{bad - _MOST_ROWS} more rows cannot be read", source="history")
    return ledgers, kinds


def _minor(amount: Any, minor_units: int) -> int | None:
    """Money in minor units, fractions of them half up; None where it is none."""
    try:
        value = Decimal(str(amount)) * minor_units
        return int((value + Decimal("0.5")).__floor__()) if value.is_finite() else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _history(
    ledgers: dict[str, Ledger], frequency: Frequency, minor_units: int, notes: tuple[str, ...]
) -> History:
    cells = {cell for ledger in ledgers.values() for cell in ledger}
    spans = spans_between(min(s for _, s in cells), max(s for _, s in cells), frequency)
    units, products = tuple(sorted(ledgers)), tuple(sorted({p for p, _ in cells}))
    column = {span: t for t, span in enumerate(spans)}
    row = {product: p for p, product in enumerate(products)}
    amounts = np.zeros((len(units), len(products), len(spans)), dtype=np.int64)
    for u, unit in enumerate(units):
        for (product, span), amount in ledgers[unit].items():
            amounts[u, row[product], column[span]] = amount
    return History(units, products, spans, frequency, amounts, minor_units, notes)
