"""``report.html``: one file that a head of sales reads in five minutes, offline."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import numpy as np
from markupsafe import Markup

from ..audience import PLANNERS, Audience
from ..comparison import stage_unit
from ..moves import Move, hands_of, list_moves
from ..results import INCUMBENT
from .answer import answer
from .attainment import ForecastView, view_forecast
from .balance import BalanceChart, balance_chart
from .campaign_view import CampaignView, view_campaigns
from .figures import Figures, all_figures, money_scale
from .history_view import HistoryView, view_history
from .lacks import lacks
from .maps import Atlas, MapView, TerritoryShape, draw_atlas
from .mesh import path_text
from .money_view import money_cell, money_names, money_notes, plan_amounts
from .numbers import grouped, percent, telling
from .quota_view import QuotaView, view_quotas

if TYPE_CHECKING:
    from ...models.rules import Rule
    from ..results import RunResult, ScenarioResult

LARGEST_MOVES = 10


def write_report(
    result: RunResult,
    path: str | Path,
    *,
    audience: Audience = PLANNERS,
    atlas: Atlas | None = None,
) -> None:
    """Write the report of a run.

    The file needs no network and no other file; the same result gives the same
    bytes. It holds sums of people's cost, never one person's, owners by id, and
    bases at the place of the nearest unit.

    Parameters
    ----------
    audience
        Whom it is for, and so what it may hold.
    atlas
        The maps, where they are drawn already.
    """
    Path(path).write_bytes(render_report(result, audience=audience, atlas=atlas).encode("utf-8"))


def render_report(
    result: RunResult, *, audience: Audience = PLANNERS, atlas: Atlas | None = None
) -> str:
    """Return the report as text; see :func:`write_report`."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(grouped=grouped, percent=percent, telling=telling)
    context = _context(result, audience, atlas or draw_atlas(result.rows))
    return environment.get_template("report.html.j2").render(context)


