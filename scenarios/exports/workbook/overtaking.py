"""How far each weight of the ranking may move before another scenario comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from .book import Book

TITLE = "Weight at which each would come first, the other weights kept"
FROM, TO = "The first one stays first from", "… up to"
#: What stands where no weight is large enough.
NO_END = "any"
#: Scaled figures this close are the same.
_SAME = 1e-12


@dataclass(frozen=True)
class Place:
    """Where the parts of the ranking stand.

    Parameters
    ----------
    weights
        Row of the weights.
    scaled
        First row of the scaled figures; scores and ranks stand in the two columns after
        the criteria.
    top
        Row of this block's title.
    """

    weights: int
    scaled: int
    top: int
    scenarios: int
    criteria: int

    def span(self, column: int, first: int | None = None) -> str:
        """Absolute cells of a column, a row for each scenario."""
        start = self.scaled if first is None else first
        ends = (start, start + self.scenarios - 1)
        return ":".join(xl_rowcol_to_cell(row, column, True, True) for row in ends)


def write_overtaking(
    book: Book,
    sheet: Any,
    place: Place,
    names: Sequence[str],
    weights: Sequence[float],
    scaled: Sequence[Sequence[float | None]],
    scores: Sequence[float | None],
) -> None:
    """Write the weights at which another scenario overtakes, by formula.

    The lead of the first over another is linear in one weight, so that it ends at
    ``weight − lead · Σ weights / (scaled figure of the first − of the other)``.

    Parameters
    ----------
    scaled
        By criterion, then scenario.
    """
    first = place.top + 1
    low, high = first + place.scenarios, first + place.scenarios + 1
    sheet.write_string(place.top, 0, TITLE, book.formats["header"])
    for row, name in enumerate(names):
        sheet.write_string(first + row, 0, name, book.formats["text"])
    sheet.write_string(low, 0, FROM, book.formats["strong"])
    sheet.write_string(high, 0, TO, book.formats["strong"])
    style = book.formats["number"]
    leader = _first(scores)
    for at in range(place.criteria):
        column = at + 1
        levels = _levels(leader, weights, at, scaled[at], scores)
        for row in range(place.scenarios):
            formula = _level_formula(place, place.scaled + row, column)
            value = levels.get(row, "")
            sheet.write_formula(first + row, column, formula, style, value)
        below = [level for level in levels.values() if level <= weights[at]]
        above = [level for level in levels.values() if level >= weights[at]]
        least, most = _end_formulas(place, column, first)
        for row, formula, value in (
            (low, least, max(below, default=0.0)),
            (high, most, min(above, default=NO_END)),
        ):
            sheet.write_array_formula(row, column, row, column, formula, style, value)


def _end_formulas(place: Place, column: int, first: int) -> tuple[str, str]:
    """The largest weight below and the smallest above at which another is first."""
    weight = xl_rowcol_to_cell(place.weights, column, True, True)
    span = place.span(column, first)
    known = f"ISNUMBER({span})"
    least = f"MAX(0,IF({known},IF({span}<={weight},{span},0),0))"
    count = f"SUM(IF({known},IF({span}>={weight},1,0),0))"
    most = f"MIN(IF({known},IF({span}>={weight},{span},9E+99),9E+99))"
    return f"{{={least}}}", f'{{=IF({count}=0,"{NO_END}",{most})}}'


def _level_formula(place: Place, row: int, column: int) -> str:
    """The weight at which the scenario of a row comes first; empty for none."""
    ranks, scores = place.span(place.criteria + 2), place.span(place.criteria + 1)
    leading = f"MATCH(1,{ranks},0)"
    own, rank = (xl_rowcol_to_cell(row, place.criteria + offset, False, True) for offset in (1, 2))
    weights = ":".join(
        xl_rowcol_to_cell(place.weights, at, True, True) for at in (1, place.criteria)
    )
    slope = f"(INDEX({place.span(column)},{leading})-{xl_rowcol_to_cell(row, column)})"
    weight = xl_rowcol_to_cell(place.weights, column, True, True)
    level = f"{weight}-(INDEX({scores},{leading})-{own})*SUM({weights})/{slope}"
    return f'=IF({own}="","",IF({rank}=1,"",IF(ABS{slope}<{_SAME},"",IF({level}<0,"",{level}))))'


def _first(scores: Sequence[float | None]) -> int | None:
    known = [(score, -row) for row, score in enumerate(scores) if score is not None]
    return -max(known)[1] if known else None


def _levels(
    leader: int | None,
    weights: Sequence[float],
    at: int,
    scaled: Sequence[float | None],
    scores: Sequence[float | None],
) -> Mapping[int, float]:
    """What the formulas come to, by row."""
    found: dict[int, float] = {}
    ahead, best = (None, None) if leader is None else (scaled[leader], scores[leader])
    if ahead is None or best is None:
        return found
    for row, (own, score) in enumerate(zip(scaled, scores, strict=True)):
        if own is None or score is None or score >= best or abs(ahead - own) < _SAME:
            continue
        level = weights[at] - (best - score) * sum(weights) / (ahead - own)
        if level >= 0:
            found[row] = level
    return found
