"""Sheets of a workbook: a header, rows of plain values, and widths that fit.

Text is always written as text: a name that begins with ``=`` stays a name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

#: A workbook says when it was made; ours says this, so that same input gives same bytes.
FIXED_DATE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
#: Rows that a sheet can hold below its header.
MOST_ROWS = 1_048_575
FORMATS = {
    "text": {},
    "count": {"num_format": "#,##0"},
    "tenth": {"num_format": "#,##0.0"},
    "money": {"num_format": "#,##0"},
    "share": {"num_format": "0.0%"},
    "number": {"num_format": "#,##0.00", "align": "right"},
    "figure": {"num_format": "#,##0.0#####"},
    "plain": {"num_format": "General"},
}
#: Characters that a printed page is wide.
_PAGE_WIDTH = 180.0
_FONT = {"font_name": "Calibri", "font_size": 10}
#: What a planner may change.
_INPUT: dict[str, Any] = {"bg_color": "#FFF4CC", "border": 1}


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    key
        Name in the records.
    title
        With the unit, as the header says it.
    kind
        One of :data:`FORMATS`.
    """

    key: str
    title: str
    kind: str = "text"
    width: float = 0.0


class Book:
    """A workbook under work; a thin layer over XlsxWriter that keeps bytes and text safe."""

    def __init__(self, path: str, title: str) -> None:
        self.book = xlsxwriter.Workbook(
            path,
            {
                # In memory the parts of the file get a fixed time too.
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.book.set_properties({"title": title, "author": "teig", "created": FIXED_DATE})
        self.formats = {
            name: self.book.add_format({**_FONT, **settings}) for name, settings in FORMATS.items()
        }
        header = {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1}
        extra: dict[str, dict[str, Any]] = {
            "header": {**header, "bg_color": "#E8F2F3"},
            "number_header": {**header, "bg_color": "#E8F2F3", "align": "right"},
            "strong": {"bold": True},
            "heading": {"bold": True, "font_size": 13},
            "wrap": {"text_wrap": True, "valign": "top"},
            "input": {**_INPUT, "num_format": "0.00"},
            "input_share": {**_INPUT, "num_format": "0.0%"},
            "input_money": {**_INPUT, "num_format": "#,##0.00"},
            "input_text": _INPUT,
            "outside": {"bg_color": "#F8D8CE", "bold": True},
            "total": {"bold": True, "top": 1, "num_format": "#,##0"},
            "total_text": {"bold": True, "top": 1},
        }
        for name, settings in extra.items():
            self.formats[name] = self.book.add_format({**_FONT, **settings})

    def close(self) -> None:
        """Write the file."""
        self.book.close()

    def sheet(self, name: str) -> Any:
        """Add an empty sheet."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        return sheet

    def table(
        self,
        name: str,
        columns: Sequence[Column],
        records: Sequence[dict[str, Any]],
        *,
        frozen_columns: int = 1,
    ) -> Any:
        """Add a sheet with a header in row 1, filters, and a row per record.

        Records beyond what a sheet holds are left out.
        """
        sheet = self.sheet(name)
        for at, column in enumerate(columns):
            style = "header" if column.kind == "text" else "number_header"
            sheet.write_string(0, at, column.title, self.formats[style])
        for row, record in enumerate(records[:MOST_ROWS], start=1):
            for at, column in enumerate(columns):
                self.cell(sheet, row, at, record.get(column.key), column.kind)
        widths = [column.width or _width(column, records) for column in columns]
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        # Many columns go over several pages, each with the first ones, in letters to be read.
        sheet.fit_to_pages(max(round(sum(widths) / _PAGE_WIDTH), 1), 0)
        sheet.repeat_columns(0, max(frozen_columns, 1) - 1)
        sheet.freeze_panes(1, frozen_columns)
        sheet.autofilter(0, 0, max(len(records[:MOST_ROWS]), 1), len(columns) - 1)
        sheet.set_row(0, 30)
        return sheet

    def cell(self, sheet: Any, row: int, column: int, value: Any, kind: str = "text") -> None:
        """Write one value; nothing where it is missing."""
        style = self.formats[kind]
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            sheet.write_blank(row, column, None, style)
        elif isinstance(value, (bool, np.bool_)):
            sheet.write_string(row, column, "yes" if value else "no", style)
        elif isinstance(value, (int, float, np.integer, np.floating)):
            sheet.write_number(row, column, float(value), style)
        else:
            sheet.write_string(row, column, str(value), style)


def known_columns(columns: Sequence[Column], records: Sequence[dict[str, Any]]) -> list[Column]:
    """Columns of which some record says something."""
    return [
        column
        for column in columns
        if not records or any(record.get(column.key) is not None for record in records)
    ]


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame with None for what is missing."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def _width(column: Column, records: Iterable[dict[str, Any]]) -> float:
    """Characters that the longest of the first values needs, within reason."""
    longest = max(len(word) for word in column.title.split()) + 2
    for number, record in enumerate(records):
        if number > 500:
            break
        value = record.get(column.key)
        if isinstance(value, (float, np.floating)):
            size = len(f"{value:,.1f}") if math.isfinite(value) else 1
        else:
            size = len(str(value))
        longest = max(longest, size + 1)
    return float(min(max(longest, 8), 48))
