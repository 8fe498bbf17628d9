"""Where bases lie at first, and where territories must hang together, a plan for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ....models.plan import Plan
from ....models.problem import Problem, Team
from ....models.rules import Balance, Contiguity
from ....models.sites import Sites
from ....models.totals import PAIR_MEASURES, cover_values
from .compile import location_terms, passable
from .placing import Placing, place_points
from .settling import Settled, settle

Stop = Callable[[], bool]


def first_bases(problem: Problem, seed: int, stop: Stop = lambda: False) -> Plan:
    """A plan that says where bases lie and deals nothing out yet."""
    return _each_team(problem, lambda index: _placed(problem, index, seed, None, stop))


def settled_bases(
    problem: Problem, seed: int, *, effort: float, stop: Stop, better: Callable[[Plan], None]
) -> Plan:
    """Bases that lie well for connected territories, with the best plan known for them.

    Teams whose territories need not hang together, or that are placed by a table, get
    bases alone, as from :func:`first_bases`.

    Parameters
    ----------
    effort
        Multiple of the usual number of searches; 1 at most.
    better
        Called with each plan that is better than all before. It keeps contiguity and the
        tightest balance; what the problem asks beside these it may break.
    """

    def team_bases(index: int) -> _Bases:
        team, edges = problem.teams[index], _edges(problem, index)
        sites = team.sites
        if edges is None or sites is None or sites.points is None:
            # Nothing but the alignment follows where territories may lie in pieces.
            free = None if _hang_together(problem, index) else effort
            return _placed(problem, index, seed, free, stop)
        columns, tolerance = _columns(problem, index)
        placing = Placing.of(sites.points, columns, len(sites.owners), tolerance)
        layout = placing.placed(np.random.default_rng(seed), stop)

        def told(found: Settled) -> None:
            if len(problem.teams) == 1:
                better(_each_team(problem, lambda _: _Bases(found.bases, found.owner)))

        found = settle(placing, layout, edges, seed, effort=effort, stop=stop, better=told)
        return _Bases(found.bases, found.owner)

    return _each_team(problem, team_bases)


@dataclass(frozen=True, eq=False)
class _Bases:
    """Covers where a team's bases lie, and the base of each cover; counted within the team."""

    rows: IndexArray
    owner: IndexArray | None = None


def _each_team(problem: Problem, bases: Callable[[int], _Bases]) -> Plan:
    """Bases of every team that has any to place, as one plan."""
    centres = np.full(len(problem.owners), -1, dtype=np.int64)
    owner = np.full(len(problem.covers), -1, dtype=np.int64)
    for index, team in enumerate(problem.teams):
        if team.sites is None:
            continue
        found = bases(index)
        # More owners than covers share places.
        centres[team.sites.owners] = team.covers.start + np.resize(
            found.rows, len(team.sites.owners)
        )
        if found.owner is not None:
            owner[team.covers.start : team.covers.stop] = team.sites.owners[found.owner]
    return Plan(owner, centres)


def _placed(problem: Problem, index: int, seed: int, effort: float | None, stop: Stop) -> _Bases:
    """Bases of a team that are good where territories need not hang together."""
    team = problem.teams[index]
    sites = _sites(team)
    columns, tolerance = _columns(problem, index)
    count = min(len(sites.owners), len(team.covers))
    if sites.points is not None:
        return _Bases(
            place_points(
                sites.points,
                columns,
                count,
                tolerance=tolerance,
                seed=seed,
                stop=stop,
                power=_power(problem),
                effort=effort,
            )
        )
    return _Bases(_spread(sites.kilometres(np.arange(len(team.covers))), columns[:, 0], count))


def _sites(team: Team) -> Sites:
    if team.sites is None:
        raise ValueError(f"team {team.name} has no bases to be placed")
    return team.sites


def _hang_together(problem: Problem, index: int) -> list[Contiguity]:
    """The rules by which a team's territories must hang together."""
    return [
        rule
        for rule in problem.rules
        if isinstance(rule, Contiguity) and rule.hard and index in problem.owner_teams(rule.teams)
    ]


def _edges(problem: Problem, index: int) -> IndexArray | None:
    """Neighbours within a team whose territories must hang together, None for another team.

    Owners that have a base already, or no territory, would need a place among the others.
    """
    team = problem.teams[index]
    rules = _hang_together(problem, index)
    owners = slice(team.owners.start, team.owners.stop)
    alone = len(_sites(team).owners) == len(team.owners) and problem.owners.opens[owners].all()
    if not rules or not alone or len(team.owners) >= len(team.covers):
        return None
    return np.asarray(team.neighbours.pairs[passable(problem, team, rules)] - team.covers.start)


def _columns(problem: Problem, index: int) -> tuple[FloatArray, float]:
    """What distances weigh and what is balanced, (covers, measures), and the tolerance."""
    team = problem.teams[index]
    measures, tolerance = _measures(problem, index)
    columns = np.column_stack([v[team.covers.start : team.covers.stop] for v in measures])
    if not columns[:, 0].sum() > 0:
        columns[:, 0] = 1.0
    return columns, tolerance


def _power(problem: Problem) -> int:
    """2 where distances count by their squares before all else, else 1."""
    terms = [t for stage in problem.objective.stages for t in location_terms(stage.terms)]
    return 2 if terms and terms[0].name.partition(":")[0] == "inertia" else 1


def _measures(problem: Problem, team: int) -> tuple[list[FloatArray], float]:
    """What distances weigh, then what is balanced; the least tolerance."""
    terms = [t for stage in problem.objective.stages for t in location_terms(stage.terms)]
    balances = [
        rule
        for rule in problem.rules
        if isinstance(rule, Balance)
        and rule.measure not in PAIR_MEASURES
        and team in problem.owner_teams(rule.teams)
    ]
    names = [t.name.partition(":")[2] for t in terms[:1]] or ["covers"]
    names += [rule.measure for rule in balances if rule.measure not in names]
    tolerance = min((rule.tolerance for rule in balances), default=1.0)
    return [np.asarray(cover_values(problem, name)) for name in names], max(tolerance, 0.01)


def _spread(kilometres: FloatArray, weight: FloatArray, count: int) -> IndexArray:
    """Places from a table: each next one lowers the sum of distances most, then medians."""
    cost = weight[:, None] * np.nan_to_num(kilometres, nan=1e6)
    least = np.full(len(cost), np.inf)
    rows: list[int] = []
    for _ in range(count):
        total = np.minimum(cost, least[:, None]).sum(axis=0)
        total[rows] = np.inf
        rows.append(int(total.argmin()))
        least = np.minimum(least, cost[:, rows[-1]])
    places = np.array(rows, dtype=np.int64)
    for _ in range(10):
        label = cost[:, places].argmin(axis=1)
        for r in range(count):
            held = np.flatnonzero(label == r)
            if held.size:
                places[r] = held[cost[np.ix_(held, held)].sum(axis=0).argmin()]
    return places
