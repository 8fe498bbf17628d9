"""Bounds, plans and infeasibility against all plans of small problems."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from teig.models.plan import Status
from teig.optimizer.territories.centres import solve_centres
from teig.optimizer.territories.centres.tables import Tables, price_node

from .small_problems import best_by_enumeration, random_problem

SHAPES = [
    shape
    for shape in product((0, 1, 3), (False, True), (False, True), (False, True))
    if not (shape[1] and not shape[3])
]


@pytest.mark.parametrize(("kinds", "contiguous", "by_centre", "own_centre"), SHAPES)
def test_the_plan_is_the_best_and_no_bound_is_above_it(
    kinds: int, contiguous: bool, by_centre: bool, own_centre: bool
) -> None:
    solved = 0
    for seed in range(10):
        model = random_problem(
            seed, kinds=kinds, contiguous=contiguous, by_centre=by_centre,
            own_centre=own_centre, tight=(0.15, 0.4)[seed % 2],
        )  # fmt: skip
        best = best_by_enumeration(model)
        tables, n = Tables.of(model), model.units
        root, _ = price_node(
            tables, tables.cost.copy(), np.arange(n), np.zeros(n, dtype=np.int64),
            np.array([model.territories]), tables.first_alpha, np.zeros((n, kinds)), np.inf, 60,
        )  # fmt: skip
        assert (np.inf if root is None else root.bound) <= best * (1 + 1e-9) + 1e-9
        result = solve_centres(model)
        if np.isinf(best):
            assert result.status is Status.INFEASIBLE
            continue
        solved += 1
        assert result.centres is not None
        assert model.holds(result.centres)
        assert result.status is Status.OPTIMAL
        assert result.objective == pytest.approx(best, rel=1e-7, abs=1e-9)
        assert result.bound <= best * (1 + 1e-9) + 1e-9
    assert solved >= 2


def test_a_search_cut_short_keeps_a_true_bound() -> None:
    plans = 0
    for seed in range(30):
        model = random_problem(
            seed, kinds=1, contiguous=True, by_centre=False, own_centre=True, tight=0.3
        )
        best = best_by_enumeration(model)
        result = solve_centres(model, work=0.0)
        assert result.bound <= best * (1 + 1e-9) + 1e-9
        if result.objective is not None:
            plans += 1
            assert result.objective >= best * (1 - 1e-9)
    assert plans > 5
