"""The slides of a run, in the order of a planning session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..audience import Audience
from ..digits import significant
from ..moves import hands_of, list_moves
from ..reports.answer import Answer, answer
from ..reports.figures import MONEY_NAMES, Figures, all_figures, money_scale
from ..reports.maps import Atlas, MapView, draw_atlas
from ..reports.numbers import MoneyScale, grouped, percent
from ..reports.quota_view import view_quotas
from ..results import INCUMBENT
from .decisions import decisions
from .deck import ACCENT, BODY, GREY, HEIGHT, MARGIN, MUTED, WARNING, WIDTH, Box, Deck, Series
from .maps import draw_map

if TYPE_CHECKING:
    from ..results import RunResult, ScenarioResult

#: Rows that a table on a slide holds in letters that the last row of chairs can read.
MOST_SCENARIOS, MOST_MOVES, MOST_TABLES = 9, 8, 9
#: Bars that a chart on a slide holds.
MOST_BARS = 36
#: Sentences of the answer on the first slide.
MOST_SENTENCES = 3


@dataclass(frozen=True, eq=False)
class Story:
    """Everything that the slides tell of a run."""

    result: RunResult
    audience: Audience

    @cached_property
    def figures(self) -> Mapping[str, Figures]:
        """Figures of every scenario."""
        return all_figures(self.result)

    @cached_property
    def money(self) -> MoneyScale:
        """Scale of the amounts."""
        return money_scale(self.result.rows, self.result.currency)

    @cached_property
    def verdict(self) -> Answer:
        """Who wins."""
        return answer(self.result, self.figures, self.money)

    @property
    def lead(self) -> ScenarioResult | None:
        """The scenario that the room looks at first."""
        return self.result[self.verdict.leading] if self.verdict.leading else None

    def tell(self, deck: Deck, atlas: Atlas | None = None) -> None:
        """Add all slides."""
        _opening(deck, self)
        _comparison(deck, self)
        _maps(deck, self, atlas or draw_atlas(self.result.rows))
        if self.lead is not None:
            _balance(deck, self, self.lead)
            _moves(deck, self, self.lead)
            _quotas(deck, self, self.lead)
        _money(deck, self)
        _asked(deck, self)
        _basis(deck, self)


def title_of(name: str) -> str:
    """Name of a scenario as slides say it."""
    return "today" if name == INCUMBENT else name


def _opening(deck: Deck, story: Story) -> None:
    verdict, result = story.verdict, story.result
    notes = "\n".join(
        [
            f"{result.name}. Source: {result.source}; report.html, section 1; run.json, verdicts.",
            (
                "A scenario beats another only if its plan is better than anything that the other "
                "could still reach, proven. 'Cannot be told apart' does not mean equal."
            ),
            *verdict.sentences,
        ]
    )
    slide = deck.slide(verdict.headline, notes, size=40)
    slide.shapes.title.top, slide.shapes.title.height = Box(0, 0.6, 0, 1.4).emu[1::2]
    deck.text(slide, Box(MARGIN, 0.3, 12.0, 0.35), [result.name], 16, colour=MUTED)
    deck.text(slide, Box(MARGIN, 2.2, 12.0, 1.5), [verdict.why], 22)
    shown = verdict.sentences[:MOST_SENTENCES]
    deck.text(slide, Box(MARGIN, 3.9, 12.0, 2.4), shown, 18, colour=MUTED, gap=10)
    if result.interrupted:
        text = "The run was interrupted; scenarios may be missing."
        deck.text(slide, Box(MARGIN, 6.4, 12.0, 0.4), [text], 16, colour=WARNING, bold=True)


def _comparison(deck: Deck, story: Story) -> None:
    """Scenarios side by side, each with its bound and its worst-placed reps."""
    rows = _shown(story)
    has_money = any(row.money is not None for row in story.result.rows)
    header = ["Scenario", "Fullest rep", "Farthest from fair share", "Travel, hours", "Sales moved"]
    if has_money:
        header[1:1] = [f"Worth, {story.money.label} a year", "At most, proven"]
    else:
        header[1:1] = ["State", "Still open"]
    table = [header, *(_comparison_row(story, row, has_money) for row in rows)]
    left_out = len(story.result.rows) - len(rows)
    campaigns = any(row.problem.campaigns for row in story.result.rows)
    costs = "travel, disruption and campaigns" if campaigns else "travel and disruption"
    notes = (
        "Source: comparison.csv, workbook.xlsx sheet Comparison. Today's alignment is measured by "
        "the same code, even where it breaks rules. Worth: margin on expected sales less people, "
        f"{costs}. At most: no plan of the scenario can be worth more, proven. "
        "Fullest rep: load over the rep's own hours. Fair share: of potential."
    )
    slide = deck.slide("Side by side", notes)
    strong = [at for at, row in enumerate(rows, start=1) if row.name == story.verdict.leading]
    deck.table(slide, BODY, table, [2.2, 1.6, 1.5, 1.7, 2.1, 1.3, 1.3], size=18, strong=strong)
    if left_out:
        text = f"{left_out} more scenarios: workbook, sheet Comparison"
        deck.text(slide, Box(MARGIN, HEIGHT - 0.95, 12.0, 0.3), [text], 14, colour=MUTED)


def _shown(story: Story) -> list[ScenarioResult]:
    """Today, the leading scenario, and as many others in the file's order as have room."""
    rows = list(story.result.rows)
    if len(rows) <= MOST_SCENARIOS:
        return rows
    first = [row for row in rows if row.name in (INCUMBENT, story.verdict.leading)]
    others = [row for row in rows if row not in first][: MOST_SCENARIOS - len(first)]
    return [row for row in rows if row in first or row in others]


