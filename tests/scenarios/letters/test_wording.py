"""Translations: complete, in step with the texts, and good to read aloud in numbers."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from teig.optimizer.quotas import set_quotas
from teig.scenarios import letters
from teig.scenarios.letters.wording import CHANGES, LANGUAGES, STEPS, Wording, translations

HERE = Path(letters.__file__).parent
JINJA = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}
JINJA |= {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}


def texts() -> dict[str, str]:
    """Every text to be translated: singular → plural, empty where there is none."""
    found = list(extract_from_file("python", HERE / "wording.py", keywords={"noop": None}))
    for template in sorted((HERE / "templates").glob("*.j2")):
        found += extract_from_file(
            "jinja2.ext:babel_extract",
            template,
            keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
            options=JINJA,
        )
    pairs = [m if isinstance(m, tuple) else (m, "") for _, m, _, _ in found]
    return {str(pair[0]): str(pair[1]) for pair in pairs}


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_every_text_is_translated_and_nothing_else(language: str) -> None:
    catalog = read_po(io.BytesIO((HERE / "locale" / f"{language}.po").read_bytes()))
    wanted = texts()
    assert len(wanted) > 90
    there = {(m.id[0] if isinstance(m.id, tuple) else m.id): m for m in catalog if m.id}
    assert set(there) == set(wanted)
    for text, plural in wanted.items():
        message = there[text]
        assert not message.fuzzy
        string = message.string
        translated = [str(line) for line in (string if isinstance(string, tuple) else [string])]
        assert len(translated) == (2 if plural else 1)
        for line, original in zip(translated, (text, plural), strict=False):
            assert line.strip(), text
            assert placeholders(line) == placeholders(original), text
            assert line[-1].isalnum() or line[-1] == original[-1], text


def test_a_language_is_known_or_refused() -> None:
    assert translations("nb").gettext("Your quota") == "Salgsmålet ditt"
    assert translations("nb").ngettext("%(n)s account to win", "%(n)s accounts to win", 1) == (
        "%(n)s kunde å vinne"
    )
    assert translations("en").gettext("Your quota") == "Your quota"
    with pytest.raises(ValueError, match="en, nb"):
        translations("xx")


@pytest.mark.parametrize(
    ("language", "currency", "minor", "text"),
    [
        ("en", "USD", 123456700, "$1,234,567"),
        ("en", "USD", -5, "-$0.05"),
        ("en", "NOK", 123456750, "NOK 1,234,567.50"),
        ("nb", "NOK", 123456700, "1 234 567 kr"),
        ("nb", "USD", -99950, "−999,50 USD"),
        ("nb", "EUR", 100, "1 €"),
    ],
)
def test_money_as_it_is_written(language: str, currency: str, minor: int, text: str) -> None:
    written = Wording(language, currency).money(minor)
    assert re.sub("[\u00a0\u202f]", " ", written).replace("-", "−") == text.replace("-", "−")


def test_shares_numbers_and_days() -> None:
    nb, en = Wording("nb", "NOK"), Wording("en", "USD")
    assert nb.percent(0.125, 1).replace("\u00a0", " ") == "12,5 %"
    assert (en.percent(0.125, 1), en.percent(0.2, sign=True)) == ("12.5%", "+20%")
    assert en.percent(-0.0001, sign=True) == "-0%" or en.percent(-0.0001, sign=True) == "0%"
    assert nb.day(date(2027, 5, 17)) == "17. mai 2027"
    assert en.days(date(2027, 1, 1), date(2027, 3, 31)) == "January 1 – March 31, 2027"
    assert nb.days(date(2026, 7, 1), date(2027, 6, 30)) == "1. juli 2026 – 30. juni 2027"
    assert (nb.period("Q3"), nb.period("week 12"), en.period("Q3")) == (
        "3. kvartal",
        "week 12",
        "Q3",
    )


def test_every_step_of_a_quota_has_words() -> None:
    import pandas as pd

    territories = pd.DataFrame(
        {"owner": ["a", "b", "c"], "sales": [5.0, 3.0, 2.0], "potential": [9.0, 9.0, 9.0],
         "forecast": [5.5, 3.0, 2.0], "estimate": [6.0, 3.0, 2.0],
         "productivity": [1.0, 0.5, 1.0], "availability": [1.0, 1.0, 0.8]}
    )  # fmt: skip
    seen: set[str] = set()
    for method in ("uniform_growth", "weighted_index", "market_potential", "forecast", "bottom_up"):
        result = set_quotas(
            territories, 12_000, method=method, rounding=10, over_assignment=0.1, floors=100
        )
        seen |= set(result.explanation["step"])
    assert len(seen) > 8
    assert seen <= set(STEPS)
    assert {nb := Wording("nb", "NOK").change(name)[0] for name in CHANGES}
    assert nb
