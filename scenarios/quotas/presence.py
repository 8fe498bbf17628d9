"""Who is there in which period of the plan, and how far new people have come by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import BoolArray
from ...models.calendar import Ramp, WorkCalendar
from ...models.problem import OwnerKind, Problem
from ...models.quotas.history import Span
from ...models.tables import Table

Tables = Mapping[str, tuple[Table, ...]]


def presence_of(
    problem: Problem,
    tables: Tables,
    calendar: WorkCalendar,
    ramp: Ramp,
    periods: Mapping[str, Span],
    owners: Sequence[str],
) -> pd.DataFrame:
    """Presence and productivity of owners by period, from their dates, leaves and hiring.

    Returns
    -------
    ``owner, period, presence, productivity``: the share of the period's working days that
    somebody is there (1 where it has none), and the mean of the ramp over those days.
    """
    days, positions = calendar.days, _positions(tables)
    rows = []
    for owner, (working, there) in days_there(problem, tables, calendar, owners).items():
        record = positions.get(owner, {})
        hired = _day(record, "hired")
        if hired is None and problem.owners.kinds[problem.owner_index[owner]] is OwnerKind.VACANCY:
            # Whoever fills a vacancy is new on its first day.
            hired = max(_day(record, "valid_from") or calendar.start, calendar.start)
        for period, span in periods.items():
            inside = (days >= np.datetime64(span.start)) & (days <= np.datetime64(span.end))
            all_days = int((working & inside).sum())
            present = there & inside
            share = float(present.sum()) / all_days if all_days else 1.0
            rows.append((owner, period, share, ramp.productivity(hired, present, calendar.start)))
    return pd.DataFrame(rows, columns=["owner", "period", "presence", "productivity"])


def days_there(
    problem: Problem, tables: Tables, calendar: WorkCalendar, owners: Sequence[str]
) -> dict[str, tuple[BoolArray, BoolArray]]:
    """Working days of each owner with a territory, and those of them that it is there.

    Holidays are those of the owner's own country; dates and leaves are of the tables. The
    year's own leave has no dates and is in neither.

    Returns
    -------
    ``working, there`` by owner, (days,) each.
    """
    positions, away = _positions(tables), _leaves(tables)
    found = {}
    for owner in owners:
        if not problem.owners.holds_territory[problem.owner_index[owner]]:
            continue
        record = positions.get(owner, {})
        working = calendar.working_days(str(record.get("country") or "") or None)
        leaves = [*away.get(owner, []), *_own_leave(record)]
        there = working & calendar.present(
            _day(record, "valid_from"), _day(record, "valid_to"), leaves
        )
        found[owner] = (working, there)
    return found


def _positions(tables: Tables) -> dict[str, dict[str, Any]]:
    records = tables["reps"][0].frame.to_dict("records")
    return {str(r.get("rep")): {str(k): v for k, v in r.items()} for r in records}


def _leaves(tables: Tables) -> dict[str, list[tuple[dt.date, dt.date]]]:
    away: dict[str, list[tuple[dt.date, dt.date]]] = {}
    for table in tables.get("leaves", ()):
        for record in table.frame.to_dict("records"):
            first, last = record.get("from"), record.get("to")
            if isinstance(first, dt.date) and isinstance(last, dt.date):
                away.setdefault(str(record.get("rep")), []).append((first, last))
    return away


def _own_leave(record: Mapping[str, Any]) -> list[tuple[dt.date, dt.date]]:
    first, last = _day(record, "leave_from"), _day(record, "leave_to")
    return [(first, last)] if first is not None and last is not None else []


def _day(record: Mapping[str, Any], column: str) -> dt.date | None:
    value = record.get(column)
    return value if isinstance(value, dt.date) else None
