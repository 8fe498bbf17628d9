"""What the models ask of a travel provider; providers live in ``teig.optimizer.travel``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from .arrays import FloatArray, frozen_floats
from .errors import InputProblem

if TYPE_CHECKING:
    from .problem import Problem


@dataclass(frozen=True, eq=False)
class Places:
    """Bases or units, for travel between them.

    Parameters
    ----------
    ids
        Rep ids, or ids of whole units.
    latitude, longitude
        Degrees, WGS 84, (n,); NaN for unknown.
    units
        For a base: the unit it lies in, as the roster says, or empty.
    regions
        A word each for circuity and speed by region, or empty.
    """

    ids: tuple[str, ...]
    latitude: FloatArray
    longitude: FloatArray
    units: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "latitude", frozen_floats(self.latitude))
        object.__setattr__(self, "longitude", frozen_floats(self.longitude))
        object.__setattr__(self, "units", self.units or ("",) * len(self.ids))
        object.__setattr__(self, "regions", self.regions or ("",) * len(self.ids))

    def __len__(self) -> int:
        return len(self.ids)


@runtime_checkable
class TravelProvider(Protocol):
    """Gives travel from bases to units, before anything is solved."""

    def times(self, bases: Places, units: Places) -> tuple[FloatArray, FloatArray]:
        """Minutes and road kilometres, one way, (units, bases) each; NaN where there is no way."""
        ...

    def check(self, bases: Places, units: Places) -> tuple[InputProblem, ...]:
        """What does not fit all bases and units of the problem (unknown ids, say)."""
        ...


def travel_digest(problem: Problem) -> str:
    """SHA-256 of the travel that a problem carries: who, where, minutes and kilometres.

    Two problems with the same digest were planned with the same travel, whatever a
    provider would answer today.
    """
    digest = hashlib.sha256()
    for team in problem.teams:
        owners = problem.owners.ids[team.owners.start : team.owners.stop]
        span = slice(team.covers.start, team.covers.stop)
        units = [problem.units.ids[unit] for unit in problem.covers.unit[span]]
        digest.update(repr((team.name, owners, units)).encode())
        for block in (team.minutes, team.kilometres):
            digest.update(np.ascontiguousarray(block, dtype="<f8").tobytes())
    return digest.hexdigest()
