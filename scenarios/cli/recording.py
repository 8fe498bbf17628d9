"""``teig records``: what ran, and which plan is in force."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from .status import Exit

if TYPE_CHECKING:
    from datetime import date

    from ..records import Records


def records(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of runs, or that hold some; runs by default."),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The plans in force on this day."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the tables go; none by default.")
    ] = None,
) -> Exit:
    """List what ran: when, from which inputs, by which versions, with which result and state."""
    from ..records import records_of
    from ..records.listing import write_records

    found = records_of(folders or [Path("runs")])
    if output is not None:
        write_records(found, output)
    if on is None:
        _show(found)
    else:
        _show_day(found, on.date())
    if output is not None:
        typer.echo(f"Records: {output}")
    return Exit.DONE


def _show(found: Records) -> None:
    from .terminal import plain_console

    table = Table(title="Runs")
    for heading in ("run", "scenario", "written", "period", "status", "by", "input", "plan"):
        # Days are not cut off; names and periods go on in the next line.
        table.add_column(heading, no_wrap=heading == "written", overflow="fold")
    for heading in ("state", "who", "in force"):
        table.add_column(heading, overflow="fold")
    for row in found.plans.astype(object).fillna("").to_dict("records"):
        who = f"{row['author']}, {row['date'][:10]}" if row["author"] else ""
        table.add_row(
            row["run"],
            row["scenario"],
            row["written"][:16].replace("T", " "),
            f"{row['period_start']} to {row['period_end']}",
            row["status"],
            row["made_by"],
            row["input_hash"][:8],
            row["plan"][:8],
            row["state"],
            who,
            row["in_force"],
        )
    plain_console().print(table)


def _show_day(found: Records, day: date) -> None:
    from ..records import in_force

    days = in_force(found.publications)
    current = [each for each, parts in days.items() if any(a <= day <= b for a, b in parts)]
    for each in current:
        typer.echo(
            f"{each.market}, {day}: {each.label}, published by {each.author} on "
            f"{each.date[:10]}: {each.reason}"
        )
    if not current:
        typer.echo(f"No plan of these runs is in force on {day}.")
