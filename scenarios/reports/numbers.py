"""Numbers as people read them: grouped, rounded to what matters, with their unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..digits import significant

#: Groups thousands without looking like a decimal sign in any country.
THIN_SPACE = "\u202f"
MINUS = "\u2212"
NOTHING = "–"


def grouped(value: float | None, digits: int = 0, *, sign: bool = False) -> str:
    """Write a number with thousands grouped; a dash where there is none.

    >>> grouped(-1234567.8).replace(THIN_SPACE, " "), grouped(0.25, 1, sign=True), grouped(None)
    ('−1 234 568', '+0.2', '–')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{abs(value):,.{digits}f}".replace(",", THIN_SPACE)
    zero = not text.strip("0." + THIN_SPACE)
    if value < 0 and not zero:
        return MINUS + text
    return ("+" if sign and not zero else "") + text


def telling(value: float | None, digits: int = 6) -> str:
    """Write a figure of any size with as many digits as tell it apart.

    >>> [telling(v).replace(THIN_SPACE, " ") for v in (1023500.4, 435.418, 0.00249587, 0, None)]
    ['1 023 500', '435.418', '0.00249587', '0', '–']
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    return significant(value, digits).replace(",", THIN_SPACE).replace("-", MINUS)


def percent(share: float | None, digits: int = 1, *, sign: bool = False) -> str:
    """Write a share as a percentage.

    >>> percent(0.1234).replace(THIN_SPACE, " "), percent(float("nan"))
    ('12.3 %', '–')
    """
    if share is None or not math.isfinite(share):
        return NOTHING
    return grouped(share * 100.0, digits, sign=sign) + THIN_SPACE + "%"


@dataclass(frozen=True)
class MoneyScale:
    """One scale for all money of a report, so that figures compare at a glance.

    Parameters
    ----------
    word
        ``million``, ``thousand`` or empty.
    """

    currency: str
    divisor: float
    word: str
    digits: int

    @classmethod
    def fitting(cls, largest: float, currency: str) -> MoneyScale:
        """Choose the scale by the largest amount.

        >>> MoneyScale.fitting(41_234_000, "USD").label
        'million USD'
        """
        for divisor, word, digits in ((1e6, "million", 2), (1e3, "thousand", 1)):
            if abs(largest) >= 5 * divisor:
                # With billions, two digits after the point of a million say nothing.
                return cls(currency, divisor, word, 1 if abs(largest) >= 1e9 else digits)
        return cls(currency, 1.0, "", 0)

    @property
    def label(self) -> str:
        """Unit for a table's header."""
        return f"{self.word} {self.currency}".strip()

    def figure(self, amount: float | None, *, sign: bool = False) -> str:
        """Figure alone, for a column whose header has the unit."""
        scaled = None if amount is None else amount / self.divisor
        return grouped(scaled, self.digits, sign=sign)

    def text(self, amount: float | None, *, sign: bool = False) -> str:
        """Figure with its unit, for a sentence."""
        return f"{self.figure(amount, sign=sign)} {self.label}"
