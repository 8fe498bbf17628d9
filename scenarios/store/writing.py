"""Writes a run: first beside its place, then by renaming, so that nothing is half there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ...models.errors import BadInput, InputProblem
from ..campaigns.study import CampaignStudy
from ..letters.writing import safe_names
from ..pay import simulation_table
from ..results import RunResult, ScenarioResult
from .locking import holds_a_lock_alone, in_use
from .shelf import SHELF
from .summary import json_text, summary_of

#: File that a finished run has; written last, removed first.
OUTPUT_MARK = "run.json"
#: Folder below a scenario's, with a file for each rep.
CALLS = "calls"
_STAGING, _OLD = ".writing", ".replaced"
_DIGITS = "%.10g"


def check_folder(folder: Path) -> None:
    """Refuse a place that holds something else than a run.

    Raises
    ------
    BadInput
        When the folder is a file, or has contents but no run.
    """
    _check(folder, (OUTPUT_MARK, SHELF), "run")


def write_run(
    result: RunResult,
    folder: Path,
    extras: Callable[[Path], None] | None = None,
    *,
    only: Collection[str] | None = None,
) -> None:
    """Write a run's files into a folder, in place of the run that it holds.

    Parameters
    ----------
    extras
        Called with the folder where files are put before they are moved into
        place, to add reports and exports.
    only
        Scenarios that are written; the folders of the others stay as they are.
    """
    check_folder(folder)

    def write(staging: Path) -> None:
        result.comparison.to_csv(
            staging / "comparison.csv", index=False, float_format=_DIGITS, lineterminator="\n"
        )
        for scenario in result.rows:
            if only is not None and scenario.name not in only:
                continue
            _write_scenario(scenario, staging / scenario.name, scenario.name in result.computed)
        if extras is not None:
            extras(staging)
        (staging / OUTPUT_MARK).write_text(
            json_text(_index(result)), encoding="utf-8", newline="\n"
        )

    _replace(folder, OUTPUT_MARK, write, {row.name for row in result.rows})


@dataclass(frozen=True)
class Outputs:
    """A kind of folder that a command writes beside runs.

    Parameters
    ----------
    what
        What the folder holds, for messages.
    command
        Who writes it, ``teig compare``.
    mark
        The file by which the folder is known; written last.
    stale
        Patterns of names that go with the last time's contents, also where nothing of that
        name is written now.
    """

    what: str
    command: str
    mark: str
    stale: tuple[str, ...] = ()


@dataclass(frozen=True)
class Held:
    """A folder that this process holds for its outputs; made by :func:`holding`."""

    folder: Path
    outputs: Outputs

    def write(self, write: Callable[[Path], None]) -> None:
        """Put files in place of those of the same kind that the folder holds.

        Parameters
        ----------
        write
            Called with the folder where files are put before they are moved into place.
        """
        _replace(self.folder, self.outputs.mark, write, None, self.outputs.stale)


@contextmanager
def holding(folder: Path, outputs: Outputs) -> Iterator[Held]:
    """Hold a folder for outputs, so that no other command writes to it meanwhile.

    Long work is done while the folder is held: nobody is told only after it that the
    place is another's.

    Raises
    ------
    BadInput
        When the folder is a file, has contents without the mark, or is in use.
    """
    _check(folder, (outputs.mark,), outputs.what)
    with in_use(folder, outputs.command):
        yield Held(folder, outputs)


def _check(folder: Path, marks: tuple[str, ...], what: str) -> None:
    if folder.exists() and not folder.is_dir():
        message = "the output goes to a folder, and this is a file"
        raise BadInput([InputProblem("-o", "", "", str(folder), message)])
    if not folder.is_dir():
        return
    # A command that was killed leaves its staging folder, or what it was replacing.
    if any((folder / ours).exists() for ours in (*marks, _STAGING, _OLD)):
        return
    if any(folder.iterdir()) and not holds_a_lock_alone(folder):
        message = f"the folder has contents that are no {what} of teig; name another one"
        raise BadInput([InputProblem("-o", "", "", str(folder), message)])


def _replace(
    folder: Path,
    mark: str,
    write: Callable[[Path], None],
    scenarios: set[str] | None,
    stale: tuple[str, ...] = (),
) -> None:
    staging = folder / _STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        write(staging)
        _move_into_place(staging, folder, mark, scenarios, stale)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not any(folder.iterdir()):
            folder.rmdir()


def _write_scenario(result: ScenarioResult, folder: Path, computed: bool) -> None:
    folder.mkdir()
    if result.evaluation is not None:
        _csv(result.evaluation.assignments, folder / "assignments.csv")
        _csv(result.evaluation.territories, folder / "territories.csv")
        _csv(result.quota_table, folder / "quotas.csv")
    if result.quota_study is not None:
        for name, table in result.quota_study.tables().items():
            _csv(table, folder / f"{name}.csv")
    if result.campaigns is not None:
        for name, table in result.campaigns.tables().items():
            _csv(table, folder / f"{name}.csv")
        _write_calls(result.campaigns, folder / CALLS)
    _csv(result.structure, folder / "structure.csv")
    if result.forecast is not None:
        _csv(simulation_table(result.forecast), folder / "simulation.csv")
    files = {"summary.json": summary_of(result), "timing.json": _timing(result, computed)}
    for name, content in files.items():
        (folder / name).write_text(json_text(content), encoding="utf-8", newline="\n")


def _write_calls(campaigns: CampaignStudy, folder: Path) -> None:
    """Write what each rep has to do, a file each that holds nobody else's."""
    if campaigns.calls:
        folder.mkdir()
    for (_, table), name in zip(
        campaigns.calls.items(), safe_names(list(campaigns.calls)), strict=True
    ):
        _csv(table, folder / f"{name}.csv")


