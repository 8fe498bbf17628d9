"""Owners from the roster: dates, hours, ramp, base, cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..calendar import Period, Ramp, WorkCalendar
from ..errors import counted, shortlist
from ..problem import OwnerKind, Owners
from .intake import IdIndex, Intake, Rows
from .units import Market, words


@dataclass(frozen=True, eq=False)
class Position:
    """One row of the roster, computed for the plan period.

    Parameters
    ----------
    row
        Its row.
    here
        False for a position that does not exist in the plan period.
    """

    row: int
    id: str
    name: str
    kind: OwnerKind
    base: str
    latitude: float
    longitude: float
    region: str
    hours: float
    full_time_hours: float
    productivity: float
    cost: float
    opens: bool
    skills: frozenset[str]
    takes: str
    here: bool


@dataclass(frozen=True, eq=False)
class Roster:
    """All positions, in the order of their rows."""

    rows: Rows
    positions: tuple[Position, ...]
    index: IdIndex

    def owners(self, order: Sequence[int], teams: Sequence[int]) -> Owners:
        """Owners in the order of teams.

        Parameters
        ----------
        order
            Positions.
        teams
            Index of the team of each, ascending.
        """
        chosen = [self.positions[position] for position in order]
        return Owners(
            ids=tuple(p.id for p in chosen),
            names=tuple(p.name for p in chosen),
            kinds=tuple(p.kind for p in chosen),
            team=np.array(teams, dtype=np.int64),
            latitude=np.array([p.latitude for p in chosen]),
            longitude=np.array([p.longitude for p in chosen]),
            hours=np.array([p.hours for p in chosen]),
            full_time_hours=np.array([p.full_time_hours for p in chosen]),
            productivity=np.array([p.productivity for p in chosen]),
            cost=np.array([p.cost for p in chosen]),
            opens=np.array([p.opens for p in chosen], dtype=np.bool_),
            skills=tuple(p.skills for p in chosen),
        )


@dataclass(frozen=True, eq=False)
class _Time:
    """The calendar, with each country's working days looked up once."""

    calendar: WorkCalendar
    ramp: Ramp
    working: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]


def build_roster(
    rows: Rows,
    names: Rows,
    leaves: Rows,
    market: Market,
    calendar: WorkCalendar,
    ramp: Ramp,
    intake: Intake,
) -> Roster:
    """Positions from the roster (cost already in the plan currency), names and leaves."""
    index = IdIndex(tuple(rows.texts("rep")), "rep")
    named = _by_rep(names, index, intake)
    away: dict[int, list[Period]] = {}
    for row, position in enumerate(_known(leaves, index, intake)):
        if position >= 0:
            period = (leaves.column("from")[row], leaves.column("to")[row])
            if None not in period:
                away.setdefault(position, []).append(period)
    for row, (begin, end) in enumerate(
        zip(rows.column("leave_from"), rows.column("leave_to"), strict=True)
    ):
        if begin is not None and end is not None:
            away.setdefault(row, []).append((begin, end))
    time = _Time(calendar, ramp, _working_days(rows, calendar, intake))
    bases = _bases(rows, market, intake)
    positions = tuple(
        _position(record, row, named.get(row, ""), away.get(row, []), bases[row], market, time)
        for row, record in enumerate(rows.frame.to_dict("records"))
    )
    gone = [p.id for p in positions if not p.here]
    if gone:
        intake.notes.append(
            f"not there in the plan period, so taking no part: {counted(len(gone), 'position')}, "
            f"{shortlist(gone)}"
        )
    return Roster(rows, positions, index)


def _known(rows: Rows, index: IdIndex, intake: Intake) -> list[int]:
    """Position of each row's rep; unknown reps are problems."""
    at = index.positions(rows.column("rep")).tolist()
    if len(rows):
        index.note_repairs(rows.sources[0], intake)
    unknown = [row for row, position in enumerate(at) if position < 0 and rows.column("rep")[row]]
    intake.rows(rows, unknown, "rep", "is not in the roster", rows.column("rep"))
    return [int(position) for position in at]


def _by_rep(names: Rows, index: IdIndex, intake: Intake) -> dict[int, str]:
    at = index.positions(names.column("rep")).tolist()
    strangers = sum(position < 0 for position in at)
    if strangers:
        intake.notes.append(
            f"{names.sources[0]}: {strangers} names are of nobody in the roster; the management, perhaps"
        )
    return dict(zip(at, names.texts("name"), strict=True))


def _working_days(
    rows: Rows, calendar: WorkCalendar, intake: Intake
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    working = {"": calendar.working_days()}
    countries = rows.texts("country")
    for country in sorted(set(countries) - {""}):
        try:
            working[country] = calendar.working_days(country)
        except ValueError as error:
            bad = [row for row, name in enumerate(countries) if name == country]
            intake.rows(rows, bad, "country", str(error), countries)
            working[country] = working[""]
    return working


def _bases(rows: Rows, market: Market, intake: Intake) -> list[int]:
    """Unit that each position is based in, or -1."""
    given = [text or None for text in rows.texts("base")]
    at = market.index.positions(given).tolist()
    if len(rows):
        market.index.note_repairs(rows.sources[0], intake)
    unknown = [row for row, position in enumerate(at) if position < 0 and given[row]]
    intake.rows(rows, unknown, "base", "is no unit", given)
    return [int(position) for position in at]


def _position(
    record: Mapping[Any, Any],
    row: int,
    name: str,
    leaves: list[Period],
    base: int,
    market: Market,
    time: _Time,
) -> Position:
    def cell(column: str) -> str:
        value = record.get(column)
        return value if isinstance(value, str) else ""

    def number(column: str, absent: float) -> float:
        value = record.get(column)
        return absent if value is None or np.isnan(value) else float(value)

    def day(column: str) -> dt.date | None:
        value = record.get(column)
        return value if isinstance(value, dt.date) else None

    calendar = time.calendar
    text = cell("kind") or "rep"
    kind = OwnerKind(text) if text in tuple(OwnerKind) else OwnerKind.REP
    working = time.working[cell("country")]
    exists = calendar.present(day("valid_from"), day("valid_to"))
    present = calendar.present(day("valid_from"), day("valid_to"), leaves)
    training = number("training_days", calendar.training_days)
    full_time = number("full_time", 1.0)
    hours = calendar.hours(present, full_time=full_time, training_days=training, working=working)
    full = calendar.hours(training_days=training, working=working)
    latitude = number("latitude", np.nan)
    longitude = number("longitude", np.nan)
    if base >= 0 and np.isnan(latitude):
        latitude, longitude = float(market.latitude[base]), float(market.longitude[base])
    hired = day("hired")
    if hired is None and kind is OwnerKind.VACANCY:
        # Whoever fills a vacancy is new on its first day.
        hired = max(day("valid_from") or calendar.start, calendar.start)
    opens = record.get("open")
    travels = kind.holds_territory
    return Position(
        row=row,
        id=cell("rep"),
        name=name or cell("name") or cell("rep"),
        kind=kind,
        base=market.ids[base] if base >= 0 else "",
        latitude=latitude if travels else np.nan,
        longitude=longitude if travels else np.nan,
        region=cell("region"),
        hours=hours if travels else 0.0,
        full_time_hours=full if travels else 0.0,
        productivity=time.ramp.productivity(hired, present, calendar.start),
        cost=number("cost", 0.0),
        opens=opens if isinstance(opens, bool) else travels,
        skills=words(cell("skills")),
        takes=cell("takes"),
        here=bool(exists.any()),
    )
