"""Nodes that get a quota: owners that carry the budget, and who stands above them."""

from __future__ import annotations

import pandas as pd

from ...models.problem import Problem

COMPANY, TEAM = "company", "team"
PRIMARY = "primary"


def quota_nodes(problem: Problem, structure: pd.DataFrame) -> dict[str, str]:
    """Level of each node that gets a quota."""
    tree = node_tree(problem, structure)
    nodes = dict(zip(tree["node"], tree["level"], strict=True))
    kinds = problem.owners.kinds
    return nodes | {o: str(kinds[problem.owner_index[o]]) for o in primary_owners(problem)}


def primary_owners(problem: Problem) -> list[str]:
    """Ids of the owners that carry the budget."""
    owners = problem.owners
    return [
        owners.ids[owner] for team in problem.teams if team.role == PRIMARY for owner in team.owners
    ]


def reporting_nodes(problem: Problem, structure: pd.DataFrame) -> dict[str, str]:
    """Node that each primary owner reports to: its manager, else its team's name."""
    lines = dict(zip(structure["person"], structure["reports_to"], strict=True))
    owners = set(problem.owners.ids)
    parents = {}
    for owner in primary_owners(problem):
        team = problem.teams[problem.owners.team[problem.owner_index[owner]]].name
        manager = lines.get(owner, "")
        usable = manager in lines and manager not in owners
        # A team may be called as one of its people is; nodes need ids of their own.
        parents[owner] = manager if usable else f"team {team}"
    return parents


def node_tree(problem: Problem, structure: pd.DataFrame) -> pd.DataFrame:
    """Nodes above the owners: managers who have owners below them, teams, the company."""
    lines = dict(zip(structure["person"], structure["reports_to"], strict=True))
    roles = dict(zip(structure["person"], structure["role"], strict=True))
    rows = {COMPANY: ("", COMPANY)}
    for node in sorted(set(reporting_nodes(problem, structure).values())):
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
