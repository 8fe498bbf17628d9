"""The response's closed form and its exact variant against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.models.arrays import FloatArray
from teig.scenarios.money.response import expected_sales, sales_with_owed_hours

pulls = st.lists(st.floats(0.1, 50.0), min_size=1, max_size=5).map(np.array)


def best_split(hours: float, c: FloatArray, owed: FloatArray, b: float) -> float:
    """Largest Σ c·t^b: the one marginal return at which everybody's hours add up."""

    def spent(marginal: float) -> FloatArray:
        return np.maximum(owed, (b * c / marginal) ** (1 / (1 - b)))

    low, high = 1e-12, 1e12
    for _ in range(400):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if spent(middle).sum() > hours else (low, middle)
    return float((c * spent(high) ** b).sum())


def random_splits(hours: float, c: FloatArray, owed: FloatArray, b: float) -> float:
    """Best of some random splits that give everybody what is owed."""
    random = np.random.default_rng(1)
    free = hours - owed.sum()
    splits = owed + free * random.dirichlet(np.ones(len(c)), size=200)
    return float((c * splits**b).sum(axis=1).max())


@settings(derandomize=True, deadline=None, max_examples=40)
@given(pull=pulls, hours=st.floats(1.0, 100.0), b=st.floats(0.15, 0.8))
def test_the_closed_form_is_the_best_split(pull: FloatArray, hours: float, b: float) -> None:
    sales = float(expected_sales(np.array(hours), np.array(pull.sum()), b))
    c = pull ** (1 - b)
    spent = hours * pull / pull.sum()
    assert float((c * spent**b).sum()) == pytest.approx(sales)
    assert best_split(hours, c, np.zeros(len(c)), b) == pytest.approx(sales)
    assert random_splits(hours, c, np.zeros(len(c)), b) <= sales * (1 + 1e-9)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(data=st.data(), pull=pulls, b=st.floats(0.15, 0.8))
def test_owed_hours_are_kept_and_the_rest_is_split_best(
    data: st.DataObject, pull: FloatArray, b: float
) -> None:
    owed = np.array(
        data.draw(st.lists(st.floats(0.0, 10.0), min_size=len(pull), max_size=len(pull)))
    )
    hours = float(owed.sum()) + data.draw(st.floats(0.5, 50.0))
    exact = sales_with_owed_hours(hours, pull, owed, b)
    bound = float(expected_sales(np.array(hours), np.array(pull.sum()), b))
    assert exact <= bound * (1 + 1e-9)
    assert exact == pytest.approx(best_split(hours, pull ** (1 - b), owed, b), rel=1e-9)
    assert random_splits(hours, pull ** (1 - b), owed, b) <= exact * (1 + 1e-9)


def test_too_few_hours_shrink_what_is_owed() -> None:
    sales = sales_with_owed_hours(5.0, np.array([4.0, 4.0]), np.array([5.0, 5.0]), 0.5)
    assert sales == pytest.approx(2 * 2.0 * 2.5**0.5)
    assert sales_with_owed_hours(0.0, np.array([4.0]), np.array([1.0]), 0.5) == 0.0
