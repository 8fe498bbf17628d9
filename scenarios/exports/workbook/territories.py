"""The sheet of territories: one row per scenario and owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .book import Book, Column, known_columns, records_of

if TYPE_CHECKING:
    from ...results import RunResult

SHEET = "Territories"


@dataclass(frozen=True)
class TerritorySheet:
    """Where the figures of territories stand.

    Parameters
    ----------
    position
        Column of each figure.
    last
        Number of the last row, as a spreadsheet counts them.
    """

    position: Mapping[str, int]
    last: int


def write_territories(book: Book, result: RunResult) -> TerritorySheet:
    """Write the territories of every scenario that has a plan."""
    money = f"{result.currency}/year"
    fixed = {
        "team": Column("team", "Team"),
        "rep": Column("rep", "Rep"),
        "kind": Column("kind", "Kind"),
        "units": Column("units", "Units", "tenth"),
        "load_hours": Column("load_hours", "Load, hours", "count"),
        "hours": Column("hours", "Hours, hours", "count"),
        "utilisation": Column("utilisation", "Load, % of hours", "share"),
        "travel_hours": Column("travel_hours", "Travel, hours", "count"),
        "potential": Column("potential", f"Potential, {money}", "money"),
        "sales": Column("sales", f"Sales, {money}", "money"),
        "compactness": Column("compactness", "Compactness, 1 is a disc", "number"),
        "components": Column("components", "Pieces", "count"),
    }
    records: list[dict[str, Any]] = []
    keys: dict[str, None] = {}
    for row in result.rows:
        if row.evaluation is not None:
            table = row.evaluation.territories
            keys.update(dict.fromkeys(map(str, table.columns)))
            records += [{"scenario": row.name, **record} for record in records_of(table)]
    columns = [Column("scenario", "Scenario")]
    for key in keys:
        measure = key.removeprefix("fair_share_deviation_").replace("_", " ")
        off = Column(key, f"{measure.capitalize()} off fair share, %", "share")
        columns.append(fixed.get(key, off))
    columns = known_columns(columns, records)
    book.table(SHEET, columns, records, frozen_columns=3)
    return TerritorySheet(
        {column.key: at for at, column in enumerate(columns)}, max(len(records) + 1, 2)
    )
