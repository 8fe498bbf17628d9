"""Quotas of a scenario: its plan's territories, its budget, its reporting lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..models.errors import BadInput, InputProblem, did_you_mean
from ..models.plan import Plan
from ..models.problem import Problem
from ..models.totals import owner_totals
from ..optimizer.quotas.model import Work
from ..optimizer.quotas.result import QuotaResult
from ..optimizer.quotas.setting import set_quotas
from .files import ResolvedScenario
from .files.sections import QuotaSettings

QUOTA_COLUMNS = ("node", "level", "parent", "product", "period", "quota", "index", "currency")
COMPANY, TEAM = "company", "team"
PRIMARY = "primary"
#: Enough to find out whether an input can be used, not to solve it.
_LITTLE = Work(per_solve=0.01)


def quotas_of(
    settings: QuotaSettings, problem: Problem, plan: Plan, structure: pd.DataFrame, seed: int
) -> QuotaResult:
    """Set the quotas of a plan: each owner's index is that of the territory it gets.

    Only teams of role ``primary`` carry the budget; overlays are credited apart, so
    that no sale is counted twice.
    """
    return _set(settings, problem, plan, structure, Work(seed=seed))


def quota_problems(
    resolved: ResolvedScenario, problem: Problem, structure: pd.DataFrame
) -> list[InputProblem]:
    """What makes the quota settings useless for a problem, before anything is solved."""
    settings = resolved.settings.quotas
    if settings is None:
        return []
    found = _unknown_pins(resolved, settings, problem, structure)
    if found:
        return found
    try:
        _set(settings, problem, _dealt_out(problem), structure, _LITTLE)
    except BadInput as error:
        return [
            resolved.problem(("quotas", _setting(each)), each.message, each.value)
            for each in error.problems
        ]
    return []


def quota_nodes(problem: Problem, structure: pd.DataFrame) -> dict[str, str]:
    """Level of each node that gets a quota."""
    tree = _tree(problem, structure)
    nodes = dict(zip(tree["node"], tree["level"], strict=True))
    kinds = problem.owners.kinds
    return nodes | {o: str(kinds[problem.owner_index[o]]) for o in _primary_owners(problem)}


def _setting(problem: InputProblem) -> str:
    """Key of ``quotas:`` that a problem of ``set_quotas`` is about."""
    for word in (problem.source, problem.key):
        key = {"floors": "floor", "caps": "cap", "parameters": "weights"}.get(word, word)
        if key in QuotaSettings.model_fields:
            return key
    return "budget"


def _unknown_pins(
    resolved: ResolvedScenario, settings: QuotaSettings, problem: Problem, structure: pd.DataFrame
) -> list[InputProblem]:

    nodes = {COMPANY, *_tree(problem, structure)["node"], *_primary_owners(problem)}
    known = {"node": nodes, "product": set(settings.products), "period": set(settings.periods)}
    return [
        resolved.problem(
            ("quotas", "pins", str(position), key),
            f"there is no such {key}; {did_you_mean(word, names)}",
            word,
        )
        for position, pin in enumerate(settings.pins)
        for key, names in known.items()
        if (word := getattr(pin, key)) and word not in names
    ]


def _dealt_out(problem: Problem) -> Plan:
    """Some plan, for checking: today's, and what nobody has goes to its team's first owner."""
    owner = Plan.incumbent(problem).owner.copy()
    for team in problem.teams:
        covers = slice(team.covers.start, team.covers.stop)
        block = owner[covers]
        block[block < 0] = team.owners.start
        owner[covers] = block
    return Plan(owner)


def _set(
    settings: QuotaSettings, problem: Problem, plan: Plan, structure: pd.DataFrame, work: Work
) -> QuotaResult:
    pins = pd.DataFrame([pin.model_dump() for pin in settings.pins]) if settings.pins else None
    return set_quotas(
        _territories(problem, plan, structure),
        settings.budget,
        _tree(problem, structure),
        method=settings.method,
        parameters=_parameters(settings),
        rounding=settings.rounding,
        over_assignment=settings.over_assignment,
        products=settings.products,
        periods=settings.periods,
        floors=settings.floor,
        caps=settings.cap,
        growth=settings.growth,
        pins=pins,
        relief=settings.relief,
        zero_deviation=settings.zero_deviation,
        currency=problem.currency,
        work=work,
    )


def _parameters(settings: QuotaSettings) -> Mapping[str, Any]:
    given = {"weights": settings.weights, "target_penetration": settings.target_penetration}
    return {name: value for name, value in given.items() if value is not None}


def _primary_owners(problem: Problem) -> list[str]:
    owners = problem.owners
    return [
        owners.ids[owner] for team in problem.teams if team.role == PRIMARY for owner in team.owners
    ]


def _territories(problem: Problem, plan: Plan, structure: pd.DataFrame) -> pd.DataFrame:
    above = _parents(problem, structure)
    measures = {name: owner_totals(problem, plan, name) for name in problem.covers.measures}
    rows = []
    for owner in _primary_owners(problem):
        index = problem.owner_index[owner]
        row: dict[str, object] = {"owner": owner, "parent": above[owner]}
        row["level"] = str(problem.owners.kinds[index])
        row["productivity"] = float(problem.owners.productivity[index])
        rows.append(row | {name: float(values[index]) for name, values in measures.items()})
    return pd.DataFrame(rows)


def _parents(problem: Problem, structure: pd.DataFrame) -> dict[str, str]:
    """Node that each primary owner reports to: its manager, else its team's name."""
    lines = dict(zip(structure["person"], structure["reports_to"], strict=True))
    owners = set(problem.owners.ids)
    parents = {}
    for owner in _primary_owners(problem):
        team = problem.teams[problem.owners.team[problem.owner_index[owner]]].name
        manager = lines.get(owner, "")
        usable = manager in lines and manager not in owners
        # A team may be called as one of its people is; nodes need ids of their own.
        parents[owner] = manager if usable else f"team {team}"
    return parents


def _tree(problem: Problem, structure: pd.DataFrame) -> pd.DataFrame:
    """Nodes above the owners: managers who have owners below them, teams, the company."""
    lines = dict(zip(structure["person"], structure["reports_to"], strict=True))
    roles = dict(zip(structure["person"], structure["role"], strict=True))
    rows = {COMPANY: ("", COMPANY)}
    for node in sorted(set(_parents(problem, structure).values())):
        current = node
        while current not in rows:
            above = lines.get(current, "")
            if current not in lines:
                rows[current] = (COMPANY, TEAM)
                break
            usable = above in lines and above != current
            rows[current] = (above if usable else COMPANY, roles.get(current) or "manager")
            current = rows[current][0]
    return pd.DataFrame(
        [{"node": node, "parent": parent, "level": level} for node, (parent, level) in rows.items()]
    )
