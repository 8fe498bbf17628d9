"""What is dealt out among territories that have no base and are all alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist

from ....models.arrays import BoolArray, FloatArray, IndexArray

ROUNDING = 1e-9
"""A limit counts as kept up to this share of its own size, if nothing else is said."""


@dataclass(frozen=True, eq=False)
class PartitionModel:
    """Units to be dealt into p territories that are all alike.

    The objective is ``diameter_price`` × largest distance between two units of one
    territory + ``cut_price`` × neighbours in different territories + Σ ``prices`` ×
    amount outside soft limits. Every territory holds at least one unit.

    Parameters
    ----------
    territories
        p, their number.
    edges
        Neighbours, (e, 2), each pair once.
    activities
        (kinds, n), not negative.
    lower, upper
        Limits of each activity in a territory, (kinds,).
    prices
        Objective per amount outside the limits, (kinds,); inf where they must hold.
    points
        Places, (n, 2) or (n, 3), in the unit of the diameter; None where neither
        price nor limit asks for it.
    radius
        Where given, ``points`` lie on a sphere of this radius about the origin and
        distances are great circles.
    longest
        Limit on the diameter that must hold.
    contiguous
        Whether every territory must hang together.
    tolerance
        A limit counts as kept up to this share of its own size (of at least 1).
    """

    territories: int
    edges: IndexArray
    activities: FloatArray
    lower: FloatArray
    upper: FloatArray
    prices: FloatArray
    points: FloatArray | None = None
    diameter_price: float = 0.0
    cut_price: float = 0.0
    radius: float | None = None
    longest: float = np.inf
    contiguous: bool = True
    tolerance: float = ROUNDING
    hard: BoolArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hard", np.isinf(self.prices))
        kinds, n = self.activities.shape
        if not 1 <= self.territories <= n:
            raise ValueError(f"{self.territories} territories for {n} units")
        for name in ("lower", "upper", "prices"):
            if getattr(self, name).shape != (kinds,):
                raise ValueError(f"{name} must hold one number for each of {kinds} activities")
        if self.points is None and (self.diameter_price > 0 or np.isfinite(self.longest)):
            raise ValueError("a diameter needs points")

    @property
    def units(self) -> int:
        """n, the number of units."""
        return int(self.activities.shape[1])

    @cached_property
    def least(self) -> FloatArray:
        """Lower limits less their tolerance, (kinds,)."""
        return self.lower - self.tolerance * np.maximum(1.0, np.abs(self.lower))

    @cached_property
    def most(self) -> FloatArray:
        """Upper limits and their tolerance, (kinds,)."""
        return self.upper + self.tolerance * np.maximum(1.0, np.abs(self.upper))

    @cached_property
    def distance_limit(self) -> float:
        """``longest`` as a straight distance between points."""
        return self.chord(self.longest)

    def chord(self, distance: float) -> float:
        """Straight distance of a distance."""
        if self.radius is None or np.isinf(distance):
            return distance
        return float(2.0 * self.radius * np.sin(min(distance / (2.0 * self.radius), np.pi / 2)))

    def arc(self, chord: float) -> float:
        """Distance of a straight distance."""
        if self.radius is None:
            return chord
        return float(2.0 * self.radius * np.arcsin(min(1.0, chord / (2.0 * self.radius))))

    def loads(self, plan: IndexArray) -> FloatArray:
        """Activities of each territory, (kinds, territories)."""
        return np.array(
            [np.bincount(plan, weights=row, minlength=self.territories) for row in self.activities]
        ).reshape(len(self.activities), self.territories)

    def excess(self, plan: IndexArray) -> FloatArray:
        """Amount outside its limits of each activity, all territories together, (kinds,)."""
        loads = self.loads(plan)
        low, high = self.lower[:, None], self.upper[:, None]
        over = np.where(loads > self.most[:, None], loads - high, 0.0)
        under = np.where(loads < self.least[:, None], low - loads, 0.0)
        return np.asarray((over + under).sum(axis=1))

    def diameter(self, plan: IndexArray) -> float:
        """Largest distance between two units of one territory."""
        if self.points is None:
            return 0.0
        order = np.argsort(plan, kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(plan, minlength=self.territories))[:-1])
        return self.arc(max(float(pdist(self.points[p]).max(initial=0.0)) for p in parts))

    def cuts(self, plan: IndexArray) -> int:
        """Neighbours in different territories."""
        return int((plan[self.edges[:, 0]] != plan[self.edges[:, 1]]).sum())

    def pieces(self, plan: IndexArray) -> int:
        """Connected pieces of all territories."""
        inside = self.edges[plan[self.edges[:, 0]] == plan[self.edges[:, 1]]]
        n = self.units
        graph = coo_array((np.ones(len(inside)), (inside[:, 0], inside[:, 1])), shape=(n, n))
        return int(connected_components(graph, directed=False)[0])

    def holds(self, plan: IndexArray) -> bool:
        """Whether a plan keeps everything that it must."""
        used = np.bincount(plan, minlength=self.territories)
        if len(used) != self.territories or not used.all():
            return False
        if self.excess(plan)[self.hard].any():
            return False
        if self.contiguous and self.pieces(plan) != self.territories:
            return False
        return bool(np.isinf(self.longest) or self.diameter(plan) <= self.longest * (1 + ROUNDING))

    def value(self, plan: IndexArray) -> float:
        """Objective of a plan."""
        total = self.cut_price * self.cuts(plan) if self.cut_price else 0.0
        if self.diameter_price:
            total += self.diameter_price * self.diameter(plan)
        soft = ~self.hard
        return float(total + (self.prices[soft] * self.excess(plan)[soft]).sum())
