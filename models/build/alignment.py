"""Today's alignment: whose each cover is, and how long it has been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import FloatArray, IndexArray
from ..calendar import WorkCalendar
from ..errors import counted
from ..structure import PRIMARY
from .intake import Intake, Rows
from .owners import Roster
from .teams import Assembled
from .units import Market

#: Shares may add up to a little more than 1 by rounding: thirds as 0.334, say.
SHARE_TOLERANCE = 0.005


@dataclass(frozen=True, eq=False)
class Holding:
    """One row of the alignment: a position (of the roster) and its share of a unit."""

    row: int
    position: int
    share: float
    tenure: float


@dataclass(frozen=True, eq=False)
class TeamAlignment:
    """Whose a team's parts are today: positions of the roster, -1 for nobody, (parts,)."""

    position: IndexArray
    tenure: FloatArray


def read_alignment(
    rows: Rows,
    teams: Sequence[Assembled],
    market: Market,
    roster: Roster,
    calendar: WorkCalendar,
    intake: Intake,
) -> tuple[TeamAlignment, ...]:
    """Today's owner of every part, team by team."""
    holdings = _holdings(rows, teams, market, roster, calendar, intake)
    result = []
    for number, team in enumerate(teams):
        positions: list[int] = []
        tenures: list[float] = []
        for unit in team.units.tolist():
            held = holdings.get((number, unit), [])
            dealt = _dealt(held, int(market.parts[unit]))
            positions += [holding.position if holding else -1 for holding in dealt]
            tenures += [holding.tenure if holding else 0.0 for holding in dealt]
        result.append(
            TeamAlignment(np.array(positions, dtype=np.int64), np.array(tenures, dtype=np.float64))
        )
    return tuple(result)


def _holdings(
    rows: Rows,
    teams: Sequence[Assembled],
    market: Market,
    roster: Roster,
    calendar: WorkCalendar,
    intake: Intake,
) -> dict[tuple[int, int], list[Holding]]:
    """Rows by team and whole unit, once they are in order."""
    if not len(rows):
        return {}
    units = market.index.positions(rows.column("unit"))
    market.index.note_repairs(rows.sources[0], intake)
    reps = roster.index.positions(rows.column("rep"))
    roster.index.note_repairs(rows.sources[0], intake)
    left_out = market.rows.quarantined("unit")
    names, owners = rows.column("unit"), rows.column("rep")
    unknown = [
        r for r in np.flatnonzero(units < 0).tolist() if names[r] and names[r] not in left_out
    ]
    intake.rows(rows, unknown, "unit", "is no unit", names)
    strangers = [row for row in np.flatnonzero(reps < 0).tolist() if owners[row]]
    message = "is not in the roster; for somebody who has left keep a row there with valid_to"
    intake.rows(rows, strangers, "rep", message, owners)
    team_of = _teams_of(rows, teams, market, roster, units, reps, intake)
    shares = rows.numbers("share")
    since = rows.column("since")
    found: dict[tuple[int, int], list[Holding]] = {}
    for row in range(len(rows)):
        if units[row] < 0 or reps[row] < 0 or team_of[row] < 0:
            continue
        begun = since[row]
        years = (calendar.start - begun).days / 365.25 if begun is not None else 0.0
        holding = Holding(row, int(reps[row]), float(shares[row]), max(years, 0.0))
        found.setdefault((int(team_of[row]), int(units[row])), []).append(holding)
    for held in found.values():
        _check_shares(held, rows, intake)
    return found


