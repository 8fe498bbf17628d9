"""Reads files of Salesforce's objects: whose each account is, as loaded or as exported."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from ....models.errors import BadInput, InputProblem

Row = dict[str, str]


def territories_in(folder: Path) -> dict[str, set[str]]:
    """Territories by account id, and by the values of rules that teig wrote.

    A territory goes by its API name where a file in the folder has that, else by its id.

    Raises
    ------
    BadInput
        When the folder holds neither associations nor rules, or a file is no CSV.
    """
    files = _files(folder)
    names = _names(files)
    found: dict[str, set[str]] = {}
    for row in _of(files, "ObjectTerritory2Association"):
        found.setdefault(row["ObjectId"], set()).add(_target(row, "Territory2", names))
    homes = {
        row["rule"]: row["territory"]
        for rows in files.values()
        for row in rows
        if {"rule", "territory"} <= row.keys()
    }
    for row in _of(files, "ObjectTerritory2AssignmentRuleItem"):
        home = homes.get(_target(row, "Rule", names))
        for value in row["Value"].split(",") if home else ():
            found.setdefault(value, set()).add(str(home))
    if not found:
        message = "the folder holds no ObjectTerritory2Association with rows, and no rules"
        if not folder.is_dir():
            message = "there is no such folder"
        raise BadInput([InputProblem(str(folder), "", "", "", message)])
    return found


def users_in(folder: Path) -> dict[str, list[str]]:
    """Users by territory, those who are not active in it left out."""
    files = _files(folder)
    names = _names(files)
    found: dict[str, list[str]] = {}
    for row in _of(files, "UserTerritory2Association"):
        if row.get("IsActive", "true").lower() != "false":
            found.setdefault(_target(row, "Territory2", names), []).append(row["UserId"])
    return found


def owners_in(folder: Path) -> dict[str, str]:
    """Owner by territory, where teig's own list of units is in the folder."""
    return {
        row["territory"]: row["rep"]
        for rows in _files(folder).values()
        for row in rows
        if {"unit", "rep", "territory"} <= row.keys()
    }


def _files(folder: Path) -> dict[str, list[Row]]:
    """Rows of every CSV file of a folder, by its name."""
    read: dict[str, list[Row]] = {}
    for path in sorted(folder.glob("*.csv")):
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                rows = list(csv.DictReader(stream))
        except (OSError, UnicodeDecodeError, csv.Error):
            message = "cannot be read as CSV in UTF-8"
            raise BadInput([InputProblem(path.name, "", "", "", message)]) from None
        read[path.name] = [
            {str(key): value or "" for key, value in row.items() if key} for row in rows
        ]
    return read


def _of(files: Mapping[str, list[Row]], kind: str) -> Iterator[Row]:
    """Rows of one object; files are known by its name in theirs."""
    for name, rows in files.items():
        if kind in name:
            yield from rows


def _names(files: Mapping[str, list[Row]]) -> dict[str, str]:
    """API name by id and by external id, from files that have both."""
    return {
        value: row["DeveloperName"]
        for rows in files.values()
        for row in rows
        if "DeveloperName" in row
        for column, value in row.items()
        if value and "." not in column and (column.lower() == "id" or column.endswith("__c"))
    }


def _target(row: Row, relation: str, names: Mapping[str, str]) -> str:
    """What a row points at: its API name where that is known, else its id."""
    named = row.get(f"{relation}.DeveloperName", "")
    if named:
        return named
    for column, value in row.items():
        if value and (column == f"{relation}Id" or column.startswith(f"{relation}.")):
            return names.get(value, value)
    return ""
