"""What is paid beside the pay curve: prizes, team recognition, contests; and what is paid back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from ..errors import ProblemList


@dataclass(frozen=True)
class Clawback:
    """Sales that are cancelled after they were paid for.

    Parameters
    ----------
    returned
        Share of what is sold that comes back, 0 to 1.
    recovered
        Share of the pay for it that is taken back, 0 to 1.
    """

    returned: float = 0.0
    recovered: float = 1.0

    def __post_init__(self) -> None:
        found = ProblemList("compensation")
        for key in ("returned", "recovered"):
            if not 0 <= getattr(self, key) <= 1:
                found.add("must lie between 0 and 1", key=key, value=getattr(self, key))
        found.raise_any()


@dataclass(frozen=True)
class Prize:
    """A prize for the best of a level by attainment: a club, a trip.

    Parameters
    ----------
    amount
        What each winner costs, plan currency.
    best
        How many win; or ``share`` of the level's people, rounded down, at least one.
    at_least
        Attainment that a winner has.
    level
        Whose prize it is; everybody at the foot of the tree if empty.
    """

    name: str
    amount: float
    best: int | None = None
    share: float | None = None
    at_least: float = 1.0
    level: str = ""

    def __post_init__(self) -> None:
        found = ProblemList("compensation")
        _check_amount(self.name, self.amount, found)
        if (self.best is None) == (self.share is None):
            found.add("needs either best (how many) or share (of all)", place=self.name)
        if self.best is not None and self.best < 1:
            found.add("must be at least 1", place=self.name, key="best", value=self.best)
        if self.share is not None and not 0 < self.share <= 1:
            found.add("must lie above 0 and at most at 1", place=self.name, key="share")
        found.raise_any()

    def winners(self, people: int) -> int:
        """How many of so many people win at most.

        >>> Prize("club", 5000, share=0.1).winners(57)
        5
        """
        if self.best is not None:
            return min(self.best, people)
        whole = int((Fraction(str(self.share)) * people).__floor__())
        return min(max(whole, 1), people)


@dataclass(frozen=True)
class TeamAward:
    """Recognition of a whole team: everybody below a manager gets the same.

    Parameters
    ----------
    amount
        For each member, plan currency.
    at_least
        Attainment of the team: what its members sold over the manager's quota.
    best
        How many teams at most, the best first; all that reach it if None.
    level
        Level of the managers whose teams these are; those directly above the foot
        of the tree if empty.
    """

    name: str
    amount: float
    at_least: float = 1.0
    best: int | None = None
    level: str = ""

    def __post_init__(self) -> None:
        found = ProblemList("compensation")
        _check_amount(self.name, self.amount, found)
        if self.best is not None and self.best < 1:
            found.add("must be at least 1", place=self.name, key="best", value=self.best)
        found.raise_any()


@dataclass(frozen=True)
class Contest:
    """A contest or incentive between two dates.

    Parameters
    ----------
    start, end
        First and last day.
    window
        Share of each plan period's sales that falls into the dates; periods that it
        does not touch are left out.
    product
        Only sales of this product count; all if empty.
    amount, best
        Prize of each of the best by sales in the window over quota of the same time.
    rate
        Paid on every sale in the window, share of sales; nothing by default.
    """

    name: str
    start: date
    end: date
    window: Mapping[str, float] = field(default_factory=dict)
    product: str = ""
    amount: float = 0.0
    best: int = 0
    rate: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "window", MappingProxyType(dict(sorted(self.window.items()))))
        found = ProblemList("compensation")
        if self.end < self.start:
            found.add("ends before it starts", place=self.name, key="end", value=self.end)
        _check_amount(self.name, self.amount, found)
        if not self.rate >= 0:
            found.add("must be at least 0", place=self.name, key="rate", value=self.rate)
        if self.best < 0:
            found.add("must be at least 0", place=self.name, key="best", value=self.best)
        if bool(self.amount) != bool(self.best):
            found.add("a prize needs an amount and how many of the best win", place=self.name)
        elif not (self.amount or self.rate):
            found.add("pays nothing: give a prize or a rate on sales", place=self.name)
        for period, share in self.window.items():
            if not 0 <= share <= 1:
                found.add("must lie between 0 and 1", place=self.name, key=period, value=share)
        found.raise_any()

    def __hash__(self) -> int:
        return hash((self.name, self.start, self.end, tuple(self.window.items()), self.product))


def _check_amount(name: str, amount: float, found: ProblemList) -> None:
    if not 0 <= amount < float("inf"):
        found.add("must be money of at least 0", place=name, key="amount", value=amount)
