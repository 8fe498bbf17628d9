"""Open deals of units that change hands, and who closes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from .facts import Deal, Passed


@dataclass(frozen=True)
class DealRule:
    """Who keeps an open deal when its unit goes.

    A deal stays with whoever works on it, until it closes, where it is to close within
    ``keep_days`` of the hand-over or is in one of ``keep_stages``, and that person is
    still there. Any other deal goes along with the unit.
    """

    starts: date
    keep_days: int
    keep_stages: tuple[str, ...]

    def why(self, stage: str, close: date | None) -> str:
        """Reason why a deal stays, or ``goes along``."""
        if stage and stage in self.keep_stages:
            return "stage"
        if close is not None and close < self.starts + timedelta(days=self.keep_days):
            return "closes soon"
        return "goes along"


def with_deals(
    passed: Sequence[Passed], deals: Sequence[dict[str, Any]], rule: DealRule
) -> tuple[Passed, ...]:
    """What changes hands, each with its open deals.

    A deal belongs to the hand-over whose giver works on it. Where that is nobody's (a
    specialist of another team, a unit that nobody had), it stays where it is.

    Parameters
    ----------
    deals
        Rows of the deals' table: ``deal, unit``, optionally ``owner, name, stage, amount,
        close``.
    """
    by_unit: dict[str, list[int]] = {}
    for position, each in enumerate(passed):
        by_unit.setdefault(each.unit, []).append(position)
    found: list[list[Deal]] = [[] for _ in passed]
    for row in deals:
        owner = _text(row, "owner")
        at = [
            position
            for position in by_unit.get(str(row["unit"]), ())
            if passed[position].giver and owner in ("", passed[position].giver)
        ]
        if at:
            # Of a unit that goes to several, its deals go with the largest part.
            best = max(at, key=lambda p: (passed[p].share, passed[p].sales, -p))
            found[best].append(_deal(row, passed[best], rule))
    return tuple(
        replace(each, deals=tuple(sorted(own, key=lambda d: (-(d.amount or 0.0), d.id))))
        for each, own in zip(passed, found, strict=True)
    )


def _deal(row: dict[str, Any], passed: Passed, rule: DealRule) -> Deal:
    day = row.get("close")
    close = None if day is None or pd.isna(day) else pd.Timestamp(day).date()
    stage = _text(row, "stage")
    why = rule.why(stage, close) if passed.giver_is.stays else "goes along"
    amount = row.get("amount")
    return Deal(
        id=str(row["deal"]),
        name=_text(row, "name") or str(row["deal"]),
        unit=passed.unit,
        owner=passed.giver,
        stage=stage,
        amount=None if amount is None or pd.isna(amount) else float(amount),
        close=close,
        keeper=passed.taker if why == "goes along" else passed.giver,
        why=why,
    )


def _text(row: dict[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None or pd.isna(value) else str(value)
