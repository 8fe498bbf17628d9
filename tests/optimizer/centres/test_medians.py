"""Medians with whole capacities: bounds and plans against all plans, and any number of workers."""

from __future__ import annotations

import numpy as np
import pytest
from teig.optimizer.territories.centres import CentreModel, centre_model, solve_centres
from teig.optimizer.territories.centres.columns import MedianPricing
from teig.optimizer.territories.centres.control import Control
from teig.optimizer.territories.centres.knapsack import best_set
from teig.optimizer.territories.centres.medians import MedianSearch, first_prices

from .small_problems import best_by_enumeration


def random_medians(rng: np.random.Generator, n: int, p: int) -> CentreModel:
    """Units in a square with whole amounts, and capacities that just do."""
    places = rng.uniform(0, 100, (n, 2))
    amounts = rng.integers(1, 12, n).astype(float)
    upper = rng.integers(0, 5, n) + np.ceil(amounts.sum() / p * rng.uniform(1.0, 1.4))
    cost = np.hypot(*(places[:, None, axis] - places[None, :, axis] for axis in (0, 1)))
    return centre_model(
        cost, p, activities=amounts, lower=-np.inf, upper=upper[None, :], own_centre=False
    )


def test_no_bound_is_above_the_best_plan() -> None:
    rng = np.random.default_rng(5)
    met, close = 0, 0
    for _ in range(100):
        model = random_medians(rng, int(rng.integers(4, 7)), int(rng.integers(1, 4)))
        best = best_by_enumeration(model)
        search = MedianSearch(model, Control(), workers=1)
        search.begin()
        search.improve()
        assert search.bound <= best * (1 + 1e-7) + 1e-9
        if np.isinf(best):
            assert search.plan is None
            continue
        met += 1
        if search.plan is not None:
            assert model.holds(search.plan)
            assert search.value >= best * (1 - 1e-9)
            close += search.value <= best * (1 + 1e-9)
    assert met >= 70
    assert close >= 0.9 * met


def test_any_prices_give_a_true_bound() -> None:
    rng = np.random.default_rng(6)
    for _ in range(100):
        model = random_medians(rng, 6, 2)
        best = best_by_enumeration(model)
        pricing = MedianPricing(model, first_prices(model), 1)
        prices = rng.uniform(0, 80, 6)
        bound = pricing.pricing.value(np.minimum(prices, pricing.ceiling))
        assert bound <= best * (1 + 1e-7) + 1e-9


def test_the_best_set_is_the_best_of_all_subsets() -> None:
    rng = np.random.default_rng(7)
    for _ in range(60):
        n, capacity = 8, int(rng.integers(0, 30))
        amount, alpha = rng.integers(0, 12, n), rng.uniform(0, 9, n)
        cost = rng.uniform(0, 9, n).astype(np.float32)
        chosen = np.zeros(n, dtype=np.bool_)
        value = best_set(np.arange(n, dtype=np.int32), cost, alpha, amount, capacity, chosen)
        least = 0.0
        for mask in range(1 << n):
            taken = np.array([mask >> i & 1 for i in range(n)], dtype=np.bool_)
            if amount[taken].sum() <= capacity:
                least = min(least, float((cost - alpha)[taken].sum()))
        assert value == pytest.approx(least, abs=1e-6)
        assert amount[chosen].sum() <= capacity
        assert (cost - alpha)[chosen].sum() == pytest.approx(value, abs=1e-6)


def test_workers_make_no_difference() -> None:
    model = random_medians(np.random.default_rng(8), 90, 12)
    one, two = (solve_centres(model, work=1.0, workers=workers) for workers in (1, 2))
    assert one.centres is not None
    assert two.centres is not None
    assert (one.centres == two.centres).all()
    assert one.bound == two.bound
    assert one.gap is not None
    assert one.gap < 0.05
