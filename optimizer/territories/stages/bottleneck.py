"""Terms that count by their largest value, by limits on it.

The bound by prices and the search by moves are good at sums. A plan whose largest value
is t keeps the limit t, so for limits t₁ < t₂ < … a plan with its largest value in
(t₁, t₂] costs at least price · t₁ and what plans within t₂ cost otherwise: the least
over all intervals is a bound, and the best plan found within any limit is a plan
(for the p-center problem so since Minieka 1970). Limits are chosen where
the bound is weakest and where a better plan may be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ....models.geodesy import chord_km
from ..measures import largest_value, measure
from ..model import AssignmentModel, Diameter, Largest
from ..prices import price_bound

#: Limits that are looked at, at most.
LIMITS = 14
#: Share of the objective that an interval may still hide.
CLOSE = 1e-6


@dataclass(frozen=True, eq=False)
class Bottleneck:
    """What limits on the largest value have shown: a plan, its value, a bound."""

    owners: IndexArray | None
    value: float
    bound: float


Search = Callable[[AssignmentModel], IndexArray | None]
Report = Callable[[IndexArray, float], None]


def within(model: AssignmentModel, part: Largest, limit: float) -> AssignmentModel:
    """The model without the part, its value limited instead."""
    others = tuple(other for other in model.largest if other is not part)
    if part.values is not None:
        allowed = model.allowed & (part.values <= limit * (1.0 + 1e-12))
        return replace(model, allowed=allowed, largest=others)
    hard = Diameter(part.name, part.points, part.owners, chord_km(limit), np.inf)
    return replace(model, diameters=(*model.diameters, hard), largest=others)


def solve_bottleneck(
    model: AssignmentModel,
    search: Search,
    *,
    start: IndexArray | None,
    work: float,
    stop: Callable[[], bool],
    report: Report = lambda _owners, _value: None,
) -> Bottleneck:
    """Search and bound a model with parts that count by their largest value.

    Parameters
    ----------
    search
        Looks for a plan of a model without such parts.
    start
        A plan to begin from, (items,).
    work
        Passes of the ascent for one limit.
    report
        Called with the owners of items and the value whenever the plan gets better.
    """
    part = model.largest[0]
    run = _Run(model, part, search, work, stop, report)
    for owners in (start, search(replace(model, largest=()))):
        run.consider(owners)
    run.explore()
    return Bottleneck(run.owners, run.value, run.bound())


class _Run:
    """Limits looked at so far, ascending, with what plans within each cost otherwise."""

    def __init__(
        self,
        model: AssignmentModel,
        part: Largest,
        search: Search,
        work: float,
        stop: Callable[[], bool],
        report: Report,
    ) -> None:
        self.model, self.part, self.search = model, part, search
        self.work, self.stop, self.report = work, stop, report
        self.owners: IndexArray | None = None
        self.value = float("inf")
        lowest = least_largest(model, part)
        self.limits = [lowest, np.inf]
        self.others = [-np.inf, self._others(np.inf)]

    def _others(self, limit: float) -> float:
        """Bound of what plans within a limit cost apart from the part."""
        limited = replace(self.model, largest=())
        if np.isfinite(limit):
            limited = within(self.model, self.part, limit)
        rest = replace(limited, largest=())
        return price_bound(rest, work=self.work, stop=self.stop).bound

    def consider(self, owners: IndexArray | None) -> None:
        """Keep a plan where it is better."""
        if owners is None:
            return
        found = measure(self.model, owners)
        if found.feasible and found.objective < self.value:
            self.owners, self.value = np.array(owners), found.objective
            self.report(self.owners, self.value)

    def interval_bounds(self) -> FloatArray:
        """What no plan beats whose largest value lies between two limits, one by one.

        The first interval holds the plans at the lowest limit itself.
        """
        lower = np.array([self.limits[0], *self.limits[:-1]])
        return np.array(self.others) + self.part.price * lower

    def bound(self) -> float:
        """What no plan beats."""
        # Below the least possible value there is nothing; at it the next limit's plans.
        return float(self.interval_bounds()[1:].min())

    def explore(self) -> None:
        """By turns a limit for the bound, where it is weakest, and one for a better plan.

        The former lies halfway up to the best plan's largest value, the latter between
        that and the largest limit within which nothing better was found.
        """
        failed = self.limits[0]
        for turn in range(LIMITS):
            bounds = self.interval_bounds()[1:]
            at = int(bounds.argmin())
            if self.stop() or bounds[at] >= self.value - CLOSE * abs(self.value):
                return
            reached = np.inf
            if self.owners is not None:
                reached = largest_value(self.model, self.part, self.owners)
            low, high = self.limits[at], self.limits[at + 1]
            if turn % 2 and failed < reached < np.inf:
                low, high = failed, reached
            elif low < reached < high:
                high = reached
            limit = 0.5 * (low + (high if np.isfinite(high) else 2.0 * low + 1.0))
            if limit in self.limits or not low < limit < high:
                continue
            before = self.value
            self._look_within(limit)
            if self.value >= before:
                failed = max(failed, limit) if limit < reached else failed

    def _look_within(self, limit: float) -> None:
        """Bound and search the plans within a limit."""
        at = int(np.searchsorted(self.limits, limit))
        self.limits.insert(at, limit)
        self.others.insert(at, self._others(limit))
        if np.isfinite(self.others[at]):
            self.consider(self.search(replace(within(self.model, self.part, limit), largest=())))


def least_largest(model: AssignmentModel, part: Largest) -> float:
    """What the largest value is at least: that of the item which has the least choice."""
    if part.values is None or not model.items:
        return 0.0
    values = np.where(model.allowed, part.values, np.inf)
    nearest = np.minimum.reduceat(values, model.start)
    return float(nearest[np.isfinite(nearest)].max(initial=0.0))
