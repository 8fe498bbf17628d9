"""Makes the scenario folder of the next plan period from a plan of this one."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ...models.build.intake import IdIndex
from ...models.calendar import months_after
from ...models.errors import BadInput, InputProblem, ProblemList, counted, shortlist
from ...models.tables import Table
from ..adopting.restoring import FinishedRun, finished_run
from ..files import resolve
from ..files.entries import Document
from ..files.overrides import parse_settings
from ..files.reading import parse
from ..files.sections import Settings
from ..files.sections import Table as TableSettings
from ..loading import LoadedScenario
from ..sources import ROLES, TableShelf
from ..store.origin import origin_of
from .campaigns import drop_campaigns
from .copying import TableCopies
from .differences import (
    DIFFERENCES,
    Row,
    differences_text,
    neighbour_differences,
    table_differences,
)
from .file import ScenarioText
from .incumbent import Incumbent, incumbent_of
from .plan import RolledPlan
from .roster import keep_leavers
from .settling import BEFORE, Settling

FILE, INCUMBENT_FILE, QUOTAS_FILE = "scenario.yaml", "incumbent.csv", "previous_quotas.csv"
DIFFERENCES_TABLE, DIFFERENCES_TEXT, RECORD = "differences.csv", "differences.md", "rolled.json"
#: States whose plans may become today's alignment without a word.
_DECIDED = ("approved", "published")
_DAY = dt.timedelta(days=1)
_FROM = "teig roll"
_NAMED = 12


@dataclass(frozen=True, eq=False)
class Rolled:
    """The folder of the next plan period.

    Parameters
    ----------
    differences
        Rows of ``differences.csv``.
    notes
        What was decided on the way, and what to look at before running.
    problems
        Where the scenario file does not fit the new data: to be mended in the folder.
    """

    folder: Path
    file: Path
    start: dt.date
    end: dt.date
    differences: tuple[Row, ...]
    notes: tuple[str, ...]
    problems: tuple[InputProblem, ...]


def next_period(start: dt.date, end: dt.date, new_start: dt.date) -> tuple[dt.date, dt.date]:
    """A period as long as another: whole months where that is, else days.

    >>> next_period(dt.date(2027, 1, 1), dt.date(2027, 3, 31), dt.date(2027, 4, 1))[1]
    datetime.date(2027, 6, 30)
    """
    after = end + _DAY
    months = (after.year - start.year) * 12 + after.month - start.month
    if months > 0 and months_after(start, months) == after:
        return new_start, months_after(new_start, months) - _DAY
    return new_start, new_start + (end - start)


def roll(
    run: Path,
    target: Path,
    *,
    scenario: str = "",
    start: dt.date | None = None,
    end: dt.date | None = None,
    data: Mapping[str, Path] | None = None,
    settings: Sequence[str] = (),
    unapproved: bool = False,
    file: Path | None = None,
) -> Rolled:
    """Make the next period's folder: tables, the plan as incumbent, the scenario file.

    Parameters
    ----------
    run
        Folder of a finished run.
    target
        Folder to make.
    scenario
        Whose plan becomes today's alignment; its overrides become the base's settings.
    start, end
        Of the new plan period; the day after the old one, and as long as it was, by
        default.
    data
        New tables, by role (``units``) or by the path that the scenario file names.
    settings
        ``PATH=VALUE`` texts, written into the new scenario file.
    unapproved
        Take a plan that is not approved.

    Raises
    ------
    BadInput
        With all problems of the options and the new tables; nothing is written then.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise _problem("-o", target, "there is something here already; name a new folder")
    finished = finished_run(run, file)
    name = finished.chosen(scenario, _FROM)
    old = finished.workbook[finished.scenario_of(name)]
    calendar = old.resolved.settings.calendar
    begin = start or calendar.end + _DAY
    period = next_period(calendar.start, calendar.end, begin)
    period = (begin, end or period[1])
    plan = RolledPlan.of(finished, name)
    _check(plan, name, old, period, settings, unapproved)
    staging = target.with_name(f".{target.name}.writing")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        rolling = _Rolling(finished, name, plan, old, staging, origin_of(run, file).file)
        rolled = rolling.roll(target, period, dict(data or {}), settings)
        if target.exists():
            target.rmdir()
        staging.replace(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return rolled


def _check(
    plan: RolledPlan,
    name: str,
    old: LoadedScenario,
    period: tuple[dt.date, dt.date],
    settings: Sequence[str],
    unapproved: bool,
) -> None:
    found = ProblemList(_FROM)
    if period[0] <= old.resolved.settings.calendar.start:
        first = old.resolved.settings.calendar.start
        message = f"the new period begins after the old one's first day, {first}"
        found.add(message, key="--start", value=period[0])
    if period[1] < period[0]:
        found.add("must not lie before the start", key="--end", value=period[1])
    for path, entry in parse_settings(settings, found):
        if path in ("calendar.start", "calendar.end"):
            message = f"say it with --{path.partition('.')[2]}"
            found.add(message, source="--set", value=f"{path}={entry.plain()}")
    if plan.state not in _DECIDED and not unapproved:
        message = (
            f"the plan is {plan.state}; take it to approved with teig approve, or roll it with "
            "--unapproved"
        )
        found.add(message, key="-s", value=name)
    found.raise_any()


@dataclass(eq=False)
class _Rolling:
    """One folder on its way."""

    finished: FinishedRun
    name: str
    plan: RolledPlan
    old: LoadedScenario
    staging: Path
    source: Path
    notes: list[str] = field(default_factory=list)

    def roll(
        self,
        target: Path,
        period: tuple[dt.date, dt.date],
        data: dict[str, Path],
        settings: Sequence[str],
    ) -> Rolled:
        text = self._text()
        copies = TableCopies(self.source.parent, self.staging)
        copies.copy(text, data)
        for setting in settings:
            text.set_text(setting)
        for key, day in zip(("start", "end"), period, strict=True):
            text.set(f"calendar.{key}", day)
        gone = drop_campaigns(text, *period)
        if gone:
            self.notes.append(f"campaigns that the new period does not hold: {', '.join(gone)}")
        try:
            base, given = self._read(text)
        except BadInput as error:
            raise BadInput(copies.as_given(error.problems, data)) from None
        tables = given
        if self._keep_leavers(base, given, period[0] - _DAY):
            base, tables = self._read(text)
        crosswalk = _crosswalk(tables)
        incumbent = self._incumbent(tables, crosswalk)
        incumbent.rows.to_csv(
            self.staging / INCUMBENT_FILE, index=False, float_format="%.10g", lineterminator="\n"
        )
        text.set("data.incumbent", INCUMBENT_FILE)
        self._keep_quotas(text, base, data)
        rows = table_differences(self.old.tables, given, base.currency, crosswalk)
        loaded, problems = Settling(text, self.staging / FILE, self.notes).settle()
        if loaded is not None:
            rows += neighbour_differences(self.old.problem, loaded.problem)
        self._look_at(base, period, settings)
        self._write(rows, period)
        return Rolled(
            target, target / FILE, *period, tuple(rows), tuple(self.notes), tuple(problems)
        )

    def _text(self) -> ScenarioText:
        """The scenario file with the plan's scenario as its base, and what --set said."""
        text = ScenarioText(self.source.read_text(encoding="utf-8-sig"))
        if self.old.name in text.scenarios:
            folded = text.fold(self.old.name)
            if folded:
                self.notes.append(
                    f"{', '.join(folded)} of scenario {self.old.name} became settings of the base: "
                    "the other scenarios start from them now"
                )
        # Last, for --set wins over everything in the file.
        for setting in origin_of(self.finished.folder, self.source).settings:
            text.set_text(setting)
        return text

    def _read(self, text: ScenarioText) -> tuple[Settings, dict[str, tuple[Table, ...]]]:
        """The new base's settings and tables.

        Raises
        ------
        BadInput
            When a table cannot be used.
        """
        written = text.only(()).text()
        base, _ = resolve(Document(parse(written, FILE), FILE))
        shelf = TableShelf(self.staging)
        tables: dict[str, tuple[Table, ...]] = {}
        for role in ROLES:
            given = getattr(base.settings.data, role)
            some = [
                shelf.read(one, role)
                for one in (given if isinstance(given, tuple) else (given,))
                if isinstance(one, TableSettings)
            ]
            if some:
                tables[role] = tuple(some)
        problems = [p for some in tables.values() for table in some for p in table.problems]
        if problems:
            raise BadInput(problems)
        return base.settings, tables

    def _keep_leavers(
        self, base: Settings, tables: Mapping[str, tuple[Table, ...]], last: dt.date
    ) -> bool:
        """Keep reps of the plan that the new roster lacks; whether the roster changed."""
        roster = tables["reps"][0]
        index = IdIndex(roster.frame["rep"].tolist())
        held = self.plan.assignments(self.old.problem).groupby("rep")["unit"].apply(list)
        gone = [str(rep) for rep in held.index if rep and index.find(str(rep)) < 0]
        if not gone:
            return False
        old = self.source.parent / self.old.resolved.settings.data.reps.path
        kept = keep_leavers(self.staging / base.data.reps.path, old, roster, gone, last)
        for rep in gone:
            units = held[rep]
            how = (
                f"stays in {base.data.reps.path} with {last} as last day, so that they count as "
                "orphaned"
                if kept
                else "add the row to the roster with a last day, so that they count as orphaned"
            )
            named = shortlist(units, _NAMED)
            self.notes.append(f"{rep} left and had {counted(len(units), 'unit')} ({named}); {how}")
        return kept

    def _keep_quotas(self, text: ScenarioText, base: Settings, data: Mapping[str, Path]) -> None:
        """Let the new letters say what somebody was asked for last time."""
        quotas = self.plan.folder / "quotas.csv"
        if base.letters is None or "previous_quotas" in data or not quotas.exists():
            return
        columns = ["node", "product", "period", "quota", "currency"]
        rows = pd.read_csv(quotas, dtype=str, keep_default_na=False)[columns]
        rows.to_csv(self.staging / QUOTAS_FILE, index=False, lineterminator="\n")
        text.set("data.previous_quotas", QUOTAS_FILE)

    def _incumbent(
        self,
        tables: Mapping[str, tuple[Table, ...]],
        crosswalk: Sequence[tuple[str, str, float]],
    ) -> Incumbent:
        units = [str(unit) for table in tables["units"] for unit in table.frame["unit"]]
        parts: dict[str, int] = {}
        for table in tables["units"]:
            if "parts" in table.frame:
                some = zip(table.frame["unit"], table.frame["parts"], strict=True)
                parts |= {str(unit): int(count) for unit, count in some if count == count}
        found = incumbent_of(
            self.old.problem,
            self.plan.assignments(self.old.problem),
            self.old.tables,
            units,
            crosswalk,
            parts,
            self.old.resolved.settings.calendar.start,
        )
        roster = IdIndex(tables["reps"][0].frame["rep"].tolist())
        rows = found.rows
        at = [roster.find(rep) for rep in rows["rep"]]
        rows["rep"] = [roster.ids[position] if position >= 0 else "" for position in at]
        if found.gone:
            named = shortlist(found.gone, _NAMED)
            self.notes.append(f"{counted(len(found.gone), 'unit')} of the plan gone: {named}")
        fresh = sorted(set(units) - set(rows["unit"]))
        if fresh:
            named = shortlist(fresh, _NAMED)
            self.notes.append(f"{counted(len(fresh), 'unit')} nobody has yet: {named}")
        self.notes += found.merged
        return found

    def _look_at(
        self, base: Settings, period: tuple[dt.date, dt.date], settings: Sequence[str]
    ) -> None:
        """Settings of the last period that nobody has said are the next one's too."""
        said = {setting.partition("=")[0].strip() for setting in settings}
        quotas, old = base.quotas, self.old.resolved.settings.calendar
        asks = []
        if quotas is not None and "quotas.budget" not in said:
            asks.append(f"quotas.budget is still {quotas.budget:,.0f} {base.currency}")
        if base.price_year and base.price_year < period[0].year and "price_year" not in said:
            asks.append(f"price_year is still {base.price_year}")
        if base.calendar.holidays is not None and "calendar.holidays" not in said:
            asks.append("calendar.holidays are given one by one: those of the new period?")
        if str(old.start.year) in base.name and period[0].year != old.start.year:
            asks.append(f"name is still {base.name!r}")
        if (period[1] - period[0]).days < 0.75 * (old.end - old.start).days and quotas is not None:
            asks.append("the new period is shorter: quotas.periods still fit?")
        self.notes += [f"look at it: {each}" for each in asks]

    def _write(self, rows: Sequence[Row], period: tuple[dt.date, dt.date]) -> None:
        table = pd.DataFrame(rows, columns=list(DIFFERENCES))
        table.to_csv(
            self.staging / DIFFERENCES_TABLE,
            index=False,
            float_format="%.10g",
            lineterminator="\n",
        )
        run = self.finished.folder.resolve().name
        lines = [f"# {run}/{self.name} rolled to {period[0]} – {period[1]}", ""]
        lines += differences_text(rows)
        if self.notes:
            lines += ["", "## Decided on the way", "", *(f"- {note}" for note in self.notes)]
        (self.staging / DIFFERENCES_TEXT).write_text(
            "\n".join(lines) + "\n", encoding="utf-8", newline="\n"
        )
        shutil.copyfile(self.source, self.staging / BEFORE)
        record = {
            "run": run,
            "scenario": self.name,
            "state": self.plan.state,
            "plan": self.plan.digest,
            "input_hash": str(self.finished.summaries[self.name]["input_hash"]),
            "file": self.source.name,
            "file_hash": hashlib.sha256(self.source.read_bytes()).hexdigest(),
        }
        (self.staging / RECORD).write_text(
            json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n"
        )


def _crosswalk(tables: Mapping[str, tuple[Table, ...]]) -> list[tuple[str, str, float]]:
    """Old code, new code, share of the old one."""
    found = []
    for table in tables.get("crosswalk", ()):
        for row in table.frame.to_dict("records"):
            share = float(row.get("share") or 1.0)
            found.append((str(row["old"]), str(row["new"]), share if share == share else 1.0))
    return found


def _problem(key: str, value: object, message: str) -> BadInput:
    return BadInput([InputProblem(_FROM, "", key, str(value), message)])
