"""Hours of travel from visits and distance, by a continuous approximation of tours.

A rep drives out, makes several calls and drives home. The line haul to and from
the neighbourhood is shared by the calls of one tour; between calls there is a
local leg. With ``v`` visits in the plan period, ``t`` minutes one way and ``c``
calls a tour, the travel is ``v · (2t / c + l) / 60`` hours, ``l`` the local leg
(Daganzo, Transportation Science 18(4), 1984, with the distance from the base as
the line haul).

Beyond the overnight limit ``L``, ``n`` days are driven as one trip: one line haul,
shared by ``n · c`` calls, and ``n - 1`` nights away. At the limit a rep does not mind
whether to drive home or to stay; so a night counts as the drive that it stands for,
``2L`` minutes, and the line haul of a call is ``2 (t + (n - 1) · min(t, L)) / (n · c)``.
Without that a place just beyond the limit would look nearer than one within it. The
kilometres are those driven.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import FloatArray


@dataclass(frozen=True)
class Touring:
    """How visits become tours.

    Parameters
    ----------
    calls_per_tour
        Visits that one day's tour makes.
    local_minutes
        Minutes between two calls of a tour.
    overnight_minutes
        One-way minutes beyond which trips stay out overnight; infinite for never.
    days_per_trip
        Days of such a trip.
    """

    calls_per_tour: float = 4.0
    local_minutes: float = 15.0
    overnight_minutes: float = float("inf")
    days_per_trip: int = 2

    def __post_init__(self) -> None:
        if not self.calls_per_tour > 0 or not np.isfinite(self.calls_per_tour):
            raise ValueError("calls_per_tour must be a positive number")
        if not self.local_minutes >= 0 or not np.isfinite(self.local_minutes):
            raise ValueError("local_minutes must be a number of at least 0")
        if not self.overnight_minutes > 0:
            raise ValueError("overnight_minutes must be positive")
        if self.days_per_trip < 1:
            raise ValueError("days_per_trip must be at least 1")

    def hours(self, visits: FloatArray, minutes: FloatArray) -> FloatArray:
        """Hours of travel in the plan period, never fewer for a place farther off.

        The arguments broadcast.

        >>> import numpy as np
        >>> Touring(calls_per_tour=4, local_minutes=15).hours(np.array([12.0]), np.array([60.0]))
        array([9.])
        """
        days = self.days_per_trip
        line_haul = (minutes + (days - 1) * np.minimum(minutes, self.overnight_minutes)) / days
        per_visit = 2.0 * line_haul / self.calls_per_tour + self.local_minutes
        return np.asarray(np.where(visits > 0, visits * per_visit / 60.0, 0.0))

    def kilometres(
        self, visits: FloatArray, minutes: FloatArray, kilometres: FloatArray
    ) -> FloatArray:
        """Kilometres of line haul in the plan period; the arguments broadcast."""
        driven = visits * 2.0 * kilometres / self._calls_per_trip(minutes)
        return np.asarray(np.where(visits > 0, driven, 0.0))

    def _calls_per_trip(self, minutes: FloatArray) -> FloatArray:
        days = np.where(minutes > self.overnight_minutes, self.days_per_trip, 1)
        return np.asarray(self.calls_per_tour * days)

    def nights(self, visits: FloatArray, minutes: FloatArray) -> FloatArray:
        """Nights away from home in the plan period; the arguments broadcast."""
        trips = visits / (self.calls_per_tour * self.days_per_trip)
        return np.asarray(
            np.where(minutes > self.overnight_minutes, trips * (self.days_per_trip - 1), 0.0)
        )
