"""Conflicts are conflicts, none of their demands can be spared, and relaxations work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from teig.models import Problem, Status
from teig.models.rules import Capacity, Coverage, Lock
from teig.optimizer.explain import (
    Demand,
    amount_of,
    demands_of,
    infeasible,
    relaxing,
    smallest_conflict,
    smallest_relaxation,
    with_changes,
)
from teig.optimizer.explain.demands import NOTHING
from teig.optimizer.territories.exact import Effort, ExactResult, solve_exact
from teig.optimizer.territories.model import AssignmentModel
from teig.optimizer.territories.posting import compile_rules

from ...enumeration import all_plans, best_in_order, random_problem, row
from .planted import planted

PLANTED = 50


def can_hold(problem: Problem, demands: Sequence[Demand]) -> bool:
    """By enumeration, with the rules' own checks."""
    parts = list({id(demand.part): demand.part for demand in demands}.values())
    alone = problem.replace(rules=tuple(parts), objective=NOTHING)
    return any(
        not Coverage().check(alone, plan) and all(d.kept_by(alone, plan) for d in demands)
        for plan in all_plans(alone)
    )


def check_conflict(problem: Problem, name: str) -> None:
    conflict = smallest_conflict(problem)
    assert conflict is not None, name
    assert conflict.minimal
    assert not can_hold(problem, conflict.demands), name
    for spared in conflict.demands:
        fewer = [demand for demand in conflict.demands if demand is not spared]
        assert can_hold(problem, fewer), f"{name}: {spared}"


def check_relaxation(problem: Problem, name: str) -> None:
    found = smallest_relaxation(problem)
    assert found.plan is not None, name
    relaxed = with_changes(problem, found.changes)
    assert best_in_order(relaxed) is not None, name
    hard = [rule for rule in relaxed.rules if rule.hard]
    assert not any(rule.check(relaxed, found.plan) for rule in (*hard, Coverage())), name
    for spared in found.changes:
        # None of the changes is for nothing: without it there is no plan.
        fewer = with_changes(problem, [c for c in found.changes if c is not spared])
        assert best_in_order(fewer) is None, f"{name}: {spared}"


@pytest.mark.parametrize(("name", "problem"), list(planted(PLANTED)), ids=lambda v: str(v)[:20])
def test_planted_conflicts(name: str, problem: Problem) -> None:
    assert best_in_order(problem) is None, "the plant has a plan after all"
    check_conflict(problem, name)
    check_relaxation(problem, name)


def test_random_conflicts() -> None:
    seen = 0
    for number in range(140):
        problem = random_problem(np.random.default_rng([7, number]))
        if best_in_order(problem) is not None:
            continue
        if not can_hold(problem, []):
            found = smallest_conflict(problem)
            assert found is None or found.demands == ()
            continue
        seen += 1
        check_conflict(problem, str(number))
        check_relaxation(problem, str(number))
    assert seen >= 25


def test_demands_together_are_the_rules() -> None:
    """A plan keeps all demands just when it keeps all hard rules."""
    kept = broken = 0
    for number in range(60):
        problem = random_problem(np.random.default_rng([8, number]))
        demands = demands_of(problem)
        hard = [rule for rule in problem.rules if rule.hard and not isinstance(rule, Coverage)]
        for plan in list(all_plans(problem))[::7]:
            if Coverage().check(problem, plan):
                continue
            whole = not any(rule.check(problem, plan) for rule in hard)
            assert all(demand.kept_by(problem, plan) for demand in demands) == whole, number
            kept, broken = kept + whole, broken + (not whole)
    assert kept > 100
    assert broken > 100


def test_a_possible_problem_has_no_conflict() -> None:
    assert smallest_conflict(row(3, 2).problem([Capacity(limit=9)])) is None


def test_a_limit_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = row(5, 2).problem([Capacity(limit=0.01)])
    nothing = ExactResult(Status.UNKNOWN, None, None, float("-inf"), 0.0, "work", 0.0)
    monkeypatch.setattr(infeasible, "solve_exact", lambda *_, **__: nothing)
    assert smallest_conflict(problem) is None


def test_amounts_are_in_the_rules_unit() -> None:
    """Two locked units take 20 hours and more; r0 has 15."""
    locks = Lock(owners={"u0": "r0", "u1": "r0"})
    problem = row(4, 2, hours=[15.0, 90.0], visits=[1e-9] * 4).problem([Capacity(), locks])
    conflict = smallest_conflict(problem)
    assert conflict is not None
    (capacity,) = (d for d in conflict.demands if isinstance(d.rule, Capacity))
    amount = amount_of(problem, conflict, capacity)
    assert amount is not None
    assert (amount.owner, amount.upper) == ("r0", 15.0)
    assert amount.least == pytest.approx(20.0, abs=1e-3)
    assert amount.most == pytest.approx(40.0, abs=1e-3)
    lock = next(d for d in conflict.demands if isinstance(d.rule, Lock))
    assert amount_of(problem, conflict, lock) is None


def test_the_smallest_number_is_the_smallest() -> None:
    """By enumeration: no smaller limit of capacity lets a plan exist, but for rounding."""
    tried = 0
    for name, problem in planted(40, seed=9):
        found = smallest_relaxation(problem)
        for change in found.changes:
            if change.setting != "limit" or len(found.changes) > 1:
                continue
            assert isinstance(change.new, float)
            tighter = problem.replace(
                objective=NOTHING,
                rules=tuple(
                    Capacity(name=r.name, limit=0.97 * change.new) if r.name == change.rule else r
                    for r in problem.rules
                ),
            )
            assert best_in_order(tighter) is None, name
            tried += 1
    assert tried >= 4


def test_a_search_narrows_what_exact_solving_leaves_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only loose limits can be solved, a nearly as small change is found with its plan."""
    problem = row(6, 2).problem([Capacity(limit=0.01)])
    proven = smallest_relaxation(problem)
    assert proven.plan is not None
    (smallest,) = proven.changes
    assert smallest.smallest

    asked: list[Problem] = []

    def compiled(problem: Problem) -> AssignmentModel:
        asked.append(problem)
        return compile_rules(problem)

    def only_loose(model: AssignmentModel, effort: Effort, **options: Any) -> ExactResult:
        if any(rule.limit > 1 for rule in asked[-1].rules if isinstance(rule, Capacity)):
            return solve_exact(model, effort, **options)
        return ExactResult(Status.UNKNOWN, None, None, float("-inf"), 0.0, "work", 0.0)

    monkeypatch.setattr(relaxing, "compile_rules", compiled)
    monkeypatch.setattr(relaxing, "solve_exact", only_loose)
    found = smallest_relaxation(problem)
    assert found.plan is not None
    assert not any(r.check(problem, found.plan) for r in with_changes(problem, found.changes).rules)
    (change,) = found.changes
    assert not change.smallest
    assert change.impossible == 0.01
    assert float(str(change.new)) <= 1.2 * float(str(smallest.new))
