"""The exact core: random mixes of rules and terms against every plan there is."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from teig.models import Objective, Plan
from teig.models.plan import Status
from teig.models.rules import RULES, Balance, Capacity, Contiguity, KeepTogether, MeasureRange
from teig.models.terms import stage_value
from teig.optimizer import solve_territories
from teig.optimizer.territories.exact import Effort, solve_exact
from teig.optimizer.territories.exact.rounding import excess_scale, plain_factor, rounded
from teig.optimizer.territories.posting import compile_stage

from ...enumeration import best_in_order, random_problem, row, violations

#: Random problems of the agreement test.
PROBLEMS = 200


def test_agrees_with_brute_force_on_random_problems() -> None:
    met: Counter[str] = Counter()
    for number in range(PROBLEMS):
        problem = random_problem(np.random.default_rng([2026, number]))
        oracle = best_in_order(problem)
        result = solve_territories(problem)
        met["weighted" if len(problem.objective.stages) == 1 else "in order"] += 1
        met["two teams" if len(problem.teams) > 1 else "one team"] += 1
        for rule in problem.rules:
            met[f"{rule.kind} {'hard' if rule.hard else 'soft'}"] += 1
        if oracle is None:
            met["infeasible"] += 1
            assert result.status is Status.INFEASIBLE, number
            assert result.plan is None
            continue
        met["feasible"] += 1
        assert result.status is Status.OPTIMAL, number
        assert result.stopped_by == "proof"
        assert result.evaluation is not None
        assert result.evaluation.feasible
        for value, stage in zip(oracle[0], result.stages, strict=True):
            assert stage.objective == pytest.approx(value, rel=1e-6, abs=1e-6), (number, stage)
            assert stage.bound is not None
            assert stage.bound <= value + 1e-9 * max(1.0, abs(value)), (number, stage)
            met["stages"] += 1
    assert met["feasible"] >= 120, met
    assert met["infeasible"] >= 25, met
    assert min(met["weighted"], met["in order"], met["two teams"]) >= 40, met
    never_soft, never_hard = {"coverage"}, {"incumbent_preference"}
    for kind in RULES:
        assert kind in never_hard or met[f"{kind} hard"] >= 5, (kind, met)
        assert kind in never_soft or met[f"{kind} soft"] >= 5, (kind, met)


def test_a_stage_may_give_up_its_tolerance() -> None:
    sketch = row(4, 2, sales=[1, 2, 3, 4], hours=[80, 40])
    seen = 0
    for tolerance in (0.0, 0.2, 0.5):
        objective = Objective.in_order(
            [("fair", {"deviation:load": 1}), ("drive", {"travel_km": 1})]
        )
        fair = objective.stages[0]
        stages = (type(fair)(fair.name, fair.terms, tolerance), objective.stages[1])
        problem = sketch.problem([], Objective(stages))
        oracle = best_in_order(problem)
        result = solve_territories(problem)
        assert oracle is not None
        assert result.stages[1].objective == pytest.approx(oracle[0][1])
        best = oracle[0][0]
        assert result.stages[0].objective is not None
        assert result.stages[0].objective <= best * (1 + tolerance) + 1e-6
        seen += result.stages[0].objective > best + 1e-6
    assert seen >= 1


def test_pieces_are_counted_on_covers_where_units_are_kept_together() -> None:
    """Ends of a row kept together: the middle has to go with them."""
    problem = row(3, 2, workload=[1, 1, 1]).problem(
        [KeepTogether(groups=(("u0", "u2"),)), Contiguity()],
        Objective.weighted({"deviation:units": 1.0}),
    )
    oracle = best_in_order(problem)
    result = solve_territories(problem)
    assert oracle is not None
    assert result.plan is not None
    assert len(set(result.plan.owner.tolist())) == 1
    assert result.stages[0].objective == pytest.approx(oracle[0][0])


def test_large_figures_are_proven_right() -> None:
    """Coefficients beyond 32 bits in one constraint made CP-SAT 9.15 prove a false optimum."""
    compared = 0
    for number in range(30):
        generator = np.random.default_rng([31, number])
        sales = (generator.integers(1, 9, 6) * 1e9 / 7).tolist()
        problem = row(6, 3, sales=sales).problem(
            [], Objective.weighted({"deviation:sales": 1.0, "travel_km": 1e6})
        )
        oracle = best_in_order(problem)
        result = solve_territories(problem)
        assert oracle is not None
        assert result.stages[0].objective == pytest.approx(oracle[0][0], rel=1e-7)
        compared += 1
    assert compared == 30


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e7, 1 / 3, 1e-4])
def test_hard_limits_accept_what_the_checker_accepts(scale: float) -> None:
    """A total exactly at its limit is a plan, a thousandth beyond is none, at any scale."""
    sales = [scale * k for k in (1, 2, 3, 6)]
    at, beyond = 6 * scale, 6 * scale * (1 - 1e-3) if scale >= 1 else 6 * scale - 1e-3
    for maximum, status in ((at, Status.OPTIMAL), (beyond, Status.INFEASIBLE)):
        rule = MeasureRange(measure="sales", maximum=maximum)
        assert solve_territories(row(4, 2, sales=sales).problem([rule])).status is status


def test_limits_are_never_called_infeasible() -> None:
    problem = row(6, 3).problem([Contiguity()], Objective.weighted({"travel_km": 1.0}))
    model = compile_stage(problem, problem.objective.stages[0])
    found = solve_exact(model, Effort(work=1e-9))
    assert found.status in (Status.UNKNOWN, Status.FEASIBLE, Status.OPTIMAL)
    stopped = solve_exact(model, stop=lambda: True)
    assert stopped.status is not Status.INFEASIBLE


def test_a_start_is_kept_or_bettered() -> None:
    problem = row(6, 2).problem(
        [Balance(measure="units", tolerance=0.0, target="equal"), Contiguity()],
        Objective.weighted({"travel_km": 1.0}),
    )
    model = compile_stage(problem, problem.objective.stages[0])
    start = np.array([1, 1, 1, 0, 0, 0])
    found = solve_exact(model, start=start)
    assert found.owners is not None
    plan = Plan(model.cover_owners(found.owners))
    assert violations(problem, plan) == 0
    assert stage_value(problem, plan, problem.objective.stages[0]) <= stage_value(
        problem, Plan(start), problem.objective.stages[0]
    )


def test_the_same_input_gives_the_same_plan() -> None:
    problem = random_problem(np.random.default_rng(5), kinds=[Capacity, Contiguity])
    plans = [solve_territories(problem).plan for _ in range(3)]
    assert plans[0] is not None
    assert plans[0] == plans[1] == plans[2]


def test_plain_figures_become_whole() -> None:
    assert plain_factor(np.array([0.1, 0.3]), 2.0**30) == 10
    assert plain_factor(np.array([1.0, 1e9]), 100.0) is None
    figures = rounded(np.array([0.1, 1 / 3]), 10.0)
    assert figures.whole.tolist() == [1, 3]
    assert figures.error[0] == 0.0
    assert figures.error[1] == pytest.approx(1 / 3)


def test_scale_and_cost_of_an_excess_make_its_price() -> None:
    for price in (1.0, 0.01, 1 / 3, 1e6):
        for factor in (1.0, 100.0, 2.0**20):
            scale, cost = excess_scale(np.array([1.0, 2.5]), 3.0, price, factor)
            assert cost >= 1
            assert scale * cost == pytest.approx(price * factor, rel=1e-12)
