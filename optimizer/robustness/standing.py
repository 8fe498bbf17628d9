"""What everybody carries of one plan in every future, while positions are vacant too."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from ...models.arrays import BoolArray, FloatArray, IndexArray
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.totals import MONEY_MEASURES, cover_values, travelled_pairs
from .futures import Futures
from .spread import Orphans


class PlanInFutures:
    """A plan in every sample: sums over the plan period, weighted with time.

    Somebody who is gone for a share g of the plan period carries 1 − g of the
    territory's sums, in 1 − g of the hours. For that share each of the units is served
    by the nearest rep of the team who is there all the time, of those whose territory
    touches that of the one who left, if any such is there; where all are equally near,
    units are dealt in turn. Nothing of that changes the plan.

    Parameters
    ----------
    problem
        With all bases placed.
    """

    def __init__(self, problem: Problem, plan: Plan, futures: Futures) -> None:
        self.problem, self.plan, self.futures = problem, plan, futures
        owners = len(problem.owners)
        held = np.flatnonzero(plan.owner >= 0)
        ones = np.ones(len(held))
        shape = (len(problem.covers), owners)
        #: 1 where an owner has a cover, (covers, owners).
        self.has = sparse.csr_array((ones, (held, plan.owner[held])), shape=shape)
        self.minutes, self.km = _ways(problem, plan)
        self.sample, self.cover, self.stand_in = self._orphans()
        #: Share of the plan period for which each is an orphan.
        self.gone = futures.gone[self.sample, plan.owner[self.cover]]
        self.served: BoolArray = np.asarray(self.stand_in >= 0)

    # ------------------------------------------------------------------ sums

    def potential(self) -> FloatArray:
        """Factor on the potential of each cover, (samples, covers)."""
        return self.futures.potential[:, self.problem.covers.unit]

    def totals(self, values: FloatArray, orphans: FloatArray | None = None) -> FloatArray:
        """Sums by owner, (samples, owners).

        Parameters
        ----------
        values
            Of each cover with its owner, (samples, covers).
        orphans
            Of each orphan with its stand-in; as with its owner by default.
        """
        sums = np.asarray((self.has.T @ values.T).T) * (1.0 - self.futures.gone)
        if orphans is None:
            orphans = values[self.sample, self.cover]
        owners = sums.shape[1]
        place = (self.sample * owners + self.stand_in)[self.served]
        taken = np.bincount(place, (self.gone * orphans)[self.served], sums.size)
        return sums + taken.reshape(sums.shape)

    def unserved(self, values: FloatArray) -> FloatArray:
        """Sum of what nobody serves, for the share of the period, (samples,).

        Parameters
        ----------
        values
            Of each cover, (samples, covers).
        """
        lost = (self.gone * values[self.sample, self.cover])[~self.served]
        return np.bincount(self.sample[~self.served], lost, len(values)).astype(np.float64)

    def orphaned(self, values: FloatArray) -> FloatArray:
        """Sum of what loses its owner at some time, in full, (samples,)."""
        every = values[self.sample, self.cover]
        return np.bincount(self.sample, every, len(values)).astype(np.float64)

    def measure(self, name: str) -> FloatArray:
        """A measure of :mod:`teig.models.totals` by owner, (samples, owners).

        Potential and sales scatter, travel does, workload and visits as far as they
        follow potential; other measures are what they are.
        """
        covers, problem = self.problem.covers, self.problem
        if name in ("load", "travel_hours", "travel_km", "nights"):
            own, orphans = self._travel(name)
            if name == "load":
                work = covers.workload * self.futures.workload()[:, covers.unit]
                own, orphans = own + work, orphans + work[self.sample, self.cover]
            return self.totals(own, orphans)
        values = cover_values(problem, name)
        if name in MONEY_MEASURES:
            return self.totals(values * self.potential())
        if name in ("workload", "visits"):
            return self.totals(values * self.futures.workload()[:, covers.unit])
        return self.totals(np.broadcast_to(values, (len(self.futures), len(values))))

    def _travel(self, name: str) -> tuple[FloatArray, FloatArray]:
        """Travel of every cover with its owner (samples, covers), of orphans with stand-ins."""
        futures, unit = self.futures, self.problem.covers.unit
        visits = self.problem.covers.visits * futures.workload()[:, unit]
        factor = futures.minutes[:, unit]
        own = self._hours(name, visits, self.minutes * factor, self.km, futures.kilometres[:, None])
        at = (self.sample, self.cover)
        minutes, km = self._ways_of_stand_ins()
        orphans = self._hours(
            name, visits[at], minutes * factor[at], km, futures.kilometres[self.sample]
        )
        return own, orphans

    def _hours(
        self, name: str, visits: FloatArray, minutes: FloatArray, km: FloatArray, longer: FloatArray
    ) -> FloatArray:
        touring = self.problem.touring
        if name == "travel_km":
            found = touring.kilometres(visits, minutes, km * longer)
        elif name == "nights":
            found = touring.nights(visits, minutes)
        else:
            found = touring.hours(visits, minutes)
        return np.nan_to_num(found, nan=0.0)

    # ------------------------------------------------------------------ orphans

    def _orphans(self) -> tuple[IndexArray, IndexArray, IndexArray]:
        """Sample, cover and stand-in (-1 for nobody) of every orphan."""
        gone, owner = self.futures.gone > 0, self.plan.owner
        sample, cover = np.nonzero(gone[:, np.maximum(owner, 0)] & (owner >= 0))
        stand_in = np.full(len(cover), -1, dtype=np.int64)
        if not len(cover) or self.futures.spread.orphans is Orphans.UNSERVED:
            return sample, cover, stand_in
        for index, team in enumerate(self.problem.teams):
            mine = np.flatnonzero((cover >= team.covers.start) & (cover < team.covers.stop))
            mine = mine[
                (owner[cover[mine]] >= team.owners.start) & (owner[cover[mine]] < team.owners.stop)
            ]
            order, reachable = self._nearest(index)
            row = cover[mine] - team.covers.start
            left = np.arange(len(mine))
            for rank in range(order.shape[1]):
                who = order[row[left], rank]
                there = reachable[row[left], rank] & ~gone[sample[mine[left]], who]
                stand_in[mine[left[there]]] = who[there]
                left = left[~there]
                if not left.size:
                    break
        return sample, cover, stand_in

    def _nearest(self, index: int) -> tuple[IndexArray, BoolArray]:
        """Owners of a team by how soon they stand in for each cover, (covers, owners) each.

        The second says whether there is a way; the owner itself counts as without one.
        """
        problem, team = self.problem, self.problem.teams[index]
        width, owner = len(team.owners), self.plan.owner[team.covers.start : team.covers.stop]
        touches = np.zeros((width + 1, width), dtype=np.bool_)
        pairs = self.plan.owner[team.neighbours.pairs] - team.owners.start
        inside = ((pairs >= 0) & (pairs < width)).all(axis=1)
        touches[pairs[inside, 0], pairs[inside, 1]] = True
        touches[pairs[inside, 1], pairs[inside, 0]] = True
        inner = np.where((owner >= team.owners.start) & (owner < team.owners.stop),
                         owner - team.owners.start, width)  # fmt: skip
        who = np.arange(width)
        ways = team.minutes.copy()
        holds = problem.owners.holds_territory[team.owners.start : team.owners.stop]
        ways[:, ~holds] = np.nan
        ways[who[None, :] == inner[:, None]] = np.nan
        turn = (who[None, :] - np.arange(len(owner))[:, None]) % width
        order = np.lexsort((turn, np.nan_to_num(ways, nan=np.inf), ~touches[inner]), axis=1)
        reachable = np.isfinite(np.take_along_axis(ways, order, axis=1))
        return order + team.owners.start, reachable

    def _ways_of_stand_ins(self) -> tuple[FloatArray, FloatArray]:
        minutes, km = np.zeros(len(self.cover)), np.zeros(len(self.cover))
        for team in self.problem.teams:
            mine = self.served & (self.cover >= team.covers.start)
            mine &= self.cover < team.covers.stop
            rows = self.cover[mine] - team.covers.start
            columns = self.stand_in[mine] - team.owners.start
            minutes[mine], km[mine] = team.minutes[rows, columns], team.kilometres[rows, columns]
        return minutes, km


def _ways(problem: Problem, plan: Plan) -> tuple[FloatArray, FloatArray]:
    """Minutes and km of each cover's owner; NaN where nobody travels, (covers,) each."""
    minutes, km = np.full((2, len(problem.covers)), np.nan)
    for index, team in enumerate(problem.teams):
        covers, owners = travelled_pairs(problem, plan, index)
        rows, columns = covers - team.covers.start, owners - team.owners.start
        minutes[covers], km[covers] = team.minutes[rows, columns], team.kilometres[rows, columns]
    return minutes, km
