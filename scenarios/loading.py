"""From a scenario file to problems that are ready to be solved; nothing is solved here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..models.build import build_problem
from ..models.calendar import Ramp
from ..models.errors import BadInput, InputProblem, ProblemList
from ..models.problem import Problem
from ..models.structure import TeamSpec
from ..models.tables import Table
from ..models.travel import TravelProvider, travel_digest
from ..optimizer.travel import GivenMatrix
from .files import ResolvedScenario, read_document, resolve
from .files.sections import Table as TableSettings
from .objectives import build_objective
from .quotas import quota_problems
from .results import Change, InputTable
from .sources import ROLES, TableShelf
from .structure import structure_table

if TYPE_CHECKING:
    import geopandas as gpd

#: Settings that the territory problem does not depend on.
_NOT_OF_THE_PROBLEM = ("limits", "money", "name", "quotas", "seed", "teig")


@dataclass(frozen=True, eq=False)
class LoadedScenario:
    """One scenario, resolved, with its tables read and its problem built.

    Parameters
    ----------
    tables
        Tables by role, in the order of the file; ``units`` may have several.
    structure
        ``person, role, team, reports_to``.
    quarantined
        ``table, column, action, rows, hours, money``.
    """

    resolved: ResolvedScenario
    problem: Problem
    tables: Mapping[str, tuple[Table, ...]]
    inputs: tuple[InputTable, ...]
    input_hash: str
    geometry: gpd.GeoDataFrame | None
    structure: pd.DataFrame
    quarantined: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name in the scenario file, or ``base``."""
        return self.resolved.name

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
    document = read_document(file)
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


