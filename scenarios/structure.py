"""Who reports to whom: management as given, and the owners of the problem below it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..models.problem import Problem
from ..models.tables import Table

COLUMNS = ("person", "role", "team", "reports_to")


def structure_table(problem: Problem, tables: Mapping[str, tuple[Table, ...]]) -> pd.DataFrame:
    """Make ``structure.csv``.

    An owner reports to whom the people's or the roster's table says, else to the one
    person of its team to whom nobody of the management reports.
    """
    people = _people(tables)
    lines = _roster_lines(tables)
    managers = ~people["person"].isin(problem.owners.ids)
    leads = _leads(people[managers])
    known = set(people["person"])
    rows = people[list(COLUMNS)].to_dict("records")
    for index, owner in enumerate(problem.owners.ids):
        if owner in known:
            continue
        team = problem.teams[problem.owners.team[index]].name
        rows.append(
            {
                "person": owner,
                "role": str(problem.owners.kinds[index]),
                "team": team,
                "reports_to": lines.get(owner) or leads.get(team, ""),
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _people(tables: Mapping[str, tuple[Table, ...]]) -> pd.DataFrame:
    if "people" not in tables:
        return pd.DataFrame(columns=list(COLUMNS))
    people = pd.DataFrame(tables["people"][0].frame).copy()
    for column in COLUMNS:
        if column not in people:
            people[column] = ""
        people[column] = people[column].fillna("").astype(str)
    return people


def _roster_lines(tables: Mapping[str, tuple[Table, ...]]) -> dict[str, str]:
    frame = tables["reps"][0].frame
    if "reports_to" not in frame:
        return {}
    lines = frame["reports_to"].fillna("").astype(str)
    return dict(zip(frame["rep"].astype(str), lines, strict=True))


def _leads(people: pd.DataFrame) -> dict[str, str]:
    """Lowest manager of each team, where there is exactly one."""
    above = set(people["reports_to"])
    lowest = people[~people["person"].isin(above)]
    return {
        str(team): str(group["person"].iloc[0])
        for team, group in lowest.groupby("team", sort=True)
        if len(group) == 1 and team
    }
