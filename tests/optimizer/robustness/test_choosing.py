"""A plan chosen for futures: by trying every plan, and out of sample."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models import Objective
from teig.models.plan import Status
from teig.models.rules import Balance, Capacity, Coverage, MeasureRange, Overnights, Rule
from teig.models.rules.sampled import UnderFuture
from teig.optimizer import solve_territories
from teig.optimizer.robustness import FutureDraws, Spread, problem_for_samples

from ...enumeration import best_in_order, random_problem, row


@pytest.mark.parametrize("kind", [Balance, Capacity, MeasureRange, Overnights])
def test_a_rule_in_futures_by_enumeration(kind: type[Rule]) -> None:
    bites = tried = 0
    for number in range(6):
        generator = np.random.default_rng([41, number])
        problem = random_problem(generator, kinds=[kind])
        futures = FutureDraws(Spread(unit=0.8, local=0.8, workload_follows=1.0), 3, number).of(
            problem
        )
        try:
            sampled = problem_for_samples(problem, futures)
        except ValueError:
            continue
        tried += 1
        assert sum(isinstance(rule, UnderFuture) for rule in sampled.rules) == 3
        oracle = best_in_order(sampled)
        result = solve_territories(sampled)
        if oracle is None:
            assert result.status is Status.INFEASIBLE
            continue
        assert result.status is Status.OPTIMAL
        for value, stage in zip(oracle[0], result.stages, strict=True):
            assert stage.objective == pytest.approx(value, rel=1e-6, abs=1e-6)
        plain = best_in_order(problem)
        assert plain is not None
        bites += not {tuple(p.owner.tolist()) for p in plain[1]} & {
            tuple(p.owner.tolist()) for p in oracle[1]
        }
    assert tried >= 3
    assert bites >= (1 if kind in (Balance, Capacity) else 0)


def test_soft_rules_count_on_average_and_hard_ones_come_first() -> None:
    problem = row(4, 2).problem(
        [Capacity(hard=False), Balance(measure="sales", hard=True), Coverage()],
        Objective.in_order([("capacity", {"rule:capacity": 2.0}), ("km", {"travel_km": 1.0})]),
    )
    futures = FutureDraws(Spread(), 4, 1).of(problem)
    stages = problem_for_samples(problem, futures).objective.stages
    assert [stage.name for stage in stages] == ["samples", "capacity", "km"]
    assert [term.weight for term in stages[1].terms] == [0.5] * 4
    assert stages[0].terms[0].name == "rule:balance_sales in sample 1"


def test_nothing_that_scatters_is_nothing_to_choose_for() -> None:
    problem = row(3, 2).problem([Coverage()])
    futures = FutureDraws(Spread(), 2, 1).of(problem)
    with pytest.raises(ValueError, match="nothing to choose for"):
        problem_for_samples(problem, futures)
