"""Why no plan exists: minimal sets of limits that cannot all hold, and the way out.

A minimal set is found by divide and conquer over the limits (QuickXplain, Junker
2004): taking any one of its limits away makes the others possible together. The
roll-up and the rounding units are no limits; they always hold. The solver's own
lists of assumptions are not used, since they are neither minimal nor always right
after presolve.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
from ortools.sat.python import cp_model

from ...models.plan import Status
from ...models.quotas import Limit, LimitKind, QuotaProblem
from .model import OutOfWork, Work, column_components
from .oracle import Oracle, column_model
from .ranges import Ranges, ceiling

#: More conflicts than anybody reads at once.
_MOST_CONFLICTS = 20
#: Sets larger than this are named without what each member would have to give.
_MOST_MEMBERS = 12
#: At equal size, limits that come later here give before those that come earlier.
_PATIENCE = tuple(LimitKind)


@dataclass(frozen=True)
class Conflict:
    """Limits that cannot all hold, though any one fewer can.

    Parameters
    ----------
    limits
        The minimal set, in the problem's order.
    alone
        By how much each limit would have to give if it alone gave, minor units;
        empty for large sets.
    """

    limits: tuple[Limit, ...]
    alone: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the limits."""
        return tuple(limit.name for limit in self.limits)


@dataclass(frozen=True)
class Relaxation:
    """One limit of the smallest change that makes a plan possible.

    Parameters
    ----------
    limit
        As it was asked for.
    amount
        By how much it gives, minor units.
    low, high
        What it would be instead.
    """

    limit: Limit
    amount: int
    low: int | None
    high: int | None


def explain_conflicts(
    problem: QuotaProblem, work: Work
) -> tuple[tuple[Conflict, ...], tuple[Relaxation, ...]]:
    """Name disjoint minimal sets, and the change of limits with the least money in sum.

    Either is empty where the limit on work is met first.
    """
    conflicts: list[Conflict] = []
    relaxation: list[Relaxation] = []
    several = [limit for limit in problem.rules if limit.cells > 1]
    for columns in column_components(problem, several):
        inside = set(columns)
        rules = [x for x in problem.rules if inside.issuperset(problem.columns(x).tolist())]
        oracle = Oracle(problem, np.array(columns), work)
        try:
            found = _disjoint_conflicts(oracle, rules, _MOST_CONFLICTS - len(conflicts))
            conflicts += found
            if found:
                relaxation += smallest_relaxation(oracle, rules)
        except OutOfWork:
            continue
        if len(conflicts) >= _MOST_CONFLICTS:
            break
    return tuple(conflicts), tuple(relaxation)


def _disjoint_conflicts(oracle: Oracle, rules: Sequence[Limit], most: int) -> list[Conflict]:
    left = list(rules)
    conflicts: list[Conflict] = []
    while len(conflicts) < most and not oracle.possible(left):
        suspects = left
        if oracle.plainly_impossible(left):
            # Cheap to see, so that what has to be proven is proven of a few limits.
            suspects = minimal_set(lambda some: not oracle.plainly_impossible(some), left)
        named = set(minimal_set(oracle.possible, suspects))
        limits = tuple(limit for limit in left if limit in named)
        alone: tuple[int, ...] = ()
        if len(limits) <= _MOST_MEMBERS:
            alone = tuple(_gives_alone(oracle, limits, limit) for limit in limits)
        conflicts.append(Conflict(limits, alone))
        left = [limit for limit in left if limit not in named]
    return conflicts


def minimal_set(
    possible: Callable[[Sequence[Limit]], bool], limits: Sequence[Limit]
) -> list[Limit]:
    """A minimal subset of the limits that is impossible; the limits together must be."""

    def search(held: list[Limit], candidates: list[Limit], *, grown: bool) -> list[Limit]:
        if grown and not possible(held):
            return []
        if len(candidates) == 1:
            return candidates
        half = len(candidates) // 2
        first, second = candidates[:half], candidates[half:]
        needed = search([*held, *first], second, grown=bool(first))
        return search([*held, *needed], first, grown=bool(needed)) + needed

    return search([], list(limits), grown=False)


def _gives_alone(oracle: Oracle, limits: Sequence[Limit], giving: Limit) -> int:
    """Smallest amount by which one limit has to give for the set to be possible."""
    others = [limit for limit in limits if limit is not giving]
    short, enough = 0, 1
    while not oracle.possible([*others, _given(giving, enough)]):
        short, enough = enough, enough * 2
    while enough - short > 1:
        middle = (short + enough) // 2
        if oracle.possible([*others, _given(giving, middle)]):
            enough = middle
        else:
            short = middle
    return enough


def _given(limit: Limit, amount: int) -> Limit:
    low = None if limit.low is None else max(limit.low - amount, 0)
    high = None if limit.high is None else limit.high + amount
    return dataclasses.replace(limit, low=low, high=high)


def smallest_relaxation(oracle: Oracle, rules: Sequence[Limit]) -> list[Relaxation]:
    """The change of limits that makes a plan possible with the least money in sum.

    At equal size caps and floors give before growth limits, shares, pins and the
    budget. Empty where the limit on work is met before any is found.
    """
    problem = oracle.problem
    most = ceiling(problem)
    shape = (len(problem.tree), len(problem.products) * len(problem.periods))
    units = problem.tree.cell_units[:, None]
    low = np.zeros(shape, dtype=np.int64)
    model = column_model(oracle, Ranges(low, low + most // units * units), rules, rules)
    amounts = [a for x in rules for a in (x.low, x.high) if a is not None]
    step = gcd(*problem.tree.cell_units.tolist(), *amounts)
    slacks = []
    for number, limit in enumerate(rules):
        slack = model.model.new_int_var(0, most // step, f"s{number}")
        slacks.append(slack)
        unit = int(problem.tree.cell_units[limit.node]) // step
        total = unit * cp_model.LinearExpr.sum(model.cells_of(limit))
        if limit.low is not None:
            model.model.add(total + slack >= limit.low // step)
        if limit.high is not None:
            model.model.add(total - slack <= limit.high // step)
    rank = [len(_PATIENCE) - _PATIENCE.index(limit.kind) for limit in rules]
    model.model.minimize(sum((10_000 + r) * slack for r, slack in zip(rank, slacks, strict=True)))
    solver, status = oracle.work.solve(model.model)
    if status is Status.UNKNOWN:
        return []
    gives = [
        (limit, solver.value(slack) * step) for limit, slack in zip(rules, slacks, strict=True)
    ]
    return [_relaxation(limit, amount) for limit, amount in gives if amount]


def _relaxation(limit: Limit, amount: int) -> Relaxation:
    given = _given(limit, amount)
    return Relaxation(limit, amount, given.low, given.high)
