"""Who has what on each map of a report, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..results import INCUMBENT
from .mesh import IndexArray, Mesh

if TYPE_CHECKING:
    import pandas as pd

    from ...models.problem import Problem
    from ..results import ScenarioResult

PRIMARY = "primary"
#: Beyond this many points lines between them would hide them.
MOST_LINKED = 1500


@dataclass(frozen=True, eq=False)
class Holding:
    """Who has what on one map.

    Parameters
    ----------
    layer, title
        Which map of the scenario it is, and what people call it.
    kinds
        Kind of each owner; ``left`` for one who is not on the roster, ``nobody`` for none.
    held
        Owners of each unit of the mesh with their shares, the largest first.
    incumbents
        Today's owner by unit; empty for none.
    moved
        Units of which something changed hands.
    pairs, near_pairs
        Owners that touch along a border, and in a corner.
    bases
        Where owners are based, grid steps.
    links
        Pairs of neighbouring units that are points and have the same owner.
    """

    scenario: str
    layer: str
    title: str
    kinds: Mapping[str, str]
    held: Mapping[int, Sequence[tuple[str, float]]]
    incumbents: Mapping[int, str]
    moved: frozenset[int]
    pairs: tuple[tuple[str, str], ...]
    near_pairs: tuple[tuple[str, str], ...]
    bases: Mapping[str, tuple[int, int]]
    links: tuple[tuple[int, int], ...] = ()


def holdings_of(row: ScenarioResult, mesh: Mesh) -> Iterable[Holding]:
    """Holdings of a scenario that has a plan: the primary role first, then the overlays.

    Teams of the primary role share a map, but one whose areas lie scattered among
    those of the others (a phone team that takes the small customers, say) has its own.
    """
    assert row.evaluation is not None  # noqa: S101 - the caller chose rows with one
    role_of = {team.name: team.role for team in row.problem.teams}
    table = row.evaluation.assignments
    primary = [team.name for team in row.problem.teams if team.role == PRIMARY]
    apart = _scattered(table, primary, mesh)
    together = [team for team in primary if team not in apart]
    layers = [(PRIMARY, "", together)] if together else []
    layers += [(f"team {team}", f"team {team}", [team]) for team in apart]
    layers += [
        (role, f"overlay {role}", [team for team, own in role_of.items() if own == role])
        for role in sorted(set(role_of.values()) - {PRIMARY})
    ]
    for layer, title, teams in layers:
        part = table[table["team"].isin(teams)]
        yield _holding(row, layer, title, part, frozenset(teams), mesh)


def _scattered(table: pd.DataFrame, teams: Sequence[str], mesh: Mesh) -> list[str]:
    """Teams whose areas border more on other teams' areas than on their own."""
    number = {team: at for at, team in enumerate(teams)}
    team_of = np.full(len(mesh.units), -1, dtype=np.int64)
    part = table[table["team"].isin(teams)]
    for unit, team in zip(part["unit"], part["team"], strict=True):
        team_of[mesh.index[unit]] = number[team]
    found: list[str] = []
    ends = team_of[mesh.borders]
    while len(found) + 1 < len(teams):
        ends = ends[(ends >= 0).all(axis=1)]
        inner = np.bincount(ends[ends[:, 0] == ends[:, 1], 0], minlength=len(teams))
        crossing = ends[ends[:, 0] != ends[:, 1]]
        outer = np.bincount(crossing.ravel(), minlength=len(teams))
        excess = outer - inner
        # Of two that are interleaved the smaller goes, as the larger is the map.
        worst = min(
            (at for at in range(len(teams)) if excess[at] > 0),
            key=lambda at: (int(inner[at] + outer[at]), -at),
            default=-1,
        )
        if worst < 0:
            break
        found.append(teams[worst])
        ends = np.where(ends == worst, -1, ends)
    return found


