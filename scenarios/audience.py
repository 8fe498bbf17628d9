"""Whom a report, deck or workbook is for, and so what it may hold."""

from __future__ import annotations

from dataclasses import dataclass

#: Figures of fewer people than this could be told apart, and stay with the planners.
SMALLEST_GROUP = 5


@dataclass(frozen=True)
class Audience:
    """Readers of an output.

    Parameters
    ----------
    name
        As a page says it after *For*.
    statement
        What the output holds and leaves out, for its readers.
    is_shared
        Whether it leaves the planning team: then no pay, no names beyond ids, no money
        of customers, no figure from which hours, pay or home of a person follows.
    """

    name: str
    statement: str
    is_shared: bool = False


PLANNERS = Audience(
    "the planning team",
    "Reps go by their ids; pay of single people is not in it.",
)
SHARED = Audience(
    "everybody concerned",
    "It holds no pay, no names beyond ids and no customers' money; bases are rounded, and "
    f"figures of fewer than {SMALLEST_GROUP} people are left out.",
    is_shared=True,
)
