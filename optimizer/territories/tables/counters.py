"""Counters: sums over a few pairs, within an interval: budgets, homes, items apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....models.arrays import FloatArray
from .arrays import HARD
from .grouping import grouped
from .parts import Parts, is_locked


def counters(parts: Parts) -> dict[str, Any]:
    """Counters and what owners of items add to them, by field of the tables."""
    found = _Counters(parts)
    _count_budgets(found)
    _count_homes(found)
    _count_apart(found)
    return found.arrays()


class _Counters:
    """Counters so far, each with its limits, and the entries of items."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self.model = parts, parts.model
        self.width = parts.model.last - parts.model.first
        self.entries: list[tuple[int, int, int, int]] = []
        self.values: list[FloatArray] = [np.ones(int(self.width.max(initial=1)))]
        self.filled = len(self.values[0])
        self.limits: list[tuple[float, float, float, float]] = []
        self.groups: list[int] = []

    def add(self, low: float, high: float, cost: float, of: int, usual: float = 1.0) -> int:
        """Open a counter; returns its place."""
        self.limits.append((low, high, cost, usual))
        self.groups.append(of)
        return len(self.groups) - 1

    def enter(self, item: int, counter: int, block: FloatArray) -> None:
        """Let an item's owners, one after another, add so much to a counter."""
        self.entries.append((item, counter, 0, self.filled))
        self.values.append(block)
        self.filled += len(block)

    def arrays(self) -> dict[str, Any]:
        """All of it, by field of the tables."""
        table = np.array(self.entries, dtype=np.int64).reshape(-1, 4)
        start, columns = grouped(
            table[:, 0], [table[:, 1], table[:, 2], table[:, 3]], self.model.items
        )
        limits = np.array(self.limits, dtype=np.float64).reshape(-1, 4)
        lower, upper, price, unit = (np.ascontiguousarray(column) for column in limits.T)
        return {
            "entry_start": start,
            "entry_counter": columns[0],
            "entry_step": columns[1],
            "entry_value": columns[2],
            "counter_value": np.concatenate(self.values),
            "counter_lower": lower,
            "counter_upper": upper,
            "counter_price": price,
            "counter_group": np.array(self.groups, dtype=np.int64),
            "counter_unit": unit,
        }


def _count_budgets(found: _Counters) -> None:
    model, width = found.model, found.width
    for budget, cost, of in found.parts.of("budgets"):
        usual = float(budget.values[budget.values > 0].mean()) if budget.values.any() else 1.0
        counter = found.add(-np.inf, float(budget.upper), cost, of, usual)
        touched = np.bincount(model.pair_items(), weights=budget.values, minlength=model.items)
        for item in np.flatnonzero(touched).tolist():
            begin = int(model.start[item])
            found.enter(item, counter, budget.values[begin : begin + int(width[item])])


def _count_homes(found: _Counters) -> None:
    model, width = found.model, found.width
    for home, cost, of in found.parts.of("homes"):
        if of == HARD and is_locked(model, home):
            continue
        counter = found.add(1.0, np.inf, cost, of)
        for item in home.items:
            block = np.zeros(int(width[item]))
            if model.first[item] <= home.owner < model.last[item]:
                block[home.owner - int(model.first[item])] = 1.0
            found.enter(item, counter, block)


def _count_apart(found: _Counters) -> None:
    """One counter for each owner that both items could have."""
    for pair, cost, of in found.parts.of("apart"):
        owners = int(found.width[pair.a])
        if pair.a == pair.b:
            found.enter(pair.a, found.add(-np.inf, 1.0, cost, of), np.full(owners, 2.0))
            continue
        first = len(found.groups)
        for _ in range(owners):
            found.add(-np.inf, 1.0, cost, of)
        found.entries += [(pair.a, first, 1, 0), (pair.b, first, 1, 0)]
