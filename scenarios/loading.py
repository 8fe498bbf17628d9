"""From a scenario file to problems that are ready to be solved; nothing is solved here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..models.build.accounting import touched_table
from ..models.errors import InputProblem, ProblemList
from ..models.problem import Problem
from ..models.standards import ServiceStandards
from ..models.tables import Table
from ..models.travel import travel_digest
from .building import ProblemShelf, canonical
from .campaigns import campaign_problems
from .files import ResolvedScenario, read_document, resolve
from .files.entries import Document
from .files.sections import Table as TableSettings
from .handover.checking import handover_problems
from .pay import pay_problems
from .quotas import quota_problems
from .results import Change, InputTable
from .sources import ROLES, TableShelf
from .staleness import input_changes
from .structure import structure_table
from .uncertainty import uncertainty_problems

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True, eq=False)
class LoadedScenario:
    """One scenario, resolved, with its tables read and its problem built.

    Parameters
    ----------
    tables
        Tables by role, in the order of the file; ``units`` may have several.
    structure
        ``person, role, team, reports_to``.
    input_hash, written_hash
        Of all that a result depends on, defaults and travel included; and of settings
        and tables as they are written, which a later teig with more settings hashes
        alike.
    quarantined
        ``table, column, action, rows, hours, money``.
    """

    resolved: ResolvedScenario
    problem: Problem
    tables: Mapping[str, tuple[Table, ...]]
    inputs: tuple[InputTable, ...]
    input_hash: str
    written_hash: str
    geometry: gpd.GeoDataFrame | None
    structure: pd.DataFrame
    quarantined: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name in the scenario file, or ``base``."""
        return self.resolved.name

    def changed_since(self, summary: Mapping[str, Any]) -> tuple[str, ...]:
        """What differs from the input of a stored summary, whichever version of teig wrote it."""
        return input_changes(self, summary)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs from the base."""
        return self.resolved.changes


@dataclass(frozen=True, eq=False)
class Workbook:
    """A scenario file, loaded and found in order.

    Parameters
    ----------
    base
        The file without overrides; today's alignment is measured on its problem.
    scenarios
        Those to be run, in the order of the file.
    """

    name: str
    source: str
    folder: Path
    base: LoadedScenario
    scenarios: tuple[LoadedScenario, ...]

    def __getitem__(self, name: str) -> LoadedScenario:
        for scenario in (self.base, *self.scenarios):
            if scenario.name == name:
                return scenario
        raise KeyError(name)


def load(
    path: str | Path,
    *,
    scenarios: Sequence[str] = (),
    settings: Iterable[str] = (),
) -> Workbook:
    """Read, resolve and validate a scenario file and everything that it reads.

    Parameters
    ----------
    path
        The scenario file.
    scenarios
        Names of scenarios to keep; all of them by default.
    settings
        ``PATH=VALUE`` texts that win over everything in the file.

    Raises
    ------
    BadInput
        With every problem of the file and of the tables of all its scenarios.
    """
    file = Path(path)
    return load_document(read_document(file), file, scenarios=scenarios, settings=settings)


def load_document(
    document: Document,
    file: Path,
    *,
    scenarios: Sequence[str] = (),
    settings: Iterable[str] = (),
) -> Workbook:
    """Load a document that was read already, perhaps with other scenarios than its file's.

    Parameters
    ----------
    file
        Where its tables' paths start from; see :func:`load` for the others.
    """
    base, chosen = resolve(document, scenarios, settings)
    loader = _Loader(file.parent, document.source)
    loaded = {s.name: loader.scenario(s) for s in (base, *chosen)}
    loader.found.raise_any()
    ready = {name: scenario for name, scenario in loaded.items() if scenario is not None}
    return Workbook(
        name=base.settings.name or file.stem,
        source=document.source,
        folder=file.parent,
        base=ready[base.name],
        scenarios=tuple(ready[scenario.name] for scenario in chosen),
    )


#: Tables that the territory problem is not made from.
_READ_LATER = (
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


class _Loader:
    """Loads the scenarios of one file; what they have in common is read and built once."""

    def __init__(self, folder: Path, source: str) -> None:
        self.shelf = TableShelf(folder)
        self.found = ProblemList(source)
        self.problems = ProblemShelf(self.shelf, self.found)

    def scenario(self, resolved: ResolvedScenario) -> LoadedScenario | None:
        tables = self._tables(resolved)
        if tables is None:
            return None
        problem = self.problems.problem(resolved, tables)
        if problem is None:
            return None
        inputs = tuple(self.shelf.input(role, t) for role, ts in tables.items() for t in ts)
        structure, problems = structure_table(problem, tables, resolved.settings.rates)
        self.found.problems += [each for each in problems if each not in self.found.problems]
        if not problems:
            self._note_once(quota_problems(resolved, problem, structure, tables))
            self._note_once(pay_problems(resolved, problem, structure, tables))
            self._note_once(handover_problems(resolved, problem, structure, tables))
        return LoadedScenario(
            resolved=resolved,
            problem=problem,
            tables=tables,
            inputs=inputs,
            input_hash=_input_hash(resolved, inputs, problem),
            written_hash=_written_hash(resolved, inputs),
            geometry=_geometry(tables),
            structure=structure,
            quarantined=_quarantined(tables),
            notes=tuple(
                dict.fromkeys(
                    [note for ts in tables.values() for t in ts for note in t.notes]
                    + list(problem.notes)
                )
            ),
        )

    def _note_once(self, problems: Sequence[InputProblem]) -> None:
        """Note what another scenario has not been told already of the same value."""
        known = {(p.source, p.place, p.key, p.value) for p in self.found if p.value}
        self.found.problems += [
            p for p in problems if (p.source, p.place, p.key, p.value) not in known
        ]

    def _tables(self, resolved: ResolvedScenario) -> dict[str, tuple[Table, ...]] | None:
        """Tables by role; None where a file is missing."""
        tables: dict[str, tuple[Table, ...]] = {}
        complete = True
        for role in ROLES:
            given = getattr(resolved.settings.data, role)
            several = isinstance(given, tuple)
            read = []
            for position, one in enumerate(given if several else (given,)):
                if not isinstance(one, TableSettings):
                    continue
                if not self.shelf.exists(one):
                    path = ("data", role, *((str(position),) if several else ()), "path")
                    self.found.problems.append(
                        resolved.problem(path, "there is no such file", one.path)
                    )
                    complete = False
                    continue
                read.append(self.shelf.read(one, role))
            if read:
                tables[role] = tuple(read)
        if complete:
            self._note_once(uncertainty_problems(resolved, tables.get("units", ())))
            self._note_once(campaign_problems(resolved))
        # Nothing is built from these tables that would name their problems.
        for role in _READ_LATER:
            self._note_once([p for t in tables.get(role, ()) for p in t.problems])
        return tables if complete else None


def _geometry(tables: Mapping[str, tuple[Table, ...]]) -> gpd.GeoDataFrame | None:
    """Polygons by unit in WGS 84, from the units' tables and that of the geometry."""
    import geopandas as gpd

    frames = []
    for table in (*tables.get("geometry", ()), *tables["units"]):
        frame = table.frame
        if "geometry" not in frame.columns or not frame["geometry"].notna().any():
            continue
        # Tables hold shapes in WGS 84 as a plain column.
        shapes = gpd.GeoSeries(frame["geometry"].where(frame["geometry"].notna(), None), crs=4326)
        areas = shapes.notna() & shapes.geom_type.isin(["Polygon", "MultiPolygon"])
        frames.append(
            gpd.GeoDataFrame({"unit": frame["unit"][areas]}, geometry=shapes[areas], crs=4326)
        )
    if not frames:
        return None
    merged = pd.concat(frames, ignore_index=True).drop_duplicates("unit")
    return gpd.GeoDataFrame(merged, geometry="geometry", crs=4326)


def _quarantined(tables: Mapping[str, tuple[Table, ...]]) -> pd.DataFrame:
    """How many rows, hours and how much money each on_problem decision touched."""
    standards = tables.get("standards")
    known = ServiceStandards(standards[0].frame) if standards else None
    touched = touched_table([table for each in tables.values() for table in each], known)
    names = {"source": "table", "decision": "action", "sales": "money"}
    columns = ["table", "column", "action", "rows", "hours", "money", "potential"]
    return touched.rename(columns=names)[columns]


def _input_hash(resolved: ResolvedScenario, inputs: Sequence[InputTable], problem: Problem) -> str:
    content = {
        "settings": _of_the_run(resolved.plain()),
        "tables": [[table.role, table.path, table.digest] for table in inputs],
        "travel": travel_digest(problem),
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _of_the_run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without what plans are tried against afterwards: it changes nothing of a run."""
    return {name: value for name, value in settings.items() if name != "uncertainty"}


def _written_hash(resolved: ResolvedScenario, inputs: Sequence[InputTable]) -> str:
    content = {
        "settings": _of_the_run(resolved.root.plain()),
        "tables": [[table.role, table.path, table.digest] for table in inputs],
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()
