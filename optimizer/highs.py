"""HiGHS, reached through OR-tools, set up so that the same input gives the same answer."""

from __future__ import annotations

import datetime

import numpy as np
from ortools.math_opt.python import mathopt


def run_highs(
    model: mathopt.Model,
    *,
    cutoff: float = np.inf,
    nodes: int | None = None,
    relative_gap: float = 1e-9,
    seconds: float | None = None,
) -> mathopt.SolveResult:
    """Solve an integer program, one that is minimised.

    Parameters
    ----------
    cutoff
        Only solutions below it are asked for.
    nodes
        Branch-and-bound nodes at most.
    seconds
        Wall clock, which is no part of the input.
    """
    parameters = mathopt.SolveParameters(
        time_limit=None if seconds is None else datetime.timedelta(seconds=seconds)
    )
    parameters.relative_gap_tolerance = relative_gap
    parameters.absolute_gap_tolerance = 1e-9
    parameters.node_limit = nodes
    parameters.highs.bool_options["output_flag"] = False
    parameters.highs.int_options["random_seed"] = 1
    if np.isfinite(cutoff):
        # A little above, so that the solver's own tolerance cuts off nothing better.
        parameters.highs.double_options["objective_bound"] = cutoff + 1e-6 * abs(cutoff)
    return mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
