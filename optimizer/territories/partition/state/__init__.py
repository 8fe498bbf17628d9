"""A plan as the search holds it: sums, members, borders, and a quick test of connection.

Points stand on a whole-numbered grid. Squares of distances are whole numbers then, and
sums of them are exact in any order, so that vector instructions give the same result
as a plain loop.
"""

from .connection import stays_connected
from .distances import STEP, all_beyond, beyond, squared_diameter
from .draft import (
    BALANCE,
    BEST,
    BORDER,
    CUTS,
    FAR,
    LIMIT,
    SHRINK,
    STAMP,
    STOP,
    VALUE,
    Draft,
    Words,
    draft_of,
)
from .ground import GRID, Ground, grid_scale, ground_of
from .moves import load_plan, move

__all__ = [
    "BALANCE",
    "BEST",
    "BORDER",
    "CUTS",
    "FAR",
    "GRID",
    "LIMIT",
    "SHRINK",
    "STAMP",
    "STEP",
    "STOP",
    "VALUE",
    "Draft",
    "Ground",
    "Words",
    "all_beyond",
    "beyond",
    "draft_of",
    "grid_scale",
    "ground_of",
    "load_plan",
    "move",
    "squared_diameter",
    "stays_connected",
]
