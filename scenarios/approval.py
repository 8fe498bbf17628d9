"""The record of who took a stored plan from draft to published, when and why."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path

from ..models.errors import BadInput, InputProblem, counted, did_you_mean
from .records.publication import PUBLISHED, publish
from .records.steps import RECORD, STATES, Approval, approvals, state_of
from .results import INCUMBENT
from .store import in_use
from .store.shelf import write_whole
from .stored import StoredScenario, read_runs

__all__ = ["RECORD", "STATES", "Approval", "approvals", "approve", "state_of"]


def approve(
    folder: Path,
    *,
    author: str,
    reason: str,
    scenario: str = "",
    state: str = "",
    now: datetime | None = None,
) -> Approval:
    """Take a plan of a finished run one step on, or back, and write that down.

    Parameters
    ----------
    scenario
        May be left out where the run has one.
    state
        Where to; the next one by default.

    Raises
    ------
    BadInput
        For steps that are left out, plans that break hard rules, and missing words.
    """
    (run,) = read_runs([folder])
    stored = _chosen(run.scenarios, scenario)
    plan = _plan_digest(stored)
    with in_use(folder, "teig approve"):
        record = approvals(folder)
        known = state_of(record, stored.name, plan)
        wanted = state or _next(known)
        _check_step(stored, known, wanted, author, reason)
        moment = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
        step = Approval(
            stored.name, wanted, author, moment, reason, str(stored.summary["input_hash"]), plan
        )
        if wanted == PUBLISHED:
            # The copy first: where the record says published, the plan is there.
            publish(folder, run.name, stored, plan, author, moment, reason)
        stream = io.StringIO()
        names = [field.name for field in fields(Approval)]
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(each) for each in (*record, step))
        write_whole(folder / RECORD, stream.getvalue())
    return step


def _chosen(scenarios: Sequence[StoredScenario], name: str) -> StoredScenario:
    known = [each for each in scenarios if each.name != INCUMBENT]
    fitting = [each for each in known if name in ("", each.name)]
    if len(fitting) == 1:
        return fitting[0]
    names = [each.name for each in known]
    said = did_you_mean(name, names) if name else f"say which with -s: {', '.join(names)}"
    raise _problem("-s", name, f"one scenario is approved at a time; {said}")


def _plan_digest(stored: StoredScenario) -> str:
    if not stored.has_plan:
        raise _problem("-s", stored.name, "there is no plan to approve")
    return hashlib.sha256((stored.folder / "assignments.csv").read_bytes()).hexdigest()


def _next(state: str) -> str:
    return STATES[min(STATES.index(state) + 1, len(STATES) - 1)]


def _check_step(stored: StoredScenario, known: str, wanted: str, author: str, reason: str) -> None:
    if wanted not in STATES:
        raise _problem("--to", wanted, f"the states are {', '.join(STATES)}")
    if not author.strip() or not reason.strip():
        raise _problem("--author, --reason", "", "a record names who decided and why")
    broken = int(stored.figures.get("hard_violations") or 0)
    if broken and wanted != STATES[0]:
        message = f"the plan breaks hard rules: {counted(broken, 'violation')}"
        raise _problem("-s", stored.name, message)
    if wanted == known:
        raise _problem("--to", wanted, "the plan is in this state already")
    if STATES.index(wanted) > STATES.index(known) + 1:
        raise _problem("--to", wanted, f"the plan is {known}; the next state is {_next(known)}")


def _problem(key: str, value: str, message: str) -> BadInput:
    return BadInput([InputProblem("teig approve", "", key, value, message)])
