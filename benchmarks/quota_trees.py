"""Quotas on random trees: ``python benchmarks/quota_trees.py 5000 12 5 --seeds 3``.

Each tree has random depth, spans, rounding units and over-assignment; a tenth of the
cells have a floor, a cap or a pin near the index, and every tenth leaf a limit on the
year that moves it. Every sum, unit and limit is checked with whole numbers by code that shares nothing
with the solver, and the same limits in another order must give the same plan.
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction

import numpy as np
from teig.models.quotas import Limit, LimitKind, QuotaProblem, QuotaTree
from teig.optimizer.quotas import allocate

HEDGES = (Fraction(0), Fraction(0), Fraction(1, 50), Fraction(1, 20))
UNITS = (1000, 500, 250, 100, 50)


def random_tree(rng: np.random.Generator, nodes: int) -> QuotaTree:
    """A tree of three to five levels with 2 to 12 children a node."""
    parent, level, waiting = [-1], [0], [0]
    while len(parent) < nodes and waiting:
        node = waiting.pop(0)
        for _ in range(int(rng.integers(2, 13))):
            if len(parent) < nodes:
                waiting.append(len(parent))
                parent.append(node)
                level.append(level[node] + 1)
    depth = max(level) + 1
    hedges = tuple(HEDGES[int(rng.integers(len(HEDGES)))] for _ in parent)
    units = tuple(UNITS[min(n, len(UNITS) - 1)] for n in range(depth))
    names = tuple(f"level {n}" for n in range(depth))
    ids = tuple(f"n{n}" for n in range(len(parent)))
    return QuotaTree(ids, np.array(parent), np.array(level), names, hedges, units)


def random_problem(seed: int, nodes: int, periods: int, products: int) -> QuotaProblem:
    """Limits lie near the index, so that most trees have a plan."""
    rng = np.random.default_rng(seed)
    tree = random_tree(rng, nodes)
    raw = rng.lognormal(0.0, 0.6, (len(tree.leaves), products, 1))
    raw = raw * rng.uniform(0.6, 1.4, (1, products, periods))
    unit = int(tree.cell_units[0])
    budget = np.array([[int(len(tree.leaves) * 60_000 * periods // unit) * unit]])
    names = [f"p{n}" for n in range(products)], [f"t{n}" for n in range(periods)]
    bare = QuotaProblem(tree, tuple(names[0]), tuple(names[1]), raw, budget, minor_units=1)
    limits = []
    for node, p, t in np.argwhere(rng.random(bare.shape) < 0.1).tolist():
        index, step = float(bare.index[node, p, t]), int(tree.cell_units[node])
        kind = (LimitKind.FLOOR, LimitKind.CAP)[int(rng.integers(2))]
        low = int(index * 0.8) if kind == LimitKind.FLOOR else None
        high = int(index * 1.25) + step if kind == LimitKind.CAP else None
        limits.append(Limit(f"{kind} {node} {p} {t}", kind, node, (p,), (t,), low, high))
    everything = tuple(range(products)), tuple(range(periods))
    for leaf in tree.leaves[::10].tolist():
        year, least = float(bare.index[leaf].sum()), float(rng.uniform(0.95, 1.03))
        low, high = int(year * least), int(year * (least + 0.02))
        limits.append(Limit(f"year {leaf}", LimitKind.GROWTH, leaf, *everything, low, high))
    for leaf in tree.leaves[5::25].tolist():
        step = int(tree.cell_units[leaf])
        amount = int(bare.index[leaf, 0, 0] * 1.02 // step) * step
        limits.append(Limit(f"pin {leaf}", LimitKind.PIN, leaf, (0,), (0,), amount, amount))
    return bare.replace(limits=tuple(limits))


def wrong(problem: QuotaProblem, quota: np.ndarray) -> int:
    """How many sums, units and limits are broken, in whole numbers."""
    tree, broken = problem.tree, 0
    for node in tree.inner:
        step = tree.handed_units[node]
        hedge = 1 + tree.over_assignment[node]
        up, down = hedge.numerator, hedge.denominator
        handed = (2 * quota[node] * up + step * down) // (2 * step * down) * step
        broken += int((handed != quota[tree.children[node]].sum(axis=0)).sum())
    broken += int((quota % tree.cell_units[:, None, None] != 0).sum() + (quota < 0).sum())
    for limit in problem.rules:
        amount = int(quota[limit.node][np.ix_(limit.products, limit.periods)].sum())
        broken += limit.low is not None and amount < limit.low
        broken += limit.high is not None and amount > limit.high
    return broken


def main() -> None:
    """Deal random trees and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("nodes", "periods", "products"):
        parser.add_argument(name, type=int)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--no-shuffle", action="store_true")
    asked = parser.parse_args()
    for seed in range(asked.seeds):
        problem = random_problem(seed, asked.nodes, asked.periods, asked.products)
        begun = time.process_time()
        allocation = allocate(problem)
        seconds = time.process_time() - begun
        sums = [stage for stage in allocation.stages if stage.measure == "sum"]
        total, bound = sum(s.objective for s in sums), sum(s.bound for s in sums)
        text = f"seed {seed}: {len(problem.tree)} nodes × {asked.periods} × {asked.products}, "
        text += f"{len(problem.rules)} limits: {allocation.status}, {seconds:.1f} s of processor"
        if allocation.plan is not None:
            text += f", gap {(total - bound) / max(total, 1e-9):.4%}"
            text += f", broken {wrong(problem, allocation.plan.quota)}"
            if not asked.no_shuffle:
                order = np.random.default_rng(seed).permutation(len(problem.limits))
                again = allocate(problem.replace(limits=tuple(problem.limits[n] for n in order)))
                text += (
                    f", another order {'the same' if again.plan == allocation.plan else 'OTHER'}"
                )
        print(text, flush=True)


if __name__ == "__main__":
    main()
