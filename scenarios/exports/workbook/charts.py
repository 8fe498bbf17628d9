"""Charts of the workbook: the spreadsheet's own, over the cells of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .book import Book
from .comparison import SHEET as COMPARISON
from .comparison import title_of

if TYPE_CHECKING:
    from ...results import RunResult

SHEET = "Charts"
BAR = "#4477AA"
#: More bars than this have no room for their figures.
MOST_LABELS = 8
#: Figures that are drawn, two charts a line: column of the comparison and its title.
DRAWN = (
    ("contribution", "Contribution, {currency} a year"),
    ("travel_hours", "Travel, hours a year"),
    ("utilisation_worst", "Load of the fullest rep, % of hours"),
    ("potential_deviation_worst", "Potential farthest from a fair share, %"),
    ("sales_moved_share", "Sales that change hands, %"),
    ("quota_total", "Quotas, {currency}"),
)

#: Sheet, first row and column, last row and column, counted from 0.
Span = tuple[str, int, int, int, int]


def write_charts(book: Book, result: RunResult, position: dict[str, int]) -> None:
    """Draw the figures that a comparison turns on; left out where none is known."""
    known = [
        (key, title)
        for key, title in DRAWN
        if key in position and result.comparison[key].notna().any()
    ]
    if not known:
        return
    sheet = book.sheet(SHEET)
    last = len(result.comparison)
    names = (COMPARISON, 1, position["scenario"], last, position["scenario"])
    for number, (key, title) in enumerate(known):
        values = (COMPARISON, 1, position[key], last, position[key])
        percent = title_of(key, result.currency).endswith(", share")
        chart = column_chart(
            book,
            title.format(currency=result.currency),
            [names, values],
            percent=percent,
            labelled=last <= MOST_LABELS,
            from_zero=bool((result.comparison[key].dropna() >= 0).all()),
        )
        sheet.insert_chart(1 + 16 * (number // 2), 8 * (number % 2), chart)
    sheet.write_string(0, 0, "Each bar is a scenario's row of Comparison", book.formats["heading"])


def column_chart(
    book: Book,
    title: str,
    spans: Sequence[Span],
    *,
    percent: bool = False,
    labelled: bool = False,
    from_zero: bool = True,
) -> Any:
    """Columns over a table: a span of names, and one of values.

    Columns begin at zero, or their lengths would tell another story than their figures.
    """
    names, values = spans
    number = "0%" if percent else "#,##0"
    chart = book.book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": title,
            "categories": list(names),
            "values": list(values),
            "fill": {"color": BAR},
            "gap": 60,
            "data_labels": {"value": labelled, "num_format": number, "font": {"size": 8}},
        }
    )
    chart.set_title({"name": title, "name_font": {"size": 12, "bold": True}})
    chart.set_legend({"none": True})
    chart.set_y_axis(
        {
            "num_format": number,
            **({"min": 0} if from_zero else {}),
            "major_gridlines": {"visible": True, "line": {"color": "#D9DDE1"}},
            "line": {"none": True},
        }
    )
    # Names stay below the plot where bars go down from zero.
    chart.set_x_axis({"label_position": "low"})
    return chart
