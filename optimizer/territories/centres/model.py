"""The compiled problem of territories with free centres.

Hess model (Hess et al. 1965, doi 10.1287/opre.13.6.998): ``p`` of ``n`` units become
centres, every unit joins one centre, the load of each activity at each centre lies in
an interval, territories may have to hang together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ....models.arrays import BoolArray, FloatArray, IndexArray
from .connection import pieces


@dataclass(frozen=True, eq=False)
class CentreModel:
    """Minimise the cost of units at the centres they are assigned to.

    Parameters
    ----------
    cost
        ``cost[i, j]`` of unit i at centre j, (n, n), not negative; inf where unit i
        may not be served from j.
    territories
        How many centres are chosen, p.
    activities
        What is balanced or limited, (activities, n), not negative.
    lower, upper
        Limits on the total of each activity at centre j, (activities, n); -inf and inf
        for none.
    edges
        Pairs of neighbours, (e, 2).
    contiguous
        Whether every territory must hang together on the edges.
    own_centre
        Whether a centre belongs to its own territory. Contiguity asks for it.
    """

    cost: FloatArray
    territories: int
    activities: FloatArray
    lower: FloatArray
    upper: FloatArray
    edges: IndexArray
    contiguous: bool
    own_centre: bool = True

    def __post_init__(self) -> None:
        n = len(self.cost)
        shapes = (self.activities.shape[1:], self.lower.shape[1:], self.upper.shape[1:])
        if self.cost.shape != (n, n) or any(shape != (n,) for shape in shapes):
            raise ValueError("cost must be (n, n); activities and limits (activities, n)")
        if not len(self.activities) == len(self.lower) == len(self.upper):
            raise ValueError("activities, lower and upper must have the same number of rows")
        if not 1 <= self.territories <= n:
            raise ValueError(f"{self.territories} territories of {n} units cannot be made")
        if np.isnan(self.cost).any() or (self.cost < 0).any() or (self.activities < 0).any():
            raise ValueError("costs and activities must be numbers, and not negative")
        if self.contiguous and not self.own_centre:
            raise ValueError("contiguous territories must hold their own centre")

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.cost)

    def neighbours(self) -> tuple[IndexArray, IndexArray]:
        """Neighbour lists: where each unit's list begins (n + 1,), and the lists."""
        both = np.concatenate([self.edges, self.edges[:, ::-1]])
        order = np.lexsort((both[:, 1], both[:, 0]))
        start = np.zeros(self.units + 1, dtype=np.int64)
        np.cumsum(np.bincount(both[:, 0], minlength=self.units), out=start[1:])
        return start, np.ascontiguousarray(both[order, 1], dtype=np.int64)

    def value(self, centres: IndexArray) -> float:
        """Objective of a plan given as the centre of each unit, (n,)."""
        return float(self.cost[np.arange(self.units), centres].sum())

    def keeps_limits(self, centres: IndexArray, tolerance: float = 1e-9) -> BoolArray:
        """Whether each activity of each chosen centre is within its limits, (activities, p)."""
        chosen = np.unique(centres)
        loads = np.zeros((len(self.activities), self.units))
        for load, amounts in zip(loads, self.activities, strict=True):
            np.add.at(load, centres, amounts)
        loads = loads[:, chosen]
        slack = tolerance * np.maximum(1.0, np.abs(loads))
        low, high = self.lower[:, chosen], self.upper[:, chosen]
        return np.asarray((loads >= low - slack) & (loads <= high + slack))

    def holds(self, centres: IndexArray) -> bool:
        """Whether a plan, given as the centre of each unit, (n,), keeps every rule."""
        n = self.units
        if centres.shape != (n,) or (centres < 0).any() or (centres >= n).any():
            return False
        chosen = np.unique(centres)
        count = len(chosen)
        if count > self.territories or (self.own_centre and count < self.territories):
            return False
        if not np.isfinite(self.value(centres)) or not self.keeps_limits(centres).all():
            return False
        if self.own_centre and (centres[chosen] != chosen).any():
            return False
        return not self.contiguous or int(pieces(centres, *self.neighbours()).max()) + 1 == count


def centre_model(
    cost: ArrayLike,
    territories: int,
    *,
    activities: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    edges: ArrayLike | None = None,
    own_centre: bool = True,
) -> CentreModel:
    """Make a model from what is at hand.

    Parameters
    ----------
    cost
        (n, n), unit × centre.
    activities
        (activities, n) or (n,).
    lower, upper
        A number, one per activity, or (activities, n) where limits go with the centre.
    edges
        Neighbours; territories must hang together if they are given.
    """
    table = np.ascontiguousarray(cost, dtype=np.float64)
    amounts = np.atleast_2d(np.asarray(activities, dtype=np.float64))

    def limits(given: ArrayLike) -> FloatArray:
        array = np.asarray(given, dtype=np.float64)
        if array.ndim == 1:
            array = array[:, None]
        return np.ascontiguousarray(np.broadcast_to(array, amounts.shape))

    pairs = np.asarray([] if edges is None else edges, dtype=np.int64).reshape(-1, 2)
    return CentreModel(
        table, territories, np.ascontiguousarray(amounts), limits(lower), limits(upper),
        pairs, edges is not None, own_centre,
    )  # fmt: skip
