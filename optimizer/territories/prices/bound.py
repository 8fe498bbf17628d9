"""A true lower bound for a model of any size, and the prices that prove it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..model import AssignmentModel
from ..tables import PriceTables, Tables, compile_tables
from .ascent import Point, ascend
from .covers import Knapsack, broken_covers, knapsacks_of
from .cuts import Cuts, price_tables
from .newton import MOST_PRICES, WIDTHS, Newton, spreads
from .relaxation import all_reduced_costs, priced_limits, relaxed_minimum, rounding_margin
from .separation import Region, broken_rows, regions_of, shares_of

#: Passes of an ascent where nothing else is asked.
PASSES = 800.0
CHUNK = 50
#: Reach of the ascent after Newton's method, a share of the bound.
POLISH = 3e-4
#: Rounds of looking for cuts, the smoothing at which they are looked for, and the share
#: of the bound that a round must gain.
ROUNDS, CUT_WIDTH, LITTLE = 20, 3e-4, 2e-5
#: Prices and rows up to which rows are added, and rows that there is always room for: the
#: effort of a Newton step grows with their cube.
WITH_ROWS, FEWEST_ROWS = 700, 100
#: Smoothing from step to step where good prices are known.
WARM_WIDTHS = (1e-3, 3e-4, 1e-4)


@dataclass(frozen=True, eq=False)
class Prices:
    """A point of the dual.

    Parameters
    ----------
    groups
        Of the objective (1) and of limits on earlier sums, (groups,).
    loads
        Per resource (those with a price, as in the tables) and owner; positive at the
        upper limit, negative at the lower, (resources, owners).
    counters
        Per counter of the tables, (counters,).
    cuts, cut_prices
        Rows that connected territories and whole items keep, None for no such, and their
        prices, (rows,).
    """

    groups: FloatArray
    loads: FloatArray
    counters: FloatArray
    cuts: Cuts | None = None
    cut_prices: FloatArray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, eq=False)
class PriceResult:
    """What prices prove of a model.

    Parameters
    ----------
    bound
        No plan that keeps the hard parts costs less; rounding is allowed for, and so
        is the tolerance of the limits. inf where no plan exists.
    prices
        The best prices found; they prove the bound and warm-start the next ascent.
    plan
        Cheapest owner of each item at these prices, (items,): nearly balanced, seldom
        contiguous.
    possible
        Pairs that a plan better than ``upper`` may hold, (pairs,).
    work
        Passes over all pairs.
    """

    bound: float
    prices: Prices
    plan: IndexArray
    possible: BoolArray
    work: float
    tables: Tables = field(repr=False)

    def reduced_costs(self) -> FloatArray:
        """Reduced cost of every pair, inf where not allowed, (pairs,)."""
        prices = self.prices
        cuts = Cuts.none(self.tables) if prices.cuts is None else prices.cuts
        reduced = np.empty(len(self.tables.allowed))
        flat = price_tables(self.tables, cuts)
        all_reduced_costs(flat, *point_of(prices), reduced)
        return reduced


def price_bound(
    model: AssignmentModel,
    *,
    upper: float = float("inf"),
    work: float = PASSES,
    prices: Prices | None = None,
    tables: Tables | None = None,
    gap: float = 1e-6,
    cuts: bool = True,
    stop: Callable[[], bool] = lambda: False,
) -> PriceResult:
    """Bound a model from below by pricing what couples its items.

    Parameters
    ----------
    upper
        Value of a known plan; the ascent aims at it and pairs are ruled out by it.
    work
        Passes over all pairs, at most.
    prices
        Where to begin, of this model or of one with the same parts.
    tables
        The model compiled already.
    gap
        Stop where the bound can rise by less than this share of its value.
    cuts
        Look for rows that connected territories and whole items keep.
    """
    tables = compile_tables(model) if tables is None else tables
    if not _each_item_has_an_owner(tables):
        return _no_plan(model, tables)
    run = _Ascent(model, tables, prices, upper, work, stop)
    run.by_newton(WIDTHS if prices is None else WARM_WIDTHS)
    if cuts:
        run.learn_rows()
    run.polish(gap)
    return run.proven()


class _Ascent:
    """One ascent on one model: the best prices so far and what they are worth."""

    def __init__(
        self,
        model: AssignmentModel,
        tables: Tables,
        prices: Prices | None,
        upper: float,
        work: float,
        stop: Callable[[], bool],
    ) -> None:
        self.model, self.tables, self.upper = model, tables, upper
        self.work, self.stop, self.done = work, stop, 0.0
        self.cuts = Cuts.none(tables)
        if prices is not None and prices.cuts is not None and prices.cuts.tables is tables:
            self.cuts = prices.cuts
        self.flat = price_tables(tables, self.cuts)
        self.best = _start(self.flat, prices)
        self.ceiling = _ceiling(model)
        self.enough = min(upper, self.ceiling)
        self.spread = spreads(self.flat)
        self.width = np.maximum(self.spread, 1e-300)
        self.value = -np.inf
        self.smooth = False
        self.control = np.array([-np.inf, 1.0, 0.0, upper, 0.0])
        self._subgradient(1)
        self.value = float(self.control[0])
        self.control[1] = _first_reach(self.flat, self.value, upper, self._scales()[0])

    def _scales(self) -> tuple[FloatArray, FloatArray]:
        loads, counters = _scales(self.flat)
        if len(self.cuts):
            counters[-len(self.cuts) :] = self.cuts.sizes()
        return loads, counters

    def _subgradient(self, passes: int) -> None:
        """Some passes from the best prices; ``control`` goes on from the last call."""
        self.now, self.way = _copies(self.best), _zeros(self.flat)
        self._go_on(passes)

    def _go_on(self, passes: int) -> None:
        self.done += ascend(
            self.flat, self.now, self.best, self.way, *self._scales(), self.control, passes
        )
        self.value = max(self.value, float(self.control[0]))

    def by_newton(self, widths: tuple[float, ...]) -> None:
        """Newton's method from the best prices, where it applies."""
        if not np.isfinite(self.value) or self.value >= self.enough or not self.spread.any():
            return
        newton = Newton(self.flat, self.spread)
        if not 0 < newton.size <= MOST_PRICES:
            return
        self.smooth = True
        value, point = newton.ascend(
            _copies(self.best), widths, self.work - self.done, self.enough, self.stop
        )
        self.done += newton.passes
        if value > self.value:
            self.value, self.best = value, _copies(point)

    def learn_rows(self) -> None:
        """Add rows that the best prices break, and ascend again, until little is gained."""
        if not self.smooth:
            return
        regions, knapsacks = regions_of(self.model, self.tables), knapsacks_of(self.model)
        for _ in range(ROUNDS if regions or knapsacks else 0):
            if self.value >= self.enough or self.done >= self.work or self.stop():
                return
            rows = self._broken(regions, knapsacks)
            if not len(rows) or not self._add(rows):
                return
            before = self.value
            self.by_newton(WARM_WIDTHS)
            if self.value - before <= LITTLE * abs(self.value):
                return

    def _broken(self, regions: tuple[Region, ...], knapsacks: tuple[Knapsack, ...]) -> Cuts:
        """Rows of connected territories and of whole items that the best prices break."""
        flat, width = self.flat, CUT_WIDTH * self.width
        reduced = np.empty(self.model.pairs)
        all_reduced_costs(flat, *self.best, reduced)
        rows = broken_rows(flat, self.tables, reduced, width, regions)
        if not knapsacks:
            return rows
        share = shares_of(flat, reduced, width)
        return rows.joined(broken_covers(self.tables, share, knapsacks))

    def _add(self, rows: Cuts) -> bool:
        """Put rows to the cuts that have a price; whether there is room for any."""
        own = len(self.tables.counter_price)
        used: BoolArray = np.asarray(self.best[2][own:] > 0)
        others = len(self.best[0]) - 1 + self.best[1].size + own
        room = max(WITH_ROWS - others, FEWEST_ROWS) - int(used.sum())
        if room <= 0:
            return False
        rows = rows.chosen(np.arange(len(rows)) < room)
        prices = self.best[2]
        kept = np.concatenate([prices[:own], prices[own:][used], np.zeros(len(rows))])
        self.cuts = self.cuts.chosen(used).joined(rows)
        self.flat = price_tables(self.tables, self.cuts)
        self.best = (self.best[0], self.best[1], kept)
        return True

    def polish(self, gap: float) -> None:
        """Subgradient steps until they can gain little."""
        if self.smooth:
            self.control[1] = min(self.control[1], POLISH * max(abs(self.value), 1e-12))
        self.control[0] = self.value
        self.now, self.way = _copies(self.best), _zeros(self.flat)
        while self.done < self.work and not self.stop():
            size = max(abs(self.value), 1e-12)
            if self.control[1] <= gap * size or self.value >= self.enough:
                break
            if self.value == -np.inf:
                break
            self._go_on(int(min(CHUNK, max(self.work - self.done, 1))))

    def proven(self) -> PriceResult:
        """Evaluate the best prices once more, with the margin for rounding."""
        model, flat = self.model, self.flat
        groups, loads, counters = self.best
        safe = safe_value(flat, self.best)
        bound = safe.bound
        possible = np.array(self.tables.allowed)
        if np.isfinite(self.upper):
            reduced = np.empty(model.pairs)
            all_reduced_costs(flat, groups, loads, counters, reduced)
            possible &= (
                reduced - np.repeat(safe.least, flat.width) <= self.upper - bound + safe.margin
            )
        if bound > self.ceiling:
            bound = float("inf")
        own = len(self.tables.counter_price)
        prices = Prices(groups, loads, counters[:own], self.cuts, counters[own:])
        return PriceResult(bound, prices, safe.plan, possible, self.done, self.tables)


