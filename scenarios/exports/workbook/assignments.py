"""The sheet of assignments: who has what, one row per scenario, unit, team and owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...audience import Audience
from ..geopackage import unit_figures
from ..marks import KEY_PREFIX, ROW_KEY, make_editable
from .book import Book, Column, records_of

if TYPE_CHECKING:
    from ...results import RunResult


#: What a shared sheet tells of an assignment.
SHARED_COLUMNS = ("scenario", "unit", "team", "rep", "share", "incumbent", "moved")


def write_assignments(book: Book, result: RunResult, audience: Audience) -> None:
    """Write the assignments of every scenario that has a plan."""
    money = f"{result.currency}/year"
    columns = [
        Column("scenario", "Scenario"),
        Column("unit", "Unit"),
        Column("name", "Name"),
        Column("team", "Team"),
        Column("rep", "Rep"),
        Column("share", "Share of the unit", "share"),
        Column("incumbent", "Incumbent"),
        Column("moved", "Moved"),
        Column("potential", f"Potential, {money}", "money"),
        Column("sales", f"Sales, {money}", "money"),
        Column("key", ROW_KEY),
    ]
    records: list[dict[str, Any]] = []
    for row in result.rows:
        if row.evaluation is not None:
            frame = row.evaluation.assignments.merge(
                unit_figures(row.problem), on="unit", how="left"
            )
            for key in ("potential", "sales"):
                frame[key] = frame[key] * frame["share"]
            frame["key"] = KEY_PREFIX + frame["unit"].astype(str)
            records += [{"scenario": row.name, **record} for record in records_of(frame)]
    if audience.is_shared:
        columns = [column for column in columns if column.key in SHARED_COLUMNS]
    sheet = book.table("Assignments", columns, records, frozen_columns=3)
    if not audience.is_shared:
        make_editable(book, sheet, columns, len(records), result)
