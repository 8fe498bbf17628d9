"""What hand-over lists say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Side(StrEnum):
    """Who somebody is whom a unit comes from or goes to."""

    REP = "rep"
    VACANCY = "vacancy"
    HOUSE = "house"
    PARTNER = "partner"
    LEAVING = "leaving"
    LEFT = "left"
    NOBODY = "nobody"

    @property
    def meets(self) -> bool:
        """Whether there is somebody to meet."""
        return self in (Side.REP, Side.PARTNER, Side.LEAVING)

    @property
    def stays(self) -> bool:
        """Whether it is somebody who goes on with a deal after the hand-over."""
        return self not in (Side.LEAVING, Side.LEFT)


@dataclass(frozen=True)
class Deal:
    """An open deal of a unit that changes hands.

    Parameters
    ----------
    owner
        Who works on it.
    amount
        Plan currency; None where unknown.
    keeper
        Who has it from the hand-over on: its owner until it closes, or the unit's taker.
    why
        ``closes soon``, ``stage`` or ``goes along``.
    """

    id: str
    name: str
    unit: str
    owner: str
    stage: str
    amount: float | None
    close: date | None
    keeper: str
    why: str


@dataclass(frozen=True)
class Passed:
    """A unit, or a share of one, that changes hands in a team.

    Parameters
    ----------
    giver, taker
        Ids; empty for nobody. ``giver_is`` and ``taker_is`` say who they are.
    share
        Of the whole unit.
    accounts, sales, potential, visits
        Of the share; money in plan currency a year, visits in the plan period.
    years
        That the relationship has stood; None where unknown.
    last_visit
        Where known.
    next_visit
        Day by which the service standard asks for the next one; None without visits.
    """

    team: str
    unit: str
    name: str
    giver: str
    giver_is: Side
    taker: str
    taker_is: Side
    share: float
    accounts: float
    sales: float
    potential: float
    visits: float
    years: float | None
    last_visit: date | None
    next_visit: date | None
    deals: tuple[Deal, ...] = ()

    @property
    def is_orphaned(self) -> bool:
        """Whether nobody is there to hand it over."""
        return not self.giver_is.meets


@dataclass(frozen=True)
class Meeting:
    """Two who hand over to each other, or somebody and a manager who introduces.

    Parameters
    ----------
    first, second
        Ids, in order.
    units, sales
        What passes between them, both ways.
    managers
        Of both, each once.
    day
        Proposed; None where no common day is known.
    """

    first: str
    second: str
    units: int
    sales: float
    managers: tuple[str, ...]
    day: date | None

    def other(self, person: str) -> str:
        """The one that somebody meets."""
        return self.second if person == self.first else self.first


@dataclass(frozen=True)
class Handover:
    """Everything that one rep or manager is told; nothing of anybody's pay or quota.

    Parameters
    ----------
    given, received
        The longest relationships first, then the largest sales.
    team
        Of a manager: everything that comes from or goes to direct reports, likewise.
    kept
        Deals that stay with the recipient although the unit goes.
    awaited
        Deals of received units that somebody else closes first.
    names
        Of everybody who is mentioned, where known.
    starts
        First day with the new owner.
    keep_days, keep_stages
        The rule for open deals.
    """

    recipient: str
    language: str
    manager: str
    plan: str
    company: str
    currency: str
    starts: date
    given: tuple[Passed, ...]
    received: tuple[Passed, ...]
    team: tuple[Passed, ...]
    kept: tuple[Deal, ...]
    awaited: tuple[Deal, ...]
    meetings: tuple[Meeting, ...]
    names: dict[str, str]
    keep_days: int
    keep_stages: tuple[str, ...]

    def called(self, who: str) -> str:
        """A name, or the id where none is known."""
        return self.names.get(who) or who

    @property
    def greeting(self) -> str:
        """What the recipient is called."""
        return self.called(self.recipient)
