"""The index of every cell: how the budget would be dealt without rounding and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..arrays import FloatArray, frozen_floats

if TYPE_CHECKING:
    from .problem import QuotaProblem
    from .tree import QuotaTree


@dataclass(frozen=True, eq=False)
class Targets:
    """Steps from the raw index to the index, minor units.

    Parameters
    ----------
    index
        What each cell would be, (nodes, products, periods).
    shared
        The same by the raw index alone, where the problem gives an index of its own.
    unhedged
        The latter without over-assignment and without relief.
    unrelieved
        The same with over-assignment, without relief.
    lost
        What relief takes off the root's cells, (products, periods).
    """

    index: FloatArray
    shared: FloatArray
    unhedged: FloatArray
    unrelieved: FloatArray
    lost: FloatArray


def share_out(problem: QuotaProblem) -> Targets:
    """Share the budget out down the tree by the raw index.

    Every node hands down its own index × (1 + over-assignment). A child with a
    fixed share gets that; the others get the rest in proportion to the raw index
    of the leaves below them. Where relief is shared, a leaf weighs its raw index
    × productivity among its siblings, and its parent keeps its full weight as
    long as anybody below it sells. Where it is lost, each leaf's index is
    multiplied by its productivity and the nodes above are lowered to match.
    """
    from .problem import Relief

    tree = problem.tree
    weights = np.zeros(problem.shape)
    weights[tree.leaves] = problem.raw_index
    relieved = weights.copy()
    productivity = np.asarray(problem.productivity)[:, None, :]
    relieved[tree.leaves] *= productivity
    for node in reversed(range(1, len(tree))):
        weights[tree.parent[node]] += weights[node]
        relieved[tree.parent[node]] += relieved[node]
    kept = np.where(relieved > 0, weights, 0.0)
    kept[tree.leaves] = relieved[tree.leaves]
    top = _split_budget(problem, weights[0])
    hedges = np.array([float(1 + share) for share in tree.over_assignment])
    unhedged = _hand_down(problem, top, weights, np.ones_like(hedges))
    unrelieved = _hand_down(problem, top, weights, hedges)
    lost = np.zeros(problem.shape[1:])
    if problem.relief == Relief.SHARED:
        index = _hand_down(problem, top, kept, hedges)
    else:
        index = unrelieved.copy()
        index[tree.leaves] *= productivity
        _roll_up(tree, index, unrelieved, hedges)
        lost = unrelieved[0] - index[0]
    own = index if problem.leaf_index is None else roll_up_index(tree, problem.leaf_index)
    return Targets(*map(frozen_floats, (own, index, unhedged, unrelieved, lost)))


def roll_up_index(tree: QuotaTree, leaves: FloatArray) -> FloatArray:
    """Index of every node from that of the leaves: what its children sum to ÷ (1 + h)."""
    index = np.zeros((len(tree), *leaves.shape[1:]))
    index[tree.leaves] = leaves
    for node in reversed(tree.inner):
        handed = index[tree.children[node]].sum(axis=0)
        index[node] = handed / float(1 + tree.over_assignment[node])
    return index


def _split_budget(problem: QuotaProblem, weights: FloatArray) -> FloatArray:
    top = np.zeros_like(weights)
    for row, column in np.ndindex(*problem.budget.shape):
        block = np.ix_(*problem.block(row, column))
        total = weights[block].sum()
        shares = weights[block] / total if total > 0 else 1.0 / weights[block].size
        top[block] = float(problem.budget[row, column]) * shares
    return top


def _hand_down(
    problem: QuotaProblem, top: FloatArray, weights: FloatArray, hedges: FloatArray
) -> FloatArray:
    tree = problem.tree
    index = np.zeros(problem.shape)
    index[0] = top
    for node in tree.inner:
        handed = index[node] * hedges[node]
        rest, weighed = handed.copy(), np.zeros_like(handed)
        children = tree.children[node].tolist()
        for child in children:
            if child in problem.fixed_shares:
                index[child] = handed * float(problem.fixed_shares[child])
                rest -= index[child]
            else:
                weighed += weights[child]
        rest = np.maximum(rest, 0.0)
        for child in children:
            if child not in problem.fixed_shares:
                share = np.divide(
                    weights[child], weighed, out=np.zeros_like(weighed), where=weighed > 0
                )
                index[child] = rest * share
    return index


def _roll_up(
    tree: QuotaTree, index: FloatArray, unrelieved: FloatArray, hedges: FloatArray
) -> None:
    """Lower each node by what its children were spared, less its over-assignment."""
    for node in reversed(tree.inner):
        spared = np.zeros_like(index[node])
        for child in tree.children[node].tolist():
            spared += unrelieved[child] - index[child]
        index[node] = unrelieved[node] - spared / hedges[node]
