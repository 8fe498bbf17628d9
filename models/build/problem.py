"""From data frames to a frozen problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..calendar import Ramp, WorkCalendar
from ..objective import Objective
from ..problem import Problem
from ..rules import Rule
from ..structure import TeamSpec
from ..tables import Tables
from ..touring import Touring
from ..travel import TravelProvider


def build_problem(
    units: Tables,
    reps: Tables,
    *,
    calendar: WorkCalendar,
    travel: TravelProvider,
    teams: Sequence[TeamSpec] = (),
    standards: Tables | None = None,
    incumbent: Tables | None = None,
    geometry: Tables | None = None,
    names: Tables | None = None,
    leaves: Tables | None = None,
    neighbours: str | Tables | None = None,
    rules: Sequence[Rule] = (),
    objective: Objective | None = None,
    touring: Touring | None = None,
    currency: str = "EUR",
    rates: Mapping[str, float] | None = None,
    price_year: int = 0,
    ramp: Ramp | None = None,
    control_totals: Mapping[str, float] | None = None,
) -> Problem:
    """Build the territory problem from data frames or tables that were read.

    Raises
    ------
    BadInput
        With everything that is wrong in all tables, at once.
    """
    raise NotImplementedError
