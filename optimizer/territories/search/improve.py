"""The one entry of the search: a model and perhaps a plan in, the best plan found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..measures import Broken, Measured, measure, pieces
from ..model import AssignmentModel
from ..prices import PriceResult, price_bound
from .annealing import anneal
from .construction import (
    cheapest_owners,
    connected_start,
    reduced_costs_at,
    split_for_idle,
)
from .cycles import BorderSearch, Scales
from .drawing import seeded
from .ground import Ground, ground_of
from .neighbourhood import mend
from .state import new_state, rebuild
from .weights import set_weights

#: Proposals of a search where nothing else is asked.
WORK = 5e6
#: Of 1,000 proposals so many are chains of two shifts.
CHAINS = 300
#: Temperature at the start of an annealing and at its end, in typical changes of value.
HOT, WARM, COLD = 3.0, 0.5, 0.005
#: Multiple of the dual prices that hard limits may cost, in the first half of an annealing
#: and by how much more at its end. Dearer limits would freeze the search before it has
#: settled who gets the large items.
DEAR, DEARER = 4.0, 1e4
#: Annealings of a search, and how many of the later ones the first is as long as.
CYCLES, FIRST = 6, 2
#: Proposals between two looks at the clock.
PORTION = 200_000
#: By how much more in each annealing after one that has found no plan.
DEARER_AGAIN = 3.0
#: Multiple of the least prices of hard limits once there is a plan, so that it is not lost.
HELD = 3.0
#: How much hotter territories are cut anew than items shifted, until a plan is found.
TERRITORY_HEAT = 3.0
#: A given plan within this share of the bound is only improved, not left.
NEAR = 0.1
#: Items up to which other means are tried between annealings.
MENDED_ITEMS = 4_000
#: Soft limits weigh at most their price by this; annealings make it 2 to 20 times dearer.
SOFT = 8.0
#: What a second search of a stage that knows no places has to bring the value down to.
WORTH = 0.99
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


Report = Callable[[float, float, IndexArray | None], None]


def improve(
    model: AssignmentModel,
    *,
    start: IndexArray | None = None,
    seed: int = 0,
    work: float = WORK,
    target: float | None = None,
    prices: PriceResult | None = None,
    others: Sequence[IndexArray] = (),
    listener: Report | None = None,
    stop: Callable[[], bool] = lambda: False,
    mending: bool = True,
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
    others
        Further plans to begin from in turn where they keep the hard parts and limits are
        soft, (items,) each: where change is dear, good plans lie near today's. Each comes
        with the same work again.
    listener
        Called with the best value so far (inf without a plan), the work done, and the
        owner of each item in the best plan, None without one.
    stop
        Asked between portions of work; the best plan so far is returned.
    mending
        Whether other means may be tried on what annealing has not mended; they take
        long beside a short search.
    """
    prices = price_bound(model, work=PASSES, stop=stop) if prices is None else prices
    search = _Search(model, prices, target, mending)
    if search.hopeless:
        return search.result(0.0, "work")
    begin, warm = search.begin(start)
    if not search.movable.size:
        return search.result(0.0, "work")
    more = search.feasible_ones([*([] if start is None else [start]), *others], begin)
    along = search.along_borders(begin, more, seed, work * (1 + len(more)), warm, listener, stop)
    if along is not None:
        done, why = along
        if why == "work" and search.best is not None and search.blind:
            # New cuts of two territories carry amounts farther than shifts along borders.
            before = search.best, search.value
            again, why = search.run(search.best, seed, work, True, listener, stop)
            done += again
            if search.value > WORTH * before[1]:
                # As good as the same, but shaken: later stages want the plan as it was.
                search.best, search.value = before
        return search.result(done, why)
    done, why = search.run(begin, seed, work, warm, listener, stop)
    if mending and why == "work" and not np.isfinite(search.value):
        mended = mend(model, search.nearest, seed, stop)
        if search.consider(mended).feasible:
            again, why = search.run(mended, seed, work / CYCLES, True, listener, stop)
            done += again
    return search.result(done, why)