def _comparison_row(story: Story, row: ScenarioResult, has_money: bool) -> list[str]:
    own = story.figures[row.name]
    use, spread = own.worst_use, own.worst_spread
    first = [own.status, own.gap_text]
    if has_money:
        worth = story.money.figure(row.money.contribution) if row.money else "–"
        bound = story.money.figure(row.money.bound) if row.money else "–"
        first = [worth, "frozen" if row.name == INCUMBENT else bound]
    return [
        title_of(row.name).capitalize() if row.name == INCUMBENT else row.name,
        *(first if row.plan is not None else [str(row.status), "no plan"]),
        f"{use.rep} {percent(use.value, 0)}" if use else "–",
        f"{spread.rep} {percent(spread.value, 0, sign=True)}" if spread else "–",
        grouped(own.travel_hours),
        percent(own.moved_sales) if row.name != INCUMBENT else "–",
    ]


def _maps(deck: Deck, story: Story, atlas: Atlas) -> None:
    """A slide per scenario, today and proposed; the leading one's overlays too."""
    if not atlas.mesh.is_placed.any():
        return
    today = {view.layer: view for view in atlas.of(INCUMBENT)}
    for row in _shown(story):
        if row.name == INCUMBENT and len(story.result.rows) > 1:
            continue
        views = atlas.of(row.name)
        for view in views if row.name == story.verdict.leading else views[:1]:
            _map_slide(deck, story, atlas, today.get(view.layer), view)


def _map_slide(
    deck: Deck, story: Story, atlas: Atlas, today: MapView | None, view: MapView
) -> None:
    own = story.figures[view.scenario]
    title = " ".join(part for part in (title_of(view.scenario), view.title) if part)
    # The figures are the scenario's: beside a map of one overlay they would mislead.
    if view.scenario != INCUMBENT and not view.title:
        moved = f"{grouped(own.moved_units)} units, {percent(own.moved_sales)} of sales"
        title += f": {moved} change hands"
    notes = (
        f"Source: {view.scenario}/plan.gpkg and assignments.csv. A colour is a territory; an owner "
        "keeps the colour on all maps where possible, and neighbours never share one. Hatched: "
        "changes hands. A diamond is a base, at the place of the nearest unit. Grey: nobody visits."
    )
    slide = deck.slide(title, notes)
    both = today is not None and view.scenario != INCUMBENT
    width = (WIDTH - 3 * MARGIN) / 2 if both else WIDTH - 2 * MARGIN
    pairs = [(today, "Today")] if both else []
    pairs.append((view, "Proposed; hatched: changes hands" if both else ""))
    for number, (drawn, text) in enumerate(pairs):
        left = MARGIN + number * (width + MARGIN)
        deck.text(slide, Box(left, 1.4, width, 0.35), [text], 18, colour=MUTED)
        if drawn is not None:
            described = f"Map of territories, {title_of(drawn.scenario)}. {text}"
            draw_map(
                slide,
                Box(left, 1.85, width, HEIGHT - 2.5),
                atlas,
                drawn,
                described,
                1000 + 100_000 * number,
            )


