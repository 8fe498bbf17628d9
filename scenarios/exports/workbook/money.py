"""The sheet of money: rates that may be changed, and what follows from them by formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell

from ...results import MoneyBasis, money_row_names
from .book import Book

if TYPE_CHECKING:
    from ...results import MoneyRow, RunResult, ScenarioResult

SHEET = "Money"
COSTS = ("people", "travel", "disruption", "campaigns")
BOUND_NOTE = "for the rates as given; changing one does not prove it anew"
RATES_NOTE = (
    "Yellow cells may be changed: margin, people, travel, disruption and contribution follow. "
    "Change the first column, and the others follow it where they had the same rate."
)


@dataclass(frozen=True)
class _Line:
    """A rate or a quantity: a field of :class:`MoneyBasis` as the sheet names it."""

    field: str
    title: str
    style: str


RATES = (
    _Line("margin", "Margin, share of sales", "input_share"),
    _Line("management", "Managers, {currency} a year", "input_money"),
    _Line("per_km", "Cost of a kilometre, {currency}", "input_money"),
    _Line("per_travel_hour", "Cost of an hour on the road beyond pay, {currency}", "input_money"),
    _Line("per_night", "Cost of a night away, {currency}", "input_money"),
    _Line("disruption_loss", "Lost of the sales that change hands, share", "input_share"),
)
QUANTITIES = (
    _Line("expected_sales", "Expected sales, {currency} a year", "money"),
    _Line("roster", "All positions together, {currency} a year", "money"),
    _Line("travel_km", "Travel, km a year", "count"),
    _Line("travel_hours", "Travel, hours a year", "count"),
    _Line("nights", "Nights away a year", "count"),
    _Line("moved_sales", "Sales that change hands, {currency} a year", "money"),
)
#: How a row follows from rates and quantities, by the names of their lines.
FORMULAS = {
    "expected_sales": "{expected_sales}",
    "margin": "{margin}*{expected_sales}",
    "people": "{roster}+{management}",
    "travel": "{per_km}*{travel_km}+{per_travel_hour}*{travel_hours}+{per_night}*{nights}",
    "disruption": "{margin}*{disruption_loss}*{moved_sales}",
}


def write_money(book: Book, result: RunResult) -> None:
    """Write the money of every scenario that has some."""
    priced = [row for row in result.rows if row.money is not None]
    names = money_row_names(row.money for row in priced if row.money is not None)
    sheet = book.sheet(SHEET)
    sheet.write_string(0, 0, f"{result.currency} a year", book.formats["header"])
    for at, row in enumerate(priced, start=1):
        sheet.write_string(0, at, row.name, book.formats["number_header"])
    sheet.write_string(0, len(priced) + 1, "Rests on assumed values", book.formats["header"])
    sheet.write_string(0, len(priced) + 2, "How it is computed", book.formats["header"])
    _rows(book, sheet, priced, names)
    end = len(names) + 1
    _bounds(book, sheet, priced, end)
    if priced and all(row.money is not None and row.money.basis is not None for row in priced):
        _rates(book, sheet, priced, end, result.currency)
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, max(len(priced), 1), 18)
    sheet.set_column(len(priced) + 1, len(priced) + 1, 14)
    sheet.set_column(len(priced) + 2, len(priced) + 2, 70)
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 1)


def _rows(book: Book, sheet: Any, priced: Sequence[ScenarioResult], names: Sequence[str]) -> None:
    """One line per money row; amounts follow from the rates below where those are known."""
    line = {name: number for number, name in enumerate(names, start=1)}
    for name, number in line.items():
        total = name == "contribution"
        style = book.formats["total" if total else "money"]
        label = name.replace("_", " ").capitalize()
        sheet.write_string(number, 0, label, book.formats["total_text" if total else "text"])
        entries = [_entry(row, name) for row in priced]
        for at, (row, entry) in enumerate(zip(priced, entries, strict=True), start=1):
            if entry is None:
                continue
            if total and {"margin", *COSTS[:3]} <= set(names):
                known_costs = [cost for cost in COSTS if cost in names]
                margin, *costs = (
                    xl_rowcol_to_cell(line[part], at) for part in ("margin", *known_costs)
                )
                sheet.write_formula(number, at, f"={margin}-{'-'.join(costs)}", style, entry.amount)
            elif name in FORMULAS and row.money is not None and row.money.basis is not None:
                formula = FORMULAS[name].format_map(_cells(len(names) + 1, at))
                sheet.write_formula(number, at, f"={formula}", style, entry.amount)
            else:
                sheet.write_number(number, at, entry.amount, style)
        known = [entry for entry in entries if entry is not None]
        assumed = "yes" if any(entry.assumed for entry in known) else "no"
        sheet.write_string(number, len(priced) + 1, assumed, book.formats["text"])
        sheet.write_string(number, len(priced) + 2, known[0].detail, book.formats["text"])


def _entry(row: ScenarioResult, name: str) -> MoneyRow | None:
    rows = row.money.rows if row.money is not None else ()
    return next((entry for entry in rows if entry.name == name), None)


def _bounds(book: Book, sheet: Any, priced: Sequence[ScenarioResult], end: int) -> None:
    sheet.write_string(end, 0, "No plan can pass (proven)", book.formats["text"])
    for at, row in enumerate(priced, start=1):
        if row.money is not None and not row.frozen:
            book.cell(sheet, end, at, row.money.bound, "money")
    if priced:
        sheet.write_string(end, len(priced) + 2, BOUND_NOTE, book.formats["text"])


def _row_of(end: int) -> dict[str, int]:
    """Row of each rate and quantity, below the last row of the table."""
    first = end + 3
    rates = {line.field: first + at for at, line in enumerate(RATES)}
    first += len(RATES) + 2
    return rates | {line.field: first + at for at, line in enumerate(QUANTITIES)}


def _cells(end: int, column: int) -> dict[str, str]:
    return {name: xl_rowcol_to_cell(row, column) for name, row in _row_of(end).items()}


def _rates(
    book: Book, sheet: Any, priced: Sequence[ScenarioResult], end: int, currency: str
) -> None:
    """What may be changed, and the plans' quantities that it is multiplied with."""
    row_of = _row_of(end)
    bases = [row.money.basis for row in priced if row.money is not None]
    known = [basis for basis in bases if isinstance(basis, MoneyBasis)]
    top, below = row_of[RATES[0].field] - 1, row_of[QUANTITIES[0].field] - 1
    sheet.write_string(top, 0, "What you may change", book.formats["header"])
    sheet.write_string(top, 1, RATES_NOTE, book.formats["text"])
    sheet.write_string(below, 0, "What the plans take", book.formats["header"])
    for line in (*RATES, *QUANTITIES):
        at_row = row_of[line.field]
        title = line.title.format(currency=currency)
        sheet.write_string(at_row, 0, title, book.formats["text"])
        first = getattr(known[0], line.field)
        for at, basis in enumerate(known, start=1):
            value, style = getattr(basis, line.field), book.formats[line.style]
            if line in RATES and at > 1 and value == first:
                source = xl_rowcol_to_cell(at_row, 1, col_abs=True)
                sheet.write_formula(at_row, at, f"={source}", style, value)
            else:
                sheet.write_number(at_row, at, value, style)
