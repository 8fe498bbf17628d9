"""``workbook.xlsx``: the run's tables for people who count on in a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from ..comparison import UNITS
from ..moves import list_moves
from ..results import INCUMBENT
from .attainment import write_attainment, write_letters
from .geopackage import unit_figures
from .marks import KEY_PREFIX, ROW_KEY, make_editable, write_marks
from .ranking import write_ranking
from .sheets import Book, Column

if TYPE_CHECKING:
    from ..results import RunResult, ScenarioResult

#: Units of the comparison and how a sheet shows them.
KINDS = {
    "share": "share",
    "hours": "count",
    "km": "count",
    "units": "tenth",
    "violations": "count",
    "reps": "count",
    "territories": "count",
    "{currency}/year": "money",
    "{currency}": "money",
    "": "number",
}
COSTS = ("people", "travel", "disruption")


def write_workbook(result: RunResult, path: str | Path) -> None:
    """Write the workbook of a run; the same result gives the same bytes.

    Header in row 1 of every table, so that other programs read it back; people's
    cost only in sums; owners by id.
    """
    book = Book(str(path), f"{result.name}: comparison of territories")
    comparison = _comparison(book, result)
    write_ranking(book, result, comparison)
    _territories(book, result)
    _assignments(book, result)
    _quotas(book, result)
    write_attainment(book, result)
    write_letters(book, result)
    _money(book, result)
    _moves(book, result)
    _notes(book, result)
    write_marks(book, result)
    book.close()


def _title(key: str, currency: str) -> str:
    """Header of a column of the comparison, with its unit.

    >>> _title("travel_hours", "USD"), _title("utilisation_worst_rep", "USD")
    ('Travel, hours', 'Utilisation worst rep')
    """
    unit = UNITS.get(key, "").format(currency=currency)
    words = key.replace("_", " ")
    for suffix in (" hours", " km", " share"):
        words = words.removesuffix(suffix) if unit else words
    words = words[:1].upper() + words[1:]
    return (
        f"{words}, {unit}" if unit and unit not in ("reps", "territories", "violations") else words
    )


def _comparison(book: Book, result: RunResult) -> dict[str, int]:
    """Write the comparison; returns the position of each column."""
    frame = result.comparison
    keys = [str(key) for key in frame.columns]
    columns = [
        Column(key, _title(key, result.currency), KINDS.get(UNITS[key], "number"))
        if key in UNITS
        else Column(key, _title(key, result.currency))
        for key in keys
    ]
    book.table("Comparison", columns, _records(frame))
    return {key: at for at, key in enumerate(keys)}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Records with None for what is missing."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def _territories(book: Book, result: RunResult) -> None:
    money = f"{result.currency}/year"
    fixed = {
        "team": Column("team", "Team"),
        "rep": Column("rep", "Rep"),
        "kind": Column("kind", "Kind"),
        "units": Column("units", "Units", "tenth"),
        "load_hours": Column("load_hours", "Load, hours", "count"),
        "hours": Column("hours", "Hours, hours", "count"),
        "utilisation": Column("utilisation", "Load, % of hours", "share"),
        "travel_hours": Column("travel_hours", "Travel, hours", "count"),
        "potential": Column("potential", f"Potential, {money}", "money"),
        "sales": Column("sales", f"Sales, {money}", "money"),
        "compactness": Column("compactness", "Compactness, 1 is a disc", "number"),
        "components": Column("components", "Pieces", "count"),
    }
    records: list[dict[str, Any]] = []
    keys: dict[str, None] = {}
    for row in result.rows:
        if row.evaluation is not None:
            table = row.evaluation.territories
            keys.update(dict.fromkeys(map(str, table.columns)))
            records += [{"scenario": row.name, **record} for record in _records(table)]
    columns = [Column("scenario", "Scenario")]
    for key in keys:
        measure = key.removeprefix("fair_share_deviation_").replace("_", " ")
        off = Column(key, f"{measure.capitalize()} off fair share, %", "share")
        columns.append(fixed.get(key, off))
    book.table("Territories", columns, records, frozen_columns=3)


def _assignments(book: Book, result: RunResult) -> None:
    money = f"{result.currency}/year"
    columns = [
        Column("scenario", "Scenario"),
        Column("unit", "Unit"),
        Column("name", "Name"),
        Column("team", "Team"),
        Column("rep", "Rep"),
        Column("share", "Share of the unit", "share"),
        Column("incumbent", "Incumbent"),
        Column("moved", "Moved"),
        Column("potential", f"Potential, {money}", "money"),
        Column("sales", f"Sales, {money}", "money"),
        Column("key", ROW_KEY),
    ]
    records: list[dict[str, Any]] = []
    for row in result.rows:
        if row.evaluation is not None:
            frame = row.evaluation.assignments.merge(
                unit_figures(row.problem), on="unit", how="left"
            )
            for key in ("potential", "sales"):
                frame[key] = frame[key] * frame["share"]
            frame["key"] = KEY_PREFIX + frame["unit"].astype(str)
            records += [{"scenario": row.name, **record} for record in _records(frame)]
    sheet = book.table("Assignments", columns, records, frozen_columns=3)
    make_editable(book, sheet, columns, len(records), result)


def _quotas(book: Book, result: RunResult) -> None:
    """Quotas, and beside them formulas that show whether they reach the budget."""
    columns = [
        Column("scenario", "Scenario"),
        Column("node", "Node"),
        Column("level", "Level"),
        Column("parent", "Parent"),
        Column("product", "Product"),
        Column("period", "Period"),
        Column("quota", f"Quota, {result.currency}", "money"),
        Column("index", f"Index, {result.currency}", "money"),
        Column("lowest", "Lowest level"),
    ]
    records: list[dict[str, Any]] = []
    sums: list[tuple[str, float, float]] = []
    for row in result.rows:
        if row.quota_table.empty:
            continue
        table = row.quota_table.assign(parent=row.quota_table["parent"].fillna("").astype(str))
        table["lowest"] = ~table["node"].astype(str).isin(set(table["parent"]))
        top = table["parent"] == ""
        carried = float(table.loc[table["lowest"], "quota"].sum())
        sums.append((row.name, float(table.loc[top, "quota"].sum()), carried))
        records += [{"scenario": row.name, **record} for record in _records(table)]
    sheet = book.table("Quotas", columns, records, frozen_columns=2)
    first = len(columns) + 1
    for at, title in enumerate(("Check", "Budget", "Lowest level", "Difference")):
        sheet.write_string(0, first + at, title, book.formats["header"])
    last = max(len(records) + 1, 2)
    for row_number, (name, budget, carried) in enumerate(sums, start=1):
        label = xl_rowcol_to_cell(row_number, first)
        sheet.write_string(row_number, first, name, book.formats["text"])
        span = f"$G$2:$G${last},$A$2:$A${last},{label}"
        style = book.formats["money"]
        # A parent of "" would match nothing in SUMIFS: "=" asks for empty cells.
        sheet.write_formula(
            row_number, first + 1, f'=SUMIFS({span},$D$2:$D${last},"=")', style, budget
        )
        sheet.write_formula(
            row_number, first + 2, f'=SUMIFS({span},$I$2:$I${last},"yes")', style, carried
        )
        budget_cell, carried_cell = (xl_rowcol_to_cell(row_number, first + n) for n in (1, 2))
        sheet.write_formula(
            row_number, first + 3, f"={carried_cell}-{budget_cell}", style, carried - budget
        )
    sheet.set_column(first, first, 22)
    sheet.set_column(first + 1, first + 3, 15)


def _money(book: Book, result: RunResult) -> None:
    """Money by scenario; margin less the costs is a formula."""
    priced = [row for row in result.rows if row.money is not None]
    names = list(
        dict.fromkeys(
            entry.name for row in priced for entry in (row.money.rows if row.money else ())
        )
    )
    sheet = book.sheet("Money")
    sheet.write_string(0, 0, f"{result.currency} a year", book.formats["header"])
    for at, row in enumerate(priced, start=1):
        sheet.write_string(0, at, row.name, book.formats["number_header"])
    sheet.write_string(0, len(priced) + 1, "Rests on assumed values", book.formats["header"])
    sheet.write_string(0, len(priced) + 2, "How it is computed", book.formats["header"])
    line = {name: number for number, name in enumerate(names, start=1)}
    for name, number in line.items():
        total = name == "contribution"
        style = book.formats["total" if total else "money"]
        label = name.replace("_", " ").capitalize()
        sheet.write_string(number, 0, label, book.formats["total_text" if total else "text"])
        entries = [_entry(row, name) for row in priced]
        for at, entry in enumerate(entries, start=1):
            if entry is None:
                continue
            if total and {"margin", *COSTS} <= set(names):
                margin, *costs = (xl_rowcol_to_cell(line[part], at) for part in ("margin", *COSTS))
                sheet.write_formula(number, at, f"={margin}-{'-'.join(costs)}", style, entry.amount)
            else:
                sheet.write_number(number, at, entry.amount, style)
        known = [entry for entry in entries if entry is not None]
        assumed = "yes" if any(entry.assumed for entry in known) else "no"
        sheet.write_string(number, len(priced) + 1, assumed, book.formats["text"])
        sheet.write_string(number, len(priced) + 2, known[0].detail, book.formats["text"])
    end = len(names) + 1
    sheet.write_string(end, 0, "No plan can pass (proven)", book.formats["text"])
    for at, row in enumerate(priced, start=1):
        if row.money is not None and row.name != INCUMBENT:
            book.cell(sheet, end, at, row.money.bound, "money")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, max(len(priced), 1), 18)
    sheet.set_column(len(priced) + 1, len(priced) + 1, 14)
    sheet.set_column(len(priced) + 2, len(priced) + 2, 70)
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 1)


def _entry(row: ScenarioResult, name: str) -> Any:
    rows = row.money.rows if row.money is not None else ()
    return next((entry for entry in rows if entry.name == name), None)


def _moves(book: Book, result: RunResult) -> None:
    money = f"{result.currency}/year"
    columns = [
        Column("scenario", "Scenario"),
        Column("unit", "Unit"),
        Column("name", "Name"),
        Column("team", "Team"),
        Column("source", "From"),
        Column("target", "To"),
        Column("share", "Share of the unit", "share"),
        Column("sales", f"Sales, {money}", "money"),
        Column("potential", f"Potential, {money}", "money"),
        Column("kilometres_before", "From the old base, km", "count"),
        Column("kilometres_after", "From the new base, km", "count"),
        Column("reason", "Reason", "text", 80.0),
    ]
    records = [
        {"scenario": row.name, "reason": move.reason, **vars(move)}
        for row in result.scenarios
        for move in list_moves(row, result.incumbent)
    ]
    book.table("Moves", columns, records, frozen_columns=3)


def _notes(book: Book, result: RunResult) -> None:
    """What the run rests on, as label, scenario and text."""
    lines: list[tuple[str, str, str]] = [
        ("Run", "", f"{result.name} ({result.source})"),
        ("Currency", "", f"{result.currency}, prices of {result.price_year}"),
        ("For", "", "the planning team; no pay of single people, owners by id"),
    ]
    if result.interrupted:
        lines.append(("Run", "", "interrupted: scenarios may be missing"))
    lines += [("Verdict", f"{v.first} / {v.second}", v.reason) for v in result.verdicts]
    for row in result.rows:
        lines += _scenario_notes(row)
    for a in result.assumptions:
        text = f"{a.path} = {a.value:g} {a.unit}: {a.winner} wins from {a.low:g} to {a.high:g}"
        lines.append(("Assumption", "", text + f" (tried {a.tried_low:g} to {a.tried_high:g})"))
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
    ]
    for record in _records(row.quarantined):
        text = ", ".join(f"{key} {value}" for key, value in record.items())
        lines.append(("Rows set aside", row.name, text))
    explained = row.territory.explanation if row.territory is not None else ()
    notes = dict.fromkeys((*row.notes, *row.problem.notes, *explained))
    return lines + [("Note", row.name, text) for text in notes]
