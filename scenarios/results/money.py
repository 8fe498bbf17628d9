"""What scenarios are worth, and how far assumed values carry the winner."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..digits import significant


@dataclass(frozen=True)
class MoneyRow:
    """One line of the money table, plan currency a year.

    Parameters
    ----------
    name
        ``expected_sales``, ``margin``, ``people``, ``travel``, ``disruption``,
        ``campaigns`` (where there are any) or ``contribution`` (margin − people − travel −
        disruption − campaigns).
    amount
        Positive as its name says it: costs are positive numbers too.
    detail
        How it was computed, in one sentence for people.
    assumed
        Whether it rests on an assumed value.
    """

    name: str
    amount: float
    detail: str
    assumed: bool


@dataclass(frozen=True)
class MoneyBasis:
    """What the costs are products of: a plan's quantities a year, and the settings' rates.

    ``margin`` · ``expected_sales``; ``roster`` + ``management``; ``per_km`` · ``travel_km``
    + ``per_travel_hour`` · ``travel_hours`` + ``per_night`` · ``nights``; and ``margin`` ·
    ``disruption_loss`` · ``moved_sales`` are the rows margin, people, travel and
    disruption; ``campaigns`` is the row of that name. Expected sales do not depend on any
    of these rates.
    """

    expected_sales: float
    roster: float
    travel_km: float
    travel_hours: float
    nights: float
    moved_sales: float
    margin: float
    management: float
    per_km: float
    per_travel_hour: float
    per_night: float
    disruption_loss: float
    campaigns: float = 0.0


@dataclass(frozen=True)
class Money:
    """What one scenario is worth, and the most that its problem could be worth.

    Parameters
    ----------
    rows
        In the order of the report.
    contribution
        Margin of the expected sales less people, travel, disruption and campaigns.
    bound
        A contribution that no plan of the scenario's problem can pass, proven.
    basis
        What the rows are computed from; None where only amounts are known.
    """

    rows: tuple[MoneyRow, ...]
    contribution: float
    bound: float
    currency: str
    basis: MoneyBasis | None = None

    def amount(self, name: str) -> float:
        """Amount of one row."""
        return next(row.amount for row in self.rows if row.name == name)


def money_row_names(tables: Iterable[Money]) -> list[str]:
    """Names of the rows of several tables, in the order of the one that has most of them."""
    longest = sorted(tables, key=lambda money: -len(money.rows))
    return list(dict.fromkeys(row.name for money in longest for row in money.rows))


@dataclass(frozen=True)
class AssumptionRange:
    """How far an assumed value may move before another scenario wins, all else unmoved.

    Parameters
    ----------
    low, high
        The winner stays the winner for values of the interval, within
        ``tried_low`` … ``tried_high``.
    """

    path: str
    value: float
    unit: str
    assumed: bool
    winner: str
    low: float
    high: float
    tried_low: float
    tried_high: float
    meaning: str

    @property
    def edges(self) -> tuple[tuple[str, float], ...]:
        """Where another scenario comes first, ``below`` or ``above`` which value; of what was tried."""
        found = (
            ("below", self.low, self.low > self.tried_low),
            ("above", self.high, self.high < self.tried_high),
        )
        return tuple((side, edge) for side, edge, turns in found if turns)

    @property
    def turning(self) -> str:
        """Those values in words; empty where the winner stays first over all that was tried.

        >>> AssumptionRange("a", 0.15, "", True, "w", 0.05, 0.292, 0.05, 0.3, "").turning
        'above 0.292'
        """
        return " or ".join(f"{side} {significant(edge, 3)}" for side, edge in self.edges)

    @property
    def slack(self) -> float:
        """Least change that lets another scenario come first, as a share of the value."""
        size = max(abs(self.value), 1e-12)
        return min((abs(self.value - edge) / size for _, edge in self.edges), default=math.inf)
