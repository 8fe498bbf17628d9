"""The neighbour graph of units, and of the covers that a team makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..arrays import BoolArray, FloatArray, IndexArray
from ..errors import counted, shortlist
from ..problem import Neighbours
from .borders import border_pairs
from .links import link_components, pieces_of
from .points import planar_pairs, sorted_pairs

#: Kinds of neighbours that a given table may name; other words count as ``given``.
KINDS = ("border", "point", "link", "given")
BARRIER = "barrier"
_NO_PAIRS = np.empty((0, 2), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class UnitGraph:
    """Neighbours among all units.

    Parameters
    ----------
    pairs, kinds
        Unit indices, smaller first, sorted, each pair once, (e, 2), and the kind of each.
    barriers
        Pairs that are no neighbours after all, (b, 2).
    points
        Units that join a planar graph where no area of the team is around them: all
        of them for a market of points, the accounts in a mixed one, (units,).
    links
        Whether pieces are to be joined.
    """

    pairs: IndexArray
    kinds: tuple[str, ...]
    barriers: IndexArray
    points: BoolArray
    links: bool = True

    def with_given(self, given: UnitGraph) -> UnitGraph:
        """Add given links and barriers."""
        return UnitGraph(
            *_merged([(given.pairs, given.kinds), (self.pairs, self.kinds)]),
            sorted_pairs(np.vstack([self.barriers, given.barriers])),
            self.points,
            self.links,
        )


def _merged(
    groups: Sequence[tuple[IndexArray, Sequence[str]]],
) -> tuple[IndexArray, tuple[str, ...]]:
    """Pairs of several groups, each pair once with the kind of the first group that has it."""
    kind_of: dict[tuple[int, int], str] = {}
    for pairs, kinds in groups:
        for (a, b), kind in zip(pairs.tolist(), kinds, strict=True):
            if a != b:
                kind_of.setdefault((min(a, b), max(a, b)), kind)
    pairs = np.array(sorted(kind_of), dtype=np.int64).reshape(-1, 2)
    return pairs, tuple(kind_of[a, b] for a, b in pairs.tolist())


def point_graph(units: int, *, links: bool = True) -> UnitGraph:
    """Graph of a market of points: planar, made team by team."""
    return UnitGraph(_NO_PAIRS, (), _NO_PAIRS, np.ones(units, dtype=np.bool_), links)


def empty_graph(units: int) -> UnitGraph:
    """Nobody borders on anybody, and nothing is linked."""
    return UnitGraph(_NO_PAIRS, (), _NO_PAIRS, np.zeros(units, dtype=np.bool_), links=False)


def given_graph(units: int, pairs: IndexArray, kinds: Sequence[str]) -> UnitGraph:
    """Graph of given pairs; ``barrier`` parts two units whatever else is said of them."""
    barrier = np.array([kind == BARRIER for kind in kinds], dtype=np.bool_)
    barriers = sorted_pairs(pairs[barrier]) if len(pairs) else _NO_PAIRS
    named = [_kind(kind) for kind in kinds if kind != BARRIER]
    kept, kept_kinds = _merged([(pairs[~barrier], named)]) if len(pairs) else (_NO_PAIRS, ())
    return UnitGraph(kept, kept_kinds, barriers, np.zeros(units, dtype=np.bool_))


def _kind(word: str) -> str:
    """One of the known kinds; ``sea_link`` and the like are links."""
    return word if word in KINDS else "link" if word.endswith("link") else "given"


def area_graph(shapes: NDArray[Any], latitude: FloatArray, longitude: FloatArray) -> UnitGraph:
    """Graph of areas by shared borders; points join the area around them and its neighbours.

    Parameters
    ----------
    shapes
        Polygons in degrees, None for a unit that is a point, (units,).
    latitude, longitude
        Degrees, (units,).
    """
    is_area = ~shapely.is_missing(shapes)
    areas = np.flatnonzero(is_area)
    borders, _ = border_pairs(shapes[areas])
    borders = areas[borders].reshape(-1, 2)
    points = np.flatnonzero(~is_area & np.isfinite(latitude))
    marks = shapely.points(longitude[points], latitude[points])
    inside = shapely.STRtree(shapes[areas]).query(marks, predicate="intersects")
    # A point on a border lies in the first of its areas.
    _, first = np.unique(inside[0], return_index=True)
    point, home = points[inside[0][first]], areas[inside[1][first]]
    around: dict[int, list[int]] = {}
    for a, b in borders.tolist():
        around.setdefault(a, []).append(b)
        around.setdefault(b, []).append(a)
    attached = [
        (p, near)
        for p, area in zip(point.tolist(), home.tolist(), strict=True)
        for near in (area, *around.get(area, ()))
    ]
    attached_pairs = np.array(attached, dtype=np.int64).reshape(-1, 2)
    pairs, kinds = _merged(
        [
            (borders, ("border",) * len(borders)),
            (attached_pairs, ("point",) * len(attached_pairs)),
        ]
    )
    return UnitGraph(pairs, kinds, _NO_PAIRS, ~is_area)


@dataclass(frozen=True, eq=False)
class TeamUnits:
    """The whole units that a team covers.

    Parameters
    ----------
    units
        Indices of whole units, ascending, (u,).
    free
        False for units that the house or a partner holds, (u,).
    covers
        Cover indices of each unit's parts.
    latitude, longitude, shapes, ids
        Of the units, (u,).
    """

    units: IndexArray
    free: BoolArray
    covers: tuple[tuple[int, ...], ...]
    latitude: FloatArray
    longitude: FloatArray
    shapes: NDArray[Any] | None
    ids: tuple[str, ...]


def team_neighbours(graph: UnitGraph, team: TeamUnits) -> tuple[Neighbours, tuple[str, ...]]:
    """Neighbours of a team's covers, and notes on what had to be linked.

    Units that the house or a partner holds keep their borders, but nobody's territory
    leads through them: the others hang together without them.
    """
    count = len(team.units)
    pairs, kinds = _induced(graph.pairs, graph.kinds, team.units)
    barriers, _ = _induced(graph.barriers, ("",) * len(graph.barriers), team.units)
    joined = _joined_points(graph, team, pairs)
    pairs, kinds = _merged([(pairs, kinds), (joined, ("point",) * len(joined))])
    parted: BoolArray = np.asarray(np.isin(pairs @ [count, 1], barriers @ [count, 1]))
    kinds = tuple(kind for kind, out in zip(kinds, parted.tolist(), strict=True) if not out)
    pairs = pairs[~parted]
    notes: list[str] = []
    if graph.links:
        links, notes = _links(team, pairs, barriers)
        pairs, kinds = _merged([(pairs, kinds), (links, ("link",) * len(links))])
    return _in_covers(pairs, kinds, team.covers), tuple(notes)


def _induced(
    pairs: IndexArray, kinds: Sequence[str], units: IndexArray
) -> tuple[IndexArray, tuple[str, ...]]:
    """Pairs within some units, in positions among them."""
    inside: BoolArray = np.asarray(np.isin(pairs, units).all(axis=1), dtype=np.bool_)
    kept = np.searchsorted(units, pairs[inside]).astype(np.int64).reshape(-1, 2)
    return kept, tuple(kind for kind, here in zip(kinds, inside.tolist(), strict=True) if here)


def _joined_points(graph: UnitGraph, team: TeamUnits, pairs: IndexArray) -> IndexArray:
    """Planar graph of the team's points that no area holds, in positions."""
    attached = np.zeros(len(team.units), dtype=np.bool_)
    attached[pairs.ravel()] = True
    loose = graph.points[team.units] & np.isfinite(team.latitude) & ~attached
    free = np.flatnonzero(loose & team.free)
    found = [free[planar_pairs(team.latitude[free], team.longitude[free])]]
    if not team.free.all():
        all_points = np.flatnonzero(loose)
        made = all_points[planar_pairs(team.latitude[all_points], team.longitude[all_points])]
        found.append(made[~team.free[made].all(axis=1)])
    return sorted_pairs(np.vstack(found))


