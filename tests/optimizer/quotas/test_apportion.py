"""The fast deal against enumeration and against CP-SAT."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from ortools.sat.python import cp_model
from teig.models.arrays import FloatArray, IndexArray
from teig.optimizer.quotas.apportion import apportion
from teig.optimizer.quotas.flow import Flow, SumLimit


def best_by_enumeration(
    total: int, index: FloatArray, scale: FloatArray, low: IndexArray, high: IndexArray
) -> tuple[float, float] | None:
    """Smallest threshold beyond what is forced, then the smallest sum."""
    ranges = [range(int(a), int(b) + 1) for a, b in zip(low, high, strict=True)]
    forced = [
        min((abs(x - e) / s for x in xs), default=0.0)
        for xs, e, s in zip(ranges, index, scale, strict=True)
    ]
    keys = []
    for deal in itertools.product(*ranges):
        if sum(deal) == total:
            off = [abs(x - e) / s for x, e, s in zip(deal, index, scale, strict=True)]
            beyond = [f for f, own in zip(off, forced, strict=True) if f > own + 1e-12]
            keys.append((round(max(beyond, default=0.0), 12), sum(off)))
    return min(keys, default=None)


def test_the_deal_is_the_optimum_of_all_deals() -> None:
    rng = np.random.default_rng(1)
    dealt = impossible = 0
    for _ in range(1500):
        count = int(rng.integers(1, 5))
        index = rng.random(count) * 6 if rng.random() < 0.5 else rng.integers(0, 12, count) / 2
        index = np.where(rng.random(count) < 0.15, 0.0, index)
        scale = np.where(index > 0, index, 1.0)
        low = rng.integers(0, 4, count) * (rng.random(count) < 0.4)
        high = low + rng.integers(0, 7, count)
        total = int(rng.integers(0, 14))
        deal = apportion(total, index, scale, low, high)
        best = best_by_enumeration(total, index, scale, low, high)
        if best is None:
            assert deal is None
            impossible += 1
            continue
        dealt += 1
        assert deal is not None
        assert deal.units.sum() == total
        assert ((deal.units >= low) & (deal.units <= high)).all()
        assert deal.threshold == pytest.approx(best[0])
        assert (np.abs(deal.units - index) / scale).sum() == pytest.approx(best[1])
    assert min(dealt, impossible) > 200


def least_sum_by_solver(
    total: int, index: FloatArray, scale: FloatArray, low: IndexArray, high: IndexArray
) -> float:
    model = cp_model.CpModel()
    cells = [model.new_int_var(int(a), int(b), "") for a, b in zip(low, high, strict=True)]
    model.add(cp_model.LinearExpr.sum(cells) == total)
    costs = []
    for cell, e, s in zip(cells, index.tolist(), scale.tolist(), strict=True):
        table = [round(1e9 * abs(x - e) / s) for x in range(int(high.max()) + 1)]
        cost = model.new_int_var(0, max(table), "")
        model.add_element(cell, table, cost)
        costs.append(cost)
    model.minimize(cp_model.LinearExpr.sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return solver.objective_value / 1e9


def test_the_sum_equals_the_solvers_within_the_threshold() -> None:
    rng = np.random.default_rng(2)
    for _ in range(25):
        count = int(rng.integers(5, 12))
        index = rng.random(count) * 20 + 0.1
        total = int(index.sum() * rng.uniform(0.7, 1.3))
        nothing, plenty = np.zeros(count, dtype=np.int64), np.full(count, 60)
        deal = apportion(total, index, index, nothing, plenty)
        assert deal is not None
        own = np.abs(np.floor(index + 0.5) - index) / index
        reach = np.maximum(deal.threshold, own) * (1 + 1e-12) * index
        low = np.maximum(np.ceil(index - reach), 0).astype(np.int64)
        high = np.floor(index + reach).astype(np.int64)
        least = least_sum_by_solver(total, index, index, low, high)
        assert (np.abs(deal.units - index) / index).sum() == pytest.approx(least, abs=1e-6)


def test_many_steps_are_taken_as_exactly_as_few() -> None:
    index = np.array([1e6 + 0.3, 2e6 + 0.4, 5e5 + 0.3])
    deal = apportion(4_200_001, index, index, np.zeros(3, dtype=np.int64), np.full(3, 10**7))
    assert deal is not None
    assert deal.units.sum() == 4_200_001
    assert (deal.units / index).std() < 1e-5


def test_equal_owners_share_a_rest_evenly_and_in_turn() -> None:
    index, nothing, plenty = np.zeros(3), np.zeros(3, dtype=np.int64), np.full(3, 99)
    deal = apportion(10, index, np.ones(3), nothing, plenty)
    assert deal is not None
    assert sorted(deal.units.tolist()) == [3, 3, 4]
    carried = np.array([0.4, -0.2, 0.1])
    turn = apportion(10, np.full(3, 3.3), np.full(3, 3.3), nothing, plenty, carried)
    assert turn is not None
    assert turn.units.tolist() == [3, 4, 3]


def test_a_flow_finds_the_least_sum_under_limits_on_sums() -> None:
    rng = np.random.default_rng(5)
    solved = impossible = 0
    for _ in range(120):
        index = rng.random(4) * 4
        total, totals = np.array([0, 0, 1, 1]), rng.integers(0, 7, 2)
        sums = (SumLimit(np.array([0, 2]), int(rng.integers(0, 5)), int(rng.integers(3, 7))),)
        low, high = np.zeros(4, dtype=np.int64), np.full(4, 6)
        units = Flow(total, totals, sums).solve(low, high, index, index)
        best = min(
            (
                float((np.abs(np.array(x) - index) / index).sum())
                for x in itertools.product(range(7), repeat=4)
                if x[0] + x[1] == totals[0]
                and x[2] + x[3] == totals[1]
                and sums[0].low <= x[0] + x[2] <= sums[0].high
            ),
            default=None,
        )
        if best is None:
            assert units is None
            impossible += 1
        else:
            assert units is not None
            assert (np.abs(units - index) / index).sum() == pytest.approx(best)
            solved += 1
    assert min(solved, impossible) > 10