def _holding(
    row: ScenarioResult,
    layer: str,
    title: str,
    table: pd.DataFrame,
    teams: frozenset[str],
    mesh: Mesh,
) -> Holding:
    frozen = row.name == INCUMBENT
    shares: dict[int, dict[str, float]] = {}
    incumbents: dict[int, str] = {}
    moved: set[int] = set()
    for unit, rep, share, incumbent, has_moved in zip(
        *(table[key] for key in ("unit", "rep", "share", "incumbent", "moved")), strict=True
    ):
        at = mesh.index[unit]
        # Today's map shows those too who have left or serve another team by now.
        owner = (incumbent or rep) if frozen else rep
        held = shares.setdefault(at, {})
        held[owner] = held.get(owner, 0.0) + float(share)
        incumbents.setdefault(at, incumbent)
        if has_moved and not frozen:
            moved.add(at)
    held_by = {
        at: sorted(owners.items(), key=lambda item: (-item[1], item[0]))
        for at, owners in sorted(shares.items())
    }
    problem = row.problem
    known = {owner: str(problem.owners.kinds[i]) for owner, i in problem.owner_index.items()}
    names = sorted({owner for owners in held_by.values() for owner, _ in owners})
    main = {at: owners[0][0] for at, owners in held_by.items()}
    shared = {
        _pair(one, other)
        for owners in held_by.values()
        for place, (one, _) in enumerate(owners)
        for other, _ in owners[place + 1 :]
    }
    neighbours = _neighbours(problem, teams, mesh)
    touching = _owner_pairs(mesh.borders, main) | _owner_pairs(neighbours, main) | shared
    return Holding(
        scenario=row.name,
        layer=layer,
        title=title,
        kinds={owner: known.get(owner, "left" if owner else "nobody") for owner in names},
        held=held_by,
        incumbents=incumbents,
        moved=frozenset(moved),
        pairs=tuple(sorted(touching)),
        near_pairs=tuple(sorted(_owner_pairs(mesh.corners, main))),
        bases=_bases(problem, names, mesh),
        links=_links(neighbours, main, mesh),
    )


def _owner_pairs(units: IndexArray, main: Mapping[int, str]) -> set[tuple[str, str]]:
    """Pairs of different owners of pairs of units."""
    return {
        _pair(main[a], main[b])
        for a, b in units.tolist()
        if a in main and b in main and main[a] != main[b]
    }


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _neighbours(problem: Problem, teams: frozenset[str], mesh: Mesh) -> IndexArray:
    """Units of the mesh that are neighbours on the teams' graphs, sorted, (pairs, 2)."""
    whole = np.array([mesh.index[w] for w in problem.units.wholes], dtype=np.int64)
    ends = [
        whole[problem.covers.unit[team.neighbours.pairs]]
        for team in problem.teams
        if team.name in teams and len(team.neighbours.pairs)
    ]
    if not ends:
        return np.empty((0, 2), dtype=np.int64)
    pairs = np.sort(np.concatenate(ends), axis=1)
    return np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)


def _links(
    neighbours: IndexArray, main: Mapping[int, str], mesh: Mesh
) -> tuple[tuple[int, int], ...]:
    points = mesh.is_placed & ~mesh.is_area
    if int(points.sum()) > MOST_LINKED:
        return ()
    among = neighbours[points[neighbours].all(axis=1)]
    return tuple((a, b) for a, b in among.tolist() if a in main and main[a] == main.get(b))


def _bases(problem: Problem, names: Sequence[str], mesh: Mesh) -> dict[str, tuple[int, int]]:
    """Bases, drawn at the place of the nearest unit so that no map shows a home."""
    owners = problem.owners
    places = mesh.points[mesh.is_placed]
    found: dict[str, tuple[int, int]] = {}
    for name in names:
        index = problem.owner_index.get(name)
        if index is None or not owners.holds_territory[index] or not len(places):
            continue
        lat, lon = float(owners.latitude[index]), float(owners.longitude[index])
        if not (np.isfinite(lat) and np.isfinite(lon)):
            continue
        here = mesh.project.grid(mesh.project.metres(np.array([lon]), np.array([lat])))[0]
        nearest = places[((places - here) ** 2).sum(axis=1).argmin()]
        found[name] = (int(nearest[0]), int(nearest[1]))
    return found


def everybody(holding: Holding) -> list[str]:
    """Owners of the plan and of today, sorted."""
    return sorted(set(holding.kinds) | set(holding.incumbents.values()))
