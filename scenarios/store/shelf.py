"""Results of territories kept by the hash of their input, for the next run.

Plain JSON, so that a folder that somebody sends can be opened without running what
is in it. A file is written beside its place and renamed, so that it is there whole
or not at all, whenever the process is killed.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from ...models.plan import Plan, Status
from ...optimizer.territories.result import StageResult, TerritoryResult
from ...optimizer.territories.verification import VerificationError, verified
from ..solving.tasks import Task

#: Folder of a run that holds what the next run can use.
SHELF = ".teig"
_RESULTS, _NOTE, _PARTIAL = "results", "README.txt", ".partial"
_FORMAT = 1
_NOTE_TEXT = (
    "Results by the hash of their input, so that teig computes only what changed.\n"
    "This folder may be deleted at any time.\n"
)


class ResultShelf:
    """Results in a folder; see the module.

    Parameters
    ----------
    folder
        Of a run; made when the first result is kept.
    fresh
        Whether to forget what was known and compute everything anew.
    """

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self.folder, self.fresh = folder / SHELF, fresh

    def get(self, task: Task) -> TerritoryResult | None:
        """Return the result kept for a task, its plan measured anew; None without one.

        A file that cannot be read, or whose plan measures otherwise than it says, is
        as good as none.
        """
        if self.fresh:
            return None
        folder = self._place(task)
        try:
            kept = json.loads((folder / "result.json").read_text(encoding="utf-8"))
            timing = json.loads((folder / "timing.json").read_text(encoding="utf-8"))
            return _result(kept, task, float(timing["seconds"]))
        except (OSError, ValueError, KeyError, TypeError, IndexError, VerificationError):
            return None

    def put(self, task: Task, result: TerritoryResult) -> None:
        """Keep a result."""
        place = self._place(task)
        place.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / _NOTE, _NOTE_TEXT)
        # The time first: where there is a result, all that belongs to it is there.
        write_whole(place / "timing.json", json.dumps({"seconds": result.seconds}) + "\n")
        write_whole(place / "result.json", json.dumps(_plain(result), separators=(",", ":")) + "\n")

    def bound(self, task: Task) -> float | None:
        """Return the bound that a task's appraisal gave; None where it is not known."""
        path = self._place_of_bound(task)
        if path is None or self.fresh:
            return None
        try:
            value = float(json.loads(path.read_text(encoding="utf-8"))["bound"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return value if math.isfinite(value) else None

    def put_bound(self, task: Task, value: float) -> None:
        """Keep the bound that a task's appraisal gave, beside its result."""
        path = self._place_of_bound(task)
        if path is not None and path.parent.is_dir() and math.isfinite(value):
            write_whole(path, json.dumps({"bound": value}) + "\n")

    def _place_of_bound(self, task: Task) -> Path | None:
        if task.appraisal is None:
            return None
        return self._place(task) / f"money-{task.appraisal.key[:16]}.json"

    def _place(self, task: Task) -> Path:
        return self.folder / _RESULTS / task.key


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    partial = path.with_name(path.name + _PARTIAL)
    with partial.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def _plain(result: TerritoryResult) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "plan": None if result.plan is None else _plan(result.plan),
        "status": str(result.status),
        "stages": [
            {
                "name": stage.name,
                "status": str(stage.status),
                "objective": _number(stage.objective),
                "bound": _number(stage.bound),
                "sense": stage.sense,
            }
            for stage in result.stages
        ],
        "stopped_by": result.stopped_by,
        "seed": result.seed,
        "versions": dict(result.versions),
        "explanation": list(result.explanation),
        "work": dict(result.work),
    }


def _plan(plan: Plan) -> dict[str, list[int] | None]:
    centres = None if plan.centres is None else plan.centres.tolist()
    return {"owner": plan.owner.tolist(), "centres": centres}


def _number(value: float | None) -> float | str | None:
    """A number that JSON knows; infinities as text."""
    return value if value is None or math.isfinite(value) else str(value)


def _float(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _result(kept: dict[str, Any], task: Task, seconds: float) -> TerritoryResult:
    if kept["format"] != _FORMAT:
        raise ValueError("another format")
    plan = evaluation = None
    if kept["plan"] is not None:
        owner, centres = kept["plan"]["owner"], kept["plan"]["centres"]
        plan = Plan(
            np.array(owner, dtype=np.int64),
            None if centres is None else np.array(centres, dtype=np.int64),
        )
        if plan.owner.shape != (len(task.problem.covers),):
            raise ValueError("a plan of another problem")
        evaluation = verified(task.problem, plan)
    stages = tuple(
        StageResult(
            stage["name"],
            Status(stage["status"]),
            _float(stage["objective"]),
            _float(stage["bound"]),
            stage["sense"],
        )
        for stage in kept["stages"]
    )
    for stage in stages:
        value = None if evaluation is None else evaluation.objectives.get(stage.name)
        if value != stage.objective:
            raise VerificationError(f"stage {stage.name}: {stage.objective} kept, {value} measured")
    return TerritoryResult(
        plan=plan,
        status=Status(kept["status"]),
        stages=stages,
        stopped_by=kept["stopped_by"],
        seed=kept["seed"],
        versions=kept["versions"],
        evaluation=evaluation,
        explanation=tuple(kept["explanation"]),
        seconds=seconds,
        work=kept["work"],
    )
