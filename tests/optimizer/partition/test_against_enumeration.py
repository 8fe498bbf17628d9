"""Plans and bounds against all plans of small problems."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models.plan import Status
from teig.optimizer.territories.partition import solve_partition
from teig.optimizer.territories.partition.bound import cut_bound, diameter_bound

from .alike_problems import all_plans, grid_model

KINDS = {
    "diameter": {"diameter": 1.0},
    "globe": {"diameter": 1.0, "deep": True},
    "cuts": {"cuts": 1.0},
    "cuts within a diameter": {"cuts": 2.0, "longest": 3.0},
    "diameter and cuts": {"diameter": 1.0, "cuts": 0.2},
    "diameter and soft balance": {"diameter": 1.0, "soft": True, "tight": 0.1},
    "apart": {"diameter": 1.0, "contiguous": False},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_plan_is_the_best_and_no_bound_is_above_it(kind: str) -> None:
    solved = 0
    for seed in range(5):
        model = grid_model(4, 2, 2 + seed % 2, seed, **KINDS[kind])  # type: ignore[arg-type]
        plans = all_plans(model)
        result = solve_partition(model, work=1.5, workers=1)
        if not plans:
            assert result.plan is None
            continue
        best = min(model.value(plan) for plan in plans)
        solved += 1
        assert result.bound <= best * (1 + 1e-12)
        assert result.plan is not None
        assert model.holds(result.plan)
        assert result.objective == pytest.approx(best, rel=1e-4)
        if result.status is Status.OPTIMAL:
            assert result.objective == pytest.approx(best, rel=1e-9)
    assert solved >= 3


def test_each_bound_is_true_of_every_plan_and_says_something() -> None:
    near = []
    for seed in range(30):
        model = grid_model(4, 2, 2 + seed % 2, seed, diameter=1.0, cuts=1.0, tight=0.25)
        plans = all_plans(model)
        if not plans:
            continue
        least = min(model.diameter(plan) for plan in plans)
        fewest = min(model.cuts(plan) for plan in plans)
        assert diameter_bound(model) <= least * (1 + 1e-12)
        assert cut_bound(model) <= fewest
        near.append((diameter_bound(model) / least, cut_bound(model) / fewest))
    assert len(near) > 10
    assert np.mean(near, axis=0).min() > 0.5
