"""The sheet of quotas, and beside them formulas that show whether they reach the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell

from .book import Book, Column, records_of

if TYPE_CHECKING:
    from ...results import RunResult


def write_quotas(book: Book, result: RunResult) -> None:
    """Write every node's quota, and the sums of each scenario."""
    columns = [
        Column("scenario", "Scenario"),
        Column("node", "Node"),
        Column("level", "Level"),
        Column("parent", "Parent"),
        Column("product", "Product"),
        Column("period", "Period"),
        Column("quota", f"Quota, {result.currency}", "money"),
        Column("index", f"Index, {result.currency}", "money"),
        Column("lowest", "Lowest level"),
    ]
    records: list[dict[str, Any]] = []
    sums: list[tuple[str, float, float]] = []
    for row in result.rows:
        if row.quota_table.empty:
            continue
        table = row.quota_table.assign(parent=row.quota_table["parent"].fillna("").astype(str))
        table["lowest"] = ~table["node"].astype(str).isin(set(table["parent"]))
        top = table["parent"] == ""
        carried = float(table.loc[table["lowest"], "quota"].sum())
        sums.append((row.name, float(table.loc[top, "quota"].sum()), carried))
        records += [{"scenario": row.name, **record} for record in records_of(table)]
    sheet = book.table("Quotas", columns, records, frozen_columns=2)
    _sums(book, sheet, len(columns) + 1, max(len(records) + 1, 2), sums)


def _sums(
    book: Book, sheet: Any, first: int, last: int, sums: list[tuple[str, float, float]]
) -> None:
    """Budget and lowest level of each scenario, beside the table whose last row is given."""
    for at, title in enumerate(("Check", "Budget", "Lowest level", "Difference")):
        sheet.write_string(0, first + at, title, book.formats["header"])
    style = book.formats["money"]
    for row, (name, budget, carried) in enumerate(sums, start=1):
        label = xl_rowcol_to_cell(row, first)
        sheet.write_string(row, first, name, book.formats["text"])
        span = f"$G$2:$G${last},$A$2:$A${last},{label}"
        # A parent of "" would match nothing in SUMIFS: "=" asks for empty cells.
        sheet.write_formula(row, first + 1, f'=SUMIFS({span},$D$2:$D${last},"=")', style, budget)
        sheet.write_formula(row, first + 2, f'=SUMIFS({span},$I$2:$I${last},"yes")', style, carried)
        budget_cell, carried_cell = (xl_rowcol_to_cell(row, first + n) for n in (1, 2))
        difference = f"={carried_cell}-{budget_cell}"
        sheet.write_formula(row, first + 3, difference, style, carried - budget)
    sheet.set_column(first, first, 22)
    sheet.set_column(first + 1, first + 3, 15)
