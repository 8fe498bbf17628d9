"""From a plan and prices to a proof: mixtures of territories, then every territory near them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..measures import measure
from ..model import AssignmentModel
from ..prices import PriceResult
from .master import Pool
from .pricing import ROUNDING, Priced, Pricing, owners_of

#: Decisions of an enumeration: of one owner's cheapest territories, at first and where
#: that is too few, and of all within a level; and of everything together where nothing
#: else is asked.
CHEAPEST, MOST_CHEAPEST, LEVEL, ALL = 300_000, 10_000_000, 20_000_000, 60_000_000
#: Territories kept of one enumeration, and of all owners within a level.
ROOM, MOST = 5_000, 400_000
#: Columns taken from one owner and set of prices.
TAKEN = 60
#: Steps of the value between the relaxation's and a known territory's.
STEPS = 8.0
#: Rounds of mixtures, and how near a mixture and the bound have to be, a share.
MIXTURES, NEAR = 150, 2e-5
#: Share of the best prices in the next ones, and above which a trial is near them.
STEADY, NEARBY = 0.75, 0.9
#: First level above the bound, a share of the value, and by how much more the next is.
FIRST_LEVEL, MORE = 2e-4, 1.6
#: Branch-and-bound nodes of a program.
NODES = 2_000
#: A plan this near its bound, a share, is proven.
CLOSE = 1e-7


@dataclass(frozen=True, eq=False)
class Proof:
    """What is known at the end.

    Parameters
    ----------
    owners
        Owner of each item in the best plan, (items,).
    value
        Of the plan.
    bound
        What no plan costs less than.
    work
        Decisions of the enumerations.
    """

    owners: IndexArray
    value: float
    bound: float
    work: int


def is_separable(model: AssignmentModel) -> bool:
    """Whether each owner's territory is a connected set that hard limits of its own bound."""
    parts = (
        model.budgets, model.apart, model.spread, model.diameters, model.largest, model.earlier,
        model.cut_prices.any(),
    )  # fmt: skip
    if any(parts) or len(model.item_of_cover) != model.items:
        return False
    if any(not np.isinf(home.price) for home in model.homes):
        return False
    held = np.zeros(model.owners)
    for part in model.connected:
        held += part.owners
    one_graph = bool((held == 1).all()) and all(np.isinf(p.price) for p in model.connected)
    return one_graph and all(
        r.hard and model.fixed_limits(r) is not None and not (r.values < 0.0).any()
        for r in model.resources
    )


def prove(
    model: AssignmentModel,
    prices: PriceResult,
    start: IndexArray,
    *,
    work: float = 1.0,
    gap: float = 0.0,
    seconds: Callable[[], float | None] = lambda: None,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[IndexArray, float, float], None] = lambda _owners, _value, _bound: None,
) -> Proof:
    """Find the best plan and prove it, as far as the territories of owners can be listed.

    Parameters
    ----------
    model
        One for which :func:`is_separable` holds.
    prices
        Its bound; ``possible`` holds for plans better than the start.
    start
        A plan that keeps the hard parts, (items,).
    work
        Multiple of the usual effort.
    gap
        Ends where the plan is this near its bound, a share.
    seconds
        Asked for the wall clock that is left, None for no limit.
    report
        Called with the best plan, its value and the bound as they get better.
    """
    run = _Run(model, prices, start, work, gap, seconds, stop, report)
    if run.approach():
        run.close()
    return Proof(run.owners, run.value, min(run.bound, run.value), run.used)


