"""Reads a plan from ``assignments.csv``: hand-made, last quarter's or a run's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from ...models.errors import BadInput, ProblemList, did_you_mean
from ...models.plan import Plan
from ...models.problem import Problem

#: Problems for which a like name is looked for.
_HINTS = 5


def read_plan(path: Path, problem: Problem) -> Plan:
    """Read the owner of every cover from columns ``unit, rep`` and, if there, ``team, share``.

    A unit without a row has no owner. Parts of a split unit go to its reps in the
    order of the file, by share; whoever has parts today keeps them first.

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
            message = f"there is no such unit{_hint(unit, problem.covers_of_whole, found)}"
            found.add(message, place=place, key="unit", value=unit)
        elif rep not in problem.owner_index:
            message = f"there is no such rep{_hint(rep, problem.owner_index, found)}"
            found.add(message, place=place, key="rep", value=rep)
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


def _hint(word: str, known: Iterable[str], found: ProblemList) -> str:
    """A like name for the first few problems; comparing thousands takes its time."""
    return f"; {did_you_mean(word, known)}" if len(found.problems) < _HINTS else ""


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
    reps = [index for index, _, _ in parts]
    dealt = [reps[at] for at in np.searchsorted(ends, middles).tolist() if at < len(reps)]
    _deal(owner, covers, dealt, problem.covers.incumbent)


def _deal(
    owner: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    covers: list[int],
    dealt: list[int],
    incumbent: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> None:
    """Give each rep as many parts as are due, first those that the rep has today.

    The parts are alike but for who has them today, and a file of shares does not tell
    them apart; nothing changes hands that need not.
    """
    due = Counter(dealt)
    rest = []
    for cover in covers:
        rep = int(incumbent[cover])
        if due[rep] > 0:
            owner[cover] = rep
            due[rep] -= 1
        else:
            rest.append(cover)
    for cover, rep in zip(rest, due.elements(), strict=False):
        owner[cover] = rep