@dataclass(frozen=True, eq=False)
class SafeValue:
    """What prices prove.

    Parameters
    ----------
    bound
        Value of the relaxation less the margin for rounding.
    plan, least
        Cheapest owner of each item and its reduced cost, (items,).
    """

    bound: float
    margin: float
    plan: IndexArray
    least: FloatArray


def safe_value(flat: PriceTables, point: Point) -> SafeValue:
    """Evaluate prices, with the margin for rounding."""
    plan, least = np.empty(len(flat.first), dtype=np.int64), np.empty(len(flat.first))
    item_coef = np.zeros((flat.item_value.shape[0], flat.owners))
    pair_coef = np.zeros((flat.pair_value.shape[0], flat.owners))
    relaxed = relaxed_minimum(flat, *point, item_coef, pair_coef, plan, least)
    value, size = priced_limits(flat, relaxed, *point)
    margin = rounding_margin(flat, *point, least, size)
    return SafeValue(value - margin, margin, plan, least)


def point_of(prices: Prices) -> Point:
    """Prices as the relaxation takes them, those of cuts after the counters."""
    return prices.groups, prices.loads, np.concatenate([prices.counters, prices.cut_prices])


def _no_plan(model: AssignmentModel, tables: Tables) -> PriceResult:
    prices = Prices(*_zeros(PriceTables.of(tables)))
    nothing = np.zeros(model.pairs, dtype=np.bool_)
    return PriceResult(float("inf"), prices, np.array(model.first), nothing, 0.0, tables)