def _links(
    team: TeamUnits, pairs: IndexArray, barriers: IndexArray
) -> tuple[IndexArray, list[str]]:
    free = np.flatnonzero(team.free)
    inner, _ = _induced(pairs, ("",) * len(pairs), free)
    walls, _ = _induced(barriers, ("",) * len(barriers), free)
    shapes = None if team.shapes is None else team.shapes[free]
    lat, lon = team.latitude[free], team.longitude[free]
    links = link_components(inner, lat, lon, shapes, walls)
    made = np.array([(free[link.a], free[link.b]) for link in links], dtype=np.int64).reshape(-1, 2)
    notes = [
        f"{team.ids[a]} and {team.ids[b]} are linked over {link.kilometres:.1f} km"
        for (a, b), link in zip(made.tolist(), links, strict=True)
    ]
    joined = np.array([(link.a, link.b) for link in links], dtype=np.int64).reshape(-1, 2)
    left, piece = pieces_of(len(free), np.vstack([inner, joined]))
    if left > 1:
        sizes = Counter(piece.tolist())
        largest = max(sizes, key=lambda p: (sizes[p], -p))
        apart = [team.ids[free[i]] for i in np.flatnonzero(piece != largest)]
        shown = shortlist(apart, 5)
        notes.append(f"cut off from the rest of the map: {counted(len(apart), 'unit')}, {shown}")
    return made, notes


def _in_covers(
    pairs: IndexArray, kinds: Sequence[str], covers: tuple[tuple[int, ...], ...]
) -> Neighbours:
    """Neighbours of covers: parts border on each other and on all their unit's neighbours."""
    first = np.array([parts[0] for parts in covers], dtype=np.int64)
    split = {position for position, parts in enumerate(covers) if len(parts) > 1}
    simple = np.array(
        [a not in split and b not in split for a, b in pairs.tolist()], dtype=np.bool_
    )
    plain = [kind for kind, kept in zip(kinds, simple.tolist(), strict=True) if kept]
    crossing = [
        ((one, other), kind)
        for (a, b), kind, kept in zip(pairs.tolist(), kinds, simple.tolist(), strict=True)
        if not kept
        for one in covers[a]
        for other in covers[b]
    ]
    within = [
        (one, other)
        for position in sorted(split)
        for at, one in enumerate(covers[position])
        for other in covers[position][at + 1 :]
    ]
    merged, merged_kinds = _merged(
        [
            (first[pairs[simple]].reshape(-1, 2), plain),
            (
                np.array([pair for pair, _ in crossing], dtype=np.int64).reshape(-1, 2),
                [kind for _, kind in crossing],
            ),
            (np.array(within, dtype=np.int64).reshape(-1, 2), ["part"] * len(within)),
        ]
    )
    return Neighbours(merged, merged_kinds)
