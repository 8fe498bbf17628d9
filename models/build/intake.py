"""What all tables go through: problems and notes gathered, rows named, ids found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..arrays import IndexArray
from ..errors import ProblemList
from ..expressions import Expression, ExpressionError
from ..tables import Table, Touched

#: Rows of one kind of trouble that are named one by one.
NAMED_ROWS = 20


@dataclass(eq=False)
class Intake:
    """Problems and notes while a problem is built."""

    found: ProblemList = field(default_factory=ProblemList)
    notes: list[str] = field(default_factory=list)

    def rows(
        self, rows: Rows, which: Iterable[int], key: str, message: str, values: Any = None
    ) -> None:
        """Name a trouble row by row, up to a limit."""
        at = [int(row) for row in which]
        for row in at[:NAMED_ROWS]:
            value = "" if values is None else values[row]
            self.found.add(
                message, source=rows.sources[row], place=rows.places[row], key=key, value=value
            )
        if len(at) > NAMED_ROWS:
            more = f"{len(at) - NAMED_ROWS} more rows like these: {message}"
            self.found.add(more, source=rows.sources[at[0]], key=key)

    def picked(self, text: str, frame: pd.DataFrame, place: str, key: str) -> Any:
        """Rows that an expression picks; none, and a problem, where it cannot be read."""
        try:
            return Expression(text).rows(frame)
        except ExpressionError as error:
            self.found.add(str(error), place=place, key=key, value=text)
            return np.zeros(len(frame), dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one kind from all its tables.

    Parameters
    ----------
    frame
        All rows, numbered from 0.
    sources, places
        Where each row stands.
    held
        Which columns each row's own table has.
    touched
        What on_problem decisions did.
    """

    frame: pd.DataFrame
    sources: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    held: tuple[frozenset[str], ...] = ()
    touched: tuple[tuple[str, Touched], ...] = ()
    readable: bool = True

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> list[Any]:
        """A column as a list; None for all where it is absent."""
        if name not in self.frame.columns:
            return [None] * len(self.frame)
        values: list[Any] = self.frame[name].tolist()
        return values

    def texts(self, name: str) -> list[str]:
        """A text column; empty where missing."""
        return [value if isinstance(value, str) else "" for value in self.column(name)]

    def numbers(self, name: str, absent: float = np.nan) -> Any:
        """A number column; ``absent`` for rows whose table does not have it, (rows,)."""
        if name not in self.frame.columns:
            return np.full(len(self.frame), absent)
        lacking = np.array([name not in held for held in self.held], dtype=np.bool_)
        return np.where(lacking, absent, self.frame[name].to_numpy(dtype=np.float64))

    def quarantined(self, key: str) -> frozenset[str]:
        """Ids of rows that were left out."""
        return frozenset(
            str(value)
            for _, touched in self.touched
            if touched.decision == "quarantine" and key in touched.rows
            for value in touched.rows[key]
        )


def gather(tables: Sequence[Table], intake: Intake) -> Rows:
    """Put the tables of one kind together; their problems and notes are kept."""
    for table in tables:
        intake.found.problems.extend(table.problems)
        intake.notes.extend(table.notes)
    if not tables:
        return Rows(pd.DataFrame())
    frames = [table.frame for table in tables]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    return Rows(
        frame,
        tuple(table.source for table in tables for _ in range(len(table))),
        tuple(place for table in tables for place in table.places),
        tuple(held for table in tables for held in [frozenset(table.frame.columns)] * len(table)),
        tuple((table.source, touched) for table in tables for touched in table.touched),
        all(table.readable for table in tables),
    )


def check_unique(rows: Rows, key: str, intake: Intake) -> None:
    """Name ids that stand in more than one table; within one its schema has said so."""
    if key not in rows.frame.columns or len(set(rows.sources)) < 2:
        return
    first: dict[str, int] = {}
    twice = []
    for row, name in enumerate(rows.column(key)):
        if name in first and rows.sources[first[name]] != rows.sources[row]:
            twice.append(row)
        first.setdefault(name, row)
    intake.rows(rows, twice, key, "stands in another table already", rows.column(key))


@dataclass(eq=False)
class IdIndex:
    """Finds ids; one that lost its leading zeros is found where only one could be meant."""

    ids: Sequence[str]
    kind: str = "unit"

    def __post_init__(self) -> None:
        self._exact = {name: position for position, name in enumerate(self.ids)}
        self._bare: dict[str, list[int]] = {}
        for position, name in enumerate(self.ids):
            if name.isdigit():
                self._bare.setdefault(name.lstrip("0"), []).append(position)
        self.repaired: dict[str, str] = {}

    def find(self, name: str | None) -> int:
        """Position of an id, or -1."""
        if name is None:
            return -1
        exact = self._exact.get(name, -1)
        if exact >= 0 or not name.isdigit():
            return exact
        meant = self._bare.get(name.lstrip("0"), [])
        if len(meant) != 1:
            return -1
        self.repaired[name] = self.ids[meant[0]]
        return meant[0]

    def positions(self, names: Iterable[str | None]) -> IndexArray:
        """Position of each id, or -1."""
        return np.array([self.find(name) for name in names], dtype=np.int64)

    def note_repairs(self, source: str, intake: Intake) -> None:
        """Say which ids were repaired since the last note."""
        if self.repaired:
            one, other = min(self.repaired.items())
            intake.notes.append(
                f"{source}: {len(self.repaired)} {self.kind} ids lacked leading zeros "
                f"and were repaired, {one} as {other}"
            )
        self.repaired.clear()
