"""The sheet of campaigns: what falls on whom in which month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .book import Book, Column, records_of

if TYPE_CHECKING:
    from ...results import RunResult

SHEET = "Campaigns"


def write_campaigns(book: Book, result: RunResult) -> None:
    """Write ``campaigns.csv`` of all scenarios; no sheet where none has any."""
    records = [
        {"scenario": row.name, **record}
        for row in result.rows
        if row.campaigns is not None
        for record in records_of(row.campaigns.table)
    ]
    if not records:
        return
    columns = [
        Column("scenario", "Scenario"),
        Column("campaign", "Campaign"),
        Column("team", "Team"),
        Column("rep", "Rep"),
        Column("period", "Month"),
        Column("contacts", "Contacts", "tenth"),
        Column("answers", "Answers", "tenth"),
        Column("follow_ups", "Follow-up calls", "tenth"),
        Column("hours", "Hours", "tenth"),
        Column("travel_hours", "Hours on the road", "tenth"),
        Column("visits", "Visits", "tenth"),
        Column("central_hours", "Hours of the central team", "tenth"),
        Column("expected_sales", f"Expected sales, {result.currency}", "money"),
    ]
    book.table(SHEET, columns, records, frozen_columns=2)
