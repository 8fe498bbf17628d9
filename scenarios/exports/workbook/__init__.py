"""``workbook.xlsx``: the run's tables for people who count on in a spreadsheet.

A module for each sheet. Header in row 1 of every table, so that other programs read
it back; what may be changed stands in yellow cells, and what follows from them is a
formula with its value beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...audience import PLANNERS, Audience
from ..marks import write_marks
from .assignments import write_assignments
from .attainment import write_attainment, write_letters
from .balance import write_balance
from .book import Book
from .campaigns import write_campaigns
from .charts import write_charts
from .comparison import write_comparison
from .money import write_money
from .moves import write_moves
from .notes import write_notes
from .quotas import write_quotas
from .ranking import write_ranking
from .territories import write_territories

if TYPE_CHECKING:
    from ...results import RunResult

__all__ = ["write_workbook"]


def write_workbook(result: RunResult, path: str | Path, *, audience: Audience = PLANNERS) -> None:
    """Write the workbook of a run; the same result gives the same bytes.

    People's cost only in sums; owners by id. A shared one has neither money nor the
    marks by which edits find their way back.
    """
    book = Book(str(path), f"{result.name}: comparison of territories")
    position = write_comparison(book, result)
    write_ranking(book, result, position)
    territories = write_territories(book, result)
    write_balance(book, result, territories)
    write_assignments(book, result, audience)
    write_quotas(book, result)
    write_attainment(book, result)
    write_letters(book, result)
    if not audience.is_shared:
        write_money(book, result)
        write_campaigns(book, result)
    write_moves(book, result, audience)
    write_charts(book, result, position)
    write_notes(book, result, audience)
    if not audience.is_shared:
        write_marks(book, result)
    book.close()
