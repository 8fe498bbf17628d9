"""Gathers the facts of every letter, of a scenario or from data frames."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from ...models.errors import ProblemList
from ...models.plan import Plan
from ...models.problem import OwnerKind, Problem
from ...models.tables import Table
from ...optimizer.quotas.result import QuotaResult
from ...optimizer.quotas.simulation import Simulation
from ...optimizer.quotas.simulation.staff import UNPAID
from ..files.sections import Settings
from ..pay import PayForecast, in_plan_currency
from .accounts import AccountBook
from .desk import Desk, Letterhead
from .facts import Letter
from .history import Previous
from .wording import LANGUAGES

Tables = Mapping[str, tuple[Table, ...]]


def quota_letters(
    quotas: QuotaResult,
    accounts: pd.DataFrame,
    people: pd.DataFrame | None = None,
    *,
    start: date,
    end: date,
    simulation: Simulation | None = None,
    previous: pd.DataFrame | None = None,
    language: str = "en",
    plan: str = "",
    company: str = "",
    sender: str = "",
    dated: date | None = None,
    smallest_team: int = 6,
) -> tuple[Letter, ...]:
    """Letters about quotas that were set, from data frames.

    Parameters
    ----------
    quotas
        What ``set_quotas`` returned, with a plan.
    accounts
        ``account, owner, sales``; optionally ``name, previous`` (who had it),
        ``potential, visits, customers``.
    people
        ``person``; optionally ``name, language, weeks`` (at work in the plan period).
        Nodes above the owners get a letter only where they stand here.
    start, end
        First and last day of the plan period.
    simulation
        What ``simulate_quotas`` returned with a compensation plan: letters say then
        what the quota pays.
    previous
        ``node, quota`` of the last plan.
    smallest_team
        Teams of fewer people are not described.

    Raises
    ------
    BadInput
        When there are no quotas or a frame cannot be used; all problems at once.

    Examples
    --------
    >>> from teig.optimizer.quotas import set_quotas
    >>> accounts = pd.DataFrame({"account": ["a", "b", "c"], "owner": ["ada", "ada", "bo"],
    ...                          "sales": [200.0, 100.0, 300.0]})
    >>> territories = accounts.groupby("owner", as_index=False)["sales"].sum()
    >>> quotas = set_quotas(territories, 660, method="uniform_growth", rounding=1)
    >>> letters = quota_letters(quotas, accounts, start=date(2027, 1, 1), end=date(2027, 12, 31))
    >>> [(letter.recipient, letter.quota / 100) for letter in letters]
    [('ada', 330.0), ('bo', 330.0)]
    """
    _check(quotas, previous, language)
    known = pd.DataFrame({"person": []}) if people is None else people
    tree = quotas.problem.tree
    inner = {tree.ids[node] for node in tree.inner}
    return Desk(
        head=Letterhead(plan, company, sender, dated, start, end, language, smallest_team),
        quotas=quotas,
        book=AccountBook.of_frame(accounts),
        sellers=_sellers(quotas),
        managers=frozenset(inner & set(known["person"].astype(str))),
        names=_column(known, "person", "name"),
        languages=_column(known, "person", "language"),
        weeks={who: float(text) for who, text in _column(known, "person", "weeks").items()},
        simulation=simulation,
        previous=None if previous is None else Previous.read(previous, quotas, smallest_team),
    ).letters()


def _check(quotas: QuotaResult, previous: pd.DataFrame | None, language: str) -> None:
    """Raise everything that makes letters impossible."""
    found = ProblemList("letters")
    if quotas.plan is None:
        found.add("there are no quotas to write about", key="quotas", value=quotas.status)
    if language not in LANGUAGES:
        found.add(f"must be one of {', '.join(LANGUAGES)}", key="language", value=language)
    for column in ("node", "quota"):
        if previous is not None and column not in previous.columns:
            found.add("the table needs this column", source="previous", key=column)
    found.raise_any()


def _sellers(quotas: QuotaResult) -> frozenset[str]:
    """Owners who are people."""
    tree = quotas.problem.tree
    return frozenset(
        tree.ids[leaf]
        for leaf in tree.leaves.tolist()
        if tree.levels[tree.level[leaf]] not in UNPAID
    )


def collect_letters(
    settings: Settings,
    tables: Tables,
    problem: Problem,
    plan: Plan,
    structure: pd.DataFrame,
    quotas: QuotaResult,
    forecast: PayForecast | None,
) -> tuple[Letter, ...]:
    """Letters to all reps and managers with a quota, in the order of the tree.

    None for vacancies, the house and partners, nor where the file asks for none.
    """
    wishes = settings.letters
    if wishes is None or quotas.plan is None:
        return ()
    owners = problem.owners
    kinds = zip(owners.ids, owners.kinds, strict=True)
    names = {i: n for i, n in zip(owners.ids, owners.names, strict=True) if n != i}
    languages: dict[str, str] = {}
    for table in tables.get("names", ()):
        names |= _column(table.frame, "rep", "name")
        languages |= _column(table.frame, "rep", "language")
    previous = None
    if "previous_quotas" in tables:
        frame = in_plan_currency(tables["previous_quotas"][0], ("quota",), settings)
        previous = Previous.read(frame, quotas, wishes.smallest_team)
    calendar = settings.calendar
    return Desk(
        head=Letterhead(
            plan=settings.name,
            company=wishes.company,
            sender=wishes.sender,
            dated=wishes.dated,
            start=calendar.start,
            end=calendar.end,
            language=wishes.language,
            smallest_team=wishes.smallest_team,
        ),
        quotas=quotas,
        book=AccountBook.of_plan(problem, plan),
        sellers=frozenset(name for name, kind in kinds if kind is OwnerKind.REP),
        managers=frozenset(structure["person"]) - frozenset(owners.ids),
        names=names,
        languages=languages | dict(wishes.languages),
        weeks=_weeks(settings, tables, problem),
        simulation=forecast.simulation if forecast is not None and wishes.pay else None,
        previous=previous,
    ).letters()


def _column(frame: pd.DataFrame, key: str, column: str) -> dict[str, str]:
    """A column by id, without what is empty."""
    if column not in frame.columns:
        return {}
    pairs = zip(frame[key].astype(str), frame[column], strict=True)
    return {who: str(value) for who, value in pairs if not pd.isna(value) and str(value)}


def _weeks(settings: Settings, tables: Tables, problem: Problem) -> dict[str, float]:
    """Weeks at work in the plan period: hours ÷ what a week of the position has."""
    calendar = settings.calendar
    full = calendar.hours_per_day * len(calendar.weekdays) * (1.0 - calendar.administration)
    shares = _column(tables["reps"][0].frame, "rep", "full_time")
    weeks = {}
    for name, hours in zip(problem.owners.ids, problem.owners.hours.tolist(), strict=True):
        week = full * float(shares.get(name, 1.0))
        if hours > 0 and week > 0:
            weeks[name] = hours / week
    return weeks
