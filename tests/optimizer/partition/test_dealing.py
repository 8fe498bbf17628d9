"""Territory problems without bases, through the front door."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from teig.models import Objective, Plan, Problem, evaluate
from teig.models.geodesy import great_circle_km
from teig.models.plan import Status
from teig.models.rules import Balance, Compactness, Contiguity, Lock
from teig.models.terms import stage_value
from teig.optimizer import solve_territories
from teig.optimizer.territories.partition.dealing import alike_model

from ...enumeration import Sketch


def _problem(seed: int, weights: dict[str, float], *, soft: bool = False) -> Problem:
    rng = np.random.default_rng(seed)
    places = [(60 + y * 0.4, 10 + x * 0.8) for y in range(2) for x in range(4)]
    places = [(a + rng.uniform(-0.1, 0.1), b + rng.uniform(-0.1, 0.1)) for a, b in places]
    edges = [(i, i + 1) for i in (0, 1, 2, 4, 5, 6)] + [(i, i + 4) for i in range(4)] + [(0, 5)]
    sketch = Sketch(
        places, sorted(edges), [(np.nan, np.nan)] * 2, hours=[50.0, 50.0],
        sales=rng.integers(1, 6, 8).astype(float).tolist(), minutes_per_km=0.0,
    )  # fmt: skip
    rules = [
        Balance(measure="sales", tolerance=0.35, target="equal"),
        Contiguity(),
        *([Balance(name="even", measure="units", hard=False, price=3.0, tolerance=0)] if soft else []),
    ]  # fmt: skip
    problem = sketch.problem(rules, Objective.weighted(weights))
    team = problem.teams[0]
    nothing = np.zeros(team.minutes.shape)

    return problem.replace(teams=(replace(team, minutes=nothing, kilometres=nothing),))


def _best(problem: Problem) -> float:
    stage = problem.objective.stages[0]
    values = [
        stage_value(problem, plan, stage)
        for owners in itertools.product(range(2), repeat=8)
        if evaluate(problem, plan := Plan(np.array(owners))).feasible
    ]
    return min(values)


@pytest.mark.parametrize(
    ("weights", "soft"),
    [({"diameter_km": 1.0}, False), ({"cut_edges": 2.0}, False), ({"diameter_km": 1.0, "cut_edges": 9.0}, True)],
)  # fmt: skip
def test_the_plan_is_the_best_of_all(weights: dict[str, float], soft: bool) -> None:
    problem = _problem(3, weights, soft=soft)
    assert alike_model(problem) is not None
    result = solve_territories(problem)
    assert result.plan is not None
    assert result.evaluation is not None
    assert result.evaluation.feasible
    stage = result.stages[0]
    assert stage.objective == pytest.approx(_best(problem), rel=1e-5)
    assert stage.bound is not None
    assert stage.bound <= stage.objective  # type: ignore[operator]


def test_the_term_is_the_largest_distance_within_a_territory() -> None:
    problem = _problem(1, {"diameter_km": 1.0})
    owner = np.array([0, 0, 1, 1, 0, 0, 1, 1])
    lat, lon = problem.units.latitude, problem.units.longitude
    pairs = [(a, b) for a, b in itertools.combinations(range(8), 2) if owner[a] == owner[b]]
    longest = max(float(great_circle_km(lat[a], lon[a], lat[b], lon[b])) for a, b in pairs)
    term = evaluate(problem, Plan(owner)).terms["diameter_km"]
    assert term.value == pytest.approx(longest)
    assert term.unit == "km"


def test_a_limit_on_the_diameter_is_kept_while_cuts_are_few() -> None:
    problem = _problem(2, {"cut_edges": 1.0})
    wide = solve_territories(problem)
    assert wide.plan is not None
    tight = solve_territories(_problem(2, {"diameter_km": 1.0}))
    assert tight.plan is not None
    limit = float(tight.stages[0].objective or 0.0) * 1.02
    problem = problem.replace(rules=(*problem.rules, Compactness(maximum_diameter=limit)))
    found = solve_territories(problem)
    assert found.plan is not None
    assert found.stages[0].objective == pytest.approx(_best(problem))


def test_what_a_partition_cannot_take_goes_the_ordinary_way() -> None:
    locked = Lock(owners={"u0": "r0"})
    cuts = _problem(1, {"cut_edges": 1.0})
    cuts = cuts.replace(rules=(*cuts.rules, locked))
    assert alike_model(cuts) is None
    assert solve_territories(cuts).status is Status.OPTIMAL
    far = _problem(1, {"diameter_km": 1.0})
    far = far.replace(rules=(*far.rules, locked))
    assert alike_model(far) is None
    assert solve_territories(far).stages[0].objective == pytest.approx(_best(far), rel=1e-5)
