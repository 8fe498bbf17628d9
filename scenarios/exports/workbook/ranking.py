"""The ranking sheet: scores under the planner's own weights, in formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from .book import Book
from .overtaking import Place, write_overtaking

if TYPE_CHECKING:
    from ...results import RunResult


@dataclass(frozen=True)
class Criterion:
    """What the ranking weighs: a column of the comparison, and which way is better."""

    key: str
    title: str
    more_is_better: bool
    weight: float
    unit: str = ""
    kind: str = "number"


CRITERIA = (
    Criterion("contribution", "Contribution", True, 3.0, "{currency} a year", "money"),
    Criterion("travel_hours", "Travel", False, 1.0, "hours a year", "count"),
    Criterion("utilisation_worst", "Load of the fullest rep", False, 1.0, "% of hours", "share"),
    Criterion(
        "potential_deviation_worst",
        "Potential farthest from a fair share",
        False,
        1.0,
        "%",
        "share",
    ),
    Criterion("sales_moved_share", "Sales that change hands", False, 1.0, "%", "share"),
)


RANKING_NOTE = (
    "Change the yellow weights. In each column the best scenario has 1 and the worst 0; "
    "a rank says nothing about proof. At the foot: how far a weight may move until another is first."
)


def write_ranking(book: Book, result: RunResult, position: dict[str, int]) -> None:
    """Write scores by the planner's own weights, in formulas over the comparison.

    Each figure is scaled so that the best scenario has 1 and the worst 0; the score is
    the weighted mean.

    Parameters
    ----------
    position
        Column of each figure in the sheet ``Comparison``.
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
        style = book.formats["number_header" if at else "header"]
        sheet.write_string(layout.header, at, title, style)
    sheet.write_string(layout.weights, 0, "Weight", book.formats["strong"])
    sheet.write_string(layout.figures - 1, 0, "Figures from the comparison", book.formats["header"])
    for at, criterion in enumerate(known, start=1):
        sheet.write_number(layout.weights, at, criterion.weight, book.formats["input"])
        unit = criterion.unit.format(currency=result.currency)
        title = f"{criterion.title}, {unit}" if unit else criterion.title
        sheet.write_string(layout.figures - 1, at, title, book.formats["number_header"])
        _criterion_column(book, sheet, layout, at, criterion, position, result)
    _score_columns(book, sheet, layout, known, result)
    for row, name in enumerate(names):
        for top in (layout.first, layout.figures):
            sheet.write_string(top + row, 0, name, book.formats["text"])
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, len(titles) - 1, 17)
    sheet.set_row(layout.overtaking, 30)
    sheet.set_row(layout.header, 30)
    sheet.set_row(layout.figures - 1, 30)
    sheet.freeze_panes(layout.first, 1)


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

    @property
    def overtaking(self) -> int:
        """Title of the weights at which another comes first."""
        return self.figures + self.scenarios + 2


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
        own = book.formats[criterion.kind]
        sheet.write_formula(
            layout.figures + row, at, f'=IF({taken}="","",{size})', own, _shown(value)
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
    place = Place(
        layout.weights, layout.first, layout.overtaking, layout.scenarios, layout.criteria
    )
    names = [str(name) for name in result.comparison["scenario"]]
    weighed = [criterion.weight for criterion in known]
    write_overtaking(book, sheet, place, names, weighed, list(scaled.values()), scores)


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
