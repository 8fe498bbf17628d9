"""Where a scenario's input comes from: settings that differ, tables, plans made by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Change:
    """One setting that a scenario sets otherwise than the base.

    Parameters
    ----------
    path
        Dotted path of the setting, ``rules.balance_load.tolerance``.
    old, new
        Values as YAML text; ``(not set)`` where there is none.
    by
        Name of the override, ``set`` for a scenario's own, ``--set`` for the command line.
    """

    path: str
    old: str
    new: str
    by: str

    def __str__(self) -> str:
        return f"{self.path}: {self.old} → {self.new} ({self.by})"


@dataclass(frozen=True)
class InputTable:
    """One table that a scenario read.

    Parameters
    ----------
    role
        Where it stands in the scenario file, ``units``, ``reps``, ``units.1`` …
    path
        As the scenario file gives it.
    marked
        ``measured``, ``assumed`` or ``imputed``.
    digest
        SHA-256 of the file's bytes, hexadecimal.
    """

    role: str
    path: str
    marked: str
    rows: int
    digest: str


@dataclass(frozen=True)
class Adoption:
    """Where a plan that was made by hand comes from.

    Parameters
    ----------
    name
        The scenario that it became.
    scenario
        Whose problem it is a plan of.
    edited
        Whose plan was edited; the same, or an adopted one.
    date
        ISO 8601, UTC.
    source, source_hash
        The workbook's name and the SHA-256 of its bytes.
    input_hash
        Of the scenario's input as it is written.
    plan_hash
        Of who has what.
    """

    name: str
    scenario: str
    edited: str
    author: str
    date: str
    reason: str
    source: str
    source_hash: str
    input_hash: str
    plan_hash: str
