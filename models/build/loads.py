"""Hours, visits and measures of a team's units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import FloatArray
from ..standards import ServiceStandards
from ..structure import PRIMARY, TeamSpec
from .intake import Intake
from .teams import Assembled
from .units import Market


@dataclass(frozen=True, eq=False)
class TeamLoads:
    """Of a team's whole units, (u,) each.

    Parameters
    ----------
    workload, visits
        In the plan period.
    measures
        A year's.
    """

    workload: FloatArray
    visits: FloatArray
    measures: Mapping[str, FloatArray]


def team_loads(
    team: Assembled,
    market: Market,
    standards: ServiceStandards | None,
    share_of_year: float,
    intake: Intake,
) -> TeamLoads:
    """Loads by the standards of the units' classes, unless the units bring their own."""
    spec, units = team.spec, team.units
    standard_hours, standard_visits = _by_standard(team, market, standards, intake)
    hours = _overridden(spec, market, "workload", standard_hours, units, intake)
    visits = _overridden(spec, market, "visits", standard_visits, units, intake)
    if not spec.visiting:
        visits = np.zeros(len(units))
    _name_missing(team, market, hours, visits, standards, intake)
    measures = {name: column[units] for name, column in market.measures.items()}
    for name in ("potential", "sales"):
        measures[name] = _credited(spec, market, name, intake)[units]
    return TeamLoads(hours * share_of_year, visits * share_of_year, measures)


def _by_standard(
    team: Assembled, market: Market, standards: ServiceStandards | None, intake: Intake
) -> tuple[FloatArray, FloatArray]:
    """Hours and visits a year by class; NaN where the class has no standard, (u,) each."""
    gap = np.full(len(team.units), np.nan)
    spec = team.spec
    place = f"team {spec.name}"
    if standards is None:
        if spec.standard:
            message = "names a standard, but there is no table of standards"
            intake.found.add(message, place=place, key="standard", value=spec.standard)
        return gap, gap
    name = standards.pick(spec.standard)
    if name is None:
        known = ", ".join(name or "(no name)" for name in standards.names)
        intake.found.add(
            f"there is no such set of standards; there are {known}",
            place=place,
            key="standard",
            value=spec.standard,
        )
        return np.zeros(len(gap)), np.zeros(len(gap))
    texts = market.rows.texts("class")
    classes = [texts[unit] for unit in team.units.tolist()]
    loads = standards.loads(name, classes, spec.channels)
    idle = sorted(
        {
            one
            for one, ok, known in zip(classes, loads.served, loads.known, strict=True)
            if known and not ok
        }
    )
    if idle:
        intake.notes.append(
            f"team {spec.name} serves the classes {', '.join(idle)} by no channel of theirs"
        )
    accounts = market.measures["accounts"][team.units]
    return loads.hours * accounts, loads.visits * accounts


def _overridden(
    spec: TeamSpec,
    market: Market,
    what: str,
    values: FloatArray,
    units: Any,
    intake: Intake,
) -> FloatArray:
    """Values of the units' own columns before those of the standards.

    The general columns are the primary teams'; an overlay with standards of its own
    is not served by the hours of others.
    """
    own = spec.workload if what == "workload" else spec.visits
    column = own or {"workload": "workload_hours", "visits": "visits"}[what]
    if not own and spec.role != PRIMARY and spec.standard:
        return values
    if own and not _numeric(market, own, spec, what, intake):
        return values
    given = market.rows.numbers(column)[units]
    return np.where(np.isfinite(given), given, values)


def _numeric(market: Market, column: str, spec: TeamSpec, what: str, intake: Intake) -> bool:
    known = {*market.measures, "workload_hours", "visits"}
    if column in known:
        return True
    message = f"there is no measure of this name; there are {', '.join(sorted(known))}"
    intake.found.add(message, place=f"team {spec.name}", key=what, value=column)
    return False


def _credited(spec: TeamSpec, market: Market, name: str, intake: Intake) -> FloatArray:
    """Potential or sales as the team's: a share of the unit's, or a column of its own."""
    share = spec.potential if name == "potential" else spec.sales
    if isinstance(share, str):
        if not _numeric(market, share, spec, name, intake):
            return market.measures[name]
        return market.measures.get(share, market.rows.numbers(share))
    return market.measures[name] * share


def _name_missing(
    team: Assembled,
    market: Market,
    hours: FloatArray,
    visits: FloatArray,
    standards: ServiceStandards | None,
    intake: Intake,
) -> None:
    lacking = np.isnan(hours)
    spec = team.spec
    if not lacking.any():
        without = team.units[np.isnan(visits)]
        message = f"team {spec.name} visits the unit, so it needs visits (or a class and standards)"
        if standards is None and len(without) == len(team.units) and len(without):
            intake.found.add(message, source=market.rows.sources[0], key="visits")
        else:
            intake.rows(market.rows, without, "visits", message)
        return
    if standards is None and lacking.all():
        intake.found.add(
            "units need workload_hours and visits, or a class and a table of standards",
            source=market.rows.sources[0],
            key="workload_hours",
        )
        return
    classes = market.rows.texts("class")
    seen: dict[str, list[int]] = {}
    for unit in team.units[lacking].tolist():
        seen.setdefault(classes[unit], []).append(unit)
    for name, rows in sorted(seen.items()):
        message = (
            f"the class has no service standard (of {len(rows)} units of team {spec.name})"
            if name
            else f"needs a class, or workload_hours (as do {len(rows)} units of team {spec.name})"
        )
        intake.rows(market.rows, rows[:1], "class", message, classes)
