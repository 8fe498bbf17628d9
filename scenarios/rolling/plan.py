"""The plan that is rolled, as it was published or as the run has it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ...models.errors import BadInput, InputProblem
from ...models.evaluation import evaluate
from ...models.problem import Problem
from ..adopting.restoring import FinishedRun
from ..records.publication import PUBLISHED, publications
from ..records.steps import approvals, state_of
from ..store import read_plan


@dataclass(frozen=True, eq=False)
class RolledPlan:
    """The plan that is rolled: the published one where there is one, else the run's."""

    folder: Path
    digest: str
    state: str

    @classmethod
    def of(cls, finished: FinishedRun, name: str) -> RolledPlan:
        """Find the plan of a scenario.

        Raises
        ------
        BadInput
            When it has none.
        """
        own = [each for each in publications([finished.folder]) if each.scenario == name]
        folder = finished.folder / name
        if own:
            folder = finished.folder / PUBLISHED / own[-1].folder_name
        path = folder / "assignments.csv"
        if not path.exists():
            raise BadInput([InputProblem("teig roll", "", "-s", name, "the scenario has no plan")])
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(folder, digest, state_of(approvals(finished.folder), name, digest))

    def assignments(self, problem: Problem) -> pd.DataFrame:
        """Who has what: ``unit, team, rep, share`` and more."""
        path = self.folder / "assignments.csv"
        return evaluate(problem, read_plan(path, problem)).assignments
