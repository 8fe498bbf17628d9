"""Why no plan exists: minimal sets of limits that cannot all hold, and the way out.

A minimal set is found by divide and conquer over the limits (QuickXplain, Junker
2004): taking any one of its limits away makes the others possible together. The
roll-up and the rounding units are no limits; they always hold. The solver's own
lists of assumptions are not used, since they are neither minimal nor always right
after presolve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ...models.quotas import LeanLimit, Limit, QuotaProblem
from .model import OutOfWork, Work, column_components
from .oracle import Oracle
from .relaxation import Relaxation, given, smallest_relaxation

AnyLimit = TypeVar("AnyLimit", bound=Limit | LeanLimit)

#: More conflicts than anybody reads at once.
_MOST_CONFLICTS = 20
#: Sets larger than this are named without what each member would have to give.
_MOST_MEMBERS = 12


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
    leans
        Limits of fairness that are part of the set.
    """

    limits: tuple[Limit, ...]
    alone: tuple[int, ...] = ()
    leans: tuple[LeanLimit, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the limits."""
        return (*(limit.name for limit in self.limits), *(lean.name for lean in self.leans))


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
    possible: Callable[[Sequence[AnyLimit]], bool], limits: Sequence[AnyLimit]
) -> list[AnyLimit]:
    """A minimal subset of the limits that is impossible; the limits together must be."""

    def search(held: list[AnyLimit], candidates: list[AnyLimit], *, grown: bool) -> list[AnyLimit]:
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
    while not oracle.possible([*others, given(giving, enough)]):
        short, enough = enough, enough * 2
    while enough - short > 1:
        middle = (short + enough) // 2
        if oracle.possible([*others, given(giving, middle)]):
            enough = middle
        else:
            short = middle
    return enough
