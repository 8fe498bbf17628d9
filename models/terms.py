"""What can be made small: the terms of an objective, each in its own natural unit.

=======================  =============================================================
``travel_hours``         hours of travel in the plan period
``travel_km``            kilometres of line haul in the plan period
``nights``               nights away from home in the plan period
``distance:<measure>``   Σ measure × km from the owner's base, one way
``inertia:<measure>``    Σ measure × km² from the owner's base (Hess et al. 1965)
``deviation:<measure>``  Σ over owners of |carried − fair share by capacity|
``disruption:<measure>`` measure of covers that leave an incumbent who is still there
``cut_edges``            neighbour pairs with different owners
``farthest_km``          largest distance from a base to a unit of its territory, one way
                         (p-center)
``diameter_km``          largest distance between two units of one territory
``rule:<name>``          by how much a soft rule is broken, summed over its subjects
=======================  =============================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .arrays import FloatArray
from .errors import did_you_mean
from .fair_share import share_weights
from .objective import Objective, Stage, Term
from .rules import Balance, Capacity, Rule, moved
from .rules.groups import largest_distance
from .totals import (
    assigned_values,
    cover_values,
    measure_problem,
    measure_unit,
    owner_totals,
    travelled_pairs,
)

if TYPE_CHECKING:
    from .plan import Plan
    from .problem import Problem

TRAVEL_TERMS = ("travel_hours", "travel_km", "nights")
LARGEST_TERMS = ("farthest_km", "diameter_km")
PLAIN_TERMS = (*TRAVEL_TERMS, "cut_edges", *LARGEST_TERMS)
MEASURE_TERMS = ("distance", "inertia", "deviation", "disruption")


@dataclass(frozen=True)
class TermValue:
    """A term of a plan: its value in natural units, the unit, and its price there."""

    value: float
    unit: str
    price: float


def term_problem(problem: Problem, name: str) -> str | None:
    """Say what is wrong with a term's name, or nothing."""
    kind, _, argument = name.partition(":")
    if kind == "rule":
        rules = {rule.name: rule for rule in problem.rules}
        if argument not in rules:
            return f"there is no rule {argument!r}; {did_you_mean(argument, rules)}"
        return (
            f"rule {argument!r} is hard; only soft rules can be minimised"
            if (rules[argument].hard)
            else None
        )
    if kind in MEASURE_TERMS:
        fault = measure_problem(problem, argument, of_covers=kind != "deviation")
        return f"{fault} (in the term {name!r})" if fault else None
    if name in PLAIN_TERMS:
        return None
    known = (*PLAIN_TERMS, *(f"{each}:sales" for each in MEASURE_TERMS))
    known = (*known, *(f"rule:{rule.name}" for rule in problem.rules if not rule.hard))
    return f"there is no term {name!r}; {did_you_mean(name, known)}"


def term_unit(problem: Problem, name: str) -> str:
    """Natural unit of a term."""
    kind, _, argument = name.partition(":")
    if kind == "rule":
        rule = next(rule for rule in problem.rules if rule.name == argument)
        return rule.amount_unit(problem)
    if kind == "distance":
        return f"{measure_unit(problem, argument)} × km"
    if kind == "inertia":
        return f"{measure_unit(problem, argument)} × km²"
    if kind in MEASURE_TERMS:
        return measure_unit(problem, argument)
    if name in LARGEST_TERMS:
        return "km"
    return "borders" if name == "cut_edges" else measure_unit(problem, name)


def term_value(problem: Problem, plan: Plan, name: str) -> float:
    """Value of one term of a plan, computed from the problem's raw input."""
    kind, _, argument = name.partition(":")
    if kind == "rule":
        rule = next(rule for rule in problem.rules if rule.name == argument)
        return sum(violation.amount for violation in rule.check(problem, plan))
    if name in TRAVEL_TERMS:
        return float(assigned_values(problem, plan, name).sum())
    if kind == "disruption":
        return float(cover_values(problem, argument)[moved(problem, plan)].sum())
    if kind in ("distance", "inertia"):
        power = 1 if kind == "distance" else 2
        return float((cover_values(problem, argument) * assigned_km(problem, plan) ** power).sum())
    if kind == "deviation":
        return _deviation(problem, plan, argument)
    if name == "farthest_km":
        return float(assigned_km(problem, plan).max(initial=0.0))
    if name == "diameter_km":
        return _diameter_km(problem, plan)
    return float(_cut_edges(problem, plan))


