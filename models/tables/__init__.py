"""Tables of the input: where they are, how they are read, what their columns mean."""

from .reading import as_table, as_tables, read_table
from .source import Marked, OnProblem, TableSource
from .table import Table, Tables, Touched

__all__ = [
    "Marked",
    "OnProblem",
    "Table",
    "TableSource",
    "Tables",
    "Touched",
    "as_table",
    "as_tables",
    "read_table",
]
