"""Bases and territories together by the public solver, against all bases and all plans."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from teig.models import Objective, Plan, Problem, Rule, Sites, evaluate, placed
from teig.models.plan import Status
from teig.models.rules import (
    Balance,
    Capacity,
    Contiguity,
    KeepTogether,
    MaximumDistance,
    MeasureRange,
    SiteCapacity,
)
from teig.models.terms import stage_value
from teig.optimizer import solve_territories
from teig.optimizer.territories.posting import compile_stage
from teig.optimizer.territories.search.ground import ground_of
from teig.optimizer.territories.tables import compile_tables

from ...enumeration import Sketch, violations


def free_problem(
    rng: np.random.Generator, rules: tuple[Rule, ...], objective: Objective, *, inside: bool
) -> Problem:
    """Five or six units and two owners to be placed."""
    n = int(rng.integers(5, 7))
    places = [tuple(rng.uniform(0, 2, 2).tolist()) for _ in range(n)]
    edges = sorted({(int(rng.integers(0, b)), b) for b in range(1, n)} | {(0, n - 1)})
    bare = Sketch(
        places=places, edges=edges, bases=[(0.0, 0.0)] * 2,
        sales=rng.integers(1, 9, n).astype(float).tolist(),
        potential=rng.integers(6, 25, n).astype(float).tolist(),
        workload=rng.integers(3, 15, n).astype(float).tolist(),
    ).problem(rules, objective)  # fmt: skip
    team, none = bare.teams[0], np.zeros((n, 2))
    sites = Sites.on_earth([0, 1], bare.units.latitude, bare.units.longitude, inside=inside)
    return bare.replace(teams=(replace(team, kilometres=none, minutes=none, sites=sites),))


def best_of_all(problem: Problem) -> float:
    """Value of the first stage at the best pair of bases and the best plan."""
    n, stage = len(problem.covers), problem.objective.stages[0]
    best = np.inf
    for pair in itertools.combinations(range(n), 2):
        based = placed(problem, Plan(np.full(n, -1), np.array(pair)))
        for owners in itertools.product((0, 1), repeat=n):
            plan = Plan(np.array(owners))
            if not violations(based, plan):
                best = min(best, stage_value(based, plan, stage))
    return best


DISTANCE = Objective.weighted({"distance:sales": 1.0})
KNOWN: list[tuple[tuple[Rule, ...], Objective, bool]] = [
    ((Balance(measure="sales", tolerance=0.3, target="equal"), Contiguity()), DISTANCE, True),
    ((MeasureRange(measure="units", minimum=2, maximum=4),), DISTANCE, True),
    ((SiteCapacity(measure="sales", capacity="potential"),), DISTANCE, False),
    ((SiteCapacity(measure="sales", capacity="potential"), Contiguity()), DISTANCE, True),
    (
        (Balance(measure="workload", tolerance=0.25),),
        Objective.weighted({"inertia:sales": 0.5, "distance:workload": 2.0}),
        True,
    ),
]


@pytest.mark.parametrize(("rules", "objective", "inside"), KNOWN)
def test_what_the_model_knows_is_solved_to_proof(
    rules: tuple[Rule, ...], objective: Objective, inside: bool
) -> None:
    rng, solved = np.random.default_rng(17), 0
    for _ in range(8):
        problem = free_problem(rng, rules, objective, inside=inside)
        best, result = best_of_all(problem), solve_territories(problem)
        if np.isinf(best):
            assert result.status is Status.INFEASIBLE
            assert result.explanation
            continue
        solved += 1
        assert result.status is Status.OPTIMAL
        assert result.plan is not None
        assert result.plan.centres is not None
        stage = result.stages[0]
        assert stage.objective == pytest.approx(best, rel=1e-7)
        assert stage.bound is not None
        assert stage.bound <= best * (1 + 1e-9)
        assert evaluate(problem, result.plan).feasible
    assert solved >= 3


OTHERS: list[tuple[tuple[Rule, ...], Objective]] = [
    ((KeepTogether(groups=(("u0", "u1"),)), Contiguity()), DISTANCE),
    ((Capacity(limit=0.9), MaximumDistance(kilometres=150.0)), DISTANCE),
    ((Contiguity(),), Objective.weighted({"distance:sales": 1.0, "cut_edges": 20.0})),
    (
        (Balance(measure="sales", tolerance=0.2, target="equal", hard=False),),
        Objective.in_order([("far", {"distance:sales": 1.0}), ("uneven", {"rule:balance_sales": 1.0})]),
    ),
    ((), Objective.weighted({"travel_hours": 1.0})),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "objective"), OTHERS)
def test_other_rules_get_a_plan_and_a_true_bound(
    rules: tuple[Rule, ...], objective: Objective
) -> None:
    rng, solved, near = np.random.default_rng(23), 0, 0
    for _ in range(6):
        problem = free_problem(rng, rules, objective, inside=True)
        best, result = best_of_all(problem), solve_territories(problem)
        stage = result.stages[0]
        assert stage.bound is not None
        assert stage.bound <= best * (1 + 1e-9) + 1e-9
        if result.plan is not None:
            solved += 1
            assert evaluate(problem, result.plan).feasible
            assert stage.objective is not None
            assert stage.objective >= best * (1 - 1e-9)
            near += stage.objective <= 1.35 * best
    assert solved >= 4
    assert near >= 3


def test_bases_of_ones_own_leave_the_model_to_the_search_along_borders() -> None:
    rng = np.random.default_rng(2)
    problem = free_problem(rng, (Contiguity(),), DISTANCE, inside=True)
    based = placed(problem, Plan(np.full(len(problem.covers), -1), np.array([0, 3])))
    model = compile_stage(based, based.objective.stages[0])
    assert len(model.homes) == 2
    tables = compile_tables(model)
    assert ground_of(model, tables) is not None
    allowed = tables.allowed[: 2 * len(problem.covers)].reshape(-1, 2)
    assert allowed[[0, 3]].tolist() == [[True, False], [False, True]]
    assert allowed[[1, 2, 4]].all()


def test_bases_can_be_placed_by_a_table() -> None:
    rng = np.random.default_rng(2)
    problem = free_problem(rng, (KeepTogether(groups=(("u0", "u1"),)),), DISTANCE, inside=True)
    team = problem.teams[0]
    assert team.sites is not None
    table = team.sites.kilometres(np.arange(len(team.covers)))
    by_table = problem.replace(teams=(replace(team, sites=Sites(np.array([0, 1]), table=table)),))
    result = solve_territories(by_table)
    assert result.plan is not None
    assert evaluate(by_table, result.plan).feasible


def test_an_owner_without_a_territory_at_the_start_is_placed_all_the_same() -> None:
    rng = np.random.default_rng(4)
    rules = (KeepTogether(groups=(("u0", "u1"),)), MeasureRange(measure="units", minimum=2))
    problem = free_problem(rng, rules, DISTANCE, inside=True)
    begin = Plan(np.zeros(len(problem.covers), dtype=np.int64))
    result = solve_territories(problem, start=begin)
    assert result.plan is not None
    assert result.plan.centres is not None
    assert (result.plan.centres >= 0).all()
    assert evaluate(problem, result.plan).feasible
