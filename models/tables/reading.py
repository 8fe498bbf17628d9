"""From a file or a data frame to a :class:`Table`."""

from __future__ import annotations

import pandas as pd

from .source import TableSource
from .table import Table, Tables


def read_table(source: TableSource, kind: str) -> Table:
    """Read one file as a table of a kind: ``units``, ``reps``, ``standards`` …

    Never raises for what is in the file: everything wrong is in the table's
    ``problems``, which :func:`teig.models.build_problem` raises together with its own.
    """
    raise NotImplementedError


def as_table(table: pd.DataFrame | Table, kind: str, source: str = "") -> Table:
    """A data frame, checked and converted like a file; a table that was read as it is."""
    raise NotImplementedError


def as_tables(tables: Tables | None, kind: str) -> tuple[Table, ...]:
    """One or several data frames or tables."""
    raise NotImplementedError
