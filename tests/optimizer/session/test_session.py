"""Planning by hand: what a step shows is what a full evaluation says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from teig.models import Objective, Plan, Problem, evaluate
from teig.models.evaluation import Evaluation, Figures
from teig.models.rules import RULES, Balance, Capacity, Contiguity, Rule
from teig.optimizer import PlanningSession

from tests.enumeration import TERMS, all_plans, random_problem, row


def plan_of(owners: list[int]) -> Plan:
    return Plan(np.array(owners))


def same(figures: Figures, full: Evaluation) -> None:
    """Equal to the last digit."""
    assert dict(figures.objectives) == dict(full.objectives)
    assert dict(figures.terms) == dict(full.terms)
    assert figures.violations == full.violations
    assert figures.feasible == full.feasible
    assert figures.territories.equals(full.territories)


def test_every_step_of_a_random_walk_shows_what_a_full_evaluation_says() -> None:
    generator = np.random.default_rng(5)
    feasible = moved = undone = 0
    for number in range(16):
        kinds = [RULES[kind] for kind in sorted(RULES)]
        problem = random_problem(generator, kinds=kinds[number % 4 :: 4])
        weights = dict.fromkeys(TERMS, 1.5)
        problem = problem.replace(
            objective=Objective((*problem.objective.stages, *Objective.weighted(weights).stages))
        )
        if number % 2:
            start = Plan(generator.integers(-1, len(problem.owners), len(problem.covers)))
        else:
            start = Plan(
                np.array([problem.teams[team].owners.start for team in problem.covers.team])
            )
        session = PlanningSession(problem, start)
        same(session.figures, evaluate(problem, session.plan))
        for _ in range(8):
            cover = int(generator.integers(0, len(problem.covers)))
            team = problem.teams[problem.covers.team[cover]]
            owner = int(generator.choice(np.arange(team.owners.start, team.owners.stop)))
            unit = problem.units.ids[problem.covers.unit[cover]]
            before = session.plan
            figures = session.move(unit, problem.owners.ids[owner])
            same(figures, evaluate(problem, session.plan))
            assert session.plan.owner[cover] == owner
            moved += session.plan != before
            feasible += figures.feasible
            if generator.random() < 0.3:
                same(session.undo(), evaluate(problem, before))
                assert session.plan == before
                undone += 1
        while session.steps:
            session.undo()
        assert session.plan == start
    assert moved > 40
    assert undone > 15
    assert feasible > 0


def line(rules: Sequence[Rule], owners: int = 3, units: int = 9) -> Problem:
    """Units in a row, three for each owner."""
    objective = Objective.weighted({"travel_hours": 1.0})
    return row(units, owners).problem(rules, objective)


BALANCED = [
    Contiguity(),
    Balance(measure="units", tolerance=0.1, target="equal"),
]


def test_rebalancing_restores_what_a_move_has_broken_around_what_is_locked() -> None:
    problem = line(BALANCED)
    session = PlanningSession(problem, plan_of([0, 0, 0, 1, 1, 1, 2, 2, 2]))
    assert session.figures.feasible
    assert not session.move("u3", "r0").feasible
    session.lock("u3")
    assert session.locked == ("u3",)
    done = session.rebalance()
    assert done.figures.feasible
    assert done.proven
    assert session.plan.owner[3] == 0
    before = session.steps
    session.undo()
    session.undo()
    session.undo()
    assert session.steps == before - 3 == 0
    assert session.plan == plan_of([0, 0, 0, 1, 1, 1, 2, 2, 2])
    assert not session.locked


def test_what_cannot_be_mended_stays_broken_as_little_as_may_be() -> None:
    session = PlanningSession(line(BALANCED), plan_of([0, 0, 0, 1, 1, 1, 2, 2, 2]))
    for unit in ("u0", "u1", "u2", "u3", "u4"):
        session.move(unit, "r0")
        session.lock(unit)
    done = session.rebalance()
    assert not done.figures.feasible
    assert done.proven
    assert (session.plan.owner[:5] == 0).all()
    assert sorted(session.plan.owner[5:].tolist()) == [1, 1, 2, 2]


def test_the_nearest_way_back_is_one_unit() -> None:
    problem = line([Contiguity(), Balance(measure="units", tolerance=0.35, target="equal")])
    session = PlanningSession(problem, plan_of([0, 0, 0, 0, 0, 1, 1, 2, 2]))
    done = session.rebalance(["r0"])
    assert done.figures.feasible
    changes = done.changes[["unit", "before", "after"]].to_numpy().tolist()
    assert changes == [["u4", "r0", "r1"]]


@pytest.mark.parametrize("seed", range(8))
def test_rebalancing_is_the_least_change_there_is(seed: int) -> None:
    generator = np.random.default_rng(seed)
    sketch = row(6, 2, sales=generator.integers(1, 9, 6).astype(float).tolist())
    rules: list[Rule] = [Contiguity(), Balance(measure="sales", tolerance=0.3, target="equal")]
    problem = sketch.problem(rules, Objective.weighted({"travel_km": 1.0}))
    sales = problem.covers.measures["sales"]
    plans = [plan for plan in all_plans(problem) if evaluate(problem, plan).feasible]
    start = plans[int(generator.integers(0, len(plans)))]
    session = PlanningSession(problem, start)
    border = int(np.flatnonzero(np.diff(start.owner))[0])
    unit, rep = f"u{border}", problem.owners.ids[int(start.owner[border + 1])]
    session.move(unit, rep)
    session.lock(unit)
    moved = session.plan.owner
    kept = [plan for plan in plans if plan.owner[border] == moved[border]]
    done = session.rebalance(work=5.0)
    assert session.plan.owner[border] == moved[border]
    if kept:
        assert done.figures.feasible
        change = sales[session.plan.owner != moved].sum()
        least = min(sales[plan.owner != moved].sum() for plan in kept)
        assert change == pytest.approx(least)
    else:
        assert not done.figures.feasible
    assert set(done.changes["unit"]) == {
        f"u{i}" for i in np.flatnonzero(moved != session.plan.owner)
    }


def test_soft_limits_and_hours_are_restored_too() -> None:
    problem = line([Contiguity(), Capacity(limit=0.5, hard=False)], owners=3)
    session = PlanningSession(problem, plan_of([0, 0, 0, 1, 1, 1, 2, 2, 2]))
    broken = sum(v.amount for v in session.figures.violations)
    session.move("u3", "r0")
    session.move("u4", "r0")
    worse = sum(v.amount for v in session.figures.violations)
    done = session.rebalance(["r0", "r1"])
    assert worse > broken
    assert sum(v.amount for v in done.figures.violations) <= broken + 1e-6


def test_what_a_session_does_not_know_is_said() -> None:
    session = PlanningSession(line(BALANCED), plan_of([0, 0, 0, 1, 1, 1, 2, 2, 2]))
    with pytest.raises(KeyError, match="no owner 'r9'"):
        session.move("u1", "r9")
    with pytest.raises(KeyError, match="no unit 'u99'"):
        session.move("u99", "r1")
    with pytest.raises(KeyError, match="no unit 'x'"):
        session.rebalance(["x"])
    with pytest.raises(ValueError, match="nothing has been moved"):
        session.rebalance()
    with pytest.raises(ValueError, match="no step to undo"):
        session.undo()
    with pytest.raises(ValueError, match="9"):
        PlanningSession(line(BALANCED), plan_of([0, 1]))
