"""A given matrix of minutes and kilometres: ferries, fjords, or all the travel there is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ...models.arrays import FloatArray
from ...models.errors import InputProblem
from ...models.tables import Table
from ...models.travel import Places, TravelProvider


@dataclass(frozen=True, eq=False)
class GivenMatrix:
    """Pairs that are given, and another provider for the others.

    Parameters
    ----------
    table
        Columns ``rep`` or ``base`` (the unit that reps are based in), ``unit``,
        ``minutes`` and optionally ``kilometres``; one way. A row by ``rep`` goes before
        one by ``base``.
    fallback
        Answers for pairs that are not given; None where the matrix is all there is,
        so that a pair that is missing has no way.
    """

    table: pd.DataFrame | Table
    fallback: TravelProvider | None = None

    def times(self, bases: Places, units: Places) -> tuple[FloatArray, FloatArray]:
        """Minutes and road kilometres, one way, (units, bases) each; NaN where there is no way."""
        raise NotImplementedError

    def check(self, bases: Places, units: Places) -> tuple[InputProblem, ...]:
        """Unknown reps and units, doubles, negative numbers."""
        raise NotImplementedError
