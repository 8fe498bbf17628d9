"""Cells become values of a column's kind; what cannot is marked, never guessed."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .columns import Column, Kind

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_DECIMAL_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_LEADING_ZERO = re.compile(r"^[+-]?0\d")

#: A value that cannot be read as its column's kind.
BAD = object()


class Converter:
    """Converts cells as a file writes them.

    Parameters
    ----------
    decimal, thousands
        Signs within numbers written as text.
    """

    def __init__(self, decimal: str = ".", thousands: str | None = None) -> None:
        self.decimal, self.thousands = decimal, thousands
        self._convert: dict[Kind, Callable[[Any], Any]] = {
            Kind.ID: self._id,
            Kind.TEXT: self._text,
            Kind.NUMBER: self._number,
            Kind.WHOLE: self._whole,
            Kind.DATE: self._date,
            Kind.FLAG: self._flag,
            Kind.GEOMETRY: self._geometry,
        }

    def column(self, cells: pd.Series[Any], kind: Kind) -> tuple[pd.Series[Any], list[int]]:
        """Convert a column: values with gaps for missing and bad ones, rows of the bad ones."""
        if kind is Kind.NUMBER and _is_numeric(cells):
            return cells.astype("float64"), []
        convert = self._convert[kind]
        values = [None if is_missing(cell) else convert(cell) for cell in cells.tolist()]
        bad = [row for row, value in enumerate(values) if value is BAD]
        for row in bad:
            values[row] = None
        numeric = kind in (Kind.NUMBER, Kind.WHOLE)
        series = pd.Series(values, index=cells.index, dtype="float64" if numeric else object)
        return series, bad

    def free_column(self, cells: pd.Series[Any]) -> pd.Series[Any]:
        """Convert a column of no known kind: numbers where all of it is numbers, else text."""
        if pd.api.types.is_bool_dtype(cells.dtype):
            return cells
        if _is_numeric(cells):
            return cells.astype("float64")
        present = [cell for cell in cells.tolist() if not is_missing(cell)]
        if present and all(self._looks_numeric(cell) for cell in present):
            return self.column(cells, Kind.NUMBER)[0]
        return self.column(cells, Kind.TEXT)[0]

    def _looks_numeric(self, cell: Any) -> bool:
        if isinstance(cell, str) and _LEADING_ZERO.match(cell.strip()):
            return False
        return self._number(cell) is not BAD

    @staticmethod
    def _id(cell: Any) -> Any:
        if isinstance(cell, float) and not cell.is_integer():
            return BAD
        return Converter._text(cell)

    @staticmethod
    def _text(cell: Any) -> Any:
        if isinstance(cell, str):
            return cell.strip()
        if isinstance(cell, float) and cell.is_integer():
            return str(int(cell))
        if isinstance(cell, dt.datetime | dt.date):
            return cell.isoformat()
        return str(cell).strip()

    def _number(self, cell: Any) -> Any:
        if isinstance(cell, bool | np.bool_):
            return BAD
        if isinstance(cell, str):
            cell = cell.strip()
            if self.thousands:
                cell = cell.replace(self.thousands, "")
            if self.decimal != ".":
                cell = BAD if "." in cell else cell.replace(self.decimal, ".")
        if cell is BAD or (isinstance(cell, str) and "_" in cell):
            return BAD
        try:
            return float(cell)
        except (TypeError, ValueError):
            return BAD

    def _whole(self, cell: Any) -> Any:
        number = self._number(cell)
        if number is BAD or math.isnan(number):
            return number
        return number if math.isinf(number) or number.is_integer() else BAD

    @staticmethod
    def _date(cell: Any) -> Any:
        if isinstance(cell, dt.datetime):
            return cell.date()
        if isinstance(cell, dt.date):
            return cell
        if isinstance(cell, np.datetime64):
            return pd.Timestamp(cell).date()
        if not isinstance(cell, str):
            return BAD
        try:
            return dt.datetime.fromisoformat(cell.strip()).date()
        except ValueError:
            return BAD

    @staticmethod
    def _flag(cell: Any) -> Any:
        if isinstance(cell, bool | np.bool_):
            return bool(cell)
        return _FLAGS.get(Converter._text(cell).lower(), BAD)

    @staticmethod
    def _geometry(cell: Any) -> Any:
        from shapely.geometry.base import BaseGeometry

        return cell if isinstance(cell, BaseGeometry) else BAD


def _is_numeric(cells: pd.Series[Any]) -> bool:
    types = pd.api.types
    return bool(types.is_numeric_dtype(cells.dtype) and not types.is_bool_dtype(cells.dtype))


def is_missing(cell: Any) -> bool:
    """Whether a cell holds nothing: empty, blank, NaN or NaT."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return True
    if isinstance(cell, str):
        return not cell.strip() or cell.strip().lower() == "nan"
    return isinstance(cell, float) and math.isnan(cell)


def decimal_sign(columns: Sequence[pd.Series[Any]], delimiter: str) -> str:
    """Sign of decimals where none is given.

    A comma only in a ``;`` file whose number columns hold some number with a comma,
    and none with a point.
    """
    if delimiter != ";":
        return "."
    cells = [str(cell).strip() for column in columns for cell in column if isinstance(cell, str)]
    commas = any(_DECIMAL_COMMA.match(cell) for cell in cells)
    return "," if commas and not any("." in cell for cell in cells) else "."


def kind_problem(column: Column, cell: Any) -> str:
    """What is wrong with a cell that cannot be read as its column's kind."""
    if column.kind in (Kind.NUMBER, Kind.WHOLE):
        if isinstance(cell, str) and _DECIMAL_COMMA.match(cell.strip()):
            return "must be a number; for decimal commas say decimal: ','"
        return f"must be a {column.kind}"
    return {
        Kind.ID: "an id is text; a number with decimals cannot be one",
        Kind.DATE: "must be a date like 2027-01-31",
        Kind.FLAG: "must be true or false",
        Kind.GEOMETRY: "must be a geometry",
    }[column.kind]
