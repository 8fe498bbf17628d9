"""Columns of figures as callers give them, with a message for each that cannot be used."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ....models.arrays import FloatArray
from ....models.errors import ProblemList


def figures(frame: pd.DataFrame, column: str, found: ProblemList) -> FloatArray:
    """A column of finite numbers of at least 0, (rows,); missing is not zero."""
    if column not in frame.columns:
        found.add("the table needs this column", key=column)
        return np.zeros(len(frame))
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float)
    for row in np.flatnonzero(~(np.isfinite(values) & (values >= 0))).tolist():
        given = frame[column].iloc[row]
        missing = bool(pd.isna(given))
        message = "must be a number of at least 0" + ("; missing is not zero" if missing else "")
        found.add(message, place=f"row {row + 1}", key=column, value="" if missing else given)
    return values
