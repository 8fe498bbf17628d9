"""Reads tables of actuals: who worked, drove and sold how much, in which days."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...models.build.intake import IdIndex
from ...models.errors import ProblemList, counted, did_you_mean
from ...models.quotas.history import Span, read_period
from ...models.tables import Table, TableSource, read_table
from ..results import InputTable

KIND = "actuals"
#: Measures that a table of actuals may have.
MEASURES = ("hours", "travel_hours", "travel_km", "visits", "sales")
_NAMED = 20


@dataclass(frozen=True)
class ActualRow:
    """One row of actuals.

    Parameters
    ----------
    span
        Days that the row tells of, within the plan period. A row of one day tells of the
        days since the first of its month too: a day without a row was without activity.
    share
        Of the row's amounts that falls into the plan period, by days.
    amounts
        By measure; what the table does not say is missing.
    unit
        Where it was, as the table writes it; empty where it does not say.
    """

    rep: str
    span: Span
    share: float
    amounts: Mapping[str, float]
    unit: str = ""


@dataclass(frozen=True, eq=False)
class Actuals:
    """Tables of actuals of one plan period.

    Parameters
    ----------
    until
        Last day that they tell of.
    measures
        Those that some table has.
    """

    rows: tuple[ActualRow, ...]
    until: dt.date
    measures: tuple[str, ...]
    inputs: tuple[InputTable, ...]
    notes: tuple[str, ...]


@dataclass(eq=False)
class _Reading:
    period: Span
    reps: IdIndex
    currency: str
    until: dt.date | None
    found: ProblemList = field(default_factory=lambda: ProblemList("teig actuals"))
    rows: list[ActualRow] = field(default_factory=list)
    outside: int = 0
    across: int = 0
    ends: list[dt.date] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_actuals(
    paths: Sequence[Path],
    period: Span,
    reps: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    currency: str = "",
    until: dt.date | None = None,
) -> Actuals:
    """Read tables of actuals: CSV, Excel or Parquet.

    Parameters
    ----------
    period
        The plan period; rows outside are left out and counted.
    reps
        Ids of the plan's owners.
    columns
        Our column name to the files', where they differ.
    currency
        Of the plan; rows in another one are an error.
    until
        Last day that the tables tell of, where a month or quarter is not over.

    Raises
    ------
    BadInput
        With everything wrong with the tables.
    """
    reading = _Reading(period, IdIndex(list(reps), "rep"), currency, until)
    inputs, measures = [], set[str]()
    for path in paths:
        table = read_table(TableSource(path=path, columns=dict(columns or {})), KIND)
        reading.found.problems.extend(table.problems)
        reading.notes.extend(table.notes)
        if not table.readable:
            continue
        has = [name for name in MEASURES if name in table.frame]
        if not has:
            message = f"the table has none of {', '.join(MEASURES)}"
            reading.found.add(message, source=table.source, place="header")
        measures.update(has)
        _read_rows(table, has, reading)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        inputs.append(InputTable(KIND, path.name, str(table.marked), len(table), digest))
    if until is not None and not period.start <= until <= period.end:
        message = f"must lie in the plan period, {period.start} to {period.end}"
        reading.found.add(message, key="--until", value=until)
    reading.found.raise_any()
    if not reading.rows:
        message = f"no row lies in the plan period, {period.start} to {period.end}"
        reading.found.add(message, value=", ".join(path.name for path in paths))
        reading.found.raise_any()
    return Actuals(
        rows=tuple(reading.rows),
        until=until or max(reading.ends),
        measures=tuple(name for name in MEASURES if name in measures),
        inputs=tuple(inputs),
        notes=_notes(reading),
    )


def _read_rows(table: Table, has: Sequence[str], reading: _Reading) -> None:
    unknown = 0
    frame = table.frame
    for place, record in zip(table.places, frame.to_dict("records"), strict=True):
        rep, written = str(record.get("rep") or ""), str(record.get("period") or "")
        span = _span(written)
        if not rep or not written:
            continue
        if span is None:
            message = "must be a period like 2027, 2027-Q1, 2027-03, 2027-W09 or a day"
            key = table.column_name("period")
            reading.found.add(message, source=table.source, place=place, key=key, value=written)
            continue
        at = reading.reps.find(rep)
        if at < 0:
            unknown += 1
            if unknown <= _NAMED:
                message = f"the plan has no such rep; {did_you_mean(rep, reading.reps.ids)}"
                key = table.column_name("rep")
                reading.found.add(message, source=table.source, place=place, key=key, value=rep)
            continue
        currency = str(record.get("currency") or reading.currency)
        if reading.currency and currency != reading.currency:
            message = f"the plan is in {reading.currency}; give its amounts in that"
            reading.found.add(
                message, source=table.source, place=place, key="currency", value=currency
            )
        _add(reading, reading.reps.ids[at], span, {n: float(record[n]) for n in has}, record)
    if unknown > _NAMED:
        message = f"{counted(unknown - _NAMED, 'more row')} of reps that the plan does not have"
        reading.found.add(message, source=table.source)


def _span(written: str) -> Span | None:
    """Days that a row tells of: a period, or the month of a day as far as that day."""
    known = read_period(written)
    if known is None:
        return None
    day = _day(written)
    return known[1] if day is None else Span(known[1].start, day)


def _day(written: str) -> dt.date | None:
    text = written.strip().removesuffix(" 00:00:00")
    # Python reads a week, 2027-W09, as its Monday.
    if "W" in text.upper():
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _add(
    reading: _Reading,
    rep: str,
    span: Span,
    amounts: Mapping[str, float],
    record: Mapping[Any, Any],
) -> None:
    period, day = reading.period, _day(str(record["period"]))
    inside = span.overlap(period)
    if not inside or (day is not None and not period.start <= day <= period.end):
        reading.outside += 1
        return
    share = 1.0
    if day is None and inside < span.days:
        reading.across += 1
        share = inside / span.days
    clipped = Span(max(span.start, period.start), min(span.end, period.end))
    if reading.until is not None:
        if clipped.start > reading.until or (day is not None and day > reading.until):
            reading.outside += 1
            return
        clipped = Span(clipped.start, min(clipped.end, reading.until))
    reading.ends.append(clipped.end)
    known = {name: amount for name, amount in amounts.items() if not math.isnan(amount)}
    reading.rows.append(ActualRow(rep, clipped, share, known, str(record.get("unit") or "")))


def _notes(reading: _Reading) -> tuple[str, ...]:
    notes = list(reading.notes)
    if reading.outside:
        notes.append(
            f"{counted(reading.outside, 'row')} outside the plan period, or after the last day, "
            "left out"
        )
    if reading.across:
        notes.append(
            f"{counted(reading.across, 'row')} only partly in the plan period, counted by days"
        )
    if reading.reps.repaired:
        one, other = min(reading.reps.repaired.items())
        notes.append(f"rep ids without their leading zeros were repaired, {one} as {other}")
    return tuple(notes)
