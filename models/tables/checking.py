"""Checks across the columns of one table: places, dates, geometries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from .schema import Failure

AREAS = ("Polygon", "MultiPolygon")
SHAPES = ("Point", *AREAS)


def cross_failures(frame: pd.DataFrame, kind: str) -> Iterator[Failure]:
    """What is wrong between columns of one row, and with geometries."""
    if {"latitude", "longitude"} & set(frame.columns):
        yield from _places(frame)
    for first, last in (("valid_from", "valid_to"), ("leave_from", "leave_to"), ("from", "to")):
        yield from _periods(frame, first, last)
    if "geometry" in frame.columns:
        yield from _geometries(frame)
    if kind == "travel":
        yield from _travel_keys(frame)


def swapped(latitude: Any, longitude: Any) -> bool:
    """Whether a latitude out of range would do as a longitude, and the other way round."""
    return bool(90 < abs(latitude) <= 180 and abs(longitude) <= 90)


def _places(frame: pd.DataFrame) -> Iterator[Failure]:
    pairs = (("latitude", "longitude"), ("longitude", "latitude"))
    for name, other in pairs:
        if name not in frame.columns:
            yield Failure(-1, name, f"the table has a {other} and so needs this column")
            return
    for name, other in pairs:
        gaps = frame[name].isna() & frame[other].notna()
        for row in np.flatnonzero(gaps):
            yield Failure(int(row), name, f"must not be empty where there is a {other}")


def _periods(frame: pd.DataFrame, first: str, last: str) -> Iterator[Failure]:
    present = [name for name in (first, last) if name in frame.columns]
    if first == "leave_from" and len(present) == 1:
        missing = last if first in frame.columns else first
        yield Failure(-1, missing, f"the table has {present[0]} and so needs this column")
    if len(present) < 2:
        return
    for row, (begin, end) in enumerate(zip(frame[first], frame[last], strict=True)):
        if begin is not None and end is not None and end < begin:
            yield Failure(row, last, f"must not lie before {first} ({begin})")
        elif first == "leave_from" and (begin is None) != (end is None):
            name = last if end is None else first
            yield Failure(row, name, "a leave needs both leave_from and leave_to")


def _geometries(frame: pd.DataFrame) -> Iterator[Failure]:
    import shapely

    shapes = np.array(frame["geometry"].tolist(), dtype=object)
    there = ~shapely.is_missing(shapes)
    empty = there & shapely.is_empty(shapes)
    known = np.isin([getattr(shape, "geom_type", "") for shape in shapes], SHAPES)
    invalid = there & ~empty & known & ~shapely.is_valid(shapes)
    reasons = shapely.is_valid_reason(shapes[invalid])
    unit = frame["unit"] if "unit" in frame.columns else pd.Series(dtype=object)
    for row in np.flatnonzero(empty):
        yield Failure(int(row), "geometry", f"the geometry of unit {_of(unit, row)} is empty")
    for row in np.flatnonzero(there & ~empty & ~known):
        yield Failure(int(row), "geometry", "must be a polygon or a point")
    for row, reason in zip(np.flatnonzero(invalid), reasons, strict=True):
        message = f"the polygon of unit {_of(unit, row)} is not valid: {reason}"
        yield Failure(int(row), "geometry", message)


def _of(unit: pd.Series[Any], row: Any) -> str:
    return repr(unit.iloc[int(row)]) if len(unit) else "?"


def _travel_keys(frame: pd.DataFrame) -> Iterator[Failure]:
    keys = [name for name in ("rep", "base") if name in frame.columns]
    if not keys:
        yield Failure(-1, "rep", "the table needs a column rep, or base")
        return
    given = frame[keys].notna().sum(axis=1).to_numpy()
    for row in np.flatnonzero(given == 0):
        yield Failure(int(row), keys[0], "must not be empty: whose travel is it?")
    for row in np.flatnonzero(given > 1):
        yield Failure(int(row), "base", "a row has a rep or a base, not both")
