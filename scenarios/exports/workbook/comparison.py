"""The sheet that sets the scenarios side by side, as ``comparison.csv`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...comparison import UNITS
from .book import Book, Column, known_columns, records_of

if TYPE_CHECKING:
    from ...results import RunResult

SHEET = "Comparison"
#: Units of the comparison and how a sheet shows them.
KINDS = {
    "share": "share",
    "hours": "count",
    "km": "count",
    "units": "tenth",
    "violations": "count",
    "reps": "count",
    "territories": "count",
    "{currency}/year": "money",
    "{currency}": "money",
    "": "figure",
}


def write_comparison(book: Book, result: RunResult) -> dict[str, int]:
    """Write the comparison; returns the position of each column."""
    frame = result.comparison
    keys = [str(key) for key in frame.columns]
    columns = [
        Column(key, title_of(key, result.currency), KINDS.get(UNITS[key], "number"))
        if key in UNITS
        else Column(key, title_of(key, result.currency))
        for key in keys
    ]
    records = records_of(frame)
    known = known_columns(columns, records)
    book.table(SHEET, known, records)
    return {column.key: at for at, column in enumerate(known)}


def title_of(key: str, currency: str) -> str:
    """Header of a column of the comparison, with its unit.

    >>> title_of("travel_hours", "USD"), title_of("utilisation_worst_rep", "USD")
    ('Travel, hours', 'Utilisation worst rep')
    """
    unit = UNITS.get(key, "").format(currency=currency)
    words = key.replace("_", " ")
    for suffix in (" hours", " km", " share"):
        words = words.removesuffix(suffix) if unit else words
    words = words[:1].upper() + words[1:]
    return (
        f"{words}, {unit}" if unit and unit not in ("reps", "territories", "violations") else words
    )
