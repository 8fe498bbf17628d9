"""An :class:`AssignmentModel` as flat arrays that compiled code reads.

Parts with the same shape are put into one form, so that the bound and the search
each handle four kinds of things instead of a dozen:

*resources* (an interval per owner), *counters* (an interval on a sum over a few pairs:
budgets, items apart, homes), *spread* groups, and what depends on neighbours (cut
edges, connected territories, diameters).

Every priced part belongs to a *group*: 0 is the objective, 1, 2 … are sums of earlier
stages that have a limit, and -1 means that the part is hard.
"""

from .arrays import CUT, HARD, PriceTables, Tables
from .compilation import compile_tables
from .grouping import grouped

__all__ = ["CUT", "HARD", "PriceTables", "Tables", "compile_tables", "grouped"]
