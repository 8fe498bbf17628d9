"""The field problem for HiGHS: assignment, two balances, separators on violation."""

from __future__ import annotations

import time

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from .market import TOLERANCE, Market
from .programs import Found


def solve(market: Market, seconds: float) -> Found:
    """Solve, cut off the plans in pieces, and solve again until the time is over.

    The bound of the last round that gave one is a bound of the problem, since it lacks
    only separators.

    Raises
    ------
    TimeoutError
        HiGHS found no plan in the time.
    """
    began = time.perf_counter()
    cost = market.costs().ravel()
    constraints = [_covered(market), _balanced(market)]
    owner, bound = None, None
    while seconds - (time.perf_counter() - began) > 1.0:
        found = milp(
            cost, integrality=np.ones(len(cost)), bounds=Bounds(0, 1), constraints=constraints,
            options={"time_limit": seconds - (time.perf_counter() - began), "mip_rel_gap": 1e-4},
        )  # fmt: skip
        if found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
            bound = max(bound or 0.0, float(found.mip_dual_bound))
        if found.x is None:
            break
        owner = np.asarray(found.x.reshape(market.units, -1).argmax(axis=1), dtype=np.int64)
        cuts = _separators(market, owner)
        if cuts is None:
            break
        constraints.append(cuts)
    if owner is None:
        raise TimeoutError("no plan")
    return Found(owner, bound)


def _covered(market: Market) -> LinearConstraint:
    n, reps = market.units, market.territories
    rows = np.repeat(np.arange(n), reps)
    matrix = csr_array((np.ones(n * reps), (rows, np.arange(n * reps))))
    return LinearConstraint(matrix, 1, 1)


def _balanced(market: Market) -> LinearConstraint:
    n, reps = market.units, market.territories
    scaled = market.amounts / market.amounts.sum(axis=1, keepdims=True) * reps
    columns = np.arange(n * reps)
    parts = [
        csr_array((np.repeat(amount, reps), (columns % reps, columns)), shape=(reps, n * reps))
        for amount in scaled
    ]
    return LinearConstraint(vstack(parts, format="csr"), 1 - TOLERANCE, 1 + TOLERANCE)


def _separators(market: Market, owner: NDArray[np.int64]) -> LinearConstraint | None:
    """x(a,r) + x(b,r) ≤ 1 + Σ x(s,r) over the neighbours s of a's piece; None where whole."""
    graph, reps = market.graph(), market.territories
    rows, columns, values = [], [], []
    cuts = 0
    for r in range(reps):
        parts = nx.connected_components(graph.subgraph(np.flatnonzero(owner == r).tolist()))
        pieces = sorted((sorted(part) for part in parts), key=lambda p: (-len(p), p[0]))
        for piece in pieces[1:]:
            around = sorted({j for i in piece for j in graph[i]} - set(piece))
            for unit, value in [(piece[0], 1), (pieces[0][0], 1), *((s, -1) for s in around)]:
                rows.append(cuts)
                columns.append(unit * reps + r)
                values.append(value)
            cuts += 1
    if not cuts:
        return None
    shape = (cuts, market.units * reps)
    return LinearConstraint(csr_array((values, (rows, columns)), shape=shape), -np.inf, 1)
