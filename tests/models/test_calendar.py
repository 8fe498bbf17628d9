"""Working time by counting days one by one, and the ramp of new people."""

from __future__ import annotations

import datetime as dt

import holidays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.models import Ramp, WorkCalendar
from teig.models.calendar import months_after

Date = dt.date
NORWAY = WorkCalendar.of_year(2027, "NO", leave_days=25, training_days=5)


def counted(calendar: WorkCalendar, first: Date, last: Date, leave: tuple[Date, Date]) -> int:
    """Working days between two dates and outside a leave, one by one."""
    off = set(holidays.country_holidays(calendar.country, years=[2027])) if calendar.country else ()
    day, count = calendar.start, 0
    while day <= calendar.end:
        in_leave = leave[0] <= day <= leave[1]
        count += day.weekday() < 5 and day not in off and first <= day <= last and not in_leave
        day += dt.timedelta(days=1)
    return count


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    first=st.dates(Date(2026, 6, 1), Date(2028, 2, 1)),
    days=st.integers(0, 500),
    leave_first=st.dates(Date(2026, 10, 1), Date(2028, 2, 1)),
    leave_days=st.integers(0, 200),
    full_time=st.sampled_from([0.5, 0.6, 1.0]),
)
def test_hours_agree_with_counting(
    first: Date, days: int, leave_first: Date, leave_days: int, full_time: float
) -> None:
    last = first + dt.timedelta(days=days)
    leave = (leave_first, leave_first + dt.timedelta(days=leave_days))
    all_days = counted(NORWAY, NORWAY.start, NORWAY.end, (Date.max, Date.max))
    mine = counted(NORWAY, first, last, leave)
    expected = (mine - mine / all_days * (25 + 5)) * 8 * full_time * (1 - 0.2)
    present = NORWAY.present(first, last, [leave])
    assert NORWAY.hours(present, full_time=full_time) == pytest.approx(expected)


def test_two_leaves_that_overlap_count_once() -> None:
    may, june = (Date(2027, 5, 1), Date(2027, 6, 10)), (Date(2027, 6, 1), Date(2027, 6, 30))
    both = NORWAY.present(None, None, [may, june])
    assert (~both).sum() == (Date(2027, 6, 30) - Date(2027, 5, 1)).days + 1


def test_holidays_are_known_offline_and_a_list_replaces_them() -> None:
    assert Date(2027, 5, 17) in NORWAY.days_off()
    given = WorkCalendar.of_year(2027)
    assert given.days_off() == ()
    assert Date(2027, 5, 17) in given.days_off("NO")
    listed = WorkCalendar(
        Date(2027, 1, 1), Date(2027, 12, 31), "NO", holidays=(Date(2027, 3, 3), Date(2026, 3, 3))
    )
    assert listed.days_off() == (Date(2027, 3, 3),)


@pytest.mark.parametrize(
    ("start", "end", "share"),
    [
        (Date(2027, 1, 1), Date(2027, 12, 31), 1.0),
        (Date(2028, 1, 1), Date(2028, 12, 31), 1.0),
        (Date(2027, 4, 1), Date(2028, 3, 31), 1.0),
        (Date(2027, 1, 1), Date(2027, 3, 31), 0.25),
        (Date(2027, 1, 1), Date(2027, 1, 10), 10 / 365),
        (Date(2027, 1, 15), Date(2027, 3, 14), 2 / 12),
    ],
)
def test_share_of_year(start: Date, end: Date, share: float) -> None:
    assert WorkCalendar(start, end).share_of_year == pytest.approx(share, abs=0)


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"end": Date(2026, 1, 1)}, "must not end before"),
        ({"hours_per_day": 25.0}, "hours_per_day"),
        ({"administration": 1.5}, "administration"),
        ({"leave_days": float("nan")}, "leave_days"),
        ({"training_days": -1.0}, "training_days"),
        ({"weekdays": (7,)}, "weekdays"),
        ({"country": "XX"}, "holidays of 'XX'"),
        ({"country": "US", "subdivision": "ZZ"}, "holidays of 'US-ZZ'"),
        ({"start": Date(2027, 1, 2), "end": Date(2027, 1, 3)}, "no working day"),
    ],
)
def test_a_calendar_that_makes_no_sense(settings_: dict[str, object], message: str) -> None:
    given = {"start": Date(2027, 1, 1), "end": Date(2027, 12, 31), **settings_}
    with pytest.raises(ValueError, match=message):
        WorkCalendar(**given)  # type: ignore[arg-type]


def test_ramp_agrees_with_a_loop_over_days() -> None:
    ramp = Ramp((0.0, 0.25, 0.5, 0.75))
    calendar = WorkCalendar.of_year(2027)
    present = calendar.present(Date(2027, 2, 10), Date(2027, 11, 30))
    hired = Date(2027, 2, 10)
    shares = []
    for day, there in zip(calendar.days.tolist(), present.tolist(), strict=True):
        if there:
            month = next((m for m in range(4) if day < months_after(hired, m + 1)), 4)
            shares.append([0.0, 0.25, 0.5, 0.75, 1.0][month])
    assert len(shares) > 200
    assert ramp.productivity(hired, present, calendar.start) == pytest.approx(np.mean(shares))
    assert ramp.productivity(None, present, calendar.start) == 1.0
    assert ramp.productivity(Date(2020, 1, 1), present, calendar.start) == 1.0
    with pytest.raises(ValueError, match="shares between 0 and 1"):
        Ramp((1.5,))
