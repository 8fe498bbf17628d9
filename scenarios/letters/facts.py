"""What one letter is made of: the recipient's own figures and nothing else.

A letter is rendered from these facts alone, so that what is not here cannot get into
it. Figures of others enter only as sums and quartiles of teams that are large enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """Whom a letter is for."""

    REP = "rep"
    MANAGER = "manager"


@dataclass(frozen=True)
class Step:
    """One step of a sum; the steps add up to it.

    Parameters
    ----------
    amount
        Minor units of money.
    """

    name: str
    amount: int


@dataclass(frozen=True)
class Account:
    """A unit that the recipient answers for.

    Parameters
    ----------
    sales, potential
        Plan currency a year.
    visits
        Promised in the plan period.
    is_new
        Whether somebody else had it, or nobody.
    """

    id: str
    name: str
    sales: float
    potential: float
    visits: float
    is_new: bool


@dataclass(frozen=True)
class Holdings:
    """The recipient's accounts and what they ask for.

    Parameters
    ----------
    accounts
        The largest first; empty for managers.
    count
        Customers.
    sales, potential, visits
        Sums of all of them.
    weeks
        Working weeks in the plan period; None where that cannot be said.
    active, average
        Customers that buy today, and what one of them buys a year.
    gone
        Names of accounts that others take over.
    """

    accounts: tuple[Account, ...]
    count: float
    sales: float
    potential: float
    visits: float
    weeks: float | None
    active: float
    average: float
    gone: tuple[str, ...]


@dataclass(frozen=True)
class PayPoint:
    """What reaching so much of the quota pays, plan currency."""

    attainment: float
    incentive: float
    total: float


@dataclass(frozen=True)
class Award:
    """A prize, recognition or contest that the recipient can win.

    Parameters
    ----------
    kind
        ``prize``, ``team`` or ``contest``.
    """

    kind: str
    name: str
    amount: float
    best: int | None = None
    share: float | None = None
    at_least: float = 0.0
    rate: float = 0.0
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Pay:
    """What the quota pays.

    Parameters
    ----------
    recovered
        Share of the pay for sales that come back that is taken back; 0 where none is.
    curve
        Attainment and total pay at the ends of its straight pieces, a jump as two
        points, for a drawing.
    """

    base: float
    target_incentive: float
    threshold: float
    points: tuple[PayPoint, ...]
    curve: tuple[tuple[float, float], ...]
    awards: tuple[Award, ...]
    by_period: bool
    recovered: float


@dataclass(frozen=True)
class Standing:
    """Where the recipient stands in the team, without anybody else's figure.

    Parameters
    ----------
    measure
        ``growth`` (quota over present sales) or ``penetration`` (quota over potential).
    own
        The recipient's, a share.
    low, high
        Quartiles of the team, rounded to whole per cent.
    people
        Size of the team, the recipient included.
    """

    measure: str
    own: float
    low: float
    high: float
    people: int


@dataclass(frozen=True)
class Change:
    """Last time's quota and the steps from it to this one, minor units."""

    before: int
    steps: tuple[Step, ...]
    growth: float | None


@dataclass(frozen=True)
class Team:
    """A manager's team, as sums of people who are too many to be known from them.

    Parameters
    ----------
    people
        Direct reports; of them and all below, ``sellers`` carry a quota of their own.
    handed_down
        What the direct reports' quotas add up to, minor units.
    """

    people: int
    sellers: int
    handed_down: int


@dataclass(frozen=True)
class Letter:
    """Everything that one recipient is told.

    Parameters
    ----------
    cells
        Product, period, minor units.
    steps
        What the quota is made of; they add up to it.
    holdings, team, standings, change, pay
        Empty or None where there is nothing to say, or nothing may be said.
    """

    recipient: str
    name: str
    role: Role
    language: str
    manager: str
    plan: str
    company: str
    sender: str
    dated: date | None
    start: date
    end: date
    currency: str
    minor_units: int
    quota: int
    products: tuple[str, ...]
    periods: tuple[str, ...]
    cells: tuple[tuple[str, str, int], ...]
    steps: tuple[Step, ...]
    over_assignment: float
    holdings: Holdings | None
    team: Team | None
    standings: tuple[Standing, ...]
    change: Change | None
    pay: Pay | None

    @property
    def greeting(self) -> str:
        """The name, or the id where no name is known."""
        return self.name or self.recipient
