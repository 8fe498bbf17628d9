"""Writes a plan against its actuals: a table, and a page for people."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2

from ..store.writing import Outputs, holding
from .comparing import Against

TABLE, PAGE, INPUTS = "plan_against_actual.csv", "plan_against_actual.html", "inputs.csv"
AGAINST = Outputs("comparison of a plan with actuals", "teig actuals", TABLE)
_LEVELS = (("total", "In total"), ("team", "By team"), ("rep", "By rep, in the order of their ids"))
_NAMES = {
    "hours": "Hours with customers and on the road",
    "travel_hours": "Hours on the road",
    "travel_km": "Kilometres",
    "visits": "Visits",
    "sales": "Sales",
}


def write_against(result: Against, folder: Path) -> Path:
    """Write the table, the inputs with their hashes, and the page; returns the page's path.

    Raises
    ------
    BadInput
        When the folder holds something else than such a comparison.
    """
    page = _page(result)

    def write(staging: Path) -> None:
        (staging / PAGE).write_text(page, encoding="utf-8", newline="\n")
        lines = ["path,rows,sha256"]
        lines += [f"{each.path},{each.rows},{each.digest}" for each in result.actuals.inputs]
        (staging / INPUTS).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        result.table.to_csv(staging / TABLE, index=False, float_format="%.10g", lineterminator="\n")

    with holding(folder, AGAINST) as held:
        held.write(write)
    return folder / PAGE


def _page(result: Against) -> str:
    source = (files(__package__) / "actuals.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(figure=_figure, percent=_percent)
    records = result.table.to_dict("records")
    tables = [
        (title, [{str(k): v for k, v in row.items()} for row in records if row["level"] == level])
        for level, title in _LEVELS
    ]
    return environment.from_string(source).render(
        plan=result.plan,
        until=result.actuals.until,
        inputs=result.actuals.inputs,
        notes=result.notes,
        tables=[(title, rows) for title, rows in tables if rows],
        names=_NAMES,
    )


def _figure(value: Any) -> str:
    number = float(value)
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.1f}"


def _percent(value: Any) -> str:
    return "–" if value is None or value != value else f"{float(value):.1%}"
