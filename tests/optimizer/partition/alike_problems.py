"""Small random problems of territories without a base, and their best plans."""

from __future__ import annotations

from itertools import product

import numpy as np
from teig.models.arrays import IndexArray
from teig.optimizer.territories.partition import PartitionModel


def grid_model(
    width: int, height: int, territories: int, seed: int, *,
    diameter: float = 0.0, cuts: float = 0.0, tight: float = 0.3, soft: bool = False,
    deep: bool = False, longest: float = np.inf, contiguous: bool = True,
) -> PartitionModel:  # fmt: skip
    """Units on a shaken grid with some diagonals and two activities."""
    rng = np.random.default_rng(seed)
    places = np.array([(x, y) for y in range(height) for x in range(width)], dtype=float)
    places += rng.uniform(-0.4, 0.4, places.shape)
    if deep:
        places = np.column_stack([places, rng.uniform(0, 2, len(places))])
    pairs = [(i, i + 1) for i in range(len(places)) if (i + 1) % width]
    pairs += [(i, i + width) for i in range(len(places) - width)]
    pairs += [
        (i, i + width + 1)
        for i in range(len(places) - width)
        if (i + 1) % width and rng.random() < 0.6
    ]
    activities = rng.integers(1, 7, (2, len(places))).astype(float)
    mean = activities.sum(axis=1) / territories
    prices = np.array([np.inf, 0.3 if soft else np.inf])
    return PartitionModel(
        territories, np.array(sorted(pairs)), activities, (1 - tight) * mean, (1 + tight) * mean,
        prices, points=places, diameter_price=diameter, cut_price=cuts, longest=longest,
        contiguous=contiguous,
    )  # fmt: skip


def all_plans(model: PartitionModel) -> list[IndexArray]:
    """Plans that keep what must be kept; territories numbered by their first units."""
    found = []
    for rest in product(range(model.territories), repeat=model.units - 1):
        plan = np.array((0, *rest))
        seen = np.unique(plan, return_index=True)[1]
        if len(seen) == model.territories and (np.diff(seen) > 0).all() and model.holds(plan):
            found.append(plan)
    return found
