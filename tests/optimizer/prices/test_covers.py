"""Rows of whole items hold for every choice that keeps the limits, and lift the bound."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter

import numpy as np
from teig.models.arrays import IndexArray
from teig.optimizer.territories.model import AssignmentModel, Connected
from teig.optimizer.territories.prices import price_bound
from teig.optimizer.territories.prices.covers import broken_covers, cover, knapsacks_of, lifted
from teig.optimizer.territories.tables import compile_tables

from .test_contiguity import plans_of, random_model, values_of

KNAPSACKS, PROBLEMS = 300, 40


def test_covers_hold_for_every_set_within_the_limit() -> None:
    seen: Counter[str] = Counter()
    for number in range(KNAPSACKS):
        generator = np.random.default_rng([81, number])
        a = np.sort(generator.integers(1, 60, 9).astype(float) ** 2)[::-1].copy()
        a = a[generator.permutation(9)]
        limit = float(a.sum() * generator.uniform(0.2, 0.9))
        shares = np.clip(generator.normal(0.5, 0.6, 9), 0.0, 1.0)
        sets = np.array(list(itertools.product((0.0, 1.0), repeat=9)))
        sets = sets[sets @ a <= limit]
        for seed in np.flatnonzero((shares > 0) & (shares < 1)).tolist():
            found = cover(a, shares, limit, seed)
            if found is None:
                continue
            seen["covers"] += 1
            inner = np.minimum(a, found.excess)
            large = a[found.inside & (a > found.excess)]
            outer = lifted(a, large, found.excess)
            weight = np.where(found.inside, inner, outer)
            top = inner[found.inside].sum() - found.excess
            assert (sets @ weight <= top + 1e-9 * a.sum()).all(), number
            assert shares @ weight >= top + found.broken - 1e-9 * a.sum()
            seen["lifted"] += bool((outer[~found.inside] > 0).any())
            seen["met"] += bool((sets @ weight >= top - 1e-9 * a.sum()).any())
    assert seen["covers"] > 100, seen
    assert seen["lifted"] > 30, seen
    assert seen["met"] > 100, seen


def test_rows_hold_for_every_plan() -> None:
    seen: Counter[str] = Counter()
    for number in range(PROBLEMS):
        generator = np.random.default_rng([82, number])
        shape = (4, 2, 3) if number % 2 else (3, 3, 2)
        model = random_model(generator, *shape, tolerance=float(generator.uniform(0.05, 0.4)))
        model = dataclasses.replace(model, connected=())
        plans = _plans(model)
        tables = compile_tables(model)
        for _ in range(4):
            share = generator.dirichlet(np.full(model.owners, 0.3), model.items)
            share = np.where(model.allowed.reshape(share.shape), share, 0.0)
            share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
            rows = broken_covers(tables, share.ravel(), knapsacks_of(model))
            seen["rows"] += len(rows)
            for row in range(len(rows)):
                entries = slice(rows.begin[row], rows.begin[row + 1])
                item, value = rows.item[entries], rows.value[entries]
                held = plans[:, item] == rows.owner[row]
                assert (held @ value <= rows.limit[row] + 1e-12).all(), (number, row)
                assert share[item, rows.owner[row]] @ value > rows.limit[row]
                seen["lower"] += rows.limit[row] < 0
        if not len(plans):
            continue
        best = float(values_of(model, plans).min())
        plain, found = price_bound(model, cuts=False), price_bound(model)
        assert plain.bound - 1e-6 * abs(best) <= found.bound <= best + 1e-9 * best
        seen["better"] += found.bound > plain.bound + 1e-3 * best
    assert seen["rows"] > 300, seen
    assert seen["lower"] > 50, seen
    assert seen["better"] > 15, seen


def _plans(model: AssignmentModel) -> IndexArray:
    """Every plan within the limits, whether it hangs together or not."""
    edges = np.array(list(itertools.combinations(range(model.items), 2)))
    who = np.ones(model.owners, dtype=np.bool_)
    every = Connected("all", edges, who, np.inf, edges)
    return plans_of(dataclasses.replace(model, connected=(every,)))
