"""The one entry of the search: a model and perhaps a plan in, the best plan found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..measures import Broken, Measured, measure
from ..model import AssignmentModel
from ..prices import PriceResult, price_bound
from ..tables import HARD, Tables
from .annealing import anneal
from .construction import cheapest_owners, connected_start, reduced_costs_at
from .drawing import seeded
from .neighbourhood import mend
from .state import State, new_state, rebuild

#: Proposals of a search where nothing else is asked.
WORK = 5e6
#: Of 1,000 proposals so many are chains of two shifts.
CHAINS = 300
#: Temperature at the start of an annealing and at its end, in typical changes of value.
HOT, WARM, COLD = 3.0, 0.5, 0.005
#: Multiple of the dual prices that hard limits may cost, in the first half of an annealing
#: and by how much more at its end. Dearer limits would freeze the search before it has
#: settled who gets the large items.
DEAR, DEARER = 10.0, 1e3
#: Annealings of a search, and how many of the later ones the first is as long as.
CYCLES, FIRST = 5, 4
#: Proposals between two looks at the clock.
PORTION = 200_000
#: Multiple of the least prices of hard limits once there is a plan, so that it is not lost.
HELD = 20.0
#: How much hotter territories are cut anew than items shifted, until a plan is found.
TERRITORY_HEAT = 20.0
#: Passes of the ascent where no prices are given.
PASSES = 300.0


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What a search found.

    Parameters
    ----------
    item_owners
        Owner of each item in the best plan that keeps every hard part, None where
        none was found, (items,).
    objective
        Its value; inf without a plan.
    nearest
        Without a plan the assignment that breaks the hard parts least, for naming
        what stands in the way; else the plan, (items,).
    broken
        Hard parts that ``nearest`` breaks; empty for a plan.
    work
        Proposals tried.
    stopped_by
        ``target``, ``work`` or ``stop``.
    """

    item_owners: IndexArray | None
    objective: float
    nearest: IndexArray
    broken: tuple[Broken, ...]
    work: float
    stopped_by: str


Report = Callable[[float, float], None]


