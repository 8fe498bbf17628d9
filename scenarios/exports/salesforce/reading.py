"""Reads exported files back: whose each account and each rule's value is."""

from __future__ import annotations

import csv
from pathlib import Path

from ....models.errors import BadInput, InputProblem


def territories_in(folder: Path) -> dict[str, set[str]]:
    """API names of territories by account id or rule value.

    Territories go by external id, by id (see the folder's ``Territory2`` files, or those of
    an org) or by name, as the files have them.

    Raises
    ------
    BadInput
        When a file that must be there is not.
    """
    names = _names(folder)
    found: dict[str, set[str]] = {}
    accounts = sorted(folder.glob("*_ObjectTerritory2Association.csv"))
    items = sorted(folder.glob("*_ObjectTerritory2AssignmentRuleItem.csv"))
    if not accounts and not items:
        message = "the folder holds no ObjectTerritory2Association and no rules"
        raise BadInput([InputProblem(str(folder), "", "", "", message)])
    for path in accounts:
        for row in _rows(path):
            found.setdefault(row["ObjectId"], set()).add(_target(row, "Territory2", names))
    homes = {row["rule"]: row["territory"] for row in _rows(folder / "rules_of_territories.csv")}
    for path in items:
        for row in _rows(path):
            home = homes[_target(row, "Rule", names)]
            for value in row["Value"].split(","):
                found.setdefault(value, set()).add(home)
    return found


def _names(folder: Path) -> dict[str, str]:
    """API name by id and by external id, from files that have both."""
    names: dict[str, str] = {}
    for path in sorted(folder.glob("*.csv")):
        for row in _rows(path):
            if "DeveloperName" in row:
                for column, value in row.items():
                    if (column == "Id" or column.endswith("__c")) and "." not in column:
                        names[value] = row["DeveloperName"]
    return names


def _target(row: dict[str, str], relation: str, names: dict[str, str]) -> str:
    for column, value in row.items():
        if column.startswith(f"{relation}.") or column == f"{relation}Id":
            if column.endswith(".DeveloperName"):
                return value
            if value in names:
                return names[value]
    return row.get(f"{relation}.DeveloperName", "")


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
