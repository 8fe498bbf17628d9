"""Figures in futures against a naive computation: one sample, one rule, one unit at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from teig.models import Objective, Plan, Problem
from teig.models.arrays import FloatArray
from teig.models.rules import Balance, Capacity, DisruptionCap, MaximumDistance, MeasureRange
from teig.models.rules.sampled import Future
from teig.models.terms import term_value
from teig.models.totals import travel_values
from teig.optimizer.robustness import FutureDraws, Futures, PlanInFutures, Spread, measure_under

from ...enumeration import Sketch, all_plans, random_problem, random_sketch

MEASURES = ("load", "travel_hours", "travel_km", "nights", "potential", "sales", "units", "visits")


def future(futures: Futures, sample: int) -> Future:
    return Future(
        futures.potential[sample],
        futures.workload()[sample],
        futures.minutes[sample],
        float(futures.kilometres[sample]),
    )


def plan_of(problem: Problem, generator: np.random.Generator) -> Plan:
    plans = list(all_plans(problem))
    return plans[int(generator.integers(0, len(plans)))]


def test_without_leavers_each_sample_is_the_problem_as_it_is_there() -> None:
    seen = 0
    for number in range(12):
        generator = np.random.default_rng([31, number])
        problem = random_problem(
            generator,
            kinds=[Balance, Capacity, MeasureRange, MaximumDistance, DisruptionCap],
        )
        rules = tuple(
            replace(r, measure="sales") if isinstance(r, DisruptionCap) else r
            for r in problem.rules
        )
        problem = problem.replace(rules=rules, objective=Objective.weighted({"travel_km": 1.0}))
        plan = plan_of(problem, generator)
        spread = Spread(attrition=0.0, workload_follows=0.5, local=0.5)
        futures = FutureDraws(spread, 5, number).of(problem)
        found = measure_under(problem, plan, futures)
        assert {rule.name for rule in problem.rules} == set(found.broken) - {"coverage"}
        for sample in range(5):
            there = future(futures, sample).of(problem)
            assert found.figures["travel_hours"][sample] == pytest.approx(
                term_value(there, plan, "travel_hours")
            )
            for rule in problem.rules:
                amount = sum(v.amount for v in rule.check(there, plan))
                assert found.broken[rule.name][sample] == pytest.approx(amount, rel=1e-6, abs=1e-6)
                seen += amount > 0
                assert rule.name in found.scatters
    assert seen > 40


def naive_totals(problem: Problem, plan: Plan, futures: Futures, sample: int, measure: str) -> FloatArray:  # fmt: skip
    """Unit by unit: what its owner carries of it, and what its stand-in does."""
    there, gone = future(futures, sample).of(problem), futures.gone[sample]
    sums = np.zeros(len(problem.owners))
    for cover, owner in enumerate(plan.owner.tolist()):
        if owner < 0:
            continue
        sums[owner] += (1 - gone[owner]) * value(there, cover, owner, measure)
        if gone[owner] > 0:
            other = stand_in(problem, plan, gone, cover, owner)
            if other is not None:
                sums[other] += gone[owner] * value(there, cover, other, measure)
    return sums


def value(problem: Problem, cover: int, owner: int, measure: str) -> float:
    if measure in ("load", "travel_hours", "travel_km", "nights"):
        found = 0.0
        if problem.owners.holds_territory[owner]:
            pair = np.array([cover]), np.array([owner])
            team = int(problem.covers.team[cover])
            found = float(travel_values(problem, team, *pair, measure)[0])
        return found + (problem.covers.workload[cover] if measure == "load" else 0.0)
    if measure == "units":
        return float(problem.units.shares[problem.covers.unit[cover]])
    return float(
        problem.covers.visits[cover]
        if measure == "visits"
        else problem.covers.measures[measure][cover]
    )


def stand_in(problem: Problem, plan: Plan, gone: FloatArray, cover: int, owner: int) -> int | None:
    team = problem.teams[int(problem.covers.team[cover])]
    touching = set()
    for a, b in team.neighbours.pairs.tolist():
        pair = {int(plan.owner[a]), int(plan.owner[b])}
        if owner in pair:
            touching |= pair
    ways = {
        other: team.minutes[cover - team.covers.start, other - team.owners.start]
        for other in team.owners
        if other != owner and not gone[other] and problem.owners.holds_territory[other]
    }
    ways = {other: way for other, way in ways.items() if np.isfinite(way)}
    if not ways:
        return None
    return min(ways, key=lambda other: (other not in touching, ways[other]))


def test_totals_with_leavers_are_those_of_a_naive_count() -> None:
    stood_in = 0
    for number in range(25):
        generator = np.random.default_rng([32, number])
        problem = random_sketch(generator).problem()
        plan = plan_of(problem, generator)
        spread = Spread(attrition=0.5, vacancy_months=8.0, workload_follows=1.0)
        futures = FutureDraws(spread, 4, number).of(problem)
        standing = PlanInFutures(problem, plan, futures)
        for measure in MEASURES:
            found = standing.measure(measure)
            for sample in range(4):
                wanted = naive_totals(problem, plan, futures, sample, measure)
                assert found[sample] == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        sales = problem.covers.measures["sales"] * standing.potential()
        assert standing.totals(sales).sum(axis=1) + standing.unserved(sales) == pytest.approx(
            np.where(plan.owner >= 0, sales, 0.0).sum(axis=1)
        )
        stood_in += int(standing.served.sum())
    assert stood_in > 60


def three_in_a_row(**spread: float | str) -> tuple[PlanInFutures, Problem]:
    sketch = Sketch(
        places=[(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (0.0, 3.0)],
        edges=[(0, 1), (1, 2), (2, 3)],
        bases=[(0.0, 0.0), (0.0, 1.5), (0.0, 3.0)],
    )
    problem = sketch.problem([Capacity(hard=False), Balance(measure="sales", hard=False)])
    still = {"market": 0.0, "region": 0.0, "segment": 0.0, "unit": 0.0, "circuity": 0.0}
    kind = Spread(**(still | {"speed": 0.0, "local": 0.0} | spread))  # type: ignore[arg-type]
    futures = FutureDraws(kind, 1, 1).of(problem)
    gone = np.array([[0.0, 0.25, 0.0]])
    plan = Plan(np.array([0, 1, 1, 2]))
    return PlanInFutures(problem, plan, replace(futures, gone=gone)), problem


def test_neighbours_stand_in_for_a_quarter_of_the_year() -> None:
    standing, _ = three_in_a_row()
    assert standing.measure("sales")[0].tolist() == [1.25, 1.5, 1.25]
    assert standing.unserved(np.ones((1, 4))).tolist() == [0.0]
    nobody, problem = three_in_a_row(orphans="unserved")
    assert nobody.measure("sales")[0].tolist() == [1.0, 1.5, 1.0]
    assert nobody.unserved(np.ones((1, 4))).tolist() == [0.5]
    figures = measure_under(problem, nobody.plan, nobody.futures).figures
    assert figures["unserved_sales"].tolist() == [0.5]
    # Fair shares go by the hours that people are there: 1, 0.75 and 1 of 2.75.
    assert figures["worst_balance_sales"][0] == pytest.approx(1.5 / (3.5 * 0.75 / 2.75) - 1)
