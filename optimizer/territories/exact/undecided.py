"""Items that prices leave undecided, dealt out by an integer program.

Where territories may lie in pieces, the relaxation by prices is nearly whole: most items
are much cheaper with one owner than with any other, and those at a tie are decided by
limits on all owners together. Shifts of single items hardly find that; a linear program
does at once. HiGHS solves it on the pairs of least reduced cost, so that what it finds is
a plan, but its bound is none for the model.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from ortools.math_opt.python import mathopt

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ...highs import run_highs
from ..measures import measure
from ..model import AssignmentModel, Resource
from ..prices import PriceResult

PAIRS, WIDER = 4_000, 3
"""Pairs beside each item's cheapest, and by how much more where these hold no plan."""

NODES = 4
"""Branch-and-bound nodes at most; rounding at the first ones is what is wanted."""

GAP = 2e-3
"""Share of the program's bound at which its plan is good enough; 1e-5 took seven times as long as 1e-3
where amounts are uneven, and gains little that a search does not."""

SCALE = 1e5
"""Limits are scaled to about this size, so that the solver's tolerance is tiny for them."""

INSIDE = 1e-6
"""Share of its size by which a limit is taken tighter: the solver's tolerance is as large."""


def is_linear(model: AssignmentModel) -> bool:
    """Whether a model has nothing but costs of pairs, fixed hard limits of owners, and homes.

    One without limits is not meant: its prices decide all.
    """
    others = (
        model.budgets, model.connected, model.apart, model.spread, model.diameters,
        model.earlier, model.largest, bool(model.cut_prices.any()),
    )  # fmt: skip
    return (
        bool(model.resources)
        and not any(others)
        and all(
            resource.hard and model.fixed_limits(resource) is not None
            for resource in model.resources
        )
    )


def deal_undecided(
    model: AssignmentModel,
    prices: PriceResult,
    *,
    seconds: Callable[[], float | None] = lambda: None,
    stop: Callable[[], bool] = lambda: False,
) -> IndexArray | None:
    """A plan among the pairs that are cheap at the prices.

    Parameters
    ----------
    model
        One that :func:`is_linear`.
    seconds
        Wall clock that is left.

    Returns
    -------
    Owner of each item, (items,); None where no plan was found.
    """
    reduced = np.where(model.allowed, prices.reduced_costs(), np.inf)
    for pairs in (PAIRS, WIDER * PAIRS):
        if stop():
            break
        found = _Program(model, cheap_pairs(model, reduced, pairs)).solved(seconds())
        if found is not None and measure(model, found).feasible:
            return found
    return None


def cheap_pairs(model: AssignmentModel, reduced: FloatArray, many: int) -> BoolArray:
    """Each item's cheapest pair and, of all others, those that cost least beyond it, (pairs,)."""
    least = np.minimum.reduceat(reduced, model.start)
    beyond = reduced - least[model.pair_items()]
    order = np.argsort(beyond, kind="stable")[: model.items + many]
    kept = np.zeros(model.pairs, dtype=np.bool_)
    kept[order] = True
    return np.asarray(kept & np.isfinite(reduced) | (beyond == 0.0))


class _Program:
    """The integer program of a model on some pairs."""

    def __init__(self, model: AssignmentModel, kept: BoolArray) -> None:
        self.model = model
        items, owners = model.pair_items(), model.pair_owners()
        single = np.bincount(items[kept], minlength=model.items) == 1
        self.fixed = np.flatnonzero(kept & single[items])
        self.open = np.flatnonzero(kept & ~single[items])
        self.owners = owners
        self.program = mathopt.Model()
        self.take = [self.program.add_binary_variable() for _ in self.open]
        cost = model.cost[self.open]
        self.program.minimize(mathopt.fast_sum(
            price * variable for price, variable in zip(cost.tolist(), self.take, strict=True)
        ))  # fmt: skip
        for group in _groups(items[self.open]):
            self._row(group, np.ones(len(group)), 1.0, 1.0)
        for resource in model.resources:
            self._limit(resource)
        for home in model.homes:
            wanted = np.isin(items, home.items) & (owners == home.owner)
            if np.isinf(home.price) and not wanted[self.fixed].any():
                rows = np.flatnonzero(wanted[self.open])
                self._row(rows, np.ones(len(rows)), 1.0, np.inf)

    def _limit(self, resource: Resource) -> None:
        """Limits of each owner, less what is fixed."""
        limits = self.model.fixed_limits(resource)
        if limits is None:  # pragma: no cover - is_linear
            raise ValueError(f"the limits of {resource.name} move with the plan")
        fixed = np.bincount(
            self.owners[self.fixed], resource.values[self.fixed], minlength=self.model.owners
        )
        by_owner = {int(self.owners[self.open[rows[0]]]): rows
                    for rows in _groups(self.owners[self.open])}  # fmt: skip
        for owner in np.flatnonzero(resource.takes_part).tolist():
            low, high = float(limits[0][owner]), float(limits[1][owner])
            size = max((abs(each) for each in (low, high) if np.isfinite(each)), default=0.0)
            slack = min(INSIDE * size, max(0.0, 0.25 * (high - low)))
            rows = by_owner.get(owner, np.zeros(0, dtype=np.int64))
            scale = SCALE / size if size > 0 else 1.0
            self._row(
                rows, scale * resource.values[self.open[rows]],
                scale * (low + slack - fixed[owner]), scale * (high - slack - fixed[owner]),
            )  # fmt: skip

    def _row(self, rows: IndexArray, values: FloatArray, low: float, high: float) -> None:
        if np.isinf(low) and np.isinf(high):
            return
        terms = zip(values.tolist(), rows.tolist(), strict=True)
        total = mathopt.fast_sum(value * self.take[row] for value, row in terms)
        self.program.add_linear_constraint(lb=low, ub=high, expr=total)

    def solved(self, seconds: float | None) -> IndexArray | None:
        """Owner of each item in the best plan found, (items,); None without one."""
        found = run_highs(self.program, nodes=NODES, relative_gap=GAP, seconds=seconds)
        if not found.has_primal_feasible_solution():
            return None
        values = found.variable_values()
        taken = self.open[[values[variable] > 0.5 for variable in self.take]]
        pairs = np.concatenate([self.fixed, taken])
        owner = np.empty(self.model.items, dtype=np.int64)
        owner[self.model.pair_items()[pairs]] = self.owners[pairs]
        return owner


def _groups(keys: IndexArray) -> list[IndexArray]:
    """Positions of equal keys, ascending."""
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(keys[order])) + 1) if len(keys) else []
