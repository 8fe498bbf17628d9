"""Plans put together from whole territories that pricing came across.

Each pass of the prices finds the best set of units for every site. The cheapest choice
of such columns, one a site and every unit covered, is a set covering problem that HiGHS
solves in seconds (column generation's restricted master problem; Lorena and Senne
2004). Units covered twice stay with the nearer centre, units left out are put where
there is room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled
from .ascent import Ascent, ascend
from .knapsack import WholePricing, best_set
from .model import CentreModel
from .reach import Costs, Indices, Market, Reach

CEILING = 4.0
"""Times its typical cost that a unit may be priced at."""

UNCOVERED = 2.0
"""What a unit left out costs, in its price."""

MASTER_COLUMNS, COLUMNS_FOR_EACH = 1_500, 4
"""Columns of the covering problem, and more for each territory; the cheapest at the prices."""

MASTER_NODES = 100


@dataclass
class Columns:
    """Territories met so far: site and units."""

    sites: list[int] = field(default_factory=list)
    units: list[IndexArray] = field(default_factory=list)
    known: set[tuple[int, bytes]] = field(default_factory=set)

    def add(self, site: int, units: IndexArray) -> None:
        """Take a territory in, once."""
        key = (site, units.tobytes())
        if len(units) and key not in self.known:
            self.known.add(key)
            self.sites.append(site)
            self.units.append(units)


@compiled
def _sets(
    rows: IndexArray, sites: IndexArray, start: IndexArray, unit: Indices, cost: Costs,
    alpha: FloatArray, amount: IndexArray, capacity: IndexArray, chosen: np.ndarray,
) -> None:  # fmt: skip
    """Best set of each row, marked in ``chosen`` along the lists one after the other."""
    at = 0
    for row in rows:
        size = start[row + 1] - start[row]
        span = slice(start[row], start[row + 1])
        best_set(
            unit[span], cost[span], alpha, amount, capacity[sites[row]], chosen[at : at + size]
        )
        at += size


class MedianPricing:
    """A model without contiguity as knapsacks: its bound, its prices and its columns."""

    def __init__(self, model: CentreModel, typical: FloatArray, workers: int) -> None:
        self.model = model
        self.ceiling = np.maximum(CEILING * typical, 1e-9)
        self.typical = np.maximum(typical, 1e-9)
        market = Market(
            np.zeros((model.units, 2)), np.ones(model.units), model.activities,
            np.ascontiguousarray(model.lower.T), np.ascontiguousarray(model.upper.T),
            model.territories,
        )  # fmt: skip
        self.reach = table_reach(model.cost, self.ceiling)
        self.pricing = WholePricing(market, self.reach, workers)
        self.columns = Columns()

    def ascend(
        self,
        alpha: FloatArray,
        passes: int,
        hope: float,
        *,
        record: bool,
        stop: Callable[[], bool] = lambda: False,
    ) -> Ascent:
        """Raise the bound; with ``record`` the territories met are kept."""

        def evaluate(point: FloatArray) -> tuple[float, FloatArray]:
            value = self.pricing.value(point)
            if record:
                self.note(point)
            return value, self.pricing.slope(point)

        scale = np.sqrt(self.typical)
        start = np.clip(alpha, 0.0, self.ceiling)
        return ascend(
            evaluate, start, self.ceiling, scale, passes, hope=hope, precision=1e-5, stop=stop
        )

    def note(self, alpha: FloatArray, spare: float = 1.0) -> None:
        """Keep the territories of the best sites at the prices of the last pass."""
        pricing, reach = self.pricing, self.reach
        count = int(self.model.territories * (1.0 + spare))
        rows = np.argsort(pricing.worth, kind="stable")[:count]
        sizes = reach.start[rows + 1] - reach.start[rows]
        chosen = np.zeros(int(sizes.sum()), dtype=np.bool_)
        _sets(
            rows, reach.sites, reach.start, reach.unit, reach.cost, alpha, pricing.amount,
            pricing.capacity, chosen,
        )  # fmt: skip
        ends = np.cumsum(sizes)
        for row, end, size in zip(rows.tolist(), ends.tolist(), sizes.tolist(), strict=True):
            begin = int(reach.start[row])
            units = reach.unit[begin : begin + size][chosen[end - size : end]]
            self.columns.add(int(reach.sites[row]), np.sort(units).astype(np.int64))

    def master(
        self, alpha: FloatArray, seconds: float | None, gap: float
    ) -> tuple[IndexArray, IndexArray] | None:
        """Centres and a label for each unit, -1 for one left out, of the best columns."""
        sites, units = np.array(self.columns.sites), self.columns.units
        if not len(sites):
            return None
        cost = np.array([self.model.cost[u, j].sum() for j, u in zip(sites, units, strict=True)])
        reduced = cost - np.array([alpha[u].sum() for u in units])
        most = MASTER_COLUMNS + COLUMNS_FOR_EACH * self.model.territories
        keep = np.argsort(reduced, kind="stable")[:most]
        solution = self._covering(
            sites[keep], [units[q] for q in keep], cost[keep], alpha, seconds, gap
        )
        if solution is None:
            return None
        picked = keep[solution]
        centres = sites[picked]
        label = np.full(self.model.units, -1, dtype=np.int64)
        least = np.full(self.model.units, np.inf)
        for row, q in enumerate(picked.tolist()):
            costs = self.model.cost[units[q], centres[row]]
            nearer = costs < least[units[q]]
            label[units[q][nearer]] = row
            least[units[q][nearer]] = costs[nearer]
        return centres, label

    def _covering(
        self, sites: IndexArray, units: list[IndexArray], cost: FloatArray, alpha: FloatArray,
        seconds: float | None, gap: float,
    ) -> IndexArray | None:  # fmt: skip
        n, count = self.model.units, len(sites)
        sizes = [len(each) for each in units]
        rows, columns = np.concatenate(units), np.repeat(np.arange(count), sizes)
        left_out = np.arange(n)
        rows, columns = np.append(rows, left_out), np.append(columns, count + left_out)
        covers = scipy.sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, count + n))
        once = scipy.sparse.csr_array(
            (np.ones(count), (sites, np.arange(count))), shape=(n, n + count)
        )
        total = scipy.sparse.csr_array(np.concatenate([np.ones(count), np.zeros(n)])[None, :])
        limits = [
            scipy.optimize.LinearConstraint(covers, 1.0, np.inf),
            scipy.optimize.LinearConstraint(once, -np.inf, 1.0),
            scipy.optimize.LinearConstraint(total, -np.inf, float(self.model.territories)),
        ]
        options: Any = {"mip_rel_gap": gap, "node_limit": MASTER_NODES}
        if seconds is not None:
            options["time_limit"] = seconds
        found = scipy.optimize.milp(
            np.concatenate([cost, UNCOVERED * np.maximum(alpha, self.typical)]),
            constraints=limits,
            bounds=scipy.optimize.Bounds(0.0, 1.0),
            integrality=np.concatenate([np.ones(count), np.zeros(n)]),
            options=options,
        )
        if found.x is None:
            return None
        return np.flatnonzero(found.x[:count] > 0.5)


def table_reach(cost: FloatArray, ceiling: FloatArray) -> Reach:
    """Units whose cost from a site is below their ceiling, from the table of all pairs."""
    sites, unit = np.nonzero(ceiling[None, :] > cost.T)
    start = np.searchsorted(sites, np.arange(len(cost) + 1))
    costs = cost[unit, sites].astype(np.float32)
    above = costs > cost[unit, sites]
    costs[above] = np.nextafter(costs[above], np.float32(0.0))
    return Reach(np.arange(len(cost)), start.astype(np.int64), unit.astype(np.int32), costs)