def _each_item_has_an_owner(tables: Tables) -> bool:
    if not len(tables.first):
        return True
    if (tables.width == 0).any():
        return False
    return bool(np.logical_or.reduceat(tables.allowed, tables.start).all())


def _zeros(tables: PriceTables) -> Point:
    return (
        np.zeros(len(tables.group_limit)),
        np.zeros((len(tables.moving), tables.owners)),
        np.zeros(len(tables.counter_price)),
    )


def _copies(
    arrays: Point,
) -> Point:
    return arrays[0].copy(), arrays[1].copy(), arrays[2].copy()


def _start(tables: PriceTables, prices: Prices | None) -> Point:
    zeros = _zeros(tables)
    zeros[0][0] = 1.0
    if prices is None:
        return zeros
    given = (prices.groups.copy(), prices.loads.copy(), _counters(tables, prices))
    if any(new.shape != old.shape for new, old in zip(zeros, given, strict=True)):
        return zeros
    given[0][0] = 1.0
    _clip(tables, given)
    return given


def _counters(tables: PriceTables, prices: Prices) -> FloatArray:
    """Prices of the counters, those of cuts where the tables have them."""
    if len(prices.counters) == len(tables.counter_price):
        return prices.counters.copy()
    return np.concatenate([prices.counters, prices.cut_prices])


