"""From a file or a data frame to a :class:`Table`: columns, kinds, schema, decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import ProblemList
from .checking import cross_failures, swapped
from .columns import COLUMNS, MAY_BE_EMPTY, Column, Kind
from .converting import Converter, decimal_sign, is_missing, kind_problem
from .files import RawTable, in_degrees, read_raw
from .schema import Failure, failures, number_columns, schema_of
from .source import OnProblem, TableSource
from .table import Table, Tables, Touched

#: Rows of one kind of trouble in one column that are named one by one.
NAMED_ROWS = 20

#: Tables that may have columns of the planner's own.
OPEN_TABLES = frozenset({"units", "reps"})


def read_table(source: TableSource, kind: str) -> Table:
    """Read one file as a table of a kind, a key of :data:`COLUMNS`: ``units``, ``reps`` and so on.

    Never raises for what is in the file: everything wrong is in the table's
    ``problems``, which :func:`teig.models.build_problem` raises together with its own.
    """
    found = ProblemList(source.name)
    raw = read_raw(source, found)
    return _Reading(kind, source.name, raw, source, found).table()


def as_table(table: pd.DataFrame | Table, kind: str, source: str = "") -> Table:
    """A data frame, checked and converted like a file; a table that was read stays as it is."""
    if isinstance(table, Table):
        return table
    import geopandas

    name = source or kind
    found = ProblemList(name)
    places = [f"index {label}" for label in table.index]
    frame = table.reset_index(drop=True)
    if isinstance(frame, geopandas.GeoDataFrame) and frame.active_geometry_name:
        degrees = in_degrees(frame, None, found)
        frame = frame if degrees is None else degrees
    raw = RawTable(pd.DataFrame(frame), places)
    return _Reading(kind, name, raw, TableSource(path=Path(name), name=name), found).table()


def as_tables(tables: Tables | None, kind: str) -> tuple[Table, ...]:
    """One or several data frames or tables, each checked."""
    if tables is None:
        return ()
    if isinstance(tables, pd.DataFrame | Table):
        return (as_table(tables, kind),)
    several = len(tables) > 1
    return tuple(
        as_table(table, kind, f"{kind} {number}" if several else kind)
        for number, table in enumerate(tables, start=1)
    )


@dataclass(eq=False)
class _Reading:
    """One table on its way from cells to values."""

    kind: str
    name: str
    raw: RawTable
    source: TableSource
    found: ProblemList
    notes: list[str] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)

    def table(self) -> Table:
        if self.raw.frame is None:
            return self._result(pd.DataFrame(), [], readable=False)
        cells = self._mapped(self.raw.frame)
        if not len(cells) and self.kind not in MAY_BE_EMPTY and not self.found:
            self.found.add("the table has no rows")
        columns = {column.name: column for column in self._columns()}
        self._check_decisions(cells, columns)
        frame, faults = self._converted(cells, columns)
        faults += failures(frame, schema_of(self.kind, self._declared()))
        faults += sorted(cross_failures(frame, self.kind), key=lambda fault: fault.row)
        keep = self._decide(frame, cells, faults)
        readable = not any(fault.row < 0 for fault in faults)
        places = [place for place, kept in zip(self.raw.places, keep, strict=True) if kept]
        return self._result(frame[keep].reset_index(drop=True), places, readable=readable)

    def _result(self, frame: pd.DataFrame, places: list[str], *, readable: bool) -> Table:
        return Table(
            self.kind,
            frame,
            self.name,
            tuple(places),
            marked=self.source.marked,
            problems=tuple(self.found),
            notes=tuple(self.notes),
            touched=tuple(self.touched),
            readable=readable and (len(frame) > 0 or self.kind in MAY_BE_EMPTY),
            file_columns=dict(self.source.columns),
        )

    def _declared(self) -> tuple[Column, ...]:
        """Columns of the planner's own that on_problem names: they are measures."""
        known = {column.name for column in COLUMNS[self.kind]}
        if self.kind not in OPEN_TABLES:
            return ()
        return tuple(
            Column(name, Kind.NUMBER, "a measure", required=True, minimum=0.0)
            for name in sorted(self.source.on_problem)
            if name not in known
        )

    def _columns(self) -> tuple[Column, ...]:
        return (*COLUMNS[self.kind], *self._declared())

    def _mapped(self, raw: pd.DataFrame) -> pd.DataFrame:
        """Columns under teig's names; a column that was mapped is not seen a second time."""
        known = {column.name for column in COLUMNS[self.kind]}
        columns: dict[str, Any] = {}
        for name, in_file in self.source.columns.items():
            if in_file not in raw.columns:
                has = ", ".join(map(str, raw.columns))
                message = f"no column {in_file!r} is in the file; it has {has}"
                self.found.add(message, key=f"columns.{name}", value=in_file)
            elif name not in known and self.kind not in OPEN_TABLES:
                message = f"no such column of {self.kind}; there are {', '.join(sorted(known))}"
                self.found.add(message, key=f"columns.{name}", value=name)
            else:
                columns[name] = raw[in_file]
        used = set(self.source.columns.values())
        for name in raw.columns:
            if str(name) not in columns and name not in used:
                columns[str(name)] = raw[name]
        for name, value in self.source.set.items():
            columns[name] = pd.Series([value] * len(raw), index=raw.index, dtype=object)
        return self._projected(pd.DataFrame(columns, index=raw.index))

    def _projected(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Latitude and longitude in degrees where the source says another system."""
        crs = self.source.crs
        if not crs or "geometry" in cells or not {"latitude", "longitude"} <= set(cells):
            return cells
        from pyproj import Transformer
        from pyproj.exceptions import CRSError

        converter = Converter(self.source.decimal or ".", self.source.thousands)
        y, x = (converter.column(cells[name], Kind.NUMBER)[0] for name in ("latitude", "longitude"))
        try:
            transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        except CRSError:
            self.found.add("there is no such coordinate system", key="crs", value=crs)
            return cells
        longitude, latitude = transformer.transform(x.to_numpy(), y.to_numpy())
        return cells.assign(latitude=latitude, longitude=longitude)

    def _check_decisions(self, cells: pd.DataFrame, columns: Mapping[str, Column]) -> None:
        for name, decision in sorted(self.source.on_problem.items()):
            key = f"on_problem.{name}"
            if name not in columns or (name not in cells.columns and not columns[name].required):
                self.found.add("the table has no such column", key=key, value=name)
            elif decision is OnProblem.IMPUTE and not columns[name].numeric:
                self.found.add("only a number can be imputed (by the median)", key=key)

    def _converted(
        self, cells: pd.DataFrame, columns: Mapping[str, Column]
    ) -> tuple[pd.DataFrame, list[Failure]]:
        numbers = [cells[n] for n in number_columns(tuple(columns.values())) if n in cells.columns]
        decimal = self.source.decimal or decimal_sign(numbers, self.raw.delimiter)
        if decimal == "," and not self.source.decimal:
            self.notes.append(f"{self.name} was read with decimal commas")
        converter = Converter(decimal, self.source.thousands)
        values: dict[str, pd.Series[Any]] = {}
        faults: list[Failure] = []
        for name in cells.columns:
            column = columns.get(name)
            if column is None:
                if self.kind in OPEN_TABLES:
                    values[name] = converter.free_column(cells[name])
                continue
            values[name], bad = converter.column(cells[name], column.kind)
            faults += [
                Failure(row, name, kind_problem(column, cells[name].iloc[row])) for row in bad
            ]
            if column.kind is Kind.ID:
                self._note_repaired(name, cells[name])
        return pd.DataFrame(values, index=cells.index), faults

    def _note_repaired(self, name: str, cells: pd.Series[Any]) -> None:
        numbers = [cell for cell in cells if isinstance(cell, int | float | np.integer)]
        numbers = [cell for cell in numbers if not is_missing(cell)]
        if numbers and self.raw.typed:
            self.notes.append(
                f"{self.name}, {name}: {len(numbers)} ids stand as numbers and are read as text "
                f"without decimals, the first as {int(numbers[0])}; leading zeros are lost"
            )

    def _decide(
        self,
        frame: pd.DataFrame,
        cells: pd.DataFrame,
        faults: Sequence[Failure],
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Do with each fault what on_problem says; return the rows that stay."""
        keep = np.ones(len(frame), dtype=np.bool_)
        unreadable = {(f.row, f.column) for f in faults if "must not be empty" not in f.message}
        rows: dict[tuple[str, OnProblem], set[int]] = {}
        errors = []
        for fault in faults:
            twice = "must not be empty" in fault.message
            if twice and (fault.row, fault.column) in unreadable:
                continue
            decision = self.source.on_problem.get(fault.column, OnProblem.ERROR)
            if fault.row < 0 or decision is OnProblem.ERROR:
                errors.append(fault)
            else:
                rows.setdefault((fault.column, decision), set()).add(fault.row)
        self._report(errors, frame, cells)
        for (name, decision), touched in sorted(rows.items()):
            at = sorted(touched)
            before = frame.iloc[at].copy()
            value = None
            if decision is OnProblem.QUARANTINE:
                keep[at] = False
            elif (value := self._imputed(frame, name, at)) is None:
                continue
            self.touched.append(Touched(name, decision, value, before))
        return keep

    def _imputed(self, frame: pd.DataFrame, name: str, rows: list[int]) -> float | None:
        """Put the median of the good rows into the others; None where nothing can be put."""
        if not pd.api.types.is_numeric_dtype(frame[name].dtype):
            return None
        good = frame[name].drop(index=frame.index[rows]).dropna()
        if good.empty:
            self.found.add("has no good value to impute from", key=name)
            return None
        value = float(good.median())
        frame.loc[frame.index[rows], name] = value
        return value

    def _report(
        self,
        errors: Sequence[Failure],
        frame: pd.DataFrame,
        cells: pd.DataFrame,
    ) -> None:
        count: Counter[tuple[str, str]] = Counter()
        for fault in errors:
            message = self._placed(fault.message)
            alike = (fault.column, "twice" if message != fault.message else message)
            count[alike] += 1
            if count[alike] > NAMED_ROWS:
                continue
            key = fault.column
            in_file = self.source.columns.get(key, key)
            key = key if in_file == key else f"{key} ({in_file})"
            if fault.row < 0:
                self.found.add(message, key=key)
                continue
            cell = cells[fault.column].iloc[fault.row] if fault.column in cells.columns else ""
            shown = "" if is_missing(cell) or fault.column == "geometry" else cell
            if fault.column == "latitude" and "lie between" in message:
                message += self._swap_hint(frame, fault.row)
            self.found.add(message, place=self.raw.places[fault.row], key=key, value=shown)
        for (name, message), times in count.items():
            if times > NAMED_ROWS:
                self.found.add(f"{times - NAMED_ROWS} more rows like these: {message}", key=name)

    def _placed(self, message: str) -> str:
        """Put the place of a row where a message names it by its number."""
        head, mark, rest = message.partition("first in #")
        if not mark:
            return message
        return f"{head}first in {self.raw.places[int(rest.rstrip('#'))]}"

    @staticmethod
    def _swap_hint(frame: pd.DataFrame, row: int) -> str:
        if swapped(frame["latitude"].iloc[row], frame["longitude"].iloc[row]):
            return "; are latitude and longitude swapped?"
        return ""