class _Run:
    def __init__(
        self,
        model: AssignmentModel,
        prices: PriceResult,
        start: IndexArray,
        work: float,
        gap: float,
        seconds: Callable[[], float | None],
        stop: Callable[[], bool],
        report: Callable[[IndexArray, float, float], None],
    ) -> None:
        self.model, self.seconds, self.ended, self.report = model, seconds, stop, report
        self.gap, self.most, self.used = max(gap, CLOSE), ALL * work, 0
        self.cheapest = CHEAPEST
        self.owners, self.value = np.array(start), measure(model, start).objective
        self.bound = prices.bound
        possible = prices.possible & model.allowed
        possible[model.start + start - model.first] = True
        self.each = owners_of(model, possible)
        self.pool = Pool(self.each, model.items)
        for owner in self.each:
            self.pool.add(owner, start[owner.items] == owner.number)
        self.prices = _first_prices(model, prices)
        #: At the best prices: the bound, and each owner's least.
        self.proven, self.floors = -np.inf, np.zeros(0)

    # ------------------------------------------------------------------ bound

    def stop(self) -> bool:
        """Whether to end: near enough, out of work, or told so."""
        return self.near() or self.used >= self.most or self.ended()

    def near(self) -> bool:
        """Whether the plan is as near its bound as asked for."""
        return self.value - self.bound <= self.gap * max(abs(self.value), 1e-9)

    def approach(self) -> bool:
        """Generate columns until mixtures and bound meet; whether they came near."""
        trial, steady = self.prices, STEADY
        for round_ in range(MIXTURES):
            before = self.proven
            complete = self._price(trial)
            if self.stop() or (not round_ and not complete.any()):
                return False
            mixture = self.pool.mixture()
            if mixture.value + self.model.constant - self.proven <= NEAR * abs(self.value):
                return True
            if not complete.all() and steady >= NEARBY:
                self.cheapest = min(2 * self.cheapest, MOST_CHEAPEST)
            steady = _steadier(steady, bool(complete.all()), self.proven > before)
            trial = steady * self.prices + (1.0 - steady) * mixture.prices
        return True

    def _price(self, prices: FloatArray) -> BoolArray:
        """Price every owner: new columns, maybe a better bound; whose are complete, (owners,)."""
        known = self.pool.cheapest(prices)
        floors, size = np.zeros(len(self.each)), float(np.abs(prices).sum())
        complete = np.zeros(len(self.each), dtype=np.bool_)
        for owner in self.each:
            pricing = Pricing(owner, prices)
            found = self._cheapest(pricing, float(known[owner.number]))
            floors[owner.number], complete[owner.number] = found.floor, found.complete
            size += pricing.size
            for inside in found.members[:TAKEN]:
                self.pool.add(owner, inside)
        bound = self.model.constant + float(prices.sum() + floors.sum()) - ROUNDING * size
        if bound > self.proven:
            self.prices, self.proven, self.floors = prices, bound, floors
            self._lift(bound)
        return complete

    def _cheapest(self, pricing: Pricing, known: float) -> Priced:
        """Territories of an owner up to some value, the cheapest among them."""
        step = max((known - pricing.base) / STEPS, ROUNDING * pricing.size)
        floor = pricing.base
        while True:
            limit = min(pricing.base + step, known)
            found = pricing.up_to(limit, self.cheapest, ROOM)
            self.used += found.nodes
            if len(found.values) and found.complete:
                return Priced(float(found.values[0]), found.members, found.values, True, 0)
            if not found.complete or limit >= known:
                floor = limit if found.complete else floor
                return Priced(floor, found.members, found.values, found.complete, 0)
            floor, step = limit, 2.0 * step

    def _lift(self, bound: float) -> None:
        if bound > self.bound:
            self.bound = bound
            self.report(self.owners, self.value, min(self.bound, self.value))

    # ------------------------------------------------------------------ proof

    def close(self) -> None:
        """List the territories within a level above the bound, choose, and raise the level."""
        level = FIRST_LEVEL * abs(self.value)
        while not self.stop():
            level = min(level, (self.value - self.proven) * (1.0 + 1e-9))
            pool = self._within(level)
            if pool is None:
                return
            # A plan with any other territory costs more than the level.
            within = min(self.proven + level, self.value)
            choice = pool.choice(self.prices, within - self.model.constant, NODES, self.seconds())
            if choice.owners is not None:
                self._offer(choice.owners)
            self._lift(min(choice.bound + self.model.constant, within))
            if choice.bound + self.model.constant < within - 1e-6 * level:
                # Its plan is proven, or the program stopped short.
                return
            level *= MORE

    def _within(self, level: float) -> Pool | None:
        """Every territory that a plan within a level above the bound may have, if not too many."""
        pool, room = Pool(self.each, self.model.items), MOST
        for owner in self.each:
            pricing = Pricing(owner, self.prices)
            limit = float(self.floors[owner.number]) + level
            found = pricing.up_to(limit, LEVEL, room)
            self.used += found.nodes
            if not found.complete:
                return None
            room -= len(found.values)
            for inside in found.members:
                pool.add(owner, inside)
        return pool

    def _offer(self, owners: IndexArray) -> None:
        """Keep a plan where it is better."""
        found = measure(self.model, owners)
        if found.feasible and found.objective < self.value:
            self.owners, self.value = owners, found.objective
            self.report(owners, self.value, min(self.bound, self.value))


def _steadier(steady: float, complete: bool, better: bool) -> float:
    """How much of the best prices to keep: more where a trial was too far off."""
    if not complete:
        return 0.5 + 0.5 * steady
    return max(0.9 * steady, 0.3) if better else min(1.05 * steady, 0.95)


def _first_prices(model: AssignmentModel, prices: PriceResult) -> FloatArray:
    """Halfway between an item's cheapest owner and its next, (items,)."""
    reduced = prices.reduced_costs()
    least = np.minimum.reduceat(reduced, model.start)
    rest = reduced.copy()
    items = model.pair_items()
    cheapest = np.flatnonzero(reduced == least[items])
    firsts = cheapest[np.unique(items[cheapest], return_index=True)[1]]
    rest[firsts] = np.inf
    second = np.minimum.reduceat(rest, model.start)
    return np.where(np.isfinite(second), 0.5 * (least + second), least)
