"""Teams from their specifications: who belongs to them, what they cover, what owners hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import BoolArray, IndexArray
from ..errors import counted, shortlist
from ..rules import Lock, Rule
from ..structure import PRIMARY, TeamSpec
from .intake import Intake, Rows
from .owners import Roster
from .units import Market


@dataclass(frozen=True, eq=False)
class Assembled:
    """A team with its people and units.

    Parameters
    ----------
    members
        Positions of the roster, ascending.
    units
        Whole units, ascending, (u,).
    holder
        Position that takes the unit by its ``takes`` expression, -1 for none, (u,).
    """

    spec: TeamSpec
    members: tuple[int, ...]
    units: IndexArray
    holder: IndexArray

    def free(self, roster: Roster) -> BoolArray:
        """Units that neither the house nor a partner takes, (u,)."""
        settled = np.array([not p.kind.holds_territory for p in roster.positions] + [False])
        return np.asarray(~settled[self.holder])


def given_teams(specs: Sequence[TeamSpec], roster: Roster, intake: Intake) -> tuple[TeamSpec, ...]:
    """The specified teams; where none is, the roster's one team covers everything."""
    if not specs:
        names = sorted(set(roster.rows.texts("team")) - {""})
        if len(names) > 1:
            intake.found.add(
                f"the roster has the teams {', '.join(names)}; say what each covers", key="teams"
            )
        name = names[0] if names else "field"
        return (TeamSpec(name, reps="True"),)
    seen: set[str] = set()
    for spec in specs:
        if spec.name in seen:
            intake.found.add("each team stands once", place=f"team {spec.name}", key="name")
        seen.add(spec.name)
    if len(specs) == 1 and "team" not in roster.rows.frame.columns and not specs[0].reps:
        return (replace(specs[0], reps="True"),)
    return tuple(specs)


def assemble(
    specs: Sequence[TeamSpec], market: Market, roster: Roster, intake: Intake
) -> tuple[Assembled, ...]:
    """Pick units and people of every team; name what is covered twice or by nobody."""
    units = market.expression_frame()
    people = roster.rows.frame
    if "team" not in people.columns:
        people = people.assign(team=None)
    covered, chosen = [], []
    for spec in specs:
        place = f"team {spec.name}"
        covered.append(intake.picked(spec.covers, units, place, "covers"))
        chosen.append(intake.picked(spec.roster, people, place, "reps"))
    if not intake.found:
        _check_coverage(specs, covered, market, intake)
        _check_membership(specs, chosen, roster, intake)
    teams = []
    for spec, mine, who in zip(specs, covered, chosen, strict=True):
        members = tuple(p.row for p in roster.positions if p.here and who[p.row])
        rows = np.flatnonzero(mine).astype(np.int64)
        holder = _holders(spec, members, rows, market, roster, intake)
        teams.append(Assembled(spec, members, rows, holder))
    if not intake.found:
        _check_filled(teams, market, roster, intake)
    return tuple(teams)


def _check_coverage(
    specs: Sequence[TeamSpec], covered: Sequence[BoolArray], market: Market, intake: Intake
) -> None:
    roles = dict.fromkeys(spec.role for spec in specs)
    if PRIMARY not in roles:
        intake.found.add(f"a structure needs a team of role {PRIMARY!r}", key="teams")
    for role in roles:
        mine = [(s.name, c) for s, c in zip(specs, covered, strict=True) if s.role == role]
        times = np.sum([rows for _, rows in mine], axis=0)
        names = ", ".join(name for name, _ in mine)
        twice = np.flatnonzero(times > 1)
        message = f"the unit is covered by several teams of role {role!r} (of {names})"
        intake.rows(market.rows, twice, "covers", message, market.ids)
        if role == PRIMARY:
            message = f"the unit is covered by no team of role {role!r} (of {names})"
            intake.rows(market.rows, np.flatnonzero(times == 0), "covers", message, market.ids)


def _check_membership(
    specs: Sequence[TeamSpec], chosen: Sequence[BoolArray], roster: Roster, intake: Intake
) -> None:
    times = np.sum(chosen, axis=0)
    names = ", ".join(spec.name for spec in specs)
    ids = [p.id for p in roster.positions]
    message = f"belongs to several teams (of {names})"
    intake.rows(roster.rows, np.flatnonzero(times > 1), "rep", message, ids)
    idle = [p.id for p in roster.positions if p.here and times[p.row] == 0]
    if idle:
        intake.notes.append(
            f"of no team of this structure: {counted(len(idle), 'position')}, {shortlist(idle)}"
        )


def _holders(
    spec: TeamSpec,
    members: tuple[int, ...],
    units: IndexArray,
    market: Market,
    roster: Roster,
    intake: Intake,
) -> IndexArray:
    """Who takes which unit of the team by its ``takes`` expression, -1 for nobody, (u,)."""
    frame = market.expression_frame().iloc[units]
    holder = np.full(len(units), -1, dtype=np.int64)
    for position in members:
        text = roster.positions[position].takes
        if not text:
            continue
        rows: Rows = roster.rows
        place = f"{rows.sources[position]}, {rows.places[position]}"
        taken = intake.picked(text, frame, place, "takes")
        for at in np.flatnonzero(taken & (holder >= 0))[:1]:
            other = roster.positions[holder[at]].id
            intake.found.add(
                f"takes unit {market.ids[units[at]]!r}, which {other!r} takes too (team "
                f"{spec.name})",
                source=rows.sources[position],
                place=rows.places[position],
                key="takes",
                value=text,
            )
        if not taken.any():
            intake.notes.append(f"{roster.positions[position].id} takes no unit of {spec.name}")
        holder[taken] = position
    return holder


def _check_filled(
    teams: Sequence[Assembled], market: Market, roster: Roster, intake: Intake
) -> None:
    for team in teams:
        place = f"team {team.spec.name}"
        if not len(team.units):
            intake.found.add("covers no unit", place=place, key="covers", value=team.spec.covers)
        elif not team.members:
            key, value = "reps", team.spec.roster
            intake.found.add("has nobody in the plan period", place=place, key=key, value=value)
        elif not any(roster.positions[m].opens for m in team.members) and (team.holder < 0).any():
            unit = market.ids[team.units[np.flatnonzero(team.holder < 0)[0]]]
            intake.found.add(
                f"has units that nobody may take, for all its owners are closed: unit {unit}",
                place=place,
                key="open",
            )


def take_locks(
    teams: Sequence[Assembled],
    market: Market,
    roster: Roster,
    rules: Sequence[Rule],
    intake: Intake,
) -> tuple[Lock, ...]:
    """A lock for every owner that takes units; a closed owner without any is noted."""
    named = {owner for rule in rules if isinstance(rule, Lock) for owner in rule.owners.values()}
    locks = []
    for team in teams:
        for member in team.members:
            owner = roster.positions[member]
            units = [market.ids[unit] for unit in team.units[team.holder == member]]
            if units:
                reason = f"{owner.name} takes: {owner.takes}"
                locks.append(
                    Lock(
                        name=f"takes_{owner.id}",
                        owners=dict.fromkeys(units, owner.id),
                        reason=reason,
                    )
                )
            elif not owner.opens and owner.id not in named:
                intake.notes.append(
                    f"{owner.id} ({owner.kind}) is closed and takes nothing, so it will hold nothing"
                )
    return tuple(locks)
