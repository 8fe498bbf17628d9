"""Reads the assignments sheet of an edited workbook: cells as they stand, with their places."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ...models.errors import BadInput, ProblemList
from ..exports.marks import KEY_PREFIX, MARK_TITLES, MARKS, ROW_KEY

#: The sheet that is edited, and its columns as teig knows them.
ASSIGNMENTS = "Assignments"
TITLES = {
    "scenario": ("scenario",),
    "unit": ("unit",),
    "team": ("team",),
    "rep": ("rep",),
    "share": ("share of the unit", "share"),
    "key": (ROW_KEY.lower(),),
}
NEEDED = ("unit", "rep")
#: A header is looked for in so many rows: people put a title above it.
_HEADER_ROWS = 25


@dataclass(frozen=True)
class Row:
    """One row of the sheet; a cell is None where it is empty or its column is missing.

    Parameters
    ----------
    number
        As the sheet counts it, from 1.
    key
        The unit that the row was written for, from the hidden column; empty for a row
        that somebody added.
    """

    number: int
    scenario: str
    unit: Any
    team: str
    rep: Any
    share: Any
    key: str


@dataclass(frozen=True, eq=False)
class EditedSheet:
    """The assignments of an edited workbook.

    Parameters
    ----------
    source, digest
        The file's name and the SHA-256 of its bytes.
    inputs, plans
        Input hash and plan hash by scenario, from the hidden sheet; empty where
        somebody took that away.
    titles
        The sheet's own titles by teig's column, for messages.
    """

    source: str
    digest: str
    sheet: str
    rows: tuple[Row, ...]
    inputs: Mapping[str, str] = field(default_factory=dict)
    plans: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def place(self, row: Row) -> str:
        """Where a row stands, for messages."""
        return f"sheet {self.sheet}, row {row.number}"


def read_sheet(path: Path) -> EditedSheet:
    """Read the assignments of a workbook that Excel, LibreOffice or a program saved.

    Raises
    ------
    BadInput
        When the file is no workbook, or no sheet has columns Unit and Rep.
    """
    found = ProblemList(path.name)
    book = _opened(path, found)
    try:
        name = _sheet_with_header(book)
        if name is None:
            found.add(
                f"no sheet has the columns Unit and Rep in one of its first {_HEADER_ROWS} rows; "
                f"edit the sheet {ASSIGNMENTS} of a run's workbook",
                value=", ".join(book.sheetnames),
            )
            raise BadInput(found)
        head, columns, titles = _header(book[name], name, found)
        found.raise_any()
        inputs, plans = _marks(book)
        return EditedSheet(
            source=path.name,
            digest=hashlib.sha256(path.read_bytes()).hexdigest(),
            sheet=name,
            rows=tuple(_rows(book[name], head, columns)),
            inputs=inputs,
            plans=plans,
            titles=titles,
        )
    finally:
        book.close()


def _opened(path: Path, found: ProblemList) -> Any:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        message = "an edited plan comes back as an Excel workbook (.xlsx); save it as one"
        found.add(message, value=path.name)
        raise BadInput(found)
    try:
        return openpyxl.load_workbook(path, data_only=True, read_only=True)
    except OSError as error:
        found.add(f"cannot be read: {error.strerror or error}", value=path)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError):
        found.add("is not an Excel workbook, or only a part of one; save it again")
    raise BadInput(found)


def _sheet_with_header(book: Any) -> str | None:
    """The assignments' own sheet, else the first with their header."""
    names = sorted(book.sheetnames, key=lambda name: name != ASSIGNMENTS)
    return next((name for name in names if _header_row(book[name]) is not None), None)


def _header_row(sheet: Any) -> tuple[int, list[str]] | None:
    for number, cells in _cells(sheet, _HEADER_ROWS):
        words = [_text(cell).lower() for cell in cells]
        if all(_positions(words, key) for key in NEEDED):
            return number, [_text(cell) for cell in cells]
    return None


def _header(
    sheet: Any, name: str, found: ProblemList
) -> tuple[int, dict[str, int], dict[str, str]]:
    """Row of the header, position of each column, and its title."""
    known = _header_row(sheet)
    assert known is not None  # noqa: S101 - the sheet was chosen for it
    number, words = known
    columns: dict[str, int] = {}
    lower = [word.lower() for word in words]
    for key in TITLES:
        at = _positions(lower, key)
        if len(at) > 1:
            message = "the column stands twice; keep the one that you edited"
            found.add(message, place=f"sheet {name}, row {number}", key=words[at[1]])
        if at:
            columns[key] = at[0]
    return number, columns, {key: words[at] for key, at in columns.items()}


def _positions(words: Sequence[str], key: str) -> list[int]:
    return [at for at, word in enumerate(words) if word in TITLES[key]]


def _rows(sheet: Any, head: int, columns: Mapping[str, int]) -> Iterator[Row]:
    """Rows below the header that say anything; notes and sums beside the table do not."""

    def cell(cells: Sequence[Any], key: str) -> Any:
        at = columns.get(key, -1)
        value = cells[at] if 0 <= at < len(cells) else None
        return value.replace("\xa0", " ").strip() or None if isinstance(value, str) else value

    for number, cells in _cells(sheet):
        if number <= head:
            continue
        unit, rep, key = (cell(cells, name) for name in ("unit", "rep", "key"))
        if unit is None and rep is None and key is None:
            continue
        yield Row(
            number,
            _text(cell(cells, "scenario")),
            unit,
            _text(cell(cells, "team")),
            rep,
            cell(cells, "share"),
            _text(key).removeprefix(KEY_PREFIX),
        )


def _cells(sheet: Any, most: int | None = None) -> Iterator[tuple[int, tuple[Any, ...]]]:
    # Programs differ in how truly they write a sheet's size.
    sheet.reset_dimensions()
    yield from enumerate(sheet.iter_rows(max_row=most, values_only=True), start=1)


def _marks(book: Any) -> tuple[dict[str, str], dict[str, str]]:
    inputs: dict[str, str] = {}
    plans: dict[str, str] = {}
    if MARKS not in book.sheetnames:
        return inputs, plans
    for number, cells in _cells(book[MARKS]):
        words = [_text(cell) for cell in (*cells, *MARK_TITLES)][:3]
        if number > 1 and words[0]:
            inputs[words[0]], plans[words[0]] = words[1], words[2]
    return inputs, plans


def _text(cell: Any) -> str:
    return "" if cell is None else id_text(cell)


def id_text(cell: Any) -> str:
    """A cell as an id: whole numbers without decimals, dates as they are written in ISO.

    >>> id_text(301.0), id_text(" 0301 "), id_text(None)
    ('301', '0301', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    return str(cell).replace("\xa0", " ").strip()
