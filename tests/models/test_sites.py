"""Owners without a base: where a plan puts them decides what it costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from teig.models import (
    BadInput,
    Objective,
    Plan,
    Problem,
    Sites,
    evaluate,
    free_owners,
    located,
    placed,
)
from teig.models.placement import INSIDE
from teig.models.rules import SiteCapacity

from ..enumeration import row


def free_row(units: int = 4, *, inside: bool = True, weights: list[float] | None = None) -> Problem:
    """A row of units, the first of two owners to be placed, half a degree between units."""
    problem = row(units, 2, sales=weights or [1.0] * units, potential=[3.0, 1.0, 2.0, 2.0]).problem(
        objective=Objective.weighted({"distance:sales": 1.0})
    )
    team = problem.teams[0]
    kilometres, minutes = team.kilometres.copy(), team.minutes.copy()
    kilometres[:, 0] = minutes[:, 0] = 0.0
    sites = Sites.on_earth(
        [0], problem.units.latitude, problem.units.longitude, factor=1.2, inside=inside
    )
    changed = replace(team, kilometres=kilometres, minutes=minutes, sites=sites)
    return problem.replace(teams=(changed,))


STEP = 1.2 * 55.5975


def test_a_centre_decides_what_a_plan_costs() -> None:
    problem = free_row()
    assert free_owners(problem).tolist() == [0]
    owner = np.array([0, 0, 0, 1])
    at_the_end = evaluate(problem, Plan(owner, np.array([0, -1])))
    assert at_the_end.terms["distance:sales"].value == pytest.approx(3 * STEP, rel=1e-4)
    assert at_the_end.feasible
    best = evaluate(problem, Plan(owner))
    assert best.terms["distance:sales"].value == pytest.approx(2 * STEP, rel=1e-4)


def test_heavy_units_draw_the_centre() -> None:
    plan = located(free_row(weights=[9.0, 1.0, 1.0, 1.0]), Plan(np.array([0, 0, 0, 1])))
    assert plan.centres is not None
    assert plan.centres.tolist() == [0, -1]


def test_a_base_lies_in_its_own_territory_where_it_must() -> None:
    owner, centres = np.array([0, 0, 1, 1]), np.array([2, -1])
    outside = evaluate(free_row(), Plan(owner, centres))
    assert [(v.rule, v.subject) for v in outside.violations] == [(INSIDE, "r0")]
    assert evaluate(free_row(inside=False), Plan(owner, centres)).feasible


def test_the_placed_problem_has_the_bases() -> None:
    problem = free_row()
    there = placed(problem, Plan(np.array([0, 0, 0, 1]), np.array([1, -1])))
    assert not len(free_owners(there))
    assert there.owners.longitude.tolist() == [0.5, 1.5]
    assert there.teams[0].kilometres[:, 0] == pytest.approx([STEP, 0.0, STEP, 2 * STEP], rel=1e-4)


def test_a_site_limits_what_is_carried_from_it() -> None:
    rule = SiteCapacity(measure="units", capacity="potential")
    problem = free_row().replace(rules=(rule,))
    owner = np.array([0, 0, 0, 1])
    assert evaluate(problem, Plan(owner, np.array([0, -1]))).feasible
    tight = evaluate(problem, Plan(owner, np.array([1, -1])))
    assert [(v.subject, v.amount, v.unit) for v in tight.violations] == [("r0", 2.0, "units")]


def test_an_owner_with_nothing_has_no_centre() -> None:
    problem = free_row()
    plan = located(problem, Plan(np.array([1, 1, 1, 1])))
    assert plan.centres is not None
    assert plan.centres.tolist() == [-1, -1]
    assert not evaluate(problem, Plan(np.array([0, -1, -1, -1]), None)).feasible


def test_tables_and_planes_measure_alike() -> None:
    points = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    plane = Sites(np.array([0]), points=points)
    table = Sites(np.array([0]), table=plane.kilometres([0, 1, 2]))
    assert plane.kilometres([2])[:, 0].tolist() == [10.0, 5.0, 0.0]
    assert (table.kilometres([2]) == plane.kilometres([2])).all()


def test_sites_that_do_not_fit_are_named_together() -> None:
    problem = free_row()
    wrong = Sites(np.array([1, 0]), points=np.array([[0.0, np.nan]]), factor=-1.0)
    with pytest.raises(BadInput) as raised:
        problem.replace(teams=(replace(problem.teams[0], sites=wrong),))
    assert len(raised.value.problems) == 4
    with pytest.raises(ValueError, match="either"):
        Sites(np.array([0]))
