"""``workbook.xlsx``: the run's tables for people who count on in a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from ..comparison import UNITS
from ..moves import list_moves
from ..results import INCUMBENT
from .geopackage import unit_figures
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


@dataclass(frozen=True)
class Criterion:
    """What the ranking weighs: a column of the comparison, and which way is better."""

    key: str
    title: str
    more_is_better: bool
    weight: float


CRITERIA = (
    Criterion("contribution", "Contribution", True, 3.0),
    Criterion("travel_hours", "Travel hours", False, 1.0),
    Criterion("utilisation_worst", "Load of the fullest rep", False, 1.0),
    Criterion("potential_deviation_worst", "Worst distance from a fair share", False, 1.0),
    Criterion("sales_moved_share", "Sales that change hands", False, 1.0),
)


def write_workbook(result: RunResult, path: str | Path) -> None:
    """Write the workbook of a run; the same result gives the same bytes.

    Header in row 1 of every table, so that other programs read it back; people's
    cost only in sums; owners by id.
    """
    book = Book(str(path), f"{result.name}: comparison of territories")
    comparison = _comparison(book, result)
    _ranking(book, result, comparison)
    _territories(book, result)
    _assignments(book, result)
    _quotas(book, result)
    _money(book, result)
    _moves(book, result)
    _notes(book, result)
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


def _ranking(book: Book, result: RunResult, position: dict[str, int]) -> None:
    """Scores by the planner's own weights, in formulas over the comparison.

    Each figure is scaled so that the best scenario has 1 and the worst 0; the score is
    the weighted mean.
    """
    known = [c for c in CRITERIA if c.key in position and result.comparison[c.key].notna().any()]
    if not known:
        return
    sheet = book.sheet("Ranking")
    names = [str(name) for name in result.comparison["scenario"]]
    layout = _Layout(len(names), len(known))
    sheet.write_string(0, 0, "Ranking under your own weights", book.formats["heading"])
    sheet.write_string(1, 0, RANKING_NOTE, book.formats["text"])
    titles = ["Scenario", *(c.title for c in known), "Score", "Rank"]
    for at, title in enumerate(titles):
        sheet.write_string(layout.header, at, title, book.formats["header"])
    sheet.write_string(layout.weights, 0, "Weight", book.formats["strong"])
    sheet.write_string(layout.figures - 1, 0, "Figures from the comparison", book.formats["header"])
    for at, criterion in enumerate(known, start=1):
        sheet.write_number(layout.weights, at, criterion.weight, book.formats["input"])
        sheet.write_string(layout.figures - 1, at, criterion.title, book.formats["header"])
        _criterion_column(book, sheet, layout, at, criterion, position, result)
    _score_columns(book, sheet, layout, known, result)
    for row, name in enumerate(names):
        for top in (layout.first, layout.figures):
            sheet.write_string(top + row, 0, name, book.formats["text"])
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, len(titles) - 1, 17)
    sheet.set_row(layout.header, 30)
    sheet.set_row(layout.figures - 1, 30)
    sheet.freeze_panes(layout.first, 1)


RANKING_NOTE = (
    "Change the yellow weights. In each column the best scenario has 1 and the worst 0; "
    "a rank says nothing about proof."
)


@dataclass(frozen=True)
class _Layout:
    """Rows of the ranking: header, weights, scaled figures, and below them the figures."""

    scenarios: int
    criteria: int
    header: int = 3
    weights: int = 4
    first: int = 5

    @property
    def figures(self) -> int:
        """First row of the figures themselves."""
        return self.first + self.scenarios + 3


def _criterion_column(
    book: Book,
    sheet: Any,
    layout: _Layout,
    at: int,
    criterion: Criterion,
    position: dict[str, int],
    result: RunResult,
) -> None:
    """One criterion: its figures, and the same scaled to 0 … 1."""
    values = _sizes(result.comparison[criterion.key])
    scaled = _scaled(values, criterion.more_is_better)
    letter, source = xl_col_to_name(at), xl_col_to_name(position[criterion.key])
    span = f"{letter}${layout.figures + 1}:{letter}${layout.figures + layout.scenarios}"
    low, high = f"MIN({span})", f"MAX({span})"
    for row, (value, share) in enumerate(zip(values, scaled, strict=True)):
        taken = f"Comparison!{source}{row + 2}"
        # Deviations carry a sign, and how far off is what counts.
        size = f"ABS({taken})" if criterion.key.endswith("deviation_worst") else taken
        style = book.formats["number"]
        sheet.write_formula(
            layout.figures + row, at, f'=IF({taken}="","",{size})', style, _shown(value)
        )
        cell = xl_rowcol_to_cell(layout.figures + row, at)
        part = f"({cell}-{low})/({high}-{low})"
        better = part if criterion.more_is_better else f"1-{part}"
        formula = f'=IF({cell}="","",IF({high}={low},1,{better}))'
        sheet.write_formula(layout.first + row, at, formula, style, _shown(share))


def _score_columns(
    book: Book, sheet: Any, layout: _Layout, known: Sequence[Criterion], result: RunResult
) -> None:
    """The weighted mean of each scenario's scaled figures, and its place."""
    scaled = {c.key: _scaled(_sizes(result.comparison[c.key]), c.more_is_better) for c in known}
    scores = _scores(known, scaled, layout.scenarios)
    count, score = layout.criteria, layout.criteria + 1
    weights = ":".join(xl_rowcol_to_cell(layout.weights, at, True, True) for at in (1, count))
    letter = xl_col_to_name(score)
    everybody = f"${letter}${layout.first + 1}:${letter}${layout.first + layout.scenarios}"
    for row, value in enumerate(scores):
        at_row = layout.first + row
        span = ":".join(xl_rowcol_to_cell(at_row, at) for at in (1, count))
        mean = f"SUMPRODUCT({span},{weights})/SUM({weights})"
        sheet.write_formula(
            at_row,
            score,
            f'=IF(COUNT({span})<{count},"",{mean})',
            book.formats["number"],
            _shown(value),
        )
        cell = xl_rowcol_to_cell(at_row, score)
        sheet.write_formula(
            at_row,
            score + 1,
            f'=IF({cell}="","",RANK({cell},{everybody}))',
            book.formats["count"],
            _shown(_place(value, scores)),
        )


