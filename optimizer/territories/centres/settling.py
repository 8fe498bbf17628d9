"""Bases for territories that hang together.

Bases placed for balance alone (:mod:`.placing`) may want territories that leap over their
neighbours. Here each layout is judged by the best plan of connected territories that a
short search finds for it: bases move to the medians of these territories as long as that
pays (Cooper 1964), then single bases move elsewhere, as proposed by the prices, and what
is better stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ....models.geodesy import EARTH_RADIUS_KM, directions
from ..model import AssignmentModel, Connected, Resource
from ..prices import price_bound
from ..prices.bound import Prices
from ..search import improve
from .balancing import Layout
from .placing import Placing

PROPOSALS = 5_000.0
"""Proposals for each unit in the search for one layout."""

ALL_PROPOSALS, FEWEST, MOST = 4e8, 8, 24
"""Proposals for all layouts together, and searches of that at least and at most."""

ANY = 1e300
"""A value that every plan reaches."""

PASSES = 100.0
"""Passes of the prices for one layout."""

NEAR, CLOSE = 0.006, 0.002
"""Share above the best, relaxed and in whole territories, up to which a layout is gone into."""

TRIALS = 400
"""How often a base is tried elsewhere at most, most of them only at relaxed cost."""


def place_connected(
    latitude: FloatArray,
    longitude: FloatArray,
    measures: FloatArray,
    count: int,
    edges: IndexArray,
    *,
    tolerance: float = 0.1,
    seed: int = 1,
) -> Settled:
    """Choose units to live in, so that near, balanced and connected territories go together.

    As :func:`~teig.optimizer.territories.centres.placing.place_bases`, with units that are
    neighbours, ``edges`` (e, 2). Bases are ascending.
    """
    points = directions(latitude, longitude) * EARTH_RADIUS_KM
    placing = Placing.of(points, measures, count, tolerance)
    layout = placing.placed(np.random.default_rng(seed))
    return settle(placing, layout, edges, seed).ascending()


class Settled(NamedTuple):
    """Bases with the best plan of connected territories that is known for them.

    Parameters
    ----------
    bases, owner
        Unit of each base, (bases,); base of each unit, (n,).
    value
        Σ weight · km of the plan; inf where none is known.
    """

    bases: IndexArray
    owner: IndexArray
    value: float

    def ascending(self) -> Settled:
        """The same with the bases in order of their units."""
        order = np.argsort(self.bases, kind="stable")
        return Settled(self.bases[order], np.argsort(order)[self.owner], self.value)


class Settling:
    """One market on which bases are settled."""

    def __init__(
        self,
        placing: Placing,
        edges: IndexArray,
        seed: int,
        effort: float = 1.0,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.placing, self.edges, self.seed, self.stop = placing, edges, seed, stop
        self.each = PROPOSALS * len(placing.points)
        searches = effort * float(np.clip(ALL_PROPOSALS / self.each, FEWEST, MOST))
        self.left = self.each * max(searches, 2.0)

    def spent(self) -> bool:
        """Whether the searches have had their proposals, or their time."""
        return self.left < self.each or self.stop()

    def model(self, bases: IndexArray) -> AssignmentModel:
        """The alignment to some bases: distances, balances, contiguity."""
        market, count = self.placing, len(bases)
        n = len(market.points)
        pairs = np.arange(n) * count
        owners = np.ones(count, dtype=np.bool_)
        none = np.zeros(count)
        return AssignmentModel(
            owners=count, item_of_cover=np.arange(n), first=np.zeros(n, dtype=np.int64),
            last=np.full(n, count), start=pairs, allowed=np.ones(n * count, dtype=np.bool_),
            cost=market.costs(bases).ravel(), constant=0.0,
            resources=tuple(
                Resource(
                    name=str(kind), values=np.repeat(share, count),
                    lower=none + 1.0 - market.tolerance, upper=none + 1.0 + market.tolerance,
                    takes_part=owners, price=np.inf, lower_share=none, upper_share=none,
                    per_item=True,
                )
                for kind, share in enumerate(market.shares)
            ),
            budgets=(),
            connected=(Connected("contiguity", self.edges, owners, np.inf, self.edges),),
            apart=(), spread=(), homes=(), diameters=(),
            cut_edges=np.zeros((0, 2), dtype=np.int64), cut_prices=np.zeros(0), forbidden_by={},
        )  # fmt: skip

    def begun(self, layout: Layout) -> Settled:
        """The first plan that is found for a layout, however long that takes."""
        return self._searched(layout, None, self.left - self.each, ANY)

    def aligned(self, layout: Layout, start: IndexArray) -> Settled:
        """A good plan for a layout, searched from a start that need not keep the rules."""
        return self._searched(layout, start, self.each, None)

    def _searched(
        self, layout: Layout, start: IndexArray | None, work: float, target: float | None
    ) -> Settled:
        model = self.model(layout.bases)
        loads = np.ascontiguousarray(layout.prices.T)
        given = Prices(np.ones(1), loads, np.zeros(0))
        prices = price_bound(model, work=PASSES, prices=given, cuts=False, stop=self.stop)
        found = improve(
            model, start=start, seed=self.seed, work=work, target=target, prices=prices,
            mending=False, stop=self.stop,
        )  # fmt: skip
        self.left -= found.work
        return Settled(layout.bases, found.nearest, found.objective)

    def settled(
        self, layout: Layout, now: Settled, better: Callable[[Settled], None]
    ) -> tuple[Layout, Settled]:
        """Bases move to the medians of their territories as long as the plan gets better."""
        while np.isfinite(now.value) and not self.spent():
            bases = self.placing.medians(now.owner, now.bases)
            if (bases == now.bases).all():
                break
            moved = self.placing.priced(bases, layout.prices)
            found = self.aligned(moved, now.owner)
            if not found.value < now.value:
                break
            layout, now = moved, found
            better(now)
        return layout, now


def settle(
    placing: Placing,
    layout: Layout,
    edges: IndexArray,
    seed: int,
    *,
    effort: float = 1.0,
    stop: Callable[[], bool] = lambda: False,
    better: Callable[[Settled], None] = lambda _: None,
) -> Settled:
    """Improve bases for connected territories.

    Parameters
    ----------
    layout
        Bases that are good where territories need not hang together.
    edges
        Units that are neighbours, (e, 2).
    effort
        Multiple of the usual number of searches.
    stop
        Asked between portions of work; the best so far is returned.
    better
        Called with each plan that is better than all before.
    """
    work = Settling(placing, edges, seed, effort, stop)
    generator = np.random.default_rng([seed, 1])
    best = work.begun(layout)

    def told(found: Settled) -> None:
        if found.value < least[0]:
            least[0] = found.value
            better(found)

    least = [np.inf]
    told(best)
    layout, best = work.settled(layout, best, told)
    for _ in range(TRIALS if placing.count > 1 else 0):
        if work.spent() or not np.isfinite(best.value):
            break
        trial = placing.tried(layout, generator)
        if trial.value > (1.0 + NEAR) * layout.value or (trial.bases == layout.bases).all():
            continue
        found = work.aligned(trial, _begun(trial, layout, best))
        told(found)
        if found.value < (1.0 + CLOSE) * best.value:
            trial, found = work.settled(trial, found, told)
        if found.value < best.value:
            layout, best = trial, found
    return best


def _begun(trial: Layout, layout: Layout, best: Settled) -> IndexArray:
    """The best plan as far as it concerns bases that stay; the rest as prices have it."""
    moved = trial.bases != layout.bases
    return np.where(moved[best.owner] | moved[trial.label], trial.label, best.owner)
