"""Results of a finished run from its folder, measured anew; nothing is solved."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...models.errors import BadInput, InputProblem, ProblemList, did_you_mean
from ...models.evaluation import evaluate
from ...models.plan import Plan, Status
from ...optimizer.territories.result import StageResult, TerritoryResult
from ..loading import LoadedScenario, Workbook, load
from ..results import INCUMBENT
from ..staleness import changed_text
from ..store import OUTPUT_MARK, read_plan
from ..store.origin import origin_of

#: Share of a value that the digits of a file may cost.
_RELATIVE = 1e-6


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A run with its input at hand again.

    Parameters
    ----------
    summaries
        ``summary.json`` by scenario, plans made by hand included.
    solved
        Results of the file's scenarios.
    given
        Plans that were measured only, by scenario.
    """

    folder: Path
    workbook: Workbook
    summaries: Mapping[str, Mapping[str, Any]]
    solved: Mapping[str, TerritoryResult]
    given: Mapping[str, Plan]

    def chosen(self, name: str, command: str) -> str:
        """A plan by its name; the only one where none is given.

        Raises
        ------
        BadInput
            When there is no such plan, or several to choose from.
        """
        names = list(self.summaries)
        if name in names or (not name and len(names) == 1):
            return name or names[0]
        said = did_you_mean(name, names) if name else f"say which with -s: {', '.join(names)}"
        message = f"one scenario at a time; {said}"
        raise BadInput([InputProblem(command, "", "-s", name, message)])

    def scenario_of(self, name: str) -> str:
        """Scenario of the file whose problem a plan is of."""
        return str(self.summaries[name].get("adoption", {}).get("scenario", name))

    def assignments(self, name: str) -> pd.DataFrame:
        """Who has what in a plan: ``unit, team, rep, share`` and more.

        Raises
        ------
        BadInput
            When there is no plan.
        """
        path = self.folder / name / "assignments.csv"
        if not path.exists():
            message = "the scenario has no plan"
            raise BadInput([InputProblem("-s", "", "", name, message)])
        problem = self.workbook[self.scenario_of(name)].problem
        return evaluate(problem, read_plan(path, problem)).assignments


def finished_run(folder: Path, file: Path | None = None) -> FinishedRun:
    """Read a finished run and the input that it was made from.

    Raises
    ------
    BadInput
        When there is no run, its input changed, or its plans measure otherwise now.
    """
    summaries = _summaries(folder)
    origin = origin_of(folder, file)
    own = [name for name, summary in summaries.items() if not summary.get("adoption")]
    wanted = () if own == ["base"] else tuple(own)
    book = load(origin.file, scenarios=wanted, settings=origin.settings)
    found = ProblemList(str(folder))
    solved: dict[str, TerritoryResult] = {}
    given: dict[str, Plan] = {}
    for name in own:
        scenario, summary = book[name], summaries[name]
        changes = scenario.changed_since(summary)
        if changes:
            found.add(changed_text(origin.file.name, changes), key="-s", value=name)
            continue
        path = folder / name / "assignments.csv"
        plan = read_plan(path, scenario.problem) if path.exists() else None
        if plan is not None and not summary["stages"]:
            given[name] = plan
            continue
        result = _restored(scenario, summary, plan, found)
        if result is not None:
            solved[name] = result
    found.raise_any()
    return FinishedRun(folder, book, summaries, solved, given)


def _summaries(folder: Path) -> dict[str, dict[str, Any]]:
    try:
        index = json.loads((folder / OUTPUT_MARK).read_text(encoding="utf-8"))
        names = [str(each["scenario"]) for each in index["scenarios"]]
        return {
            name: json.loads((folder / name / "summary.json").read_text(encoding="utf-8"))
            for name in names
            if name != INCUMBENT
        }
    except (OSError, ValueError, KeyError, TypeError):
        message = "the folder holds no finished run of teig"
        raise BadInput([InputProblem("RUN", "", "", str(folder), message)]) from None


def _restored(
    scenario: LoadedScenario, summary: Mapping[str, Any], plan: Plan | None, found: ProblemList
) -> TerritoryResult | None:
    """What the run found of a scenario, its plan measured again."""
    measured = evaluate(scenario.problem, plan) if plan is not None else None
    stages = tuple(
        StageResult(
            str(stage["name"]),
            Status(stage["status"]),
            stage["objective"],
            stage["bound"],
            stage["sense"],
        )
        for stage in summary["stages"]
    )
    for stage in stages:
        value = None if measured is None else measured.objectives.get(stage.name)
        if not _same(value, stage.objective):
            found.add(
                f"this version of teig measures {stage.name} of the plan as {value}, the run "
                f"says {stage.objective}; run it again first",
                key="-s",
                value=scenario.name,
            )
            return None
    return TerritoryResult(
        plan=plan,
        status=Status(summary["status"]),
        stages=stages,
        stopped_by=str(summary["stopped_by"]),
        seed=int(summary["seed"]),
        versions=summary["versions"],
        evaluation=measured,
        explanation=tuple(map(str, summary["notes"])),
    )


def _same(value: float | None, kept: float | None) -> bool:
    if value is None or kept is None:
        return value is None and kept is None
    return math.isclose(value, kept, rel_tol=_RELATIVE, abs_tol=_RELATIVE)
