"""What the report says of money beside its amounts: names, notes, and what plans take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..results import ScenarioResult, money_row_names
from .figures import MONEY_NAMES

#: Amounts that the costs are products of, how people read them, and whether they are money.
_AMOUNTS = (
    ("travel_km", "Kilometres", False),
    ("nights", "Nights away", False),
    ("moved_sales", "Sales that change hands", True),
)


def money_names(rows: Sequence[ScenarioResult]) -> list[tuple[str, str]]:
    """Names of all money rows, and how people read them."""
    found = money_row_names(row.money for row in rows if row.money is not None)
    return [(name, MONEY_NAMES.get(name, name.replace("_", " ").capitalize())) for name in found]


def money_cell(row: ScenarioResult, name: str) -> Any:
    """The money row of a scenario, or None."""
    if row.money is None:
        return None
    return next((entry for entry in row.money.rows if entry.name == name), None)


@dataclass(frozen=True)
class MoneyNote:
    """How one amount was computed, with the scenarios for which it was so."""

    detail: str
    assumed: bool
    scenarios: tuple[str, ...]


def money_notes(
    rows: Sequence[ScenarioResult], names: Sequence[tuple[str, str]]
) -> list[tuple[str, list[MoneyNote]]]:
    """How each line of the money table was computed; scenarios named where they differ."""
    priced = [row for row in rows if row.money is not None]
    notes = []
    for name, text in names:
        found: dict[tuple[str, bool], list[str]] = {}
        for row in priced:
            entry = money_cell(row, name)
            if entry is not None and entry.detail:
                found.setdefault((entry.detail, entry.assumed), []).append(row.name)
        told = [
            MoneyNote(detail, assumed, tuple(who) if len(found) > 1 else ())
            for (detail, assumed), who in found.items()
        ]
        if told:
            notes.append((text, told))
    return notes


def plan_amounts(rows: Sequence[ScenarioResult]) -> list[tuple[str, str, bool]]:
    """What plans take, for the foot of the money table; lines of nothing are left out."""
    bases = [row.money.basis for row in rows if row.money is not None]
    return [
        line
        for line in _AMOUNTS
        if any(basis is not None and getattr(basis, line[0]) > 0 for basis in bases)
    ]
