"""The bound by prices is never above the optimum, whatever rules and terms there are."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from teig.models.terms import stage_value
from teig.optimizer.territories.posting import compile_stage
from teig.optimizer.territories.prices import price_bound

from ...enumeration import RULE_KINDS, best_in_order, random_problem

#: Random problems of all kinds, and of each rule alone.
MIXED, ALONE = 200, 8
#: Rounding of the oracle's own sums.
ROUNDING = 1e-9


def held_against_brute_force(problem: object, seen: Counter[str], number: object) -> None:
    """Bound each stage of a problem and hold it against every plan there is."""
    oracle = best_in_order(problem)  # type: ignore[arg-type]
    earlier: list[tuple[object, float]] = []
    for index, stage in enumerate(problem.objective.stages):  # type: ignore[attr-defined]
        model = compile_stage(problem, stage, tuple(earlier))  # type: ignore[arg-type]
        if oracle is None:
            found = price_bound(model, work=40)
            seen["no plan"] += 1
            seen["no plan, proven"] += math.isinf(found.bound)
            return
        best = oracle[0][index]
        loose = price_bound(model, work=60)
        tight = price_bound(model, work=60, upper=best, prices=loose.prices, tables=loose.tables)
        slack = ROUNDING * max(1.0, abs(best))
        for found in (loose, tight):
            assert found.bound <= best + slack, (number, stage.name, found.bound, best)
        assert tight.bound >= loose.bound - slack, (number, stage.name)
        seen["bounds"] += 1
        seen["within a tenth"] += tight.bound >= 0.9 * best - slack
        seen["with earlier sums"] += bool(model.earlier)
        _check_pruning(problem, stage, model, best, oracle[1], seen)
        limit = best + stage.tolerance * abs(best)
        earlier.append((stage, limit + ROUNDING * max(1.0, abs(limit))))


def _check_pruning(problem, stage, model, best, plans, seen) -> None:  # type: ignore[no-untyped-def]
    """An optimal plan survives when pairs are ruled out against a worse plan."""
    upper = best + 0.05 * max(1.0, abs(best))
    found = price_bound(model, work=60, upper=upper)
    seen["pairs"] += model.pairs
    seen["pairs ruled out"] += int((model.allowed & ~found.possible).sum())
    leader = np.unique(model.item_of_cover, return_index=True)[1]
    for plan in plans:
        if stage_value(problem, plan, stage) <= best + ROUNDING * max(1.0, abs(best)):
            owners = plan.owner[leader]
            assert found.possible[model.start + owners - model.first].all()


def test_never_above_the_optimum_of_random_problems() -> None:
    seen: Counter[str] = Counter()
    for number in range(MIXED):
        problem = random_problem(np.random.default_rng([31, number]))
        held_against_brute_force(problem, seen, number)
    assert seen["bounds"] > 250, seen
    assert seen["with earlier sums"] > 60, seen
    assert seen["within a tenth"] > 0.5 * seen["bounds"], seen
    assert seen["pairs ruled out"] > 0.05 * seen["pairs"], seen


@pytest.mark.parametrize("kind", RULE_KINDS, ids=lambda kind: kind.kind)
def test_never_above_the_optimum_with_a_rule_alone(kind: type) -> None:
    seen: Counter[str] = Counter()
    for number in range(ALONE):
        problem = random_problem(np.random.default_rng([32, number]), kinds=[kind])
        held_against_brute_force(problem, seen, number)
    assert seen["bounds"] > 0, seen


def test_an_item_that_nobody_may_have_has_no_plan() -> None:
    problem = random_problem(np.random.default_rng([33, 0]), kinds=[])
    model = compile_stage(problem, problem.objective.stages[0])
    model.allowed[:] = False
    assert price_bound(model).bound == math.inf


def test_the_same_input_gives_the_same_bytes() -> None:
    problem = random_problem(np.random.default_rng([34, 0]))
    model = compile_stage(problem, problem.objective.stages[0])
    one, other = price_bound(model, work=100), price_bound(model, work=100)
    assert one.bound == other.bound
    assert one.prices.loads.tobytes() == other.prices.loads.tobytes()
