"""The steps that plans took from draft to published, as a run's folder keeps them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from ...models.errors import BadInput, InputProblem

#: From the first state to the last; a plan goes one step at a time, or back to any.
STATES = ("draft", "proposed", "consulted", "approved", "published")
RECORD = "approvals.csv"


@dataclass(frozen=True)
class Approval:
    """One step of one plan.

    Parameters
    ----------
    date
        ISO 8601, UTC.
    plan
        SHA-256 of the plan's ``assignments.csv``: a plan that was computed anew and came
        out otherwise is a draft again.
    """

    scenario: str
    state: str
    author: str
    date: str
    reason: str
    input_hash: str
    plan: str


def approvals(folder: Path) -> tuple[Approval, ...]:
    """Read the record of a run, oldest first; empty where there is none.

    Raises
    ------
    BadInput
        When the file is not as teig wrote it.
    """
    path = folder / RECORD
    if not path.exists():
        return ()
    names = [field.name for field in fields(Approval)]
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    if rows.fieldnames != names:
        message = f"the columns are not {', '.join(names)}; restore the file"
        raise BadInput([InputProblem(RECORD, "header", "", "", message)])
    return tuple(Approval(**row) for row in rows)


def state_of(record: Sequence[Approval], scenario: str, plan: str) -> str:
    """State of a plan as it is now; ``draft`` where nothing is said of it."""
    last = next((each for each in reversed(record) if each.scenario == scenario), None)
    return last.state if last is not None and last.plan == plan else STATES[0]
