"""How far market, roads and staff may turn out otherwise than planned."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from ...models.errors import ProblemList


class Orphans(StrEnum):
    """What becomes of the units of somebody who has left, until the position is filled."""

    NEIGHBOURS = "neighbours"
    """The nearest rep who is there serves a unit, first of those whose territory touches."""
    UNSERVED = "unserved"
    """Nobody serves them."""


@dataclass(frozen=True)
class Spread:
    """Standard deviations of logarithms, and what becomes of positions.

    The same for everybody: no person's own record enters. All values are assumptions
    unless somebody has measured them.

    Parameters
    ----------
    market, region, segment, unit
        Of the potential: what all units have in common, what a region has, what a
        service class or other segment has, and what each unit has by itself. Sales
        follow potential.
    region_km
        How far a region reaches: the correlation of what units of one region have in
        common is exp(−d² ÷ 2·region_km²) at d kilometres. It does not count where
        regions are named.
    workload_follows
        Share of a change of potential by which workload and visits follow; 0 where the
        promised service stays what it is.
    circuity, speed, local
        Of travel: road kilometres a kilometre as the crow flies, minutes a kilometre,
        and what the way to each unit has by itself.
    attrition
        Positions that are left a year, a share.
    vacancy_months
        Until a position that was left is filled.
    orphans
        What becomes of its units until then.

    Raises
    ------
    BadInput
        For values out of range.
    """

    market: float = 0.05
    region: float = 0.10
    region_km: float = 300.0
    segment: float = 0.05
    unit: float = 0.20
    workload_follows: float = 0.0
    circuity: float = 0.03
    speed: float = 0.08
    local: float = 0.10
    attrition: float = 0.10
    vacancy_months: float = 4.0
    orphans: Orphans = Orphans.NEIGHBOURS

    def __post_init__(self) -> None:
        object.__setattr__(self, "orphans", Orphans(self.orphans))
        found = ProblemList("uncertainty")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "orphans":
                continue
            if field.name == "region_km":
                right, wanted = value > 0, "must be a number of km above 0"
            elif field.name == "vacancy_months":
                right, wanted = 0 <= value <= 120, "must be a number of months from 0 to 120"
            elif field.name in ("attrition", "workload_follows"):
                right, wanted = 0 <= value <= 1, "must be a share from 0 to 1"
            else:
                right, wanted = 0 <= value < 2, "must be a number from 0 to 2, 2 excluded"
            if not right:
                found.add(wanted, key=field.name, value=value)
        found.raise_any()
