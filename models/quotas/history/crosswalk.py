"""History under codes that are no more: restated by a crosswalk, to the last coin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Any

import pandas as pd

from ...errors import ProblemList
from .periods import Span

#: Shares of one code may miss 1 by this much: thirds are written 0.3333.
_SLACK = Fraction(1, 1000)


@dataclass(frozen=True)
class Change:
    """From one day on, what one code meant is shared by others.

    Parameters
    ----------
    valid_from
        First day of the new codes; what was sold before it is restated.
    shares
        New code → its share; they sum to exactly 1.
    """

    old: str
    valid_from: dt.date
    shares: Mapping[str, Fraction]


#: Amounts of one code: (product, span) → minor units.
Ledger = dict[tuple[str, Span], int]


def read_crosswalk(frame: pd.DataFrame, found: ProblemList) -> tuple[Change, ...]:
    """Read ``old, new, share, valid_from``; the latter two are optional.

    Without a share a code has one successor; without a day everything is restated.
    Shares that miss 1 by rounding are scaled, others are problems.
    """
    rows: dict[tuple[dt.date, str], dict[str, Fraction]] = {}
    for key in ("old", "new"):
        if key not in frame.columns:
            found.add("needs this column", source="crosswalk", key=key)
            return ()
    for number, row in enumerate(frame.to_dict("records"), start=1):
        place = f"row {number}"
        share, day = _share(row.get("share")), _day(row.get("valid_from"))
        if share is None or not 0 < share <= 1:
            message = "must be a share above 0 and up to 1"
            found.add(message, source="crosswalk", place=place, key="share", value=row.get("share"))
            continue
        if day is None:
            message = "must be a day, 2026-01-01"
            value = row.get("valid_from")
            found.add(message, source="crosswalk", place=place, key="valid_from", value=value)
            continue
        successors = rows.setdefault((day, str(row["old"])), {})
        if str(row["new"]) in successors:
            found.add("stands twice", source="crosswalk", place=place, key="new", value=row["new"])
        successors[str(row["new"])] = share
    changes = []
    for (day, old), successors in sorted(rows.items()):
        total = sum(successors.values(), Fraction(0))
        if abs(total - 1) > _SLACK:
            message = "the shares of a code must sum to 1, or its sales would be lost or doubled"
            found.add(message, source="crosswalk", place=old, key="share", value=float(total))
        scaled = {new: share / total for new, share in sorted(successors.items())}
        changes.append(Change(old, day, scaled))
    try:
        return _in_order(changes)
    except CycleError as error:
        message = "change into each other on one day; give the changes days of their own"
        ring = ", ".join(sorted(set(error.args[1])))
        found.add(message, source="crosswalk", place=ring, key="valid_from")
        return ()


def _in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """By day; on one day a code's predecessors go first, so that a → b → c ends at c."""
    by_day: dict[dt.date, dict[str, Change]] = {}
    for change in changes:
        by_day.setdefault(change.valid_from, {})[change.old] = change
    ordered: list[Change] = []
    for _, group in sorted(by_day.items()):
        sorter = TopologicalSorter[str]()
        for old, change in sorted(group.items()):
            sorter.add(old)
            for new in change.shares:
                if new != old:
                    sorter.add(new, old)
        ordered += [group[code] for code in sorter.static_order() if code in group]
    return tuple(ordered)


def _share(value: Any) -> Fraction | None:
    if value is None or pd.isna(value):
        return Fraction(1)
    try:
        return Fraction(Decimal(str(value)))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _day(value: Any) -> dt.date | None:
    if value is None or pd.isna(value) or value == "":
        return dt.date.max
    try:
        return dt.date.fromisoformat(str(value).removesuffix(" 00:00:00"))
    except ValueError:
        return None


def follow_crosswalk(ledgers: Mapping[str, Ledger], changes: Iterable[Change]) -> dict[str, Ledger]:
    """Restate what was sold under old codes before they changed; sums stay exact.

    Of each amount the running shares are rounded, not the parts, so the parts add
    up to it.

    Parameters
    ----------
    ledgers
        Amounts by code.
    changes
        In the order in which they happened, as :func:`read_crosswalk` returns them.

    Examples
    --------
    >>> year = Span(dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    >>> split = Change("a", dt.date(2026, 1, 1), {"b": Fraction(1, 3), "c": Fraction(2, 3)})
    >>> parts = follow_crosswalk({"a": {("all", year): 100}}, [split])
    >>> parts["b"]["all", year], parts["c"]["all", year]
    (33, 67)
    """
    restated = {code: dict(ledger) for code, ledger in ledgers.items()}
    for change in changes:
        ledger = restated.pop(change.old, {})
        for key, amount in ledger.items():
            if key[1].start >= change.valid_from:
                _book(restated, change.old, key, amount)
                continue
            before, running = 0, Fraction(0)
            for new, share in change.shares.items():
                running += share
                upto = int((amount * running + Fraction(1, 2)).__floor__())
                _book(restated, new, key, upto - before)
                before = upto
    return restated


def _book(ledgers: dict[str, Ledger], code: str, key: tuple[str, Span], amount: int) -> None:
    ledger = ledgers.setdefault(code, {})
    ledger[key] = ledger.get(key, 0) + amount
