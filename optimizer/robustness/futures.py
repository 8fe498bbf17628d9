"""Futures that may come: potential, travel and positions left, the same for every scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from ...models.arrays import FloatArray
from ...models.geodesy import EARTH_RADIUS_KM, directions
from ...models.problem import OwnerKind, Problem
from ..quotas.simulation.draws import many_draws, normal_draws
from .spread import Spread

#: Waves that a region's swing is put together from.
WAVES = 256
#: Decimals of factors that are kept: the last digits of exp and cos differ between
#: machines, and results must not.
DECIMALS = 8


@dataclass(frozen=True, eq=False)
class Futures:
    """Samples of what may come, for one problem.

    Parameters
    ----------
    potential
        Factor on potential and sales, (samples, units).
    minutes
        Factor on the minutes to each unit, (samples, units).
    kilometres
        Factor on all kilometres, (samples,).
    gone
        Share of the plan period for which nobody holds a position, (samples, owners).
    """

    spread: Spread
    potential: FloatArray
    minutes: FloatArray
    kilometres: FloatArray
    gone: FloatArray

    def __len__(self) -> int:
        return len(self.kilometres)

    def workload(self) -> FloatArray:
        """Factor on workload and visits, (samples, units)."""
        return 1.0 + self.spread.workload_follows * (self.potential - 1.0)


class FutureDraws:
    """Draws the futures of problems on common random numbers.

    What is drawn for a unit or a position belongs to its id, so that it has the same
    luck in every scenario. Every stream is stratified (McKay, Beckman and Conover 1979).

    Parameters
    ----------
    years
        Length of the plan period.
    regions, segments
        By id of a whole unit; without regions what is near swings together, without
        segments the service class counts.
    """

    def __init__(
        self,
        spread: Spread,
        samples: int,
        seed: int,
        *,
        years: float = 1.0,
        regions: Mapping[str, str] | None = None,
        segments: Mapping[str, str] | None = None,
    ) -> None:
        if samples < 1:
            raise ValueError("at least one sample is drawn")
        self.spread, self.samples, self.seed, self.years = spread, samples, seed, years
        self.regions, self.segments = regions, segments
        self._known: dict[tuple[str, ...], FloatArray] = {}

    def of(self, problem: Problem) -> Futures:
        """The futures of one problem."""
        return Futures(
            self.spread,
            self._potential(problem),
            self._minutes(problem),
            self._factor(self.spread.circuity * self._draws("circuity"), self.spread.circuity),
            self._gone(problem),
        )

    def _draws(self, name: str) -> FloatArray:
        return normal_draws(self.seed, f"future {name}", self.samples)

    def _many(self, what: str, names: tuple[str, ...]) -> FloatArray:
        """A draw for each name, (samples, names); names may stand more than once."""
        apart, where = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)
        key = (what, *apart.tolist())
        if key not in self._known:
            full = [f"future {what} {name}" for name in apart.tolist()]
            self._known[key] = many_draws(self.seed, full, self.samples)
        return self._known[key][:, where]

    @staticmethod
    def _factor(deviation: FloatArray, *spreads: float) -> FloatArray:
        """Lognormal factors of mean 1 from the sum of deviations of these spreads."""
        variance = sum(spread**2 for spread in spreads)
        factor: FloatArray = np.exp(deviation - variance / 2.0)
        return np.round(factor, DECIMALS)

    def _potential(self, problem: Problem) -> FloatArray:
        s, wholes = self.spread, problem.units.wholes
        deviation = s.market * self._draws("market")[:, None] * np.ones(len(wholes))
        if s.region > 0:
            deviation += s.region * self._region(problem)
        if s.segment > 0:
            classes = problem.units.service_classes
            names = tuple(
                self.segments.get(whole, "") if self.segments is not None else of_class
                for whole, of_class in zip(wholes, classes, strict=True)
            )
            deviation += s.segment * self._many("segment", names)
        if s.unit > 0:
            deviation += s.unit * self._many("unit", wholes)
        return self._factor(deviation, s.market, s.region, s.segment, s.unit)

    def _region(self, problem: Problem) -> FloatArray:
        """Swing of the region of each unit, standard normal, (samples, units)."""
        units = problem.units
        if self.regions is not None:
            names = tuple(self.regions.get(whole, "") for whole in units.wholes)
            return self._many("region", names)
        return self._waves(units.latitude, units.longitude)

    def _waves(self, latitude: FloatArray, longitude: FloatArray) -> FloatArray:
        """A smooth random field: waves of random direction, length and height.

        Their covariance is that of a Gaussian of ``region_km`` (random Fourier features:
        Rahimi and Recht, NIPS 20, 2007). Units without a place swing as one.
        """
        generator = np.random.default_rng([self.seed, WAVES])
        frequency = generator.standard_normal((3, WAVES)) / self.spread.region_km
        names = [f"{side} {wave}" for side in ("sine", "cosine") for wave in range(WAVES)]
        height = self._many("wave", tuple(names)) / np.sqrt(WAVES)
        placed = np.isfinite(latitude) & np.isfinite(longitude)
        where = EARTH_RADIUS_KM * directions(latitude[placed], longitude[placed])
        phase = np.einsum("nd,dw->nw", where, frequency)
        both = np.concatenate([np.sin(phase), np.cos(phase)], axis=1)
        swing = np.empty((self.samples, len(latitude)))
        swing[:, ~placed] = self._draws("region without a place")[:, None]
        swing[:, placed] = np.einsum("sw,nw->sn", height, both)
        return swing

    def _minutes(self, problem: Problem) -> FloatArray:
        s, wholes = self.spread, problem.units.wholes
        common = s.circuity * self._draws("circuity") + s.speed * self._draws("speed")
        deviation = common[:, None] * np.ones(len(wholes))
        if s.local > 0:
            deviation += s.local * self._many("way", wholes)
        return self._factor(deviation, s.circuity, s.speed, s.local)

    def _gone(self, problem: Problem) -> FloatArray:
        """Somebody leaves with the yearly rate, on any day alike, at most once a plan."""
        owners, s = problem.owners, self.spread
        gone = np.zeros((self.samples, len(owners)))
        leaves = 1.0 - (1.0 - s.attrition) ** self.years
        vacant = s.vacancy_months / 12.0 / self.years
        filled = [i for i, kind in enumerate(owners.kinds) if kind is OwnerKind.REP]
        names = tuple(owners.ids[i] for i in filled)
        if not filled or leaves <= 0 or vacant <= 0:
            return gone
        who, when = ndtr(self._many("leaving", names)), ndtr(self._many("day", names))
        gone[:, filled] = np.where(who < leaves, np.minimum(vacant, 1.0 - when), 0.0)
        return np.round(gone, DECIMALS)
