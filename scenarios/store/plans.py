"""Reads a plan from ``assignments.csv``: hand-made, last quarter's or a run's own."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd

from ...models.errors import BadInput, ProblemList
from ...models.plan import Plan
from ...models.problem import Problem


def read_plan(path: Path, problem: Problem) -> Plan:
    """Read the owner of every cover from columns ``unit, rep`` and, if there, ``team, share``.

    A unit without a row has no owner. Parts of a split unit go to its reps in the
    order of the file, by share.

    Raises
    ------
    BadInput
        For unknown units and reps, units with two owners, and unreadable files.
    """
    found = ProblemList(path.name)
    rows = _read(path, found)
    owner = np.full(len(problem.covers), -1, dtype=np.int64)
    wanted: dict[tuple[str, int], list[tuple[int, float, str]]] = defaultdict(list)
    for number, row in enumerate(rows.to_dict("records"), start=2):
        place = f"row {number}"
        unit, rep = str(row["unit"]), str(row["rep"])
        if not rep:
            continue
        if unit not in problem.covers_of_whole:
            found.add("there is no such unit", place=place, key="unit", value=unit)
        elif rep not in problem.owner_index:
            found.add("there is no such rep", place=place, key="rep", value=rep)
        else:
            index = problem.owner_index[rep]
            team = int(problem.owners.team[index])
            share = _share(row.get("share", ""), place, found)
            wanted[unit, team].append((index, share, place))
    for (unit, team), parts in sorted(wanted.items()):
        covers = [c for c in problem.covers_of_whole[unit] if problem.covers.team[c] == team]
        _assign(problem, owner, covers, parts, unit, found)
    found.raise_any()
    return Plan(owner)


def _read(path: Path, found: ProblemList) -> pd.DataFrame:
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = getattr(error, "strerror", None) or "it is no CSV file in UTF-8"
        found.add(f"the plan cannot be read: {reason}")
        raise BadInput(found) from None
    for column in ("unit", "rep"):
        if column not in rows:
            found.add("the column is missing", place="header", key=column)
    found.raise_any()
    return rows


def _share(text: str, place: str, found: ProblemList) -> float:
    if text == "":
        return 1.0
    try:
        share = float(text)
    except ValueError:
        share = float("nan")
    if not 0 < share <= 1 + 1e-9:
        found.add("must be a share above 0 and up to 1", place=place, key="share", value=text)
        return 1.0
    return share


def _assign(
    problem: Problem,
    owner: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    covers: list[int],
    parts: list[tuple[int, float, str]],
    unit: str,
    found: ProblemList,
) -> None:
    if not covers:
        team = problem.teams[problem.owners.team[parts[0][0]]].name
        found.add(f"team {team} does not cover this unit", place=parts[0][2], value=unit)
        return
    shares = problem.units.shares[problem.covers.unit[covers]]
    total = sum(share for _, share, _ in parts)
    if total > 1 + 1e-6:
        found.add(
            "the shares of a unit's reps add up to at most 1",
            place=parts[-1][2],
            key="share",
            value=f"{unit}: {total:g}",
        )
        return
    ends = np.cumsum([share for _, share, _ in parts])
    middles = np.cumsum(shares) - shares / 2
    for cover, middle in zip(covers, middles, strict=True):
        which = int(np.searchsorted(ends, middle))
        if which < len(parts):
            owner[cover] = parts[which][0]
