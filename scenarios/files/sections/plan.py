"""Sections on time, travel and teams."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from ....models.calendar import WorkCalendar
from ....models.touring import Touring
from ....optimizer.travel import GreatCircle
from ....optimizer.travel.great_circle import SPEEDS
from ..kinds import NotNegative, Positive, Section, Share, Text, Whole, as_list
from .data import Neighbours


class Calendar(Section):
    """The plan period and what of it is left for customers."""

    start: date
    """First day of the plan period."""

    end: date
    """Last day of the plan period."""

    country: Text = ""
    """Country (ISO 3166, ``US``) whose public holidays count; none if empty."""

    subdivision: Text = ""
    """State or province (``CA``) with holidays of its own."""

    holidays: tuple[date, ...] | None = None
    """Given days off, in place of the country's."""

    hours_per_day: Annotated[Positive, Field(le=24)] = 8.0
    """Working hours of a full-time day."""

    leave_days: Annotated[NotNegative, Field(le=366)] = 25.0
    """Working days of holiday in a year."""

    training_days: Annotated[NotNegative, Field(le=366)] = 0.0
    """Working days of training in a year; a rep's own stand in for these."""

    administration: Share = 0.2
    """Share of working time that goes to neither customers nor travel."""

    weekdays: tuple[Annotated[Whole, Field(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)
    """Working days of the week, 0 for Monday."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Calendar:
        self.work_calendar()
        return self

    def work_calendar(self) -> WorkCalendar:
        """Return the calendar as the models know it."""
        return WorkCalendar(**dict(self))


class RampSettings(Section):
    """How fast somebody new sells like the others."""

    months: tuple[Share, ...] = ()
    """Share of a colleague's selling in the first, second … month; then all of it."""


SpeedBand = tuple[
    Annotated[float, Field(strict=True, gt=0, allow_inf_nan=True)],
    Annotated[float, Field(strict=True, gt=0)],
]


class Travel(Section):
    """Great circle × circuity, driven faster the longer the way."""

    circuity: Annotated[float, Field(strict=True, ge=1, lt=10)] = 1.3
    """Road kilometres per kilometre as the crow flies."""

    circuity_by_region: dict[Text, Annotated[float, Field(strict=True, ge=1, lt=10)]] = Field(
        default_factory=dict
    )
    """Instead, for units whose ``region`` is named here."""

    speeds: Annotated[tuple[SpeedBand, ...], Field(min_length=1)] = SPEEDS
    """Bands of [up to road km, km/h], both rising, the last up to .inf."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Travel:
        self.great_circle()
        return self

    def great_circle(self) -> GreatCircle:
        """Return the provider that these settings describe."""
        return GreatCircle(**dict(self))


class TouringSettings(Section):
    """How visits become tours."""

    calls_per_tour: Positive = 4.0
    """Visits that one day's tour makes."""

    local_minutes: NotNegative = 15.0
    """Minutes between two calls of a tour."""

    overnight_minutes: Positive | None = None
    """One-way minutes beyond which trips stay out overnight; never if null."""

    days_per_trip: Annotated[Whole, Field(ge=1)] = 2
    """Days of such a trip."""

    def touring(self) -> Touring:
        """Return the approximation of tours as the models know it."""
        overnight = self.overnight_minutes
        return Touring(
            self.calls_per_tour,
            self.local_minutes,
            float("inf") if overnight is None else overnight,
            self.days_per_trip,
        )


def _role_share_kind(value: Any) -> str:
    return "<column>" if isinstance(value, str) else "<share>"


RoleShare = Annotated[
    Annotated[Share, Tag("<share>")] | Annotated[Text, Tag("<column>")],
    Discriminator(_role_share_kind),
]


Channel = Literal["field", "phone", "video", "mail", "web"]


class TeamSettings(Section):
    """One team: what it covers and who is in it."""

    role: Text = "primary"
    """``primary`` sells everything to its units; another word names an overlay."""

    covers: Text = "True"
    """Expression on unit columns: what the team covers, ``segment != 'key'``."""

    reps: Text = ""
    """Expression on reps' columns; those whose ``team`` is the team's name by default."""

    channels: Annotated[
        tuple[Channel, ...],
        BeforeValidator(as_list, json_schema_input_type=tuple[Channel, ...] | Channel),
        Field(min_length=1),
    ] = ("field", "phone")
    """Channels of the service standards that the team uses."""

    standard: Text = ""
    """Set of service standards, where there are several."""

    potential: RoleShare = 1.0
    """Share of the units' potential that is the team's, or a column of its own."""

    sales: RoleShare = 1.0
    """Share of the units' sales that is the team's, or a column of its own."""

    workload: Text = ""
    """Column of hours a year that overrides the standards."""

    visits: Text = ""
    """Column of visits a year that overrides the standards."""

    credit: Literal["primary", "double", "shared", "none"] = "primary"
    """How an overlay is credited; only primary credit adds up to the budget."""

    neighbours: Neighbours | None = None
    """The team's own neighbour graph; that of ``data`` by default."""


class Structure(Section):
    """Who works how."""

    teams: dict[Text, TeamSettings] = Field(default_factory=dict)
    """Teams by name; one team of everybody if empty."""


class Limits(Section):
    """When a solve stops, per scenario."""

    work: Positive = 1.0
    """Amount of searching; 1 is meant for some tens of seconds, and repeatable."""

    seconds: Positive | None = None
    """Wall-clock cap: a result that it cut short says so and cannot be repeated."""

    searches: Annotated[Whole, Field(ge=1, le=64)] = 1
    """Searches of a large problem that share their best, each as long as one alone would be;
    idle workers take them over."""

    gap: NotNegative = 0.0
    """Stop when the plan is proven to be within this share of the best."""
