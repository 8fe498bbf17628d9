"""Reads the folders of runs as they were written, without their inputs."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...models.errors import ProblemList
from ..outputs import GEOPACKAGE
from ..results import INCUMBENT
from ..store import OUTPUT_MARK


@dataclass(frozen=True, eq=False)
class StoredScenario:
    """One scenario as it lies in a folder.

    Parameters
    ----------
    run
        What its run is called beside others.
    summary
        ``summary.json``.
    figures
        Its row of ``comparison.csv``, by column; empty cells are missing.
    """

    run: str
    name: str
    folder: Path
    currency: str
    price_year: int
    summary: Mapping[str, Any]
    figures: Mapping[str, Any]

    @property
    def label(self) -> str:
        """``run/scenario``."""
        return f"{self.run}/{self.name}"

    @property
    def frozen(self) -> bool:
        """Whether nothing was chosen in it, today's or one made by hand: its value is its bound."""
        return self.name == INCUMBENT or bool(self.summary.get("adoption"))

    @property
    def has_plan(self) -> bool:
        """Whether there are assignments."""
        return (self.folder / "assignments.csv").exists()

    def assignments(self) -> pd.DataFrame:
        """``unit, team, rep, share``, ids as text; no rows without a plan."""
        columns = ["unit", "team", "rep", "share"]
        if not self.has_plan:
            return pd.DataFrame(columns=columns)
        text = {"unit": str, "team": str, "rep": str}
        path = self.folder / "assignments.csv"
        return pd.read_csv(path, dtype=text, keep_default_na=False)[columns]

    def sales(self) -> dict[tuple[str, str], float]:
        """Sales by unit and team, plan currency a year, of the units that have a place."""
        path = self.folder / GEOPACKAGE
        found: dict[tuple[str, str], float] = {}
        if not path.exists():
            return found
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            layers = file.execute("SELECT table_name FROM gpkg_contents").fetchall()
            for (layer,) in sorted(layers):
                if layer in ("units", "unit_points"):
                    query = f'SELECT unit, team, sum(sales) FROM "{layer}" GROUP BY unit, team'  # noqa: S608
                    for unit, team, sales in file.execute(query):
                        found[str(unit), str(team)] = float(sales or 0.0)
        return found


@dataclass(frozen=True, eq=False)
class StoredRun:
    """The folder of one run.

    Parameters
    ----------
    label
        What it is called beside others.
    name
        The scenario file's.
    """

    label: str
    name: str
    folder: Path
    currency: str
    price_year: int
    scenarios: tuple[StoredScenario, ...]


def read_runs(folders: Sequence[Path]) -> tuple[StoredRun, ...]:
    """Read the folders of runs.

    Raises
    ------
    BadInput
        For every folder that holds no finished run.
    """
    found = ProblemList("RUN")
    runs = []
    for folder, label in zip(folders, _labels(folders), strict=True):
        run = _read(folder, label, found)
        if run is not None:
            runs.append(run)
    found.raise_any()
    return tuple(runs)


def _labels(folders: Sequence[Path]) -> list[str]:
    """The folders' names, with as much of the path before them as tells them apart."""
    parts = [folder.resolve().parts for folder in folders]
    for length in range(1, max(map(len, parts), default=0) + 1):
        labels = ["/".join(each[-length:]) for each in parts]
        if len(set(labels)) == len(labels):
            return labels
    return [f"{each[-1]} ({position})" for position, each in enumerate(parts, start=1)]


def _read(folder: Path, label: str, found: ProblemList) -> StoredRun | None:
    try:
        index = _json(folder / OUTPUT_MARK)
        rows = pd.read_csv(folder / "comparison.csv")
        by_name = {str(row["scenario"]): row for row in rows.to_dict("records")}
        currency, year = str(index["currency"]), int(index["price_year"])
        scenarios = tuple(
            StoredScenario(
                run=label,
                name=str(each["scenario"]),
                folder=folder / str(each["scenario"]),
                currency=currency,
                price_year=year,
                summary=_json(folder / str(each["scenario"]) / "summary.json"),
                figures=_present(by_name[str(each["scenario"])]),
            )
            for each in index["scenarios"]
        )
    except OSError as error:
        name = Path(error.filename).name if error.filename else OUTPUT_MARK
        reason = "was not finished, or is no run of teig"
        found.add(f"the folder {reason}: {name} cannot be read", value=folder)
        return None
    except (ValueError, KeyError, TypeError) as error:
        found.add(f"the run in this folder cannot be read: {error}", value=folder)
        return None
    return StoredRun(label, str(index["name"]), folder, currency, year, scenarios)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        name = "/".join(path.parts[-2:]) if path.name != OUTPUT_MARK else path.name
        message = f"{name} is damaged; teig run writes it anew ({error})"
        raise ValueError(message) from None


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(key): value
        for key, value in row.items()
        if not (isinstance(value, float) and math.isnan(value))
    }


def chosen(runs: Sequence[StoredRun], names: Sequence[str]) -> tuple[StoredScenario, ...]:
    """Scenarios named ``run/scenario`` or, where only one has it, ``scenario``; all for none.

    Raises
    ------
    BadInput
        For names that no scenario or several have.
    """
    every = [scenario for run in runs for scenario in run.scenarios]
    if not names:
        return tuple(every)
    found = ProblemList("RUN")
    picked = []
    for name in names:
        fitting = [each for each in every if name in (each.label, each.name)]
        if len(fitting) == 1:
            picked += fitting
        elif fitting:
            labels = ", ".join(each.label for each in fitting)
            found.add(f"several scenarios are called so: {labels}", key="-s", value=name)
        else:
            labels = ", ".join(each.label for each in every)
            found.add(f"there is no such scenario; there are {labels}", key="-s", value=name)
    found.raise_any()
    return tuple(dict.fromkeys(picked))
