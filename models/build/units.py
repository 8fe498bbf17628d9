"""Units from their tables: money, places, measures, parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ..arrays import BoolArray, FloatArray, IndexArray
from ..errors import counted
from ..geodesy import great_circle_km
from ..problem import Units
from ..tables.checking import AREAS
from ..tables.columns import UNITS
from .intake import IdIndex, Intake, Rows

#: Kilometres between a unit's coordinates and its area beyond which they are compared swapped.
FAR_KM = 300.0


@dataclass(frozen=True, eq=False)
class Market:
    """Whole units, one per row.

    Parameters
    ----------
    rows
        The rows they come from; money is in the plan currency.
    ids
        Of whole units, (n,).
    index
        Finds them.
    latitude, longitude
        Degrees; NaN where unknown, (n,).
    shapes
        Areas in degrees, None for points; None where nobody has an area.
    parts
        Number of equal parts, (n,).
    measures
        Of whole units, (n,) each.
    """

    rows: Rows
    ids: tuple[str, ...]
    index: IdIndex
    latitude: FloatArray
    longitude: FloatArray
    shapes: NDArray[Any] | None
    parts: IndexArray
    measures: Mapping[str, FloatArray]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def regions(self) -> tuple[str, ...]:
        """A word each for travel by region."""
        return tuple(self.rows.texts("region"))

    @property
    def first_part(self) -> IndexArray:
        """Index of each unit's first part among all parts, (n,)."""
        return np.asarray(np.cumsum(self.parts) - self.parts)

    def expression_frame(self) -> pd.DataFrame:
        """What coverage expressions see."""
        return self.rows.frame.drop(columns="geometry", errors="ignore")

    def parted(self) -> Units:
        """Units with the splittable ones as their parts."""
        whole = np.repeat(np.arange(len(self)), self.parts)
        number = np.arange(len(whole)) - self.first_part[whole] + 1
        names = [name or unit for name, unit in zip(self.rows.texts("name"), self.ids, strict=True)]
        parents = self.rows.texts("parent")
        parent_ids = tuple(sorted({parent for parent in parents if parent}))
        parent_at = {parent: position for position, parent in enumerate(parent_ids)}
        skills = [words(text) for text in self.rows.texts("skills")]
        classes = self.rows.texts("class")
        share = 1.0 / self.parts[whole]
        at = whole.tolist()
        split = self.parts.tolist()
        return Units(
            ids=tuple(
                self.ids[w] if split[w] == 1 else f"{self.ids[w]}#{n}"
                for w, n in zip(at, number.tolist(), strict=True)
            ),
            names=tuple(names[w] for w in at),
            wholes=tuple(self.ids[w] for w in at),
            shares=share,
            latitude=self.latitude[whole],
            longitude=self.longitude[whole],
            measures={name: column[whole] * share for name, column in self.measures.items()},
            parents=np.array([parent_at.get(parents[w], -1) for w in at], dtype=np.int64),
            parent_ids=parent_ids,
            required_skills=tuple(skills[w] for w in at),
            service_classes=tuple(classes[w] for w in at),
        )


def words(text: str) -> frozenset[str]:
    """Words parted by spaces, commas or semicolons.

    >>> sorted(words("icu; dental"))
    ['dental', 'icu']
    """
    return frozenset(word for word in re.split(r"[\s;,]+", text) if word)


def in_plan_currency(
    rows: Rows, columns: tuple[str, ...], currency: str, rates: Mapping[str, float], intake: Intake
) -> Rows:
    """Rows with their money in the plan currency; a currency without a rate is a problem."""
    own = [text or currency for text in rows.texts("currency")]
    unknown = [row for row, name in enumerate(own) if name != currency and name not in rates]
    intake.rows(rows, unknown, "currency", "has no plan rate; give one under rates", own)
    rate = np.array([1.0 if n == currency else rates.get(n, np.nan) for n in own])
    if (rate == 1.0).all():
        return rows
    money = {name: rows.frame[name] * rate for name in columns if name in rows.frame.columns}
    return Rows(
        rows.frame.assign(**money),
        rows.sources,
        rows.places,
        rows.held,
        rows.touched,
        rows.readable,
    )


def build_market(rows: Rows, geometry: Rows, demanded: frozenset[str], intake: Intake) -> Market:
    """Whole units from their rows, already in the plan currency.

    Parameters
    ----------
    geometry
        Areas in a table of their own.
    demanded
        Measures that a rule or a term asks for: a row without a good value is a problem.
    """
    ids = tuple(rows.texts("unit"))
    index = IdIndex(ids)
    shapes = _shapes(rows, geometry, index, intake)
    latitude, longitude = rows.numbers("latitude"), rows.numbers("longitude")
    if shapes is not None:
        latitude, longitude = _placed(rows, shapes, latitude, longitude, intake)
        is_area = np.isin([getattr(s, "geom_type", "") for s in shapes], AREAS)
        shapes[~is_area] = None
        shapes = shapes if is_area.any() else None
    parts = rows.numbers("parts", 1.0)
    parts = np.where(np.isfinite(parts), parts, 1.0).astype(np.int64)
    measures = {
        "potential": rows.numbers("potential"),
        "sales": rows.numbers("sales"),
        "accounts": rows.numbers("accounts", 1.0),
        **_further_measures(rows, demanded, intake),
    }
    return Market(rows, ids, index, latitude, longitude, shapes, parts, measures)


