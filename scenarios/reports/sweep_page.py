"""The page of a sweep: how the figures follow the settings that were varied."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..comparison import UNITS
from ..digits import significant
from .charts import FAINT, LINES, SYMBOLS, Chart, Table, render_page, styled
from .numbers import NOTHING, grouped, percent, telling

Row = Mapping[Hashable, Any]
#: Figures that are drawn where they are known, and their names.
FIGURES = {
    "contribution": "Contribution",
    "travel_hours": "Travel",
    "utilisation_worst": "Load of the fullest rep",
    "load_deviation_worst": "Load farthest from a fair share",
    "potential_deviation_worst": "Potential farthest from a fair share",
    "sales_moved_share": "Sales that change hands",
}
#: More lines than this cannot be told apart.
MOST_LINES = len(LINES)


def render_sweep(
    name: str,
    paths: Sequence[str],
    table: pd.DataFrame,
    currency: str,
    effects: pd.DataFrame | None = None,
) -> str:
    """Return the page of a sweep.

    Parameters
    ----------
    paths
        Settings that were varied, columns of the table.
    table
        ``sweep.csv``: one row per point.
    effects
        ``tornado.csv``, where each setting was varied alone.
    """
    known = [key for key in FIGURES if key in table and table[key].notna().any()]
    units = {key: UNITS[key].format(currency=currency) for key in known}
    units = {key: "%" if unit == "share" else unit for key, unit in units.items()}
    charts = []
    if effects is not None and len(effects):
        note = (
            "A bar reaches from the figure's lowest value to its highest; on it stand the values "
            "of the setting at its two ends."
        )
        charts.append(Chart("What each setting moves", _tornado(effects), note))
    elif effects is None and known:
        charts.append(Chart("Figures by setting", _lines(paths, table, known, units), _NOTE))
    solved = int(table[known[0]].notna().sum()) if known else 0
    headline = f"{len(table)} points were tried."
    sentences = [] if effects is None else _largest(effects)
    if effects is not None:
        headline = _moving(paths, effects)
    elif "contribution" in known:
        sentences = [_most(table, units["contribution"])]
    sentences.append(f"{solved} of {len(table)} points have a plan. All figures are in sweep.csv.")
    return render_page(
        f"Sweep of {', '.join(paths)}",
        name,
        headline,
        sentences,
        charts,
        [_table(paths, table, known, units)],
    )


_NOTE = (
    "Faint and dotted: no plan can contribute more, proven. Plans that are not solved to the end "
    "scatter by their gaps; small steps between neighbours may be no more than that."
)


def _moving(paths: Sequence[str], effects: pd.DataFrame) -> str:
    """Which settings move anything that can be told."""
    moving = [path for path in paths if path in set(effects["setting"])]
    still = [path for path in paths if path not in moving]
    if not moving:
        return "No setting moves a figure by more than gaps leave open."
    said = f"{' and '.join(moving)} {'move' if len(moving) > 1 else 'moves'} what plans reach"
    if still:
        said += f"; of {' and '.join(still)} no effect can be told"
    return said + "."


def _largest(effects: pd.DataFrame) -> list[str]:
    """For each figure the setting that moves it most."""
    found = []
    for (name, unit), part in effects.groupby(["figure", "unit"], sort=False):
        row = part.sort_values(["effect", "setting"]).iloc[-1]
        found.append(
            f"{str(name).replace('_', ' ').capitalize()} is moved most by {row['setting']}: "
            f"{telling(row['lowest'])} {unit} at {row['lowest_at']}, "
            f"{telling(row['highest'])} at {row['highest_at']}."
        )
    return found


def _most(table: pd.DataFrame, unit: str) -> str:
    """Where most is contributed; a gap may still change that."""
    known = table[table["contribution"].notna()]
    best = max(known.to_dict("records"), key=lambda row: float(row["contribution"]))
    return (
        f"Most is contributed at {best['scenario']}, {telling(best['contribution'])} {unit}; "
        "what of that is proven stands in report.html."
    )


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def _lines(
    paths: Sequence[str], table: pd.DataFrame, known: Sequence[str], units: Mapping[str, str]
) -> go.Figure:
    """A small chart per figure over the first setting; a line per combination of the others."""
    columns = min(len(known), 2)
    height = -(-len(known) // columns)
    titles = [f"{FIGURES[key]}, {units[key] or 'no unit'}" for key in known]
    figure = make_subplots(rows=height, cols=columns, subplot_titles=titles)
    first, others = paths[0], list(paths[1:])
    groups = _groups(table, others)
    for number, key in enumerate(known):
        place = {"row": number // columns + 1, "col": number % columns + 1}
        for at, (label, part) in enumerate(groups[:MOST_LINES]):
            values = [_number(text) for text in part[first]]
            numeric = all(value is not None for value in values)
            across = values if numeric else [str(text) for text in part[first]]
            figure.add_trace(
                go.Scatter(
                    x=across,
                    y=part[key].tolist(),
                    mode="lines+markers",
                    name=label or FIGURES[key],
                    legendgroup=label,
                    showlegend=bool(label) and number == 0,
                    line={"color": LINES[at], "width": 1.5},
                    marker={"symbol": SYMBOLS[at], "size": 8},
                ),
                **place,
            )
            if key == "contribution":
                figure.add_trace(_bounds(across, part, label), **place)
        figure.update_xaxes(title_text=first, **place)
        if units[key] == "%":
            figure.update_yaxes(tickformat=".4~p", **place)
    return styled(figure, 320 * height + 60)


def _bounds(across: Sequence[Any], part: pd.DataFrame, label: str) -> go.Scatter:
    return go.Scatter(
        x=across,
        y=part["contribution_bound"].tolist(),
        mode="lines",
        name="cannot pass",
        legendgroup=label,
        showlegend=False,
        line={"color": FAINT, "width": 1, "dash": "dot"},
    )


def _groups(table: pd.DataFrame, others: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    """Points that differ in the first setting only, in the order of the sweep."""
    if not others:
        return [("", table)]
    found = []
    for values, part in table.groupby(list(others), sort=False):
        named = zip(others, values if isinstance(values, tuple) else (values,), strict=True)
        found.append((", ".join(f"{path} {value}" for path, value in named), part))
    return found


def _tornado(effects: pd.DataFrame) -> go.Figure:
    """Bars by setting, a chart per figure, the largest effect on top."""
    figures = list(dict.fromkeys(zip(effects["figure"], effects["unit"], strict=True)))
    settings = effects.groupby(["figure", "unit"])["setting"].nunique()
    chart = make_subplots(
        rows=len(figures),
        cols=1,
        subplot_titles=[f"{str(name).replace('_', ' ')}, {unit}" for name, unit in figures],
        row_heights=[float(settings[pair]) + 1.0 for pair in figures],
        vertical_spacing=min(0.16, 0.7 / len(figures)),
    )
    for number, (name, unit) in enumerate(figures, start=1):
        part = effects[(effects["figure"] == name) & (effects["unit"] == unit)]
        part = part.sort_values(["effect", "setting"])
        chart.add_trace(
            go.Bar(
                y=part["setting"].astype(str).tolist(),
                x=(part["highest"] - part["lowest"]).tolist(),
                base=part["lowest"].tolist(),
                orientation="h",
                marker={"color": LINES[0]},
                text=[
                    f"{row['lowest_at']} – {row['highest_at']}" for row in part.to_dict("records")
                ],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                showlegend=False,
                hovertext=[
                    f"{significant(row['lowest'])} at {row['lowest_at']}<br>"
                    f"{significant(row['highest'])} at {row['highest_at']}"
                    for row in part.to_dict("records")
                ],
                hoverinfo="text",
            ),
            row=number,
            col=1,
        )
    return styled(chart, 60 + 120 * len(figures) + 34 * len(effects))


def _table(
    paths: Sequence[str], table: pd.DataFrame, known: Sequence[str], units: Mapping[str, str]
) -> Table:
    header = ["Point", *paths, "State", "Gap"]
    header += [f"{FIGURES[key]}, {units[key]}" for key in known]
    body = []
    for row in table.to_dict("records"):
        cells = [str(row["scenario"]), *(str(row[path]) for path in paths), str(row["status"])]
        cells.append(percent(row["gap"], 2) if pd.notna(row["gap"]) else NOTHING)
        for key in known:
            value = None if pd.isna(row[key]) else float(row[key])
            share = units[key] == "%"
            cells.append(percent(value, 1) if share else grouped(value))
        body.append(tuple(cells))
    words = (0, *range(1, len(paths) + 2))
    return Table("Points", tuple(header), tuple(body), words)
