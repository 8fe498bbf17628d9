"""``teig frontier``: what one term costs in another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ...models.errors import BadInput, InputProblem
from ..digits import significant
from .status import Exit

if TYPE_CHECKING:
    import pandas as pd

    from ...optimizer.territories.front import Front


def frontier(
    file: Annotated[Path, typer.Argument(help="Scenario file (YAML).", show_default=False)],
    terms: Annotated[
        list[str], typer.Argument(metavar="TERM TERM [TERM]", help="Say travel_hours.")
    ],
    points: Annotated[int, typer.Option(min=2, help="How many points.")] = 10,
    scenario: Annotated[
        str, typer.Option("-s", "--scenario", help="Whose problem; the base by default.")
    ] = "base",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where it goes; runs/<file's stem>-frontier."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Wins over the file.")
    ] = None,
    work: Annotated[
        float | None, typer.Option(min=0.0, help="Amount of searching per point.")
    ] = None,
    limit: Annotated[
        float | None, typer.Option(min=0.0, help="Wall-clock cap per point, seconds.")
    ] = None,
) -> Exit:
    """Find the trade-off front over two or three terms, each point with its bound."""
    from ...models.terms import term_problem
    from ..fronts import FRONT, front_of, front_table, write_front
    from ..loading import load
    from ..store.writing import holding

    book = load(file, scenarios=(scenario,) if scenario != "base" else (), settings=settings or ())
    chosen = book[scenario]
    faults = [
        InputProblem("teig frontier", "", "TERM", term, fault)
        for term in terms
        if (fault := term_problem(chosen.problem, term))
    ]
    if len(terms) not in (2, 3) or len(set(terms)) < len(terms):
        message = "a front is over two or three different terms"
        faults.append(InputProblem("teig frontier", "", "TERM", " ".join(terms), message))
    if faults:
        raise BadInput(faults)
    folder = output or Path("runs") / f"{file.stem}-frontier"
    with holding(folder, FRONT) as held:
        front = front_of(chosen, terms, points, work=work, seconds=limit)
        table = front_table(chosen, front)
        write_front(chosen, front, table, held)
    _show(table, terms, folder)
    for line in _fewer(front, points):
        typer.echo(line)
    if front.points:
        return Exit.DONE
    return Exit.NOTHING_FOUND


def _fewer(front: Front, points: int) -> list[str]:
    """Why there are fewer points than were asked for."""
    if len(front.points) >= points:
        return []
    said = f"{len(front.points)} points in place of {points}"
    if front.missed:
        said += f": at {len(front.missed)} limits no plan is there, or was found (without_plan.csv)"
    else:
        said += ": other limits lead to the same plans"
    return [f"{said}."]


def _show(table: pd.DataFrame, terms: Sequence[str], folder: Path) -> None:
    from .terminal import plain_console

    console = plain_console()
    shown = Table(title=f"Front over {', '.join(terms)}")
    for heading in ("point", *terms, "at least", "gap %", "state"):
        shown.add_column(heading, justify="left" if heading == "state" else "right")
    for row in table.to_dict("records"):
        bound, gap = row["bound"], row["gap"]
        state = "dominated by another" if row["dominated"] else str(row["status"])
        shown.add_row(
            str(row["point"]),
            *(f"{significant(row[term])} {row[f'{term}_unit']}" for term in terms),
            "–" if bound is None or bound != bound else significant(bound),
            "–" if gap is None or gap != gap else f"{100 * gap:.1f}",
            state,
        )
    console.print(shown)
    first = terms[0]
    console.print(
        f"'At least': no plan within the same limits on the others has less {first}, proven.",
        markup=False,
    )
    console.print(f"Points and plans: {folder}", markup=False, soft_wrap=True)
    console.print(f"Report: {folder / 'report.html'}", markup=False, soft_wrap=True)
