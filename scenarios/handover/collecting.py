"""Gathers what each rep is told from a scenario and its plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from ...models.plan import Plan
from ...models.problem import OwnerKind
from ..pay import in_plan_currency
from .deals import DealRule, with_deals
from .facts import Handover, Meeting, Passed
from .meetings import plan_meetings
from .passing import Terms, last_visits_of, passed_units

if TYPE_CHECKING:
    from ..loading import LoadedScenario


def collect_handovers(
    scenario: LoadedScenario, plan: Plan
) -> tuple[tuple[Handover, ...], tuple[Passed, ...], tuple[Meeting, ...]]:
    """Hand-over lists of a plan.

    Returns
    -------
    One list for every rep who gives or receives something, in the order of the problem;
    everything that changes hands; all meetings, the most sales first.
    """
    settings, problem = scenario.resolved.settings, scenario.problem
    wishes, calendar, letters = settings.handover, settings.calendar, settings.letters
    starts = wishes.starts or calendar.start
    rule = DealRule(starts, wishes.keep_days, wishes.keep_stages)
    last_visits = last_visits_of(scenario.tables.get("incumbent", ()))
    passed = passed_units(problem, plan, last_visits, Terms(starts, calendar.start, calendar.end))
    for table in scenario.tables.get("deals", ()):
        frame = table.frame
        if "amount" in frame:
            frame = in_plan_currency(table, ("amount",), settings)
        rows = [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
        passed = with_deals(passed, rows, rule)
    managers = _managers(scenario.structure)
    meetings = plan_meetings(passed, managers, _days(scenario), wishes.meetings_a_day, calendar.end)
    names, languages = _names(scenario)
    languages |= dict(letters.languages) if letters is not None else {}
    language = wishes.language or (letters.language if letters is not None else "en")
    found = []
    for who, kind in zip(problem.owners.ids, problem.owners.kinds, strict=True):
        given = _longest_first(each for each in passed if each.giver == who)
        received = _longest_first(each for each in passed if each.taker == who)
        if kind is not OwnerKind.REP or not (given or received):
            continue
        deals = [deal for each in given for deal in each.deals]
        own = tuple(m for m in meetings if who in (m.first, m.second))
        found.append(
            Handover(
                recipient=who,
                language=languages.get(who, language),
                manager=managers.get(who, ""),
                plan=settings.name or scenario.name,
                company=letters.company if letters is not None else "",
                currency=settings.currency,
                starts=starts,
                given=given,
                received=received,
                kept=tuple(deal for deal in deals if deal.keeper == who),
                awaited=tuple(
                    deal for each in received for deal in each.deals if deal.keeper != who
                ),
                meetings=own,
                names=_mentioned(names, who, managers, [*given, *received], own),
                keep_days=wishes.keep_days,
                keep_stages=wishes.keep_stages,
            )
        )
    return tuple(found), passed, meetings


def _longest_first(passed: Iterable[Passed]) -> tuple[Passed, ...]:
    """The longest relationships first, then the largest sales."""
    return tuple(sorted(passed, key=lambda p: (-(p.years or 0.0), -p.sales, p.unit)))


def _managers(structure: pd.DataFrame) -> dict[str, str]:
    pairs = zip(structure["person"], structure["reports_to"], strict=True)
    return {str(who): str(whom) for who, whom in pairs if not pd.isna(whom) and str(whom)}


def _days(scenario: LoadedScenario) -> dict[str, frozenset[date]]:
    days: dict[str, set[date]] = {}
    for table in scenario.tables.get("meeting_days", ()):
        for who, day in zip(table.frame["rep"], table.frame["day"], strict=True):
            days.setdefault(str(who), set()).add(pd.Timestamp(day).date())
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
    return names, languages


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
