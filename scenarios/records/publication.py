"""Plans of record: published plans, kept as they were, and for which days each is in force.

A run's folder holds the plan as it came out last; what was published is copied beside
it, so that computing anew never changes what people were told. Of one market, named as
the scenario file is, the plan published last is in force on every day of its period;
one before it keeps the days that are left.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ...models.errors import BadInput, InputProblem
from ..stored import StoredScenario
from .steps import approvals

#: Folder of a run that holds its published plans.
PUBLISHED = "published"
RECORD = "publication.json"
_FILES = ("assignments.csv", "territories.csv", "quotas.csv", "structure.csv", "summary.json")
_STAGING = ".writing"
_DAY = dt.timedelta(days=1)

#: First and last day.
Interval = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Publication:
    """A published plan.

    Parameters
    ----------
    market
        Name of the scenario file.
    start, end
        Of the plan period, ISO 8601.
    run
        Name of the run's folder.
    plan
        SHA-256 of its ``assignments.csv``.
    date
        When it was published, ISO 8601, UTC.
    """

    market: str
    start: str
    end: str
    run: str
    scenario: str
    author: str
    date: str
    reason: str
    input_hash: str
    plan: str

    @property
    def interval(self) -> Interval:
        """First and last day of its period."""
        return dt.date.fromisoformat(self.start), dt.date.fromisoformat(self.end)

    @property
    def label(self) -> str:
        """``run/scenario``."""
        return f"{self.run}/{self.scenario}"

    @property
    def folder_name(self) -> str:
        """Where it lies below :data:`PUBLISHED`."""
        return f"{self.scenario}-{self.plan[:12]}"


def publish(
    folder: Path,
    market: str,
    stored: StoredScenario,
    plan: str,
    author: str,
    date: str,
    reason: str,
) -> Publication:
    """Copy a plan of a run to where nothing changes it any more."""
    calendar = stored.summary["settings"]["calendar"]
    published = Publication(
        market=market,
        start=str(calendar["start"]),
        end=str(calendar["end"]),
        run=folder.resolve().name,
        scenario=stored.name,
        author=author,
        date=date,
        reason=reason,
        input_hash=str(stored.summary["input_hash"]),
        plan=plan,
    )
    staging, place = folder / PUBLISHED / _STAGING, folder / PUBLISHED / published.folder_name
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    for name in _FILES:
        if (stored.folder / name).exists():
            shutil.copyfile(stored.folder / name, staging / name)
    text = json.dumps(asdict(published), ensure_ascii=False, indent=2) + "\n"
    (staging / RECORD).write_text(text, encoding="utf-8", newline="\n")
    # Published before, withdrawn and now again: the same plan with a new date.
    shutil.rmtree(place, ignore_errors=True)
    staging.replace(place)
    return published


def publications(runs: Iterable[Path]) -> tuple[Publication, ...]:
    """Plans of some runs that are published and not withdrawn, the oldest first.

    Raises
    ------
    BadInput
        For records that are not as teig wrote them.
    """
    found, problems = [], []
    for run in runs:
        state = {(step.scenario, step.plan): step.state for step in approvals(run)}
        for path in sorted((run / PUBLISHED).glob(f"*/{RECORD}")):
            if path.parent.name.startswith("."):
                continue
            try:
                content = json.loads(path.read_text(encoding="utf-8"))
                each = Publication(**{str(key): str(value) for key, value in content.items()})
                _ = each.interval
            except (OSError, ValueError, TypeError, AttributeError):
                where = f"{run.name}/{PUBLISHED}/{path.parent.name}/{RECORD}"
                message = "the record of this publication cannot be read; restore it"
                problems.append(InputProblem(where, "", "", "", message))
                continue
            if state.get((each.scenario, each.plan)) == PUBLISHED:
                found.append(each)
    if problems:
        raise BadInput(problems)
    return tuple(sorted(found, key=lambda each: (each.date, each.label)))


def in_force(every: Sequence[Publication]) -> dict[Publication, tuple[Interval, ...]]:
    """Days on which each of some publications is in force; none for a superseded one."""
    found = {}
    ordered = sorted(every, key=lambda each: (each.date, each.label))
    for position, each in enumerate(ordered):
        left: list[Interval] = [each.interval]
        for later in ordered[position + 1 :]:
            if later.market == each.market:
                left = [part for whole in left for part in _without(whole, later.interval)]
        found[each] = tuple(left)
    return found


def _without(whole: Interval, taken: Interval) -> list[Interval]:
    """What is left of an interval of days beside another."""
    first, last = whole
    if taken[1] < first or taken[0] > last:
        return [whole]
    parts = [(first, taken[0] - _DAY), (taken[1] + _DAY, last)]
    return [(a, b) for a, b in parts if a <= b]


def interval_text(intervals: Iterable[Interval]) -> str:
    """Intervals for people.

    >>> interval_text([(dt.date(2027, 1, 1), dt.date(2027, 6, 30))])
    '2027-01-01 to 2027-06-30'
    """
    return ", ".join(f"{first} to {last}" for first, last in intervals)
