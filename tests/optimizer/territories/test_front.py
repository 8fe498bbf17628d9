"""Fronts against enumeration: every point is best within its limits, and none is dominated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from teig.models import Objective, Plan, Problem
from teig.models.objective import Stage, Term
from teig.models.plan import Status
from teig.models.terms import stage_value
from teig.optimizer import solve_territories
from teig.optimizer.territories.front import (
    Front,
    FrontPoint,
    dominates,
    trade_off_front,
    without_doubles,
)
from teig.optimizer.territories.result import TerritoryResult

from ...enumeration import all_plans, random_problem, violations


def solve(
    problem: Problem, limits: Sequence[tuple[Stage, float]], start: Plan | None
) -> TerritoryResult:
    return solve_territories(problem, limits=limits, start=start)


def value(problem: Problem, plan: Plan, term: str) -> float:
    return stage_value(problem, plan, Stage(term, (Term(term),)))


def check(front: Front, problem: Problem, terms: Sequence[str]) -> int:
    plans = [plan for plan in all_plans(problem) if not violations(problem, plan)]
    every = [tuple(value(problem, plan, term) for term in terms) for plan in plans]
    for point in front.points:
        assert tuple(value(problem, point.plan, term) for term in terms) == pytest.approx(
            point.values
        )
        assert not violations(problem, point.plan)
        within = [v for v in every if all(np.array(v[1:]) <= np.array(point.limits) + 1e-6)]
        least = min(v[0] for v in within)
        if point.bound is not None:
            assert point.bound <= least + 1e-6 * max(1.0, abs(least))
        if any(np.isfinite(point.limits)):
            assert point.values[0] == pytest.approx(least, rel=1e-6, abs=1e-6)
        better = any(dominates(v, point.values) for v in (p.values for p in front.points))
        assert point.dominated == better
        if not point.dominated and any(np.isfinite(point.limits)):
            assert not any(
                dominates([x + 1e-6 * max(1.0, abs(x)) for x in v], point.values) for v in every
            )
    return len(front.points)


@pytest.mark.parametrize(
    "terms", [("travel_km", "disruption:units"), ("travel_km", "disruption:sales", "cut_edges")]
)
def test_fronts_of_tiny_problems(terms: tuple[str, ...]) -> None:
    points = fronts = 0
    for number in range(14):
        problem = random_problem(np.random.default_rng([21, number]))
        rules = tuple(r if r.hard else replace(r, price=0.0) for r in problem.rules)
        problem = problem.replace(rules=rules, objective=Objective.weighted({"travel_km": 1.0}))
        front = trade_off_front(problem, terms, 6, solve)
        if not front.points:
            assert not [p for p in all_plans(problem) if not violations(problem, p)]
            continue
        found = check(front, problem, terms)
        points, fronts = points + found, fronts + (found > 1)
    assert fronts >= 3
    assert points >= 12


@pytest.mark.parametrize(
    "terms", [("travel_km", "disruption:units"), ("travel_km", "disruption:sales", "cut_edges")]
)
def test_fronts_by_prices(terms: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """As for large problems: plans that keep their limits, none dominated, true bounds."""
    monkeypatch.setattr("teig.optimizer.territories.front.SMALL", 0)
    tight = points = missed = 0
    for number in range(5):
        problem = random_problem(np.random.default_rng([22, number]))
        rules = tuple(r if r.hard else replace(r, price=0.0) for r in problem.rules)
        problem = problem.replace(rules=rules, objective=Objective.weighted({"travel_km": 1.0}))
        front = trade_off_front(problem, terms, 6, solve)
        plans = [plan for plan in all_plans(problem) if not violations(problem, plan)]
        every = [tuple(value(problem, plan, term) for term in terms) for plan in plans]
        assert bool(front.points) == bool(plans)
        for limits, status in front.missed:
            keeping = [v for v in every if (np.array(v[1:]) <= np.array(limits)).all()]
            assert not (keeping and status is Status.INFEASIBLE)
            missed += status is Status.INFEASIBLE
        for point in front.points:
            measured = tuple(value(problem, point.plan, term) for term in terms)
            assert measured == pytest.approx(point.values)
            assert (np.array(measured[1:]) <= np.array(point.limits) + 1e-6).all()
            within = [v for v in every if (np.array(v[1:]) <= np.array(point.limits) + 1e-6).all()]
            least = min(v[0] for v in within)
            assert point.bound is not None
            assert point.bound <= least + 1e-6 * max(1.0, least)
            assert not point.dominated
            tight += point.values[0] <= least + 1e-6 * max(1.0, least)
            points += 1
        if front.points:
            assert front.points[0].values[0] == pytest.approx(min(v[0] for v in every), rel=1e-2)
    assert points >= 8
    assert tight > 0.6 * points
    assert missed >= (2 if len(terms) == 3 else 0)


def test_terms_are_two_or_three_different_ones() -> None:
    problem = random_problem(np.random.default_rng([21, 0]))
    for terms in (("travel_km",), ("travel_km", "travel_km")):
        with pytest.raises(ValueError, match="two or three different terms"):
            trade_off_front(problem, terms, 5, solve)


def test_points_that_another_beats_are_marked_and_doubles_kept_once() -> None:
    plan = Plan(np.zeros(1, dtype=np.int64))

    def point(values: tuple[float, ...], bound: float | None) -> FrontPoint:
        return FrontPoint(values, (np.inf,), bound, Status.FEASIBLE, plan)

    found = without_doubles(
        [point((3.0, 1.0), 2.0), point((1.0, 2.0), None), point((1.0, 2.0), 0.5),
         point((4.0, 1.0), 3.0), point((2.0, 2.5), 1.0)]
    )  # fmt: skip
    assert [(each.values, each.bound, each.dominated) for each in found] == [
        ((1.0, 2.0), 0.5, False),
        ((2.0, 2.5), 1.0, True),
        ((3.0, 1.0), 2.0, False),
        ((4.0, 1.0), 3.0, True),
    ]
