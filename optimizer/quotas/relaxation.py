"""The smallest change of limits that makes a plan possible."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
from ortools.sat.python import cp_model
from scipy.optimize import linprog
from scipy.sparse import coo_array

from ...models.plan import Status
from ...models.quotas import Limit, LimitKind
from .model import CellModel
from .oracle import Oracle, column_model
from .ranges import Ranges, ceiling

#: At equal size, limits that come later here give before those that come earlier.
_PATIENCE = tuple(LimitKind)
#: What a coin of any limit weighs, beside the rank that settles ties.
_WEIGHT = 10_000
#: Cells beyond which CP-SAT is not asked for a proof.
_MOST_CELLS = 150
#: Units beyond the linear relaxation that a limit may give for the sake of rounding.
_MOST_BUMP = 2**14


@dataclass(frozen=True)
class Relaxation:
    """One limit of a change that makes a plan possible.

    Parameters
    ----------
    limit
        As it was asked for.
    amount
        By how much it gives, minor units.
    low, high
        What it would be instead.
    smallest
        Whether the whole change is proven to be the one with the least money in sum.
    """

    limit: Limit
    amount: int
    low: int | None
    high: int | None
    smallest: bool = True


def given(limit: Limit, amount: int) -> Limit:
    """The limit, wider by an amount on both sides."""
    low = None if limit.low is None else max(limit.low - amount, 0)
    high = None if limit.high is None else limit.high + amount
    return dataclasses.replace(limit, low=low, high=high)


def smallest_relaxation(oracle: Oracle, rules: Sequence[Limit]) -> list[Relaxation]:
    """The change of limits that makes a plan possible with the least money in sum.

    At equal size caps and floors give before growth limits, shares, pins and the
    budget. With many cells it is the linear relaxation's change, moved to whole
    units until a plan is found, and not called the smallest. Empty where none is found.
    """
    problem = oracle.problem
    most = ceiling(problem)
    shape = (len(problem.tree), len(problem.products) * len(problem.periods))
    units = problem.tree.cell_units[:, None]
    low = np.zeros(shape, dtype=np.int64)
    model = column_model(oracle, Ranges(low, low + most // units * units), rules, rules)
    if len(model.cells) <= _MOST_CELLS:
        amounts, smallest = _by_solver(oracle, model, rules, most)
    else:
        amounts, smallest = _by_relaxation(oracle, model, rules), False
    wide = [given(limit, n) for limit, n in zip(rules, amounts, strict=False)]
    for place, limit in enumerate(rules[: len(wide)]):
        wide[place] = _one_side(oracle, wide, place, limit)
    changed = zip(rules, amounts, wide, strict=False)
    return [Relaxation(x, n, new.low, new.high, smallest) for x, n, new in changed if n]


def _one_side(oracle: Oracle, wide: Sequence[Limit], place: int, limit: Limit) -> Limit:
    """The widened limit, with a side put back that need not have given."""
    new = wide[place]
    if new == limit:
        return new
    halves = dataclasses.replace(new, high=limit.high), dataclasses.replace(new, low=limit.low)
    for half in halves:
        if oracle.finds_plan([*wide[:place], half, *wide[place + 1 :]]):
            return half
    return new


def _weights(rules: Sequence[Limit]) -> list[int]:
    return [_WEIGHT + len(_PATIENCE) - _PATIENCE.index(limit.kind) for limit in rules]


def _by_solver(
    oracle: Oracle, model: CellModel, rules: Sequence[Limit], most: int
) -> tuple[list[int], bool]:
    """How much each limit gives, and whether that is proven to be least; empty for none."""
    units = oracle.problem.tree.cell_units.tolist()
    step = gcd(*units, *(a for x in rules for a in (x.low, x.high) if a is not None))
    slacks = []
    for number, limit in enumerate(rules):
        slack = model.model.new_int_var(0, most // step, f"s{number}")
        slacks.append(slack)
        total = units[limit.node] // step * cp_model.LinearExpr.sum(model.cells_of(limit))
        if limit.low is not None:
            model.model.add(total + slack >= limit.low // step)
        if limit.high is not None:
            model.model.add(total - slack <= limit.high // step)
    model.model.minimize(cp_model.LinearExpr.weighted_sum(slacks, _weights(rules)))
    solver, status = oracle.work.solve(model.model)
    if status is Status.UNKNOWN:
        return [], False
    return [solver.value(slack) * step for slack in slacks], status is Status.OPTIMAL


def _by_relaxation(oracle: Oracle, model: CellModel, rules: Sequence[Limit]) -> list[int]:
    """How much each limit gives without rounding, moved to units that a plan is found for."""
    gives = _linear(oracle, model, rules)
    if gives is None:
        return []
    units = [int(oracle.problem.tree.cell_units[limit.node]) for limit in rules]

    def bumped(bump: int) -> list[int]:
        pairs = zip(gives, units, strict=True)
        return [(int(np.ceil(g / unit)) + bump) * unit if g > 1e-3 else 0 for g, unit in pairs]

    def fits(bump: int) -> bool:
        changed = zip(rules, bumped(bump), strict=True)
        return oracle.finds_plan([given(limit, amount) for limit, amount in changed])

    short, enough = -1, 0
    while not fits(enough):
        if enough >= _MOST_BUMP:
            return []
        short, enough = enough, max(2 * enough, 1)
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (short, middle) if fits(middle) else (middle, enough)
    return bumped(enough)


def _linear(oracle: Oracle, model: CellModel, rules: Sequence[Limit]) -> list[float] | None:
    """The least change in fractions of units: cells, then one slack a limit, minor units."""
    problem = oracle.problem
    tree = problem.tree
    place = {cell: number for number, cell in enumerate(model.cells)}
    entries: list[tuple[int, int, float]] = []
    bounds: list[float] = []

    def add(terms: list[tuple[int, float]], most: float) -> None:
        entries.extend((len(bounds), column, factor) for column, factor in terms)
        bounds.append(most)

    for (node, column), own in place.items():
        if model.expanded[node]:
            terms = [(place[child, column], 1.0) for child in tree.children[node].tolist()]
            terms.append((own, -float(1 + tree.over_assignment[node])))
            add(terms, 0.0)
            add([(where, -factor) for where, factor in terms], 0.0)
    for number, limit in enumerate(rules):
        slack = len(place) + number
        cells = [(place[limit.node, k], 1.0) for k in problem.columns(limit).tolist()]
        if limit.high is not None:
            add([*cells, (slack, -1.0)], float(limit.high))
        if limit.low is not None:
            add([*((where, -1.0) for where, _ in cells), (slack, -1.0)], -float(limit.low))
    rows, columns, factors = zip(*entries, strict=True)
    size = len(place) + len(rules)
    scale = float(max(problem.minor_units, 1))
    matrix: Any = coo_array((factors, (rows, columns)), shape=(len(bounds), size)).tocsr()
    costs = np.concatenate([np.zeros(len(place)), np.array(_weights(rules)) / _WEIGHT])
    solved = linprog(costs, A_ub=matrix, b_ub=np.array(bounds) / scale, method="highs-ds")
    if solved.x is None:
        return None
    return [float(amount) * scale for amount in solved.x[len(place) :]]