def _csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, float_format=_DIGITS, lineterminator="\n")


def _timing(result: ScenarioResult, computed: bool) -> dict[str, Any]:
    return {
        "scenario": result.name,
        "solve_seconds": round(result.seconds, 3),
        "solved_in_this_run": computed,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _index(result: RunResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "source": result.source,
        "currency": result.currency,
        "price_year": result.price_year,
        "interrupted": result.interrupted,
        "scenarios": [
            {"scenario": row.name, "status": str(row.status), "input_hash": row.input_hash}
            for row in result.rows
        ],
        "verdicts": [
            {
                "first": verdict.first,
                "second": verdict.second,
                "criterion": verdict.criterion,
                "winner": verdict.winner,
                "reason": verdict.reason,
            }
            for verdict in result.verdicts
        ],
        "assumptions": [
            {
                "path": each.path,
                "value": each.value,
                "unit": each.unit,
                "assumed": each.assumed,
                "winner": each.winner,
                "low": float(f"{each.low:.6g}"),
                "high": float(f"{each.high:.6g}"),
                "tried": [each.tried_low, each.tried_high],
            }
            for each in result.assumptions
        ],
    }


def _move_into_place(
    staging: Path, folder: Path, mark: str, scenarios: set[str] | None, stale: tuple[str, ...]
) -> None:
    """Put what is new in place of what is there, the mark last.

    Every step is one rename, so that a process may be killed between any two: what
    then lies in the folder is known as ours, and the next command completes it.
    """
    old = folder / _OLD
    shutil.rmtree(old, ignore_errors=True)
    old.mkdir()
    (folder / mark).unlink(missing_ok=True)
    for entry in sorted(folder.iterdir()) if scenarios is not None else ():
        # A scenario that the file has no more: a folder of ours, known by its summary.
        if entry.name not in (scenarios or ()) and (entry / "summary.json").exists():
            entry.replace(old / entry.name)
    for entry in sorted({entry for pattern in stale for entry in folder.glob(pattern)}):
        entry.replace(old / entry.name)
        if entry.parent != folder and not any(entry.parent.iterdir()):
            entry.parent.rmdir()
    for entry in sorted(staging.iterdir()):
        if entry.name == mark:
            continue
        target = folder / entry.name
        if target.exists():
            target.replace(old / entry.name)
        entry.replace(target)
    shutil.rmtree(old)
    (staging / mark).replace(folder / mark)
