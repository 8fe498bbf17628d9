"""Cuts on mixtures of territories never cut off a better choice, against trying all."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from teig.models.arrays import BoolArray, FloatArray
from teig.optimizer.territories.columns import tightening
from teig.optimizer.territories.columns.tightening import tighten

ITEMS, OWNERS, EACH = 6, 3, 14


def listed(generator: np.random.Generator) -> tuple[BoolArray, FloatArray]:
    """Territories of each owner, each listed once, and what they cost."""
    columns, cost = [], []
    for owner in range(OWNERS):
        for mask in generator.choice(np.arange(1, 2**ITEMS), EACH, replace=False).tolist():
            items = [(mask >> item) & 1 for item in range(ITEMS)]
            columns.append([*items, *(int(owner == other) for other in range(OWNERS))])
            cost.append(sum(items) * generator.uniform(0.7, 1.3))
    return np.array(columns, dtype=np.bool_).T, np.array(cost)


def choices(cover: BoolArray, cost: FloatArray) -> list[tuple[float, tuple[int, ...]]]:
    """Every choice that covers each row once, the cheapest first."""
    by_owner = [np.flatnonzero(row).tolist() for row in cover[-OWNERS:]]
    return sorted(
        (float(cost[list(chosen)].sum()), chosen)
        for chosen in itertools.product(*by_owner)
        if (cover[:, list(chosen)].sum(axis=1) == 1).all()
    )


def test_keeps_every_better_choice_and_bounds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tightening, "FIRST", 10)
    cut, emptied, seen = 0, 0, 0
    for number in range(150):
        generator = np.random.default_rng([44, number])
        cover, cost = listed(generator)
        known = choices(cover, cost)
        # Above all of them, between two of them, and below the best.
        for cutoff in (*(value + 1e-6 for value, _ in known[:2]), ITEMS * 0.9):
            better = [each for each in known if each[0] < cutoff - 1e-7]
            found = tighten(cover, cost, cost - cost.min(), cutoff, OWNERS)
            kept = set(found.kept.tolist())
            for value, chosen in better:
                assert set(chosen) <= kept
                assert found.bound <= value + 1e-7
                for rows in found.rows:
                    assert (cover[rows][:, list(chosen)].sum(axis=0) >= 2).sum() <= 1
            seen += len(better)
            cut += len(found.rows)
            emptied += not len(found.kept)
    assert seen > 50
    assert cut > 10
    assert emptied > 50
