"""Branch and bound on where the centres lie.

A node counts the centres of disjoint regions of candidates. One region is split in two,
and a child made for each way to share its count. Every child is priced from its
parent's prices, and loses the pairs that no better plan has. Where each region has no
more candidates than centres, an integer program on the few pairs left decides.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from .allocation import alternate, settled
from .control import Control
from .leaf import solve_leaf
from .search import search_plan
from .tables import Node, Tables, price_node

CHILD_EVALUATIONS = 40
LEAF_EVALUATIONS = 100
PROGRAM_TRIES = (4, 16, 64)
"""Nodes at which an integer program seeks a plan, besides every 256th."""

SETTLE_TRIES = 12
SETTLED_CENTRES = 40
"""Centres up to which their places are improved one by one, and tries for each."""

SEARCH_PROPOSALS = 1500
"""Proposals of the local search per unit and round."""

SMALL_LEAF = 24
"""Pairs left to decide below which a node is handed to the integer program at once."""

LEAF_NODES = 2000
CLOSE = 1e-9
"""Plans must be better by this share to count as better."""


@dataclass
class Incumbent:
    """The best plan so far.

    Parameters
    ----------
    centres
        Centre of each unit, or None.
    better
        Called when a better plan was taken.
    """

    centres: IndexArray | None = None
    value: float = np.inf
    better: Callable[[], None] = lambda: None

    def offer(self, centres: IndexArray | None, value: float) -> bool:
        """Take a plan if it is better."""
        if centres is None or value >= self.value:
            return False
        self.centres, self.value = centres, value
        self.better()
        return True

    @property
    def cutoff(self) -> float:
        """What a better plan must stay below."""
        return self.value - CLOSE * abs(self.value) if self.centres is not None else np.inf


@dataclass
class LocationTree:
    """A search over all places of the centres.

    Parameters
    ----------
    ceiling
        Plans from here on do not count, even without an incumbent.
    gap
        The search ends when the incumbent is this close to the bound.
    active
        Bound of the node at work, for a search that is cut short.
    pool
        Threads that price children; None for none.
    """

    tables: Tables
    incumbent: Incumbent
    control: Control
    ceiling: float = np.inf
    gap: float = 0.0
    active: float = np.inf
    pool: ThreadPoolExecutor | None = None
    open: list[tuple[float, int, Node]] = field(default_factory=list)
    made: int = 0
    tried: set[bytes] = field(default_factory=set)
    budgets: dict[int, int] = field(default_factory=dict)

    @property
    def cutoff(self) -> float:
        """Nodes with a bound from here on are dropped."""
        return min(self.ceiling, self.incumbent.cutoff)

    def push(self, node: Node) -> None:
        """Add a node to those that are open."""
        self.made += 1
        heapq.heappush(self.open, (node.bound, self.made, node))

    def bound(self) -> float:
        """What no plan of the open nodes, and none that was dropped, beats."""
        lowest = self.open[0][0] if self.open else np.inf
        return min(lowest, self.active, self.cutoff)

    def run(self) -> str:
        """Search until all is decided (``proof``) or a limit bites; says which."""
        while self.open:
            ended = self._ended()
            if ended:
                return ended
            bound, number, node = heapq.heappop(self.open)
            self.active = bound
            if bound >= self.cutoff:
                self.open.clear()
                break
            self.control.nodes += 1
            self._heuristic(node)
            if self.control.nodes % 16 == 1:
                best = self.incumbent.value if self.incumbent.centres is not None else None
                self.control.tell("placing centres", best, bound, self.incumbent.centres)
            if self._decide(node, number):
                continue
            for child in self._children(node):
                self.push(child)
        self.active = np.inf
        return "proof"

    def _ended(self) -> str | None:
        """Why the search has to end, if it has."""
        self.active = np.inf
        best = self.incumbent.value
        if self.gap > 0.0 and best - self.bound() <= self.gap * abs(best):
            return "gap"
        return self.control.ended_by()

    def _heuristic(self, node: Node) -> None:
        """Now and then a plan from the node's best centres."""
        count = self.control.nodes
        if count & (count - 1) and count % 16:
            return
        centres = node.chosen()
        key = centres.tobytes()
        if key in self.tried:
            return
        self.tried.add(key)
        if len(centres) <= SETTLED_CENTRES:
            centres, _ = settled(
                self.tables, centres, node.prices.alpha, SETTLE_TRIES * len(centres), count, self.control
            )  # fmt: skip
        if centres.tobytes() != key and centres.tobytes() in self.tried:
            return
        self.tried.add(centres.tobytes())
        self._anneal(node, centres, count)
        units = self.tables.model.units
        if (count in PROGRAM_TRIES or count % 256 == 0) and units * len(
            centres
        ) <= ALLOCATION_PAIRS:
            plan = alternate(self.tables, centres, node.prices.alpha, self.cutoff, self.control)
            if plan is not None:
                self.incumbent.offer(plan, self.tables.model.value(plan))

    def _anneal(self, node: Node, centres: IndexArray, count: int) -> None:
        """A plan by local search from these centres."""
        proposals = SEARCH_PROPOSALS * self.tables.model.units
        self.control.pairs += 4 * proposals * 1e-6
        plan = search_plan(self.tables, centres, node.prices.alpha, proposals, 4, seed=count)
        if plan is not None:
            self.incumbent.offer(plan, self.tables.model.value(plan))

    def _decide(self, node: Node, number: int) -> bool:
        """Hand a small node to the integer program; False if it is not small."""
        if (node.sizes() > node.counts).any() and node.free > SMALL_LEAF:
            return False
        tight = self._tightened(node)
        if tight is None:
            return True
        node = tight
        self.control.leaves += 1
        budget = self.budgets.pop(number, LEAF_NODES)
        result = solve_leaf(self.tables, node, self.cutoff, self.control, nodes=budget)
        self.incumbent.offer(result.centres, result.value)
        if result.bound < self.cutoff:
            self.push(_with_bound(node, result.bound))
            self.budgets[self.made] = min(4 * budget, 10**9)
        return True

    def _tightened(self, node: Node) -> Node | None:
        """The same node, priced thoroughly."""
        cost = self.tables.cost[node.candidates]
        cost[~node.pairs(self.tables.model.units)] = np.inf
        tight, work = price_node(
            self.tables, cost, node.candidates, node.region, node.counts, node.prices.alpha,
            node.prices.mu, self.cutoff, LEAF_EVALUATIONS, precision=1e-7,
        )  # fmt: skip
        self.control.pairs += work
        return None if tight is None else _with_bound(tight, max(tight.bound, node.bound))

    def _children(self, node: Node) -> list[Node]:
        """Nodes that share out one region of a node."""
        split, rows = self._region_to_split(node)
        parts = []
        for count in range(int(node.counts[split]) + 1):
            region, counts = node.region.copy(), np.append(node.counts, count)
            region[rows] = len(node.counts)
            counts[split] -= count
            keep = counts[region] > 0
            if (np.bincount(region, minlength=len(counts)) < counts).any():
                continue
            region = (np.cumsum(counts > 0) - 1)[region[keep]]
            counts = counts[counts > 0]
            quick = _quick_bound(node, keep, region, counts)
            if quick < self.cutoff:
                parts.append((keep, region, counts, quick))
        pairs, cutoff = node.pairs(self.tables.model.units), self.cutoff

        def priced(part: _Part) -> tuple[Node | None, float]:
            return self._child(node, pairs, cutoff, *part)

        # Children do not look at each other, so that workers may share them out.
        found = list(self.pool.map(priced, parts) if self.pool is not None else map(priced, parts))
        self.control.pairs += sum(work for _, work in found)
        return [child for child, _ in found if child is not None]

    def _child(
        self,
        node: Node,
        pairs: BoolArray,
        cutoff: float,
        keep: BoolArray,
        region: IndexArray,
        counts: IndexArray,
        quick: float,
    ) -> tuple[Node | None, float]:
        """A part of a node, priced from its parent's prices; the million pairs priced."""
        candidates = node.candidates[keep]
        cost = self.tables.cost[candidates]
        cost[~pairs[keep]] = np.inf
        child, work = price_node(
            self.tables, cost, candidates, region, counts, node.prices.alpha,
            node.prices.mu[keep], cutoff, CHILD_EVALUATIONS,
        )  # fmt: skip
        if child is None:
            return None, work
        return _with_bound(child, max(child.bound, node.bound, quick)), work

    def _region_to_split(self, node: Node) -> tuple[int, IndexArray]:
        """The region whose likely centres lie furthest apart, and the rows of one half."""
        sizes = node.sizes()
        best, choice = -1.0, (0, np.zeros(0, dtype=np.int64))
        room = max(self.cutoff - node.bound, 1e-9 * abs(node.bound))
        if not np.isfinite(room):
            room = 0.05 * abs(node.bound) + 1e-9
        for r in np.flatnonzero(sizes > node.counts):
            rows = np.flatnonzero(node.region == r)
            worth = node.prices.worth[rows]
            last = np.partition(worth, node.counts[r] - 1)[node.counts[r] - 1]
            likely = np.exp(-np.maximum(worth - last, 0.0) * 5.0 / room)
            score, half = _halves(self.tables, node.candidates[rows], likely)
            score *= float(node.counts[r])
            if score > best:
                best, choice = score, (int(r), rows[half])
        return choice