def _within(model: AssignmentModel, owners: IndexArray) -> bool:
    inside = (owners >= model.first) & (owners < model.last)
    return len(owners) == model.items and bool(inside.all())


class _Search:
    """A search under way: its best plan, and what it began from."""

    def __init__(
        self, model: AssignmentModel, prices: PriceResult, target: float | None, mending: bool
    ) -> None:
        self.mended_items = MENDED_ITEMS if mending else 0
        self.model, self.prices, self.tables = model, prices, prices.tables
        self.target = -np.inf if target is None else target
        self.reduced = reduced_costs_at(self.tables, prices)
        self.least = np.minimum.reduceat(self.reduced, self.tables.start)
        ways = np.add.reduceat(np.isfinite(self.reduced), self.tables.start)
        self.hopeless = not model.items or bool((ways == 0).any())
        self.movable = np.flatnonzero(ways > 1)
        self.best: IndexArray | None = None
        self.value = float("inf")
        self.nearest: IndexArray = np.array(model.first)
        self.measured: Measured | None = None
        self.blind = not (bool(model.cut_edges.size) or _tells_apart(model))
        self._capped = any(np.isinf(budget.price) for budget in model.budgets)

    def begin(self, start: IndexArray | None) -> tuple[IndexArray, bool]:
        """Where to begin, and whether that is a good plan already.

        A given plan is taken up where it keeps the hard parts and lies near the bound;
        one that does not may be far from where prices lead.
        """
        found = [self._connected(self.prices.plan)]
        if start is not None and _within(self.model, start):
            given = self.consider(np.array(start, dtype=np.int64))
            if given.feasible and self._capped and not self.consider(found[0]).feasible:
                # What may change hands is limited: plans that hold lie near the given one.
                return np.array(start, dtype=np.int64), True
            if given.feasible and self.blind:
                # Prices tell owners nothing apart here; later stages want the given places.
                return np.array(start, dtype=np.int64), True
            if given.feasible and given.objective <= self.prices.bound + NEAR * abs(
                given.objective
            ):
                return np.array(start, dtype=np.int64), True
            if given.feasible:
                return found[0], False
            found.append(self._connected(self._allowed(np.array(start, dtype=np.int64))))
        ranks = [_rank(self.consider(plan)) for plan in found]
        self.consider(self.prices.plan)
        return found[ranks.index(min(ranks))], False

    def feasible_ones(self, plans: Sequence[IndexArray], begin: IndexArray) -> list[IndexArray]:
        """Those of the plans, each once, that keep the hard parts where limits are soft."""
        prices = self.tables.resource_price
        if not len(prices) or not np.isfinite(prices).all():
            return []
        found: list[IndexArray] = []
        for plan in plans:
            seen = any(np.array_equal(plan, each) for each in (begin, *found))
            if not seen and _within(self.model, plan) and self.consider(plan).feasible:
                found.append(np.array(plan, dtype=np.int64))
        return found

    def _connected(self, owners: IndexArray) -> IndexArray:
        """The owners with main pieces kept, nobody idle, and the rest dealt out again."""
        t = self.tables
        whole = connected_start(t, owners, self.reduced)
        return connected_start(t, split_for_idle(t, whole, self.reduced), self.reduced)

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
        block = int(min(max(4 * self.model.items, 2_000), 100_000))
        blocks = max(int(work // block), 1)
        random, done = seeded(seed), 0
        left = self.value
        self.owner, self.record = begin.copy(), np.array([self.value])
        for cycle in range(CYCLES):
            upto = (
                blocks if cycle == CYCLES - 1 else blocks * (cycle + FIRST) // (CYCLES + FIRST - 1)
            )
            # A given plan that lies far from the bound is left until a better one is found.
            held = warm or (cycle > 0 and self.value < left)
            heat = WARM if held else HOT
            if cycle > 0 and held:
                state.views["owner"][:] = self.best
                rebuild(*state[:3])
            # Prices of limits that stayed broken are kept, and may rise while it is hot.
            dear = DEAR * DEARER_AGAIN**cycle
            length = upto - done
            for portion in _portions(length, max(1, PORTION // block)):
                anneal(
                    *state[:3],
                    random,
                    self.movable,
                    least * (HELD if held else 1.0),
                    dear
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
                    listener(self.value, float(done * block), self.best)
                if self.value <= self.target:
                    return float(done * block), "target"
                if stop():
                    return float(done * block), "stop"
            if self.best is None:
                self.consider(state.views["owner"])
        return float(done * block), "work"

    def along_borders(
        self,
        begin: IndexArray,
        others: Sequence[IndexArray],
        seed: int,
        work: float,
        warm: bool,
        listener: Report | None,
        stop: Callable[[], bool],
    ) -> tuple[float, str] | None:
        """Search along borders; None for a model or a start that this is not made for."""
        ground = ground_of(self.model, self.tables)
        begin = self._allowed(begin)
        if ground is None or not _whole(self.model, begin):
            return None
        scales = self._scales(ground, begin)
        price = self.prices.prices.loads

        def mended(owners: IndexArray) -> IndexArray:
            small = self.model.items <= self.mended_items
            return mend(self.model, owners, seed, stop) if small else owners

        searching = BorderSearch(
            ground,
            begin,
            price,
            scales,
            seed,
            self.consider,
            self._regret,
            mended if self.mended_items else None,
        )
        searching.start_from(self.best if warm else None, self.value)
        searching.begin_also(others)

        def ends() -> bool:
            if listener is not None:
                listener(self.value, searching.done, self.best)
            return self.value <= self.target or stop()

        whole = searching.run(work, ends)
        if self.best is None:
            self.consider(searching.trajectories[0].deal.owner)
        if self.value <= self.target:
            return searching.done, "target"
        return searching.done, "work" if whole else "stop"

    def _regret(self, items: IndexArray, owners: IndexArray) -> FloatArray:
        """What items cost with owners at the prices beyond their cheapest ones, (m,)."""
        t = self.tables
        pairs = t.start[items] + owners - t.first[items]
        return np.asarray(self.reduced[pairs] - self.least[items])

    def _scales(self, ground: Ground, owner: IndexArray) -> Scales:
        """Typical change of reduced cost at borders, and what owners cost for what they carry."""
        t = self.tables
        to = owner[ground.near_other]
        crosses = to != owner[ground.tail]
        crosses &= np.isfinite(ground.cost[ground.start + owner - ground.first])[ground.tail]
        item, to = ground.tail[crosses], to[crosses]
        at = t.start[item] - t.first[item]
        change = np.abs(self.reduced[at + to] - self.reduced[at + owner[item]])
        change = change[np.isfinite(change)]
        typical = float(change.mean()) if change.size else 1.0
        owners = max(1, self.model.owners)
        spent = max(float(ground.cost[t.start + owner - t.first].sum()) / owners, 10.0 * typical)
        usual = []
        for k in range(len(ground.price)):
            row = ground.value_row[k]
            values = (
                ground.item_value[row] if ground.per_item[k] else ground.pair_value[row, at + to]
            )
            many = max(1, int(ground.takes_part[k].sum()))
            usual.append(float(values.mean()) * len(owner) / many if values.size else 0.0)
        carried = np.maximum(np.array(usual), 1e-300)
        # Soft limits cost what they cost from the middle of an annealing on.
        weight = np.minimum(max(spent, 1e-300) / carried, ground.price / SOFT)
        return Scales(max(typical, 1e-300), weight, carried)

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


def _tells_apart(model: AssignmentModel) -> bool:
    """Whether an item costs more with one owner than with another."""
    if not model.items:
        return False
    most = np.maximum.reduceat(model.cost, model.start)
    return bool((most > np.minimum.reduceat(model.cost, model.start)).any())


def _whole(model: AssignmentModel, owners: IndexArray) -> bool:
    """Whether every territory hangs together where it has to."""
    return all(
        bool((pieces(model, part, owners)[part.owners] <= 1).all()) for part in model.connected
    )


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
