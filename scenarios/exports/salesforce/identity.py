"""Ids of accounts and users in Salesforce, checked before anything is written."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ....models.errors import ProblemList
from ....models.problem import OwnerKind, Problem
from ....models.tables import Table

_FORM = re.compile(r"[A-Za-z0-9]{15}([A-Z0-5]{3})?")
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

Tables = Mapping[str, tuple[Table, ...]]


@dataclass(frozen=True, eq=False)
class CrmIds:
    """What Salesforce calls things.

    Parameters
    ----------
    accounts
        Account id by unit.
    users
        User id by rep or person; vacancies have none.
    values
        Value of the rule's field by unit, for units without an account id.
    """

    accounts: Mapping[str, str]
    users: Mapping[str, str]
    values: Mapping[str, str]


def crm_ids(tables: Tables, problem: Problem, managers: Sequence[str], rule_field: str) -> CrmIds:
    """Read and check ids: columns ``crm_id`` of units, reps and people.

    Where no unit (or nobody) has one, none are asked for. With a rule's field, units
    without an account are found by their ``crm_value``, or by their own id.

    Raises
    ------
    BadInput
        For units, reps and managers without an id where others have one, ids that are
        none, and accounts that stand twice; all at once.
    """
    found = ProblemList("teig export salesforce")
    given = given_ids(tables)
    accounts, users = given.accounts, given.users
    values = _column(tables, "units", "unit", "crm_value")
    rest = [unit for unit in sorted(problem.covers_of_whole) if unit not in accounts]
    if rule_field:
        values = {unit: values.get(unit, unit) for unit in rest}
    elif accounts:
        for unit in rest:
            message = "the unit has no crm_id; rules can find its accounts with rule_field"
            found.add(message, source="units", key="crm_id", place=f"unit {unit}")
    kinds = zip(problem.owners.ids, problem.owners.kinds, strict=True)
    wanted = [who for who, kind in kinds if kind is OwnerKind.REP] + list(managers)
    for who in wanted if users else ():
        if who not in users:
            source = "people" if who in managers else "reps"
            found.add("has no crm_id", source=source, key="crm_id", place=f"rep {who}")
    _check(accounts, "account", found)
    _check(users, "user", found)
    found.raise_any()
    return CrmIds(accounts, users, values if rule_field else {})


def given_ids(tables: Tables) -> CrmIds:
    """Ids as they stand in the tables, unchecked."""
    people = _column(tables, "people", "person", "crm_id")
    users = _column(tables, "reps", "rep", "crm_id") | people
    return CrmIds(_column(tables, "units", "unit", "crm_id"), users, {})


def _column(tables: Tables, role: str, key: str, column: str) -> dict[str, str]:
    """A column by id, without what is empty."""
    read: dict[str, str] = {}
    for table in tables.get(role, ()):
        if column not in table.frame.columns:
            continue
        for who, value in zip(table.frame[key].astype(str), table.frame[column], strict=True):
            if not pd.isna(value) and str(value).strip():
                read[who] = str(value).strip()
    return read


def _check(ids: Mapping[str, str], what: str, found: ProblemList) -> None:
    owners: dict[str, str] = {}
    for who, given in sorted(ids.items()):
        if not is_id(given):
            message = (
                "is no Salesforce id: 15 letters and digits, or 18 whose last three fit the case"
            )
            found.add(message, key=what, place=who, value=given)
        elif what == "account" and given[:15] in owners:
            found.add(
                f"is the account of {owners[given[:15]]} too", key=what, place=who, value=given
            )
        owners.setdefault(given[:15], who)


def is_id(text: str) -> bool:
    """Whether a text can be an id: 15 characters, or 18 with the right check characters.

    The last three say which of the others are capitals, five for each; programs that do
    not mind case ruin ids, and this shows it.

    >>> is_id("0015g00000ABCde"), is_id("0015g00000ABCdeAAH"), is_id("0015g00000abcdeAAH")
    (True, True, False)
    """
    if not _FORM.fullmatch(text):
        return False
    return len(text) == 15 or text[15:] == check_characters(text)


def check_characters(text: str) -> str:
    """The three characters that follow an id of 15."""
    checks = ""
    for start in range(0, 15, 5):
        bits = sum(1 << n for n, c in enumerate(text[start : start + 5]) if c.isupper())
        checks += _CHECKS[bits]
    return checks


def known_ids(files: Iterable[Path]) -> dict[str, str]:
    """Ids by API name, from success files of a loader or an export of the object.

    Raises
    ------
    BadInput
        When a file cannot be read or has no columns ``DeveloperName`` and ``Id``.
    """
    found = ProblemList("--ids")
    known: dict[str, str] = {}
    for path in files:
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                rows = list(csv.DictReader(stream))
        except (OSError, UnicodeDecodeError, csv.Error):
            found.add("cannot be read as CSV in UTF-8", value=path)
            continue
        columns = {name.lower(): name for name in (rows[0] if rows else {}) if name}
        name = columns.get("developername")
        ident = next((columns[c] for c in ("sf__id", "id") if c in columns), None)
        if name is None or ident is None:
            found.add("needs columns DeveloperName and Id", value=path)
            continue
        known |= {row[name]: row[ident] for row in rows if row[name] and row[ident]}
    found.raise_any()
    return known