_Part = tuple[BoolArray, IndexArray, IndexArray, float]
"""Candidates of a child, their regions, centres in each, and a first bound."""

ALLOCATION_PAIRS = 20_000
"""Units times territories up to which a plan is sought by an integer program."""


def _with_bound(node: Node, bound: float) -> Node:
    return Node(
        bound, node.candidates, node.region, node.counts, node.prices, node.allowed, node.free
    )


def _quick_bound(node: Node, keep: BoolArray, region: IndexArray, counts: IndexArray) -> float:
    """Bound of a child at its parent's prices."""
    worth = node.prices.worth[keep]
    total = float(node.prices.alpha.sum())
    for r, count in enumerate(counts):
        total += float(np.partition(worth[region == r], count - 1)[:count].sum())
    return total


def _halves(tables: Tables, units: IndexArray, likely: FloatArray) -> tuple[float, BoolArray]:
    """Split candidates between two poles far apart so that both halves are as likely.

    Returns the spread of what is likely, and who belongs to the second pole.
    """

    def apart(unit: int) -> FloatArray:
        there, back = tables.cost[units, unit], tables.cost[unit, units]
        distance = np.where(np.isfinite(there), there, back) + np.where(
            np.isfinite(back), back, there
        )
        far = distance[np.isfinite(distance)].max(initial=1.0)
        return np.asarray(np.where(np.isfinite(distance), distance, 2.0 * far))

    spread = apart(int(units[likely.argmax()])) * likely
    first = int(units[spread.argmax()])
    from_first = apart(first)
    second = int(units[(from_first * likely).argmax()])
    from_second = apart(second)
    side = (from_first - from_second) / (from_first + from_second + 1e-12)
    order = np.argsort(side, kind="stable")
    mass = np.cumsum(likely[order] + 1e-9)
    middle = int(np.clip(np.searchsorted(mass, mass[-1] / 2.0), 1, len(units) - 1))
    half = np.zeros(len(units), dtype=np.bool_)
    half[order[middle:]] = True
    return float(spread.sum()), half