def improve(
    model: AssignmentModel,
    *,
    start: IndexArray | None = None,
    seed: int = 0,
    work: float = WORK,
    target: float | None = None,
    prices: PriceResult | None = None,
    listener: Report | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> SearchResult:
    """Look for a good plan.

    Parameters
    ----------
    start
        A plan to begin from, also one that breaks rules, (items,); the result is never
        worse than it where it keeps the hard parts.
    seed
        Of the random moves; equal input, seed and work give an equal plan.
    work
        Proposals, at most.
    target
        Stop at a plan of this value, a proven bound say.
    prices
        From :func:`~teig.optimizer.territories.prices.price_bound`; found where not given.
    listener
        Called with the best value so far (inf without a plan) and the work done.
    stop
        Asked between portions of work; the best plan so far is returned.
    """
    prices = price_bound(model, work=PASSES, stop=stop) if prices is None else prices
    search = _Search(model, prices, target)
    if search.hopeless:
        return search.result(0.0, "work")
    begin = search.begin(start)
    if not search.movable.size:
        return search.result(0.0, "work")
    warm = start is not None and search.best is not None
    done, why = search.run(begin, seed, work, warm, listener, stop)
    if search.best is None and why == "work":
        mended = mend(model, search.nearest, seed, stop)
        search.consider(mended)
        if search.best is not None:
            more, why = search.run(search.best, seed, work / CYCLES, True, listener, stop)
            done += more
    return search.result(done, why)


def _within(model: AssignmentModel, owners: IndexArray) -> bool:
    inside = (owners >= model.first) & (owners < model.last)
    return len(owners) == model.items and bool(inside.all())


class _Search:
    """A search under way: its best plan, and what it began from."""

    def __init__(self, model: AssignmentModel, prices: PriceResult, target: float | None) -> None:
        self.model, self.prices, self.tables = model, prices, prices.tables
        self.target = -np.inf if target is None else target
        self.reduced = reduced_costs_at(self.tables, prices)
        ways = np.add.reduceat(np.isfinite(self.reduced), self.tables.start)
        self.hopeless = not model.items or bool((ways == 0).any())
        self.movable = np.flatnonzero(ways > 1)
        self.best: IndexArray | None = None
        self.value = float("inf")
        self.nearest: IndexArray = np.array(model.first)
        self.measured: Measured | None = None

    def begin(self, start: IndexArray | None) -> IndexArray:
        """Where to begin: the given plan if it holds, else the better of two connected ones."""
        found = [connected_start(self.tables, self.prices.plan, self.reduced)]
        if start is not None and _within(self.model, start):
            if self.consider(start).feasible:
                return np.array(start, dtype=np.int64)
            mended = self._allowed(np.array(start, dtype=np.int64))
            found.append(connected_start(self.tables, mended, self.reduced))
        self.consider(self.prices.plan)
        ranks = [_rank(self.consider(plan)) for plan in found]
        return found[ranks.index(min(ranks))] if self.best is None else self.best

    def consider(self, owners: IndexArray) -> Measured:
        """Measure a plan plainly and keep it where it is better."""
        found = measure(self.model, owners)
        if found.feasible and found.objective < self.value:
            self.best, self.value = np.array(owners), found.objective
        if self.measured is None or _rank(found) < _rank(self.measured):
            self.nearest, self.measured = np.array(owners), found
        return found

    def run(
        self,
        begin: IndexArray,
        seed: int,
        work: float,
        warm: bool,
        listener: Report | None,
        stop: Callable[[], bool],
    ) -> tuple[float, str]:
        """Anneal in cycles, each from the best plan so far; proposals done and why it ended."""
        t = self.tables
        begin = self._allowed(begin)
        state = new_state(t, begin, cheapest_owners(t, self.reduced))
        unit, least = set_weights(t, state, self.prices, self.reduced)
        weights = {name: view.copy() for name, view in state.views.items() if "weight" in name}
        block = int(min(max(4 * self.model.items, 2_000), 100_000))
        blocks = max(int(work // block), 1)
        random, done = seeded(seed), 0
        self.owner, self.record = begin.copy(), np.array([self.value])
        for cycle in range(CYCLES):
            upto = (
                blocks if cycle == CYCLES - 1 else blocks * (cycle + FIRST) // (CYCLES + FIRST - 1)
            )
            held = warm or self.best is not None
            heat = WARM if held else HOT
            if cycle > 0 and held:
                state.views["owner"][:] = self.best
                rebuild(*state[:3])
            else:
                for name, view in weights.items():
                    state.views[name][:] = view
            length = upto - done
            for portion in _portions(length, max(1, PORTION // block)):
                anneal(
                    *state[:3],
                    random,
                    self.movable,
                    least * (HELD if held else 1.0),
                    DEAR
                    * DEARER ** (1.0 if held else max(0.0, 2.0 * portion.start / length - 1.0)),
                    unit * heat * (COLD / heat) ** (portion.start / length),
                    (COLD / heat) ** (1.0 / length),
                    len(portion),
                    block,
                    CHAINS,
                    1.0 if held else TERRITORY_HEAT,
                    self.owner,
                    self.record,
                )
                done += len(portion)
                if self.record[0] < self.value:
                    self.consider(self.owner)
                    self.record[0] = self.value
                if listener is not None:
                    listener(self.value, float(done * block))
                if self.value <= self.target:
                    return float(done * block), "target"
                if stop():
                    return float(done * block), "stop"
            if self.best is None:
                self.consider(state.views["owner"])
        return float(done * block), "work"

    def _allowed(self, owners: IndexArray) -> IndexArray:
        """The owners, with the cheapest one where a pair must not be chosen."""
        t = self.tables
        kept = np.isfinite(self.reduced[t.start + owners - t.first])
        return np.where(kept, owners, self.prices.plan)

    def result(self, work: float, why: str) -> SearchResult:
        """Put the outcome together."""
        if self.measured is None:
            self.measured = measure(self.model, self.nearest)
        plan = None if self.best is None else self.best
        if plan is None:
            return SearchResult(None, float("inf"), self.nearest, self.measured.broken, work, why)
        return SearchResult(plan, self.value, plan, (), work, why)


def _portions(length: int, size: int) -> Iterator[range]:
    """Ranges of at most ``size`` that make up a length."""
    for begin in range(0, length, size):
        yield range(begin, min(begin + size, length))


def _rank(found: Measured) -> tuple[int, float, float]:
    """Fewer kinds of broken parts first, then less of them, then the objective."""
    return (
        len(found.broken),
        sum(part.amount for part in found.broken),
        found.objective,
    )


def set_weights(
    t: Tables, s: State, prices: PriceResult, reduced: FloatArray
) -> tuple[float, FloatArray]:
    """Set prices of hard parts to begin with; return a typical change of value and least weights.

    Least weights are those of the resources, of counters and spread groups, of
    diameters, then of the earlier sums.
    """
    unit = _typical_change(t, s, reduced)
    loads = prices.prices.loads
    least = np.zeros(len(t.moving) + 2 + len(s.views["sums"]))
    for k in range(len(t.moving)):
        dearest = float(np.abs(loads[k]).max(initial=0.0))
        values = (
            t.item_value[t.value_row[k]] if t.value_per_item[k] else t.pair_value[t.value_row[k]]
        )
        usual = unit / max(float(values.mean()), 1e-12) if values.size else unit
        least[k] = max(0.5 * dearest, 0.05 * usual)
        if t.resource_group[k] == HARD:
            s.views["resource_weight"][k] = max(2.0 * dearest, 0.3 * usual)
    at = len(t.moving)
    least[at], least[at + 1] = 0.5 * unit, 0.1 * unit
    hard = t.counter_group == HARD
    s.views["counter_weight"][hard] = np.maximum(
        2.0 * np.abs(prices.prices.counters[hard]), 5.0 * unit / t.counter_unit[hard]
    )
    s.views["spread_weight"][t.spread_group == HARD] = 5.0 * unit
    s.views["chord_weight"][t.diameter_group == HARD] = unit
    s.views["piece_weight"][t.layer_group == HARD] = 50.0 * unit
    for g in range(1, len(s.views["sums"])):
        s.views["sum_weight"][g] = max(2.0 * float(prices.prices.groups[g]), 1.0)
        least[at + 1 + g] = 0.5 * s.views["sum_weight"][g]
    return unit, least


def _typical_change(t: Tables, s: State, reduced: FloatArray) -> float:
    """Mean size of the change of reduced cost at borders, and what soft parts add to it."""
    items = np.repeat(np.arange(len(t.first)), np.diff(t.near_start))
    to = s.views["owner"][t.near_other]
    inside = (to != s.views["owner"][items]) & (to >= t.first[items])
    inside &= to < t.first[items] + t.width[items]
    if inside.any():
        items, to = items[inside], to[inside]
    else:
        items, to = (
            np.arange(len(t.first)),
            s.views["candidates"][:, 1 % s.views["candidates"].shape[1]],
        )
        items, to = items[to >= 0], to[to >= 0]
    at, now = (
        t.start[items] - t.first[items] + to,
        t.start[items] - t.first[items] + s.views["owner"][items],
    )
    change = np.abs(reduced[at] - reduced[now])
    change = change[np.isfinite(change)]
    unit = float(change.mean()) if change.size else 0.0
    for k in np.flatnonzero(t.resource_group == 0):
        values = t.item_value if t.value_per_item[k] else t.pair_value
        mean = float(values[t.value_row[k]].mean()) if values.size else 0.0
        unit = max(unit, 0.2 * mean * float(t.resource_price[k]))
    unit = max(unit, 0.5 * float(t.cut_price.max(initial=0.0)))
    for prices, groups in (
        (t.counter_price, t.counter_group),
        (t.spread_price, t.spread_group),
        (t.layer_price, t.layer_group),
    ):
        unit = max(unit, 0.5 * float(prices[groups == 0].max(initial=0.0)))
    return unit if unit > 0 else 1.0
