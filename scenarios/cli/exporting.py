"""``teig export``: a plan as files for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .status import Exit


class System(StrEnum):
    """Programs that plans are written for."""

    SALESFORCE = "salesforce"


def export(
    system: Annotated[System, typer.Argument(help="For which program.", show_default=False)],
    folder: Annotated[Path, typer.Argument(help="Folder of a run.", show_default=False)],
    scenario: Annotated[
        str, typer.Option("-s", "--scenario", help="Which scenario of the run.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where the files go; DIR/<scenario>-salesforce else."),
    ] = None,
    ids: Annotated[
        list[Path] | None,
        typer.Option(help="CSV with DeveloperName and Id of what was loaded; may be given again."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="The scenario file, where it was moved.")
    ] = None,
) -> Exit:
    """Write a plan's territories, people and accounts as files that a CRM imports."""
    from ..explaining import read_subject
    from ..exports.salesforce import known_ids
    from ..exports.salesforce.exporting import export_salesforce
    from ..exports.salesforce.writing import README

    subject = read_subject(folder, scenario, file)
    target = output or folder / f"{subject.name}-{system}"
    files = export_salesforce(subject, folder, target, known_ids(ids or ()))
    typer.echo(f"Wrote {len(files)} files for Salesforce; how to load them: {target / README}")
    if subject.evaluation is not None and not subject.evaluation.feasible:
        typer.echo(
            f"Note: {subject.name} breaks hard rules; what it breaks is in its summary.json."
        )
    return Exit.DONE


def incumbent(
    system: Annotated[System, typer.Argument(help="From which program.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="Scenario file (YAML).", show_default=False)],
    folder: Annotated[
        Path, typer.Argument(help="Folder of the program's exports.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where today's alignment goes.")
    ] = Path("incumbent.csv"),
) -> Exit:
    """Read who has which account today from a CRM's exports, as a table for the file."""
    from ..exports.salesforce import incumbent_in
    from ..exports.salesforce.identity import given_ids
    from ..loading import load

    del system
    base = load(file).base
    found = incumbent_in(folder, base.problem, given_ids(base.tables))
    found.alignment.to_csv(output, index=False, float_format="%.10g", lineterminator="\n")
    typer.echo(f"{found.alignment['unit'].nunique()} units have somebody today: {output}")
    for note in found.notes:
        typer.echo(f"Note: {note}.")
    return Exit.DONE
