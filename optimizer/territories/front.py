"""Trade-off fronts over two or three terms, by limits on all but the first.

The ε-constraint method (Haimes, Lasdon and Wismer 1971): the first term is made as
small as it can be while the others keep within limits that go from where they need not
care to the least that they can be. So points are found that no weighted sum reaches.
Where a problem is too large for that, limits become prices
(:mod:`.priced_front`), and every limit takes the best of all plans that keep it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from ...models.arrays import FloatArray
from ...models.objective import Objective, Stage, Term
from ...models.plan import Plan, Status
from ...models.problem import Problem
from .priced_front import Found, PricedFront, Solve
from .result import TerritoryResult

#: Share of a value within which two points are the same.
SAME = 1e-9

#: Pairs of a unit and an owner up to which every point is solved under its limits.
SMALL = 1_500


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
        settles; for large problems some times for each, without limits.
    """
    if len(terms) not in (2, 3) or len(set(terms)) != len(terms):
        raise ValueError("a front is over two or three different terms")
    if sum(len(team.covers) * len(team.owners) for team in problem.teams) > SMALL:
        return _by_prices(problem, tuple(terms), points, solve, start)
    search = _Search(problem, tuple(terms), solve, start)
    ends = search.ends()
    if not ends:
        return Front(tuple(terms), (), (), ())
    lows, highs = np.min(ends, axis=0), np.max(ends, axis=0)
    for limits in _grid(lows, highs, points):
        search.point(limits)
    spans = tuple((float(low), float(high)) for low, high in zip(lows, highs, strict=True))
    settled = without_doubles(with_the_best(search.points))
    return Front(tuple(terms), settled, spans, tuple(search.missed))


def _grid(lows: FloatArray, highs: FloatArray, points: int) -> list[tuple[float, ...]]:
    """Limits on the terms after the first, from loose to tight; neighbours follow each other."""
    levels = points if len(lows) == 2 else max(2, round(math.sqrt(points)))
    axes = [np.linspace(high, low, levels) for low, high in zip(lows[1:], highs[1:], strict=True)]
    return [tuple(float(limit) for limit in limits) for limits in product(*axes)]


def _bare(problem: Problem, terms: tuple[str, ...]) -> Problem:
    """The problem with the terms in order, and soft rules without a price.

    A soft rule's price would slip into the terms; as a term it is ``rule:<name>``.
    """
    rules = tuple(r if r.hard else replace(r, price=0.0) for r in problem.rules)
    bare = Objective.in_order([(term, {term: 1.0}) for term in terms])
    return problem.replace(rules=rules, objective=bare)


def _by_prices(
    problem: Problem, terms: tuple[str, ...], points: int, solve: Solve, start: Plan | None
) -> Front:
    """The front of a large problem."""
    search = PricedFront(_bare(problem, terms), terms, solve, start)
    ends = search.ends()
    if not ends:
        return Front(terms, (), (), ())
    lows, highs = np.min(ends, axis=0), np.max(ends, axis=0)
    grid = _grid(lows, highs, points)
    for limits in grid:
        search.look(limits)
    reached = {limits: search.reach(limits) for limits in grid if _best(search, limits) is None}
    # The way back: what was found at tight limits may begin the search at loose ones.
    for limits in reversed(grid):
        if reached.get(limits) is not Status.INFEASIBLE:
            search.look(limits)
    found, missed = list[FrontPoint](), list[tuple[tuple[float, ...], Status]]()
    for limits in grid:
        best = _best(search, limits)
        if best is None:
            missed.append((limits, reached.get(limits, Status.UNKNOWN)))
        else:
            found.append(_point(search, best, limits))
    settled = list(without_doubles(found))
    settled += _between(search, settled, points - len(settled))
    spans = tuple((float(low), float(high)) for low, high in zip(lows, highs, strict=True))
    return Front(terms, without_doubles(settled), spans, tuple(missed))


def _best(search: PricedFront, limits: tuple[float, ...]) -> Found | None:
    """The best plan found that keeps limits."""
    within = [each for each in search.found if _within(each.values[1:], limits)]
    return min(within, key=lambda each: each.values, default=None)


def _point(search: PricedFront, found: Found, limits: tuple[float, ...]) -> FrontPoint:
    bound = min(search.bound(limits), found.values[0])
    closed = found.values[0] - bound <= SAME * max(1.0, abs(found.values[0]))
    status = Status.OPTIMAL if closed else Status.FEASIBLE
    known = bound if math.isfinite(bound) else None
    return FrontPoint(found.values, limits, known, status, found.plan)


def _between(search: PricedFront, points: Sequence[FrontPoint], count: int) -> list[FrontPoint]:
    """Further plans that no other dominates, each as far as can be from those before."""
    free = [
        each
        for each in search.found
        if not any(dominates(other.values, each.values) for other in search.found)
    ]
    values = np.array([each.values for each in search.found])
    spans = np.maximum(np.ptp(values, axis=0), 1e-12)
    taken, added = [np.array(point.values) / spans for point in points], list[FrontPoint]()
    for _ in range(count):
        apart = [
            min(float(np.abs(np.array(each.values) / spans - one).sum()) for one in taken)
            for each in free
        ]
        if not apart or max(apart) <= SAME:
            break
        chosen = free[int(np.argmax(apart))]
        taken.append(np.array(chosen.values) / spans)
        added.append(_point(search, chosen, chosen.values[1:]))
    return added


class _Search:
    def __init__(
        self, problem: Problem, terms: tuple[str, ...], solve: Solve, start: Plan | None
    ) -> None:
        self.problem = _bare(problem, terms)
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
