"""Plans that a stage begins from: a given one, today's alignment, in terms of its model."""

from __future__ import annotations

import numpy as np

from ....models.arrays import IndexArray
from ....models.plan import Plan
from ....models.problem import Problem
from ....models.rules import DisruptionCap
from ..model import AssignmentModel


def capped_incumbent(problem: Problem) -> Plan | None:
    """Today's alignment where a hard rule caps what may leave it: every plan lies near it."""
    capped = any(isinstance(rule, DisruptionCap) and rule.hard for rule in problem.rules)
    return Plan.incumbent(problem) if capped else None


def todays_owners(problem: Problem, model: AssignmentModel) -> tuple[IndexArray, ...]:
    """Today's alignment as one more plan to begin from; none where nobody has anything."""
    if not (problem.covers.incumbent >= 0).any():
        return ()
    return (item_owners(model, Plan.incumbent(problem)),)


def item_owners(model: AssignmentModel, plan: Plan) -> IndexArray:
    """Owners of items by a plan, (items,); items it does not settle get the cheapest one."""
    leader = np.full(model.items, len(model.item_of_cover), dtype=np.int64)
    np.minimum.at(leader, model.item_of_cover, np.arange(len(model.item_of_cover)))
    owners = plan.owner[leader]
    inside = (owners >= model.first) & (owners < model.last)
    pair = model.start + np.where(inside, owners - model.first, 0)
    inside &= model.allowed[pair]
    cheapest = np.where(model.allowed, model.cost, np.inf)
    for item in np.flatnonzero(~inside).tolist():
        begin = int(model.start[item])
        span = cheapest[begin : begin + int(model.last[item] - model.first[item])]
        owners[item] = model.first[item] + int(span.argmin())
    return np.asarray(owners, dtype=np.int64)


def each_has_an_owner(model: AssignmentModel) -> bool:
    """Whether every item has an owner who may have it."""
    return not model.items or bool(np.logical_or.reduceat(model.allowed, model.start).all())
