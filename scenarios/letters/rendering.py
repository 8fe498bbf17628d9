"""From the facts of a letter to one HTML page that needs nothing else and prints on A4."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from math import ceil
from typing import Any

import jinja2
from markupsafe import Markup

from .drawings import pay_curve, strip, waterfall
from .facts import Holdings, Letter, Role
from .wording import Wording, translations


def render_letter(letter: Letter) -> str:
    """Return a letter as HTML; the same facts give the same text.

    Raises
    ------
    ValueError
        When the letter's language is unknown.
    """
    wording = Wording(letter.language, letter.currency, letter.minor_units)
    return (
        environment(letter.language)
        .get_template("letter.html.j2")
        .render(
            letter=letter,
            wording=wording,
            is_seller=letter.role is Role.REP,
            bars=waterfall(letter.steps),
            change_bars=waterfall(letter.change.steps, letter.change.before)
            if letter.change
            else [],
            strips=[strip(standing) for standing in letter.standings],
            curve=pay_curve(letter.pay) if letter.pay else None,
            by_period=_by_period(letter),
            to_win=_to_win(letter, letter.holdings),
            style=Markup(asset("letter.css")),  # noqa: S704 - our own file
        )
    )


@cache
def environment(language: str) -> jinja2.Environment:
    """Templates of letters in a language, with its translations."""
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(  # type: ignore[attr-defined]
        translations(language), newstyle=True
    )
    return made


def asset(name: str) -> str:
    """A file of the templates' folder, as text."""
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _by_period(letter: Letter) -> list[dict[str, Any]]:
    """One row per period: amounts by product, their sum, and its share of the largest."""
    amounts = {
        period: [amount for _, name, amount in letter.cells if name == period]
        for period in letter.periods
    }
    largest = max(map(sum, amounts.values()), default=0) or 1
    return [
        {"period": period, "amounts": own, "sum": sum(own), "width": 100 * sum(own) / largest}
        for period, own in amounts.items()
    ]


def _to_win(letter: Letter, holdings: Holdings | None) -> int | None:
    """How many customers of average size the growth is; 0 where none is asked for."""
    if holdings is None or not holdings.average:
        return None
    more = letter.quota / letter.minor_units - holdings.sales
    return max(ceil(more / holdings.average - 1e-9), 0)
