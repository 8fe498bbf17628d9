"""Pandera schemas of the tables, and their failures in a planner's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .columns import COLUMNS, Column, Kind

if TYPE_CHECKING:
    import pandera.pandas as pa


@dataclass(frozen=True)
class Failure:
    """A cell (or, with row -1, a column) that breaks its schema."""

    row: int
    column: str
    message: str


def table_schema(columns: Sequence[Column]) -> pa.DataFrameSchema:
    """Pandera schema of a table; values are converted before, missing cells are gaps."""
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        {column.name: _column_schema(column) for column in columns},
        coerce=False,
        strict=False,
    )


@lru_cache(maxsize=64)
def schema_of(kind: str, measures: tuple[Column, ...] = ()) -> pa.DataFrameSchema:
    """Schema of a kind of table, with further columns that somebody declared."""
    return table_schema((*COLUMNS[kind], *measures))


def _column_schema(column: Column) -> pa.Column:
    import pandera.pandas as pa

    checks = []
    if column.numeric:
        checks.append(pa.Check(np.isfinite, error="must be a finite number"))
    if column.minimum == 0 and column.maximum is None:
        checks.append(pa.Check.ge(0.0, error="must not be negative"))
    elif column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum, error=_range(column)))
    if column.above is not None:
        checks.append(pa.Check.gt(column.above, error=_range(column)))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum, error=_range(column)))
    if column.choices:
        message = f"must be one of {', '.join(column.choices)}"
        checks.append(pa.Check.isin(column.choices, error=message))
    return pa.Column(
        "float64" if column.numeric else None,
        checks,
        nullable=not (column.required or column.filled),
        unique=column.unique,
        report_duplicates="exclude_first",
        required=column.required,
        title=column.name,
        description=column.meaning,
    )


def _range(column: Column) -> str:
    if column.above is not None:
        return f"must be above {column.above:g} and at most {column.maximum:g}"
    return f"must lie between {column.minimum:g} and {column.maximum:g}"


def failures(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> Iterator[Failure]:
    """Everything that breaks the schema, column by column in its order, then by row."""
    import pandera.pandas as pa

    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return
    order = {name: position for position, name in enumerate(schema.columns)}
    found = {_failure(case, frame, schema) for case in cases.to_dict("records")}
    yield from sorted(found, key=lambda f: (f.row >= 0, order[f.column], f.row, f.message))


def _failure(case: dict[Any, Any], frame: pd.DataFrame, schema: pa.DataFrameSchema) -> Failure:
    check = str(case["check"])
    if check == "column_in_dataframe":
        name = str(case["failure_case"])
        meaning = schema.columns[name].description
        known = ", ".join(map(str, frame.columns))
        message = f"the table needs this column ({meaning}); it has {known}"
        return Failure(-1, name, message)
    name = str(case["column"])
    row = -1 if pd.isna(case["index"]) else int(case["index"])
    if check == "not_nullable":
        return Failure(row, name, f"must not be empty ({schema.columns[name].description})")
    if check == "field_uniqueness":
        first = int(np.flatnonzero(frame[name].to_numpy() == frame[name].iloc[row])[0])
        return Failure(row, name, f"stands more than once, first in #{first}#")
    return Failure(row, name, check)


def number_columns(columns: Sequence[Column]) -> tuple[str, ...]:
    """Names of the columns that hold numbers."""
    return tuple(column.name for column in columns if column.kind in (Kind.NUMBER, Kind.WHOLE))
