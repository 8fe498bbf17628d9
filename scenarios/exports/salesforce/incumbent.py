"""Today's alignment from an export of Salesforce's associations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ....models.errors import ProblemList
from ....models.problem import Problem
from .identity import CrmIds
from .reading import owners_in, territories_in, users_in

#: Reps are named in messages up to this many.
_SHOWN = 10


@dataclass(frozen=True, eq=False)
class Found:
    """Today's alignment.

    Parameters
    ----------
    alignment
        ``unit, rep, team, share``.
    notes
        For people: what could not be told, or was taken as follows.
    """

    alignment: pd.DataFrame
    notes: tuple[str, ...]


def incumbent_in(folder: Path, problem: Problem, ids: CrmIds) -> Found:
    """Read who has which unit from the associations of accounts and users.

    A territory is that of the reps who are assigned to it, or the one that teig's own list
    in the folder names. Several reps of a team share an account in equal parts.

    Parameters
    ----------
    ids
        Accounts by unit, users by rep.

    Raises
    ------
    BadInput
        When the folder holds no associations, or none of an account that the units have.
    """
    territories = territories_in(folder)
    unit_of = {account[:15]: unit for unit, account in ids.accounts.items()}
    reps = _reps(folder, problem, ids)
    shares: dict[tuple[str, str], list[str]] = {}
    strangers = unheld = 0
    for account, homes in sorted(territories.items()):
        unit = unit_of.get(account[:15])
        if unit is None:
            strangers += 1
            continue
        holders = sorted({rep for home in homes for rep in reps.get(home, ())})
        unheld += not holders
        for rep in holders:
            team = problem.teams[int(problem.owners.team[problem.owner_index[rep]])].name
            shares.setdefault((unit, team), []).append(rep)
    rows = [
        (unit, rep, team, 1.0 / len(holders))
        for (unit, team), holders in sorted(shares.items())
        for rep in holders
    ]
    found = ProblemList(str(folder))
    if not rows:
        found.add("no account of the units is in a territory of the reps; is crm_id mapped?")
    found.raise_any()
    without = [unit for unit in sorted(problem.covers_of_whole) if unit not in {r[0] for r in rows}]
    shared = [unit for (unit, _), holders in sorted(shares.items()) if len(holders) > 1]
    notes = [
        (strangers, f"{strangers} accounts in territories are no units of the plan"),
        (unheld, f"{unheld} accounts are in territories without a rep of the plan"),
        (len(without), f"{_named(without)} have nobody"),
        (len(shared), f"{_named(shared)} are shared in equal parts; Salesforce knows no shares"),
    ]
    columns = ["unit", "rep", "team", "share"]
    return Found(pd.DataFrame(rows, columns=columns), tuple(text for count, text in notes if count))


def _reps(folder: Path, problem: Problem, ids: CrmIds) -> Mapping[str, Sequence[str]]:
    """Owners of the plan by territory: its users, else whom teig's list names."""
    rep_of = {
        user[:15]: who for who, user in sorted(ids.users.items()) if who in problem.owner_index
    }
    found: dict[str, list[str]] = {
        home: [rep_of[user[:15]] for user in users if user[:15] in rep_of]
        for home, users in users_in(folder).items()
    }
    for home, rep in owners_in(folder).items():
        if rep in problem.owner_index and not found.get(home):
            found[home] = [rep]
    return found


def _named(units: Sequence[str]) -> str:
    more = f" and {len(units) - _SHOWN} more" if len(units) > _SHOWN else ""
    return f"{len(units)} units ({', '.join(units[:_SHOWN])}{more})"
