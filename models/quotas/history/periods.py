"""Periods of a history and of a plan: years, quarters, months and weeks as spans of days."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ...arrays import FloatArray, frozen_floats
from ...calendar import months_after

Date = dt.date
_DAY = dt.timedelta(days=1)


class Frequency(StrEnum):
    """How often a history counts."""

    YEARLY = "yearly"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"
    WEEKLY = "weekly"

    @property
    def per_year(self) -> int:
        """Periods of a year: 1, 4, 12 or 52."""
        return {"yearly": 1, "quarterly": 4, "monthly": 12, "weekly": 52}[self.value]


@dataclass(frozen=True, order=True)
class Span:
    """Days from ``start`` to ``end``, both counted."""

    start: Date
    end: Date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    def overlap(self, other: Span) -> int:
        """Days that both have.

        >>> Span(Date(2027, 1, 1), Date(2027, 1, 31)).overlap(Span(Date(2027, 1, 25), Date(2027, 2, 3)))
        7
        """
        first, last = max(self.start, other.start), min(self.end, other.end)
        return max((last - first).days + 1, 0)

    def next(self, frequency: Frequency) -> Span:
        """The span of the same kind that follows."""
        start = self.end + _DAY
        if frequency is Frequency.WEEKLY:
            return Span(start, start + 6 * _DAY)
        return Span(start, months_after(start, 12 // frequency.per_year) - _DAY)


_PATTERNS = (
    (Frequency.YEARLY, re.compile(r"(?P<year>\d{4})")),
    (Frequency.QUARTERLY, re.compile(r"(?P<year>\d{4})[- ]?Q(?P<part>[1-4])")),
    (Frequency.MONTHLY, re.compile(r"(?P<year>\d{4})[-/.]?(?P<part>0[1-9]|1[0-2])")),
    (Frequency.WEEKLY, re.compile(r"(?P<year>\d{4})[- ]?W(?P<part>\d{1,2})")),
)


def read_period(text: object) -> tuple[Frequency, Span] | None:
    """Read ``2026``, ``2026-Q3``, ``2026-07``, ``2026-W31``, or a day, which counts to its month.

    >>> read_period("2026-Q3")[1].start, read_period("2026-07-14")[1].end, read_period("July")
    (datetime.date(2026, 7, 1), datetime.date(2026, 7, 31), None)
    """
    written = str(text).strip().upper().removesuffix(" 00:00:00")
    for frequency, pattern in _PATTERNS:
        match = pattern.fullmatch(written)
        if match:
            year, part = int(match["year"]), int(match.groupdict().get("part") or 1)
            return _span(frequency, year, part)
    try:
        day = Date.fromisoformat(written)
    except ValueError:
        return None
    return _span(Frequency.MONTHLY, day.year, day.month)


def _span(frequency: Frequency, year: int, part: int) -> tuple[Frequency, Span] | None:
    try:
        if frequency is Frequency.WEEKLY:
            start = Date.fromisocalendar(year, part, 1)
            return frequency, Span(start, start + 6 * _DAY)
        months = 12 // frequency.per_year
        start = Date(year, months * (part - 1) + 1, 1)
        return frequency, Span(start, months_after(start, months) - _DAY)
    except ValueError:
        return None


def spans_between(first: Span, last: Span, frequency: Frequency) -> tuple[Span, ...]:
    """All spans of a kind from one to another."""
    spans = [first]
    while spans[-1].start < last.start:
        spans.append(spans[-1].next(frequency))
    return tuple(spans)


def plan_spans(count: int, start: Date, end: Date) -> tuple[Span, ...]:
    """Part a plan period in equal parts: of whole months where they come out even, else of days.

    >>> [str(span.start) for span in plan_spans(4, Date(2027, 1, 1), Date(2027, 12, 31))]
    ['2027-01-01', '2027-04-01', '2027-07-01', '2027-10-01']
    """
    after = end + _DAY
    months = (after.year - start.year) * 12 + after.month - start.month
    if months % count == 0 and months and months_after(start, months) == after:
        edges = [months_after(start, months // count * part) for part in range(count)]
    else:
        days = (after - start).days
        edges = [start + dt.timedelta(days=days * part // count) for part in range(count)]
    ends = [*edges[1:], after]
    return tuple(Span(a, b - _DAY) for a, b in zip(edges, ends, strict=True))


def shares_of_days(spans: Sequence[Span], parts: Sequence[Span]) -> FloatArray:
    """Which share of each span's days falls into each part, (spans, parts)."""
    shares = np.array([[span.overlap(part) / span.days for part in parts] for span in spans])
    return frozen_floats(shares.reshape(len(spans), len(parts)))
