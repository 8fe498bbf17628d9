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
nights          nights away from home                            nights
visits          visits at the customer's                         visits
covers          number of covers                                 covers
units           shares of whole units                            units
==============  ===============================================  ======
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .arrays import FloatArray, IndexArray
from .errors import did_you_mean

if TYPE_CHECKING:
    from .plan import Plan
    from .problem import Problem

BUILT_IN_UNITS = {
    "load": "hours",
    "workload": "hours",
    "travel_hours": "hours",
    "travel_km": "km",
    "nights": "nights",
    "visits": "visits",
    "covers": "covers",
    "units": "units",
    "accounts": "accounts",
}
PAIR_MEASURES = ("load", "travel_hours", "travel_km", "nights")
MONEY_MEASURES = ("potential", "sales")


def is_measure(problem: Problem, name: str) -> bool:
    """Whether the problem knows a measure of this name."""
    return name in problem.covers.measures or name in BUILT_IN_UNITS


def measure_problem(problem: Problem, name: str, *, of_covers: bool = False) -> str | None:
    """Say what is wrong with a measure's name, or nothing.

    Parameters
    ----------
    of_covers
        Whether the measure must not depend on who the owner is.
    """
    if not is_measure(problem, name):
        known = {*problem.covers.measures, *BUILT_IN_UNITS}
        return f"there is no measure {name!r}; {did_you_mean(name, known)}"
    if of_covers and name in PAIR_MEASURES:
        return f"the measure {name!r} depends on the owner; take another, sales or workload say"
    return None


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


def served_pairs(problem: Problem, plan: Plan, team: int) -> tuple[IndexArray, IndexArray]:
    """Covers of a team that one of its owners has, and those owners, both global indices."""
    span = problem.teams[team].covers
    owners = plan.owner[span.start : span.stop]
    range_ = problem.teams[team].owners
    inside = np.flatnonzero((owners >= range_.start) & (owners < range_.stop))
    return inside + span.start, owners[inside]


def travelled_pairs(problem: Problem, plan: Plan, team: int) -> tuple[IndexArray, IndexArray]:
    """As :func:`served_pairs`, of owners that travel and where there is a way."""
    covers, owners = served_pairs(problem, plan, team)
    block = problem.teams[team]
    minutes = block.minutes[covers - block.covers.start, owners - block.owners.start]
    keep = problem.owners.holds_territory[owners] & ~np.isnan(minutes)
    return covers[keep], owners[keep]


def _assigned_travel(problem: Problem, plan: Plan, name: str) -> FloatArray:
    """Travel of the assigned pairs only, from minutes and kilometres as given.

    A pair without a way counts as no travel: coverage names it.
    """
    values = np.zeros(len(problem.covers))
    for index in range(len(problem.teams)):
        covers, owners = travelled_pairs(problem, plan, index)
        values[covers] = travel_values(problem, index, covers, owners, name)
    return values


def travel_values(
    problem: Problem, team: int, covers: IndexArray, owners: IndexArray, name: str
) -> FloatArray:
    """Travel of pairs of a team's covers and owners, by a pair measure; 0 for no way, (pairs,)."""
    block, touring = problem.teams[team], problem.touring
    rows, columns = covers - block.covers.start, owners - block.owners.start
    visits, minutes = problem.covers.visits[covers], block.minutes[rows, columns]
    if name == "travel_km":
        values = touring.kilometres(visits, minutes, block.kilometres[rows, columns])
    elif name == "nights":
        values = touring.nights(visits, minutes)
    else:
        values = touring.hours(visits, minutes)
    return np.nan_to_num(values, nan=0.0)


def owner_totals(problem: Problem, plan: Plan, name: str) -> FloatArray:
    """Sum of a measure per owner, (owners,)."""
    values = assigned_values(problem, plan, name)
    held = plan.owner >= 0
    totals = np.bincount(plan.owner[held], weights=values[held], minlength=len(problem.owners))
    return totals.astype(np.float64)
