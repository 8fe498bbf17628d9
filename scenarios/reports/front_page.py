"""The page of a trade-off front: what one term costs in another, point by point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .charts import FAINT, LINES, Chart, Table, render_page, styled
from .numbers import NOTHING, grouped, percent

Row = Mapping[Hashable, Any]
_SCALES = ((1.0, ""), (1e3, "thousand "), (1e6, "million "), (1e9, "billion "))


def render_front(name: str, terms: Sequence[str], table: pd.DataFrame, missed: pd.DataFrame) -> str:
    """Return the page of a front.

    Parameters
    ----------
    table
        The contract's ``frontier.csv``: one row per point.
    missed
        ``without_plan.csv``: limits at which there is no plan, or none was found.
    """
    rows = table.to_dict("records")
    kept = [row for row in rows if not row["dominated"]]
    headline, sentences = _said(terms, rows, kept)
    charts = [Chart("The front", _drawn(terms, rows), _NOTE)] if rows else []
    tables = [_points(terms, rows, kept)]
    if len(missed):
        tables.append(_missed(terms, rows, missed))
    named = [_words(term) for term in terms]
    title = f"Trade-off of {', '.join(named[:-1])} and {named[-1]}"
    return render_page(title, name, headline, sentences, charts, tables)


_NOTE = (
    "A number is a point of the table. The line below a point ends at its bound: no plan within "
    "the same limits has less of the first term, proven. Crosses: another point is at least as "
    "good in everything."
)


def _words(term: str) -> str:
    """Name of a term as a page says it.

    >>> _words("disruption:sales"), _words("travel_hours"), _words("rule:balance_load")
    ('sales that change hands', 'travel hours', 'rule balance load')
    """
    kind, _, measure = term.partition(":")
    name = f"{measure} that change hands" if kind == "disruption" else term.replace(":", " ")
    return name.replace("_", " ")


def _titled(term: str, rows: Sequence[Row]) -> str:
    unit = str(rows[0][f"{term}_unit"]) if rows else ""
    return f"{_words(term)}, {unit}" if unit else _words(term)


def _said(terms: Sequence[str], rows: Sequence[Row], kept: Sequence[Row]) -> tuple[str, list[str]]:
    if not rows:
        return "No point was found.", ["Give it more work, or look at the limits below."]
    headline = f"{len(kept)} points that none of the others beats."
    if len(kept) == 1:
        headline = "One point beats all others: nothing needs to be traded."
    first = terms[0]
    low, high = min(kept, key=lambda r: r[first]), max(kept, key=lambda r: r[first])
    sentences = []
    if low is not high:
        rise = high[first] - low[first]
        share = percent(rise / low[first]) if low[first] else NOTHING
        unit = low[f"{first}_unit"]
        changes = [
            f"{_words(term)} go from {_figure(low[term])} to {_figure(high[term])} "
            f"{low[f'{term}_unit']}"
            for term in terms[1:]
        ]
        sentences.append(
            f"From point {low['point']} to point {high['point']}, {_words(first)} go up by "
            f"{_figure(rise)} {unit} ({share}), and {', '.join(changes)}."
        )
    gaps = [row["gap"] for row in rows if _known(row["gap"])]
    proven = sum(str(row["status"]) == "optimal" for row in rows)
    text = f"{proven} of {len(rows)} points are proven best within their limits"
    if gaps and max(gaps) > 1e-6:
        text += f"; the largest gap is {percent(max(gaps))}"
    sentences.append(text + ".")
    if len(kept) < len(rows):
        sentences.append(
            f"{len(rows) - len(kept)} more are beaten by another: give them more work."
        )
    return headline, sentences


def _known(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _figure(value: Any) -> str:
    if not _known(value):
        return NOTHING
    size = abs(float(value))
    return grouped(float(value), 0 if size >= 100 or not size else 1 if size >= 10 else 2)


def _drawn(terms: Sequence[str], rows: Sequence[Row]) -> go.Figure:
    """Two terms against each other, or three two by two."""
    first, *others = terms
    pairs = [(other, first) for other in others]
    if len(others) == 2:
        pairs.append((others[0], others[1]))
    figure = make_subplots(rows=1, cols=len(pairs), horizontal_spacing=0.1)
    for column, (across, up) in enumerate(pairs, start=1):
        for trace in _traces(across, up, terms, rows, shown=column == 1):
            figure.add_trace(trace, row=1, col=column)
        figure.update_xaxes(title_text=_titled(across, rows), row=1, col=column)
        figure.update_yaxes(title_text=_titled(up, rows), row=1, col=column)
    return styled(figure, 520 if len(pairs) == 1 else 440)


def _traces(
    across: str, up: str, terms: Sequence[str], rows: Sequence[Row], *, shown: bool
) -> list[go.Scatter]:
    """Points that stand and points that another beats; bounds where the first term goes up."""
    found = []
    for dominated, name in ((False, "best known"), (True, "another is as good in everything")):
        part = sorted(
            (row for row in rows if bool(row["dominated"]) == dominated),
            key=lambda row: (row[across], row["point"]),
        )
        if not part:
            continue
        bounds = up == terms[0]
        open_parts = [
            max(row[up] - row["bound"], 0.0) if bounds and _known(row["bound"]) else 0.0
            for row in part
        ]
        lined = len(terms) == 2 and not dominated
        colour = FAINT if dominated else LINES[0]
        found.append(
            go.Scatter(
                x=[row[across] for row in part],
                y=[row[up] for row in part],
                mode="lines+markers+text" if lined else "markers+text",
                name=name,
                legendgroup=name,
                showlegend=shown,
                # A plan between two points is not promised: the line only leads the eye.
                line={"dash": "dot", "width": 1, "color": colour},
                marker={"size": 10, "color": colour, "symbol": "x" if dominated else "circle"},
                text=[str(row["point"]) for row in part],
                textposition="top right",
                textfont={"size": 11, "color": colour},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [0.0] * len(part),
                    "arrayminus": open_parts,
                    "color": colour,
                    "thickness": 1.5,
                    "width": 5,
                },
                hovertext=[_hover(terms, row) for row in part],
                hoverinfo="text",
            )
        )
    return found


def _hover(terms: Sequence[str], row: Row) -> str:
    lines = [f"point {row['point']}, {row['status']}"]
    lines += [f"{_words(term)} {_figure(row[term])} {row[f'{term}_unit']}" for term in terms]
    if _known(row["bound"]):
        lines.append(f"at least {_figure(row['bound'])}, gap {percent(row['gap'])}")
    lines.append(f"{row['units_moved']} units change hands")
    return "<br>".join(lines)


def _points(terms: Sequence[str], rows: Sequence[Row], kept: Sequence[Row]) -> Table:
    first, *others = terms
    header = ["Point", _titled(first, rows), "At least, proven", "Gap"]
    header += [_titled(term, rows) for term in others]
    header += [f"Limit on {_words(term)}" for term in others]
    header += ["Units that move", "State"]
    rates = _rates(terms, kept)
    if rates:
        header.insert(-1, "Price of the step to it")
    body = []
    for row in rows:
        cells = [str(row["point"]), _figure(row[first]), _figure(row["bound"])]
        cells.append(percent(row["gap"], 2) if _known(row["gap"]) else NOTHING)
        cells += [_figure(row[term]) for term in others]
        cells += [_figure(row[f"{term}_limit"]) for term in others]
        cells.append(str(row["units_moved"]))
        if rates:
            cells.append(rates.get(row["point"], NOTHING))
        cells.append("beaten by another" if row["dominated"] else str(row["status"]))
        body.append(tuple(cells))
    faint = tuple(at for at, row in enumerate(rows) if row["dominated"])
    return Table("Points", tuple(header), tuple(body), (0, len(header) - 1), faint)


def _rates(terms: Sequence[str], kept: Sequence[Row]) -> dict[Any, str]:
    """What a unit of the second term costs in the first, from each point to the next."""
    if len(terms) != 2:
        return {}
    first, second = terms
    ordered = sorted(kept, key=lambda row: (-row[second], row["point"]))
    found = {}
    for before, after in itertools.pairwise(ordered):
        saved = before[second] - after[second]
        if saved > 0:
            rate = (after[first] - before[first]) / saved
            scale, word = next(((s, w) for s, w in _SCALES if abs(rate * s) >= 0.1), _SCALES[-1])
            units = before[f"{first}_unit"], before[f"{second}_unit"]
            found[after["point"]] = f"{_figure(rate * scale)} {units[0]} per {word}{units[1]}"
    return found


def _missed(terms: Sequence[str], rows: Sequence[Row], missed: pd.DataFrame) -> Table:
    header = [*(f"Limit on {_titled(term, rows)}" for term in terms[1:]), "State"]
    body = [
        (*(_figure(row[f"{term}_limit"]) for term in terms[1:]), str(row["status"]))
        for row in missed.to_dict("records")
    ]
    words = (0, len(header) - 1)
    return Table("Limits without a plan", tuple(header), tuple(body), words)
