"""What each owner of a plan carries: sums of a measure over its covers.

A *measure* is the name of a column of :class:`teig.models.problem.Covers.measures`
(``potential``, ``sales``, ``accounts`` …) or one of

==============  ===============================================  ======
name            meaning                                          unit
==============  ===============================================  ======
load            workload and travel                              hours
workload        hours with customers                             hours
travel_hours    travel by the problem's touring                  hours
travel_km       kilometres driven, two line hauls a tour         km
visits          visits at the customer's                         visits
covers          number of covers                                 covers
units           shares of whole units                            units
==============  ===============================================  ======
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .arrays import FloatArray

if TYPE_CHECKING:
    from .plan import Plan
    from .problem import Problem

BUILT_IN_UNITS = {
    "load": "hours",
    "workload": "hours",
    "travel_hours": "hours",
    "travel_km": "km",
    "visits": "visits",
    "covers": "covers",
    "units": "units",
    "accounts": "accounts",
}
PAIR_MEASURES = ("load", "travel_hours", "travel_km")
MONEY_MEASURES = ("potential", "sales")


def is_measure(problem: Problem, name: str) -> bool:
    """Whether the problem knows a measure of this name."""
    return name in problem.covers.measures or name in BUILT_IN_UNITS


def measure_unit(problem: Problem, name: str) -> str:
    """Natural unit of a measure; money measures are a year's, in the plan currency."""
    if name in MONEY_MEASURES:
        return f"{problem.currency}/year"
    return BUILT_IN_UNITS.get(name, name)


def cover_values(problem: Problem, name: str) -> FloatArray:
    """One value per cover of a measure that does not depend on the owner, (covers,)."""
    covers = problem.covers
    if name in covers.measures:
        return covers.measures[name]
    if name == "workload":
        return covers.workload
    if name == "visits":
        return covers.visits
    if name == "covers":
        return np.ones(len(covers))
    if name == "units":
        return problem.units.shares[covers.unit]
    raise KeyError(name)


def assigned_values(problem: Problem, plan: Plan, name: str) -> FloatArray:
    """Value of each cover with the owner that it has; 0 where it has none, (covers,)."""
    if name in PAIR_MEASURES:
        values = _assigned_travel(problem, plan, name)
        if name == "load":
            values = values + problem.covers.workload
    else:
        values = cover_values(problem, name)
    return np.where(plan.owner >= 0, values, 0.0)


def _assigned_travel(problem: Problem, plan: Plan, name: str) -> FloatArray:
    """Travel of the assigned pairs only, from minutes and kilometres as given."""
    values = np.zeros(len(problem.covers))
    touring = problem.touring
    for team in problem.teams:
        covers = np.arange(team.covers.start, team.covers.stop)
        owners = plan.owner[covers]
        inside = (owners >= team.owners.start) & (owners < team.owners.stop)
        inside[inside] &= problem.owners.holds_territory[owners[inside]]
        rows, columns = np.flatnonzero(inside), owners[inside] - team.owners.start
        visits = problem.covers.visits[covers[rows]]
        minutes, kilometres = team.minutes[rows, columns], team.kilometres[rows, columns]
        if name == "travel_km":
            values[covers[rows]] = touring.kilometres(visits, minutes, kilometres)
        else:
            values[covers[rows]] = touring.hours(visits, minutes)
    return values


def owner_totals(problem: Problem, plan: Plan, name: str) -> FloatArray:
    """Sum of a measure per owner, (owners,)."""
    values = assigned_values(problem, plan, name)
    held = plan.owner >= 0
    return np.bincount(plan.owner[held], weights=values[held], minlength=len(problem.owners))
