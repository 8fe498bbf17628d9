"""Sheets on attainment, pay and letters: levels and sums, nobody's own pay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...letters.wording import Wording
from ...pay import simulation_table
from .book import Book, Column

if TYPE_CHECKING:
    from ...results import RunResult


def write_attainment(book: Book, result: RunResult) -> None:
    """Write the sheet of simulated attainment and pay, where a scenario has one."""
    columns = [
        Column("scenario", "Scenario"),
        Column("measure", "Measure"),
        Column("of", "Of"),
        Column("people", "People", "count"),
        Column("mean", "Mean", "plain"),
        Column("p10", "One year of ten below", "plain"),
        Column("p50", "Median", "plain"),
        Column("p90", "One year of ten above", "plain"),
        Column("unit", "Unit"),
    ]
    records: list[dict[str, Any]] = []
    for row in result.rows:
        if row.forecast is not None:
            for record in simulation_table(row.forecast).to_dict("records"):
                digits = 4 if record["unit"] == "share" else 0
                figures = {key: round(record[key], digits) for key in ("mean", "p10", "p50", "p90")}
                plain = {str(key): value for key, value in record.items()}
                records.append({"scenario": row.name, **plain, **figures})
    if records:
        book.table("Attainment and pay", columns, records, frozen_columns=3)


def write_letters(book: Book, result: RunResult) -> None:
    """Write what each letter says a quota is made of; no pay, that is the letter's alone."""
    columns = [
        Column("scenario", "Scenario"),
        Column("recipient", "Recipient"),
        Column("role", "Role"),
        Column("language", "Language"),
        Column("part", "Part"),
        Column("step", "Step", "text", 34.0),
        Column("amount", f"Amount, {result.currency}", "number"),
    ]
    records: list[dict[str, Any]] = []
    for row in result.rows:
        for letter in row.letters:
            wording = Wording(letter.language, letter.currency, letter.minor_units)
            lines = [("made of", wording.step(step.name)[0], step.amount) for step in letter.steps]
            lines.append(("quota", wording.gettext("Your quota"), letter.quota))
            if letter.change is not None:
                lines.append(("before", wording.gettext("Quota last time"), letter.change.before))
                lines += [
                    ("change", wording.change(step.name)[0], step.amount)
                    for step in letter.change.steps
                ]
            common = {"scenario": row.name, "recipient": letter.recipient, "role": str(letter.role)}
            records += [
                {
                    **common,
                    "language": letter.language,
                    "part": part,
                    "step": step,
                    "amount": amount / letter.minor_units,
                }
                for part, step, amount in lines
            ]
    if records:
        book.table("Letters", columns, records, frozen_columns=2)
