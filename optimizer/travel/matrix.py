"""A given matrix of minutes and kilometres: ferries, fjords, or all the travel there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray
from ...models.build.intake import IdIndex
from ...models.errors import InputProblem
from ...models.tables import Table, as_table
from ...models.travel import Places, TravelProvider


@dataclass(frozen=True, eq=False)
class GivenMatrix:
    """Pairs that are given, and another provider for the others.

    Parameters
    ----------
    frame
        Columns ``rep`` or ``base`` (the unit that reps are based in), ``unit``,
        ``minutes`` and optionally ``kilometres``; one way. A row by ``rep`` goes before
        one by ``base``. Kilometres that are not given are the fallback's, or without
        one a kilometre a minute.
    fallback
        Answers for pairs that are not given; None where the matrix is all there is,
        so that a pair that is missing has no way.
    """

    frame: pd.DataFrame | Table
    fallback: TravelProvider | None = None

    @cached_property
    def table(self) -> Table:
        """The matrix as a checked table."""
        return as_table(self.frame, "travel")

    def times(self, bases: Places, units: Places) -> tuple[FloatArray, FloatArray]:
        """Minutes and road kilometres, one way, (units, bases) each; NaN where there is no way."""
        shape = (len(units), len(bases))
        if self.fallback is None:
            minutes, kilometres = np.full(shape, np.nan), np.full(shape, np.nan)
        else:
            minutes, kilometres = (np.array(block) for block in self.fallback.times(bases, units))
        unit_index = IdIndex(units.ids)
        by_base: dict[str, list[int]] = {}
        for column, base in enumerate(bases.units):
            if base:
                by_base.setdefault(base, []).append(column)
        by_rep = {rep: [column] for column, rep in enumerate(bases.ids)}
        for keys, key in ((by_base, "base"), (by_rep, "rep")):
            names = IdIndex(tuple(keys), key)
            for name, unit, given_minutes, given_km in self._rows(key):
                row = unit_index.find(unit)
                who = names.find(name)
                for column in keys[names.ids[who]] if min(row, who) >= 0 else ():
                    minutes[row, column] = given_minutes
                    if not np.isnan(given_km):
                        kilometres[row, column] = given_km
                    elif np.isnan(kilometres[row, column]):
                        kilometres[row, column] = given_minutes
        return minutes, kilometres

    def _rows(self, key: str) -> Iterator[tuple[str, str, float, float]]:
        frame = self.table.frame
        if not self.table.readable or key not in frame.columns:
            return
        kilometres = (
            frame["kilometres"].tolist() if "kilometres" in frame.columns else [np.nan] * len(frame)
        )
        rows = zip(frame[key], frame["unit"], frame["minutes"], kilometres, strict=True)
        for name, unit, minutes, km in rows:
            if isinstance(name, str):
                yield name, unit, minutes, km

    def check(self, bases: Places, units: Places) -> tuple[InputProblem, ...]:
        """Unknown reps, bases and units, pairs given twice, and what the table itself says."""
        table = self.table
        if table.problems or not table.readable:
            return table.problems
        found: list[InputProblem] = []
        unit_index = IdIndex(units.ids)
        known = {"rep": IdIndex(bases.ids, "rep"), "base": unit_index, "unit": unit_index}
        says = {"rep": "is not in the roster", "base": "is no unit", "unit": "is no unit"}
        for key in ("rep", "base", "unit"):
            if key in table.frame.columns:
                for place, name in zip(table.places, table.frame[key], strict=True):
                    if isinstance(name, str) and known[key].find(name) < 0:
                        found.append(InputProblem(table.source, place, key, name, says[key]))
        keys = [key for key in ("rep", "base", "unit") if key in table.frame.columns]
        twice = table.frame.duplicated(keys).tolist()
        for place, unit, again in zip(table.places, table.frame["unit"], twice, strict=True):
            if again:
                message = "the pair is given more than once"
                found.append(InputProblem(table.source, place, "unit", unit, message))
        if self.fallback is not None:
            found += self.fallback.check(bases, units)
        return tuple(found)
