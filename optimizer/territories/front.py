"""Trade-off fronts over two or three terms, by limits on all but the first.

The ε-constraint method (Haimes, Lasdon and Wismer 1971): the first term is made as
small as it can be while the others keep within limits that go from where they need not
care to the least that they can be. So points are found that no weighted sum reaches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from ...models.objective import Objective, Stage, Term
from ...models.plan import Plan, Status
from ...models.problem import Problem
from .result import TerritoryResult

#: Share of a value within which two points are the same.
SAME = 1e-9

#: Solves a problem within limits on other stages, from a plan.
Solve = Callable[[Problem, Sequence[tuple[Stage, float]], Plan | None], TerritoryResult]


@dataclass(frozen=True, eq=False)
class FrontPoint:
    """One plan of a front.

    Parameters
    ----------
    values
        Of the terms, in their order and natural units.
    limits
        What the terms after the first had to keep; infinite for none.
    bound
        No plan that keeps the limits has less of the first term, proven; None where
        nothing is.
    dominated
        Whether another point found is as good in every term and better in one.
    """

    values: tuple[float, ...]
    limits: tuple[float, ...]
    bound: float | None
    status: Status
    plan: Plan
    dominated: bool = False


@dataclass(frozen=True, eq=False)
class Front:
    """Points by rising first term, and limits at which no plan was found.

    Parameters
    ----------
    ends
        Least and most of each term over the plans that are best in one of them.
    missed
        Limits at which there is no plan (``infeasible``), or none was found.
    """

    terms: tuple[str, ...]
    points: tuple[FrontPoint, ...]
    ends: tuple[tuple[float, float], ...]
    missed: tuple[tuple[tuple[float, ...], Status], ...]


def trade_off_front(
    problem: Problem,
    terms: Sequence[str],
    points: int,
    solve: Solve,
    start: Plan | None = None,
) -> Front:
    """Find a front over two or three terms.

    Parameters
    ----------
    points
        Limits on the second term; for three terms, the nearest square of as many
        combinations of limits.
    solve
        Called once for every end and every combination of limits that no known plan
        settles.
    """
    if len(terms) not in (2, 3) or len(set(terms)) != len(terms):
        raise ValueError("a front is over two or three different terms")
    search = _Search(problem, tuple(terms), solve, start)
    ends = search.ends()
    if not ends:
        return Front(tuple(terms), (), (), ())
    lows, highs = np.min(ends, axis=0), np.max(ends, axis=0)
    levels = points if len(terms) == 2 else max(2, round(math.sqrt(points)))
    grids = [np.linspace(high, low, levels) for low, high in zip(lows[1:], highs[1:], strict=True)]
    for limits in product(*grids):
        search.point(tuple(float(limit) for limit in limits))
    spans = tuple((float(low), float(high)) for low, high in zip(lows, highs, strict=True))
    settled = without_doubles(with_the_best(search.points))
    return Front(tuple(terms), settled, spans, tuple(search.missed))


class _Search:
    def __init__(
        self, problem: Problem, terms: tuple[str, ...], solve: Solve, start: Plan | None
    ) -> None:
        # A soft rule's price would slip into the terms; as a term it is `rule:<name>`.
        rules = tuple(r if r.hard else replace(r, price=0.0) for r in problem.rules)
        bare = Objective.in_order([(term, {term: 1.0}) for term in terms])
        self.problem = problem.replace(rules=rules, objective=bare)
        self.terms, self.solve, self.start = terms, solve, start
        self.points: list[FrontPoint] = []
        self.missed: list[tuple[tuple[float, ...], Status]] = []

    def ends(self) -> list[tuple[float, ...]]:
        """Values of the plans that are best in one term each, the others after it."""
        found = []
        for first in self.terms:
            order = (first, *(term for term in self.terms if term != first))
            result = self.solve(self._problem(order), (), self.start)
            if result.plan is None:
                continue
            self.start = self.start or result.plan
            values = self._values(result)
            found.append(values)
            free = (math.inf,) * (len(self.terms) - 1)
            point = FrontPoint(values, values[1:], None, Status.FEASIBLE, result.plan)
            if first == self.terms[0]:
                stage = result.stages[0]
                point = FrontPoint(values, free, stage.bound, stage.status, result.plan)
            self.points.append(point)
        return found

    def point(self, limits: tuple[float, ...]) -> None:
        """Least of the first term within limits, unless a known plan is proven to be it."""
        known = [point for point in self.points if _within(point.values[1:], limits)]
        best = min(known, key=lambda point: point.values) if known else None
        if best is not None and best.status is Status.OPTIMAL and _looser(best.limits, limits):
            return
        stages = [Stage(term, (Term(term),)) for term in self.terms[1:]]
        slack = [
            (stage, limit + SAME * abs(limit)) for stage, limit in zip(stages, limits, strict=True)
        ]
        begin = best.plan if best is not None else self.start
        result = self.solve(self._problem(self.terms), slack, begin)
        first = result.stages[0]
        if result.plan is None:
            self.missed.append((limits, result.status))
            return
        found = FrontPoint(self._values(result), limits, first.bound, first.status, result.plan)
        if best is not None and best.values[0] < found.values[0]:
            # What was known is better than what was found, and the bound holds for both.
            found = replace(found, values=best.values, plan=best.plan, status=Status.FEASIBLE)
        self.points.append(found)

    def _problem(self, order: Sequence[str]) -> Problem:
        return self.problem.replace(objective=Objective.in_order([(t, {t: 1.0}) for t in order]))

    def _values(self, result: TerritoryResult) -> tuple[float, ...]:
        if result.evaluation is None:
            raise ValueError("a plan comes with its evaluation")
        return tuple(result.evaluation.objectives[term] for term in self.terms)


def _within(values: Sequence[float], limits: Sequence[float]) -> bool:
    return all(v <= limit + SAME * abs(limit) for v, limit in zip(values, limits, strict=True))


def _looser(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(a >= b for a, b in zip(one, other, strict=True))


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether values are nowhere worse than others and somewhere better."""
    slack = [SAME * max(1.0, abs(value)) for value in other]
    pairs = list(zip(one, other, slack, strict=True))
    return all(a <= b + s for a, b, s in pairs) and any(a < b - s for a, b, s in pairs)


def with_the_best(points: Sequence[FrontPoint]) -> list[FrontPoint]:
    """Give each limit the best plan found that keeps it, whichever limit it was found for."""
    found = []
    for point in points:
        best = min(
            (other for other in points if _within(other.values[1:], point.limits)),
            key=lambda other: other.values,
        )
        if best.values < point.values:
            closed = point.bound is not None and best.values[0] <= point.bound * (1 + SAME)
            status = Status.OPTIMAL if closed else Status.FEASIBLE
            point = replace(point, values=best.values, plan=best.plan, status=status)
        found.append(point)
    return found


def without_doubles(points: Sequence[FrontPoint]) -> tuple[FrontPoint, ...]:
    """Each plan's values once, sorted, with what is dominated marked.

    Of points with the same values the one with the largest bound is kept.
    """
    kept: list[FrontPoint] = []
    order = sorted(
        points, key=lambda p: (p.values, -(p.bound if p.bound is not None else -math.inf))
    )
    for point in order:
        last = kept[-1].values if kept else None
        alike = (
            last is not None
            and not dominates(last, point.values)
            and not dominates(point.values, last)
            and np.allclose(last, point.values, rtol=1e-9, atol=1e-9)
        )
        if not alike:
            kept.append(point)
    return tuple(
        replace(point, dominated=any(dominates(other.values, point.values) for other in kept))
        for point in kept
    )
