"""A centre model as the compiled code reads it: one row per candidate centre."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from .bundle import Prices, ascend
from .model import CentreModel
from .prices import choose
from .reduction import drop_pairs, drop_unreachable

REACH_PAIRS = 60_000
"""Pairs up to which contiguity is asked which of them are possible; it takes long."""


@dataclass(frozen=True, eq=False)
class Tables:
    """Arrays of a model, (centre, unit); see :class:`~.model.CentreModel`.

    Parameters
    ----------
    owns
        The unit that a centre must have, or -1, (n,).
    scale
        Natural step of each unit's price, (n,).
    barriers
        Separators met so far: units cut off, (n,), and the units that cut them off; true
        for every centre that is not cut off itself.
    """

    model: CentreModel
    cost: FloatArray
    owns: IndexArray
    lower: FloatArray
    upper: FloatArray
    start: IndexArray
    neighbours: IndexArray
    first_alpha: FloatArray
    scale: FloatArray
    barriers: list[tuple[BoolArray, IndexArray]] = field(default_factory=list)

    @classmethod
    def of(cls, model: CentreModel) -> Tables:
        """Tables of a model, with the pairs that contiguity forbids at inf."""
        n = model.units
        cost = np.ascontiguousarray(model.cost.T)
        owns = np.arange(n) if model.own_centre else np.full(n, -1)
        lower, upper = np.ascontiguousarray(model.lower.T), np.ascontiguousarray(model.upper.T)
        start, neighbours = model.neighbours()
        if model.contiguous and cost.size <= REACH_PAIRS:
            cost = cost.copy() if np.shares_memory(cost, model.cost) else cost
            drop_unreachable(cost, owns, model.activities, upper, start, neighbours)
        middle = max(1, n // (2 * model.territories))
        alpha = np.partition(cost, min(middle, n - 1), axis=0)[min(middle, n - 1)]
        alpha = np.where(np.isfinite(alpha), alpha, 0.0)
        return cls(
            model, cost, owns, lower, upper, start, neighbours, alpha, np.sqrt(alpha)
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Node:
    """A part of all plans: which units may be centres, and how many of them where.

    Parameters
    ----------
    bound
        What no plan of the node beats.
    candidates, region
        Units that may be centres, and the region each is counted in, (m,).
    counts
        Centres in each region.
    prices
        Found for it.
    allowed
        Which units each candidate may have, packed bits of (m, n).
    """

    bound: float
    candidates: IndexArray
    region: IndexArray
    counts: IndexArray
    prices: Prices
    allowed: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
    free: int

    def sizes(self) -> IndexArray:
        """Candidates in each region."""
        return np.bincount(self.region, minlength=len(self.counts))

    def pairs(self, units: int) -> BoolArray:
        """Which units each candidate may have, (m, n)."""
        return np.unpackbits(self.allowed, axis=1, count=units).astype(np.bool_)

    def chosen(self) -> IndexArray:
        """The best centres at the node's prices."""
        rows = np.empty(int(self.counts.sum()), dtype=np.int64)
        choose(self.prices.worth, self.region, self.counts, rows)
        return np.sort(self.candidates[rows])


def price_node(
    tables: Tables,
    cost: FloatArray,
    candidates: IndexArray,
    region: IndexArray,
    counts: IndexArray,
    alpha: FloatArray,
    mu: FloatArray,
    cutoff: float,
    evaluations: int,
    *,
    rounds: int = 3,
    precision: float = 1e-5,
) -> tuple[Node | None, float]:
    """Price a part of the plans and drop what no plan below the cutoff has.

    ``cost`` (m, n) is changed. Returns None where no plan of it is below the cutoff, and
    the million pairs that were priced.
    """
    model, work = tables.model, 0.0
    while True:
        rounds -= 1
        lower, upper, owns = (
            tables.lower[candidates],
            tables.upper[candidates],
            tables.owns[candidates],
        )
        prices = Prices(
            *ascend(
                cost, owns, model.activities, lower, upper, region, counts, alpha, mu,
                tables.scale, cutoff, evaluations, precision,
            )
        )  # fmt: skip
        work += prices.evaluations * cost.size * 1e-6
        if prices.bound >= cutoff:
            return None, work
        alpha, mu, worth = prices.alpha, prices.mu, prices.worth
        dropped = 0
        if np.isfinite(cutoff):
            dropped = drop_pairs(
                cost, owns, model.activities, region, counts, alpha, mu, worth, cutoff
            )
            if model.contiguous and dropped and cost.size <= REACH_PAIRS:
                dropped += drop_unreachable(
                    cost, owns, model.activities, upper, tables.start, tables.neighbours
                )
        keep = _possible(tables, cost, candidates, region, counts, prices, cutoff)
        candidates, region, mu, worth = candidates[keep], region[keep], mu[keep], worth[keep]
        cost = np.ascontiguousarray(cost[keep])
        pairs = np.isfinite(cost)
        if (np.bincount(region, minlength=len(counts)) < counts).any() or not pairs.any(
            axis=0
        ).all():
            return None, work
        if rounds <= 0 or dropped <= 0.1 * pairs.sum():
            kept = Prices(prices.bound, alpha, mu, worth, prices.evaluations)
            free = int(pairs.sum()) - model.units
            packed = np.packbits(pairs, axis=1)
            return Node(prices.bound, candidates, region, counts, kept, packed, free), work


def _possible(
    tables: Tables,
    cost: FloatArray,
    candidates: IndexArray,
    region: IndexArray,
    counts: IndexArray,
    prices: Prices,
    cutoff: float,
) -> BoolArray:
    """Candidates that may still be chosen, (m,)."""
    if tables.model.own_centre:
        return np.asarray(np.isfinite(cost[np.arange(len(candidates)), candidates]))
    keep = np.isfinite(prices.worth)
    for r, count in enumerate(counts):
        rows = np.flatnonzero(region == r)
        last = np.partition(prices.worth[rows], count - 1)[count - 1]
        keep[rows] &= prices.bound - last + np.maximum(prices.worth[rows], last) < cutoff
    return np.asarray(keep)
