"""Who reports to whom: management as given, and the owners of the problem below it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ..models.errors import BadInput, InputProblem
from ..models.management import build_management
from ..models.problem import Problem
from ..models.tables import Table


def structure_table(
    problem: Problem, tables: Mapping[str, tuple[Table, ...]], rates: Mapping[str, float]
) -> tuple[pd.DataFrame, tuple[InputProblem, ...]]:
    """Make ``structure.csv``, or say why there is none.

    Parameters
    ----------
    rates
        Plan rate of each other currency.
    """
    try:
        management = build_management(
            tables.get("people"), problem, reps=tables["reps"], rates=rates
        )
    except BadInput as error:
        return pd.DataFrame(columns=["person", "role", "team", "reports_to"]), error.problems
    return management.table(), ()
