"""Terms that count by their largest value: limits on it against the exact core."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from teig.models import Objective, Plan
from teig.models.arrays import IndexArray
from teig.models.rules import Balance, Contiguity
from teig.models.terms import stage_value
from teig.optimizer import solve_territories
from teig.optimizer.territories.exact import Effort, solve_exact
from teig.optimizer.territories.model import AssignmentModel
from teig.optimizer.territories.posting import compile_stage
from teig.optimizer.territories.stages.bottleneck import solve_bottleneck

from ...enumeration import Sketch, random_problem, random_sketch


def exact_search(model: AssignmentModel) -> IndexArray | None:
    return solve_exact(model, Effort(work=2.0)).owners


@pytest.mark.parametrize("term", ["farthest_km", "diameter_km"])
def test_limits_bracket_the_optimum(term: str) -> None:
    seen: Counter[str] = Counter()
    for number in range(12):
        generator = np.random.default_rng([81, number])
        bare = random_sketch(generator).problem()
        rules = (Balance(measure="sales", tolerance=0.6), Contiguity())
        weights = {term: 1.0, "distance:sales": float(generator.integers(0, 2))}
        problem = bare.replace(rules=rules, objective=Objective.weighted(weights))
        stage = problem.objective.stages[0]
        model = compile_stage(problem, stage)
        assert len(model.largest) == 1
        exact = solve_exact(model)
        found = solve_bottleneck(model, exact_search, start=None, work=100.0, stop=lambda: False)
        if exact.value is None:
            assert found.owners is None
            continue
        seen["plans"] += 1
        assert found.bound <= exact.value + exact.unit + 1e-9 * exact.value
        assert found.value >= exact.value - exact.unit - 1e-9 * exact.value
        seen["within a hundredth"] += found.value <= 1.01 * exact.value
        seen["bound within a fifth"] += found.bound >= 0.8 * exact.value
    assert seen["plans"] >= 5, seen
    assert seen["within a hundredth"] == seen["plans"], seen
    if term == "farthest_km":
        assert seen["bound within a fifth"] >= 0.7 * seen["plans"], seen


def test_a_later_stage_keeps_the_largest_distance() -> None:
    tighter = 0
    for number in range(8):
        bare = random_problem(np.random.default_rng([82, number]), kinds=[])
        order = Objective.in_order([("far", {"farthest_km": 1.0}), ("near", {"travel_km": 1.0})])
        problem = bare.replace(objective=order)
        first, second = problem.objective.stages
        best = solve_exact(compile_stage(problem, first))
        if best.value is None:
            continue
        limit = best.value + best.unit + 1e-9
        model = compile_stage(problem, second, ((first, limit),))
        free = compile_stage(problem, second)
        tighter += int(model.allowed.sum()) < int(free.allowed.sum())
        found = solve_exact(model)
        assert found.owners is not None
        plan = Plan(model.cover_owners(found.owners))
        assert stage_value(problem, plan, first) <= limit + 1e-6
    assert tighter > 0


def test_larger_problems_are_searched_within_limits() -> None:
    """More pairs than the exact core is given at once."""
    places = [(0.1 * (k // 13), 0.1 * (k % 13)) for k in range(130)]
    edges = [(k, k + 1) for k in range(130) if k % 13 < 12] + [(k, k + 13) for k in range(117)]
    bases = [places[k] for k in range(0, 130, 11)]
    sketch = Sketch(places=places, edges=edges, bases=bases)
    rules = (Balance(measure="sales", tolerance=0.3), Contiguity())
    problem = sketch.problem(rules, Objective.weighted({"farthest_km": 1.0}))
    found = solve_territories(problem, work=0.02)
    stage = found.stages[0]
    assert found.plan is not None
    assert stage.objective is not None and stage.bound is not None
    assert 0.0 < stage.bound <= stage.objective < 3.0 * stage.bound
