"""``teig handover``: lists for everybody whose territory changes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .status import Exit


def handover(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.", show_default=False)],
    scenario: Annotated[
        str, typer.Option("-s", "--scenario", help="Which scenario of the run.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where the lists go; DIR/<scenario>-handover else."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="The scenario file, where it was moved.")
    ] = None,
) -> Exit:
    """Write what each rep gives and receives, which deals stay, and with whom to meet."""
    from ...models.errors import BadInput, InputProblem
    from ..explaining import read_subject
    from ..handover import collect_handovers, write_handovers
    from ..handover.writing import HANDOVER
    from ..store.writing import holding

    subject = read_subject(folder, scenario, file)
    if subject.plan is None:
        message = f"scenario {subject.name} has no plan to hand over to"
        raise BadInput([InputProblem("teig handover", "", "-s", subject.name, message)])
    if not any(subject.problem.covers.incumbent_ids):
        message = "nobody has anything today: give data.incumbent"
        raise BadInput([InputProblem("teig handover", "", "-s", subject.name, message)])
    handovers, passed, meetings = collect_handovers(subject.scenario, subject.plan)
    target = output or folder / f"{subject.name}-handover"
    with holding(target, HANDOVER) as held:
        held.write(lambda staging: write_handovers(handovers, passed, meetings, staging))
    orphaned = [each for each in passed if each.is_orphaned]
    days = sum(meeting.day is not None for meeting in meetings)
    typer.echo(
        f"{len(passed)} units change hands in {subject.name}: {len(handovers)} lists, "
        f"{len(meetings)} meetings ({days} with a day), in {target}"
    )
    if orphaned:
        named = ", ".join(each.unit for each in orphaned[:10])
        more = f" and {len(orphaned) - 10} more" if len(orphaned) > 10 else ""
        typer.echo(f"Nobody is there to hand over {named}{more}.")
    return Exit.DONE
