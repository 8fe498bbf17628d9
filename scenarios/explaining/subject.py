"""A stored scenario with its problem and plan at hand again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ...models.errors import BadInput, InputProblem
from ...models.evaluation import Evaluation, evaluate
from ...models.plan import Plan, Status
from ...models.problem import Problem
from ...optimizer import solve_territories
from ...optimizer.territories.result import TerritoryResult
from ...optimizer.territories.stages import SMALL
from ..loading import LoadedScenario, load
from ..results import INCUMBENT
from ..staleness import changed_text
from ..store import OUTPUT_MARK, read_plan
from ..store.origin import origin_of


@dataclass(frozen=True, eq=False)
class Subject:
    """What is explained.

    Parameters
    ----------
    plan, evaluation
        None where the scenario has no plan.
    notes
        What the run said of it.
    work, seconds
        Limits of the run; each new solve has the same.
    """

    scenario: LoadedScenario
    status: Status
    plan: Plan | None
    evaluation: Evaluation | None
    notes: tuple[str, ...]
    work: float
    seconds: float | None
    stored: str = ""

    @property
    def name(self) -> str:
        """Name of the scenario, or of the plan made by hand for it."""
        return self.stored or self.scenario.name

    @property
    def problem(self) -> Problem:
        """Its problem."""
        return self.scenario.problem

    @property
    def is_small(self) -> bool:
        """Whether exact solving looks at the whole of it."""
        return sum(len(t.covers) * len(t.owners) for t in self.problem.teams) <= SMALL

    def solved(self, problem: Problem, start: Plan | None) -> TerritoryResult:
        """Solve a changed problem with the limits of the run, from a plan."""
        settings = self.scenario.resolved.settings
        return solve_territories(
            problem,
            work=self.work,
            seconds=self.seconds,
            gap=settings.limits.gap,
            seed=settings.seed,
            start=start,
        )


def read_subject(
    folder: Path, name: str = "", file: Path | None = None, work: float | None = None
) -> Subject:
    """Read one scenario of a finished run, and build its problem from its input again.

    Parameters
    ----------
    folder
        Of a run, or of one scenario in it.
    name
        The scenario; may be left out where the run has one.

    Raises
    ------
    BadInput
        When there is no such run or scenario, or the input has changed since.
    """
    if (folder / "summary.json").exists() and not (folder / OUTPUT_MARK).exists():
        folder, name = folder.resolve().parent, folder.resolve().name
    name = _chosen(folder, name)
    origin = origin_of(folder, file)
    summary = json.loads((folder / name / "summary.json").read_text(encoding="utf-8"))
    of = str(summary.get("adoption", {}).get("scenario", name))
    book = load(origin.file, scenarios=() if of == "base" else (of,), settings=origin.settings)
    scenario = book[of]
    changes = scenario.changed_since(summary)
    if changes:
        message = changed_text(origin.file.name, changes)
        raise BadInput([InputProblem("DIR", "", "", str(folder), message)])
    limits = scenario.resolved.settings.limits
    path = folder / name / "assignments.csv"
    plan = read_plan(path, scenario.problem) if path.exists() else None
    return Subject(
        scenario,
        Status(summary["status"]),
        plan,
        None if plan is None else evaluate(scenario.problem, plan),
        tuple(summary["notes"]),
        work or origin.work or limits.work,
        origin.seconds or limits.seconds,
        name,
    )


def _chosen(folder: Path, name: str) -> str:
    try:
        index = json.loads((folder / OUTPUT_MARK).read_text(encoding="utf-8"))
        names = [str(each["scenario"]) for each in index["scenarios"]]
    except (OSError, ValueError, KeyError, TypeError):
        message = "the folder holds no finished run of teig"
        raise BadInput([InputProblem("DIR", "", "", str(folder), message)]) from None
    names = [each for each in names if each != INCUMBENT]
    if name in names or (not name and len(names) == 1):
        return name or names[0]
    message = "several scenarios; say which" if not name else "there is no such scenario"
    raise BadInput([InputProblem("-s", "", "", name, f"{message}: {', '.join(names)}")])
