"""Plans of a finished run, with their problems built from the input again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ...models.errors import BadInput, ProblemList, did_you_mean
from ...models.plan import Plan
from ..loading import LoadedScenario, Workbook, load
from ..results import BASE, INCUMBENT
from ..staleness import changed_text
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
    summaries = {
        name: json.loads((folder / name / "summary.json").read_text(encoding="utf-8"))
        for name in wanted
    }
    by_hand = {
        name: str(summary["adoption"]["scenario"])
        for name, summary in summaries.items()
        if summary.get("adoption")
    }
    solved = dict.fromkeys(by_hand.get(name, name) for name in wanted)
    apart = tuple(name for name in solved if name != BASE)
    book = load(origin.file, scenarios=apart, settings=origin.settings)
    # A plan made by hand is a plan of its scenario's problem, under a name of its own.
    named = tuple(_named(book[of], name) for name, of in by_hand.items())
    book = replace(book, scenarios=(*book.scenarios, *named))
    plans = {}
    for name, summary in summaries.items():
        path = folder / name / "assignments.csv"
        changes = book[name].changed_since(summary)
        if changes:
            found.add(changed_text(origin.file.name, changes), key="-s", value=name)
        elif path.exists():
            plans[name] = read_plan(path, book[name].problem)
    found.raise_any()
    if not plans:
        found.add("no scenario of the run has a plan", key="DIR", value=folder)
    found.raise_any()
    return book, plans


def _named(scenario: LoadedScenario, name: str) -> LoadedScenario:
    return replace(scenario, resolved=replace(scenario.resolved, name=name))
