"""``teig approve``: the record of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .status import Exit


def approve(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.", show_default=False)],
    author: Annotated[str, typer.Option(help="Who decides.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    scenario: Annotated[str, typer.Option("-s", "--scenario", help="Whose plan.")] = "",
    to: Annotated[
        str, typer.Option(help="draft, proposed, consulted, approved or published; else the next.")
    ] = "",
) -> Exit:
    """Take a plan one step on from draft to published, with author, date and reason."""
    from ..approval import RECORD
    from ..approval import approve as take

    step = take(folder, author=author, reason=reason, scenario=scenario, state=to)
    typer.echo(f"{step.scenario} is {step.state}: {step.author}, {step.date}. {step.reason}")
    typer.echo(f"Record: {folder / RECORD}")
    return Exit.DONE
