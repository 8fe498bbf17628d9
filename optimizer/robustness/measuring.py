"""Figures of a plan in every future: balance, load, travel, and rules that break."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...models.arrays import BoolArray, FloatArray
from ...models.evaluation.territories import balanced_measures
from ...models.fair_share import share_weights
from ...models.placement import placed
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.rules import (
    TOLERANCE,
    Balance,
    Capacity,
    Coverage,
    DisruptionCap,
    MaximumDistance,
    MeasureRange,
    Overnights,
    Rule,
    moved,
)
from ...models.totals import MONEY_MEASURES, cover_values
from .futures import Futures
from .standing import PlanInFutures


@dataclass(frozen=True, eq=False)
class FutureFigures:
    """Figures of one plan, one value for each sample, (samples,).

    Parameters
    ----------
    figures
        ``worst_balance_<measure>`` (largest distance of a rep from the fair share, a
        share of it), ``hours_above`` (load beyond hours, summed over reps),
        ``worst_utilisation``, ``travel_hours``, ``travel_km``, ``unserved_sales`` (of
        units that nobody serves while a position is vacant).
    units
        Natural unit of each figure.
    broken
        By how much each rule is broken, summed over its subjects; a rule that asks only
        who has what is broken in every sample or in none.
    scatters
        Rules whose amount depends on the sample.
    """

    figures: Mapping[str, FloatArray]
    units: Mapping[str, str]
    broken: Mapping[str, FloatArray]
    scatters: frozenset[str]


def measure_under(problem: Problem, plan: Plan, futures: Futures) -> FutureFigures:
    """Measure a plan in every future."""
    based = placed(problem, plan)
    return _Measuring(based, PlanInFutures(based, plan, futures)).figures()


class _Measuring:
    """One plan; each measure is summed up once."""

    def __init__(self, problem: Problem, standing: PlanInFutures) -> None:
        self.problem, self.standing = problem, standing
        self.there = 1.0 - standing.futures.gone
        self.known: dict[str, FloatArray] = {}

    def carried(self, measure: str) -> FloatArray:
        if measure not in self.known:
            self.known[measure] = self.standing.measure(measure)
        return self.known[measure]

    def figures(self) -> FutureFigures:
        problem = self.problem
        found, units = {}, {}
        for measure, targets in balanced_measures(problem).items():
            worst = np.zeros(len(self.there))
            for rule in targets or [Balance(measure=measure)]:
                worst = np.maximum(worst, self._worst(rule))
            found[f"worst_balance_{measure}"] = worst
            units[f"worst_balance_{measure}"] = "share of fair share"
        holds = problem.owners.holds_territory
        load, hours = self.carried("load"), problem.owners.hours * self.there
        above = np.where(holds, np.maximum(load - hours, 0.0), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            use = np.where(holds & (hours > 0), load / hours, 0.0)
        sales = problem.covers.measures["sales"] * self.standing.potential()
        found |= {
            "hours_above": above.sum(axis=1),
            "worst_utilisation": use.max(axis=1, initial=0.0),
            "travel_hours": self.carried("travel_hours").sum(axis=1),
            "travel_km": self.carried("travel_km").sum(axis=1),
            "unserved_sales": self.standing.unserved(sales),
        }
        units |= {
            "hours_above": "hours",
            "worst_utilisation": "share of hours",
            "travel_hours": "hours",
            "travel_km": "km",
            "unserved_sales": f"{problem.currency}/year",
        }
        return FutureFigures(found, units, *self._broken())

    def _broken(self) -> tuple[dict[str, FloatArray], frozenset[str]]:
        """By how much each rule is broken, and those for which it depends on the sample."""
        broken, scatters = {}, set()
        for rule in self._rules():
            amounts = self._amounts(rule)
            if amounts is None:
                once = sum(v.amount for v in rule.check(self.problem, self.standing.plan))
                amounts = np.full(len(self.there), once)
            else:
                scatters.add(rule.name)
            broken[rule.name] = amounts
        return broken, frozenset(scatters)

    def _rules(self) -> tuple[Rule, ...]:
        rules = self.problem.rules
        covered = any(rule.kind == Coverage.kind for rule in rules)
        return rules if covered else (Coverage(), *rules)

    def _fair(self, rule: Balance, team: int) -> tuple[FloatArray, FloatArray, BoolArray]:
        """What a team's owners carry, their fair shares, and who takes part."""
        owners = self.problem.teams[team].owners
        span = slice(owners.start, owners.stop)
        part = self.problem.owners.holds_territory[span]
        weights = share_weights(self.problem, team, rule.target) * self.there[:, span]
        total = weights.sum(axis=1, keepdims=True)
        weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        carried = self.carried(rule.measure)[:, span]
        fair = weights * np.where(part, carried, 0.0).sum(axis=1, keepdims=True)
        return carried, fair, part

    def _worst(self, rule: Balance) -> FloatArray:
        """Largest distance of an owner from its fair share, as a share of it, (samples,)."""
        worst = np.zeros(len(self.there))
        for team in self.problem.owner_teams(rule.teams):
            carried, fair, part = self._fair(rule, team)
            counts = part & (fair > 0)
            off = np.divide(np.abs(carried - fair), fair, out=np.zeros_like(fair), where=counts)
            worst = np.maximum(worst, off.max(axis=1, initial=0.0))
        return worst

    def _amounts(self, rule: Rule) -> FloatArray | None:
        """By how much a rule is broken, (samples,); None where no sample changes that.

        Who is there for a part of the period only has that part of every limit.
        """
        if isinstance(rule, Balance):
            sums = np.zeros(len(self.there))
            for team in self.problem.owner_teams(rule.teams):
                carried, fair, part = self._fair(rule, team)
                low, high = fair * (1 - rule.tolerance), fair * (1 + rule.tolerance)
                sums += np.where(part, _outside(carried, low, high), 0.0).sum(axis=1)
            return sums
        if isinstance(rule, Capacity):
            return self._within(rule, "load", -np.inf, self.problem.owners.hours * rule.limit)
        if isinstance(rule, MeasureRange):
            return self._within(rule, rule.measure, rule.minimum, rule.maximum)
        if isinstance(rule, Overnights):
            return self._within(rule, "nights", -np.inf, rule.maximum)
        if isinstance(rule, MaximumDistance):
            return self._too_far(rule)
        if isinstance(rule, DisruptionCap) and rule.measure in MONEY_MEASURES:
            return self._moved(rule)
        return None

    def _within(
        self,
        rule: Capacity | MeasureRange | Overnights,
        measure: str,
        lower: float,
        upper: float | FloatArray,
    ) -> FloatArray:
        who = np.zeros(len(self.problem.owners), dtype=np.bool_)
        for team in self.problem.owner_teams(rule.teams):
            owners = self.problem.teams[team].owners
            who[owners.start : owners.stop] = True
        if not isinstance(rule, Overnights):
            who &= self.problem.owners.holds_territory
        with np.errstate(invalid="ignore"):
            low = np.where(self.there > 0, lower * self.there, -np.inf if lower < 0 else 0.0)
            high = np.where(self.there > 0, upper * self.there, 0.0)
        outside = _outside(self.carried(measure), low, high)
        return np.asarray(np.where(who, outside, 0.0).sum(axis=1))

    def _too_far(self, rule: MaximumDistance) -> FloatArray:
        futures, unit = self.standing.futures, self.problem.covers.unit
        team = np.isin(self.problem.covers.team, self.problem.owner_teams(rule.teams))
        km = np.nan_to_num(self.standing.km) * futures.kilometres[:, None]
        over = rule.excess(km, np.nan_to_num(self.standing.minutes) * futures.minutes[:, unit])
        return np.asarray(np.where(team & (over > TOLERANCE), over, 0.0).sum(axis=1))

    def _moved(self, rule: DisruptionCap) -> FloatArray:
        incumbent = self.problem.covers.incumbent
        values = cover_values(self.problem, rule.measure) * self.standing.potential()
        gone = np.where(moved(self.problem, self.standing.plan), values, 0.0)
        held, size = incumbent >= 0, len(self.problem.owners)
        if rule.scope == "all":
            books, lost = (v[:, held].sum(axis=1, keepdims=True) for v in (values, gone))
        else:
            owned = np.zeros((len(incumbent), size))
            owned[np.flatnonzero(held), incumbent[held]] = 1.0
            books, lost = values @ owned, gone @ owned
        limit = rule.share * books
        return np.asarray(_outside(lost, np.full_like(limit, -np.inf), limit).sum(axis=1))


def _outside(carried: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Amounts outside limits, beyond what rounding explains; arrays alike."""
    over, under = carried - high, low - carried
    scale = np.maximum(1.0, np.abs(np.where(over > 0, high, low)))
    excess = np.maximum(over, under)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(excess > TOLERANCE * scale, excess, 0.0))
