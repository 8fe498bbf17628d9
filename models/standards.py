"""Service standards: what a class of units is promised, and the hours and visits that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .arrays import BoolArray, FloatArray
from .structure import VISITING_CHANNEL


@dataclass(frozen=True, eq=False)
class Loads:
    """What an account of each unit takes in a year, (units,).

    Parameters
    ----------
    known
        False where the unit's class is not in the set, and the numbers are NaN.
    served
        False where the class is in the set, but by no channel of the team.
    hours
        With customers.
    visits
        At the customer's.
    """

    known: BoolArray
    served: BoolArray
    hours: FloatArray
    visits: FloatArray


@dataclass(frozen=True, eq=False)
class ServiceStandards:
    """Sets of standards by name.

    Parameters
    ----------
    table
        Columns ``standard`` (empty where there is one set), ``class``, ``channel``,
        ``calls_per_year``, ``hours_per_call``.

    >>> standards = ServiceStandards(pd.DataFrame({
    ...     "class": ["A", "A"], "channel": ["field", "phone"],
    ...     "calls_per_year": [12.0, 24.0], "hours_per_call": [1.5, 0.25],
    ... }))
    >>> loads = standards.loads("", ["A", "B"], ("field", "phone"))
    >>> loads.hours.tolist(), loads.visits.tolist(), loads.known.tolist()
    ([24.0, nan], [12.0, nan], [True, False])
    """

    table: pd.DataFrame

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sets, sorted; one empty name where sets are not named."""
        if "standard" not in self.table.columns:
            return ("",) if len(self.table) else ()
        return tuple(sorted({name or "" for name in self.table["standard"]}))

    def pick(self, name: str) -> str | None:
        """The set that a team means; None where there is none of that name, or several."""
        names = self.names
        if name in names:
            return name
        return names[0] if not name and len(names) == 1 else None

    def loads(self, name: str, classes: Sequence[str | None], channels: Sequence[str]) -> Loads:
        """Hours and visits of one account a year, by the classes of units.

        Parameters
        ----------
        name
            A set, as :meth:`pick` gives it.
        channels
            How the team calls; other channels of the standard are left to others.
        """
        rows = self.table
        if "standard" in rows.columns:
            rows = rows[rows["standard"].fillna("") == name]
        mine = rows[rows["channel"].isin(list(channels))]
        calls = mine["calls_per_year"]
        hours = (calls * mine["hours_per_call"]).groupby(mine["class"]).sum()
        visits = calls[mine["channel"] == VISITING_CHANNEL].groupby(mine["class"]).sum()
        in_set = frozenset(rows["class"])
        known = np.array([one in in_set for one in classes], dtype=np.bool_)
        served = np.array([one in hours.index for one in classes], dtype=np.bool_)
        gap = np.where(known, 0.0, np.nan)
        return Loads(known, served, _taken(hours, classes, gap), _taken(visits, classes, gap))


def _taken(
    by_class: pd.Series[float], classes: Sequence[str | None], gap: FloatArray
) -> FloatArray:
    values = {str(key): float(value) for key, value in by_class.items()}
    return np.array(
        [values.get(one or "", other) for one, other in zip(classes, gap.tolist(), strict=True)],
        dtype=np.float64,
    )