def _balance(deck: Deck, story: Story, lead: ScenarioResult) -> None:
    """Load of every rep, today and proposed."""
    loads = _loads(lead)
    if not loads:
        return
    before = _loads(story.result.incumbent) if story.result.incumbent else {}
    names = sorted(loads, key=lambda rep: (-loads[rep], rep))
    title = f"Load: {grouped(len(names))} reps, % of their hours"
    if len(names) > MOST_BARS:
        half = MOST_BARS // 2
        names = names[:half] + names[-half:]
        title = f"Load, % of hours: the {half} fullest and {half} emptiest reps"
    series = [Series(lead.name, tuple(loads[rep] for rep in names), ACCENT)]
    if before:
        series.insert(0, Series("today", tuple(before.get(rep) for rep in names), GREY))
    notes = (
        f"Source: {lead.name}/territories.csv, workbook.xlsx sheet Balance. 100 % is a rep's own "
        "hours: calendar, share of full time, leave and administration counted."
    )
    slide = deck.slide(title, notes)
    deck.bars(slide, BODY, names, series, number="0%", labelled=len(names) <= 12)


def _loads(row: ScenarioResult) -> dict[str, float]:
    if row.evaluation is None:
        return {}
    table = row.evaluation.territories
    held = table[table["kind"].isin(["rep", "vacancy"]) & table["utilisation"].notna()]
    return dict(zip(held["rep"].astype(str), held["utilisation"].astype(float), strict=True))


def _moves(deck: Deck, story: Story, lead: ScenarioResult) -> None:
    """The largest moves, or who hands over to whom where customers' money is not told."""
    moves = list_moves(lead, story.result.incumbent, examined=MOST_MOVES)
    if not moves:
        return
    if story.audience.is_shared:
        pairs = hands_of(moves)[:MOST_MOVES]
        table = [["From", "To", "Units"]]
        table += [[source, target or "nobody", grouped(count)] for source, target, count in pairs]
        slide = deck.slide("Who hands over to whom", f"Source: {lead.name}, assignments.")
        deck.table(slide, BODY, table, [3, 3, 1], size=18, texts=2)
        return
    table = [["Unit", "From", "To", "What speaks for it", f"Sales, {story.money.label}"]]
    for move in moves[:MOST_MOVES]:
        name = move.name if move.name and move.name != move.unit else move.unit
        reason = move.reasons[0]
        table.append(
            [name, move.source, move.target or "nobody", reason, story.money.figure(move.sales)]
        )
    notes = "\n".join(
        [
            (
                f"Source: workbook.xlsx sheet Moves; all {len(moves)} are there. No single figure is "
                "the reason for a move: a plan is the result of all units together."
            ),
            *(f"{move.unit} {move.name}: {move.reason}" for move in moves[:MOST_MOVES]),
        ]
    )
    shown = min(len(moves), MOST_MOVES)
    slide = deck.slide(f"The {shown} largest of {grouped(len(moves))} moves", notes)
    deck.table(slide, BODY, table, [2.6, 1.1, 1.1, 5.6, 1.6], size=16, texts=4)


def _quotas(deck: Deck, story: Story, lead: ScenarioResult) -> None:
    """Quotas of the lowest level that has room, beside present sales."""
    sales: dict[str, float] = {}
    if lead.evaluation is not None:
        table = lead.evaluation.territories
        table = table[table["sales"].notna()]
        sales = dict(zip(table["rep"].astype(str), table["sales"].astype(float), strict=True))
    view = view_quotas(lead.quota_table, sales)
    if view is None:
        return
    scale = story.money.divisor
    if len(view.rows) <= MOST_BARS:
        names = [row.node for row in view.rows]
        quotas = [row.quota for row in view.rows]
        now: list[float | None] = [row.sales for row in view.rows]
    else:
        nodes = view.roll_ups[1 : MOST_BARS + 1] or view.roll_ups
        names, quotas = [node.parent for node in nodes], [node.own for node in nodes]
        now = [None] * len(nodes)
    if len(names) < 2:
        return
    series = [Series("quota", tuple(value / scale for value in quotas), ACCENT)]
    if any(value is not None for value in now):
        present = tuple(None if value is None else value / scale for value in now)
        series.insert(0, Series("sales today", present, GREY))
    over = view.carried / view.budget - 1.0 if view.budget else 0.0
    title = f"Quotas: {story.money.text(view.budget)}"
    if abs(over) >= 0.0005:
        title += f", handed down with {percent(over, sign=True)}"
    notes = (
        f"Source: {lead.name}/quotas.csv, workbook.xlsx sheet Quotas. The lowest level adds up to "
        f"{story.money.text(view.carried)}; the budget is {story.money.text(view.budget)}. "
        "Quotas are exact to the rounding unit at every level."
    )
    slide = deck.slide(title, notes)
    head = Box(MARGIN, 1.35, 12.0, 0.3)
    deck.text(slide, head, [f"{story.money.label} in the period"], 14, colour=MUTED)
    deck.bars(slide, BODY, names, series, number="#,##0.0", labelled=len(names) <= 10)


