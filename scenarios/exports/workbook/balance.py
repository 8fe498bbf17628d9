"""The sheet of balance: one scenario's loads beside limits that may be changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_col_to_name

from ....models.rules import Balance, Capacity
from ...comparison import winner_of
from .book import Book, Column, records_of
from .charts import column_chart
from .territories import SHEET as TERRITORIES
from .territories import TerritorySheet

if TYPE_CHECKING:
    from ...results import RunResult, ScenarioResult

SHEET = "Balance"
#: Columns of the table, and of the panel beside it.
REP, LOAD, HOURS, USE, LOAD_OFF, POTENTIAL_OFF, USE_IN, LOAD_IN, POTENTIAL_IN = range(9)
LABEL, VALUE = 10, 11
SCENARIO, USE_LIMIT, LOAD_LIMIT, POTENTIAL_LIMIT = (
    f"${xl_col_to_name(VALUE)}${n}" for n in (2, 3, 4, 5)
)
#: Tolerances where the file states none.
TOLERANCE = 0.15


@dataclass(frozen=True)
class _Figures:
    """One rep in the scenario that is shown; None for what is not known."""

    load: float | None
    hours: float | None
    use: float | None
    load_off: float | None
    potential_off: float | None


def write_balance(book: Book, result: RunResult, territories: TerritorySheet) -> None:
    """Write loads, shares and limits; the scenario is chosen in a cell, all else follows."""
    planned = [row for row in result.rows if row.evaluation is not None]
    reps = _reps(planned)
    if not reps:
        return
    shown = _shown_first(result, planned)
    limits = _limits(shown)
    columns = [
        Column("rep", "Rep", width=16.0),
        Column("load", "Load, hours", "count"),
        Column("hours", "Hours, hours", "count"),
        Column("use", "Load, % of hours", "share"),
        Column("load_off", "Load off fair share, %", "share"),
        Column("potential_off", "Potential off fair share, %", "share"),
        Column("use_in", "Within the hours", width=11.0),
        Column("load_in", "Fair share of load", width=11.0),
        Column("potential_in", "Fair share of potential", width=11.0),
    ]
    sheet = book.table(SHEET, columns, [{"rep": rep} for rep in reps])
    figures = _figures_of(shown)
    for row, rep in enumerate(reps, start=1):
        _rep_row(book, sheet, row, figures.get(rep), limits, territories)
    _panel(book, sheet, [row.name for row in planned], shown.name, limits, len(reps), figures)
    outside = {"type": "cell", "criteria": "==", "value": '"out"'}
    sheet.conditional_format(
        1, USE_IN, len(reps), POTENTIAL_IN, {**outside, "format": book.formats["outside"]}
    )
    spans = [(SHEET, 1, REP, len(reps), REP), (SHEET, 1, USE, len(reps), USE)]
    chart = column_chart(book, "Load, % of hours, of the chosen scenario", spans, percent=True)
    sheet.insert_chart(12, LABEL, chart, {"x_scale": 1.5, "y_scale": 1.25})


def _reps(planned: Sequence[ScenarioResult]) -> list[str]:
    """Owners with hours of any scenario, sorted."""
    found: set[str] = set()
    for row in planned:
        if row.evaluation is not None:
            table = row.evaluation.territories
            found.update(table.loc[table["kind"].isin(["rep", "vacancy"]), "rep"].astype(str))
    return sorted(found)


def _shown_first(result: RunResult, planned: Sequence[ScenarioResult]) -> ScenarioResult:
    """The winner, the first scenario with a plan, or today."""
    solved = [row for row in planned if row in result.scenarios]
    winner = winner_of(solved, result.verdicts)
    return next((row for row in solved if row.name == winner), (solved or list(planned))[0])


def _limits(row: ScenarioResult) -> tuple[float, float, float]:
    """Most load over hours, and tolerances of load and potential, as the rules have them."""
    rules = row.problem.rules
    use = min((rule.limit for rule in rules if isinstance(rule, Capacity)), default=1.0)
    balances = [rule for rule in rules if isinstance(rule, Balance)]
    load, potential = (
        min((rule.tolerance for rule in balances if rule.measure == measure), default=TOLERANCE)
        for measure in ("load", "potential")
    )
    return use, load, potential


def _figures_of(row: ScenarioResult) -> dict[str, _Figures]:
    assert row.evaluation is not None  # noqa: S101 - the caller chose rows with one
    return {
        str(record["rep"]): _Figures(
            record["load_hours"],
            record["hours"],
            record["utilisation"],
            record.get("fair_share_deviation_load"),
            record.get("fair_share_deviation_potential"),
        )
        for record in records_of(row.evaluation.territories)
        if record["kind"] in ("rep", "vacancy")
    }


def _rep_row(
    book: Book,
    sheet: Any,
    row: int,
    rep: _Figures | None,
    limits: tuple[float, float, float],
    territories: TerritorySheet,
) -> None:
    """Figures looked up by scenario and rep, and beside each whether it is within its limit."""

    def span(key: str) -> str:
        letter = xl_col_to_name(territories.position[key])
        return f"{TERRITORIES}!${letter}$2:${letter}${territories.last}"

    chosen = f"{span('scenario')},{SCENARIO},{span('rep')},$A{row + 1}"
    own = rep or _Figures(None, None, None, None, None)
    for column, key, style, value in (
        (LOAD, "load_hours", "count", own.load),
        (HOURS, "hours", "count", own.hours),
        (USE, "utilisation", "share", own.use),
        (LOAD_OFF, "fair_share_deviation_load", "share", own.load_off),
        (POTENTIAL_OFF, "fair_share_deviation_potential", "share", own.potential_off),
    ):
        if key not in territories.position:
            continue
        # A rep whom the scenario does not have, and a figure that is not known, stay empty.
        known = f'COUNTIFS({chosen},{span(key)},"<>")'
        formula = f'=IF({known}=0,"",SUMIFS({span(key)},{chosen}))'
        sheet.write_formula(row, column, formula, book.formats[style], _cached(value))
    use, load, potential = limits
    for column, source, limit, most, value in (
        (USE_IN, USE, USE_LIMIT, use, own.use),
        (LOAD_IN, LOAD_OFF, LOAD_LIMIT, load, own.load_off),
        (POTENTIAL_IN, POTENTIAL_OFF, POTENTIAL_LIMIT, potential, own.potential_off),
    ):
        cell = f"{xl_col_to_name(source)}{row + 1}"
        size = cell if source == USE else f"ABS({cell})"
        formula = f'=IF({cell}="","",IF({size}<={limit}+0.000001,"in","out"))'
        sheet.write_formula(
            row, column, formula, book.formats["text"], _side(value, most, source != USE)
        )


def _cached(value: float | None) -> float | str:
    return "" if value is None or not math.isfinite(value) else value


def _side(value: float | None, most: float, both_ways: bool) -> str:
    if value is None or not math.isfinite(value):
        return ""
    return "in" if (abs(value) if both_ways else value) <= most + 1e-6 else "out"


def _panel(
    book: Book,
    sheet: Any,
    scenarios: Sequence[str],
    shown: str,
    limits: tuple[float, float, float],
    reps: int,
    figures: dict[str, _Figures],
) -> None:
    """The cells that may be changed, and how many reps are outside."""
    sheet.write_string(0, LABEL, "What you may change", book.formats["header"])
    sheet.write_string(0, VALUE, "", book.formats["header"])
    labels = (
        "Scenario",
        "Load, % of hours, at most",
        "Load off fair share, at most ±",
        "Potential off fair share, at most ±",
    )
    for row, label in enumerate(labels, start=1):
        sheet.write_string(row, LABEL, label, book.formats["text"])
    sheet.write_string(1, VALUE, shown, book.formats["input_text"])
    for row, limit in enumerate(limits, start=2):
        sheet.write_number(row, VALUE, limit, book.formats["input_share"])
    listed = ",".join(scenarios)
    if len(listed) <= 255 and not any("," in name for name in scenarios):
        sheet.data_validation(1, VALUE, 1, VALUE, {"validate": "list", "source": list(scenarios)})
    sheet.write_string(6, LABEL, "Reps outside", book.formats["header"])
    sheet.write_string(6, VALUE, "", book.formats["header"])
    known = [figures[rep] for rep in sorted(figures)]
    use, load, potential = limits
    for row, (label, column, outside) in enumerate(
        (
            ("above the hours", USE_IN, [_side(f.use, use, False) for f in known]),
            ("fair share of load", LOAD_IN, [_side(f.load_off, load, True) for f in known]),
            (
                "fair share of potential",
                POTENTIAL_IN,
                [_side(f.potential_off, potential, True) for f in known],
            ),
        ),
        start=7,
    ):
        letter = xl_col_to_name(column)
        sheet.write_string(row, LABEL, label, book.formats["text"])
        formula = f'=COUNTIF({letter}$2:{letter}${reps + 1},"out")'
        sheet.write_formula(row, VALUE, formula, book.formats["count"], outside.count("out"))
    sheet.set_column(LABEL, LABEL, 32)
    sheet.set_column(VALUE, VALUE, 16)
