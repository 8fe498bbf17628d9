"""What a recipient holds: accounts, visits, and what they leave to win."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ...models.arrays import BoolArray
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.tables import Table
from ..files.sections import Settings
from .facts import Account, Holdings


def holdings_of(
    settings: Settings,
    tables: Mapping[str, tuple[Table, ...]],
    problem: Problem,
    plan: Plan,
    owners: Sequence[str],
    seller: bool,
) -> Holdings:
    """Sum up what some owners hold; with single accounts for a seller alone."""
    covers = problem.covers
    indices = [problem.owner_index[name] for name in owners]
    mine, was = np.isin(plan.owner, indices), np.isin(covers.incumbent, indices)
    sales, potential = covers.measures["sales"], covers.measures["potential"]
    customers = covers.measures.get("accounts", np.ones(len(covers)))
    buys = mine & (sales > 0)
    active = float(customers[buys].sum())
    known = any(covers.incumbent_ids)
    return Holdings(
        accounts=_accounts(problem, mine, was, known=known) if seller else (),
        count=float(customers[mine].sum()),
        sales=float(sales[mine].sum()),
        potential=float(potential[mine].sum()),
        visits=float(covers.visits[mine].sum()),
        weeks=_weeks(settings, tables, problem, indices[0]) if seller else None,
        active=active,
        average=float(sales[buys].sum()) / active if active else 0.0,
        gone=_gone(problem, mine, was) if seller else (),
    )


def _accounts(
    problem: Problem, mine: BoolArray, was: BoolArray, *, known: bool
) -> tuple[Account, ...]:
    covers, units = problem.covers, problem.units
    parts: dict[str, list[int]] = {}
    for cover in np.flatnonzero(mine).tolist():
        parts.setdefault(units.wholes[covers.unit[cover]], []).append(cover)
    accounts = []
    for whole, rows in parts.items():
        accounts.append(
            Account(
                id=whole,
                name=_name(problem, rows[0]),
                sales=float(covers.measures["sales"][rows].sum()),
                potential=float(covers.measures["potential"][rows].sum()),
                visits=float(covers.visits[rows].sum()),
                is_new=known and not was[rows].any(),
            )
        )
    return tuple(sorted(accounts, key=lambda a: (-a.sales, -a.potential, a.id)))


def _name(problem: Problem, cover: int) -> str:
    """Name of the whole unit that a cover is of."""
    unit = problem.covers.unit[cover]
    name, whole = problem.units.names[unit], problem.units.wholes[unit]
    if whole != problem.units.ids[unit]:
        name = name.rsplit("#", 1)[0].rstrip()
    return str(name or whole)


def _gone(problem: Problem, mine: BoolArray, was: BoolArray) -> tuple[str, ...]:
    """Names of units of which nothing is left."""
    wholes = problem.units.wholes
    kept = {wholes[problem.covers.unit[cover]] for cover in np.flatnonzero(mine).tolist()}
    lost = [
        cover
        for cover in np.flatnonzero(was & ~mine).tolist()
        if wholes[problem.covers.unit[cover]] not in kept
    ]
    return tuple(sorted({_name(problem, cover) for cover in lost}))


def _weeks(
    settings: Settings,
    tables: Mapping[str, tuple[Table, ...]],
    problem: Problem,
    index: int,
) -> float | None:
    """Weeks at work in the plan period: hours ÷ what a week of the position has."""
    calendar = settings.calendar
    share = 1.0
    roster = tables["reps"][0].frame
    if "full_time" in roster.columns:
        given = roster.loc[roster["rep"].astype(str) == problem.owners.ids[index], "full_time"]
        if len(given) and given.iloc[0] > 0:
            share = float(given.iloc[0])
    week = calendar.hours_per_day * len(calendar.weekdays) * (1.0 - calendar.administration) * share
    hours = float(problem.owners.hours[index])
    return hours / week if week > 0 and hours > 0 else None
