"""Travel and neighbours of every team."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..arrays import BoolArray, FloatArray
from ..neighbours import (
    TeamUnits,
    UnitGraph,
    area_graph,
    empty_graph,
    given_graph,
    point_graph,
    team_neighbours,
)
from ..neighbours.graph import BARRIER
from ..problem import Neighbours
from ..tables import Table, Tables, as_tables
from ..travel import Places, TravelProvider
from .intake import Intake, gather
from .owners import Roster
from .teams import Assembled
from .units import Market

BORDERS, POINTS, NOBODY = "borders", "points", "none"


def unit_places(market: Market) -> Places:
    """All whole units, for a travel provider."""
    return Places(market.ids, market.latitude, market.longitude, (), market.regions)


def base_places(roster: Roster, members: Sequence[int]) -> Places:
    """Bases of some positions, for a travel provider."""
    chosen = [roster.positions[member] for member in members]
    return Places(
        tuple(p.id for p in chosen),
        np.array([p.latitude for p in chosen], dtype=np.float64),
        np.array([p.longitude for p in chosen], dtype=np.float64),
        tuple(p.base for p in chosen),
        tuple(p.region for p in chosen),
    )


def team_travel(
    team: Assembled,
    visits: FloatArray,
    market: Market,
    roster: Roster,
    travel: TravelProvider,
    intake: Intake,
) -> tuple[FloatArray, FloatArray]:
    """Minutes and road kilometres one way, (whole units, members) each.

    0 for owners that do not travel, and for units without a place that nobody visits.
    """
    units, members = team.units, team.members
    minutes = np.zeros((len(units), len(members)))
    kilometres = np.zeros_like(minutes)
    travels = [at for at, m in enumerate(members) if roster.positions[m].kind.holds_territory]
    if not team.spec.visiting or not travels or not len(units):
        return minutes, kilometres
    regions = market.regions
    places = Places(
        tuple(market.ids[unit] for unit in units.tolist()),
        market.latitude[units],
        market.longitude[units],
        (),
        tuple(regions[unit] for unit in units.tolist()),
    )
    who = [members[at] for at in travels]
    given = travel.times(base_places(roster, who), places)
    lost = np.isnan(market.latitude[units])
    free_of_visits = (lost & ~(visits > 0))[:, None]
    for block, values in zip((minutes, kilometres), given, strict=True):
        block[:, travels] = np.where(free_of_visits & np.isnan(values), 0.0, values)
    homeless = [
        m
        for at, m in zip(travels, who, strict=True)
        if _has_no_base(m, roster) and np.isnan(minutes[:, at]).any()
    ]
    message = (
        f"team {team.spec.name} visits, so the rep needs a base: latitude and longitude, or base"
    )
    ids = [p.id for p in roster.positions]
    intake.rows(roster.rows, homeless, "latitude", message, ids)
    based = [at for at, m in zip(travels, who, strict=True) if not _has_no_base(m, roster)]
    if based:
        unplaced = lost & np.isnan(minutes[:, based]).all(axis=1)
        message = f"team {team.spec.name} visits the unit, so it needs latitude and longitude"
        intake.rows(market.rows, units[unplaced], "latitude", message, market.ids)
        cut_off = units[~lost & np.isnan(minutes[:, based]).all(axis=1)]
        if len(cut_off):
            shown = ", ".join(market.ids[unit] for unit in cut_off[:5])
            intake.notes.append(
                f"no base of team {team.spec.name} has a way to {len(cut_off)} units: {shown}"
            )
    return minutes, kilometres


def _has_no_base(member: int, roster: Roster) -> bool:
    return bool(np.isnan(roster.positions[member].latitude))


class Graphs:
    """Neighbour graphs of the market by the word or table that asks for them, each made once."""

    def __init__(self, market: Market, intake: Intake) -> None:
        self.market, self.intake = market, intake
        self._made: dict[str | int, UnitGraph] = {}

    def graph(self, wanted: str | Tables | None) -> UnitGraph:
        """Graph of all units: by borders or points (by default what the units are), or given."""
        key = wanted if isinstance(wanted, str) else id(wanted) if wanted is not None else ""
        if key not in self._made:
            self._made[key] = self._make(wanted)
        return self._made[key]

    def _make(self, wanted: str | Tables | None) -> UnitGraph:
        market = self.market
        if wanted is None:
            wanted = BORDERS if market.shapes is not None else POINTS
        if not isinstance(wanted, str):
            return self._given(wanted)
        if wanted == BORDERS:
            if market.shapes is None:
                message = "borders need areas: give the units a geometry, or take points"
                self.intake.found.add(message, key="neighbours", value=wanted)
                return empty_graph(len(market))
            return area_graph(market.shapes, market.latitude, market.longitude)
        if wanted == POINTS:
            return point_graph(len(market))
        if wanted != NOBODY:
            message = f"must be {BORDERS}, {POINTS}, {NOBODY} or a table of pairs"
            self.intake.found.add(message, key="neighbours", value=wanted)
        return empty_graph(len(market))

    def _given(self, tables: pd.DataFrame | Table | Sequence[pd.DataFrame | Table]) -> UnitGraph:
        """Graph of given pairs; only links and barriers go on top of what the units are."""
        rows = gather(as_tables(tables, "neighbours"), self.intake)
        index = self.market.index
        ends = []
        gone = self.market.rows.quarantined("unit")
        for name in ("a", "b"):
            ids = rows.column(name)
            at = index.positions(ids)
            if len(rows):
                index.note_repairs(rows.sources[0], self.intake)
            unknown = [r for r in np.flatnonzero(at < 0).tolist() if ids[r] and ids[r] not in gone]
            self.intake.rows(rows, unknown, name, "is no unit", ids)
            ends.append(at)
        pairs = np.column_stack(ends).astype(np.int64).reshape(-1, 2)
        known: BoolArray = np.asarray((pairs >= 0).all(axis=1), dtype=np.bool_)
        kinds = [
            kind for kind, kept in zip(rows.texts("kind"), known.tolist(), strict=True) if kept
        ]
        given = given_graph(len(self.market), pairs[known], kinds)
        if kinds and set(kinds) <= {BARRIER, "link"}:
            return self.graph(None).with_given(given)
        return given


def neighbours_of(
    team: Assembled,
    first_cover: int,
    graph: UnitGraph,
    market: Market,
    roster: Roster,
    intake: Intake,
) -> Neighbours:
    """Neighbours of a team's covers, which begin at ``first_cover``; what was linked is noted."""
    if intake.found:
        # With rows at fault the map may be at fault too; they are named first.
        return Neighbours(np.empty((0, 2), dtype=np.int64), ())
    parts = market.parts[team.units]
    starts = first_cover + np.cumsum(parts) - parts
    covers = tuple(
        tuple(range(start, start + count))
        for start, count in zip(starts.tolist(), parts.tolist(), strict=True)
    )
    shapes = None if market.shapes is None else market.shapes[team.units]
    units = TeamUnits(
        team.units,
        team.free(roster),
        covers,
        market.latitude[team.units],
        market.longitude[team.units],
        shapes,
        tuple(market.ids[unit] for unit in team.units.tolist()),
    )
    neighbours, notes = team_neighbours(graph, units)
    intake.notes.extend(f"team {team.spec.name}: {note}" for note in notes)
    return neighbours
