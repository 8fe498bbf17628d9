"""The sheet of moves: what changes hands, with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...audience import Audience
from ...moves import list_moves
from .book import Book, Column

if TYPE_CHECKING:
    from ...results import RunResult


#: What a shared sheet tells of a move; distances would lead to a base.
SHARED_COLUMNS = ("scenario", "unit", "team", "source", "target", "share")


def write_moves(book: Book, result: RunResult, audience: Audience) -> None:
    """Write all moves of all scenarios, the largest of each first."""
    money = f"{result.currency}/year"
    columns = [
        Column("scenario", "Scenario"),
        Column("unit", "Unit"),
        Column("name", "Name"),
        Column("team", "Team"),
        Column("source", "From"),
        Column("target", "To"),
        Column("share", "Share of the unit", "share"),
        Column("sales", f"Sales, {money}", "money"),
        Column("potential", f"Potential, {money}", "money"),
        Column("kilometres_before", "From the old base, km", "count"),
        Column("kilometres_after", "From the new base, km", "count"),
        Column("reason", "Reason", "text", 80.0),
    ]
    if audience.is_shared:
        columns = [column for column in columns if column.key in SHARED_COLUMNS]
    records = [
        {"scenario": row.name, "reason": move.reason, **vars(move)}
        for row in result.scenarios
        for move in list_moves(row, result.incumbent)
    ]
    book.table("Moves", columns, records, frozen_columns=3)
