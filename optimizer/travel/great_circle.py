"""Road distance as the great circle times a circuity factor; minutes by distance band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from ...models.arrays import FloatArray
from ...models.errors import InputProblem
from ...models.geodesy import great_circle_km
from ...models.travel import Places

#: Decimals of minutes and kilometres that are kept: about a centimetre. The last
#: digits of sine and cosine differ between machines, and hashes must not.
DECIMALS = 5

#: km/h of the part of a way up to so many km: streets, country roads, motorways.
SPEEDS = ((10.0, 35.0), (50.0, 60.0), (float("inf"), 85.0))


@dataclass(frozen=True)
class GreatCircle:
    """Great circle × circuity, driven faster the longer the way.

    The first kilometres of every way are slow, the next faster, and so on: minutes
    are a concave, increasing, piecewise linear function of road kilometres, so that
    a detour never pays.

    Parameters
    ----------
    circuity
        Road kilometres per kilometre of great circle, 1.2–1.4 in most countries
        (Ballou, Rahardja and Sakai, Transportation Research A 36(9), 2002).
    circuity_by_region
        Instead, for units whose ``region`` is named here.
    speeds
        Pairs (up to road km, km/h), both increasing, the last up to infinity.

    >>> from teig.models import Places
    >>> base, unit = Places(("R1",), [59.91], [10.75]), Places(("4601",), [60.39], [5.32])
    >>> minutes, kilometres = GreatCircle(circuity=1.3).times(base, unit)
    >>> minutes.round().item(), kilometres.round().item()
    (302.0, 397.0)
    """

    circuity: float = 1.3
    circuity_by_region: Mapping[str, float] = field(default_factory=dict)
    speeds: tuple[tuple[float, float], ...] = SPEEDS

    def __post_init__(self) -> None:
        object.__setattr__(self, "speeds", tuple((float(k), float(v)) for k, v in self.speeds))
        for factor in (self.circuity, *self.circuity_by_region.values()):
            if not 1.0 <= factor < 10.0:
                raise ValueError("a circuity must be a number from 1 up to 10")
        if not self.speeds or self.speeds[-1][0] != float("inf"):
            raise ValueError("the last of the speeds must reach up to infinity (.inf)")
        if any(not 0.0 < speed < float("inf") for _, speed in self.speeds):
            raise ValueError("speeds must be positive numbers, km/h")
        for (near, slow), (far, fast) in pairwise(((0.0, 0.0), *self.speeds)):
            if not (near < far and slow < fast):
                raise ValueError("speeds must rise from band to band, as must their distances")

    def minutes(self, kilometres: FloatArray) -> FloatArray:
        """Minutes for road kilometres, any shape."""
        total = np.zeros_like(kilometres)
        near = 0.0
        for far, speed in self.speeds:
            total += np.clip(kilometres - near, 0.0, far - near) * (60.0 / speed)
            near = far
        return total

    def times(self, bases: Places, units: Places) -> tuple[FloatArray, FloatArray]:
        """Minutes and road kilometres, one way, (units, bases) each; NaN without a place."""
        crow = great_circle_km(
            units.latitude[:, None],
            units.longitude[:, None],
            bases.latitude[None, :],
            bases.longitude[None, :],
        )
        factor = np.array([self.circuity_by_region.get(r, self.circuity) for r in units.regions])
        kilometres = crow * factor[:, None]
        return np.round(self.minutes(kilometres), DECIMALS), np.round(kilometres, DECIMALS)

    def check(self, bases: Places, units: Places) -> tuple[InputProblem, ...]:
        """Regions that no unit has."""
        del bases
        return tuple(
            InputProblem("travel", "", "circuity_by_region", region, "no unit has this region")
            for region in sorted(set(self.circuity_by_region) - set(units.regions))
        )
