"""The table of assignments: who has what, who had it, and whether it moved."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..plan import Plan
from ..problem import Problem


def assignment_table(problem: Problem, plan: Plan) -> pd.DataFrame:
    """One row per whole unit, team and owner, parts put together again.

    Columns ``unit, team, rep, share, incumbent, moved``: ``incumbent`` is today's
    owner (of the largest part, the first by id in a tie), empty for none; ``moved``
    whether anything of the row had another incumbent.
    """
    covers, units = problem.covers, problem.units
    unit = covers.unit
    ids = np.array([*problem.owners.ids, ""], dtype=object)
    parts = pd.DataFrame(
        {
            "unit": np.array(units.wholes, dtype=object)[unit],
            "team": np.array([team.name for team in problem.teams], dtype=object)[covers.team],
            "rep": ids[plan.owner],
            "share": units.shares[unit],
            "incumbent": np.array(covers.incumbent_ids, dtype=object),
            "order": np.arange(len(covers)),
        }
    )
    parts["moved"] = (parts["incumbent"] != "") & (parts["incumbent"] != parts["rep"])
    keys = ["unit", "team", "rep"]
    largest = (
        parts.groupby([*keys, "incumbent"], sort=True)["share"]
        .sum()
        .reset_index()
        .sort_values([*keys, "share", "incumbent"], ascending=[True, True, True, False, True])
        .drop_duplicates(keys)
    )
    rows = parts.groupby(keys, as_index=False, sort=False).agg(
        share=("share", "sum"), moved=("moved", "any"), order=("order", "min")
    )
    rows = rows.merge(largest[[*keys, "incumbent"]], on=keys).sort_values("order")
    return rows[["unit", "team", "rep", "share", "incumbent", "moved"]].reset_index(drop=True)
