"""Quotas as a reader checks them: one line per rep, and sums that reach the budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class QuotaRow:
    """The quota of one node of the lowest level, over all products and periods."""

    node: str
    parent: str
    quota: float
    index: float
    sales: float | None

    @property
    def growth(self) -> float | None:
        """Quota over present sales, less one."""
        return self.quota / self.sales - 1.0 if self.sales else None


@dataclass(frozen=True)
class RollUp:
    """What a parent has and what its children add up to."""

    parent: str
    own: float
    children: int
    handed_down: float

    @property
    def over(self) -> float:
        """Over-assignment, a share of the parent's own quota."""
        return self.handed_down / self.own - 1.0 if self.own else 0.0


@dataclass(frozen=True)
class QuotaView:
    """Quotas of one scenario.

    Parameters
    ----------
    rows
        The lowest level, the largest quota first.
    roll_ups
        Every node with children, from the top down.
    budget
        Sum of the nodes without a parent.
    """

    rows: tuple[QuotaRow, ...]
    roll_ups: tuple[RollUp, ...]
    budget: float
    carried: float
    currency: str

    @property
    def difference(self) -> float:
        """What the lowest level carries beyond the budget."""
        return self.carried - self.budget


def view_quotas(table: pd.DataFrame, sales: Mapping[str, float]) -> QuotaView | None:
    """Add up the contract's ``quotas.csv``; None where there are no quotas."""
    if table.empty:
        return None
    above: dict[str, str] = {}
    quota: dict[str, float] = {}
    index: dict[str, float] = {}
    for node, parent, amount, raw in zip(
        table["node"].astype(str),
        table["parent"].fillna("").astype(str),
        table["quota"].astype(float),
        table["index"].astype(float),
        strict=True,
    ):
        above.setdefault(node, parent)
        quota[node] = quota.get(node, 0.0) + amount
        index[node] = index.get(node, 0.0) + raw
    below: dict[str, list[str]] = {}
    for node, parent in above.items():
        below.setdefault(parent, []).append(node)
    depth = _depths(above)
    parents = sorted((node for node in above if node in below), key=lambda n: (depth[n], n))
    leaves = sorted((node for node in above if node not in below), key=lambda n: (-quota[n], n))
    return QuotaView(
        rows=tuple(
            QuotaRow(node, above[node], quota[node], index[node], sales.get(node))
            for node in leaves
        ),
        roll_ups=tuple(
            RollUp(node, quota[node], len(below[node]), sum(quota[child] for child in below[node]))
            for node in parents
        ),
        budget=sum(quota[node] for node in above if above[node] not in above),
        carried=sum(quota[node] for node in leaves),
        currency=str(table["currency"].iloc[0]) if "currency" in table else "",
    )


def _depths(parent: Mapping[str, str]) -> dict[str, int]:
    """Steps to the top for each node; a ring of parents counts as one."""
    found = {}
    for node in parent:
        steps, here = 0, node
        while parent.get(here) in parent and steps <= len(parent):
            here, steps = parent[here], steps + 1
        found[node] = steps
    return found