def _clip(tables: PriceTables, prices: Point) -> None:
    """Cut prices of another model to what this one's limits and soft prices allow."""
    groups, loads, counters = prices
    caps = np.where(
        tables.resource_group < 0,
        np.inf,
        groups[np.maximum(tables.resource_group, 0)] * tables.resource_price,
    )[:, None]
    np.clip(loads, -caps, caps, out=loads)
    loads[(loads > 0) & ~np.isfinite(tables.upper)] = 0.0
    loads[(loads < 0) & ~np.isfinite(tables.lower)] = 0.0
    caps = np.where(
        tables.counter_group < 0,
        np.inf,
        groups[np.maximum(tables.counter_group, 0)] * tables.counter_price,
    )
    np.clip(counters, -caps, caps, out=counters)
    counters[(counters > 0) & ~np.isfinite(tables.counter_upper)] = 0.0
    counters[(counters < 0) & ~np.isfinite(tables.counter_lower)] = 0.0


def _scales(tables: PriceTables) -> tuple[FloatArray, FloatArray]:
    """What an owner usually carries of each resource, and the size of each counter."""
    items = np.repeat(np.arange(len(tables.first)), tables.width)
    scale = np.ones(len(tables.moving))
    for k in range(len(scale)):
        row = tables.value_row[k]
        if tables.value_per_item[k]:
            total = float(np.add.accumulate(tables.item_value[row])[-1])
        else:
            sums = np.bincount(items, weights=tables.pair_value[row], minlength=1)
            total = float(np.add.accumulate(sums / np.maximum(tables.width, 1))[-1])
        scale[k] = max(total / max(int(tables.takes_part[k].sum()), 1), 1e-9)
    limits = np.where(np.isfinite(tables.counter_upper), tables.counter_upper, tables.counter_lower)
    return scale, np.maximum(np.abs(limits), 1e-6)


def _first_reach(tables: PriceTables, value: float, upper: float, scale: FloatArray) -> float:
    """How far above the first value the ascent aims."""
    if np.isfinite(upper):
        return max(upper - value, 1e-9 * max(abs(value), 1.0))
    soft = tables.resource_group == 0
    reach = 0.05 * abs(value) + 0.05 * float(
        np.add.accumulate(np.append(tables.resource_price * scale * tables.owners * soft, 0.0))[-1]
    )
    return max(reach, 1e-9)


def _ceiling(model: AssignmentModel) -> float:
    """A value that no plan exceeds; inf where soft parts could cost anything."""
    soft = any(
        np.isfinite(part.price)
        for kind in ("resources", "budgets", "apart", "spread", "homes", "connected", "diameters")
        for part in getattr(model, kind)
    )
    if soft or not model.items:
        return float("inf")
    dearest = np.maximum.reduceat(np.where(model.allowed, model.cost, -np.inf), model.start)
    most = model.constant + float(np.abs(dearest).sum()) + float(model.cut_prices.sum())
    return most * (1.0 + 1e-9) + 1e-9
