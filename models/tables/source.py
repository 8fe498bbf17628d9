"""Where a table comes from and how it is written: file, columns, decimals, doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".geojson", ".json", ".gpkg", ".parquet")


class OnProblem(StrEnum):
    """What becomes of a row whose value in a column is missing or wrong."""

    ERROR = "error"
    QUARANTINE = "quarantine"
    IMPUTE = "impute"


class Marked(StrEnum):
    """How far an input can be believed."""

    MEASURED = "measured"
    ASSUMED = "assumed"
    IMPUTED = "imputed"


@dataclass(frozen=True)
class TableSource:
    """A file that holds a table, described where it is read.

    Parameters
    ----------
    path
        The suffix says the format: CSV, Excel, GeoJSON, GeoPackage or Parquet; CSV
        and GeoJSON also with ``.gz`` behind.
    columns
        teig's column → the file's column, for those that are named otherwise.
    delimiter
        ``,`` or ``;`` (or another) in CSV; found from the header where not given.
    decimal, thousands
        Signs within numbers written as text; a ``;`` file with commas in its numbers
        and no points is read with decimal commas where nothing is given.
    encoding
        Of a CSV file.
    sheet, layer
        Within a workbook or a GeoPackage; the first where not given.
    crs
        Coordinate system of the geometry, where the file does not say it.
    set
        Columns with one value for all rows.
    on_problem
        Column → what becomes of a row whose value there is missing or wrong.
    marked
        Measured, assumed or imputed.
    name
        What messages call the file; its own name where not given.
    """

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    encoding: str = "utf-8"
    sheet: str | None = None
    layer: str | None = None
    crs: str | None = None
    set: Mapping[str, str | float | bool] = field(default_factory=dict)
    on_problem: Mapping[str, OnProblem] = field(default_factory=dict)
    marked: Marked = Marked.MEASURED
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        object.__setattr__(self, "name", self.name or self.path.name)
        object.__setattr__(self, "marked", Marked(self.marked))
        decisions = {key: OnProblem(value) for key, value in self.on_problem.items()}
        object.__setattr__(self, "on_problem", decisions)
