"""What the other scenarios lack beside the one that leads, by what the money is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..money.measuring import money_differences
from .numbers import MoneyScale

if TYPE_CHECKING:
    from ..results import Money, RunResult

#: Rows of the money table whose difference adds up to that of the contribution; costs
#: count against it.
_PARTS = (
    ("margin", 1.0, "margin"),
    ("people", -1.0, "people"),
    ("travel", -1.0, "travel"),
    ("disruption", -1.0, "disruption"),
    ("campaigns", -1.0, "campaigns"),
)


@dataclass(frozen=True)
class Lack:
    """One scenario beside the leading one, money a year.

    Parameters
    ----------
    difference
        Contribution less the leading one's.
    parts
        Name and difference of each part, the largest first; they add up to the whole.
    room
        The most that a plan of the scenario can contribute less what the leading one does.
    """

    name: str
    difference: float
    parts: tuple[tuple[str, float], ...]
    room: float

    def text(self, money: MoneyScale) -> str:
        """The parts as words, each with its sign."""
        told = [(name, money.figure(amount, sign=True)) for name, amount in self.parts]
        zero = money.figure(0.0)
        return ", ".join(f"{name} {amount}" for name, amount in told if amount != zero)


def _amount(money: Money, name: str) -> float:
    """Amount of a row; campaigns cost nothing where there are none."""
    return sum(entry.amount for entry in money.rows if entry.name == name)


def lacks(result: RunResult, leading: str | None) -> tuple[Lack, ...]:
    """Every other solved scenario of the same money settings beside the leading one."""
    if leading is None or result[leading].money is None:
        return ()
    best = result[leading].money
    found = []
    for row in result.scenarios:
        if row.name == leading or row.money is None or best is None:
            continue
        if money_differences(row.settings, result[leading].settings):
            continue
        parts = [
            (text, sign * (_amount(row.money, name) - _amount(best, name)))
            for name, sign, text in _PARTS
        ]
        found.append(
            Lack(
                row.name,
                row.money.contribution - best.contribution,
                tuple(sorted(parts, key=lambda part: -abs(part[1]))),
                row.money.bound - best.contribution,
            )
        )
    return tuple(sorted(found, key=lambda lack: (-lack.difference, lack.name)))
