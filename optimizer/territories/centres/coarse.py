"""A large market of location by groups of units, for prices to begin from.

Prices change smoothly over the map: what a unit is worth for its weight is alike for
neighbours. So prices of groups, found in a hundredth of the time, say what single units
are about worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ....models.arrays import FloatArray, IndexArray
from .reach import Market, blocked_order

NEAR, LEAST_KM = 8, 1.0
"""Groups around a unit whose prices tell its own, and a distance that counts as none."""


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
        """Prices of units from those of groups: what a weight is worth in the groups around.

        The mean of the groups around, the nearest counting most, since prices that jump
        from group to group make the sites at the jumps look cheap.
        """
        weight = self.market.weight
        worth = np.where(weight > 0, alpha / np.where(weight > 0, weight, 1.0), 0.0)
        many = min(NEAR, len(weight))
        far, near = cKDTree(self.market.points).query(self.fine.points, k=range(1, many + 1))
        share = np.asarray(1.0 / (far + LEAST_KM) ** 2)
        share /= share.sum(axis=1, keepdims=True)
        return np.asarray(self.fine.weight * (share * worth[near]).sum(axis=1))


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
