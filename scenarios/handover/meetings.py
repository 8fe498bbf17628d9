"""Who meets whom, the most sales first, and on which day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from .facts import Meeting, Passed, Side


def plan_meetings(
    passed: Sequence[Passed],
    managers: Mapping[str, str],
    days: Mapping[str, frozenset[date]],
    a_day: int,
    last: date,
) -> tuple[Meeting, ...]:
    """One meeting for every two who hand over to each other.

    In place of somebody who has left, and of a vacancy, the manager comes who has the
    unit in the meantime. The most sales choose their day first: the first one that both
    have free.

    Parameters
    ----------
    managers
        Superior by id.
    days
        Days on which somebody can meet.
    a_day
        Meetings that somebody can have on one day.
    last
        Last day that is proposed.
    """
    units: Counter[tuple[str, str]] = Counter()
    sales: dict[tuple[str, str], float] = {}
    for each in passed:
        for pair in _pairs(each, managers):
            units[pair] += 1
            sales[pair] = sales.get(pair, 0.0) + each.sales
    taken: Counter[tuple[str, date]] = Counter()
    meetings = []
    for pair in sorted(units, key=lambda p: (-sales[p], p)):
        free = days.get(pair[0], frozenset()) & days.get(pair[1], frozenset())
        open_days = [
            day
            for day in sorted(free)
            if day <= last and all(taken[who, day] < a_day for who in pair)
        ]
        day = open_days[0] if open_days else None
        if day is not None:
            taken.update((who, day) for who in pair)
        superiors = dict.fromkeys(managers.get(who, "") for who in pair)
        invited = tuple(who for who in superiors if who and who not in pair)
        meetings.append(Meeting(pair[0], pair[1], units[pair], sales[pair], invited, day))
    return tuple(meetings)


def _pairs(passed: Passed, managers: Mapping[str, str]) -> list[tuple[str, str]]:
    """The two who meet about a unit; nobody where one of them is not to be had."""
    sides = []
    other = {passed.giver: passed.taker, passed.taker: passed.giver}
    for who, side in ((passed.giver, passed.giver_is), (passed.taker, passed.taker_is)):
        if side.meets:
            sides.append(who)
        elif side in (Side.VACANCY, Side.LEFT):
            sides.append(managers.get(who) or managers.get(other[who], ""))
        elif side is Side.NOBODY and who == passed.giver:
            sides.append(managers.get(passed.taker, ""))
    first, *rest = sorted(set(sides))
    return [(first, rest[0])] if first and len(rest) == 1 and len(sides) == 2 else []
