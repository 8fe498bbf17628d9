"""Plans made by hand, kept in the folder of their run: one folder each, never changed."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from ...models.errors import BadInput, InputProblem
from ...models.plan import Plan
from ..loading import Workbook
from ..results import INCUMBENT, Adoption
from ..store import read_plan

#: Folder of a run that holds its plans made by hand.
ADOPTED = "adopted"
PLAN, RECORD = "plan.csv", "adoption.json"
_STAGING = ".writing"


@dataclass(frozen=True, eq=False)
class HandPlan:
    """One plan made by hand, as it lies in a folder."""

    adoption: Adoption
    folder: Path

    def plan(self, workbook: Workbook) -> Plan:
        """The plan, of the problem of its scenario."""
        return read_plan(self.folder / PLAN, workbook[self.adoption.scenario].problem)


def hand_plans(folder: Path) -> tuple[HandPlan, ...]:
    """Plans made by hand of a run, the oldest first; none where there are none.

    Raises
    ------
    BadInput
        For records that are not as teig wrote them.
    """
    place = folder / ADOPTED
    found, problems = [], []
    for entry in sorted(place.iterdir()) if place.is_dir() else ():
        if entry.name.startswith("."):
            continue
        try:
            content = json.loads((entry / RECORD).read_text(encoding="utf-8"))
            adoption = Adoption(**{str(key): str(value) for key, value in content.items()})
            found.append(HandPlan(adoption, entry))
        except (OSError, ValueError, TypeError, AttributeError):
            message = "the record of this plan cannot be read; restore it or take the folder away"
            problems.append(InputProblem(f"{ADOPTED}/{entry.name}", "", RECORD, "", message))
    if problems:
        raise BadInput(problems)
    return tuple(sorted(found, key=lambda each: (each.adoption.date, each.adoption.name)))


def standing(
    folder: Path, workbook: Workbook
) -> tuple[tuple[tuple[Adoption, Plan], ...], tuple[str, ...]]:
    """Plans made by hand that fit a run's scenarios, and why the others do not.

    A plan is of one input: where that changed it is left out, and adopting the edits
    again measures them on the new one.
    """
    names = {scenario.name for scenario in workbook.scenarios}
    kept, notes = [], []
    for each in hand_plans(folder):
        adoption = each.adoption
        if adoption.scenario not in names:
            why = f"{adoption.scenario} is not run"
        elif adoption.name in names or adoption.name == INCUMBENT:
            why = "the scenario file has a scenario of this name now"
        elif workbook[adoption.scenario].written_hash != adoption.input_hash:
            why = f"the input of {adoption.scenario} changed since; adopt the edits again"
        else:
            kept.append((adoption, each.plan(workbook)))
            continue
        notes.append(f"{adoption.name}, made by hand, is left out: {why}")
    return tuple(kept), tuple(notes)


def keep(folder: Path, adoption: Adoption, plan: pd.DataFrame) -> Path:
    """Write down a plan made by hand; there whole or not at all."""
    staging = folder / ADOPTED / _STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    plan.to_csv(staging / PLAN, index=False, float_format="%.10g", lineterminator="\n")
    text = json.dumps(asdict(adoption), ensure_ascii=False, indent=2) + "\n"
    (staging / RECORD).write_text(text, encoding="utf-8", newline="\n")
    place = folder / ADOPTED / adoption.name
    staging.replace(place)
    return place
