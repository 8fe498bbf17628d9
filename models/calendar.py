"""Working time: plan period, holidays, leave, training, part time, and the ramp of new people.

The hours of a rep for customers, travel included, are

    (d − q · f · (leave_days + training_days)) × hours_per_day × full_time × (1 − administration)

with ``d`` the working days between the rep's dates that are no holiday and not in a
leave period, ``q`` those days as a share of all working days of the plan period, and
``f`` the share of a year that the plan period is: own leave and training are given
for a year and shrink with the time that somebody is there.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import holidays as public_holidays
import numpy as np
from numpy.typing import NDArray

from .arrays import BoolArray, FloatArray

Date = dt.date
Period = tuple[Date, Date]


def months_after(day: Date, months: int) -> Date:
    """Return the same day some months later; the month's last where it is shorter.

    >>> months_after(Date(2027, 1, 31), 1)
    datetime.date(2027, 2, 28)
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return Date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class WorkCalendar:
    """The plan period and what working time it holds.

    Parameters
    ----------
    start, end
        First and last day of the plan period.
    country, subdivision
        Whose public holidays count: codes of ISO 3166, ``NO``, ``US`` and ``CA``.
        Empty for none.
    holidays
        Given days off, in place of the country's.
    hours_per_day
        Working hours of a full-time day.
    leave_days, training_days
        Working days a year; a rep's own training days stand in for these.
    administration
        Share of the working time that goes to neither customers nor travel.
    weekdays
        Working days of the week, 0 for Monday.

    Raises
    ------
    ValueError
        When a setting makes no sense; its text names the setting.
    """

    start: Date
    end: Date
    country: str = ""
    subdivision: str = ""
    holidays: tuple[Date, ...] | None = None
    hours_per_day: float = 8.0
    leave_days: float = 25.0
    training_days: float = 0.0
    administration: float = 0.2
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("the plan period must not end before its start")
        for name, low, high in (
            ("hours_per_day", 0.0, 24.0),
            ("leave_days", 0.0, 366.0),
            ("training_days", 0.0, 366.0),
            ("administration", 0.0, 1.0),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} must be a number between {low:g} and {high:g}")
        if not self.weekdays or not set(self.weekdays) <= set(range(7)):
            raise ValueError("weekdays must be numbers from 0 (Monday) to 6")
        self.days_off()
        if not self.working_days().any():
            raise ValueError("the plan period holds no working day")

    @classmethod
    def of_year(cls, year: int, country: str = "", **settings: float) -> WorkCalendar:
        """Make the calendar of one year.

        >>> WorkCalendar.of_year(2027, "NO", leave_days=25).hours()
        1472.0
        """
        return cls(Date(year, 1, 1), Date(year, 12, 31), country, **settings)  # type: ignore[arg-type]

    @property
    def share_of_year(self) -> float:
        """Years that the plan period lasts: whole months, then days of 365; 1 for any twelve months.

        >>> WorkCalendar(Date(2027, 7, 1), Date(2028, 6, 30)).share_of_year
        1.0
        """
        after = self.end + dt.timedelta(days=1)
        months = (after.year - self.start.year) * 12 + after.month - self.start.month
        while months_after(self.start, months) > after:
            months -= 1
        rest = (after - months_after(self.start, months)).days
        return months / 12.0 + rest / 365.0

    @property
    def days(self) -> NDArray[np.datetime64]:
        """Every day of the plan period, (days,)."""
        return np.arange(
            np.datetime64(self.start), np.datetime64(self.end) + np.timedelta64(1, "D")
        )

    def days_off(self, country: str | None = None) -> tuple[Date, ...]:
        """Public holidays in the plan period, sorted; another country's on request.

        Raises
        ------
        ValueError
            When nobody knows the country or its subdivision.
        """
        if country is None or country == self.country:
            country, subdivision, given = self.country, self.subdivision, self.holidays
        else:
            subdivision, given = "", None
        if given is not None:
            return tuple(sorted(day for day in given if self.start <= day <= self.end))
        if not country:
            return ()
        years = range(self.start.year, self.end.year + 1)
        try:
            known = public_holidays.country_holidays(
                country, subdiv=subdivision or None, years=years
            )
        except NotImplementedError as error:
            named = f"{country}-{subdivision}" if subdivision else country
            raise ValueError(f"the holidays of {named!r} are not known; give a list") from error
        return tuple(sorted(day for day in known if self.start <= day <= self.end))

    def working_days(self, country: str | None = None) -> BoolArray:
        """Which days of the plan period are worked, (days,)."""
        mask = np.isin(np.arange(7), self.weekdays)
        off = np.array(self.days_off(country), dtype="datetime64[D]")
        return np.asarray(np.is_busday(self.days, weekmask=mask, holidays=off), dtype=np.bool_)

    def present(
        self, first: Date | None = None, last: Date | None = None, leaves: Iterable[Period] = ()
    ) -> BoolArray:
        """Days of the plan period between two dates and outside leave periods, (days,)."""
        days = self.days
        there = np.ones(len(days), dtype=np.bool_)
        if first is not None:
            there &= days >= np.datetime64(first)
        if last is not None:
            there &= days <= np.datetime64(last)
        for begin, end in leaves:
            there &= (days < np.datetime64(begin)) | (days > np.datetime64(end))
        return there

    def hours(
        self,
        present: BoolArray | None = None,
        *,
        full_time: float = 1.0,
        training_days: float | None = None,
        country: str | None = None,
        working: BoolArray | None = None,
    ) -> float:
        """Hours for customers and travel in the plan period; the formula of the module.

        Parameters
        ----------
        present
            Days that the rep is there, from :meth:`present`; all where not given.
        training_days
            The rep's own, a year.
        country
            Whose holidays count, where not the calendar's.
        working
            :meth:`working_days`, where the caller has them already.
        """
        worked = self.working_days(country) if working is None else working
        there = worked if present is None else worked & present
        training = self.training_days if training_days is None else training_days
        share = there.sum() / worked.sum()
        away = share * self.share_of_year * (self.leave_days + training)
        days = max(float(there.sum() - away), 0.0)
        return float(days * self.hours_per_day * full_time * (1.0 - self.administration))


@dataclass(frozen=True)
class Ramp:
    """What share of a settled colleague somebody new sells, month by month since the hire.

    Parameters
    ----------
    months
        Shares of the first, second … month; 1 after the last. Empty for no ramp.
    """

    months: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "months", tuple(float(share) for share in self.months))
        if any(not 0.0 <= share <= 1.0 for share in self.months):
            raise ValueError("the ramp's months must be shares between 0 and 1")

    def productivity(
        self, hired: Date | None, present: Sequence[bool] | BoolArray, start: Date
    ) -> float:
        """Mean share over the days that the rep is there.

        Parameters
        ----------
        hired
            First day with the company; None for somebody settled.
        present
            Days of the plan period that the rep is there, (days,).
        start
            First day of the plan period.
        """
        there = np.asarray(present, dtype=np.bool_)
        if hired is None or not self.months or not there.any():
            return 1.0
        days = np.arange(len(there)) + np.datetime64(start)
        return float(self.shares(hired, days[there]).mean())

    def shares(self, hired: Date, days: NDArray[np.datetime64]) -> FloatArray:
        """Share on each of some days, (days,)."""
        ends = np.array(
            [months_after(hired, month + 1) for month in range(len(self.months))],
            dtype="datetime64[D]",
        )
        month = np.searchsorted(ends, days, side="right")
        return np.asarray(np.append(np.array(self.months), 1.0)[month])
