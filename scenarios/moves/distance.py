"""How far a unit is from an owner."""

from __future__ import annotations

import numpy as np

from ...models.arrays import IndexArray
from ...models.geodesy import great_circle_km
from ...models.problem import Problem


def kilometres(problem: Problem, owner: int, team: int, covers: IndexArray) -> float | None:
    """Kilometres one way from an owner's base, mean over the parts of the unit."""
    if owner < 0 or not problem.owners.holds_territory[owner]:
        return None
    if owner in problem.teams[team].owners:
        block = problem.teams[team]
        rows = covers - block.covers.start
        away = float(block.kilometres[rows, owner - block.owners.start].mean())
    else:
        unit = problem.covers.unit[covers]
        away = float(
            great_circle_km(
                problem.owners.latitude[owner],
                problem.owners.longitude[owner],
                problem.units.latitude[unit],
                problem.units.longitude[unit],
            ).mean()
        )
    return away if np.isfinite(away) else None
