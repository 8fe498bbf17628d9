"""What a plan expects of each owner, spread over the working days of its period."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import BoolArray, FloatArray
from ...models.calendar import Ramp, WorkCalendar
from ...models.errors import BadInput, InputProblem
from ...models.quotas.history import Span
from ...models.quotas.history.periods import plan_spans
from ...models.totals import owner_totals
from ..campaigns.schedule import taken
from ..files.sections import Calendar
from ..loading import LoadedScenario, load
from ..quotas.presence import presence_of
from ..records.publication import PUBLISHED, Publication, publications
from ..store import read_plan
from ..store.origin import origin_of
from ..stored import StoredScenario, read_runs

#: What the plan's own measures are called here.
_TOTALS = {
    "hours": "load",
    "travel_hours": "travel_hours",
    "travel_km": "travel_km",
    "visits": "visits",
}
_STORED = {"hours": "load_hours", "travel_hours": "travel_hours"}


@dataclass(frozen=True, eq=False)
class PlanFigures:
    """A plan by owner and day.

    Parameters
    ----------
    label
        ``run/scenario``.
    state
        ``plan of record``, or that it is not published.
    teams
        Team by owner, the owners by id.
    daily
        By measure and owner: what is expected on each day of the period, (days,).
    basis
        By measure: what the plan's figure is, in a few words.
    holds
        Owner and unit, for all that the plan gives to somebody.
    """

    label: str
    state: str
    market: str
    period: Span
    currency: str
    teams: Mapping[str, str]
    daily: Mapping[str, Mapping[str, FloatArray]]
    basis: Mapping[str, str]
    holds: frozenset[tuple[str, str]]
    notes: tuple[str, ...]

    @property
    def days(self) -> Any:
        """Every day of the period, (days,)."""
        return np.arange(
            np.datetime64(self.period.start),
            np.datetime64(self.period.end) + np.timedelta64(1, "D"),
        )


def plan_figures(run: Path, scenario: str = "", file: Path | None = None) -> PlanFigures:
    """Read what a plan expects: the published one where there is one.

    Hours, travel and visits are spread evenly over the days that each rep works, those of
    campaigns over the campaign's, quotas over those of their own period. Where the input of the plan is not at hand any more
    the days are those of the plan's calendar, and kilometres and visits are not known.

    Raises
    ------
    BadInput
        When there is no such plan.
    """
    (stored_run,) = read_runs([run])
    published = publications([run])
    stored, record = _chosen(stored_run.scenarios, published, scenario, run)
    folder = stored.folder if record is None else run / PUBLISHED / record.folder_name
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    calendar = Calendar.model_validate(summary["settings"]["calendar"]).work_calendar()
    territories = pd.read_csv(folder / "territories.csv", dtype={"team": str, "rep": str})
    owners = sorted(territories["rep"])
    loaded, notes = _input(run, summary, file)
    there = _days_there(loaded, calendar, owners)
    totals = _totals(territories, loaded, folder)
    campaigns = _campaigns(loaded, folder, calendar)
    daily = {
        measure: {rep: _spread_work(amounts, campaigns, measure, rep, there) for rep in owners}
        for measure, amounts in totals.items()
    }
    daily["sales"], basis = _sales(folder, summary, territories, calendar, there)
    state = "plan of record" if record is not None else "not published"
    teams = dict(zip(territories["rep"], territories["team"], strict=True))
    return PlanFigures(
        label=f"{stored.run}/{stored.name}",
        state=state,
        market=stored_run.name,
        period=Span(calendar.start, calendar.end),
        currency=stored.currency,
        teams={rep: str(teams[rep]) for rep in owners},
        daily=daily,
        basis={**dict.fromkeys(totals, "plan"), "sales": basis},
        holds=_holds(folder),
        notes=notes,
    )


def _holds(folder: Path) -> frozenset[tuple[str, str]]:
    text = {"unit": str, "rep": str}
    rows = pd.read_csv(folder / "assignments.csv", dtype=text, keep_default_na=False)
    return frozenset(zip(rows["rep"], rows["unit"], strict=True))


def _chosen(
    scenarios: tuple[StoredScenario, ...],
    published: tuple[Publication, ...],
    name: str,
    run: Path,
) -> tuple[StoredScenario, Publication | None]:
    """The scenario and its last publication; without a name the one that is published."""
    names = [each.name for each in scenarios if each.has_plan and each.name != "incumbent"]
    wanted = name or (published[-1].scenario if published else "")
    if not wanted and len(names) == 1:
        wanted = names[0]
    if wanted not in names:
        message = (
            f"say whose plan with -s: {', '.join(names)}"
            if not name
            else (f"there is no such plan; there are {', '.join(names)}")
        )
        raise BadInput([InputProblem("teig actuals", "", "-s", name or str(run), message)])
    own = [each for each in published if each.scenario == wanted]
    stored = next(each for each in scenarios if each.name == wanted)
    return stored, own[-1] if own else None


def _input(
    run: Path, summary: Mapping[str, Any], file: Path | None
) -> tuple[LoadedScenario | None, tuple[str, ...]]:
    """The plan's problem and tables, where they are still what they were."""
    name = str(summary.get("adoption", {}).get("scenario", summary["scenario"]))
    try:
        origin = origin_of(run, file)
        wanted = () if name == "base" else (name,)
        loaded = load(origin.file, scenarios=wanted, settings=origin.settings)[name]
    except (BadInput, KeyError):
        loaded = None
    if loaded is not None and not loaded.changed_since(summary):
        return loaded, ()
    why = "the plan's input is not at hand any more, or changed"
    instead = "days are those of the plan's calendar for everybody, without own leave"
    return None, (f"{why}: {instead}, and the plan's kilometres and visits are not known",)


