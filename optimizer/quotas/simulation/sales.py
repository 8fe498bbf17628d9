"""Simulated sales of every owner, summed up the tree as the draws go by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ....models.arrays import FloatArray, IndexArray
from ....models.compensation import Contest
from ....models.quotas import QuotaProblem, QuotaTree
from .draws import many_draws, normal_draws
from .uncertainty import Shape, Uncertainty


@dataclass(frozen=True, eq=False)
class SimulatedSales:
    """Sales by draw, plan currency.

    Parameters
    ----------
    year
        Of each node over the plan period, (draws, nodes).
    periods
        Of the chosen nodes by period, (draws, periods, chosen); one period, the whole
        plan, where only that is asked for.
    contests
        By contest: of the chosen nodes in its window, (draws, chosen).
    """

    year: FloatArray
    periods: FloatArray
    contests: Mapping[str, FloatArray]


def ancestors(tree: QuotaTree) -> sparse.csr_array:
    """1 where a node is a leaf or stands above it, (leaves, nodes)."""
    rows, columns = list[int](), list[int]()
    for row, leaf in enumerate(tree.leaves.tolist()):
        node = leaf
        while node >= 0:
            rows.append(row)
            columns.append(node)
            node = int(tree.parent[node])
    shape = (len(tree.leaves), len(tree))
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


@dataclass(frozen=True, eq=False)
class SalesDraws:
    """Draws the sales of a quota problem's leaves.

    Parameters
    ----------
    expected
        Plan currency, (leaves, products, periods).
    """

    problem: QuotaProblem
    expected: FloatArray
    uncertainty: Uncertainty
    draws: int
    seed: int

    def simulate(
        self, chosen: IndexArray, contests: Sequence[Contest], *, by_period: bool
    ) -> SimulatedSales:
        """Draw all periods, one after the other; only sums are kept."""
        sums = ancestors(self.problem.tree)
        periods = self.problem.periods
        year = np.zeros((self.draws, len(self.problem.tree)))
        kept = np.zeros((self.draws, len(periods) if by_period else 1, len(chosen)))
        won = {contest.name: np.zeros((self.draws, len(chosen))) for contest in contests}
        common = self._common()
        for t, name in enumerate(periods):
            single = self._single(common, name)
            nodes = self._sold(single, t, None) @ sums
            year += nodes
            kept[:, t if by_period else 0] += nodes[:, chosen]
            for contest in contests:
                share = contest.window.get(name, 0.0)
                if share > 0:
                    sold = self._sold(single, t, contest.product or None) @ sums
                    won[contest.name] += share * sold[:, chosen]
        return SimulatedSales(year, kept, won)

    def _leaf_ids(self) -> list[str]:
        return [self.problem.tree.ids[leaf] for leaf in self.problem.tree.leaves.tolist()]

    def _common(self) -> FloatArray:
        """Deviations of market and territory over the whole plan, (draws, leaves)."""
        u, ids = self.uncertainty, self._leaf_ids()
        deviation = np.zeros((self.draws, len(ids)))
        if u.market > 0:
            deviation += u.market * normal_draws(self.seed, "market", self.draws)[:, None]
        if u.territory > 0:
            names = [f"territory {name}" for name in ids]
            deviation += u.territory * many_draws(self.seed, names, self.draws)
        return deviation

    def _single(self, common: FloatArray, period: str) -> FloatArray:
        """Factor of each leaf in one period, products apart, (draws, leaves)."""
        u = self.uncertainty
        variance = u.market**2 + u.territory**2 + u.period**2
        deviation = common
        if u.period > 0:
            names = [f"period {period} of {name}" for name in self._leaf_ids()]
            deviation = common + u.period * many_draws(self.seed, names, self.draws)
        if u.shape is Shape.LOGNORMAL:
            factor: FloatArray = np.exp(deviation - variance / 2)
            return factor
        return 1.0 + deviation

    def _products(self) -> FloatArray:
        """Deviation of each product, (draws, products)."""
        u, names = self.uncertainty, [f"product {name}" for name in self.problem.products]
        if not u.product > 0:
            return np.zeros((self.draws, len(names)))
        return u.product * many_draws(self.seed, names, self.draws)

    def _sold(self, single: FloatArray, period: int, product: str | None) -> FloatArray:
        """Sales of every leaf in a period, of one product or all, (draws, leaves)."""
        u, expected = self.uncertainty, self.expected[:, :, period]
        if product is not None:
            wanted = np.array([name == product for name in self.problem.products])
            expected = expected * wanted
        if u.shape is Shape.LOGNORMAL:
            factor = np.exp(self._products() - u.product**2 / 2)
            sold: FloatArray = single * (factor @ expected.T)
            return sold
        added = single * expected.sum(axis=1) + self._products() @ expected.T
        floored: FloatArray = np.maximum(added, 0.0)
        return floored
