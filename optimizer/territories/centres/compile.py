"""A territory problem whose bases are free, as a model of centres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....models.arrays import BoolArray, FloatArray
from ....models.fair_share import share_weights
from ....models.objective import Term
from ....models.problem import Problem, Team
from ....models.rules import Balance, Contiguity, Coverage, MeasureRange, Rule, SiteCapacity
from ....models.terms import stage_terms
from ....models.totals import PAIR_MEASURES, cover_values
from .medians import is_whole_model
from .model import CentreModel, centre_model
from .reach import Market

LOCATION_TERMS = ("distance", "inertia")

DENSE_UNITS = 5_000
"""Units up to which the cost of every pair is put down."""

WHOLE_UNITS = 1_500
"""Units up to which places and territories are searched together by a tree."""


def location_terms(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Those that count distance to bases."""
    return tuple(t for t in terms if t.name.partition(":")[0] in LOCATION_TERMS and t.weight > 0)


def placed_alone(problem: Problem) -> Team | None:
    """The one team, where all its owners are alike and to be placed."""
    team = problem.teams[0]
    owners = slice(team.owners.start, team.owners.stop)
    alone = (
        len(problem.teams) == 1
        and team.sites is not None
        and len(team.sites.owners) == len(team.owners)
        and bool(problem.owners.opens[owners].all())
    )
    return team if alone else None


def whole_model(problem: Problem) -> CentreModel | None:
    """The problem as it is, None where it has other rules or terms than the model knows.

    The first stage must be the only one, of terms that count distance to bases.
    """
    terms = stage_terms(problem, problem.objective.stages[0])
    if len(problem.objective.stages) > 1 or len(location_terms(terms)) < len(terms):
        return None
    hard = [rule for rule in problem.rules if rule.hard]
    if not all(_is_known(problem, rule) for rule in hard):
        return None
    if len(problem.covers) > WHOLE_UNITS and any(
        isinstance(rule, Balance | Contiguity) for rule in hard
    ):
        return None
    model = relaxed_model(problem)
    if model is not None and model.units > WHOLE_UNITS and not is_whole_model(model):
        return None
    if model is not None and not model.own_centre and (model.lower > 0).any():
        # The model may leave a centre without units, and then nobody carries its least.
        return None
    return model


def relaxed_market(problem: Problem) -> Market | None:
    """As :func:`relaxed_model` without contiguity, sparse: for distances between points."""
    team = placed_alone(problem)
    terms = location_terms(stage_terms(problem, problem.objective.stages[0]))
    if team is None or team.sites is None or team.sites.points is None or not terms:
        return None
    if any(term.name.partition(":")[0] != "distance" for term in terms):
        return None
    weight = np.zeros(len(problem.covers))
    for term in terms:
        weight += term.weight * cover_values(problem, term.name.partition(":")[2])
    rules = [rule for rule in problem.rules if rule.hard and _is_known(problem, rule)]
    amounts, lower, upper = _limits(problem, rules)
    return Market(
        team.sites.points, weight * team.sites.factor, np.ascontiguousarray(amounts),
        np.ascontiguousarray(lower.T), np.ascontiguousarray(upper.T), len(team.owners),
    )  # fmt: skip


def relaxed_model(problem: Problem) -> CentreModel | None:
    """What the model knows of the problem's hard rules and its first stage.

    None of the first stage's plans costs less in this model.
    """
    team = placed_alone(problem)
    stage = problem.objective.stages[0]
    terms = location_terms(stage_terms(problem, stage))
    if team is None or team.sites is None or not terms or len(team.covers) > DENSE_UNITS:
        return None
    rules = [rule for rule in problem.rules if rule.hard and _is_known(problem, rule)]
    contiguous = [rule for rule in rules if isinstance(rule, Contiguity)]
    activities, lower, upper = _limits(problem, rules)
    edges = None
    if contiguous and team.sites.inside:
        edges = team.neighbours.pairs[passable(problem, team, contiguous)]
    return centre_model(
        unit_costs(problem, team, terms), len(team.owners), activities=activities, lower=lower,
        upper=upper, edges=edges, own_centre=team.sites.inside,
    )  # fmt: skip


def unit_costs(problem: Problem, team: Team, terms: Sequence[Term]) -> FloatArray:
    """Cost of each cover of the team from each, (covers, covers); inf where there is no way."""
    n = len(team.covers)
    cost = np.zeros((n, n))
    if team.sites is None:
        return cost
    kilometres = team.sites.kilometres(np.arange(n))
    for term in terms:
        kind, _, measure = term.name.partition(":")
        values = cover_values(problem, measure)[:, None]
        cost += term.weight * values * (kilometres if kind == "distance" else kilometres**2)
    return np.where(np.isnan(kilometres), np.inf, cost)


def _is_known(problem: Problem, rule: Rule) -> bool:
    if isinstance(rule, Balance):
        share = share_weights(problem, 0, rule.target)
        return rule.measure not in PAIR_MEASURES and bool(np.ptp(share) <= 1e-12)
    if isinstance(rule, MeasureRange):
        return rule.measure not in PAIR_MEASURES
    if isinstance(rule, Contiguity):
        sites = problem.teams[0].sites
        return sites is not None and sites.inside
    if isinstance(rule, SiteCapacity):
        return not rule.bases and rule.measure not in PAIR_MEASURES
    return isinstance(rule, Coverage)


def limits_of(
    problem: Problem, rules: Sequence[Rule]
) -> tuple[list[FloatArray], list[FloatArray], list[FloatArray]]:
    """Measures of the covers, and their limits at each site, (covers,) each."""
    n = len(problem.covers)
    amounts, lower, upper = [], [], []
    for rule in rules:
        if isinstance(rule, Balance):
            values = cover_values(problem, rule.measure)
            fair = values.sum() * float(share_weights(problem, 0, rule.target).mean())
            low, high = fair * (1 - rule.tolerance), fair * (1 + rule.tolerance)
            limits = np.full(n, low), np.full(n, high)
        elif isinstance(rule, MeasureRange):
            values = cover_values(problem, rule.measure)
            limits = np.full(n, rule.minimum), np.full(n, rule.maximum)
        elif isinstance(rule, SiteCapacity):
            values = cover_values(problem, rule.measure)
            limits = np.full(n, -np.inf), problem.covers.measures[rule.capacity].copy()
        else:
            continue
        amounts.append(values)
        lower.append(limits[0])
        upper.append(limits[1])
    return amounts, lower, upper


def _limits(problem: Problem, rules: Sequence[Rule]) -> tuple[FloatArray, FloatArray, FloatArray]:
    n = len(problem.covers)
    found = limits_of(problem, rules)
    amounts, lower, upper = (np.array(each).reshape(-1, n) for each in found)
    return amounts, lower, upper


def passable(problem: Problem, team: Team, rules: Sequence[Contiguity]) -> BoolArray:
    """Which of a team's neighbour pairs no barrier of the rules parts, (pairs,)."""
    barred = set().union(*(rule.barrier_pairs(problem) for rule in rules))
    pairs = team.neighbours.pairs.tolist()
    return np.array([tuple(pair) not in barred for pair in pairs], dtype=np.bool_)
