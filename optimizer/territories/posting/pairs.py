"""Who may have what, and what it costs: coverage, locks, skills, distance, changes of hands."""

from __future__ import annotations

import numpy as np

from ....models.arrays import BoolArray, FloatArray
from ....models.rules import (
    Coverage,
    DisruptionCap,
    Forbid,
    IncumbentPreference,
    Lock,
    MaximumDistance,
    Skills,
    named_covers,
)
from ....models.totals import cover_values
from ..model import Budget
from .draft import Draft


def post_pairs(draft: Draft, name: str, amounts: FloatArray, price: float) -> None:
    """Forbid the pairs with an amount, or price it."""
    if np.isinf(price):
        draft.forbid(name, amounts > 0)
    else:
        draft.cost += price * amounts


def post_coverage(rule: Coverage, draft: Draft, price: float) -> None:
    """Only open owners, or locked ones, to whom there is a way. One owner is the model's own."""
    del price
    closed = ~draft.problem.owners.opens[draft.owner_of_pair]
    for cover, owner in draft.locked:
        closed[draft.pair(cover, owner)] = False
    draft.forbid(rule.name, closed | np.isnan(draft.minutes()))


def post_lock(rule: Lock, draft: Draft, price: float) -> None:
    """Locked covers go to their owner."""
    others = np.zeros(draft.pairs)
    for unit, owner in sorted(rule.owners.items()):
        index = draft.problem.owner_index[owner]
        for cover in rule.covers(draft.problem, unit, owner):
            width = draft.last[cover] - draft.first[cover]
            others[draft.start[cover] : draft.start[cover] + width] += 1.0
            others[draft.pair(cover, index)] -= 1.0
    post_pairs(draft, rule.name, others, price)


def post_forbid(rule: Forbid, draft: Draft, price: float) -> None:
    """Forbidden pairs are not chosen."""
    amounts = np.zeros(draft.pairs)
    for unit, owner in rule.pairs:
        index = draft.problem.owner_index[owner]
        for cover in named_covers(draft.problem, unit):
            if draft.first[cover] <= index < draft.last[cover]:
                amounts[draft.pair(cover, index)] += 1.0
    post_pairs(draft, rule.name, amounts, price)


def post_skills(rule: Skills, draft: Draft, price: float) -> None:
    """Owners without the skills are not chosen."""
    amounts = np.zeros(draft.pairs)
    needs = draft.problem.units.required_skills
    unit = draft.problem.covers.unit
    for index in draft.problem.owner_teams(rule.teams):
        team = draft.problem.teams[index]
        for cover in team.covers:
            if needs[unit[cover]]:
                for owner in team.owners:
                    lacking = len(rule.lacking(draft.problem, cover, owner))
                    amounts[draft.pair(cover, owner)] = float(lacking)
    post_pairs(draft, rule.name, amounts, price)


def post_maximum_distance(rule: MaximumDistance, draft: Draft, price: float) -> None:
    """Pairs beyond the limit are not chosen."""
    who = draft.owners_of(rule.teams)[draft.owner_of_pair]
    excess = rule.excess(draft.kilometres(), np.nan_to_num(draft.minutes()))
    excess = np.where(excess > 1e-6, excess, 0.0)
    post_pairs(draft, rule.name, np.where(who, excess, 0.0), price)


def moves(draft: Draft) -> BoolArray:
    """Pairs that take a cover from an incumbent who is still there, (pairs,)."""
    incumbent = draft.problem.covers.incumbent[draft.cover_of_pair]
    return np.asarray((incumbent >= 0) & (incumbent != draft.owner_of_pair))


def post_disruption_cap(rule: DisruptionCap, draft: Draft, price: float) -> None:
    """What leaves its incumbent, together or rep by rep, stays below a share of the book."""
    problem = draft.problem
    values = cover_values(problem, rule.measure)
    lost = np.where(moves(draft), values[draft.cover_of_pair], 0.0)
    held = problem.covers.incumbent
    if rule.scope == "all":
        book = float(values[held >= 0].sum())
        draft.budgets.append(Budget(rule.name, lost, rule.share * book, price))
        return
    # Summed over an incumbent's covers, so it is a budget each, whoever takes them.
    for owner in np.unique(held[held >= 0]).tolist():
        own = np.where(held[draft.cover_of_pair] == owner, lost, 0.0)
        book = float(values[held == owner].sum())
        draft.budgets.append(Budget(rule.name, own, rule.share * book, price))


def post_incumbent_preference(rule: IncumbentPreference, draft: Draft, price: float) -> None:
    """Each change of hands has a price."""
    amounts = np.where(moves(draft), rule.amounts(draft.problem)[draft.cover_of_pair], 0.0)
    post_pairs(draft, rule.name, amounts, price)
