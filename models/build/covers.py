"""Teams with travel and neighbours, and covers: the units of all teams, part by part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import FloatArray
from ..problem import Covers, Team
from ..tables import Tables
from ..travel import TravelProvider
from .alignment import TeamAlignment, incumbents
from .geography import Graphs, neighbours_of, team_travel
from .intake import Intake
from .loads import TeamLoads
from .owners import Roster
from .teams import Assembled
from .units import Market


def built_teams(
    assembled: Sequence[Assembled],
    loads: Sequence[TeamLoads],
    market: Market,
    roster: Roster,
    travel: TravelProvider,
    neighbours: str | Tables | None,
    intake: Intake,
) -> tuple[Team, ...]:
    """The teams, their covers and owners one after another.

    Parameters
    ----------
    neighbours
        For teams without a setting of their own.
    """
    drawn = Graphs(market, intake)
    graphs = [
        drawn.graph(neighbours if team.spec.neighbours is None else team.spec.neighbours)
        for team in assembled
    ]
    teams = []
    cover, owner = 0, 0
    for team, load, graph in zip(assembled, loads, graphs, strict=True):
        parts = market.parts[team.units]
        minutes, kilometres = team_travel(team, load.visits, market, roster, travel, intake)
        count = int(parts.sum())
        teams.append(
            Team(
                name=team.spec.name,
                role=team.spec.role,
                covers=range(cover, cover + count),
                owners=range(owner, owner + len(team.members)),
                minutes=np.repeat(minutes, parts, axis=0),
                kilometres=np.repeat(kilometres, parts, axis=0),
                neighbours=neighbours_of(team, cover, graph, market, roster, intake),
                credit=team.spec.credit,
            )
        )
        cover, owner = cover + count, owner + len(team.members)
    return tuple(teams)


def built_covers(
    assembled: Sequence[Assembled],
    loads: Sequence[TeamLoads],
    alignments: Sequence[TeamAlignment],
    market: Market,
    roster: Roster,
) -> Covers:
    """Covers of all teams, one team after another; loads are shared evenly by parts."""
    first = market.first_part
    members = [member for team in assembled for member in team.members]
    owner_at = {member: number for number, member in enumerate(members)}
    unit, number, columns = [], [], []
    for index, (team, load) in enumerate(zip(assembled, loads, strict=True)):
        parts = market.parts[team.units]
        within = np.arange(int(parts.sum())) - np.repeat(np.cumsum(parts) - parts, parts)
        unit.append(np.repeat(first[team.units], parts) + within)
        number.append(np.full(int(parts.sum()), index, dtype=np.int64))
        share = 1.0 / np.repeat(parts, parts)
        given = {**load.measures, " workload": load.workload, " visits": load.visits}
        columns.append({name: np.repeat(values, parts) * share for name, values in given.items()})
    joined: dict[str, FloatArray] = {
        name: np.concatenate([each[name] for each in columns]) for name in columns[0]
    }
    incumbent, incumbent_ids, tenure = incumbents(alignments, roster, owner_at)
    return Covers(
        unit=np.concatenate(unit),
        team=np.concatenate(number),
        workload=joined.pop(" workload"),
        visits=joined.pop(" visits"),
        measures=joined,
        incumbent=incumbent,
        incumbent_ids=incumbent_ids,
        tenure=tenure,
    )
