"""The exact core: CP-SAT on the whole of a small model, with a proof.

:mod:`.rounding` turns amounts into integers and says how far that is off,
:mod:`.program` posts what must hold, :mod:`.prices` what costs, :mod:`.cohesion`
what makes territories hang together, :mod:`.solver` runs it. :mod:`.undecided` deals out
what prices leave open where territories may lie in pieces, with HiGHS.
"""

from .solver import Effort, ExactResult, solve_exact
from .undecided import deal_undecided, is_linear

__all__ = ["Effort", "ExactResult", "deal_undecided", "is_linear", "solve_exact"]
