"""A plan under change, measured as it changes: what is not touched is not measured again.

Sums are added in the order of the covers, as :func:`~teig.models.evaluation.evaluate`
does, so that both give the same numbers to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..arrays import FloatArray, IndexArray
from ..plan import Plan
from ..problem import Problem
from ..rules import Coverage, Violation
from ..rules.limits import TotalsRule
from ..terms import TRAVEL_TERMS, TermValue, stage_terms, term_unit, term_value
from ..totals import PAIR_MEASURES, cover_values, travel_values
from .evaluation import WATCHED_TERMS
from .territories import compactness, components, table_measures, territory_columns


@dataclass(frozen=True, eq=False)
class Figures:
    """What :class:`~teig.models.evaluation.Evaluation` says of a plan, assignments aside."""

    problem: Problem
    objectives: Mapping[str, float]
    terms: Mapping[str, TermValue]
    violations: tuple[Violation, ...]
    feasible: bool
    totals: Mapping[str, FloatArray]
    compactness: FloatArray
    components: IndexArray

    @cached_property
    def territories(self) -> pd.DataFrame:
        """One row per owner: the contract's ``territories.csv``."""
        return territory_columns(self.problem, self.totals, self.compactness, self.components)


class RunningEvaluation:
    """Measures one plan, then the plans that moves make of it.

    Parameters
    ----------
    plan
        Where to begin, feasible or not.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.owner: IndexArray = np.array(plan.owner)
        self._rules = (Coverage(), *(r for r in problem.rules if r.kind != Coverage.kind))
        self._stages = [(stage, stage_terms(problem, stage)) for stage in problem.objective.stages]
        self._prices: dict[str, float] = dict.fromkeys(WATCHED_TERMS, 0.0)
        for _, terms in self._stages:
            self._prices.update({term.name: term.weight for term in terms})
        names = {
            *table_measures(problem),
            *(rule.measured for rule in self._rules if isinstance(rule, TotalsRule)),
            *(name for name in self._prices if name in TRAVEL_TERMS),
        }
        owners, covers = len(problem.owners), len(problem.covers)
        self._values = {name: np.zeros(covers) for name in sorted(names)}
        self._totals = {name: np.zeros(owners) for name in sorted(names)}
        self._compactness = np.full(owners, np.nan)
        self._measure(np.arange(covers), range(owners))

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        return Plan(self.owner)

    def move(self, covers: IndexArray, owners: IndexArray) -> None:
        """Give covers to owners of their teams (-1 for nobody), (covers,) each."""
        touched = {*self.owner[covers].tolist(), *owners.tolist()} - {-1}
        self.owner[covers] = owners
        self._measure(covers, sorted(touched))

    def _measure(self, covers: IndexArray, owners: Iterable[int]) -> None:
        """Values of covers that have moved, and all sums of the owners concerned."""
        for name, values in self._values.items():
            values[covers] = self._assigned(name, covers)
        plan = self.plan
        for owner in owners:
            mine = np.flatnonzero(self.owner == owner)
            for name, values in self._values.items():
                added = np.bincount(np.zeros(len(mine), dtype=np.int64), values[mine], 1)
                self._totals[name][owner] = added[0]
            self._compactness[owner] = compactness(self.problem, plan, owner)

    def _assigned(self, name: str, covers: IndexArray) -> FloatArray:
        """Value of covers with the owners that they have now, (covers,)."""
        problem, owner = self.problem, self.owner[covers]
        if name not in PAIR_MEASURES:
            return np.where(owner >= 0, cover_values(problem, name)[covers], 0.0)
        values = np.zeros(len(covers))
        same_team = problem.owners.team[owner] == problem.covers.team[covers]
        travels = (owner >= 0) & same_team & problem.owners.holds_territory[owner]
        for index in range(len(problem.teams)):
            at = np.flatnonzero(travels & (problem.covers.team[covers] == index))
            values[at] = travel_values(problem, index, covers[at], owner[at], name)
        if name == "load":
            values = values + problem.covers.workload[covers]
        return np.where(owner >= 0, values, 0.0)

    def figures(self) -> Figures:
        """Everything that can be said of the plan as it is now."""
        problem, plan = self.problem, self.plan
        found: dict[str, tuple[Violation, ...]] = {}
        for rule in self._rules:
            if isinstance(rule, TotalsRule):
                found[rule.name] = rule.check_totals(problem, self._totals[rule.measured])
            else:
                found[rule.name] = rule.check(problem, plan)
        hard = [v for rule in self._rules if rule.hard for v in found[rule.name]]
        soft = [v for rule in self._rules if not rule.hard for v in found[rule.name]]
        values = {name: self._term(plan, name, found) for name in self._prices}
        return Figures(
            problem=problem,
            objectives={
                stage.name: float(sum(term.weight * values[term.name] for term in terms))
                for stage, terms in self._stages
            },
            terms={
                name: TermValue(values[name], term_unit(problem, name), price)
                for name, price in self._prices.items()
            },
            violations=(*hard, *soft),
            feasible=not hard,
            totals={name: totals.copy() for name, totals in self._totals.items()},
            compactness=self._compactness.copy(),
            components=components(problem, plan),
        )

    def _term(self, plan: Plan, name: str, found: Mapping[str, tuple[Violation, ...]]) -> float:
        if name.startswith("rule:"):
            return float(sum(v.amount for v in found[name.removeprefix("rule:")]))
        if name in self._values and name in TRAVEL_TERMS:
            return float(self._values[name].sum())
        return term_value(self.problem, plan, name)
