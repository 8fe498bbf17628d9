"""Explanations where a plan places the bases too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from teig.models import Plan, Problem, Status, evaluate, placed
from teig.models.rules import Capacity, Forbid, Lock, MeasureRange
from teig.optimizer import solve_territories
from teig.optimizer.explain import smallest_conflict, smallest_relaxation, with_changes
from teig.scenarios import load
from teig.scenarios.explaining import Subject, unit_alternatives

from tests.models.test_sites import free_row
from tests.scenarios.starter import starter


def test_another_rep_for_a_unit_leaves_the_bases_where_they_are(tmp_path: Path) -> None:
    problem = free_row(weights=[4.0, 3.0, 1.0, 2.0])
    result = solve_territories(problem, work=0.02)
    assert result.plan is not None
    assert result.plan.centres is not None
    scenario = replace(load(starter(tmp_path / "plan")).base, problem=problem)
    subject = Subject(scenario, result.status, result.plan, result.evaluation, (), 0.02, None)
    unit = problem.units.ids[-1]
    (other,) = unit_alternatives(subject, unit)
    based = placed(problem, result.plan)
    options = [
        evaluate(based, Plan(np.array([*rest, 1 - int(result.plan.owner[-1])])))
        for rest in np.ndindex(2, 2, 2)
    ]
    least = min(o.objectives["total"] for o in options if o.feasible)
    assert result.evaluation is not None
    assert other.difference is not None
    cost = least - result.evaluation.objectives["total"]
    assert cost > 0
    assert other.difference.cost == pytest.approx(cost)
    assert other.difference.least == pytest.approx(cost, rel=1e-4)


def _with(problem: Problem, *rules: object) -> Problem:
    return problem.replace(rules=tuple(rules))


def test_a_conflict_holds_wherever_the_bases_lie() -> None:
    problem = free_row()
    torn = _with(
        problem,
        Lock(name="promised", owners={"u0": "r0"}),
        Forbid(name="feud", pairs=(("u0", "r0"),)),
        Capacity(name="hours", limit=0.15),
    )
    conflict = smallest_conflict(torn)
    assert conflict is not None
    assert {demand.rule.name for demand in conflict.demands} in ({"promised", "feud"}, {"hours"})
    found = smallest_relaxation(torn, conflict)
    assert found.plan is not None
    assert {change.rule for change in found.changes} >= {"hours"}
    # Measured with the bases that the plan names, every hour of travel counted.
    assert evaluate(with_changes(torn, found.changes), found.plan).feasible
    assert smallest_conflict(with_changes(torn, found.changes)) is None


def test_no_conflict_is_read_into_travel_that_a_base_would_bring() -> None:
    problem = _with(free_row(), MeasureRange(name="out", measure="travel_km", minimum=1.0))
    assert smallest_conflict(problem) is None
    assert evaluate(problem, Plan(np.array([0, 0, 1, 1]))).feasible
    assert solve_territories(problem, work=0.02).status is not Status.INFEASIBLE
