"""The tables that scenario files name, each read once however many scenarios use it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ..models.tables import OnProblem, Table, TableSource, read_table
from .files.sections import Table as TableSettings
from .results import InputTable

#: Sections of ``data:`` that hold tables, in the order they are reported.
ROLES = (
    "units",
    "geometry",
    "reps",
    "names",
    "leaves",
    "standards",
    "incumbent",
    "neighbours",
    "travel",
    "people",
    "history",
    "crosswalk",
    "estimates",
    "pay",
    "attainment",
    "previous_quotas",
    "deals",
    "meeting_days",
)


class TableShelf:
    """Reads tables relative to a scenario file and keeps them.

    Parameters
    ----------
    folder
        Where relative paths start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: dict[tuple[str, str], Table] = {}
        self._digests: dict[Path, str] = {}
        self._settings: dict[int, TableSettings] = {}

    def exists(self, settings: TableSettings) -> bool:
        """Whether the file is there."""
        return (self.folder / settings.path).is_file()

    def read(self, settings: TableSettings, role: str) -> Table:
        """Read a table, or return it as it was read before."""
        key = (role, json.dumps(settings.model_dump(mode="json"), sort_keys=True))
        if key not in self._tables:
            self._tables[key] = read_table(self._source(settings), role)
            self._settings[id(self._tables[key])] = settings
        return self._tables[key]

    def input(self, role: str, table: Table) -> InputTable:
        """Say what was read."""
        settings = self._settings[id(table)]
        return InputTable(role, settings.path, settings.marked, len(table), self._digest(settings))

    def _digest(self, settings: TableSettings) -> str:
        path = self.folder / settings.path
        if path not in self._digests:
            self._digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self._digests[path]

    def _source(self, settings: TableSettings) -> TableSource:
        return TableSource(
            path=self.folder / settings.path,
            columns=settings.columns,
            delimiter=settings.delimiter,
            decimal=settings.decimal,
            thousands=settings.thousands,
            encoding=settings.encoding,
            sheet=settings.sheet,
            layer=settings.layer,
            crs=settings.crs,
            set=settings.set,
            on_problem={name: OnProblem(word) for name, word in settings.on_problem.items()},
            name=settings.path,
        )
