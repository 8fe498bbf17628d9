"""Each owner's fair share of a measure: the target that balance is measured against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .arrays import FloatArray

if TYPE_CHECKING:
    from .problem import Problem

EQUAL = "equal"
BY_CAPACITY = "capacity"


def share_weights(
    problem: Problem, team: int, target: str | Mapping[str, float] = BY_CAPACITY
) -> FloatArray:
    """Share of the team's total that each of its owners should carry, (team owners,).

    Only owners with a territory of their own take part (reps, vacancies); the
    shares of the others are 0. Shares add up to 1 where anybody takes part.

    Parameters
    ----------
    target
        ``equal``, ``capacity`` (by hours in the plan period), or weights by owner
        id (owners that are not named weigh 0).
    """
    owners = problem.teams[team].owners
    span = slice(owners.start, owners.stop)
    takes_part = problem.owners.holds_territory[span]
    if isinstance(target, str):
        weights = (
            np.ones(len(owners)) if target == EQUAL else problem.owners.hours[span].astype(float)
        )
    else:
        weights = np.array([target.get(problem.owners.ids[owner], 0.0) for owner in owners])
    weights = np.where(takes_part, weights, 0.0)
    total = weights.sum()
    return np.asarray(weights / total if total > 0 else weights)
