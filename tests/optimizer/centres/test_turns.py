"""Bases and alignments by turns: a plan first, then what bounds any plan, then better plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import Delaunay
from teig.models import Objective, Plan, Problem, Sites, evaluate
from teig.models.rules import Balance, Contiguity, KeepTogether
from teig.optimizer import Progress, solve_territories
from teig.optimizer.territories.centres.first_bases import first_bases, settled_bases

from ...enumeration import Sketch


def market(units: int, owners: int) -> Problem:
    """Random places; owners without a base; a rule that the model of centres does not know."""
    rng = np.random.default_rng([units, owners])
    places = rng.uniform(0, 5, (units, 2)).round(3)
    triangles = Delaunay(places).simplices.tolist()
    edges = sorted({(min(a, b), max(a, b)) for t in triangles for a in t for b in t if a != b})
    based = Sketch(
        places=[tuple(place) for place in places.tolist()], edges=edges,
        bases=[tuple(place) for place in places[:owners].tolist()],
        sales=rng.integers(5, 15, units).astype(float).tolist(), hours=[1000.0] * owners,
    ).problem(
        [
            Balance(name="even", measure="sales", tolerance=0.1, target="equal"), Contiguity(),
            KeepTogether(groups=(tuple(f"u{unit}" for unit in edges[0]),)),
        ],
        Objective.weighted({"distance:sales": 1.0}),
    )  # fmt: skip
    team = based.teams[0]
    none = np.zeros(team.kilometres.shape)
    sites = Sites.on_earth(np.arange(owners), based.units.latitude, based.units.longitude)
    return based.replace(teams=(replace(team, kilometres=none, minutes=none, sites=sites),))


def test_a_plan_comes_before_the_bound_and_words_are_of_the_whole() -> None:
    problem, heard = market(150, 8), list[Progress]()
    result = solve_territories(problem, work=0.1, progress=heard.append)
    whats = [word.what for word in heard]
    first = next(index for index, word in enumerate(heard) if word.best is not None)
    assert first < whats.index("bound on any places of bases")
    best = [word.best for word in heard if word.best is not None]
    assert best == sorted(best, reverse=True)
    stage = result.stages[0]
    assert stage.objective == pytest.approx(best[-1])
    assert stage.bound is not None
    assert {word.bound for word in heard} <= {0.0, stage.bound}
    assert 0.0 < stage.bound <= best[-1]


def test_settled_bases_come_with_a_plan_that_hangs_together() -> None:
    problem, better = market(90, 6), list[Plan]()
    found = settled_bases(problem, 1, effort=0.2, stop=lambda: False, better=better.append)
    assert better
    assert (found.owner == better[-1].owner).all()
    broken = {violation.rule for violation in evaluate(problem, found).violations}
    assert broken <= {"keep_together", "base_of_its_own"}
    assert (first_bases(problem, 1).owner == -1).all()


def test_without_contiguity_bases_are_only_placed() -> None:
    problem = market(60, 4)
    loose = problem.replace(rules=problem.rules[:1])
    found = settled_bases(loose, 1, effort=1.0, stop=lambda: False, better=lambda _: None)
    assert (found.owner == -1).all()
    plain = first_bases(loose, 1)
    assert found.centres is not None
    assert plain.centres is not None
    assert np.array_equal(found.centres, plain.centres)


def test_same_input_same_bases_and_plan() -> None:
    problem = market(120, 6)
    one, two = (solve_territories(problem, work=0.05, seed=5) for _ in range(2))
    assert one.plan is not None
    assert two.plan is not None
    assert np.array_equal(one.plan.owner, two.plan.owner)
    assert np.array_equal(np.asarray(one.plan.centres), np.asarray(two.plan.centres))
    assert [stage.bound for stage in one.stages] == [stage.bound for stage in two.stages]
