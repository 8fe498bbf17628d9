"""Plans from centres: the dearest-to-change pairs are fixed, an integer program does the rest.

Then each territory takes its best centre, and so on until nothing moves (Cooper 1964
alternates so; the allocation here keeps every limit).
"""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from .bundle import ascend
from .control import Control
from .leaf import MANY_PAIRS, solve_leaf
from .tables import Tables, price_node

SLACKS = (0.0005, 0.002, 0.008, 0.03)
"""Shares of the bound by which an allocation may be dearer, tried one after the other."""

EVALUATIONS = 120
NEARBY = 16
SETTLE_EVALUATIONS = 30
PROGRAM_NODES = 200


def allocate(
    tables: Tables, centres: IndexArray, alpha: FloatArray, cutoff: float, control: Control
) -> IndexArray | None:
    """A plan with these centres that is below the cutoff, (n,), or None.

    Not always the best one: the integer program ends at a small gap.
    """
    model = tables.model
    p, kinds = model.territories, len(model.activities)
    region, counts = np.arange(p), np.ones(p, dtype=np.int64)
    mu = np.zeros((p, kinds))
    start, work = price_node(
        tables, tables.cost[centres], centres, region, counts, alpha, mu, np.inf, EVALUATIONS,
        rounds=1,
    )  # fmt: skip
    control.pairs += work
    if start is None:
        return None
    for slack in SLACKS:
        limit = min(cutoff, start.bound + slack * abs(start.bound))
        node, work = price_node(
            tables, tables.cost[centres], centres, region, counts, start.prices.alpha,
            start.prices.mu, limit, 10, rounds=2,
        )  # fmt: skip
        control.pairs += work
        if node is not None and node.free <= MANY_PAIRS:
            found = solve_leaf(
                tables, node, limit, control, nodes=PROGRAM_NODES, relative_gap=5e-4, rounds=6
            )
            if found.centres is not None:
                return found.centres
        if limit >= cutoff or control.ended_by():
            return None
    return None


def recentred(tables: Tables, plan: IndexArray) -> IndexArray:
    """The same territories, each with its best centre, (n,)."""
    result = plan.copy()
    for centre in np.unique(plan):
        units = np.flatnonzero(plan == centre)
        places = units if tables.model.own_centre else np.arange(tables.model.units)
        costs = tables.cost[np.ix_(places, units)].sum(axis=1)
        loads = tables.model.activities[:, units].sum(axis=1)
        slack = 1e-9 * np.maximum(1.0, loads)
        fits = (loads >= tables.lower[places] - slack) & (loads <= tables.upper[places] + slack)
        costs[~fits.all(axis=1)] = np.inf
        if not tables.model.own_centre:
            costs[np.setdiff1d(np.unique(result), centre)] = np.inf
        if np.isfinite(costs.min()):
            result[units] = places[costs.argmin()]
    return result


def alternate(
    tables: Tables, centres: IndexArray, alpha: FloatArray, cutoff: float, control: Control
) -> IndexArray | None:
    """Allocate and move the centres in turn; the best plan below the cutoff, or None."""
    best: IndexArray | None = None
    for _ in range(6):
        plan = allocate(tables, centres, alpha, cutoff, control)
        if plan is None:
            return best
        best = recentred(tables, plan)
        cutoff = tables.model.value(best)
        moved = np.unique(best)
        if control.ended_by() or len(moved) != len(centres) or (moved == centres).all():
            return best
        centres = moved
    return best


def settled(
    tables: Tables, centres: IndexArray, alpha: FloatArray, tries: int, seed: int, control: Control
) -> tuple[IndexArray, FloatArray]:
    """Centres moved to places nearby while the relaxed allocation gets cheaper, and its prices.

    With the centres given the relaxation is nearly exact, and a move that does not pay
    mostly shows after one evaluation: its bound is above the present value.
    """
    model, p = tables.model, len(centres)
    rng = np.random.default_rng(seed)
    region, counts = np.arange(p), np.ones(p, dtype=np.int64)
    mu = np.zeros((p, len(model.activities)))

    def relaxed(places: IndexArray, target: float, limit: int) -> tuple[float, FloatArray]:
        value, prices, _, _, done = ascend(
            tables.cost[places], tables.owns[places], model.activities, tables.lower[places],
            tables.upper[places], region, counts, alpha, mu, tables.scale, target, limit, 1e-5,
        )  # fmt: skip
        control.pairs += done * p * model.units * 1e-6
        return value, prices

    best, alpha = relaxed(centres, np.inf, 100)
    for _ in range(tries):
        if control.ended_by():
            break
        row = int(rng.integers(p))
        near = np.argsort(tables.cost[centres[row]], kind="stable")[1 : NEARBY + 1]
        trial = centres.copy()
        trial[row] = near[rng.integers(len(near))]
        if (centres == trial[row]).any():
            continue
        value, prices = relaxed(trial, best, SETTLE_EVALUATIONS)
        if value < best * (1.0 - 1e-7):
            best, alpha, centres = value, prices, trial
    return np.sort(centres), alpha
