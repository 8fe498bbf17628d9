"""What changes hands in a plan: unit, giver, taker, and what customers are promised."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import floor

import pandas as pd

from ...models.plan import Plan
from ...models.problem import OwnerKind, Problem
from ...models.tables import Table
from .facts import Passed, Side

_SIDES = {
    OwnerKind.REP: Side.REP,
    OwnerKind.VACANCY: Side.VACANCY,
    OwnerKind.HOUSE: Side.HOUSE,
    OwnerKind.PARTNER: Side.PARTNER,
}
#: (team, unit, giver, taker).
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Terms:
    """Days that count in a hand-over.

    Parameters
    ----------
    starts
        First day with the new owner.
    start, end
        Of the plan period, which visits are promised in.
    """

    starts: date
    start: date
    end: date

    def next_visit(self, visits: float, accounts: float, last: date | None) -> date | None:
        """Day by which the standard asks for the next visit to an account.

        The interval is the period ÷ visits to each account, counted from the last visit
        where it is known, else from the hand-over; what is due before that is due then.
        """
        if visits <= 0:
            return None
        interval = floor(((self.end - self.start).days + 1) * max(accounts, 1.0) / visits)
        return max((last or self.starts) + timedelta(days=interval), self.starts)


def passed_units(
    problem: Problem,
    plan: Plan,
    last_visits: Mapping[str, date],
    terms: Terms,
    leaving: Collection[str] = (),
) -> tuple[Passed, ...]:
    """Every unit of a team that has another owner in the plan than today.

    In the order of team, unit, giver and taker. Parts of a unit that go the same way are
    put together.

    Parameters
    ----------
    last_visits
        By unit, where known.
    leaving
        Who is in no team any more, but there until the hand-over.
    """
    covers, units, owners = problem.covers, problem.units, problem.owners
    rows: dict[Key, list[int]] = {}
    for cover, owner in enumerate(plan.owner.tolist()):
        giver = covers.incumbent_ids[cover]
        taker = owners.ids[owner] if owner >= 0 else ""
        if giver == taker:
            continue
        team = problem.teams[int(covers.team[cover])].name
        key = (team, units.wholes[int(covers.unit[cover])], giver, taker)
        rows.setdefault(key, []).append(cover)
    found = (_passed(problem, key, rows[key], last_visits, terms) for key in sorted(rows))
    return tuple(
        replace(each, giver_is=Side.LEAVING)
        if each.giver_is is Side.LEFT and each.giver in leaving
        else each
        for each in found
    )


def _passed(
    problem: Problem, key: Key, rows: list[int], last_visits: Mapping[str, date], terms: Terms
) -> Passed:
    team, unit, giver, taker = key
    covers, units = problem.covers, problem.units
    at = covers.unit[rows]
    name = units.names[int(at[0])]
    if units.wholes[int(at[0])] != units.ids[int(at[0])]:
        name = name.rsplit("#", 1)[0].rstrip()
    # When the next visit is due, the standards say; campaigns have lists of their own.
    visits = float((covers.visits - problem.campaign_visits)[rows].sum())
    accounts = float(units.measures["accounts"][at].sum())
    years = max(covers.tenure[rows].tolist()) if giver else 0.0
    last = last_visits.get(unit)
    return Passed(
        team=team,
        unit=unit,
        name=name or unit,
        giver=giver,
        giver_is=_side(problem, giver),
        taker=taker,
        taker_is=_side(problem, taker),
        share=min(float(units.shares[at].sum()), 1.0),
        accounts=accounts,
        sales=float(covers.measures["sales"][rows].sum()),
        potential=float(covers.measures["potential"][rows].sum()),
        visits=visits,
        years=years or None,
        last_visit=last,
        next_visit=terms.next_visit(visits, accounts, last),
    )


def _side(problem: Problem, who: str) -> Side:
    """Who somebody is; an id that is in no team any more has left."""
    if not who:
        return Side.NOBODY
    owner = problem.owner_index.get(who)
    return Side.LEFT if owner is None else _SIDES[problem.owners.kinds[owner]]


def last_visits_of(tables: tuple[Table, ...]) -> dict[str, date]:
    """Latest known visit by unit, from today's alignment."""
    found: dict[str, date] = {}
    for table in tables:
        if "last_visit" not in table.frame:
            continue
        for unit, day in zip(table.frame["unit"], table.frame["last_visit"], strict=True):
            if not pd.isna(day):
                on = pd.Timestamp(day).date()
                found[str(unit)] = max(on, found.get(str(unit), on))
    return found
