"""Plans of a finished run, with their problems built from the input again."""

from __future__ import annotations

import json
from pathlib import Path

from ...models.errors import BadInput, ProblemList, did_you_mean
from ...models.plan import Plan
from ..loading import Workbook, load
from ..results import BASE, INCUMBENT
from ..store import OUTPUT_MARK, read_plan
from ..store.origin import origin_of


def read_run_plans(
    folder: Path, names: tuple[str, ...] = (), file: Path | None = None
) -> tuple[Workbook, dict[str, Plan]]:
    """Read the plans of a run, in its order; scenarios without one are left out.

    Parameters
    ----------
    names
        Scenarios to read; all of them by default.
    file
        The scenario file, where it was moved.

    Raises
    ------
    BadInput
        When there is no such run or scenario, none has a plan, or the input has changed
        since.
    """
    found = ProblemList("teig robustness")
    try:
        index = json.loads((folder / OUTPUT_MARK).read_text(encoding="utf-8"))
        known = [str(each["scenario"]) for each in index["scenarios"]]
    except (OSError, ValueError, KeyError, TypeError):
        found.add("the folder holds no finished run of teig", key="DIR", value=folder)
        raise BadInput(found) from None
    known = [name for name in known if name != INCUMBENT]
    for name in names:
        if name not in known:
            message = f"there is no such scenario; {did_you_mean(name, known)}"
            found.add(message, key="-s", value=name)
    found.raise_any()
    wanted = [name for name in known if not names or name in names]
    origin = origin_of(folder, file)
    apart = tuple(name for name in wanted if name != BASE)
    book = load(origin.file, scenarios=apart, settings=origin.settings)
    plans = {}
    for name in wanted:
        summary = json.loads((folder / name / "summary.json").read_text(encoding="utf-8"))
        path = folder / name / "assignments.csv"
        if summary["input_hash"] != book[name].input_hash:
            message = f"{origin.file.name} or its tables changed since this run; run it again first"
            found.add(message, key="-s", value=name)
        elif path.exists():
            plans[name] = read_plan(path, book[name].problem)
    found.raise_any()
    if not plans:
        found.add("no scenario of the run has a plan", key="DIR", value=folder)
    found.raise_any()
    return book, plans
