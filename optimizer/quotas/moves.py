"""What changes hands in mid-period, read from a data frame and checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from ...models.errors import ProblemList
from ...models.quotas.history import Span
from .tables import text_column


@dataclass(frozen=True)
class Move:
    """A share of the giver's cells of one product that goes to the taker from a day on."""

    giver: int
    taker: int
    date: dt.date
    share: Fraction
    product: int
    account: str
    reason: str


def check_moves(
    moves: pd.DataFrame,
    owners: Sequence[str],
    products: Sequence[str],
    periods: Mapping[str, Span],
) -> None:
    """Find out before any quotas are set whether :func:`adjust_quotas` could read the moves.

    Raises
    ------
    BadInput
        With all that is wrong with them.
    """
    found = ProblemList("moves")
    last = max(span.end for span in periods.values())
    read_moves(moves, {owner: n for n, owner in enumerate(owners)}, owners, last, products, found)
    found.raise_any()


def read_moves(
    moves: pd.DataFrame,
    names: Mapping[str, int],
    owners: Container[str],
    last: dt.date,
    products: Sequence[str],
    found: ProblemList,
) -> list[Move]:
    """Read the moves, one for each product, and note what is wrong with them.

    Parameters
    ----------
    names
        Nodes by id.
    owners
        Who may give and take.
    last
        Last day of the plan.
    """
    read: list[Move] = []
    given: dict[tuple[int, int], Fraction] = {}
    columns = {
        key: text_column(moves, key) for key in ("from", "to", "product", "account", "reason")
    }
    for row in range(len(moves)):
        place = f"row {row + 1}"
        words = {key: column[row] for key, column in columns.items()}
        _check_ends(words, names, owners, place, found)
        if words["product"] and words["product"] not in products:
            found.add(
                "there is no such product", place=place, key="product", value=words["product"]
            )
        date = _day(moves["date"].iloc[row] if "date" in moves.columns else None)
        if date is None:
            found.add("must be a day, 2027-07-01", place=place, key="date")
        elif date > last:
            message = f"comes after the last day of the plan, {last}: nothing would move"
            found.add(message, place=place, key="date", value=date)
        try:
            share = Fraction(str(moves["share"].iloc[row])) if "share" in moves else Fraction(1)
        except ValueError:
            share = Fraction(-1)
        if not 0 < share <= 1:
            message = "must be a share above 0 and up to 1"
            found.add(message, place=place, key="share", value=moves["share"].iloc[row])
        if found or date is None:
            continue
        wanted = [products.index(words["product"])] if words["product"] else range(len(products))
        for product in wanted:
            giver = names[words["from"]]
            given[giver, product] = given.get((giver, product), Fraction(0)) + share
            reason = (
                words["reason"]
                or f"{words['account'] or 'quota'} from {words['from']} to {words['to']}"
            )
            read.append(
                Move(giver, names[words["to"]], date, share, product, words["account"], reason)
            )
    ids = {node: name for name, node in names.items()}
    for (giver, product), share in sorted(given.items()):
        if share > 1:
            message = f"gives away more than there is of {products[product]}"
            found.add(message, place=ids[giver], key="share", value=float(share))
    return read


def _check_ends(
    words: Mapping[str, str],
    names: Container[str],
    owners: Container[str],
    place: str,
    found: ProblemList,
) -> None:
    for key in ("from", "to"):
        if words[key] not in names:
            found.add("there is no such owner", place=place, key=key, value=words[key])
        elif words[key] not in owners:
            message = "hands quotas down; name the owners below it"
            found.add(message, place=place, key=key, value=words[key])
    if words["from"] and words["from"] == words["to"]:
        found.add("must go to somebody else", place=place, key="to", value=words["to"])


def _day(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value).removesuffix(" 00:00:00"))
    except ValueError:
        return None