def _teams_of(
    rows: Rows,
    teams: Sequence[Assembled],
    market: Market,
    roster: Roster,
    units: IndexArray,
    reps: IndexArray,
    intake: Intake,
) -> list[int]:
    """Team whose cover each row is about, or -1.

    A row may name its team or its role; otherwise it is about the role of the rep's
    team in this structure, where a team of that role covers the unit, else the primary.
    Where another team of the same role covers the unit now, the row is about that
    one: the unit has to change hands, which must not look as if it were nobody's.
    """
    by_role: dict[str, IndexArray] = {}
    by_name = {team.spec.name: number for number, team in enumerate(teams)}
    team_of_rep = np.full(len(roster.positions), -1, dtype=np.int64)
    for number, team in enumerate(teams):
        at = by_role.setdefault(team.spec.role, np.full(len(market), -1, dtype=np.int64))
        at[team.units] = number
        team_of_rep[list(team.members)] = number
    known_teams = {*by_name, *roster.rows.texts("team")}
    named_teams, named_roles = rows.texts("team"), rows.texts("role")
    strangers = [r for r, name in enumerate(named_teams) if name and name not in known_teams]
    message = "neither the structure nor the roster knows this team"
    intake.rows(rows, strangers, "team", message, named_teams)
    nowhere = np.full(len(market), -1, dtype=np.int64)
    result: list[int] = []
    for row, unit in enumerate(units.tolist()):
        name, role, about = named_teams[row], named_roles[row], -1
        if unit < 0:
            pass
        elif name in by_name:
            about = int(by_role[teams[by_name[name]].spec.role][unit])
        elif role:
            about = int(by_role.get(role, nowhere)[unit])
        elif not name or (reps[row] >= 0 and team_of_rep[reps[row]] >= 0):
            mine = int(team_of_rep[reps[row]]) if reps[row] >= 0 else -1
            own_role = teams[mine].spec.role if mine >= 0 else PRIMARY
            about = int(by_role.get(own_role, nowhere)[unit])
            about = about if about >= 0 else int(by_role.get(PRIMARY, nowhere)[unit])
        result.append(about)
    elsewhere = sum(about < 0 <= unit for about, unit in zip(result, units.tolist(), strict=True))
    if elsewhere:
        intake.notes.append(
            f"{rows.sources[0]}: {counted(elsewhere, 'row')} about teams or roles that do not "
            "cover the unit in this structure"
        )
    return result


def _check_shares(held: list[Holding], rows: Rows, intake: Intake) -> None:
    if len(held) < 2:
        return
    unit = rows.column("unit")
    if any(np.isnan(holding.share) for holding in held):
        message = "the unit has several incumbents; give each its share"
        intake.rows(rows, [held[1].row], "share", message, unit)
    elif len({holding.position for holding in held}) < len(held):
        intake.rows(rows, [held[-1].row], "rep", "has the unit already", rows.column("rep"))
    else:
        total = sum(holding.share for holding in held)
        if total > 1.0 + SHARE_TOLERANCE:
            message = f"the shares of the unit's incumbents add up to {total:g}, above 1"
            intake.rows(rows, [held[-1].row], "share", message, unit)


def _dealt(held: list[Holding], parts: int) -> list[Holding | None]:
    """Parts dealt out by largest remainder (Hamilton's method); nobody has what is left.

    Of an undivided unit whoever has the largest share counts as its incumbent.
    """
    if not held:
        return [None] * parts
    shares = [1.0 if np.isnan(holding.share) else holding.share for holding in held]
    if parts == 1:
        return [held[max(range(len(held)), key=lambda at: (shares[at], -at))]]
    claims: list[Holding | None] = [*held, None]
    exact = [share * parts for share in [*shares, max(1.0 - sum(shares), 0.0)]]
    exact = [claim * parts / sum(exact) for claim in exact]
    whole = [int(claim + 1e-9) for claim in exact]
    order = sorted(range(len(claims)), key=lambda at: (-(exact[at] - whole[at]), at))
    for at in order[: parts - sum(whole)]:
        whole[at] += 1
    return [claim for claim, count in zip(claims, whole, strict=True) for _ in range(count)]


def incumbents(
    alignments: Sequence[TeamAlignment], roster: Roster, owner_at: dict[int, int]
) -> tuple[IndexArray, tuple[str, ...], FloatArray]:
    """Owner index, owner id and tenure of every cover, teams one after the other."""
    if not alignments:
        return np.empty(0, dtype=np.int64), (), np.empty(0)
    position = np.concatenate([alignment.position for alignment in alignments])
    tenure = np.concatenate([alignment.tenure for alignment in alignments])
    ids = [p.id for p in roster.positions]
    owner = np.array([owner_at.get(p, -1) for p in position.tolist()], dtype=np.int64)
    names = tuple("" if p < 0 else ids[p] for p in position.tolist())
    return owner, names, tenure
