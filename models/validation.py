"""Whether the parts of a problem fit together; all problems are named at once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import ProblemList
from .terms import term_problem

if TYPE_CHECKING:
    from .problem import Problem, Team


def validate_problem(problem: Problem) -> None:
    """Raise :class:`~teig.models.errors.BadInput` where parts do not fit together."""
    found = ProblemList("problem")
    _check_lengths(problem, found)
    found.raise_any()
    _check_ids(problem, found)
    _check_numbers(problem, found)
    _check_teams(problem, found)
    found.raise_any()
    _check_rules(problem, found)
    found.raise_any()


def _check_lengths(problem: Problem, found: ProblemList) -> None:
    for name, part in (
        ("units", problem.units),
        ("owners", problem.owners),
        ("covers", problem.covers),
    ):
        length = len(part)
        columns: dict[str, Any] = {**vars(part)}
        columns.update(columns.pop("measures", {}))
        for key, column in columns.items():
            if key != "parent_ids" and not isinstance(column, dict) and len(column) != length:
                found.add(f"must have {length} entries", place=name, key=key, value=len(column))
    for load in problem.campaigns:
        for key, column in (("member", load.member), ("contacts", load.contacts)):
            if len(column) != len(problem.covers):
                message = f"must have {len(problem.covers)} entries"
                place = f"campaign {load.campaign.name}"
                found.add(message, place=place, key=key, value=len(column))
    if not problem.teams:
        found.add("a problem needs at least one team", key="teams")


def _check_ids(problem: Problem, found: ProblemList) -> None:
    named = (
        ("units", problem.units.ids),
        ("owners", problem.owners.ids),
        ("teams", tuple(team.name for team in problem.teams)),
        ("rules", tuple(rule.name for rule in problem.rules)),
    )
    for place, ids in named:
        for name, count in Counter(ids).items():
            if count > 1:
                found.add("each id stands once", place=place, key="id", value=name)
    for name in ("potential", "sales", "accounts"):
        if name not in problem.covers.measures:
            found.add("the measures potential, sales and accounts are needed", key=name)


def _check_numbers(problem: Problem, found: ProblemList) -> None:
    columns = {
        "units.shares": problem.units.shares,
        "owners.hours": problem.owners.hours,
        "owners.full_time_hours": problem.owners.full_time_hours,
        "owners.productivity": problem.owners.productivity,
        "owners.cost": problem.owners.cost,
        "covers.workload": problem.covers.workload,
        "covers.visits": problem.covers.visits,
        "covers.tenure": problem.covers.tenure,
        **{f"covers.{name}": column for name, column in problem.covers.measures.items()},
    }
    for key, column in columns.items():
        if not np.isfinite(column).all() or (column < 0).any():
            found.add("numbers must be finite and not negative", key=key)
    covers = problem.covers
    if len(covers) and (
        covers.incumbent.min() < -1 or covers.incumbent.max() >= len(problem.owners)
    ):
        found.add("must be -1 or an owner's index", place="covers", key="incumbent")


def _check_teams(problem: Problem, found: ProblemList) -> None:
    cover, owner = 0, 0
    for index, team in enumerate(problem.teams):
        place = f"team {team.name}"
        if team.covers.start != cover or team.owners.start != owner:
            found.add("ranges of teams must follow one another", place=place)
        cover, owner = team.covers.stop, team.owners.stop
        shape = (len(team.covers), len(team.owners))
        for key, block in (("minutes", team.minutes), ("kilometres", team.kilometres)):
            if block.shape != shape:
                found.add(f"must have the shape {shape}", place=place, key=key, value=block.shape)
            elif np.isinf(block).any() or (block < 0).any():
                found.add("must be finite, not negative, or NaN for no way", place=place, key=key)
        _check_sites(problem, team, found)
        pairs = team.neighbours.pairs
        if pairs.size and not (
            (pairs[:, 0] < pairs[:, 1]).all()
            and pairs.min() >= team.covers.start
            and pairs.max() < team.covers.stop
        ):
            found.add(
                "pairs must be covers of the team, smaller first", place=place, key="neighbours"
            )
        if not len(team.owners) and len(team.covers):
            found.add("has units but nobody to serve them", place=place)
        if not (problem.covers.team[team.covers.start : team.covers.stop] == index).all():
            found.add("covers must be sorted by team", place=place)
        if not (problem.owners.team[team.owners.start : team.owners.stop] == index).all():
            found.add("owners must be sorted by team", place=place)
    if cover != len(problem.covers) or owner != len(problem.owners):
        found.add("the teams' ranges must take in all covers and owners", key="teams")


def _check_sites(problem: Problem, team: Team, found: ProblemList) -> None:
    """Owners to be placed are of the team and travel; distances are there for all covers."""
    sites, place = team.sites, f"team {team.name}"
    if sites is None:
        return
    owners = sites.owners
    if not len(owners) or (np.diff(owners) <= 0).any():
        found.add("must name owners to be placed, ascending", place=place, key="sites.owners")
    elif owners[0] < team.owners.start or owners[-1] >= team.owners.stop:
        found.add("must be owners of the team", place=place, key="sites.owners")
    elif not problem.owners.holds_territory[owners].all():
        found.add("only reps and vacancies have a base", place=place, key="sites.owners")
    if sites.covers != len(team.covers):
        message = f"must have {len(team.covers)} rows, one a cover"
        found.add(message, place=place, key="sites", value=sites.covers)
    for key, given in (("points", sites.points), ("table", sites.table)):
        if given is not None and (given.ndim != 2 or np.isinf(given).any()):
            found.add("must be finite, in two dimensions", place=place, key=f"sites.{key}")
    if sites.points is not None and not np.isfinite(sites.points).all():
        found.add("every cover needs a place", place=place, key="sites.points")
    if not (np.isfinite(sites.factor) and sites.factor > 0 and sites.minutes_per_km >= 0):
        found.add("factors must be positive", place=place, key="sites.factor")


def _check_rules(problem: Problem, found: ProblemList) -> None:
    for rule in problem.rules:
        for message in rule.problems(problem):
            found.add(message, place=f"rule {rule.name}")
    if not problem.objective.stages:
        found.add("an objective needs at least one stage", key="objective")
    for stage in problem.objective.stages:
        for term in stage.terms:
            fault = term_problem(problem, term.name)
            if fault:
                found.add(fault, place=f"objective {stage.name}", key=term.name)
