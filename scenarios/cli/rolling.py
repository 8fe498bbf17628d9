"""``teig roll``: from a plan to the folder of the next plan period."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ...models.errors import BadInput, InputProblem, counted
from .status import Exit


def roll(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run.", show_default=False)
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to make.")],
    scenario: Annotated[
        str, typer.Option("-s", "--scenario", help="Whose plan is today's alignment from now on.")
    ] = "",
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The day after, by default."),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="As long as before, by default."),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(metavar="TABLE=FILE", help="A new table: units=new.csv; again for others."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Written into the new scenario file."),
    ] = None,
    unapproved: Annotated[
        bool, typer.Option("--unapproved", help="Take a plan that is not approved.")
    ] = False,
    file: Annotated[
        Path | None, typer.Option(help="The scenario file, where it was moved.")
    ] = None,
) -> Exit:
    """Make the next quarter's folder: new data, the plan as incumbent, what differs first."""
    from ..rolling import roll as take
    from ..rolling.differences import differences_text
    from .terminal import plain_console

    rolled = take(
        folder,
        output,
        scenario=scenario,
        start=start and start.date(),
        end=end and end.date(),
        data=_tables(data or ()),
        settings=settings or (),
        unapproved=unapproved,
        file=file,
    )
    console = plain_console()
    for line in differences_text(rolled.differences):
        console.print(line, markup=False, soft_wrap=True)
    console.print("")
    for note in rolled.notes:
        console.print(f"- {note}", markup=False, soft_wrap=True)
    typer.echo(f"Made {rolled.folder} for {rolled.start} to {rolled.end}.")
    if rolled.problems:
        for problem in rolled.problems:
            typer.echo(str(problem), err=True)
        what = counted(len(rolled.problems), "setting")
        verb = "does" if len(rolled.problems) == 1 else "do"
        typer.echo(f"{what} of {rolled.file} {verb} not fit the new data; mend it there.", err=True)
        return Exit.BAD_INPUT
    typer.echo(f"It is in order. Next: teig run {shlex.quote(str(rolled.file))}")
    return Exit.DONE


def _tables(data: list[str] | tuple[str, ...]) -> dict[str, Path]:
    found, problems = {}, []
    for word in data:
        name, sign, path = word.partition("=")
        if not sign or not name or not path:
            message = "is written TABLE=FILE, say units=new/units.csv"
            problems.append(InputProblem("--data", "", "", word, message))
        found[name] = Path(path)
    if problems:
        raise BadInput(problems)
    return found
