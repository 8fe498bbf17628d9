"""A problem with the bases where a plan puts them; rules and terms then need nothing new."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import numpy as np

from .arrays import FloatArray, IndexArray
from .plan import Plan
from .problem import Problem
from .rules import BaseInTerritory, Rule
from .rules.sites import SiteCapacity
from .sites import Sites
from .totals import cover_values, is_measure

#: Name of the rule that a placed base lies in its own territory.
INSIDE = "base_of_its_own"


def free_owners(problem: Problem) -> IndexArray:
    """Owners whose base is to be placed, global indices, ascending."""
    lists = [team.sites.owners for team in problem.teams if team.sites is not None]
    return np.concatenate(lists) if lists else np.zeros(0, dtype=np.int64)


def located(problem: Problem, plan: Plan) -> Plan:
    """The plan with a centre for every owner that is to be placed.

    Centres that the plan names stay. Others are the best covers of their territories
    under the first term of the objective that counts distance to bases, or by mere
    distance; an owner without a territory gets none, -1.
    """
    return replace(plan, centres=_centres(problem, plan)) if len(free_owners(problem)) else plan


def _centres(problem: Problem, plan: Plan) -> IndexArray:
    centres = np.full(len(problem.owners), -1, dtype=np.int64)
    if plan.centres is not None:
        centres[:] = plan.centres
    weight, power = _weights(problem)
    for team in problem.teams:
        if team.sites is None:
            continue
        for owner in team.sites.owners[centres[team.sites.owners] < 0].tolist():
            held = np.flatnonzero(plan.owner == owner)
            held = held[(held >= team.covers.start) & (held < team.covers.stop)]
            if held.size:
                rows = held - team.covers.start
                centres[owner] = held[_best(team.sites, rows, weight[held], power)]
    return centres


def _weights(problem: Problem) -> tuple[FloatArray, int]:
    """What distances to bases weigh, per cover, and their power."""
    for stage in problem.objective.stages:
        for term in stage.terms:
            kind, _, measure = term.name.partition(":")
            if kind in ("distance", "inertia") and is_measure(problem, measure):
                return cover_values(problem, measure), 1 if kind == "distance" else 2
    return np.ones(len(problem.covers)), 1


def _best(sites: Sites, rows: IndexArray, weight: FloatArray, power: int) -> int:
    """Position in ``rows`` of the cover with the least weighted distance to the others."""
    total = np.empty(len(rows))
    for begin in range(0, len(rows), 512):
        some = rows[begin : begin + 512]
        total[begin : begin + 512] = weight @ (sites.kilometres(some)[rows] ** power)
    return int(np.nan_to_num(total, nan=np.inf).argmin())


def placed(problem: Problem, plan: Plan) -> Problem:
    """The problem with bases at the plan's centres, and nothing left to place.

    An owner without a centre cannot travel anywhere: it has no way to any unit.
    """
    if not len(free_owners(problem)):
        return problem
    centres = _centres(problem, plan)
    owners, covers = problem.owners, problem.covers
    latitude, longitude = owners.latitude.copy(), owners.longitude.copy()
    teams, homes, inside = [], {}, {}
    for team in problem.teams:
        if team.sites is None:
            teams.append(team)
            continue
        minutes, kilometres = team.minutes.copy(), team.kilometres.copy()
        for owner in team.sites.owners.tolist():
            column, centre = owner - team.owners.start, int(centres[owner])
            if centre < 0:
                minutes[:, column] = kilometres[:, column] = np.nan
                continue
            unit = int(covers.unit[centre])
            km = team.sites.kilometres([centre - team.covers.start])[:, 0]
            kilometres[:, column], minutes[:, column] = km, km * team.sites.minutes_per_km
            latitude[owner] = problem.units.latitude[unit]
            longitude[owner] = problem.units.longitude[unit]
            homes[owners.ids[owner]] = problem.units.ids[unit]
            if team.sites.inside:
                inside[owners.ids[owner]] = problem.units.ids[unit]
        teams.append(replace(team, minutes=minutes, kilometres=kilometres, sites=None))
    rules: list[Rule] = [
        replace(rule, bases={**rule.bases, **homes}) if isinstance(rule, SiteCapacity) else rule
        for rule in problem.rules
    ]
    if inside:
        rules.append(BaseInTerritory(name=INSIDE, bases=inside))
    return problem.replace(
        owners=dataclasses.replace(owners, latitude=latitude, longitude=longitude),
        teams=tuple(teams),
        rules=tuple(rules),
    )
