"""A large market of location by groups of units, for prices to begin from.

Prices change smoothly over the map: what a unit is worth is its weight times a distance
and its amounts times what they are short of, and both are alike for neighbours. So prices
of groups, found in a hundredth of the time, say what single units are about worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ....models.arrays import FloatArray, IndexArray
from .reach import Market, blocked_order

NEAR = 16
"""Groups whose prices are taken apart together, into what weight and amounts are worth."""

RIDGE = 1e-3
"""Share of the usual size by which rates that fit a price no better are kept small."""


@dataclass(frozen=True, eq=False)
class Coarse:
    """Groups of units.

    Parameters
    ----------
    market
        Of the groups.
    group
        Group of each unit, (units,).
    base
        Group that each group is served from.
    fine
        The market of units.
    """

    market: Market
    group: IndexArray
    base: IndexArray
    fine: Market

    def refined(self, alpha: FloatArray) -> FloatArray:
        """Prices of units from those of groups: the group's rates, and what is left by weight."""
        near = (
            cKDTree(self.market.points)
            .query(self.market.points, k=min(NEAR, len(self.market)))[1]
            .reshape(len(self.market), -1)
        )
        parts = np.column_stack([self.market.weight, self.market.amounts.T])
        scale = np.maximum(parts.mean(axis=0), 1e-300)
        rates = np.empty((len(parts), parts.shape[1]))
        for group, around in enumerate(near):
            each = parts[around] / scale
            square = each.T @ each
            square[np.diag_indices(len(square))] += RIDGE * np.trace(square)
            rates[group] = np.linalg.solve(square, each.T @ alpha[around]) / scale
        left = alpha - (rates * parts).sum(axis=1)
        weight = self.market.weight[self.group]
        share = self.fine.weight / np.where(weight > 0, weight, 1.0)
        units = np.column_stack([self.fine.weight, self.fine.amounts.T])
        priced = (rates[self.group] * units).sum(axis=1) + share * left[self.group]
        return np.asarray(np.maximum(priced, 0.0))


def coarsened(market: Market, base: IndexArray, groups: int) -> Coarse:
    """Groups of neighbouring units, about as many in each.

    Parameters
    ----------
    base
        Unit that each unit is served from in some plan, (n,).
    """
    order = blocked_order(market.points)
    group = np.empty(len(market), dtype=np.int64)
    group[order] = np.arange(len(market)) * groups // len(market)
    size = np.bincount(group, minlength=groups)

    def mean(values: FloatArray) -> FloatArray:
        columns = [np.bincount(group, weights=column, minlength=groups) for column in values.T]
        return np.ascontiguousarray(np.column_stack(columns) / size[:, None])

    amounts = np.stack([np.bincount(group, weights=a, minlength=groups) for a in market.amounts])
    first = np.empty(groups, dtype=np.int64)
    first[group[::-1]] = np.arange(len(market))[::-1]
    with np.errstate(invalid="ignore"):
        lower, upper = mean(market.lower), mean(market.upper)
    rough = Market(
        mean(market.points),
        np.asarray(np.bincount(group, weights=market.weight, minlength=groups), dtype=np.float64),
        np.ascontiguousarray(amounts), lower, upper, market.count,
    )  # fmt: skip
    return Coarse(rough, group, group[base[first]], market)
