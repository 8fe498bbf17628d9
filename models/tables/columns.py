"""What each table's columns mean: the one place that schemas and documents come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """How a column's values are written."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole number"
    DATE = "date"
    FLAG = "true or false"
    GEOMETRY = "geometry"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    required
        The table is of no use without it, nor a row without a value in it.
    filled
        The column may be absent, but where it is there every row needs a value.
    minimum, maximum
        Bounds of a number, both included; ``above`` excludes its bound.
    choices
        The only values, if any.
    unique
        No two rows have the same value.
    money
        A sum of money, in the row's currency.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    filled: bool = False
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
    unique: bool = False
    money: bool = False

    @property
    def numeric(self) -> bool:
        """Whether values are numbers."""
        return self.kind in (Kind.NUMBER, Kind.WHOLE)


def _amount(
    name: str, meaning: str, *, required: bool = False, filled: bool = True, money: bool = False
) -> Column:
    return Column(
        name, Kind.NUMBER, meaning, required=required, filled=filled, minimum=0.0, money=money
    )


_LATITUDE = Column("latitude", Kind.NUMBER, "degrees north, WGS 84", minimum=-90, maximum=90)
_LONGITUDE = Column("longitude", Kind.NUMBER, "degrees east, WGS 84", minimum=-180, maximum=180)
_GEOMETRY = Column("geometry", Kind.GEOMETRY, "area or point of the unit")


def _id(name: str, meaning: str, *, unique: bool = False, required: bool = True) -> Column:
    return Column(name, Kind.ID, meaning, required=required, unique=unique)


def _text(name: str, meaning: str, choices: tuple[str, ...] = ()) -> Column:
    return Column(name, Kind.TEXT, meaning, choices=choices)


def _date(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, Kind.DATE, meaning, required=required)


