"""``teig approve``: the record of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .status import Exit

if TYPE_CHECKING:
    from ..approval import Approval


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
    from ..records import PUBLISHED

    step = take(folder, author=author, reason=reason, scenario=scenario, state=to)
    typer.echo(f"{step.scenario} is {step.state}: {step.author}, {step.date}. {step.reason}")
    if step.state == PUBLISHED:
        for line in _of_record(folder, step):
            typer.echo(line)
    typer.echo(f"Record: {folder / RECORD}")
    return Exit.DONE


def _of_record(folder: Path, step: Approval) -> Iterator[str]:
    """For which days the plan is in force, and what of earlier ones beside it is left."""
    from ..records import in_force, publications
    from ..records.publication import interval_text

    beside = sorted(path.parent for path in folder.resolve().parent.glob("*/run.json"))
    force = in_force(publications(beside))
    mine = next(each for each in force if (each.scenario, each.plan) == (step.scenario, step.plan))
    yield f"Plan of record of {mine.market}: {mine.label}, {interval_text([mine.interval])}."
    for each, days in force.items():
        overlap = each.interval[0] <= mine.interval[1] and mine.interval[0] <= each.interval[1]
        if each.market == mine.market and each != mine and overlap and each.date <= mine.date:
            left = f"in force {interval_text(days)} only" if days else "superseded"
            yield f"{each.label}, published on {each.date[:10]}, is {left} from now on."
