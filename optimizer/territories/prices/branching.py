"""Branch and bound on large items: who has one and who has not, priced anew at every node.

A node says of some items that an owner has it or has not. That only takes pairs away,
so that any prices bound the node's plans, and good ones are few Newton steps from those of
the node that it was split from. The bound of all is the least over the nodes that are
open; the one that has it is split next. Nodes are split by items that weigh much for an
owner and that the relaxation shares. A few are tried for some steps each, and the one is
taken that lifts both sides (Applegate, Bixby, Chvátal and Cook 1995 call it strong branching).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....models.arrays import BoolArray, FloatArray
from ..model import AssignmentModel
from .ascent import Point
from .bound import CUT_WIDTH, PriceResult, point_of, safe_value
from .covers import NEAR, knapsacks_of
from .cuts import Cuts, price_tables
from .newton import MOST_PRICES, Newton, spreads
from .relaxation import all_reduced_costs
from .separation import shares_of

#: Items that are tried at a node, Newton passes of each side, and of the sides taken.
TRIED, TRIAL, FULL = 4, 4.0, 20.0
#: Smoothing of a trial, and from step to step of a side that is taken.
TRIAL_WIDTHS, FULL_WIDTHS = (3e-4,), (3e-4, 1e-4)
#: Smoothing at which items are shared, in that of the cuts.
WIDER = 3.0
#: What an item weighs for its owners times the share that the largest lacks, at least.
WEIGHTY = 2e-3
#: Weight of this kind that a model has at least where branching is tried.
WORTHWHILE = 0.3
#: Passes usually, at most and at least, and what they cost together at most: pairs
#: visited, and a share of the cube of prices, which a step of Newton's method takes.
MOST_PASSES, FEWEST_PASSES, EFFORT, CUBED = 2_500.0, 400.0, 4e8, 0.01
#: Open nodes at most, a few kB each.
MOST_NODES = 20_000
#: Least of a gain that counts where two sides are weighed, a share of the bound.
LITTLE = 1e-8


@dataclass(frozen=True, eq=False)
class _Node:
    """Plans that keep some decisions: pairs with whether they are chosen."""

    bound: float
    decisions: tuple[tuple[int, bool], ...]
    point: Point


@dataclass(frozen=True)
class BranchResult:
    """What branching proves.

    Parameters
    ----------
    bound
        No plan costs less, or none better than ``upper`` exists.
    work
        Passes over all pairs.
    """

    bound: float
    work: float


def worthwhile_passes(model: AssignmentModel, prices: PriceResult) -> float:
    """Passes that branching takes usually; 0 where no items are large enough to gain by it."""
    if not np.isfinite(prices.bound) or FEWEST_PASSES * model.pairs > EFFORT:
        return 0.0
    tree = _Tree(model, prices, np.inf)
    passes = min(MOST_PASSES, EFFORT / (model.pairs + CUBED * tree.size**3))
    if not tree.grows or passes < FEWEST_PASSES:
        return 0.0
    weights = tree.weights(tree.root.point, tree.allowed)[0]
    return passes if float(weights[weights >= WEIGHTY].sum()) >= WORTHWHILE else 0.0


def branch_bound(
    model: AssignmentModel,
    prices: PriceResult,
    *,
    upper: float = float("inf"),
    work: float,
    gap: float = 0.0,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[float], None] = lambda _bound: None,
) -> BranchResult:
    """Lift a bound by branching on who has large items.

    Parameters
    ----------
    prices
        The bound to begin from; ``possible`` holds for plans better than ``upper``.
    upper
        Value of a known plan.
    work
        Passes at most, roughly.
    gap
        Ends where the bound is this near ``upper``, a share of it.
    report
        Told of the bound as it gets better.
    """
    tree = _Tree(model, prices, upper, stop)
    target = upper - gap * abs(upper) if np.isfinite(upper) else np.inf
    best = prices.bound
    if not tree.grows:
        return BranchResult(min(best, upper), 0.0)
    while tree.open and tree.passes < work and len(tree.open) < MOST_NODES and not stop():
        if tree.bound() >= target or not tree.split():
            break
        if tree.bound() > best:
            best = tree.bound()
            report(best)
    return BranchResult(min(max(prices.bound, tree.bound()), upper), tree.passes)


class _Tree:
    """Open nodes of one model."""

    def __init__(
        self,
        model: AssignmentModel,
        prices: PriceResult,
        upper: float,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.model, self.upper, self.passes, self.stop = model, upper, 0.0, stop
        tables = prices.tables
        cuts = Cuts.none(tables) if prices.prices.cuts is None else prices.prices.cuts
        self.flat = price_tables(tables, cuts)
        self.allowed: BoolArray = np.asarray(prices.possible & tables.allowed)
        self.spread = spreads(self.flat)
        self.width = np.maximum(self.spread, 1e-300)
        self.weight = self._weight()
        self.size = Newton(self.flat, self.spread).size
        #: Whether Newton's method and weights of items apply.
        self.grows = bool(self.weight.any() and self.spread.any())
        self.grows = self.grows and 0 < self.size <= MOST_PRICES
        self.root = _Node(prices.bound, (), point_of(prices.prices))
        self.open: list[tuple[float, int, _Node]] = [(self.root.bound, 0, self.root)]
        self.made = 0

    def _weight(self) -> FloatArray:
        """What each pair takes of its owner's limits, the most of them, (P,)."""
        weight, owners = np.zeros(self.model.pairs), self.model.pair_owners()
        for one in knapsacks_of(self.model):
            limit = np.where(np.isfinite(one.upper), one.upper, np.maximum(one.lower, 1e-300))
            known = np.isfinite(one.upper) | (one.lower > 0)
            weight = np.maximum(weight, np.where(known, 1.0 / limit, 0.0)[owners] * one.carried)
        return weight

    def bound(self) -> float:
        """Least over the open nodes, that of a known plan where there is none."""
        return self.open[0][0] if self.open else self.upper

    def weights(self, point: Point, allowed: BoolArray) -> tuple[FloatArray, FloatArray]:
        """What sharing each item hides, (n,), and shares of all pairs, (P,)."""
        flat = self.flat._replace(allowed=allowed)
        reduced = np.empty(self.model.pairs)
        all_reduced_costs(flat, *point, reduced)
        self.passes += 2.0
        share = shares_of(flat, reduced, WIDER * CUT_WIDTH * self.width)
        weight = np.maximum.reduceat(np.where(share > NEAR, self.weight, 0.0), flat.start)
        return weight * (1.0 - np.maximum.reduceat(share, flat.start)), share

    def split(self) -> bool:
        """Split the node of the least bound; whether there was anything to split it by."""
        _, _, node = self.open[0]
        allowed = self._kept(node.decisions)
        weight, share = self.weights(node.point, allowed)
        heaviest = np.argsort(-weight, kind="stable")[:TRIED]
        best: tuple[float, tuple[_Node, _Node]] | None = None
        for item in heaviest[weight[heaviest] >= WEIGHTY].tolist():
            if self.stop():
                break
            begin = int(self.flat.start[item])
            pair = begin + int(share[begin : begin + int(self.flat.width[item])].argmax())
            sides = (self._side(node, pair, True), self._side(node, pair, False))
            worth = self._worth(node, sides)
            if best is None or worth > best[0]:
                best = worth, sides
        if best is None:
            return False
        heapq.heappop(self.open)
        for side in best[1]:
            self._keep(side)
        return True

    def _kept(self, decisions: tuple[tuple[int, bool], ...]) -> BoolArray:
        """Pairs that are left by decisions, (P,)."""
        allowed = self.allowed.copy()
        for pair, chosen in decisions:
            if chosen:
                item = int(np.searchsorted(self.flat.start, pair, side="right")) - 1
                begin = int(self.flat.start[item])
                allowed[begin : begin + int(self.flat.width[item])] = False
            allowed[pair] = chosen
        return allowed

    def _side(self, node: _Node, pair: int, chosen: bool) -> _Node:
        """A part of a node, after a few steps."""
        return self._priced(node, ((pair, chosen),), TRIAL_WIDTHS, TRIAL)

    def _worth(self, node: _Node, sides: tuple[_Node, _Node]) -> float:
        little = LITTLE * max(abs(node.bound), 1e-12)
        gains = [max(min(side.bound, self.upper) - node.bound, little) for side in sides]
        return gains[0] * gains[1] if np.isfinite(gains).all() else float(min(gains))

    def _keep(self, side: _Node) -> None:
        """Price a part well and keep it where a better plan may lie in it."""
        if side.bound < self.upper:
            side = self._priced(side, (), FULL_WIDTHS, FULL)
        if side.bound < self.upper:
            self.made += 1
            heapq.heappush(self.open, (side.bound, self.made, side))

    def _priced(
        self,
        node: _Node,
        more: tuple[tuple[int, bool], ...],
        widths: tuple[float, ...],
        passes: float,
    ) -> _Node:
        """A node with more decisions, at better prices; inf where an item has no owner left."""
        decisions = node.decisions + more
        flat = self.flat._replace(allowed=self._kept(decisions))
        if not np.logical_or.reduceat(flat.allowed, flat.start).all():
            return _Node(np.inf, decisions, node.point)
        newton = Newton(flat, self.spread)
        start = (node.point[0].copy(), node.point[1].copy(), node.point[2].copy())
        _, point = newton.ascend(start, widths, passes, self.upper, self.stop)
        self.passes += newton.passes + 2.0
        value = safe_value(flat, point).bound
        return _Node(max(value, node.bound), decisions, point)
