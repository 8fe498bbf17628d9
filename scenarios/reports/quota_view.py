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
    frame = table.assign(parent=table["parent"].fillna("").astype(str))
    nodes = (
        frame.groupby("node", sort=True)
        .agg(parent=("parent", "first"), quota=("quota", "sum"), index=("index", "sum"))
        .reset_index()
    )
    own = dict(zip(nodes["node"], nodes["quota"].astype(float), strict=True))
    parents = [p for p in dict.fromkeys(nodes["parent"]) if p in own]
    depth = _depths(dict(zip(nodes["node"], nodes["parent"], strict=True)))
    parents.sort(key=lambda parent: (depth[parent], parent))
    below = nodes.groupby("parent")["quota"].agg(["sum", "count"])
    leaves = nodes[~nodes["node"].isin(parents)]
    has_parents = bool(parents)
    roots = nodes[~nodes["parent"].isin(own)] if has_parents else nodes
    rows = [
        QuotaRow(str(row.node), str(row.parent), float(row.quota), float(row.index), sales.get(str(row.node)))
        for row in leaves[["node", "parent", "quota", "index"]]
        .rename(columns={"index": "raw"})
        .rename(columns={"raw": "index"})
        .itertuples(index=False)
    ]
    rows.sort(key=lambda row: (-row.quota, row.node))
    return QuotaView(
        rows=tuple(rows),
        roll_ups=tuple(
            RollUp(str(p), own[p], int(below.at[p, "count"]), float(below.at[p, "sum"]))
            for p in parents
        ),
        budget=float(roots["quota"].sum()),
        carried=float(leaves["quota"].sum()),
        currency=str(frame["currency"].iloc[0]) if "currency" in frame else "",
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
