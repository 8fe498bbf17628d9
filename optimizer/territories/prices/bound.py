"""A true lower bound for a model of any size, and the prices that prove it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..model import AssignmentModel
from ..tables import PriceTables, Tables, compile_tables
from .ascent import Point, ascend
from .newton import MOST_PRICES, WARM_WIDTH, WIDTHS, Newton, spreads
from .relaxation import all_reduced_costs, priced_limits, relaxed_minimum, rounding_margin

#: Passes of an ascent where nothing else is asked.
PASSES = 800.0
CHUNK = 50
#: Reach of the ascent after Newton's method, a share of the bound.
POLISH = 3e-4


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
    """

    groups: FloatArray
    loads: FloatArray
    counters: FloatArray


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


def price_bound(
    model: AssignmentModel,
    *,
    upper: float = float("inf"),
    work: float = PASSES,
    prices: Prices | None = None,
    tables: Tables | None = None,
    gap: float = 1e-6,
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
    """
    tables = compile_tables(model) if tables is None else tables
    if not _each_item_has_an_owner(tables):
        return _no_plan(model, tables)
    flat = PriceTables.of(tables)
    now = _start(tables, prices)
    best = _copies(now)
    way = _zeros(tables)
    scale, counter_scale = _scales(tables)
    control = np.array([-np.inf, 1.0, 0.0, upper, 0.0])
    ceiling = _ceiling(model)
    done = 0.0
    while done < work and not stop():
        passes = 1 if done == 0 else int(min(CHUNK, work - done))
        done += ascend(flat, now, best, way, scale, counter_scale, control, passes)
        if done == 1:
            control[1] = _first_reach(tables, control[0], upper, scale)
            room = min(upper, ceiling)
            found = None
            if np.isfinite(control[0]) and control[0] < room:
                found = _by_newton(flat, best, prices is not None, work - done, room, stop)
            if found is not None:
                value, point, used = found
                done += used
                if value > control[0]:
                    best = point
                    control[0] = value
                    control[1] = min(control[1], POLISH * max(abs(value), 1e-12))
            now, way = _copies(best), _zeros(tables)
        size = max(abs(control[0]), 1e-12)
        if control[1] <= gap * size or control[0] >= min(upper, ceiling) or control[0] == -np.inf:
            break
    return _proven(model, tables, best, upper, done, ceiling)


def _by_newton(
    flat: PriceTables,
    start: Point,
    warm: bool,
    work: float,
    enough: float,
    stop: Callable[[], bool],
) -> tuple[float, Point, float] | None:
    """Newton's method from a start: value, place and passes; None where it does not apply."""
    spread = spreads(flat)
    newton = Newton(flat, spread)
    if not 0 < newton.size <= MOST_PRICES or not spread.any():
        return None
    widths = tuple(w for w in WIDTHS if not warm or w <= WARM_WIDTH)
    value, point = newton.ascend(_copies(start), widths, work, enough, stop)
    return value, _copies(point), newton.passes


def _proven(
    model: AssignmentModel,
    tables: Tables,
    best: Point,
    upper: float,
    done: float,
    ceiling: float,
) -> PriceResult:
    """Evaluate the best prices once more, with the margin for rounding."""
    groups, loads, counters = best
    flat = PriceTables.of(tables)
    plan, least = np.empty(model.items, dtype=np.int64), np.empty(model.items)
    item_coef = np.zeros((tables.item_value.shape[0], model.owners))
    pair_coef = np.zeros((tables.pair_value.shape[0], model.owners))
    relaxed = relaxed_minimum(flat, groups, loads, counters, item_coef, pair_coef, plan, least)
    value, size = priced_limits(flat, relaxed, groups, loads, counters)
    margin = rounding_margin(flat, groups, loads, counters, least, size)
    bound = value - margin
    possible = np.array(tables.allowed)
    if np.isfinite(upper):
        reduced = np.empty(model.pairs)
        all_reduced_costs(flat, groups, loads, counters, reduced)
        possible &= reduced - np.repeat(least, tables.width) <= upper - bound + margin
    if bound > ceiling:
        bound = float("inf")
    return PriceResult(bound, Prices(*best), plan, possible, done, tables)


def _no_plan(model: AssignmentModel, tables: Tables) -> PriceResult:
    prices = Prices(*_zeros(tables))
    nothing = np.zeros(model.pairs, dtype=np.bool_)
    return PriceResult(float("inf"), prices, np.array(model.first), nothing, 0.0, tables)


def _each_item_has_an_owner(tables: Tables) -> bool:
    if not len(tables.first):
        return True
    if (tables.width == 0).any():
        return False
    return bool(np.logical_or.reduceat(tables.allowed, tables.start).all())


def _zeros(tables: Tables) -> Point:
    return (
        np.zeros(len(tables.group_limit)),
        np.zeros((len(tables.moving), tables.owners)),
        np.zeros(len(tables.counter_price)),
    )


def _copies(
    arrays: Point,
) -> Point:
    return arrays[0].copy(), arrays[1].copy(), arrays[2].copy()


def _start(tables: Tables, prices: Prices | None) -> Point:
    zeros = _zeros(tables)
    zeros[0][0] = 1.0
    if prices is None:
        return zeros
    given = (prices.groups.copy(), prices.loads.copy(), prices.counters.copy())
    if any(new.shape != old.shape for new, old in zip(zeros, given, strict=True)):
        return zeros
    given[0][0] = 1.0
    _clip(tables, given)
    return given


def _clip(tables: Tables, prices: Point) -> None:
    """Cut prices of another model to what this one's limits and soft prices allow."""
    groups, loads, counters = prices
    caps = np.where(
        tables.resource_group < 0, np.inf, groups[tables.resource_group] * tables.resource_price
    )[:, None]
    np.clip(loads, -caps, caps, out=loads)
    loads[(loads > 0) & ~np.isfinite(tables.upper)] = 0.0
    loads[(loads < 0) & ~np.isfinite(tables.lower)] = 0.0
    caps = np.where(
        tables.counter_group < 0, np.inf, groups[tables.counter_group] * tables.counter_price
    )
    np.clip(counters, -caps, caps, out=counters)
    counters[(counters > 0) & ~np.isfinite(tables.counter_upper)] = 0.0
    counters[(counters < 0) & ~np.isfinite(tables.counter_lower)] = 0.0


def _scales(tables: Tables) -> tuple[FloatArray, FloatArray]:
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


def _first_reach(tables: Tables, value: float, upper: float, scale: FloatArray) -> float:
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
