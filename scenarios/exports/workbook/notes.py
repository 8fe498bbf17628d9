"""The sheet of notes: what the run rests on, as label, scenario and text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...audience import Audience
from ...digits import significant
from .book import Book, Column, records_of

if TYPE_CHECKING:
    from ...results import RunResult, ScenarioResult


def write_notes(book: Book, result: RunResult, audience: Audience) -> None:
    """Write the run's verdicts, inputs, changes, notes and assumptions."""
    lines: list[tuple[str, str, str]] = [
        ("Run", "", f"{result.name} ({result.source})"),
        ("Currency", "", f"{result.currency}, prices of {result.price_year}"),
        ("For", "", f"{audience.name}. {audience.statement}"),
    ]
    if result.interrupted:
        lines.append(("Run", "", "interrupted: scenarios may be missing"))
    lines += [("Verdict", f"{v.first} / {v.second}", v.reason) for v in result.verdicts]
    for row in result.rows:
        lines += _scenario_notes(row)
    for a in result.assumptions:
        text = f"{a.path} = {significant(a.value)} {a.unit}: {a.winner} wins from {significant(a.low, 3)} to {significant(a.high, 3)}"
        lines.append(
            (
                "Assumption",
                "",
                text + f" (tried {significant(a.tried_low, 3)} to {significant(a.tried_high, 3)})",
            )
        )
    records = [dict(zip(("what", "scenario", "text"), line, strict=True)) for line in lines]
    columns = [
        Column("what", "What"),
        Column("scenario", "Scenario"),
        Column("text", "Text", "text", 110.0),
    ]
    book.table("Notes", columns, records)


def _scenario_notes(row: ScenarioResult) -> list[tuple[str, str, str]]:
    versions = ", ".join(f"{name} {version}" for name, version in sorted(row.versions.items()))
    lines = [("Input", row.name, f"hash {row.input_hash}, seed {row.seed}, {versions}")]
    lines += [("Change", row.name, str(change)) for change in row.changes]
    lines += [
        ("Table", row.name, f"{t.role}: {t.path}, {t.marked}, {t.rows} rows, SHA-256 {t.digest}")
        for t in row.inputs
        if t.digest
    ]
    for record in records_of(row.quarantined):
        text = ", ".join(f"{key} {value}" for key, value in record.items())
        lines.append(("Rows set aside", row.name, text))
    explained = row.territory.explanation if row.territory is not None else ()
    notes = dict.fromkeys((*row.notes, *row.problem.notes, *explained))
    return lines + [("Note", row.name, text) for text in notes]
