"""Cuts on mixtures of listed territories, and the territories that they leave.

Of three rows, each covered once, at most one whole territory can cover two or more
(subset rows: Jepsen, Petersen, Spoorendonk and Pisinger 2008). A mixture of halves
breaks that, so the bound rises, and a territory whose reduced cost reaches the best
plan is in no better one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse

from ....models.arrays import BoolArray, FloatArray, IndexArray

#: Territories that a mixture begins with, and most that are added to it in one go.
FIRST, ADDED = 1_500, 800
#: Rounds of cuts, cuts of one round, and of one row in a round.
ROUNDS, CUTS, OF_A_ROW = 25, 60, 5
#: By how much a cut has to be broken.
BROKEN = 0.03
#: Share of the room below the best plan that a round has to gain.
LITTLE = 0.01
#: Room for the tolerances of the linear program, a share of the value.
TOLERANCE = 1e-9
#: What the linear program's status says where there is no mixture.
INFEASIBLE = 2


@dataclass(frozen=True, eq=False)
class Tightened:
    """What is left.

    Parameters
    ----------
    kept
        Territories that a plan below the cutoff may hold, ascending.
    rows
        Cuts: rows of each, (cuts, 3).
    bound
        What no choice costs less than; the cutoff where nothing is left below it.
    """

    kept: IndexArray
    rows: IndexArray
    bound: float


def tighten(
    cover: BoolArray, cost: FloatArray, reduced: FloatArray, cutoff: float, owners: int
) -> Tightened:
    """Cut off mixtures until little is gained.

    Parameters
    ----------
    cover
        Whether a territory covers a row, (rows, territories): items, then owners, the
        last ``owners`` rows.
    cost, reduced
        Of each territory; the mixture begins with those of least reduced cost.
    cutoff
        Only choices below it matter.
    """
    run = _Run(cover, cost, reduced, cutoff, owners)
    for _ in range(ROUNDS):
        before = run.bound
        shares = run.mix()
        if run.bound >= cutoff:
            return Tightened(run.kept[:0], run.rows, cutoff)
        if shares is None:
            break
        shares = run.fix(shares)
        little = np.isfinite(before) and run.bound - before <= LITTLE * (cutoff - before)
        if little or not run.separate(shares):
            break
    return Tightened(run.kept, run.rows, run.bound)


class _Run:
    def __init__(
        self,
        cover: BoolArray,
        cost: FloatArray,
        reduced: FloatArray,
        cutoff: float,
        owners: int,
    ) -> None:
        self.cutoff, self.owners = cutoff, owners
        self.cover: Any = scipy.sparse.csc_array(cover, dtype=np.float64)
        self.cost, self.reduced = cost, reduced
        self.kept = np.arange(len(cost))
        self.owner = cover[-owners:].argmax(axis=0)
        self.rows = np.zeros((0, 3), dtype=np.int64)
        self.cuts: Any = scipy.sparse.csc_array((0, len(cost)))
        self.active = np.zeros(len(cost), dtype=np.bool_)
        self.active[np.argsort(reduced, kind="stable")[:FIRST]] = True
        self.bound = -np.inf

    def mix(self) -> FloatArray | None:
        """The cheapest mixture under the cuts, and the bound with it; None without one."""
        while True:
            used = np.flatnonzero(self.active)
            found = self._solved(used)
            if found.status == INFEASIBLE and len(used) == len(self.cost):
                self.bound = np.inf
            if found.status == INFEASIBLE and len(used) < len(self.cost):
                more = np.flatnonzero(~self.active)
                order = np.argsort(self.reduced[more], kind="stable")
                self.active[more[order[: len(used)]]] = True
                continue
            if found.status != 0:
                return None
            shadow, of_cuts = found.eqlin.marginals, found.ineqlin.marginals
            self.reduced = self.cost - self.cover.T @ shadow - self.cuts.T @ of_cuts
            total = float(shadow.sum()) + float(of_cuts.sum())
            order = np.argsort(self.reduced, kind="stable")[:ADDED]
            order = order[self.reduced[order] < -TOLERANCE * abs(self.cutoff)]
            if self.active[order].all():
                break
            self.active[order] = True
        # One territory an owner: what is still negative counts once for each.
        least = np.zeros(self.owners)
        np.minimum.at(least, self.owner, self.reduced)
        total += float(least.sum())
        self.now = total
        self.bound = max(self.bound, total)
        shares = np.zeros(len(self.cost))
        shares[used] = found.x
        return shares

    def _solved(self, used: IndexArray) -> Any:
        return scipy.optimize.linprog(
            self.cost[used],
            A_eq=self.cover[:, used],
            b_eq=np.ones(self.cover.shape[0]),
            A_ub=self.cuts[:, used],
            b_ub=np.ones(len(self.rows)),
            bounds=(0.0, None),
            method="highs-ds",
        )

    def fix(self, shares: FloatArray) -> FloatArray:
        """Drop territories that no choice below the cutoff holds; shares of the others."""
        stays = self.reduced <= self.cutoff - self.now + TOLERANCE * abs(self.cutoff)
        self.kept, self.cost, self.reduced = self.kept[stays], self.cost[stays], self.reduced[stays]
        self.cover, self.cuts = self.cover[:, stays], self.cuts[:, stays]
        self.active, self.owner = self.active[stays], self.owner[stays]
        return shares[stays]

    def separate(self, shares: FloatArray) -> bool:
        """Add the cuts that a mixture breaks most; whether there are any."""
        mixed = np.flatnonzero((shares > 1e-6) & (shares < 1.0 - 1e-6))
        cover, share = self.cover[:, mixed].toarray(), shares[mixed]
        pairs = (cover * share) @ cover.T
        found: list[tuple[float, int, int, int]] = []
        for i in range(len(cover) - 2):
            three = (cover * (cover[i] * share)) @ cover.T
            over = pairs[i][:, None] + pairs[i][None, :] + pairs - 2.0 * three - 1.0
            j, k = np.nonzero(np.triu(over, 1) > BROKEN)
            later = j > i
            places = zip(j[later].tolist(), k[later].tolist(), strict=True)
            found += [(-float(over[a, b]), i, a, b) for a, b in places]
        many = np.zeros(len(cover), dtype=np.int64)
        chosen: list[list[int]] = []
        for _, *rows in sorted(found):
            if len(chosen) < CUTS and (many[rows] < OF_A_ROW).all():
                many[rows] += 1
                chosen.append(rows)
        if not chosen:
            return False
        new = np.array(chosen)
        self.rows = np.concatenate([self.rows, new])
        by_row: Any = scipy.sparse.csr_array(self.cover)
        covered: Any = by_row[new[:, 0]] + by_row[new[:, 1]] + by_row[new[:, 2]]
        both: Any = (covered >= 2.0).astype(np.float64)
        self.cuts = scipy.sparse.csc_array(scipy.sparse.vstack([self.cuts, both]))
        return True
