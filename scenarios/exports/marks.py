"""What lets an edited workbook find its way back: where it came from, and whose row is whose.

People sort, filter and retype sheets, and spreadsheet programs turn ``0301`` into 301
and ``3-4`` into a date. A hidden sheet says of each scenario which input and plan it
shows; a hidden column of the assignments keeps each row's unit in a form that no
program takes for a number.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from .workbook.book import Column

if TYPE_CHECKING:
    import pandas as pd

    from ..results import RunResult
    from .workbook.book import Book

#: The hidden sheet.
MARKS = "teig"
#: Title of the hidden column, and what stands before the unit's id.
ROW_KEY, KEY_PREFIX = "Row", "unit "
MARK_TITLES = ("Scenario", "Input hash", "Plan hash", "Owners")
_COLOUR = "#FFF4CC"


def plan_hash(assignments: pd.DataFrame) -> str:
    """SHA-256 of who has what, whatever the order of the rows; shares to six digits."""
    rows = sorted(
        f"{unit}\t{team}\t{rep}\t{share:.6f}"
        for unit, team, rep, share in zip(
            assignments["unit"],
            assignments["team"],
            assignments["rep"],
            assignments["share"].astype(float),
            strict=True,
        )
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def write_marks(book: Book, result: RunResult) -> None:
    """Write the hidden sheet: input and plan of each scenario, and all owners once."""
    sheet = book.sheet(MARKS)
    for at, title in enumerate(MARK_TITLES):
        sheet.write_string(0, at, title)
    measured = [row for row in result.rows if row.evaluation is not None]
    for number, row in enumerate(measured, start=1):
        assert row.evaluation is not None  # noqa: S101 - they are measured
        digest = plan_hash(row.evaluation.assignments)
        for at, text in enumerate((row.name, row.written_hash, digest)):
            sheet.write_string(number, at, text)
    for number, owner in enumerate(_owners(result), start=1):
        sheet.write_string(number, len(MARK_TITLES) - 1, owner)
    sheet.very_hidden()


def make_editable(
    book: Book, sheet: Any, columns: list[Column], rows: int, result: RunResult
) -> None:
    """Let people choose the rep of each row from a list, and hide the rows' keys."""
    at = {column.title: position for position, column in enumerate(columns)}
    key, rep = at[ROW_KEY], at["Rep"]
    sheet.set_column(key, key, 8, None, {"hidden": True})
    count = len(_owners(result))
    if not rows or not count:
        return
    owners = len(MARK_TITLES) - 1
    letter = chr(ord("A") + owners)
    sheet.data_validation(
        1,
        rep,
        rows,
        rep,
        {
            "validate": "list",
            "source": f"={MARKS}!${letter}$2:${letter}${count + 1}",
            "error_type": "warning",
            "error_title": "No rep of this run",
            "error_message": "teig adopt will not know this rep.",
        },
    )
    edited = book.book.add_format({"bg_color": _COLOUR})
    # A filled cell is one that may be changed; the rule colours it without a format each.
    sheet.conditional_format(1, rep, rows, rep, {"type": "no_errors", "format": edited})


def _owners(result: RunResult) -> list[str]:
    return sorted({owner for row in result.rows for owner in row.problem.owners.ids})