UNITS = (
    _id("unit", "id of the unit", unique=True),
    _text("name", "what people call it"),
    _LATITUDE,
    _LONGITUDE,
    _GEOMETRY,
    _amount("potential", "money that the unit could buy a year", required=True, money=True),
    _amount("sales", "money that it does buy a year", required=True, money=True),
    _amount("accounts", "customers in the unit; 1 where not given"),
    Column("class", Kind.TEXT, "service class, a row of the standards"),
    _id("parent", "group that the account belongs to", required=False),
    _text("skills", "skills that its owner must have, parted by spaces or semicolons"),
    _text("currency", "currency of the row's money; the plan's where not given"),
    _text("region", "word for travel by region"),
    Column(
        "workload_hours",
        Kind.NUMBER,
        "hours a year without travel, instead of the standard's",
        minimum=0.0,
    ),
    Column("visits", Kind.NUMBER, "visits a year, instead of the standard's", minimum=0.0),
    _id("crm_id", "id of the account in the CRM, for exports", required=False),
    _id(
        "crm_value",
        "value that a rule of the CRM finds the unit's accounts by, a postcode say",
        required=False,
    ),
    Column(
        "parts",
        Kind.WHOLE,
        "equal parts that the unit may be split into",
        filled=True,
        minimum=1,
        maximum=1000,
    ),
)
REPS = (
    _id("rep", "id of the position, pseudonymous", unique=True),
    _text("name", "name; better kept in a file of its own"),
    Column(
        "kind",
        Kind.TEXT,
        "rep, vacancy, house (nobody visits) or partner",
        filled=True,
        choices=("rep", "vacancy", "house", "partner"),
    ),
    _text("team", "team of the position"),
    _LATITUDE,
    _LONGITUDE,
    _id("base", "unit that the rep is based in, instead of coordinates", required=False),
    Column(
        "full_time",
        Kind.NUMBER,
        "share of a full-time position",
        filled=True,
        above=0.0,
        maximum=1.0,
    ),
    _date("valid_from", "first day of the position"),
    _date("valid_to", "last day of the position"),
    _date("leave_from", "first day of a leave"),
    _date("leave_to", "last day of the leave"),
    Column(
        "training_days",
        Kind.NUMBER,
        "days of training a year, instead of the calendar's",
        minimum=0.0,
        maximum=366.0,
    ),
    _amount("cost", "cost a year", money=True),
    _text("currency", "currency of the cost; the plan's where not given"),
    _text("skills", "skills of the rep, parted by spaces or semicolons"),
    _date("hired", "first day with the company, for the ramp"),
    _text("country", "whose holidays count, instead of the calendar's"),
    _text("takes", "expression: units that this owner holds"),
    Column("open", Kind.FLAG, "whether the optimizer may hand over any unit", filled=True),
    _id("reports_to", "person of the management", required=False),
    _id("crm_id", "id of the user in the CRM, for exports", required=False),
)
GEOMETRY = (
    _id("unit", "id of the unit", unique=True),
    Column("geometry", Kind.GEOMETRY, "area or point of the unit", required=True),
)
NAMES = (
    _id("rep", "id of the position, or of a person of the management", unique=True),
    Column("name", Kind.TEXT, "name", required=True),
    _text("language", "language of the person's letter: en or nb"),
)
LEAVES = (
    _id("rep", "id of the position"),
    _date("from", "first day of the leave", required=True),
    _date("to", "last day of the leave", required=True),
)
STANDARDS = (
    _text("standard", "name of the set; empty where there is only one"),
    Column("class", Kind.TEXT, "service class of units", required=True),
    Column(
        "channel",
        Kind.TEXT,
        "how the call is made",
        required=True,
        choices=("field", "phone", "video", "mail", "web"),
    ),
    _amount("calls_per_year", "calls a year to each account", required=True),
    _amount("hours_per_call", "hours of a call, preparation included", required=True),
)
INCUMBENT = (
    _id("unit", "id of the unit"),
    _id("rep", "who has it today; empty for nobody", required=False),
    _text("team", "team that the alignment is of"),
    _text("role", "role that the alignment is of; primary where not given"),
    Column("share", Kind.NUMBER, "share of the unit", above=0.0, maximum=1.0),
    _date("since", "first day of the relationship"),
    _date("last_visit", "day of the last visit"),
)
NEIGHBOURS = (
    _id("a", "id of one unit"),
    _id("b", "id of the other"),
    _text("kind", "border, link (over water) …, or barrier: no neighbours after all"),
)
TRAVEL = (
    _id("rep", "id of the position", required=False),
    _id("base", "unit that reps are based in", required=False),
    _id("unit", "id of the unit"),
    _amount("minutes", "minutes one way", required=True),
    _amount("kilometres", "road kilometres one way", filled=False),
)
PEOPLE = (
    _id("person", "id of the person", unique=True),
    _text("role", "what the person is: director, manager, team lead …"),
    _text("team", "team that the person leads, if one"),
    _id("reports_to", "the person's superior; empty at the top", required=False),
    _id("crm_id", "id of the user in the CRM, for exports", required=False),
    Column("cost", Kind.NUMBER, "cost a year", minimum=0.0, money=True),
    _text("currency", "currency of the cost; the plan's where not given"),
)
PAY = (
    _id("person", "id of a rep or of a person of the management", unique=True),
    _amount("base", "fixed pay for the plan period", money=True, required=True),
    _amount(
        "target_incentive", "incentive at quota for the plan period", money=True, required=True
    ),
    _text("currency", "currency of the row's money; the plan's where not given"),
)
ATTAINMENT = (
    _id("owner", "id of a territory or of who had it"),
    Column("period", Kind.ID, "a past period, as long as a period of the plan", required=True),
    _amount("sales", "money that was sold", required=True),
    _amount("quota", "money that was asked for", required=True),
)
HISTORY = (
    _id("unit", "id of the unit, as it was called then"),
    Column("period", Kind.ID, "2026, 2026-Q3, 2026-07, 2026-W31 or a day", required=True),
    _text("product", "product, if history is by product"),
    Column("sales", Kind.NUMBER, "money that was sold, less returns", required=True, money=True),
    _text("currency", "currency of the row's money; the plan's where not given"),
)
CROSSWALK = (
    _id("old", "code that is no more"),
    _id("new", "code that took it over"),
    Column(
        "share", Kind.NUMBER, "share of the old code; all where not given", maximum=1.0, above=0.0
    ),
    _date("valid_from", "first day of the new code"),
)
ESTIMATES = (
    _id("owner", "id of the owner"),
    _text("product", "product, if the estimate is by product"),
    _text("period", "period of the plan, if the estimate is by period"),
    _amount("estimate", "what the owner expects to sell", required=True),
)
PREVIOUS_QUOTAS = (
    _id("node", "a rep, manager or team, or company"),
    _text("product", "product, if the quota was set by product"),
    _text("period", "period of the last plan"),
    _amount("quota", "money that was asked for", money=True, required=True),
    _text("currency", "currency of the row's money; the plan's where not given"),
)
DEALS = (
    _id("deal", "id of the open deal", unique=True),
    _id("unit", "unit that it is about"),
    _id("owner", "who works on it; the unit's rep of today where not given", required=False),
    _text("name", "what people call it"),
    _text("stage", "how far it is"),
    _amount("amount", "money that it is worth", money=True, filled=False),
    _date("close", "day on which it is expected to close"),
    _text("currency", "currency of the row's money; the plan's where not given"),
)
MEETING_DAYS = (
    _id("rep", "id of the position, or of a person of the management"),
    _date("day", "a day on which the person can meet", required=True),
)
ACTUALS = (
    _id("rep", "id of the position"),
    Column("period", Kind.ID, "2027, 2027-Q1, 2027-03, 2027-W09 or a day", required=True),
    _id("unit", "id of the unit, where it is known", required=False),
    _amount("hours", "hours for customers, travel included", filled=False),
    _amount("travel_hours", "hours on the road", filled=False),
    _amount("travel_km", "kilometres on the road", filled=False),
    _amount("visits", "visits made", filled=False),
    Column("sales", Kind.NUMBER, "money that was sold, less returns", money=True),
    _text("currency", "currency of the row's sales; the plan's where not given"),
)

#: Columns of each kind of table.
COLUMNS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "units": UNITS,
        "geometry": GEOMETRY,
        "reps": REPS,
        "names": NAMES,
        "leaves": LEAVES,
        "standards": STANDARDS,
        "incumbent": INCUMBENT,
        "neighbours": NEIGHBOURS,
        "travel": TRAVEL,
        "people": PEOPLE,
        "history": HISTORY,
        "crosswalk": CROSSWALK,
        "estimates": ESTIMATES,
        "pay": PAY,
        "attainment": ATTAINMENT,
        "previous_quotas": PREVIOUS_QUOTAS,
        "deals": DEALS,
        "meeting_days": MEETING_DAYS,
        "actuals": ACTUALS,
    }
)

#: Tables that may be empty: nobody need be on leave.
MAY_BE_EMPTY = frozenset(
    {
        "names",
        "leaves",
        "incumbent",
        "neighbours",
        "travel",
        "people",
        "crosswalk",
        "pay",
        "previous_quotas",
        "deals",
        "meeting_days",
    }
)
