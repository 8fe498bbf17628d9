"""The audit of a change: one line for each thing that moved a quota, to the last coin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...models.arrays import IndexArray
from ...models.quotas import QuotaProblem

AUDIT_COLUMNS = (
    "node", "product", "period", "date", "account", "reason", "amount", "currency",
)  # fmt: skip
ROUNDING, BELOW = "whole units", "from the nodes below"


@dataclass(frozen=True)
class Booking:
    """An amount that a cell gives or takes, minor units, before rounding."""

    node: int
    product: int
    period: int
    amount: float
    date: str
    account: str
    reason: str


def audit_lines(
    problem: QuotaProblem, before: IndexArray, after: IndexArray, booked: Sequence[Booking]
) -> pd.DataFrame:
    """Lines of every cell that changed; those of a cell sum to its change exactly.

    A leaf has a line per booking, rounded by running sums, and what whole units add; a
    node above has one line for what the nodes below it changed.
    """
    by_cell: dict[tuple[int, int, int], list[Booking]] = {}
    for booking in booked:
        cell = (booking.node, booking.product, booking.period)
        by_cell.setdefault(cell, []).append(booking)
    rows: list[tuple[object, ...]] = []
    change = after - before
    cells = set(by_cell) | {tuple(cell) for cell in np.argwhere(change != 0).tolist()}
    for node, product, period in sorted(cells):
        place = (problem.tree.ids[node], problem.products[product], problem.periods[period])
        total, running, upto = int(change[node, product, period]), 0.0, 0
        for booking in by_cell.get((node, product, period), []):
            running += booking.amount
            reached = int(np.floor(running + 0.5))
            about = (booking.date, booking.account, booking.reason)
            rows.append((*place, *about, (reached - upto) / problem.minor_units))
            upto = reached
        if total != upto:
            inner = len(problem.tree.children[node]) > 0
            about = ("", "", BELOW if inner else ROUNDING)
            rows.append((*place, *about, (total - upto) / problem.minor_units))
    frame = pd.DataFrame(rows, columns=list(AUDIT_COLUMNS[:-1]))
    return frame.assign(currency=problem.currency)