def _shapes(rows: Rows, geometry: Rows, index: IdIndex, intake: Intake) -> NDArray[Any] | None:
    cells = rows.column("geometry")
    shapes = np.empty(len(cells), dtype=object)
    shapes[:] = [cell if isinstance(cell, BaseGeometry) else None for cell in cells]
    if len(geometry):
        at = index.positions(geometry.column("unit"))
        index.note_repairs(geometry.sources[0], intake)
        known = at >= 0
        if not known.any() and len(rows):
            intake.found.add(
                "none of its units is among the units",
                source=geometry.sources[0],
                key="unit",
                value=geometry.column("unit")[0],
            )
        elif not known.all():
            intake.notes.append(
                f"{geometry.sources[0]}: {counted(int((~known).sum()), 'area')} of no unit"
            )
        given = np.array([*geometry.column("geometry"), None], dtype=object)[:-1]
        shapes[at[known]] = given[known]
    return None if shapely.is_missing(shapes).all() else shapes


def _placed(
    rows: Rows, shapes: NDArray[Any], latitude: FloatArray, longitude: FloatArray, intake: Intake
) -> tuple[FloatArray, FloatArray]:
    """Coordinates of units from their geometry where they are not given, (n,) each."""
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    middle = shapely.centroid(shapes)
    outside = there & ~shapely.intersects(shapes, middle)
    middle[outside] = shapely.point_on_surface(shapes[outside])
    y, x = shapely.get_y(middle), shapely.get_x(middle)
    away = great_circle_km(latitude, longitude, y, x)
    turned = great_circle_km(np.clip(longitude, -90, 90), latitude, y, x)
    mixed_up = np.flatnonzero(there & (away > FAR_KM) & (turned < away / 3.0))
    intake.rows(
        rows,
        mixed_up,
        "latitude",
        "lies far from the unit's area; are latitude and longitude swapped?",
        latitude,
    )
    fill = there & np.isnan(latitude)
    return np.where(fill, y, latitude), np.where(fill, x, longitude)


def _further_measures(
    rows: Rows, demanded: frozenset[str], intake: Intake
) -> dict[str, FloatArray]:
    """Numeric columns beyond the known ones; only such as are good in every row."""
    known = {column.name for column in UNITS}
    measures = {}
    for name in rows.frame.columns:
        column = rows.frame[name]
        if name in known or not _is_number(column):
            continue
        values = column.to_numpy(dtype=np.float64)
        bad = ~(np.isfinite(values) & (values >= 0.0))
        if not bad.any():
            measures[str(name)] = values
        elif name in demanded:
            message = "a measure needs a number of at least 0 in every row"
            intake.rows(rows, np.flatnonzero(bad), str(name), message, column.tolist())
        else:
            intake.notes.append(
                f"the column {name!r} is no measure: it is empty, negative or infinite in "
                f"{int(bad.sum())} rows, first in {rows.sources[int(bad.argmax())]}, "
                f"{rows.places[int(bad.argmax())]}"
            )
    return measures


def _is_number(column: pd.Series[Any]) -> bool:
    types = pd.api.types
    return bool(types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype))


def split_large(
    units: pd.DataFrame,
    owners: float,
    *,
    measures: tuple[str, ...] = ("potential",),
    above: float = 0.5,
    share: float = 0.25,
) -> pd.DataFrame:
    """Declare units above a share of one owner's fair share splittable.

    Parameters
    ----------
    owners
        Number of reps (full-time equivalents) that the market is dealt to.
    above
        Fair shares of any of the measures above which a unit is split.
    share
        Fair shares that one part then holds at most.

    Returns
    -------
    DataFrame
        The units with a column ``parts``; parts that are given stay.

    >>> units = pd.DataFrame({"unit": ["Oslo", "Bergen", "Voss"], "potential": [80.0, 15.0, 5.0]})
    >>> split_large(units, 4)["parts"].tolist()
    [13, 3, 1]
    """
    size = (units[list(measures)] / (units[list(measures)].sum() / owners)).max(axis=1)
    needed = np.where(size > above, np.ceil(size / share - 1e-9), 1).astype(int)
    if "parts" in units.columns:
        needed = np.where(units["parts"].notna(), units["parts"].fillna(1), needed).astype(int)
    return units.assign(parts=needed)


def too_large(values: FloatArray, total: float, owners: int) -> BoolArray:
    """Which units alone hold more than one owner's fair share of a measure."""
    return np.asarray(values > total / max(owners, 1) * (1.0 + 1e-9))
