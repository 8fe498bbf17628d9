"""Two territories dealt anew: both whole, the others as they were."""

from __future__ import annotations

import numpy as np
from teig.optimizer.territories.partition.resplitting import resplit
from teig.optimizer.territories.partition.start import starting_plan
from teig.optimizer.territories.partition.state import ground_of

from .alike_problems import grid_model


def test_two_territories_change_and_all_stay_whole() -> None:
    model = grid_model(8, 7, 5, 3, cuts=1.0)
    ground = ground_of(model, 100.0, 1.0)
    changed = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        plan = starting_plan(ground, 5, rng)
        assert model.pieces(plan) == 5
        after = resplit(ground, plan, rng)
        touched = set(plan[plan != after].tolist()) | set(after[plan != after].tolist())
        changed += len(touched) == 2
        assert len(touched) in (0, 2)
        assert model.pieces(after) == 5
        assert len(np.unique(after)) == 5
    assert changed > 20


def test_a_single_territory_stays() -> None:
    model = grid_model(4, 3, 1, 3, cuts=1.0)
    ground = ground_of(model, 100.0, 1.0)
    plan = np.zeros(12, dtype=np.int64)
    assert resplit(ground, plan, np.random.default_rng(1)) is plan
