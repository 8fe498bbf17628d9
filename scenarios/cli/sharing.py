"""``teig share``: a run for readers beyond the planning team."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .status import Exit


def share(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run.", show_default=False)
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where it goes; RUN-shared by default.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="The scenario file, where it was moved.")
    ] = None,
) -> Exit:
    """Write a run's report, slides, workbook and maps without pay, names and homes."""
    from ..audience import SHARED
    from ..sharing import share as write_shared

    place = folder.resolve()
    target = output or place.with_name(f"{place.name}-shared")
    write_shared(folder, target, file)
    typer.echo(f"For {SHARED.name}: {target}")
    typer.echo(SHARED.statement)
    return Exit.DONE
