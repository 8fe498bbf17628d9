"""Takes an edited workbook into the run that it was written by."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ...models.errors import BadInput, InputProblem, ProblemList
from ..exports.marks import plan_hash
from ..files.resolve import is_scenario_name
from ..outputs import write_outputs
from ..results import INCUMBENT, Adoption, RunResult, ScenarioResult
from ..running import reassemble
from ..store import OUTPUT_MARK, in_use
from .effect import Effect, effect_of, lock_yaml
from .owners import EditedAlignment
from .record import HandPlan, hand_plans, keep, standing
from .restoring import FinishedRun, finished_run
from .sheet import EditedSheet, read_sheet

_FROM = "teig adopt"


@dataclass(frozen=True, eq=False)
class Adopted:
    """What came of an edited workbook.

    Parameters
    ----------
    folder
        Where the plan and what was said of it are kept.
    notes
        Repairs, and what else is worth knowing.
    """

    adoption: Adoption
    result: RunResult
    effect: Effect
    folder: Path
    report: Path
    notes: tuple[str, ...]

    @property
    def row(self) -> ScenarioResult:
        """The plan, measured."""
        return self.result[self.adoption.name]


def adopt(
    folder: Path,
    edited: Path,
    *,
    author: str,
    reason: str,
    scenario: str = "",
    name: str = "",
    file: Path | None = None,
    now: datetime | None = None,
) -> Adopted:
    """Read who has what from an edited workbook and keep that beside the run's own plans.

    Nothing is solved. The plan is measured on the problem of its scenario, becomes a
    row of the run's comparison, report and workbook, and stays there when the run is
    computed again from the same input.

    Parameters
    ----------
    folder
        Of a finished run.
    edited
        The run's ``workbook.xlsx``, changed and saved.
    scenario
        Whose rows were changed; may be left out where the run has one.
    name
        What the plan is called; ``<scenario>-by-hand`` by default.
    file
        The scenario file, where it was moved.

    Raises
    ------
    BadInput
        With every problem of the workbook; nothing is written then.
    """
    found = ProblemList(_FROM)
    if not author.strip() or not reason.strip():
        found.add("a record names who decided and why", key="--author, --reason")
    sheet = None
    with found.collecting():
        sheet = read_sheet(edited)
    found.raise_any()
    assert sheet is not None  # noqa: S101 - else there was a problem
    if not (folder / OUTPUT_MARK).exists():
        raise _problem("RUN", folder, "the folder holds no finished run of teig")
    with in_use(folder, _FROM):
        run = finished_run(folder, file)
        known = hand_plans(folder)
        edited_name = run.chosen(scenario, _FROM)
        draft = _draft(run, sheet, edited_name, name, known)
        stamp = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
        before = run.assignments(edited_name)
        alignment = EditedAlignment(
            sheet,
            edited_name,
            [*run.summaries, *sheet.inputs, INCUMBENT],
            run.workbook[draft.scenario].problem,
            before,
        )
        plan = alignment.assignments()
        adoption = replace(
            draft,
            author=author.strip(),
            reason=reason.strip(),
            date=stamp,
            plan_hash=plan_hash(plan),
        )
        _check_new(adoption, before, known)
        notes = (*_origin_notes(sheet, adoption, before), *alignment.notes)
        return _written(run, adoption, plan, notes)


def _draft(
    run: FinishedRun, sheet: EditedSheet, edited: str, name: str, known: tuple[HandPlan, ...]
) -> Adoption:
    """The record without author, date and plan, once the workbook is seen to be the run's."""
    input_hash = run.workbook[run.scenario_of(edited)].written_hash
    written = sheet.inputs.get(edited)
    if sheet.inputs and written is None:
        message = f"the workbook shows no plan of this scenario; it has {', '.join(sheet.inputs)}"
        raise _problem("-s", edited, message)
    # The run's own mark may be of a teig that hashed the same input otherwise.
    if written not in (None, input_hash, run.summaries[edited].get("written_hash")):
        message = (
            f"the workbook shows another run: its {edited} was made from input {written[:12]}, "
            f"that of this folder from {input_hash[:12]}; adopt it in its own run, or make the "
            "edits in this run's workbook"
        )
        raise BadInput([InputProblem(sheet.source, "", "", "", message)])
    taken = {*run.summaries, *(each.adoption.name for each in known)}
    return Adoption(
        name=_free_name(name, f"{edited.removesuffix('-by-hand')}-by-hand", taken),
        scenario=run.scenario_of(edited),
        edited=edited,
        author="",
        date="",
        reason="",
        source=sheet.source,
        source_hash=sheet.digest,
        input_hash=input_hash,
        plan_hash="",
    )


def _free_name(wanted: str, default: str, taken: set[str]) -> str:
    if not wanted:
        numbers = (f"{default}-{number}" for number in range(2, len(taken) + 3))
        return next(name for name in (default, *numbers) if name not in taken)
    if wanted in taken:
        raise _problem("--name", wanted, "there is a plan of this name already")
    if not is_scenario_name(wanted):
        message = "a plan is named by letters, digits, spaces, - and _, for it becomes a folder"
        raise _problem("--name", wanted, message)
    return wanted


def _check_new(adoption: Adoption, before: pd.DataFrame, known: tuple[HandPlan, ...]) -> None:
    if adoption.plan_hash == plan_hash(before):
        message = f"its rows of {adoption.edited} are those of the run; nothing was changed in them"
        raise BadInput([InputProblem(adoption.source, "", "", "", message)])
    for each in known:
        same = each.adoption.scenario == adoption.scenario
        if same and each.adoption.plan_hash == adoption.plan_hash:
            message = f"this plan was adopted already, as {each.adoption.name}"
            raise BadInput([InputProblem(adoption.source, "", "", "", message)])


def _origin_notes(sheet: EditedSheet, adoption: Adoption, before: pd.DataFrame) -> list[str]:
    if not sheet.inputs:
        said = f"{sheet.source} does not say which run it comes from (its sheet 'teig' is gone)"
        return [f"{said}; all its units and reps are of this one"]
    if sheet.plans.get(adoption.edited) != plan_hash(before):
        said = f"{adoption.edited} came out otherwise since {sheet.source} was written"
        return [f"{said}: what changes hands is against the plan that is in the folder now"]
    return []


def _written(
    run: FinishedRun, adoption: Adoption, plan: pd.DataFrame, notes: tuple[str, ...]
) -> Adopted:
    place = keep(run.folder, adoption, plan)
    try:
        adopted, left_out = standing(run.folder, run.workbook)
        result = reassemble(run.workbook, run.solved, adopted, run.given)
        effect = effect_of(result, result[adoption.edited], result[adoption.name])
        tables = {"changed_hands.csv": effect.hands, "figures.csv": effect.figures}
        tables["people.csv"] = effect.people
        for name, table in tables.items():
            table.to_csv(place / name, index=False, float_format="%.10g", lineterminator="\n")
        override = lock_yaml(adoption, result[adoption.name], effect.hands)
        (place / "override.yaml").write_text(override, encoding="utf-8", newline="\n")
        report = write_outputs(result, run.folder, only={adoption.name})
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    told = tuple(dict.fromkeys((*notes, *left_out)))
    return Adopted(adoption, result, effect, place, report, told)


def _problem(key: str, value: object, message: str) -> BadInput:
    return BadInput([InputProblem(_FROM, "", key, str(value), message)])
