"""Who borders on whom: areas by shared borders, points by a planar graph, islands by links."""

from .borders import border_pairs
from .graph import (
    TeamUnits,
    UnitGraph,
    area_graph,
    empty_graph,
    given_graph,
    point_graph,
    team_neighbours,
)
from .links import link_components
from .points import planar_pairs

__all__ = [
    "TeamUnits",
    "UnitGraph",
    "area_graph",
    "border_pairs",
    "empty_graph",
    "given_graph",
    "link_components",
    "planar_pairs",
    "point_graph",
    "team_neighbours",
]