class _Loader:
    """Loads the scenarios of one file; what they have in common is read and built once."""

    def __init__(self, folder: Path, source: str) -> None:
        self.shelf = TableShelf(folder)
        self.found = ProblemList(source)
        self.built: dict[str, Problem | None] = {}

    def scenario(self, resolved: ResolvedScenario) -> LoadedScenario | None:
        tables = self._tables(resolved)
        if tables is None:
            return None
        problem = self._problem(resolved, tables)
        if problem is None:
            return None
        inputs = tuple(self.shelf.input(role, t) for role, ts in tables.items() for t in ts)
        structure = structure_table(problem, tables)
        self.found.problems += quota_problems(resolved, problem, structure)
        return LoadedScenario(
            resolved=resolved,
            problem=problem,
            tables=tables,
            inputs=inputs,
            input_hash=_input_hash(resolved, inputs, problem),
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
        # Nothing is built from the people's table that would name its problems.
        self.found.problems += [p for t in tables.get("people", ()) for p in t.problems]
        return tables if complete else None

    def _problem(
        self, resolved: ResolvedScenario, tables: Mapping[str, tuple[Table, ...]]
    ) -> Problem | None:
        plain = {k: v for k, v in resolved.plain().items() if k not in _NOT_OF_THE_PROBLEM}
        without_rules = {k: v for k, v in plain.items() if k not in ("rules", "objective")}
        key, bare_key = _canonical(plain), _canonical(without_rules)
        if bare_key not in self.built:
            self.built[bare_key] = self._bare_problem(resolved, tables)
        bare = self.built[bare_key]
        if key not in self.built and bare is not None:
            self.built[key] = self._ruled_problem(resolved, bare)
        return self.built.get(key)

    def _bare_problem(
        self, resolved: ResolvedScenario, tables: Mapping[str, tuple[Table, ...]]
    ) -> Problem | None:
        """Build the problem without the file's rules, which are added afterwards."""
        settings = resolved.settings
        try:
            return build_problem(
                tables["units"],
                tables["reps"],
                calendar=settings.calendar.work_calendar(),
                travel=_travel(resolved, tables),
                teams=self._teams(resolved),
                neighbours=_neighbours(settings.data.neighbours, tables.get("neighbours")),
                touring=settings.touring.touring(),
                currency=settings.currency,
                rates=settings.rates,
                price_year=settings.price_year,
                ramp=Ramp(settings.ramp.months),
                control_totals=settings.control_totals,
                standards=tables.get("standards"),
                incumbent=tables.get("incumbent"),
                geometry=tables.get("geometry"),
                names=tables.get("names"),
                leaves=tables.get("leaves"),
            )
        except BadInput as error:
            self.found.problems += [_placed(problem, resolved) for problem in error.problems]
            return None

    def _teams(self, resolved: ResolvedScenario) -> list[TeamSpec]:
        teams = []
        for name, team in resolved.settings.structure.teams.items():
            values = dict(team)
            if isinstance(team.neighbours, TableSettings):
                values["neighbours"] = self.shelf.read(team.neighbours, "neighbours")
            teams.append(TeamSpec(name=name, **values))
        return teams

    def _ruled_problem(self, resolved: ResolvedScenario, bare: Problem) -> Problem | None:
        try:
            ruled = bare.replace(rules=(*bare.rules, *resolved.rules))
            objective = build_objective(resolved.settings.objective, ruled)
            return ruled.replace(objective=objective)
        except BadInput as error:
            self.found.problems += [_placed(problem, resolved) for problem in error.problems]
            return None


def _travel(resolved: ResolvedScenario, tables: Mapping[str, tuple[Table, ...]]) -> TravelProvider:
    provider: TravelProvider = resolved.settings.travel.great_circle()
    given = resolved.settings.data.travel
    if given is None:
        return provider
    return GivenMatrix(tables["travel"][0], None if given.complete else provider)


def _neighbours(given: object, tables: tuple[Table, ...] | None) -> Any:
    return tables[0] if tables else given


def _placed(problem: InputProblem, resolved: ResolvedScenario) -> InputProblem:
    """Give a problem that the models found in a setting the line of that setting."""
    paths = {
        "rule": ("rules", problem.place.removeprefix("rule ")),
        "objective": ("objective",),
        "team": ("structure", "teams", problem.place.removeprefix("team "), problem.key),
    }
    word = problem.place.partition(" ")[0]
    if problem.source in ("problem", "teams", "structure", "rules", "objective") and word in paths:
        return resolved.problem(paths[word], problem.message, problem.value)
    if problem.source == "control_totals":
        return resolved.problem(("control_totals", problem.key), problem.message, problem.value)
    return problem


def _geometry(tables: Mapping[str, tuple[Table, ...]]) -> gpd.GeoDataFrame | None:
    """Polygons by unit in WGS 84, from the units' tables and that of the geometry."""
    import geopandas as gpd

    frames = []
    for table in (*tables.get("geometry", ()), *tables["units"]):
        frame = table.frame
        if isinstance(frame, gpd.GeoDataFrame) and frame.geometry.notna().any():
            frame = frame.to_crs(4326) if frame.crs is not None else frame.set_crs(4326)
            shapes = frame.geometry
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
    rows = [
        {
            "table": table.source,
            "column": touched.column,
            "action": str(touched.decision),
            "rows": len(touched.rows),
            "hours": _total(touched.rows, ("workload_hours",)),
            "money": _total(touched.rows, ("sales", "potential")),
        }
        for each in tables.values()
        for table in each
        for touched in table.touched
    ]
    return pd.DataFrame(rows, columns=["table", "column", "action", "rows", "hours", "money"])


def _total(rows: pd.DataFrame, columns: Sequence[str]) -> float | None:
    """Sum of the first of the columns that is there; None, not zero, where none is."""
    for column in columns:
        if column in rows and pd.to_numeric(rows[column], errors="coerce").notna().any():
            return float(pd.to_numeric(rows[column], errors="coerce").sum())
    return None


def _input_hash(resolved: ResolvedScenario, inputs: Sequence[InputTable], problem: Problem) -> str:
    content = {
        "settings": resolved.plain(),
        "tables": [[table.role, table.path, table.digest] for table in inputs],
        "travel": travel_digest(problem),
    }
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
