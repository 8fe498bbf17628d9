"""What no plan of a problem can be worth more than, proven without a solver.

T^b·S^(1−b) is concave and homogeneous, so for every ratio q > 0 it lies below its
tangent plane b·q^(1−b)·T + (1−b)·q^(−b)·S. Hours T = H − travel and pull S are sums
over the units of a rep; so are costs. With one q per team the total falls apart into
one choice per unit, and the best of each unit's choices adds up to a bound. Rules
are left out, which can only raise it; the best q of some is the least bound.
"""

from __future__ import annotations

import numpy as np

from ...models.arrays import BoolArray, FloatArray
from ...models.problem import Problem, Team
from ...models.rules import Lock
from .calibration import Calibration, overlay_pulls
from .facts import PlanFacts
from .figures import Figures

#: Tangents tried per team, in steps around the ratio of the whole team.
_STEPS = np.exp(np.linspace(-3.0, 3.0, 61))


def contribution_bound(facts: PlanFacts, figures: Figures, calibration: Calibration) -> float:
    """Contribution a year that no alignment of the facts' problem can pass."""
    pulls = calibration.cover_pulls(facts) + overlay_pulls(facts, figures)
    sales = calibration.cover_sales(facts)
    worth: float = sum(
        _team_bound(facts, figures, team, pulls, sales) for team in facts.problem.teams
    )
    return worth - facts.people - figures.management


def _team_bound(
    facts: PlanFacts, figures: Figures, team: Team, pulls: FloatArray, sales: FloatArray
) -> float:
    problem = facts.problem
    covers = slice(team.covers.start, team.covers.stop)
    who = slice(team.owners.start, team.owners.stop)
    index = problem.teams.index(team)
    travels = problem.owners.holds_territory[who]
    factor = problem.owners.productivity[who] * figures.hour_value.get(team.name, 1.0)
    factor = np.where(travels, factor, 0.0)
    hours = float((factor * problem.owners.hours[who]).sum())
    travel = np.nan_to_num(problem.travel_hours(index), nan=0.0)
    cost = _costs(facts, figures, team, travel)
    allowed = _allowed(problem, team)
    # Whoever has no hours for customers: today's sales, or what is left of them.
    kept = np.where(facts.attended_today[covers], figures.unattended, 1.0) * sales[covers]
    unattended = figures.margin * np.where(travels[None, :], 0.0, kept[:, None]) - cost
    pull = pulls[covers]
    if hours <= 0 or pull.sum() <= 0:
        return _best(unattended, allowed)
    bounds = []
    for ratio in pull.sum() / hours * _STEPS:
        per_hour = figures.response * ratio ** (1.0 - figures.response)
        per_pull = (1.0 - figures.response) * ratio ** (-figures.response)
        attended = figures.margin * (per_pull * pull[:, None] - per_hour * factor * travel) - cost
        worth = np.where(travels[None, :], np.maximum(attended, unattended), unattended)
        bounds.append(figures.margin * per_hour * hours + _best(worth, allowed))
    return float(min(bounds))


def _best(worth: FloatArray, allowed: BoolArray) -> float:
    """Sum over covers of the best allowed owner; 0 for a cover that nobody may have."""
    best = np.where(allowed, worth, -np.inf).max(axis=1, initial=-np.inf)
    return float(np.where(np.isfinite(best), best, 0.0).sum())


def _costs(facts: PlanFacts, figures: Figures, team: Team, travel: FloatArray) -> FloatArray:
    """Travel and disruption of each pair, plan currency a year, (covers, owners)."""
    problem = facts.problem
    covers = slice(team.covers.start, team.covers.stop)
    travels = problem.owners.holds_territory[team.owners.start : team.owners.stop]
    visits = problem.covers.visits[covers, None]
    driven = problem.touring.kilometres(visits, team.minutes, team.kilometres)
    nights = problem.touring.nights(visits, team.minutes)
    cost = figures.per_km * np.nan_to_num(np.where(travels, driven, 0.0))
    cost = cost + figures.per_night * np.nan_to_num(np.where(travels, nights, 0.0))
    cost = cost + figures.per_travel_hour * travel
    if facts.primary[covers].any():
        ids = np.array(problem.owners.ids, dtype=object)[team.owners.start : team.owners.stop]
        incumbents = np.array(problem.covers.incumbent_ids, dtype=object)[covers]
        leaves = facts.employed_today[covers, None] & (incumbents[:, None] != ids[None, :])
        loss = figures.margin * figures.disruption_loss * facts.sales[covers, None]
        cost = cost + np.where(leaves, loss, 0.0)
    return np.asarray(cost)


def _allowed(problem: Problem, team: Team) -> BoolArray:
    """Pairs that coverage allows: open owners, or closed ones where a lock names them."""
    who = slice(team.owners.start, team.owners.stop)
    allowed = np.tile(problem.owners.opens[who], (len(team.covers), 1))
    for rule in problem.rules:
        if isinstance(rule, Lock):
            for unit, owner in rule.owners.items():
                column = problem.owner_index[owner] - team.owners.start
                if 0 <= column < len(team.owners):
                    for cover in rule.covers(problem, unit, owner):
                        allowed[cover - team.covers.start, column] = True
    travels = problem.owners.holds_territory[who]
    return allowed & ~(travels[None, :] & np.isnan(team.minutes))
