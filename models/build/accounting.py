"""What the input adds up to: control totals, and what on_problem decisions touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd

from ..errors import counted
from ..standards import ServiceStandards
from ..structure import CHANNELS
from ..tables import OnProblem, Table
from .intake import Intake, Rows

#: Sums are compared to a millionth: beyond that is the rounding of binary numbers.
_STEP = Decimal("0.000001")


def check_control_totals(
    totals: Mapping[str, float], tables: Mapping[str, Rows], intake: Intake
) -> None:
    """Tie sums of columns to given totals, exactly.

    What was quarantined counts, for it stands in the file; what was imputed does not.

    Parameters
    ----------
    totals
        ``units.sales`` and the like → total, money in the plan currency.
    tables
        Rows by kind.
    """
    for name, total in sorted(totals.items()):
        kind, _, column = name.partition(".")
        rows = tables.get(kind)
        place = f"control_totals.{name}"
        if rows is None or column not in rows.frame.columns:
            known = ", ".join(sorted(tables))
            intake.found.add(f"names no column of a table ({known})", place=place, value=name)
            continue
        if not pd.api.types.is_numeric_dtype(rows.frame[column].dtype):
            intake.found.add("is no column of numbers", place=place, value=name)
            continue
        actual = _total(rows, column)
        wanted = Decimal(repr(total)).quantize(_STEP, ROUND_HALF_UP)
        if actual != wanted:
            difference = actual - wanted
            intake.found.add(
                f"the column adds up to {_plain(actual)}, {_plain(abs(difference))} "
                f"{'more' if difference > 0 else 'less'} than the control total",
                place=place,
                value=_plain(wanted),
            )


def _plain(number: Decimal) -> str:
    text = f"{number:,.6f}".rstrip("0").rstrip(".")
    return text or "0"


def _total(rows: Rows, column: str) -> Decimal:
    values = rows.frame[column].tolist()
    imputed = _imputed(rows, column)
    places = zip(rows.sources, rows.column(_key(rows)), strict=True)
    values = [
        0.0 if (source, name) in imputed else value
        for value, (source, name) in zip(values, places, strict=True)
    ]
    for _, touched in rows.touched:
        if touched.decision is OnProblem.QUARANTINE and column in touched.rows:
            values += touched.rows[column].tolist()
    exact = sum((Decimal(repr(v)) for v in values if np.isfinite(v)), Decimal(0))
    return exact.quantize(_STEP, ROUND_HALF_UP)


def _key(rows: Rows) -> str:
    return str(rows.frame.columns[0])


def _imputed(rows: Rows, column: str) -> frozenset[tuple[str, object]]:
    key = _key(rows)
    return frozenset(
        (source, name)
        for source, touched in rows.touched
        if touched.decision is OnProblem.IMPUTE and touched.column == column
        for name in touched.rows[key]
    )


def touched_table(
    tables: Sequence[Table], standards: ServiceStandards | None = None
) -> pd.DataFrame:
    """What on_problem decisions touched: rows, hours a year and money, decision by decision.

    Returns
    -------
    DataFrame
        Columns ``source, marked, column, decision, value, rows, hours, potential, sales``;
        ``value`` is what was imputed, money as it stands in the file.
    """
    lines = []
    for table in tables:
        for touched in table.touched:
            rows = touched.rows
            lines.append(
                {
                    "source": table.source,
                    "marked": str(table.marked),
                    "column": touched.column,
                    "decision": str(touched.decision),
                    "value": touched.value,
                    "rows": len(rows),
                    "hours": _hours(rows, standards),
                    "potential": _sum(rows, "potential"),
                    "sales": _sum(rows, "sales"),
                }
            )
    columns = ["source", "marked", "column", "decision", "value", "rows"]
    columns += ["hours", "potential", "sales"]
    return pd.DataFrame(lines, columns=columns)


def _sum(rows: pd.DataFrame, column: str) -> float:
    if column not in rows.columns:
        return 0.0
    values = rows[column].to_numpy(dtype=np.float64)
    return float(values[np.isfinite(values)].sum())


def _hours(rows: pd.DataFrame, standards: ServiceStandards | None) -> float:
    """Hours a year by the rows' own column, else by all channels of their class."""
    hours = np.full(len(rows), np.nan)
    if "class" in rows.columns and standards is not None and standards.names:
        loads = standards.loads(standards.names[0], rows["class"].tolist(), CHANNELS)
        accounts = rows["accounts"].to_numpy() if "accounts" in rows.columns else 1.0
        hours = loads.hours * accounts
    if "workload_hours" in rows.columns:
        own = rows["workload_hours"].to_numpy(dtype=np.float64)
        hours = np.where(np.isfinite(own), own, hours)
    return float(hours[np.isfinite(hours)].sum())


def touched_notes(table: pd.DataFrame, currency: str) -> list[str]:
    """One sentence for each decision."""
    return [
        f"{line['source']}: {counted(line['rows'], 'row')} "
        + ("left out" if line["decision"] == "quarantine" else f"imputed with {line['value']:g}")
        + f" for {line['column']}, with {line['hours']:,.1f} hours, potential "
        f"{line['potential']:,.2f} and sales {line['sales']:,.2f} ({currency} where not said)"
        for line in table.to_dict("records")
    ]
