"""Who reports to whom: named people in tiers above the territories."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from .build.intake import IdIndex, Intake, Rows, gather
from .build.units import in_plan_currency
from .errors import ProblemList
from .problem import Problem
from .tables import Tables, as_tables


@dataclass(frozen=True)
class Person:
    """A manager, or an owner at the bottom of the tree.

    Parameters
    ----------
    role
        What the person is: director, manager, team lead …, or the owner's kind.
    team
        The team that the person leads or belongs to; empty above teams.
    reports_to
        Id of the superior; empty at the top, and where nobody is named.
    cost
        Plan currency a year.
    """

    id: str
    role: str
    team: str
    reports_to: str
    cost: float = 0.0


@dataclass(frozen=True, eq=False)
class Management:
    """Reporting lines of a structure, managers first, then owners as in the problem."""

    people: tuple[Person, ...]

    @cached_property
    def reports(self) -> Mapping[str, tuple[str, ...]]:
        """Direct reports of everybody who has some."""
        found: dict[str, list[str]] = {}
        for person in self.people:
            if person.reports_to:
                found.setdefault(person.reports_to, []).append(person.id)
        return {superior: tuple(found[superior]) for superior in sorted(found)}

    def span(self, person: str) -> int:
        """Span of control: number of direct reports."""
        return len(self.reports.get(person, ()))

    def tier(self, person: str) -> int:
        """How many stand above somebody; 0 at the top."""
        superior = {each.id: each.reports_to for each in self.people}
        above = 0
        while superior[person]:
            person, above = superior[person], above + 1
        return above

    def table(self) -> pd.DataFrame:
        """One row per person: the contract's ``structure.csv``."""
        return pd.DataFrame(
            [(each.id, each.role, each.team, each.reports_to) for each in self.people],
            columns=["person", "role", "team", "reports_to"],
        )


def build_management(
    people: Tables | None,
    problem: Problem,
    *,
    reps: Tables | None = None,
    rates: Mapping[str, float] | None = None,
) -> Management:
    """Reporting lines over a problem's owners.

    An owner reports to whom a row of its own among the people names, else to whom the
    roster's ``reports_to`` names, else to the one lead of its team: the person of that
    team to whom no other person reports. Where a team has no such one lead, its
    owners report to nobody yet.

    Raises
    ------
    BadInput
        For unknown superiors and teams, and for people who report to each other in a circle.
    """
    intake = Intake(ProblemList("people"))
    rows = gather(as_tables(people, "people"), intake)
    roster = gather(as_tables(reps, "reps"), intake)
    intake.found.raise_any()
    rows = in_plan_currency(rows, ("cost",), problem.currency, rates or {}, intake)
    owners = problem.owner_index
    ids = rows.texts("person")
    known = IdIndex([*ids, *(owner for owner in problem.owners.ids if owner not in ids)], "person")
    own = frozenset(person for person, up in zip(ids, rows.texts("reports_to"), strict=True) if up)
    named = _superiors(roster, "rep", known, intake, frozenset(owners) - own)
    named.update(_superiors(rows, "person", known, intake))
    costs = np.nan_to_num(rows.numbers("cost", 0.0))
    managers = [
        Person(person, role or "manager", team, named.get(person, ""), float(cost))
        for person, role, team, cost in zip(
            ids, rows.texts("role"), rows.texts("team"), costs, strict=True
        )
        if person not in owners
    ]
    teams = {*roster.texts("team"), *(team.name for team in problem.teams)}
    _check_people(rows, managers, named, teams, intake)
    intake.found.raise_any()
    leads = _leads(managers)
    bottom = []
    for index, owner in enumerate(problem.owners.ids):
        team = problem.teams[problem.owners.team[index]].name
        superior = named.get(owner) or leads.get(team, "")
        kind = str(problem.owners.kinds[index])
        bottom.append(Person(owner, kind, team, superior, float(problem.owners.cost[index])))
    return Management((*managers, *bottom))


def _superiors(
    rows: Rows, key: str, known: IdIndex, intake: Intake, asked: Container[str] | None = None
) -> dict[str, str]:
    """Superior of everybody (of those asked about) whose row names one."""
    superiors = rows.texts("reports_to")
    if asked is not None:
        keys = rows.texts(key)
        superiors = [
            name if who in asked else "" for who, name in zip(keys, superiors, strict=True)
        ]
    at = [known.find(name or None) for name in superiors]
    unknown = [row for row, name in enumerate(superiors) if name and at[row] < 0]
    intake.rows(rows, unknown, "reports_to", "is nobody among the people", superiors)
    return {
        person: known.ids[position]
        for person, position in zip(rows.texts(key), at, strict=True)
        if position >= 0
    }


def _check_people(
    rows: Rows, managers: list[Person], named: dict[str, str], teams: set[str], intake: Intake
) -> None:
    named_teams = rows.texts("team")
    strangers = [row for row, name in enumerate(named_teams) if name and name not in teams]
    intake.rows(
        rows, strangers, "team", "neither the structure nor the roster has this team", named_teams
    )
    for person in (each.id for each in managers):
        seen, at = [person], named.get(person, "")
        while at and at not in seen:
            seen.append(at)
            at = named.get(at, "")
        # Everybody in a circle meets it; the first of its ids says so.
        if at == person == min(seen):
            line = " → ".join([*seen, person])
            row = rows.texts("person").index(person)
            intake.rows(rows, [row], "reports_to", f"reports to itself in a circle: {line}")


def _leads(managers: list[Person]) -> dict[str, str]:
    """The one person of each team to whom no other manager reports."""
    superiors = {person.reports_to for person in managers}
    found: dict[str, list[str]] = {}
    for person in managers:
        if person.team and person.id not in superiors:
            found.setdefault(person.team, []).append(person.id)
    return {team: people[0] for team, people in found.items() if len(people) == 1}
