"""Where bases may lie that are not given: owners whose place is to be found.

An owner with a territory and without a base is placed at one of the units of its
team. What travel costs from there is data too: distances between the team's covers,
as a formula of their places or as a table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray, IndexArray, frozen_floats, frozen_indices
from .geodesy import EARTH_RADIUS_KM, arc_km, directions


@dataclass(frozen=True, eq=False)
class Sites:
    """Owners of a team that are to be placed, and how far its covers are from each other.

    Parameters
    ----------
    owners
        Global indices of the owners to be placed, ascending.
    points
        One row per cover of the team: three columns are points on the earth in km from
        its middle, two are a plane's, in km. None where there is a table.
    table
        Kilometres from the site in the column to the cover in the row, (covers, covers);
        NaN where there is no way.
    factor
        Kilometres of road per kilometre between points (circuity).
    minutes_per_km
        Travel time per kilometre.
    inside
        Whether a base must lie in its own territory.
    """

    owners: IndexArray
    points: FloatArray | None = None
    table: FloatArray | None = None
    factor: float = 1.0
    minutes_per_km: float = 1.0
    inside: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "owners", frozen_indices(self.owners))
        if (self.points is None) == (self.table is None):
            raise ValueError("sites need either points or a table of kilometres")
        for name in ("points", "table"):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, frozen_floats(given))

    @classmethod
    def on_earth(
        cls,
        owners: ArrayLike,
        latitude: ArrayLike,
        longitude: ArrayLike,
        *,
        factor: float = 1.0,
        minutes_per_km: float = 1.0,
        inside: bool = True,
    ) -> Sites:
        """Great circles between the covers' places, degrees, (covers,) each."""
        points = directions(latitude, longitude)
        return cls(
            frozen_indices(owners), points * EARTH_RADIUS_KM, None, factor, minutes_per_km, inside
        )

    @property
    def covers(self) -> int:
        """Number of covers of the team."""
        given = self.table if self.points is None else self.points
        return 0 if given is None else len(given)

    def kilometres(self, sites: ArrayLike) -> FloatArray:
        """Road kilometres to every cover of the team from the given ones.

        Parameters
        ----------
        sites
            Covers, counted within the team, (s,).

        Returns
        -------
        FloatArray
            (covers, s).
        """
        chosen = np.asarray(sites, dtype=np.int64)
        if self.points is not None:
            return self.factor * distances(self.points, self.points[chosen])
        table = np.empty((0, 0)) if self.table is None else self.table
        return np.asarray(table[:, chosen] * self.factor)


def distances(points: FloatArray, others: FloatArray) -> FloatArray:
    """Distance of every pair, km, (points, others): straight, or along the earth in 3 columns."""
    squares = np.zeros((len(points), len(others)))
    for axis in range(points.shape[1]):
        squares += (points[:, None, axis] - others[None, :, axis]) ** 2
    straight = np.sqrt(squares)
    if points.shape[1] == 2:
        return np.asarray(straight)
    return arc_km(straight)
