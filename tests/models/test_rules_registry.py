"""Every rule is tested by enumeration: the exact core against every plan there is."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models import Objective, Plan, evaluate
from teig.models.plan import Status
from teig.models.rules import RULES, Rule
from teig.optimizer import solve_territories

from ..enumeration import RULE_KINDS, all_plans, best_in_order, random_problem

#: Tiny problems tried for each rule, hard and soft at random.
TRIED = 24


def test_every_rule_of_the_registry_is_enumerated() -> None:
    assert {kind.kind for kind in RULE_KINDS} == set(RULES)


@pytest.mark.parametrize("kind", sorted(RULES))
def test_a_rule_by_enumeration(kind: str) -> None:
    """Same optimum as by trying every plan, and the rule matters now and then."""
    generator = np.random.default_rng([7, sorted(RULES).index(kind)])
    met = {"hard": 0, "soft": 0, "bites": 0, "feasible": 0}
    for _ in range(TRIED):
        problem = random_problem(generator, kinds=[RULES[kind]])
        rule = problem.rules[0]
        met["hard" if rule.hard else "soft"] += 1
        oracle = best_in_order(problem)
        result = solve_territories(problem)
        if oracle is None:
            met["bites"] += 1
            assert result.status is Status.INFEASIBLE
            assert result.explanation
            continue
        met["feasible"] += 1
        assert result.status is Status.OPTIMAL
        if kind == "coverage":
            met["bites"] += any(rule.check(problem, plan) for plan in all_plans(problem))
        for value, stage in zip(oracle[0], result.stages, strict=True):
            assert stage.objective == pytest.approx(value, rel=1e-6, abs=1e-6)
            assert stage.bound is not None
            assert stage.bound <= value + 1e-9 * max(1.0, abs(value))
        without = best_in_order(
            problem.replace(rules=(), objective=_without(problem.objective, rule))
        )
        if without is not None:
            broken = [bool(rule.check(problem, plan)) for plan in without[1]]
            met["bites"] += all(broken)
    assert met["feasible"] >= 3, met
    if kind not in ("coverage", "incumbent_preference"):
        assert met["hard"] >= 5, met
        assert met["soft"] >= 5, met
    assert met["bites"] >= 1, met


def _without(objective: Objective, rule: Rule) -> Objective:
    """The objective without the rule's own term."""
    stages = [
        (stage.name, {t.name: t.weight for t in stage.terms if t.name != f"rule:{rule.name}"})
        for stage in objective.stages
    ]
    return Objective.in_order([(name, terms) for name, terms in stages if terms])


@pytest.mark.parametrize("kind", sorted(RULES))
def test_a_plan_without_owners_is_measured(kind: str) -> None:
    """A check of an empty plan neither fails nor finds numbers that are none."""
    generator = np.random.default_rng([11, sorted(RULES).index(kind)])
    problem = random_problem(generator, kinds=[RULES[kind]])
    empty = Plan(np.full(len(problem.covers), -1))
    found = evaluate(problem, empty)
    assert not found.feasible
    assert all(np.isfinite(violation.amount) for violation in found.violations)


@pytest.mark.parametrize("kind", sorted(RULES))
def test_a_rule_knows_its_unit_where_it_is_kept(kind: str) -> None:
    generator = np.random.default_rng([13, sorted(RULES).index(kind)])
    met = 0
    for _ in range(8):
        problem = random_problem(generator, kinds=[RULES[kind]])
        rule = problem.rules[0]
        unit = rule.amount_unit(problem)
        assert unit
        for plan in list(all_plans(problem))[:20]:
            found = rule.check(problem, plan)
            met += len(found)
            assert {violation.unit for violation in found} <= {unit}
    assert met
