"""A table as it was read: the data, where each row stands in its file, and what was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from ..errors import BadInput, InputProblem
from .source import Marked, OnProblem


@dataclass(frozen=True, eq=False)
class Touched:
    """Rows that one on_problem decision touched.

    Parameters
    ----------
    column
        Where a value was missing or wrong.
    decision
        ``quarantine``: the rows are left out; ``impute``: the value was made up.
    value
        What was put in, for ``impute``.
    rows
        The rows as they stand in the file, teig's columns.
    """

    column: str
    decision: OnProblem
    value: float | None
    rows: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Table:
    """Rows with teig's column names and kinds, ids as text.

    Parameters
    ----------
    kind
        ``units``, ``reps`` …; a key of :data:`teig.models.tables.COLUMNS`.
    frame
        Columns as mapped and converted; rows with an error have a gap there.
    source
        What messages call it.
    places
        Where each row stands, as a person finds it: ``row 12`` of a file (a
        header is row 1), ``index 3`` of a data frame.
    problems
        Everything wrong with it; an input with problems cannot be planned.
    notes
        What was repaired, and other things to know.
    touched
        What on_problem decisions did.
    readable
        False where there is nothing to go on with, so that follow-on checks
        would only repeat the problem.
    """

    kind: str
    frame: pd.DataFrame
    source: str
    places: tuple[str, ...]
    marked: Marked = Marked.MEASURED
    problems: tuple[InputProblem, ...] = ()
    notes: tuple[str, ...] = ()
    touched: tuple[Touched, ...] = ()
    readable: bool = True
    file_columns: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.frame)

    def raise_any(self) -> None:
        """Raise :class:`~teig.models.errors.BadInput` if anything is wrong."""
        if self.problems:
            raise BadInput(self.problems)

    def column_name(self, column: str) -> str:
        """A column as the file calls it."""
        return self.file_columns.get(column, column)


#: What the builder takes for a table: a data frame, a table that was read, or several.
Tables = pd.DataFrame | Table | Sequence[pd.DataFrame | Table]