def _money(deck: Deck, story: Story) -> None:
    """What each scenario brings and costs, with what is assumed."""
    priced = [row for row in _shown(story) if row.money is not None]
    if not priced:
        return
    money = story.money
    names = dict.fromkeys(
        entry.name for row in priced for entry in (row.money.rows if row.money else ())
    )
    table = [[f"{money.label} a year", *(title_of(row.name) for row in priced)]]
    for name in names:
        entries = [
            next((e for e in row.money.rows if e.name == name), None) if row.money else None
            for row in priced
        ]
        mark = " *" if any(entry is not None and entry.assumed for entry in entries) else ""
        text = MONEY_NAMES.get(name, name.replace("_", " ").capitalize())
        amounts = [money.figure(entry.amount if entry else None) for entry in entries]
        table.append([text + mark, *amounts])
    bounds = [
        "–" if row.name == INCUMBENT or row.money is None else money.figure(row.money.bound)
        for row in priced
    ]
    table.append(["At most, proven", *bounds])
    size = 18 if len(priced) <= 5 else 14
    lines = _assumed_lines(story)
    notes = "\n".join(
        [
            "Source: comparison.csv, workbook.xlsx sheet Money, where the rates can be changed.",
            *(
                f"{a.path} = {significant(a.value)} {a.unit} ({a.meaning}): {a.winner} stays ahead from "
                f"{significant(a.low, 3)} to {significant(a.high, 3)}; tried {significant(a.tried_low, 3)} to {significant(a.tried_high, 3)}."
                for a in story.result.assumptions
            ),
        ]
    )
    slide = deck.slide("Money", notes)
    box = Box(BODY.left, BODY.top, BODY.width, 3.6)
    strong = [at for at, name in enumerate(names, start=1) if name == "contribution"]
    deck.table(slide, box, table, [2.4, *([1.4] * len(priced))], size=size, strong=strong)
    deck.text(slide, Box(MARGIN, 5.4, 12.0, 1.4), lines, 16, colour=MUTED, gap=4)


def _assumed_lines(story: Story) -> list[str]:
    """Which values are assumed, those that turn the order first."""
    assumed = [each for each in story.result.assumptions if each.assumed]
    if not assumed:
        return []
    lines = ["* rests on assumed values."]
    turning = sorted((a for a in assumed if a.turning), key=lambda a: a.slack)
    lines += [
        f"{(a.meaning or a.path).capitalize()}, {significant(a.value)} {a.unit}: {a.winner} is "
        f"no longer ahead {a.turning}."
        for a in turning[:3]
    ]
    if not turning:
        lines.append(f"{assumed[0].winner} stays ahead over the whole range of each.")
    return lines


def _asked(deck: Deck, story: Story) -> None:
    """Questions, in the largest letters of the deck."""
    asked = decisions(story.result, story.verdict, story.figures, story.money)
    notes = (
        "Each question follows from a figure of this deck. Record the answers with teig approve."
    )
    slide = deck.slide("Decisions for this meeting", notes)
    lines = [f"{number}.  {text}" for number, text in enumerate(asked, start=1)]
    deck.text(slide, BODY, lines, 24, gap=16)


def _basis(deck: Deck, story: Story) -> None:
    """Tables read, rows set aside, and how far the plans are proven."""
    result = story.result
    lead = story.lead or result.rows[-1]
    table = [["Input", "State", "Rows"]]
    table += [[each.role, each.marked, grouped(each.rows)] for each in lead.inputs[:MOST_TABLES]]
    lines = [f"{lead.name}: {lead.status}, gap {story.figures[lead.name].gap_text}"]
    aside = len(lead.quarantined)
    if aside:
        money = float(lead.quarantined["money"].fillna(0).sum())
        lines.append(f"Problem rows set aside or imputed: {story.money.text(money)} of money")
    lines.append(f"Prices of {result.price_year or 'no stated year'}, {result.currency}")
    lines.append(f"Seed {lead.seed}; input {lead.input_hash[:12]}")
    versions = ", ".join(f"{name} {version}" for name, version in sorted(lead.versions.items()))
    notes = "\n".join(
        [
            f"Scenario file: {result.source}. Versions: {versions}. Input hash {lead.input_hash}.",
            *(f"{t.role}: {t.path}, SHA-256 {t.digest}" for t in lead.inputs if t.digest),
            *dict.fromkeys((*lead.notes, *lead.problem.notes)),
        ]
    )
    slide = deck.slide("What this rests on", notes)
    if len(table) > 1:
        box = Box(BODY.left, BODY.top, 7.2, BODY.height)
        deck.table(slide, box, table, [2, 2, 1], size=16, texts=2)
    deck.text(slide, Box(8.3, BODY.top, 4.4, BODY.height), lines, 18, gap=12)
