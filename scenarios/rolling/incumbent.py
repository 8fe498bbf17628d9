"""A plan as next quarter's incumbent alignment: who has what, since when, under which id."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ...models.build.intake import IdIndex
from ...models.problem import Problem
from ...models.tables import Table

COLUMNS = ("unit", "rep", "role", "share", "since")
_LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Incumbent:
    """Next quarter's incumbent alignment.

    Parameters
    ----------
    rows
        ``unit, rep, role, share, since``.
    gone
        Units of the plan that the new data do not have.
    merged
        New units that several old ones went into, with what was decided.
    """

    rows: pd.DataFrame
    gone: tuple[str, ...]
    merged: tuple[str, ...]


def incumbent_of(
    problem: Problem,
    assignments: pd.DataFrame,
    tables: Mapping[str, tuple[Table, ...]],
    units: Sequence[str],
    crosswalk: Sequence[tuple[str, str, float]],
    parts: Mapping[str, int],
    start: dt.date,
) -> Incumbent:
    """Turn a plan into an alignment of the new units.

    Parameters
    ----------
    problem, assignments
        The plan's problem, and ``unit, team, rep, share``.
    tables
        The plan's tables, for the day since which somebody has a unit.
    units
        Ids of the new units.
    crosswalk
        Old code, new code, share of the old one.
    parts
        Equal parts by new unit; 1 where not named.
    start
        First day of the plan: since then somebody has what the plan gave them.
    """
    index = IdIndex(list(units))
    new_of: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for old, new, share in crosswalk:
        new_of[old].append((new, share))
    held = _held(problem, assignments, _since(problem, tables), index, new_of, start)
    rows: list[tuple[str, str, str, float, str]] = []
    merged: list[str] = []
    for (unit, role), shares in held.amounts.items():
        total = sum(shares.values())
        split = {rep: amount / total for rep, amount in shares.items()}
        if len(split) > 1 and parts.get(unit, 1) == 1:
            most = max(sorted(split), key=lambda rep: split[rep])
            merged.append(
                f"{unit} joins {', '.join(sorted(held.sources[unit]))}: {most} has most of its "
                f"sales ({split[most]:.0%}) and counts as its incumbent"
            )
            split = {most: 1.0}
        for rep, part in split.items():
            if part > _LEAST:
                rows.append((unit, rep, role, part, held.days[unit, role, rep].isoformat()))
    order = {unit: position for position, unit in enumerate(units)}
    rows.sort(key=lambda row: (order[row[0]], row[2], row[1]))
    return Incumbent(pd.DataFrame(rows, columns=list(COLUMNS)), held.gone, tuple(merged))


@dataclass(frozen=True)
class _Held:
    """What reps hold of the new units.

    Parameters
    ----------
    amounts
        Sales by new unit and role, then by rep.
    days
        First day, by new unit, role and rep.
    sources
        Old units that went into each new one.
    gone
        Old units that went nowhere.
    """

    amounts: Mapping[tuple[str, str], Mapping[str, float]]
    days: Mapping[tuple[str, str, str], dt.date]
    sources: Mapping[str, set[str]]
    gone: tuple[str, ...]


def _held(
    problem: Problem,
    assignments: pd.DataFrame,
    since: Mapping[tuple[str, str, str], dt.date],
    index: IdIndex,
    new_of: Mapping[str, Sequence[tuple[str, float]]],
    start: dt.date,
) -> _Held:
    """Carry a plan's assignments over to the new units, weighed by sales."""
    roles = {team.name: team.role for team in problem.teams}
    amounts: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    days: dict[tuple[str, str, str], dt.date] = {}
    gone: dict[str, None] = {}
    sources: dict[str, set[str]] = defaultdict(set)
    weights = _sales(problem)
    columns = (assignments[name].tolist() for name in ("unit", "team", "rep", "share"))
    for unit, team, rep, share in zip(*columns, strict=True):
        targets = _targets(str(unit), index, new_of)
        if not targets:
            gone[str(unit)] = None
        for new, part in targets:
            sources[new].add(str(unit))
            if not rep:
                continue
            role = roles[str(team)]
            amounts[new, role][str(rep)] += float(share) * part * weights.get(str(unit), 1.0)
            key = (new, role, str(rep))
            day = since.get((str(unit), role, str(rep))) or start
            days[key] = min(days.get(key, day), day)
    return _Held(amounts, days, sources, tuple(gone))


def _targets(
    unit: str, index: IdIndex, new_of: Mapping[str, Sequence[tuple[str, float]]]
) -> list[tuple[str, float]]:
    """New units that a unit goes to: itself, also where its zeros were lost, or by crosswalk."""
    position = index.find(unit)
    if position >= 0:
        return [(index.ids[position], 1.0)]
    named = [(index.find(new), share) for new, share in new_of.get(unit, ())]
    return [(index.ids[at], share) for at, share in named if at >= 0]


def _sales(problem: Problem) -> dict[str, float]:
    """Sales by whole unit; a little where there are none, so that shares can be weighed."""
    found: dict[str, float] = defaultdict(float)
    for whole, amount in zip(
        problem.units.wholes, problem.units.measures["sales"].tolist(), strict=True
    ):
        found[whole] += amount
    return {whole: max(amount, 1e-6) for whole, amount in found.items()}


def _since(
    problem: Problem, tables: Mapping[str, tuple[Table, ...]]
) -> dict[tuple[str, str, str], dt.date]:
    """First day of each relationship, by unit, role and rep, as the old alignment says."""
    units, reps = IdIndex(list(problem.covers_of_whole)), IdIndex(list(problem.owners.ids))
    roles = {team.name: team.role for team in problem.teams}
    found = {}
    for table in tables.get("incumbent", ()):
        for row in table.frame.to_dict("records"):
            day = row.get("since")
            unit, rep = units.find(row.get("unit")), reps.find(row.get("rep"))
            if not isinstance(day, dt.date) or unit < 0 or rep < 0:
                continue
            of_rep = problem.teams[int(problem.owners.team[rep])].role
            role = row.get("role") or roles.get(str(row.get("team")), of_rep)
            found[units.ids[unit], str(role), reps.ids[rep]] = day
    return found
