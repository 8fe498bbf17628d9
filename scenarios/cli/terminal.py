"""What people see on the terminal: progress, the comparison, where the report is."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from ...models.plan import Status
from ...optimizer.territories.result import Progress, relative_gap
from ..comparison import deciding, open_amounts, winner_of
from ..digits import significant
from ..loading import Workbook
from ..results import AssumptionRange, RunResult
from ..solving import Listener

#: Wide enough for the comparison where the output is no terminal.
_PLAIN_WIDTH = 190
_MOST_NOTES = 12


class _Paper(Console):
    """A console whose reader may stop reading: that is the program's to answer, not an error."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def plain_console() -> Console:
    """Make a console for results: wide enough where it is no terminal."""
    return _Paper(width=None if sys.stdout.isatty() else _PLAIN_WIDTH, highlight=False)


@contextmanager
def watching(names: Sequence[str]) -> Iterator[Listener | None]:
    """Show progress on stderr while scenarios are solved, only where it is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        tasks = {name: bars.add_task(name, total=None, start=False) for name in names}

        def heard(name: str, progress: Progress) -> None:
            bars.start_task(tasks[name])
            bars.update(tasks[name], description=_progress_text(name, progress))

        yield heard


def _progress_text(name: str, progress: Progress) -> str:
    text = f"{name}: {progress.what}"
    if progress.best is not None:
        text += f", best {significant(progress.best)}"
    if progress.best is not None and progress.bound is not None and math.isfinite(progress.bound):
        text += f", gap {relative_gap(progress.best, progress.bound):.1%}"
    return text


def show_workbook(book: Workbook) -> None:
    """Say what a checked file holds."""
    console = plain_console()
    table = Table(title=book.name)
    for heading in ("scenario", "units", "owners", "teams", "rules", "changes"):
        table.add_column(heading, justify="left" if heading == "scenario" else "right")
    for scenario in book.scenarios:
        problem = scenario.problem
        table.add_row(
            scenario.name,
            str(len(set(problem.units.wholes))),
            str(len(problem.owners)),
            str(len(problem.teams)),
            str(len(problem.rules)),
            str(len(scenario.changes)),
        )
    console.print(table)
    _show_notes(console, [note for s in book.scenarios for note in s.notes])
    console.print(f"{book.source} is in order.", markup=False)


def show_computed(result: RunResult) -> None:
    """Say which scenarios were computed and which were known from before."""
    names = [scenario.name for scenario in result.scenarios if scenario.adoption is None]
    new = [name for name in names if name in result.computed]
    known = [
        scenario.name
        for scenario in result.scenarios
        if scenario.name in names and scenario.name not in result.computed
        if scenario.territory is not None
    ]
    text = f"Computed {len(new)} of {len(names)} scenarios" + (f": {', '.join(new)}" if new else "")
    if known:
        text += f". Known already, nothing of their input changed: {', '.join(known)}"
    plain_console().print(f"{text}.", markup=False)


def show_result(result: RunResult, report: Path | None) -> None:
    """Print the comparison, who wins, what was assumed, and where the report is."""
    console = plain_console()
    console.print(comparison(result))
    console.print(_winner_text(result), markup=False)
    for each in result.assumptions:
        if each.assumed and each.winner:
            console.print(_assumption_text(each), markup=False)
    for scenario in result.scenarios:
        if scenario.defect:
            console.print(f"{scenario.name}: a defect of teig\n{scenario.defect}", markup=False)
        elif scenario.plan is None:
            reasons = "; ".join(scenario.notes[:_MOST_NOTES]) or scenario.stopped_by
            console.print(f"{scenario.name}: no plan ({scenario.status}): {reasons}", markup=False)
    if report is not None:
        console.print(f"Report: {report}", markup=False, soft_wrap=True)


def comparison(result: RunResult) -> Table:
    """Make the comparison for a terminal: incumbent first, units in the headings."""
    money = result.currency
    table = Table(title=f"{result.name} ({money} of {result.price_year or 'the plan year'})")
    table.add_column("scenario")
    table.add_column("status")
    for heading in (
        "gap\n% or unit",
        "reps",
        "utilisation\nmean / worst %",
        "load off fair share\nmean / worst %",
        "travel\nhours",
        "sales moved /\norphaned %",
        f"expected sales\n{money}/year",
        f"contribution\n{money}/year",
    ):
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    broken = {row.name: open_amounts(row) for row in result.scenarios}
    for record in result.comparison.to_dict("records"):
        row = {str(key): value for key, value in record.items()}
        table.add_row(*_cells(row, broken.get(str(row["scenario"]), ())))
    return table


def _cells(row: dict[str, Any], broken: Sequence[tuple[float, str]]) -> tuple[str, ...]:
    amounts = [f"{amount:,.{0 if amount >= 10 else 1}f} {unit}" for amount, unit in broken]
    return (
        str(row["scenario"]),
        str(row["status"]),
        "\n".join(amounts) or _percent(row["gap"]),
        _number(row["reps"]),
        _pair(row, "utilisation_mean", "utilisation_worst", "utilisation_worst_rep"),
        _pair(row, "load_deviation_mean", "load_deviation_worst", "load_deviation_worst_rep"),
        _number(row["travel_hours"]),
        f"{_percent(row['sales_moved_share'])} / {_percent(row['sales_orphaned_share'])}",
        _number(row["expected_sales"]),
        _number(row["contribution"]),
        str(row["verdict"] or ""),
    )


def _pair(row: dict[str, Any], mean: str, worst: str, rep: str) -> str:
    if _missing(row[mean]):
        return "–"
    return f"{_percent(row[mean])} / {_percent(row[worst])} {row[rep]}"


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _percent(value: Any) -> str:
    return "–" if _missing(value) else f"{100 * float(value):.1f}"


def _number(value: Any) -> str:
    return "–" if _missing(value) else f"{float(value):,.0f}"


def _winner_text(result: RunResult) -> str:
    solved = [
        scenario
        for scenario in result.scenarios
        if scenario.plan is not None and scenario.status != Status.INVALID
    ]
    if len(solved) < 2:
        return ""
    winner = winner_of(solved, result.verdicts)
    if winner:
        return (
            f"Winner: {winner}. It beats what is proven possible for every other scenario within "
            "its rules."
        )
    judged = deciding(result.verdicts, [scenario.name for scenario in solved])
    apart = [verdict for verdict in judged if not verdict.comparable]
    if apart:
        more = f" (and {len(apart) - 1} more pairs)" if len(apart) > 1 else ""
        first = f"{apart[0].first} and {apart[0].second} are {apart[0].reason}"
        return f"No scenario is proven to be better than all others; {first}{more}."
    rich_ones = [(s.money.contribution, s) for s in solved if s.money is not None]
    if len(rich_ones) < len(solved):
        return "No scenario is proven to be better than all others: not distinguishable."
    most, ahead = max(rich_ones, key=lambda pair: pair[0])
    open_ones = [
        f"{other.name} could reach {other.money.bound:,.0f}"
        for other in solved
        if other is not ahead and other.money is not None and other.money.bound >= most
    ]
    return (
        f"{ahead.name} contributes most ({most:,.0f} {result.currency}/year), yet as far as is "
        f"proven {_listed(open_ones)}: not distinguishable."
    )


def _listed(words: Sequence[str]) -> str:
    return " and ".join((*([", ".join(words[:-1])] if words[1:] else []), *words[-1:]))


def _assumption_text(each: AssumptionRange) -> str:
    whole = each.low <= each.tried_low and each.high >= each.tried_high
    reach = (
        "over all of it"
        if whole
        else f"from {significant(each.low, 3)} to {significant(each.high, 3)}"
    )
    return (
        f"Assumed: {each.path} = {significant(each.value)} {each.unit} ({each.meaning}); tried "
        f"{significant(each.tried_low, 3)} to {significant(each.tried_high, 3)}, {each.winner} stays "
        f"ahead {reach}."
    )


def _show_notes(console: Console, notes: Sequence[str]) -> None:
    unique = list(dict.fromkeys(notes))
    for note in unique[:_MOST_NOTES]:
        console.print(f"- {note}", markup=False)
    if len(unique) > _MOST_NOTES:
        console.print(f"- and {len(unique) - _MOST_NOTES} more notes")