def _asset(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


@dataclass(frozen=True, eq=False)
class Panel:
    """Everything that the report shows of one scenario."""

    key: str
    result: ScenarioResult
    figures: Figures
    maps: tuple[MapView, ...]
    chart: BalanceChart | None
    moves: tuple[Move, ...]
    quotas: QuotaView | None
    history: HistoryView | None
    forecast: ForecastView | None
    campaigns: CampaignView | None

    @property
    def hands(self) -> tuple[tuple[str, str, int], ...]:
        """From whom, to whom and how many units."""
        return hands_of(self.moves)

    @property
    def is_today(self) -> bool:
        """Whether this is today's alignment."""
        return self.result.name == INCUMBENT

    @property
    def title(self) -> str:
        """Name as the page says it."""
        return "Today" if self.is_today else self.result.name


def _context(result: RunResult, audience: Audience, atlas: Atlas) -> dict[str, Any]:
    rows = result.rows
    figures = all_figures(result)
    money = money_scale(rows, result.currency)
    panels = [_panel(number, row, result, figures, atlas) for number, row in enumerate(rows)]
    verdict = answer(result, figures, money)
    today_map = next((view for view in atlas.of(INCUMBENT)), None)
    first = next(
        (panel.key for panel in panels if panel.result.name == verdict.leading), panels[-1].key
    )
    return {
        "result": result,
        "audience": audience,
        "answer": verdict,
        "lacks": lacks(result, verdict.leading),
        "figures": figures,
        "panels": panels,
        "first": first,
        "atlas": atlas,
        "today_map": today_map,
        "money": money,
        "money_names": money_names(rows),
        "money_notes": money_notes(rows, money_names(rows)),
        "money_cell": money_cell,
        "plan_amounts": plan_amounts(rows),
        "stage_unit": stage_unit,
        "style": Markup(_asset("style.css")),  # noqa: S704 - our own file
        "script": Markup(_asset("script.js")),  # noqa: S704 - our own file
        "data": _embedded(_data(atlas, panels, rows, result.currency, told=not audience.is_shared)),
        "patterns": _patterns(atlas),
        "pattern_name": pattern_name,
        "fill_of": _fill_of,
        "path_text": path_text,
        "quarantine_rows": quarantine_rows,
        "same_quarantine": _same_quarantine(rows),
        "shared_inputs": _shared_inputs(rows),
        "rules": _rules_by_text(rows),
        "versions": _versions(rows),
        "notes": _notes(rows),
    }


def _panel(
    number: int,
    row: ScenarioResult,
    result: RunResult,
    figures: Mapping[str, Figures],
    atlas: Atlas,
) -> Panel:
    maps = atlas.of(row.name)
    fills = {
        owner: fill
        for (scenario, _, owner), fill in sorted(atlas.colours.items())
        if scenario == row.name
    }
    sales: dict[str, float] = {}
    if row.evaluation is not None:
        table = row.evaluation.territories
        sales = dict(zip(table["rep"].astype(str), table["sales"].astype(float), strict=True))
    is_today = row.name == INCUMBENT
    return Panel(
        key=f"s{number}",
        result=row,
        figures=figures[row.name],
        maps=maps,
        chart=balance_chart(row, fills) if row.evaluation is not None else None,
        moves=() if is_today else list_moves(row, result.incumbent, examined=LARGEST_MOVES),
        quotas=view_quotas(row.quota_table, sales),
        history=view_history(row.quota_study),
        forecast=view_forecast(row.forecast) if row.forecast is not None else None,
        campaigns=view_campaigns(row.campaigns),
    )


def _embedded(data: object) -> Markup:
    """JSON that cannot end the script element that holds it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - escaped above


def _data(
    atlas: Atlas,
    panels: Sequence[Panel],
    rows: Sequence[ScenarioResult],
    currency: str,
    *,
    told: bool,
) -> dict[str, object]:
    """Figures behind the pointer: per unit once, per map who has what.

    Money of units and figures of owners are left out where they are not told.
    """
    mesh = atlas.mesh
    names: dict[str, str] = {}
    totals: dict[str, tuple[float, float]] = {}
    for row in rows:
        own: dict[str, tuple[float, float]] = {}
        units = row.problem.units
        potential, sales = units.measures["potential"], units.measures["sales"]
        for at, whole in enumerate(units.wholes):
            if whole not in names:
                text = units.names[at]
                names[whole] = text.rsplit("#", 1)[0].rstrip() if whole != units.ids[at] else text
            before = own.get(whole, (0.0, 0.0))
            own[whole] = (before[0] + potential[at], before[1] + sales[at])
        totals.update({whole: pair for whole, pair in own.items() if whole not in totals})
    return {
        "currency": currency,
        "ids": mesh.units,
        "names": [names[u] if names[u] != u else "" for u in mesh.units],
        "potential": [_short(totals[u][0]) for u in mesh.units] if told else [],
        "sales": [_short(totals[u][1]) for u in mesh.units] if told else [],
        "x": [] if mesh.is_area.all() else mesh.points[:, 0].tolist(),
        "y": [] if mesh.is_area.all() else mesh.points[:, 1].tolist(),
        "dots": np.flatnonzero(mesh.is_placed & ~mesh.is_area).tolist(),
        "maps": {
            view.key: {
                "owners": view.owners,
                "of": view.owner_of,
                "was": view.incumbent_of,
                "shares": dict(view.shares),
                "today": panel.is_today,
                "figures": _owner_figures(panel.chart) if told else {},
            }
            for panel in panels
            for view in panel.maps
        },
    }


def _short(value: float) -> float | int:
    """Four significant digits are enough under a pointer."""
    rounded = float(f"{value:.4g}")
    return int(rounded) if rounded.is_integer() else rounded


def _owner_figures(chart: BalanceChart | None) -> dict[str, list[float | None]]:
    """Units, load, hours, travel hours, potential and sales by owner."""
    return {
        row.rep: [
            _short(v)
            for v in (row.units, row.load, row.hours, row.travel, row.potential, row.sales)
        ]
        for row in (chart.rows if chart else ())
    }


def _patterns(atlas: Atlas) -> list[tuple[str, str, str]]:
    """Patterns of fills: name, kind, colour."""
    found: dict[tuple[str, str, str], None] = {}
    for view in atlas.maps:
        for shape in view.shapes:
            if shape.kind in ("vacancy", "partner"):
                found.setdefault((pattern_name(shape.kind, shape.fill), shape.kind, shape.fill))
        for split in view.splits:
            found.setdefault((pattern_name("split", split.fill), "split", split.fill))
    return sorted(found)


def _fill_of(shape: TerritoryShape) -> str:
    """Fill of a territory on the map: its colour, or the pattern of its kind."""
    if shape.kind in ("vacancy", "partner"):
        return f"url(#{pattern_name(shape.kind, shape.fill)})"
    return shape.fill


def pattern_name(kind: str, fill: str) -> str:
    """Id of the pattern for a kind of owner and a colour."""
    return f"{kind}-{fill.removeprefix('#').lower()}"


def _shared_inputs(rows: Sequence[ScenarioResult]) -> list[tuple[Any, list[str]]]:
    """Input tables, each once, with the scenarios that read them where not all do."""
    found: dict[Any, list[str]] = {}
    for row in rows:
        for table in row.inputs:
            found.setdefault(table, []).append(row.name)
    everybody = len([row for row in rows if row.inputs])
    return [(table, [] if len(who) == everybody else who) for table, who in found.items()]


def _rules_by_text(rows: Sequence[ScenarioResult]) -> list[tuple[str, str, bool, list[str]]]:
    """Rules in words, each once, with the scenarios that have them where not all do."""
    found: dict[tuple[str, str, bool], list[str]] = {}
    solved = [row for row in rows if row.name != INCUMBENT]
    for row in solved:
        for rule in row.problem.rules:
            found.setdefault((rule.name, rule_text(rule), rule.hard), []).append(row.name)
    return [
        (name, text, hard, [] if len(who) == len(solved) else who)
        for (name, text, hard), who in found.items()
    ]


#: Settings without which a rule's text says too little; the others only where set.
TELLING = ("measure", "tolerance", "share", "limit", "target")


def rule_text(rule: Rule) -> str:
    """Settings of a rule in one line; long lists are counted.

    >>> from teig.models.rules import Balance
    >>> rule_text(Balance(measure="load", tolerance=0.15))
    'balance: measure load, tolerance 0.15, target capacity'
    """
    settings = {
        field.name: (getattr(rule, field.name), field) for field in dataclasses.fields(rule)
    }
    parts = [
        f"{name.replace('_', ' ')} {_value_text(value)}"
        for name, (value, field) in settings.items()
        if name in TELLING
        or not (name in ("name", "hard") or value == field.default or _is_empty(value))
    ]
    kind = rule.kind.replace("_", " ")
    return f"{kind}: {', '.join(parts)}" if parts else kind


def _is_empty(value: object) -> bool:
    return isinstance(value, (tuple, dict, frozenset)) and not value


def _value_text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return f"for {len(value)}"
    if isinstance(value, tuple):
        plain = all(isinstance(item, str) for item in value) and len(value) <= 4
        return ", ".join(value) if plain else f"({len(value)})"
    return str(value)


def _versions(rows: Sequence[ScenarioResult]) -> str:
    found = sorted({pair for row in rows for pair in row.versions.items()})
    return ", ".join(f"{name} {version}" for name, version in found)


def _notes(rows: Sequence[ScenarioResult]) -> list[tuple[str, list[str]]]:
    """Notes for people, each once, with the scenarios that have it where not all do."""
    found: dict[str, list[str]] = {}
    for row in rows:
        explained = row.territory.explanation if row.territory is not None else ()
        for text in dict.fromkeys((*row.notes, *row.problem.notes, *explained)):
            found.setdefault(text, []).append(row.name)
    return [(text, [] if len(who) >= len(rows) - 1 else who) for text, who in found.items()]


def _same_quarantine(rows: Sequence[ScenarioResult]) -> bool:
    """Whether all scenarios set the same rows aside."""
    return all(row.quarantined.equals(rows[0].quarantined) for row in rows)


def quarantine_rows(row: ScenarioResult) -> list[dict[str, Any]]:
    """Rows of the quarantine table, as records."""
    records = row.quarantined.to_dict("records")
    return [{str(key): value for key, value in record.items()} for record in records]
