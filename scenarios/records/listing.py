"""All runs below some folders, one row per plan: inputs, versions, result, state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...models.errors import BadInput, InputProblem
from ..results import INCUMBENT
from ..store import OUTPUT_MARK
from ..store.writing import Outputs, holding
from ..stored import StoredRun, StoredScenario, read_runs
from .publication import Publication, in_force, interval_text, publications
from .steps import Approval, approvals

RECORDS = (
    "run",
    "market",
    "scenario",
    "period_start",
    "period_end",
    "written",
    "status",
    "stage",
    "objective",
    "objective_unit",
    "bound",
    "gap",
    "hard_violations",
    "made_by",
    "state",
    "author",
    "date",
    "reason",
    "in_force",
    "input_hash",
    "plan",
    "seed",
    "stopped_by",
    "versions",
)
INPUTS = ("run", "scenario", "role", "path", "marked", "rows", "sha256")
#: File that a finished listing has.
LISTING = Outputs("listing", "teig records", "records.csv")
#: Runs lie so many folders below the one that is named.
_DEPTH = 2


@dataclass(frozen=True, eq=False)
class Records:
    """What some folders hold.

    Parameters
    ----------
    plans
        One row per run and scenario, columns :data:`RECORDS`; and one per published
        plan that its run does not hold any more.
    inputs
        One row per run, scenario and table, columns :data:`INPUTS`.
    publications
        Published plans, the oldest first.
    """

    plans: pd.DataFrame
    inputs: pd.DataFrame
    publications: tuple[Publication, ...]


def run_folders(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Folders of finished runs, at or below those named.

    Raises
    ------
    BadInput
        For folders that are not there or hold no run.
    """
    found: dict[Path, None] = {}
    problems = []
    for folder in folders:
        below = [folder / OUTPUT_MARK]
        for depth in range(1, _DEPTH + 1):
            below += sorted(folder.glob("/".join(["*"] * depth) + f"/{OUTPUT_MARK}"))
        runs = [path.parent for path in below if path.exists()]
        if not runs:
            message = "there is no finished run in this folder, nor below it"
            problems.append(InputProblem("teig records", "", "", str(folder), message))
        found.update(dict.fromkeys(runs))
    if problems:
        raise BadInput(problems)
    return tuple(found)


def records_of(folders: Sequence[Path]) -> Records:
    """Read what ran in some folders."""
    runs = read_runs(run_folders(folders))
    published = publications([run.folder for run in runs])
    force = in_force(published)
    plans: list[dict[str, Any]] = []
    inputs: list[dict[str, Any]] = []
    for run in runs:
        steps = approvals(run.folder)
        for stored in run.scenarios:
            if stored.name == INCUMBENT:
                continue
            plans.append(_row(run, stored, steps, force))
            inputs += [
                {"run": run.label, "scenario": stored.name, **table}
                for table in stored.summary["inputs"]
            ]
        plans += _kept_only(run, plans, force)
    return Records(
        pd.DataFrame(plans, columns=list(RECORDS)),
        pd.DataFrame(inputs, columns=list(INPUTS)),
        published,
    )


def _row(
    run: StoredRun,
    stored: StoredScenario,
    steps: Sequence[Approval],
    force: dict[Publication, Any],
) -> dict[str, Any]:
    summary = stored.summary
    calendar = summary["settings"]["calendar"]
    plan = _digest(stored.folder / "assignments.csv")
    step = next((s for s in reversed(steps) if (s.scenario, s.plan) == (stored.name, plan)), None)
    adoption = summary.get("adoption")
    row: dict[str, Any] = {
        "run": run.label,
        "market": run.name,
        "scenario": stored.name,
        "period_start": calendar["start"],
        "period_end": calendar["end"],
        "written": _json(stored.folder / "timing.json").get("written", ""),
        **{key: summary[key] for key in ("status", "stage", "objective", "bound", "gap")},
        "objective_unit": stored.figures.get("objective_unit", ""),
        "hard_violations": stored.figures.get("hard_violations"),
        "made_by": f"hand: {adoption['author']}" if adoption else "solved",
        "state": "draft" if stored.has_plan else "",
        "in_force": "",
        "input_hash": summary["input_hash"],
        "plan": plan,
        "seed": summary["seed"],
        "stopped_by": summary["stopped_by"],
        "versions": ", ".join(f"{k} {v}" for k, v in sorted(summary["versions"].items())),
    }
    if step is not None:
        row |= {key: getattr(step, key) for key in ("state", "author", "date", "reason")}
    mine = next((p for p in force if _same(p, run, stored.name, plan)), None)
    if mine is not None:
        row["in_force"] = interval_text(force[mine]) or "superseded"
    return row


def _kept_only(
    run: StoredRun, plans: Sequence[dict[str, Any]], force: dict[Publication, Any]
) -> list[dict[str, Any]]:
    """Published plans that came out otherwise since, from their copies."""
    known = {(row["scenario"], row["plan"]) for row in plans if row["run"] == run.label}
    return [
        {
            "run": run.label,
            "market": each.market,
            "scenario": each.scenario,
            "period_start": each.start,
            "period_end": each.end,
            "state": "published",
            "made_by": f"kept in published/{each.folder_name}; the run came out otherwise since",
            "in_force": interval_text(days) or "superseded",
            **{key: getattr(each, key) for key in ("author", "date", "reason")},
            "input_hash": each.input_hash,
            "plan": each.plan,
        }
        for each, days in force.items()
        if each.run == run.folder.resolve().name and (each.scenario, each.plan) not in known
    ]


def _same(each: Publication, run: StoredRun, scenario: str, plan: str) -> bool:
    return (each.run, each.scenario, each.plan) == (run.folder.resolve().name, scenario, plan)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_records(records: Records, folder: Path) -> None:
    """Write ``records.csv`` and ``inputs.csv``.

    Raises
    ------
    BadInput
        When the folder holds something else than a listing.
    """
    tables = {"inputs.csv": records.inputs, LISTING.mark: records.plans}

    def write(staging: Path) -> None:
        for name, table in tables.items():
            table.to_csv(staging / name, index=False, float_format="%.10g", lineterminator="\n")

    with holding(folder, LISTING) as held:
        held.write(write)
