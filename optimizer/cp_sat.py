"""CP-SAT set up so that the same input gives the same answer, and a right one."""

from __future__ import annotations

import math
from typing import Any

from ortools.sat.python import cp_model


def new_solver(*, seed: int, work: float = math.inf, gap: float = 0.0) -> Any:
    """Return a solver that is deterministic, safe in threads and leaves signals alone.

    One worker, so that the machine's cores are no part of the answer. A step of the
    presolve of CP-SAT 9.15 adds up booleans in 32 bits and proves false optima where
    the coefficients of a constraint add up to more; it is switched off here, and
    constraints should stay below 2³⁰ all the same, since related steps share the code.

    Parameters
    ----------
    work
        Limit in deterministic time, about a second of one core each.
    gap
        Share of the objective at which to stop.
    """
    solver = cp_model.CpSolver()
    settings = solver.parameters
    settings.num_workers = 1
    settings.random_seed = seed % 2**31
    settings.catch_sigint_signal = False
    settings.presolve_inclusion_work_limit = 0
    if math.isfinite(work):
        settings.max_deterministic_time = max(work, 1e-3)
    if gap > 0:
        settings.relative_gap_limit = gap
    return solver
