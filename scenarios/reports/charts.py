"""Pages with charts that can be read off point by point, drawn by plotly.

The page carries plotly's script, so that it needs no network; the figures stand in a
table below each chart too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from .numbers import THIN_SPACE

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: The bright scheme of Paul Tol (see :mod:`teig.scenarios.reports.palette`), for lines.
LINES = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#BBBBBB")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star", "cross")
INK, FAINT, GRID = "#17212B", "#8A949E", "#DFE4E8"
#: Margins of a drawing, pixels.
_TOP, _BOTTOM = 40, 90
_FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif'


@dataclass(frozen=True)
class Chart:
    """A chart with what stands above and below it."""

    title: str
    figure: go.Figure
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table as the page shows it: texts, the first column at the left."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...] = (0,)
    faint: tuple[int, ...] = ()


def render_page(
    title: str,
    kicker: str,
    headline: str,
    sentences: Sequence[str],
    charts: Sequence[Chart],
    tables: Sequence[Table],
) -> str:
    """Put a page together; the same figures give the same text."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawn = [
        (chart, Markup(_embedded(chart.figure, number)))  # noqa: S704 - plotly escapes
        for number, chart in enumerate(charts)
    ]
    return environment.get_template("charts.html.j2").render(
        title=title,
        kicker=kicker,
        headline=headline,
        sentences=sentences,
        charts=drawn,
        tables=tables,
        style=Markup(_asset("style.css")),  # noqa: S704 - our own file
    )


def styled(figure: go.Figure, height: int) -> go.Figure:
    """Give a figure the page's letters and lines."""
    figure.update_layout(
        font={"family": _FONT, "size": 13, "color": INK},
        paper_bgcolor="#fff",
        plot_bgcolor="#fff",
        height=height,
        margin={"l": 80, "r": 20, "t": _TOP, "b": _BOTTOM},
        # Below the titles of the axes, however high the drawing is.
        legend={"orientation": "h", "yanchor": "top", "y": -55 / (height - _TOP - _BOTTOM), "x": 0},
        separators="." + THIN_SPACE,
        hoverlabel={"font": {"family": _FONT}, "align": "left"},
    )
    lines = {"gridcolor": GRID, "zerolinecolor": "#B9C2CA", "linecolor": "#B9C2CA", "ticks": ""}
    numbers = {"separatethousands": True, "exponentformat": "none", "automargin": True}
    figure.update_xaxes(**lines, **numbers)
    figure.update_yaxes(**lines, **numbers)
    return figure


def _asset(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _embedded(figure: go.Figure, number: int) -> Any:
    """The chart as an element; the first one brings the script."""
    return figure.to_html(
        full_html=False,
        include_plotlyjs=number == 0,
        div_id=f"chart{number}",
        config={"displayModeBar": False, "responsive": True, "showTips": False},
    )
