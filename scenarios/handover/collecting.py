"""Gathers what each rep is told from a scenario and its plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from ...models.plan import Plan
from ...models.problem import OwnerKind
from ...models.tables import Table
from ..files.sections import Settings
from ..pay import in_plan_currency
from .deals import DealRule, with_deals
from .facts import Handover, Meeting, Passed
from .meetings import plan_meetings
from .passing import Terms, last_visits_of, passed_units

if TYPE_CHECKING:
    from ..loading import LoadedScenario

#: Whoever leaves so many days before the hand-over still hands over.
MONTH = 31


def collect_handovers(
    scenario: LoadedScenario, plan: Plan
) -> tuple[tuple[Handover, ...], tuple[Passed, ...], tuple[Meeting, ...]]:
    """Hand-over lists of a plan.

    Returns
    -------
    One list for every rep who gives or receives something, in the order of the problem,
    then for whoever leaves, and for every manager with something to see to; everything
    that changes hands; all meetings, the most sales first.
    """
    settings = scenario.resolved.settings
    wishes, calendar = settings.handover, settings.calendar
    starts = wishes.starts or calendar.start
    leavers = _leavers(scenario.tables["reps"], starts)
    passed = _with_deals(
        scenario,
        passed_units(
            scenario.problem,
            plan,
            last_visits_of(scenario.tables.get("incumbent", ())),
            Terms(starts, calendar.start, calendar.end),
            leavers,
        ),
        DealRule(starts, wishes.keep_days, wishes.keep_stages),
    )
    managers = {who: whom for who, (whom, _) in leavers.items()} | _managers(scenario.structure)
    last_days = {who: day for who, (_, day) in leavers.items()}
    days = _days(scenario, last_days)
    meetings = plan_meetings(passed, managers, days, wishes.meetings_a_day, calendar.end)
    desk = _Desk(settings, starts, passed, meetings, managers, *_names(scenario))
    owners = scenario.problem.owners
    kinds = zip(owners.ids, owners.kinds, strict=True)
    reps = [who for who, kind in kinds if kind is OwnerKind.REP]
    above = [who for who in scenario.structure["person"].astype(str) if who not in owners.ids]
    people = dict.fromkeys([*reps, *leavers, *above])
    lists = (desk.handover(who, is_manager=who in above) for who in people)
    return tuple(each for each in lists if each is not None), passed, meetings


@dataclass(frozen=True, eq=False)
class _Desk:
    """Puts lists together; each gets only what its recipient may know."""

    settings: Settings
    starts: date
    passed: tuple[Passed, ...]
    meetings: tuple[Meeting, ...]
    managers: Mapping[str, str]
    names: Mapping[str, str]
    languages: Mapping[str, str]

    def handover(self, who: str, *, is_manager: bool) -> Handover | None:
        """The list of one person; None where nothing concerns that person."""
        given = _longest_first(each for each in self.passed if each.giver == who)
        received = _longest_first(each for each in self.passed if each.taker == who)
        team = _longest_first(p for p in self.passed if is_manager and self._is_of(who, p))
        if not (given or received or team):
            return None
        meetings = tuple(
            m
            for m in self.meetings
            if who in (m.first, m.second) or (is_manager and who in m.managers)
        )
        wishes, letters = self.settings.handover, self.settings.letters
        language = wishes.language or (letters.language if letters is not None else "en")
        mine = [*given, *received, *team]
        return Handover(
            recipient=who,
            language=self.languages.get(who, language),
            manager=self.managers.get(who, ""),
            plan=self.settings.name,
            company=letters.company if letters is not None else "",
            currency=self.settings.currency,
            starts=self.starts,
            given=given,
            received=received,
            team=team,
            kept=tuple(d for each in given for d in each.deals if d.keeper == who),
            awaited=tuple(d for each in received for d in each.deals if d.keeper != who),
            meetings=meetings,
            names=_mentioned(self.names, who, self.managers, mine, meetings),
            keep_days=wishes.keep_days,
            keep_stages=wishes.keep_stages,
        )

    def _is_of(self, manager: str, passed: Passed) -> bool:
        sides = (passed.giver, passed.taker)
        return any(self.managers.get(who) == manager for who in sides)


def _with_deals(
    scenario: LoadedScenario, passed: tuple[Passed, ...], rule: DealRule
) -> tuple[Passed, ...]:
    """What changes hands with its open deals, in plan currency."""
    for table in scenario.tables.get("deals", ()):
        frame = table.frame
        if "amount" in frame:
            frame = in_plan_currency(table, ("amount",), scenario.resolved.settings)
        rows = [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
        passed = with_deals(passed, rows, rule)
    return passed


def _longest_first(passed: Iterable[Passed]) -> tuple[Passed, ...]:
    """The longest relationships first, then the largest sales."""
    return tuple(sorted(passed, key=lambda p: (-(p.years or 0.0), -p.sales, p.unit)))


def _leavers(tables: Sequence[Table], starts: date) -> dict[str, tuple[str, date]]:
    """Superior and last day by rep, if that day is at most a month before the hand-over."""
    found: dict[str, tuple[str, date]] = {}
    for table in tables:
        frame = table.frame
        if "valid_to" not in frame:
            continue
        superiors = frame["reports_to"] if "reports_to" in frame else [""] * len(frame)
        for who, last, whom in zip(frame["rep"], frame["valid_to"], superiors, strict=True):
            day = None if pd.isna(last) else pd.Timestamp(last).date()
            if day is not None and day >= starts - timedelta(days=MONTH):
                found[str(who)] = ("" if pd.isna(whom) else str(whom), day)
    return found


def _managers(structure: pd.DataFrame) -> dict[str, str]:
    pairs = zip(structure["person"], structure["reports_to"], strict=True)
    return {str(who): str(whom) for who, whom in pairs if not pd.isna(whom) and str(whom)}


def _days(scenario: LoadedScenario, last: Mapping[str, date]) -> dict[str, frozenset[date]]:
    """Days on which people can meet, until the last day of whoever leaves."""
    days: dict[str, set[date]] = {}
    for table in scenario.tables.get("meeting_days", ()):
        for who, day in zip(table.frame["rep"], table.frame["day"], strict=True):
            on = pd.Timestamp(day).date()
            if on <= last.get(str(who), on):
                days.setdefault(str(who), set()).add(on)
    return {who: frozenset(each) for who, each in days.items()}


def _names(scenario: LoadedScenario) -> tuple[dict[str, str], dict[str, str]]:
    """Names and languages by id, where known."""
    owners = scenario.problem.owners
    names = {i: n for i, n in zip(owners.ids, owners.names, strict=True) if n != i}
    languages: dict[str, str] = {}
    for table in scenario.tables.get("names", ()):
        for column, into in (("name", names), ("language", languages)):
            if column in table.frame:
                pairs = zip(table.frame["rep"], table.frame[column], strict=True)
                into |= {str(w): str(v) for w, v in pairs if not pd.isna(v) and str(v)}
    letters = scenario.resolved.settings.letters
    return names, languages | (dict(letters.languages) if letters is not None else {})


def _mentioned(
    names: Mapping[str, str],
    who: str,
    managers: Mapping[str, str],
    passed: Sequence[Passed],
    meetings: Sequence[Meeting],
) -> dict[str, str]:
    """Names of those whom a list speaks of, and of nobody else."""
    people = {who, managers.get(who, "")}
    for each in passed:
        people |= {each.giver, each.taker, *(deal.owner for deal in each.deals)}
    for meeting in meetings:
        people |= {meeting.first, meeting.second, *meeting.managers}
    return {each: names[each] for each in sorted(people) if each in names}
