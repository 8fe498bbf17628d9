"""A neighbourhood's model says the same of a change within it as the whole model."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models import Objective
from teig.models.rules import Balance, Contiguity
from teig.optimizer.territories.measures import measure
from teig.optimizer.territories.model import AssignmentModel
from teig.optimizer.territories.posting import compile_stage
from teig.optimizer.territories.search.neighbourhood import cut_out, mend

from ...enumeration import random_problem, row


def open_owner(model: AssignmentModel, item: int, generator: np.random.Generator) -> int:
    begin, width = int(model.start[item]), int(model.last[item] - model.first[item])
    choices = np.flatnonzero(model.allowed[begin : begin + width])
    return int(model.first[item] + generator.choice(choices))


def test_changes_within_cost_the_same_in_both_models() -> None:
    compared = 0
    for number in range(120):
        generator = np.random.default_rng([61, number])
        problem = random_problem(generator)
        stages = problem.objective.stages
        earlier = ((stages[0], 30.0),) if len(stages) > 1 else ()
        model = compile_stage(problem, stages[-1], earlier)
        if any(model.fixed_limits(part) is None for part in model.resources):
            continue  # their limits are held still on purpose
        if model.largest:
            continue  # of the whole plan, which no part knows
        if not np.logical_or.reduceat(model.allowed, model.start).all():
            continue
        owners = np.array([open_owner(model, i, generator) for i in range(model.items)])
        team = problem.teams[int(generator.integers(len(problem.teams)))].owners
        chosen = np.sort(generator.choice(list(team), size=2, replace=False))
        part = cut_out(model, owners, chosen)
        if not len(part.items):
            continue
        assert np.array_equal(part.put_back(owners, part.inside(owners)), owners)
        other = chosen[generator.integers(0, 2, len(part.items))]
        fits = model.allowed[model.start[part.items] + other - model.first[part.items]]
        changed = owners.copy()
        changed[part.items] = np.where(fits, other, owners[part.items])
        before, after = measure(model, owners), measure(model, changed)
        small = [measure(part.model, part.inside(o)) for o in (owners, changed)]
        assert after.objective - before.objective == pytest.approx(
            small[1].objective - small[0].objective, rel=1e-6, abs=1e-6
        )
        compared += 1
    assert compared > 50


def test_mends_balance_that_three_owners_can_settle() -> None:
    rules = (Contiguity(), Balance(measure="sales", tolerance=0.05, target="equal"))
    problem = row(9, 3).problem(rules, Objective.weighted({"travel_hours": 1.0}))
    model = compile_stage(problem, problem.objective.stages[0])
    lopsided = np.array([0, 0, 0, 0, 0, 0, 1, 1, 2])
    assert not measure(model, lopsided).feasible
    mended = mend(model, lopsided, 1, lambda: False)
    assert np.bincount(mended).tolist() == [3, 3, 3]
    assert measure(model, mended).feasible