def assigned_km(problem: Problem, plan: Plan) -> FloatArray:
    """Kilometres from each cover's owner, one way; 0 where nobody travels, (covers,)."""
    kilometres = np.zeros(len(problem.covers))
    for index, team in enumerate(problem.teams):
        covers, owners = travelled_pairs(problem, plan, index)
        kilometres[covers] = team.kilometres[covers - team.covers.start, owners - team.owners.start]
    return np.nan_to_num(kilometres, nan=0.0)


def _deviation(problem: Problem, plan: Plan, measure: str) -> float:
    totals = owner_totals(problem, plan, measure)
    deviation = 0.0
    for index, team in enumerate(problem.teams):
        span = slice(team.owners.start, team.owners.stop)
        carried = totals[span][problem.owners.holds_territory[span]]
        weights = share_weights(problem, index)[problem.owners.holds_territory[span]]
        deviation += float(np.abs(carried - weights * carried.sum()).sum())
    return deviation


def _diameter_km(problem: Problem, plan: Plan) -> float:
    largest = 0.0
    for owner in np.flatnonzero(problem.owners.holds_territory).tolist():
        unit = problem.covers.unit[plan.owner == owner]
        lat, lon = problem.units.latitude[unit], problem.units.longitude[unit]
        placed = np.isfinite(lat)
        largest = max(largest, largest_distance(lat[placed], lon[placed]))
    return largest


def _cut_edges(problem: Problem, plan: Plan) -> int:
    return sum(
        int(
            (
                plan.owner[team.neighbours.pairs[:, 0]] != plan.owner[team.neighbours.pairs[:, 1]]
            ).sum()
        )
        for team in problem.teams
    )


def stage_terms(problem: Problem, stage: Stage) -> tuple[Term, ...]:
    """Terms that a stage really minimises.

    Soft rules with a price, that no stage names, join the last stage.
    """
    if stage is not problem.objective.stages[-1]:
        return stage.terms
    named = {term.name for each in problem.objective.stages for term in each.terms}
    priced = tuple(
        Term(f"rule:{rule.name}", rule.price)
        for rule in problem.rules
        if not rule.hard and rule.price > 0 and f"rule:{rule.name}" not in named
    )
    return (*stage.terms, *priced)


def stage_value(problem: Problem, plan: Plan, stage: Stage) -> float:
    """Weighted sum of a stage's terms."""
    return sum(
        term.weight * term_value(problem, plan, term.name) for term in stage_terms(problem, stage)
    )


def default_objective(rules: Sequence[Rule], totals: dict[str, float] | None = None) -> Objective:
    """Strict order capacity, balance, travel, disruption.

    Nobody has response functions in the first week, so this order judges a plan
    until money terms are given.

    Parameters
    ----------
    totals
        Total of each balanced measure; balance rules are weighed by 1 / total so
        that one stage can add up several measures. Weight 1 where unknown.
    """
    totals = totals or {}
    capacity = {f"rule:{r.name}": 1.0 for r in rules if isinstance(r, Capacity) and not r.hard}
    balance = {
        f"rule:{r.name}": 1.0 / totals.get(r.measure, 1.0)
        for r in rules
        if isinstance(r, Balance) and not r.hard
    }
    stages = [("capacity", capacity), ("balance", balance)]
    stages += [("travel", {"travel_hours": 1.0}), ("disruption", {"disruption:sales": 1.0})]
    return Objective.in_order([(name, terms) for name, terms in stages if terms])
