"""``teig compare``: stored results side by side."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ..digits import significant
from .status import Exit

if TYPE_CHECKING:
    from ..stored import Rank, StoredComparison, StoredScenario

#: Pairs that the terminal names; all are in verdicts.csv.
_MOST_PAIRS = 15


def compare(
    folders: Annotated[list[Path], typer.Argument(help="Folders of runs.", show_default=False)],
    scenario: Annotated[
        list[str] | None,
        typer.Option("-s", "--scenario", help="Only this one, RUN/SCENARIO; may be given again."),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(metavar="FIGURE=WEIGHT", help="Rank by this; may be given again."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the tables go; none by default.")
    ] = None,
) -> Exit:
    """Compare stored results of any date: figures, what changed hands, what is proven."""
    from ..stored import compare_stored, read_runs, write_comparison
    from ..stored.ranking import criteria_of
    from ..stored.reading import chosen

    criteria = criteria_of(weight or ())
    result = compare_stored(chosen(read_runs(folders), scenario or ()), criteria)
    if output is not None:
        write_comparison(result, output)
    show_comparison(result, output)
    return Exit.DONE


def show_comparison(result: StoredComparison, folder: Path | None) -> None:
    """Print figures with their units, pairs with what is proven, and the ranking."""
    from .terminal import plain_console

    console = plain_console()
    console.print(_figures(result))
    for line in standing_lines(result):
        console.print(line, markup=False)
    for row in result.pairs.head(_MOST_PAIRS).to_dict("records"):
        console.print(_pair_text({str(k): v for k, v in row.items()}), markup=False)
    if len(result.pairs) > _MOST_PAIRS:
        console.print(f"and {len(result.pairs) - _MOST_PAIRS} more pairs", markup=False)
    for note in result.notes:
        console.print(f"Note: {note}.", markup=False)
    for line in rank_lines(result.ranking):
        console.print(line, markup=False)
    if folder is not None:
        console.print(f"Tables: {folder}", markup=False, soft_wrap=True)


def standing_lines(result: StoredComparison) -> list[str]:
    """Whom nobody is proven to beat, by money or else by the objective; empty without proofs."""
    by_money = [v for v in result.verdicts if v.criterion == "contribution"]
    judged = [verdict for verdict in by_money or result.verdicts if verdict.comparable]
    names = list(dict.fromkeys(name for v in judged for name in (v.first, v.second)))
    beaten = {v.second if v.winner == v.first else v.first for v in judged if v.winner}
    if not beaten:
        return ["Nothing is proven to be better than anything else here."] if judged else []
    left = [name for name in names if name not in beaten]
    what = "contributes more" if by_money else "is better by the objective"
    if len(left) == 1:
        return [f"{left[0]} {what} than all others here can, proven."]
    said = ", ".join(left)
    return [f"Nothing here {what} than these can, proven; all others are beaten: {said}."]


def _figures(result: StoredComparison) -> Table:
    table = Table(title="Stored results")
    for heading in ("run", "scenario", "status"):
        table.add_column(heading)
    for heading in (
        "gap\n% or unit",
        "rules broken\nviolations",
        "travel\nhours",
        "worst load\n% of hours",
        "sales moved\n%",
        "contribution\nper year",
        "at most\nper year",
    ):
        table.add_column(heading, justify="right")
    table.add_column("rank")
    places = {label: place for place, label in enumerate(result.ranking.scores, start=1)}
    for each in result.scenarios:
        table.add_row(
            each.run,
            each.name,
            str(each.summary["status"]),
            _gap(each),
            _figure(each, "hard_violations", 1, 0),
            _figure(each, "travel_hours", 1, 0),
            _figure(each, "utilisation_worst", 100, 1),
            _figure(each, "sales_moved_share", 100, 1),
            _figure(each, "contribution", 1, 0, f" {each.currency}"),
            _figure(each, "contribution_bound", 1, 0, f" {each.currency}"),
            str(places.get(each.label, "–")),
        )
    return table


def _figure(scenario: StoredScenario, name: str, factor: float, digits: int, unit: str = "") -> str:
    value = scenario.figures.get(name)
    return "–" if value is None else f"{factor * float(value):,.{digits}f}{unit}"


def _gap(scenario: StoredScenario) -> str:
    """The gap in per cent; of a bound of nothing, which makes that meaningless, all that is open."""
    objective, bound = (scenario.figures.get(name) for name in ("objective", "bound"))
    if objective and bound is not None and abs(bound) <= 1e-6 * abs(objective):
        return f"{significant(objective, 4)} {scenario.figures.get('objective_unit', '')}".strip()
    return _figure(scenario, "gap", 100, 1)


def _pair_text(row: dict[str, object]) -> str:
    text = f"{row['first']} and {row['second']}:"
    if _there(row["units_changed"]):
        text += f" {int(float(str(row['units_changed']))):,} units change hands"
    if _there(row["sales_changed"]):
        text += f" ({float(str(row['sales_changed'])):,.0f} {row['sales_unit']})"
    word = "money" if _there(row["better_in_money"]) else "objective"
    if not _there(row[f"better_in_{word}"]):
        return f"{text}; nothing is proven"
    better, why = row[f"better_in_{word}"], row[f"why_in_{word}"]
    if better in (row["first"], row["second"]):
        return f"{text}; {better} is better: {why}"
    return f"{text}; {why if str(why).startswith(str(better)) else f'{better}: {why}'}"


def _there(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def rank_lines(ranking: Rank) -> list[str]:
    """The ranking in words, and how far each weight may go."""
    if not ranking.scores:
        return ["No ranking: no scenario has all the figures that are weighed."]
    weights = ", ".join(f"{each.key} {each.weight:g}" for each in ranking.criteria)
    order = ", ".join(f"{label} {score:.2f}" for label, score in ranking.scores.items())
    scale = "1 is the best in everything, 0 the worst; a rank proves nothing"
    lines = [f"Ranked by the weights {weights} ({scale}): {order}."]
    if ranking.unranked:
        lines.append(f"Not ranked, for a figure is missing: {', '.join(ranking.unranked)}.")
    for firm in ranking.firmness:
        ends = []
        if firm.rival_low:
            ends.append(f"below {firm.low:.3g} {firm.rival_low} comes first")
        if firm.rival_high:
            ends.append(f"above {firm.high:.3g} {firm.rival_high} comes first")
        if ends:
            lines.append(f"Weight of {firm.criterion}, now {firm.weight:g}: {', '.join(ends)}.")
    if ranking.firmness and not any(f.rival_low or f.rival_high for f in ranking.firmness):
        lines.append(f"{ranking.winner} comes first whatever a single weight is.")
    return lines
