"""What a recipient holds: accounts, visits, and what they leave to win."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from ...models.arrays import BoolArray
from .accounts import AccountBook
from .facts import Account, Holdings


def holdings_of(
    book: AccountBook, people: Collection[str], *, seller: bool, weeks: float | None
) -> Holdings:
    """Sum up what some people hold; with single accounts for a seller alone."""
    mine, was = book.of(people), book.were_of(people)
    buys = mine & (book.sales > 0)
    active = float(book.customers[buys].sum())
    return Holdings(
        accounts=_accounts(book, mine, was) if seller else (),
        count=float(book.customers[mine].sum()),
        sales=float(book.sales[mine].sum()),
        potential=float(book.potential[mine].sum()),
        visits=float(book.visits[mine].sum()),
        weeks=weeks if seller else None,
        active=active,
        average=float(book.sales[buys].sum()) / active if active else 0.0,
        gone=_gone(book, mine, was) if seller else (),
    )


def _accounts(book: AccountBook, mine: BoolArray, was: BoolArray) -> tuple[Account, ...]:
    parts: dict[str, list[int]] = {}
    for row in np.flatnonzero(mine).tolist():
        parts.setdefault(book.ids[row], []).append(row)
    accounts = [
        Account(
            id=whole,
            name=book.names[rows[0]],
            sales=float(book.sales[rows].sum()),
            potential=float(book.potential[rows].sum()),
            visits=float(book.visits[rows].sum()),
            is_new=book.knows_before and not was[rows].any(),
        )
        for whole, rows in parts.items()
    ]
    return tuple(sorted(accounts, key=lambda a: (-a.sales, -a.potential, a.id)))


def _gone(book: AccountBook, mine: BoolArray, was: BoolArray) -> tuple[str, ...]:
    """Names of accounts of which nothing is left."""
    kept = {book.ids[row] for row in np.flatnonzero(mine).tolist()}
    lost = [row for row in np.flatnonzero(was & ~mine).tolist() if book.ids[row] not in kept]
    return tuple(sorted({book.names[row] for row in lost}))