def _place(value: float | None, scores: Sequence[float | None]) -> float | None:
    """Place among the scores, as RANK counts it."""
    if value is None:
        return None
    return 1.0 + sum(other > value for other in scores if other is not None)


def _sizes(column: pd.Series[Any]) -> list[float | None]:
    """Values of a column of the comparison, deviations without their sign."""
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    if str(column.name).endswith("deviation_worst"):
        numbers = numbers.abs()
    return [None if pd.isna(value) else float(value) for value in numbers]


def _scaled(values: Sequence[float | None], more_is_better: bool) -> list[float | None]:
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    shares = [
        None if value is None else (value - low) / (high - low) if high > low else 1.0
        for value in values
    ]
    if more_is_better or high == low:
        return shares
    return [None if share is None else 1.0 - share for share in shares]


def _scores(
    known: Sequence[Criterion], scaled: dict[str, list[float | None]], count: int
) -> list[float | None]:
    total = sum(criterion.weight for criterion in known)
    scores: list[float | None] = []
    for row in range(count):
        cells = [scaled[criterion.key][row] for criterion in known]
        found = [cell for cell in cells if cell is not None]
        if not known or len(found) < len(known):
            scores.append(None)
            continue
        weighed = sum(c.weight * cell for c, cell in zip(known, found, strict=True))
        scores.append(weighed / total)
    return scores


def _shown(value: float | None) -> float | str:
    return "" if value is None else value


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
    ]
    records: list[dict[str, Any]] = []
    for row in result.rows:
        if row.evaluation is not None:
            frame = row.evaluation.assignments.merge(
                unit_figures(row.problem), on="unit", how="left"
            )
            for key in ("potential", "sales"):
                frame[key] = frame[key] * frame["share"]
            records += [{"scenario": row.name, **record} for record in _records(frame)]
    book.table("Assignments", columns, records, frozen_columns=3)


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
