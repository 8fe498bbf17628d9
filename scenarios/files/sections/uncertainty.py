"""How far market, roads and staff may turn out otherwise than planned."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ....optimizer.robustness import Orphans, Spread
from ..kinds import Positive, Section, Share, Text, Whole

Deviation = Annotated[float, Field(strict=True, ge=0, lt=2)]


class PotentialSpread(Section):
    """Standard deviations of potential (and sales), 0.1 for about 10 %."""

    market: Deviation = Spread.market
    """What all units have in common."""

    region: Deviation = Spread.region
    """What the units of a region have in common."""

    segment: Deviation = Spread.segment
    """What the units of a segment have in common."""

    unit: Deviation = Spread.unit
    """What each unit has by itself."""

    regions: Text | None = None
    """Column of the units that names regions; without it, what is near swings together."""

    region_km: Positive = Spread.region_km
    """How far a region reaches where no column names them."""

    segments: Text | None = None
    """Column of the units that names segments; the service class without it."""


class TravelSpread(Section):
    """Standard deviations of travel."""

    circuity: Deviation = Spread.circuity
    """Road kilometres per kilometre as the crow flies."""

    speed: Deviation = Spread.speed
    """Minutes per road kilometre."""

    local: Deviation = Spread.local
    """What the way to each unit has by itself."""


class AttritionSettings(Section):
    """Who leaves: any rep alike, on any day alike."""

    rate: Share = Spread.attrition
    """Positions left a year."""

    vacancy_months: Annotated[float, Field(strict=True, ge=0, le=120)] = Spread.vacancy_months
    """Until a position that was left is filled."""

    orphans: Literal["neighbours", "unserved"] = "neighbours"
    """Until then the nearest rep of a territory that touches serves a unit, or nobody."""


class UncertaintySettings(Section):
    """What plans are tried against by ``teig robustness``; the base's settings count for all."""

    samples: Annotated[Whole, Field(ge=1, le=100_000)] = 200
    """Futures that are drawn."""

    potential: PotentialSpread = Field(default_factory=PotentialSpread)
    travel: TravelSpread = Field(default_factory=TravelSpread)
    attrition: AttritionSettings = Field(default_factory=AttritionSettings)
    workload_follows: Share = Spread.workload_follows
    """Share of a change of potential by which workload and visits follow."""

    @model_validator(mode="after")
    def _makes_sense(self) -> UncertaintySettings:
        self.spread()
        return self

    def spread(self) -> Spread:
        """Return the spread as the optimizer knows it."""
        potential, travel = self.potential, self.travel
        return Spread(
            market=potential.market,
            region=potential.region,
            region_km=potential.region_km,
            segment=potential.segment,
            unit=potential.unit,
            workload_follows=self.workload_follows,
            circuity=travel.circuity,
            speed=travel.speed,
            local=travel.local,
            attrition=self.attrition.rate,
            vacancy_months=self.attrition.vacancy_months,
            orphans=Orphans(self.attrition.orphans),
        )
