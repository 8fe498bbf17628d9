"""Territories of a plan as a tree: the company, managers, and one territory an owner."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ....models.plan import Plan
from ....models.problem import OwnerKind, Problem
from .names import LONGEST, api_name, unique_names

#: Type of the company's and the managers' territories.
MANAGEMENT = "Management"
#: Part of a territory's name that tells models apart.
_MODEL_LENGTH = 30


@dataclass(frozen=True)
class Territory:
    """One Territory2.

    Parameters
    ----------
    name
        API name, unique over all models.
    person
        Owner or manager whose it is; empty for the company's.
    parent
        API name of the territory above; empty at the top.
    type
        API name of its type.
    level
        1 at the top.
    """

    name: str
    label: str
    person: str
    is_owner: bool
    parent: str
    type: str
    level: int
    description: str


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """A model's types and territories, parents before children.

    Parameters
    ----------
    types
        API name, label, priority and description; overlays have types of their own.
    """

    model: str
    label: str
    types: tuple[tuple[str, str, int, str], ...]
    territories: tuple[Territory, ...]


def hierarchy_of(problem: Problem, plan: Plan, structure: pd.DataFrame, name: str) -> Hierarchy:
    """Lay out the tree: whoever reports to nobody stands right below the company.

    The house and partners have a territory where they hold something.
    """
    model = api_name(name, "Plan")[:_MODEL_LENGTH].rstrip("_")
    taken = {model.lower()}
    types = _types(problem, model, taken)
    above = {
        str(who): "" if pd.isna(whom) else str(whom)
        for who, whom in zip(structure["person"], structure["reports_to"], strict=True)
    }
    owners = problem.owners
    held = np.bincount(plan.owner[plan.owner >= 0], minlength=len(owners))
    managers = [str(who) for who in structure["person"] if str(who) not in problem.owner_index]
    has_one = [
        who
        for index, who in enumerate(owners.ids)
        if held[index] or owners.kinds[index] in (OwnerKind.REP, OwnerKind.VACANCY)
    ]
    people = [*managers, *has_one]
    top, *names = unique_names([f"{model}_Company", *(f"{model}_{who}" for who in people)], taken)
    name_of = dict(zip(people, names, strict=True))
    found = [Territory(top, name[:LONGEST], "", False, "", types[0][0], 1, "The whole company")]
    roles = dict(zip(structure["person"].astype(str), structure["role"].astype(str), strict=True))
    for who in people:
        owner = problem.owner_index.get(who)
        kind, what = types[0][0], roles.get(who, "")
        if owner is not None:
            team = int(owners.team[owner])
            kind = types[1 + team][0]
            what = f"{owners.kinds[owner]} of team {problem.teams[team].name}"
        parent = name_of.get(above.get(who, ""), top)
        found.append(
            Territory(name_of[who], who[:LONGEST], who, owner is not None, parent, kind, 0, what)
        )
    return Hierarchy(model, name[:LONGEST], types, _leveled(found))


def _types(problem: Problem, model: str, taken: set[str]) -> tuple[tuple[str, str, int, str], ...]:
    labels = [MANAGEMENT, *(f"Team {team.name}" for team in problem.teams)]
    names = unique_names([f"{model}_{label}" for label in labels], taken)
    roles = ["", *(team.role for team in problem.teams)]
    # An opportunity goes to the territory whose type has the largest number: to a primary
    # team's before an overlay's, and to management's last of all.
    order = sorted(range(1, len(labels)), key=lambda t: (roles[t] == "primary", labels[t]))
    priority = {t: place for place, t in enumerate([0, *order], start=1)}
    said = ["Company and managers", *(f"Role {role}" for role in roles[1:])]
    return tuple(
        (name, label[:LONGEST], priority[t], text)
        for t, (name, label, text) in enumerate(zip(names, labels, said, strict=True))
    )


def _leveled(territories: list[Territory]) -> tuple[Territory, ...]:
    """With levels, the top first; within a level by name."""
    by_name = {each.name: each for each in territories}

    def level(each: Territory) -> int:
        steps = 1
        while each.parent:
            each, steps = by_name[each.parent], steps + 1
        return steps

    leveled = [replace(each, level=level(each)) for each in territories]
    return tuple(sorted(leveled, key=lambda each: (each.level, each.name)))
