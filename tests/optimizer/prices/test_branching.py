"""Branching on large items: never above the optimum, above what prices alone prove."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
from teig.optimizer.territories.posting import compile_stage
from teig.optimizer.territories.prices import branch_bound, price_bound, worthwhile_passes

from ...enumeration import best_in_order, random_problem
from .test_contiguity import plans_of, random_model, values_of

PROBLEMS, RULES = 30, 60
WORK = 400.0


def test_never_above_the_best_plan_of_large_units() -> None:
    seen: Counter[str] = Counter()
    for number in range(PROBLEMS):
        generator = np.random.default_rng([91, number])
        shape = (4, 2, 3) if number % 2 else (3, 3, 2)
        model = random_model(generator, *shape, tolerance=float(generator.uniform(0.1, 0.4)))
        plans = plans_of(model)
        best = float(values_of(model, plans).min()) if len(plans) else math.inf
        prices = price_bound(model, work=200)
        found = branch_bound(model, prices, work=WORK)
        assert prices.bound <= found.bound <= best + 1e-9 * abs(best), number
        seen["feasible"] += bool(len(plans))
        seen["better"] += found.bound > prices.bound * (1 + 1e-3)
        seen["proven to have none"] += math.isinf(found.bound)
        if not len(plans):
            continue
        for upper in (best, 1.02 * best):
            against = price_bound(model, upper=upper, work=200)
            found = branch_bound(model, against, upper=upper, work=WORK)
            assert against.bound <= found.bound <= best + 1e-9 * abs(best), number
            seen["proven"] += found.bound >= best * (1 - 1e-9)
    assert seen["feasible"] > 12, seen
    assert seen["better"] > 10, seen
    assert seen["proven"] > 10, seen


def test_never_above_the_optimum_whatever_rules_there_are() -> None:
    seen: Counter[str] = Counter()
    for number in range(RULES):
        problem = random_problem(np.random.default_rng([92, number]))
        stage = problem.objective.stages[0]
        model = compile_stage(problem, stage)
        oracle = best_in_order(problem)
        best = math.inf if oracle is None else oracle[0][0]
        prices = price_bound(model, work=60)
        if not math.isfinite(prices.bound):
            continue
        found = branch_bound(model, prices, work=200)
        slack = 1e-9 * max(1.0, abs(prices.bound))
        assert prices.bound <= found.bound <= best + slack, (number, found.bound, best)
        seen["better"] += found.bound > prices.bound + 1e-3 * abs(prices.bound)
        seen["bounds"] += math.isfinite(best)
    assert seen["bounds"] > 30, seen
    assert seen["better"] > 5, seen


def test_it_is_repeatable_reports_and_ends_when_told() -> None:
    model = random_model(np.random.default_rng([93, 0]), 6, 5, 4, tolerance=0.1)
    prices = price_bound(model)
    heard: list[float] = []
    one = branch_bound(model, prices, work=WORK, report=heard.append)
    assert one == branch_bound(model, prices, work=WORK)
    assert heard == sorted(heard)
    assert one.bound == heard[-1] > prices.bound
    assert one.work < WORK + 200
    assert branch_bound(model, prices, work=WORK, stop=lambda: True).bound == prices.bound


def test_it_is_tried_where_units_are_large_and_not_where_they_are_small() -> None:
    large = random_model(np.random.default_rng([94, 0]), 6, 5, 5, tolerance=0.05)
    small = random_model(np.random.default_rng([94, 1]), 20, 15, 2, tolerance=0.2)
    assert worthwhile_passes(large, price_bound(large)) > 0
    assert worthwhile_passes(small, price_bound(small, work=200)) == 0
