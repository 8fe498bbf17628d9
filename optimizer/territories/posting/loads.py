"""What owners carry, within limits: capacity, balance, ranges, sites, nights."""

from __future__ import annotations

import numpy as np

from ....models.fair_share import share_weights
from ....models.rules import (
    TOLERANCE,
    Balance,
    Capacity,
    MeasureRange,
    Overnights,
    SiteCapacity,
)
from ....models.totals import PAIR_MEASURES
from .draft import Draft


def post_capacity(rule: Capacity, draft: Draft, price: float) -> None:
    """Load of each owner at most its hours."""
    who = draft.owners_of(rule.teams)
    upper = np.where(who, draft.problem.owners.hours * rule.limit, np.inf)
    draft.limit(rule.name, draft.pair_values("load"), who, price, upper=upper)


def post_balance(rule: Balance, draft: Draft, price: float, dead_zone: float = TOLERANCE) -> None:
    """A measure of each owner near its share of the team's total, team by team.

    Where nothing of the total can go elsewhere it is a constant and the limits are
    fixed numbers; else they move with it.
    """
    problem = draft.problem
    for index in problem.owner_teams(rule.teams):
        who = draft.owners_of((problem.teams[index].name,))
        owners = problem.teams[index].owners
        share = np.zeros(len(problem.owners))
        share[owners.start : owners.stop] = share_weights(problem, index, rule.target)
        values = draft.pair_values(rule.measure)
        low, high = share * (1 - rule.tolerance), share * (1 + rule.tolerance)
        draft.limit(
            rule.name,
            values,
            who,
            price,
            lower=np.where(who, 0.0, -np.inf),
            upper=np.where(who, 0.0, np.inf),
            lower_share=np.where(who, low, 0.0),
            upper_share=np.where(who, high, 0.0),
            per_item=rule.measure not in PAIR_MEASURES,
            tolerance=dead_zone,
        )


def post_range(rule: MeasureRange, draft: Draft, price: float) -> None:
    """A measure of each owner between two numbers."""
    who = draft.owners_of(rule.teams)
    draft.limit(
        rule.name,
        draft.pair_values(rule.measure),
        who,
        price,
        lower=np.where(who, rule.minimum, -np.inf),
        upper=np.where(who, rule.maximum, np.inf),
        per_item=rule.measure not in PAIR_MEASURES,
    )


def post_site_capacity(rule: SiteCapacity, draft: Draft, price: float) -> None:
    """A measure of each owner within what the site of its base can carry."""
    who = np.isfinite(rule.limits(draft.problem))
    values = draft.pair_values(rule.measure)
    per_item = rule.measure not in PAIR_MEASURES
    upper = rule.limits(draft.problem)
    draft.limit(rule.name, values, who, price, upper=upper, per_item=per_item)


def post_overnights(rule: Overnights, draft: Draft, price: float) -> None:
    """Nights of each owner at most so many."""
    who = draft.owners_of(rule.teams)
    upper = np.where(who, rule.maximum, np.inf)
    draft.limit(rule.name, draft.pair_values("nights"), who, price, upper=upper)
