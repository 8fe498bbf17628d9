"""The exact core: CP-SAT on the whole of a small model, with a proof.

:mod:`.rounding` turns amounts into integers and says how far that is off,
:mod:`.program` posts what must hold, :mod:`.prices` what costs, :mod:`.cohesion`
what makes territories hang together, :mod:`.solver` runs it.
"""

from .solver import Effort, ExactResult, solve_exact

__all__ = ["Effort", "ExactResult", "solve_exact"]
