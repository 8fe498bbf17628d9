"""A base moves over for good: which one leaves, and where it goes (Teitz and Bart 1968).

Draws favour what promises a lower cost; what comes of it is for the caller to judge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from .balancing import Layout, regrets

if TYPE_CHECKING:
    from .placing import Placing

CHARGED, MISSED = 1.5, 2.0
"""How strongly draws favour a base that is charged more, or missed less, by its spread."""

Exchange = Callable[["Placing", Layout, np.random.Generator], tuple[IndexArray, FloatArray]]
"""Gives the bases after an exchange, and prices to begin from."""


def by_charge(
    placing: Placing, layout: Layout, generator: np.random.Generator
) -> tuple[IndexArray, FloatArray]:
    """A base that carries little for what it is paid moves to where much is charged."""
    crowded = _standing(layout.prices.sum(axis=1))
    leaving = drawn(np.exp(-CHARGED * crowded), generator)
    pull = np.exp(CHARGED * crowded)
    pull[leaving] = 0.0
    joined = drawn(pull, generator)
    away = placing.points - placing.points[layout.bases[joined]]
    return _moved(layout, leaving, joined, placing.weight * (away**2).sum(axis=1), generator)


def by_cost(
    placing: Placing, layout: Layout, generator: np.random.Generator
) -> tuple[IndexArray, FloatArray]:
    """A base that would be missed least moves to where units cost most."""
    missed, cost = regrets(
        placing.points, placing.weight, placing.shares, layout.bases,
        placing.nearest(layout.bases), layout.prices, layout.label, placing.power,
    )  # fmt: skip
    leaving = drawn(np.exp(-MISSED * _standing(missed)), generator)
    carried = np.bincount(layout.label, weights=cost, minlength=placing.count)
    pull = carried.astype(np.float64) ** 2
    pull[leaving] = 0.0
    return _moved(layout, leaving, drawn(pull, generator), cost, generator)


def _moved(
    layout: Layout, leaving: int, joined: int, cost: FloatArray, generator: np.random.Generator
) -> tuple[IndexArray, FloatArray]:
    """The base that leaves at a unit of the territory it joins, drawn by the units' cost."""
    held = np.flatnonzero(layout.label == joined)
    bases, prices = layout.bases.copy(), layout.prices.copy()
    if len(held) > 1 and cost[held].sum() > 0:
        unit = int(held[drawn(cost[held], generator)])
        if not (bases == unit).any():
            bases[leaving] = unit
    prices[[leaving, joined]] = prices.mean(axis=0)
    return bases, prices


def _standing(values: FloatArray) -> FloatArray:
    """Distance from the mean in standard deviations."""
    return np.asarray((values - values.mean()) / (float(values.std()) + 1e-12))


def drawn(chance: FloatArray, generator: np.random.Generator) -> int:
    """An index, by the chance of each."""
    mark = np.cumsum(chance)
    return min(int(np.searchsorted(mark, generator.random() * mark[-1])), len(mark) - 1)
