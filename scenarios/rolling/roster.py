"""Reps who have left: kept in the new roster with a last day, so that their units are orphaned.

A unit whose rep is not in the roster would be an error, and one without a rep would look
as if nobody had ever known its customers.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

from ...models.tables import Table


def keep_leavers(
    path: Path, old: Path, table: Table, leavers: Sequence[str], last: dt.date
) -> bool:
    """Add rows of the old roster to a new one in CSV, each with its last day.

    Parameters
    ----------
    path, old
        The new roster, which is changed, and the old one.
    table
        The new roster as it was read, for its column names.
    last
        Day before the new plan period.

    Returns
    -------
    Whether it could be done: both are CSV files in UTF-8 with the same id column.
    """
    if {path.suffix.lower(), old.suffix.lower()} != {".csv"}:
        return False
    new_rows, sign = _read(path)
    old_rows, _ = _read(old)
    key, until = table.column_name("rep"), table.column_name("valid_to")
    if not new_rows or not old_rows or key not in new_rows[0] or key not in old_rows[0]:
        return False
    header = list(new_rows[0])
    if until not in header:
        header.append(until)
        new_rows = [header, *([*row, ""] for row in new_rows[1:])]
    known = {row[old_rows[0].index(key)].strip(): row for row in old_rows[1:] if row}
    for name in leavers:
        row = dict(zip(old_rows[0], known.get(name, []), strict=False))
        if not row:
            return False
        ended = row.get(until, "").strip()
        row[until] = ended if ended and ended < last.isoformat() else last.isoformat()
        new_rows.append([row.get(column, "") for column in header])
    stream = io.StringIO()
    csv.writer(stream, delimiter=sign, lineterminator="\n").writerows(new_rows)
    path.write_text(stream.getvalue(), encoding="utf-8", newline="\n")
    return True


def _read(path: Path) -> tuple[list[list[str]], str]:
    """Rows with at least one cell, and what parts the columns."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return [], ","
    first = next(iter(text.splitlines()), "")
    sign = max(",;\t|", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign) if any(row)]
    return rows, sign