def _days_there(
    loaded: LoadedScenario | None, calendar: WorkCalendar, owners: list[str]
) -> dict[str, BoolArray]:
    """Days that each owner works, (days,) each; the calendar's where nobody has days of theirs."""
    working = calendar.working_days()
    there = dict.fromkeys(owners, working)
    if loaded is None:
        return there
    own = [rep for rep in owners if rep in loaded.problem.owner_index]
    days = calendar.days.astype(object)
    spans = {str(at): Span(day, day) for at, day in enumerate(days)}
    table = presence_of(loaded.problem, loaded.tables, calendar, Ramp(), spans, own)
    for rep, rows in table.groupby("owner"):
        present = rows["presence"].to_numpy() > 0
        mine = present & working
        if mine.any():
            there[str(rep)] = mine
    return there


def _totals(
    territories: pd.DataFrame, loaded: LoadedScenario | None, folder: Path
) -> dict[str, dict[str, float]]:
    """Amounts of the whole period by measure and owner."""
    if loaded is None:
        return {
            name: dict(zip(territories["rep"], territories[column], strict=True))
            for name, column in _STORED.items()
        }
    problem = loaded.problem
    plan = read_plan(folder / "assignments.csv", problem)
    return {
        name: dict(
            zip(problem.owners.ids, owner_totals(problem, plan, total).tolist(), strict=True)
        )
        for name, total in _TOTALS.items()
    }


#: Days of a campaign, and what it takes of each measure by owner.
_Taken = tuple[BoolArray, Mapping[str, Mapping[str, float]]]


def _campaigns(
    loaded: LoadedScenario | None, folder: Path, calendar: WorkCalendar
) -> tuple[_Taken, ...]:
    """Campaigns of the plan; none where its input is not at hand."""
    if loaded is None or not loaded.problem.campaigns:
        return ()
    problem = loaded.problem
    plan = read_plan(folder / "assignments.csv", problem)
    return tuple(
        (
            calendar.present(load.campaign.start, load.campaign.end),
            {
                name: dict(zip(problem.owners.ids, taken(problem, plan, load, total), strict=True))
                for name, total in _TOTALS.items()
            },
        )
        for load in problem.campaigns
    )


def _spread_work(
    amounts: Mapping[str, float],
    campaigns: Sequence[_Taken],
    measure: str,
    rep: str,
    there: Mapping[str, BoolArray],
) -> FloatArray:
    """What a rep is to do on each day: campaigns in their own days, all else evenly, (days,)."""
    parts = [(during, by[measure].get(rep, 0.0)) for during, by in campaigns]
    rest = amounts.get(rep, 0.0) - sum(amount for _, amount in parts)
    daily = _spread(rest, there[rep])
    for during, amount in parts:
        daily = daily + _spread(amount, there[rep] & during, during)
    return daily


def _sales(
    folder: Path,
    summary: Mapping[str, Any],
    territories: pd.DataFrame,
    calendar: WorkCalendar,
    there: Mapping[str, BoolArray],
) -> tuple[dict[str, FloatArray], str]:
    """Sales expected by owner and day: quotas, else the sales of the plan's own data."""
    path = folder / "quotas.csv"
    quotas = pd.read_csv(path, dtype={"node": str, "period": str}) if path.exists() else None
    if quotas is None or quotas.empty:
        amounts = dict(zip(territories["rep"], territories["sales"], strict=True))
        share = calendar.share_of_year
        spread = {rep: _spread(amounts[rep] * share, days) for rep, days in there.items()}
        return spread, "sales a year of the plan's data"
    names = list(summary["settings"]["quotas"]["periods"])
    spans = dict(zip(names, plan_spans(len(names), calendar.start, calendar.end), strict=True))
    sums = quotas.groupby(["node", "period"])["quota"].sum().to_dict()
    days = calendar.days
    found = {}
    for rep, mine in there.items():
        daily = np.zeros(len(days))
        for name, span in spans.items():
            inside = (days >= np.datetime64(span.start)) & (days <= np.datetime64(span.end))
            daily += _spread(float(sums.get((rep, name), 0.0)), mine & inside, inside)
        found[rep] = daily
    return found, "quota"


def _spread(amount: float, days: BoolArray, instead: BoolArray | None = None) -> FloatArray:
    """An amount in equal parts over some days; over others where there are none of these."""
    over = days if days.any() or instead is None else instead
    count = int(over.sum())
    return np.asarray(over * (amount / count if count else 0.0), dtype=np.float64)
