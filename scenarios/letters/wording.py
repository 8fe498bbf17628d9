"""Words, numbers, money and dates of a language.

Texts stand in English in the templates and below, translations in ``locale/*.po``,
which are read as they are: nothing has to be compiled when the package is built.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

#: Languages of letters; English needs no translation.
LANGUAGES = ("en", "nb")
_NO_BREAK = "\u00a0"


def noop(text: str) -> str:
    """Mark a text for translation where it stands apart from its use."""
    return text


#: Steps of a quota: what they are called, and what they mean.
STEPS = {
    "history": (
        noop("Sales so far"),
        noop("the share of the plan that goes by what your accounts buy today"),
    ),
    "potential": (
        noop("Potential"),
        noop("the share of the plan that goes by what your accounts could buy"),
    ),
    "growth": (noop("Growth for all"), noop("the same rate for everybody")),
    "gap": (noop("Room to grow"), noop("growth by what is left to win with your accounts")),
    "trend": (noop("Trend"), noop("how your market moves by itself")),
    "forecast": (noop("Forecast"), noop("what you are expected to sell if all goes on as it does")),
    "estimate": (noop("Estimates of accounts"), noop("what was estimated account by account")),
    "stretch": (noop("Stretch"), noop("what the plan asks for beyond that")),
    "availability": (
        noop("Part time and leave"),
        noop("less, because you are not there all the time"),
    ),
    "to the total": (
        noop("Adding up to the plan"),
        noop("all quotas are scaled alike, so that together they make the company's plan"),
    ),
    "over-assignment": (
        noop("Over-assignment"),
        noop(
            "managers hand out more than their own quota, so that the plan holds if some fall short"
        ),
    ),
    "absence": (noop("Away or not yet there"), noop("less, for the days that you are not there")),
    "ramp": (noop("New in the job"), noop("less, because somebody new needs time")),
    "relief of colleagues": (
        noop("Relief of new colleagues"),
        noop("what new colleagues are spared is shared by the others"),
    ),
    "relief below": (
        noop("Relief in your team"),
        noop("less, for colleagues below you who are new or away"),
    ),
    "fairness": (
        noop("Fairness"),
        noop("moved a little, so that nobody is asked for more because of size, region or tenure"),
    ),
    "change in mid-period": (
        noop("Change in mid-period"),
        noop("quota that came or went with accounts since the plan was made"),
    ),
    "rounding": (noop("Rounding"), noop("to round amounts that still add up")),
    "limits": (
        noop("Limits"),
        noop("floors, caps, limits on growth and fixed amounts, yours and your colleagues'"),
    ),
    "rounding and limits": (
        noop("Rounding and limits"),
        noop("round amounts that still add up, floors, caps and fixed amounts"),
    ),
}
#: Another measure that the method goes by.
OTHER_STEP = noop("the share of the plan that goes by this measure")

#: Steps from last time's quota to this one.
CHANGES = {
    "accounts": (
        noop("Accounts that came and went"),
        noop("present sales of accounts that you take over, less those of accounts you hand on"),
    ),
    "company": (
        noop("Growth of all quotas"),
        noop("all sellers' quotas together change at this rate"),
    ),
    "method": (
        noop("Potential, limits and rounding"),
        noop("what the method gives your accounts beyond that"),
    ),
    "whole": (noop("Change"), ""),
}

#: Titles of the recipient's workbook that no letter has.
TITLES = (noop("Period"), noop("Meaning"), noop("What changed"), noop("Pay"))

#: Periods that have a name in every language.
PERIODS = (
    noop("Q1"),
    noop("Q2"),
    noop("Q3"),
    noop("Q4"),
    noop("H1"),
    noop("H2"),
    noop("year"),
)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Texts of a language.

    Raises
    ------
    ValueError
        When there is no such language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"letters are written in {', '.join(LANGUAGES)}, not in {language}")
    source = files(__package__) / "locale" / f"{language}.po"
    if not source.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True)
class Wording:
    """How one language says things.

    Parameters
    ----------
    minor_units
        Minor units in one unit of the currency.
    """

    language: str
    currency: str
    minor_units: int = 100

    @property
    def gettext(self) -> Callable[[str], str]:
        """Translate a text."""
        return translations(self.language).gettext

    @property
    def ngettext(self) -> Callable[[str, str, int], str]:
        """Translate a text that has a plural."""
        return translations(self.language).ngettext

    def money(self, minor: int, *, sign: bool = False) -> str:
        """An amount in minor units, with decimals only where it has some.

        >>> Wording("nb", "NOK").money(123456700).replace(_NO_BREAK, " ")
        '1 234 567 kr'
        >>> Wording("en", "USD").money(-123456750)
        '-$1,234,567.50'
        """
        amount = Decimal(minor) / self.minor_units
        return self._currency(amount, whole=minor % self.minor_units == 0, sign=sign)

    def amount(self, amount: float, *, sign: bool = False) -> str:
        """An amount that is no exact figure, in whole units of the currency.

        >>> Wording("en", "NOK").amount(1234567.8).replace(_NO_BREAK, " ")
        'NOK 1,234,568'
        """
        return self._currency(Decimal(round(amount)), whole=True, sign=sign)

    def _currency(self, amount: Decimal, *, whole: bool, sign: bool) -> str:
        pattern = Locale(self.language).currency_formats["standard"].pattern
        if whole:
            pattern = pattern.replace(".00", "")
        symbol = get_currency_symbol(self.currency, locale=self.language)
        if symbol[-1].isalpha():
            pattern = pattern.replace("¤#", f"¤{_NO_BREAK}#")
        text = str(
            format_currency(
                amount, self.currency, format=pattern, locale=self.language, currency_digits=False
            )
        )
        return f"+{text}" if sign and amount > 0 else text

    def percent(self, share: float, digits: int = 0, *, sign: bool = False) -> str:
        """A share.

        >>> Wording("nb", "NOK").percent(0.055, 1, sign=True).replace(_NO_BREAK, " ")
        '+5,5 %'
        """
        pattern = Locale(self.language).percent_formats[None].pattern
        if digits:
            pattern = pattern.replace("0%", "0." + "0" * digits + "%").replace(
                f"0{_NO_BREAK}%", "0." + "0" * digits + f"{_NO_BREAK}%"
            )
        text = str(format_percent(round(share, 2 + digits), format=pattern, locale=self.language))
        return f"+{text}" if sign and round(share, 2 + digits) > 0 else text

    def number(self, value: float, digits: int = 0) -> str:
        """A count.

        >>> Wording("en", "USD").number(1234.56), Wording("nb", "NOK").number(2.5, 1)
        ('1,235', '2,5')
        """
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(round(value, digits), format=pattern, locale=self.language))

    def day(self, day: date) -> str:
        """A date in full."""
        return str(format_date(day, "long", locale=self.language))

    def short_day(self, day: date) -> str:
        """A date in a table.

        >>> Wording("nb", "NOK").short_day(date(2027, 5, 7)), Wording("en", "USD").short_day(
        ...     date(2027, 5, 7))
        ('7. mai 2027', 'May 7, 2027')
        """
        return str(format_date(day, "medium", locale=self.language))

    def days(self, start: date, end: date) -> str:
        """From one date to another.

        >>> Wording("nb", "NOK").days(date(2027, 1, 1), date(2027, 12, 31))
        '1. januar – 31. desember 2027'
        """
        first = self.day(start)
        if start.year == end.year:
            first = str(format_skeleton("MMMMd", start, locale=self.language))
        return f"{first} – {self.day(end)}"

    def period(self, name: str) -> str:
        """A plan period by its name in the language, where it has one."""
        return self.gettext(name) if name in PERIODS else name

    def step(self, name: str) -> tuple[str, str]:
        """What a step of a quota is called, and what it means."""
        title, meaning = STEPS.get(name, (name[:1].upper() + name[1:], OTHER_STEP))
        return self.gettext(title), self.gettext(meaning)

    def change(self, name: str) -> tuple[str, str]:
        """What a step from last time's quota is called, and what it means."""
        title, meaning = CHANGES[name]
        return self.gettext(title), self.gettext(meaning) if meaning else ""
