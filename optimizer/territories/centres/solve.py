"""Solve a problem of free centres: a plan, a proven bound, and why it ended."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ....models.arrays import IndexArray
from ....models.plan import Status
from ..result import Told, relative_gap
from .allocation import alternate, settled
from .control import Control
from .medians import MedianSearch, is_whole_model
from .model import CentreModel
from .search import search_plan
from .tables import Node, Tables, price_node
from .tree import ALLOCATION_PAIRS, SETTLE_TRIES, SETTLED_CENTRES, Incumbent, LocationTree

ROOT_EVALUATIONS = 300
FIRST_PROPOSALS = 1000
FIRST_SEARCHES = 4
FEW_MEDIANS = 6
"""Medians with whole capacities up to which the tree places them."""

FIRST_SLACK = 0.004
"""Without a plan, those up to this share above the bound are sought first."""


@dataclass(frozen=True, eq=False)
class CentreResult:
    """A solved problem of free centres.

    Parameters
    ----------
    centres
        Centre of each unit, (n,), None without a plan.
    objective
        Value of the plan.
    bound
        What no plan beats, proven.
    stopped_by
        ``proof``, ``gap``, ``work``, ``time`` or ``interrupted``.
    """

    centres: IndexArray | None
    status: Status
    objective: float | None
    bound: float
    stopped_by: str
    work: dict[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """Distance of the plan from the bound, a fraction of the plan's value."""
        return None if self.objective is None else relative_gap(self.objective, self.bound)


def solve_centres(
    model: CentreModel,
    *,
    work: float | None = None,
    seconds: float | None = None,
    gap: float = 0.0,
    start: IndexArray | None = None,
    stop: Callable[[], bool] | None = None,
    told: Told | None = None,
    workers: int = 2,
) -> CentreResult:
    """Choose centres and territories together.

    The same model and ``work`` give the same plan; ``seconds`` and ``stop`` do not.

    Parameters
    ----------
    work
        Limit in million pairs priced.
    seconds
        Limit of wall clock.
    gap
        Ends when the gap is this small.
    start
        Centre of each unit in a plan to begin with, (n,).
    told
        Called now and then with what is done, the best value, the bound, and the centre
        of each unit in the best plan; None for what is not known.
    workers
        Threads; the outcome does not depend on it.
    """
    search = _Search(model, Control(work, seconds, stop, told), gap, workers)
    if start is not None and model.holds(np.asarray(start, dtype=np.int64)):
        search.incumbent.offer(np.asarray(start, dtype=np.int64), model.value(start))
    try:
        ended = search.run()
    except KeyboardInterrupt:
        ended = "interrupted"
    return search.result(ended)


class _Search:
    def __init__(self, model: CentreModel, control: Control, gap: float, workers: int) -> None:
        self.model, self.control, self.gap = model, control, gap
        self.workers = workers
        self.medians: MedianSearch | None = None
        self.incumbent = Incumbent(better=self._tell)
        self.bound = -np.inf
        self.tree: LocationTree | None = None

    def _tell(self) -> None:
        """Say that there is a better plan."""
        bound = self.bound if self.tree is None else max(self.bound, self.tree.bound())
        best = self.incumbent
        self.control.tell("placing centres", best.value, bound, best.centres)

    def run(self) -> str:
        """Search; says why it ended."""
        model, control = self.model, self.control
        if not model.own_centre and model.territories > FEW_MEDIANS and is_whole_model(model):
            return self._medians()
        tables = Tables.of(model)
        root = self._root(tables)
        if root is None:
            self.bound = np.inf
            return "proof"
        self.bound = root.bound
        control.tell("priced all places", None, self.bound)
        self._first_plans(tables, root)
        worst = float(np.where(np.isfinite(model.cost), model.cost, 0.0).max(axis=1).sum())
        slack = FIRST_SLACK
        while True:
            ceiling = np.inf
            if self.incumbent.centres is None:
                ceiling = self.bound + slack * max(abs(self.bound), 0.01 * worst)
                slack *= 4.0
            ended = self._explore(tables, root, ceiling)
            if ended != "proof" or self.bound >= self.incumbent.cutoff or ceiling > worst:
                return ended

    def _medians(self) -> str:
        """Search without a tree: the bound by knapsacks, and neighbourhoods."""
        search = MedianSearch(self.model, self.control, workers=self.workers)
        search.plan = self.incumbent.centres
        self.medians = search
        search.begin()
        ended = search.improve()
        self._learn()
        return ended

    def _learn(self) -> None:
        """Take over what a search for medians knows."""
        search = self.medians
        if search is not None:
            self.bound = max(self.bound, search.bound)
            self.incumbent.offer(search.plan, search.value)

    def _first_plans(self, tables: Tables, root: Node) -> None:
        """Plans from the best centres at the root's prices."""
        model, control = self.model, self.control
        proposals = FIRST_PROPOSALS * model.units
        centres, alpha = root.chosen(), root.prices.alpha
        if len(centres) <= SETTLED_CENTRES:
            tries = 3 * SETTLE_TRIES * len(centres)
            centres, alpha = settled(tables, centres, alpha, tries, 0, control)
        for seed in range(FIRST_SEARCHES):
            plan = search_plan(tables, centres, alpha, proposals, 6, seed)
            control.pairs += 6 * proposals * 1e-6
            if plan is not None:
                self.incumbent.offer(plan, model.value(plan))
            if control.ended_by():
                return
        if self.incumbent.centres is None and model.units * model.territories <= ALLOCATION_PAIRS:
            plan = alternate(tables, centres, alpha, self.incumbent.cutoff, control)
            if plan is not None:
                self.incumbent.offer(plan, model.value(plan))

    def _root(self, tables: Tables) -> Node | None:
        """All plans, priced."""
        n, kinds = self.model.units, len(self.model.activities)
        everywhere, region = np.arange(n), np.zeros(n, dtype=np.int64)
        counts = np.array([self.model.territories])
        root, work = price_node(
            tables, tables.cost.copy(), everywhere, region, counts, tables.first_alpha,
            np.zeros((n, kinds)), np.inf, ROOT_EVALUATIONS, rounds=1, precision=2e-6,
        )  # fmt: skip
        self.control.pairs += work
        return root

    def _explore(self, tables: Tables, root: Node, ceiling: float) -> str:
        """Search all plans below the ceiling."""
        tree = LocationTree(tables, self.incumbent, self.control, ceiling, self.gap)
        rows = root.candidates
        cost = tables.cost[rows]
        node, work = price_node(
            tables, cost, rows, root.region, root.counts, root.prices.alpha, root.prices.mu,
            tree.cutoff, 20, rounds=2, precision=2e-6,
        )  # fmt: skip
        self.control.pairs += work
        if node is not None:
            tree.push(node)
        self.tree = tree
        with ThreadPoolExecutor(self.workers) as pool:
            tree.pool = pool if self.workers > 1 else None
            ended = tree.run()
        self.bound = max(self.bound, tree.bound())
        return ended

    def result(self, ended: str) -> CentreResult:
        """What is known at the end."""
        self._learn()
        best, bound = self.incumbent, self.bound
        if self.tree is not None:
            bound = max(bound, self.tree.bound())
        counts = self.control.counts()
        if best.centres is None:
            none = Status.INFEASIBLE if ended == "proof" else Status.UNKNOWN
            return CentreResult(None, none, None, bound, ended, counts)
        bound = min(bound, best.value)
        proven = bound >= best.cutoff
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        return CentreResult(
            best.centres, status, best.value, bound, "proof" if proven else ended, counts
        )
