"""Everything that can be said of a plan without a solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ..placement import placed
from ..plan import Plan
from ..problem import Problem
from ..rules import Coverage, Violation
from ..terms import TermValue, stage_terms, term_unit, term_value
from .moves import assignment_table
from .territories import territory_table


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A plan measured.

    Parameters
    ----------
    objectives
        Value of each stage of the problem's objective, by stage name, in order.
    terms
        Each term of the objective in its natural unit, and travel and disruption always.
    violations
        Broken rules, hard ones first.
    feasible
        Whether every hard rule holds.
    territories
        One row per owner: the contract's ``territories.csv``.
    assignments
        One row per whole unit, team and owner: the contract's ``assignments.csv``.
    """

    objectives: Mapping[str, float]
    terms: Mapping[str, TermValue]
    violations: tuple[Violation, ...]
    feasible: bool
    territories: pd.DataFrame
    assignments: pd.DataFrame


WATCHED_TERMS = ("travel_hours", "travel_km", "disruption:units", "disruption:sales")


def evaluate(problem: Problem, plan: Plan) -> Evaluation:
    """Measure a plan, feasible or not, against all rules and terms of its problem.

    Owners that are to be placed are measured where the plan places them, or at the best
    unit of their territory.
    """
    problem = placed(problem, plan)
    rules = (Coverage(), *(rule for rule in problem.rules if rule.kind != Coverage.kind))
    found = {rule.name: rule.check(problem, plan) for rule in rules}
    hard = [violation for rule in rules if rule.hard for violation in found[rule.name]]
    soft = [violation for rule in rules if not rule.hard for violation in found[rule.name]]
    stages = [(stage, stage_terms(problem, stage)) for stage in problem.objective.stages]
    prices: dict[str, float] = dict.fromkeys(WATCHED_TERMS, 0.0)
    for _, stage_prices in stages:
        prices.update({term.name: term.weight for term in stage_prices})
    values = {name: _value(problem, plan, name, found) for name in prices}
    terms = {
        name: TermValue(values[name], term_unit(problem, name), price)
        for name, price in prices.items()
    }
    objectives = {
        stage.name: float(sum(term.weight * values[term.name] for term in stage_prices))
        for stage, stage_prices in stages
    }
    return Evaluation(
        objectives=objectives,
        terms=terms,
        violations=(*hard, *soft),
        feasible=not hard,
        territories=territory_table(problem, plan),
        assignments=assignment_table(problem, plan),
    )


def _value(
    problem: Problem, plan: Plan, name: str, found: Mapping[str, tuple[Violation, ...]]
) -> float:
    """Value of a term; a rule's is the sum of what its check found already."""
    if name.startswith("rule:"):
        return float(sum(violation.amount for violation in found[name.removeprefix("rule:")]))
    return term_value(problem, plan, name)
