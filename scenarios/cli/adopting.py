"""``teig adopt``: the way back from a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..amounts import plain_figure
from .status import Exit

if TYPE_CHECKING:
    from ..adopting import Adopted
    from ..adopting.effect import RuleChange, StageCost

#: Lines of one kind that the terminal shows; all are in the folder.
_MOST = 8


def adopt(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run.", show_default=False)
    ],
    workbook: Annotated[
        Path,
        typer.Argument(
            metavar="WORKBOOK.xlsx",
            help="Its workbook, with other reps in the sheet Assignments.",
            show_default=False,
        ),
    ],
    author: Annotated[str, typer.Option(help="Who made the changes.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    scenario: Annotated[
        str, typer.Option("-s", "--scenario", help="Whose rows were changed.")
    ] = "",
    name: Annotated[
        str, typer.Option(help="What the plan is called; SCENARIO-by-hand by default.")
    ] = "",
    file: Annotated[
        Path | None, typer.Option(help="The scenario file, where it was moved.")
    ] = None,
) -> Exit:
    """Take changes made by hand in a run's workbook as a plan of their own, measured."""
    from ..adopting import adopt as take
    from .terminal import plain_console

    adopted = take(
        folder, workbook, author=author, reason=reason, scenario=scenario, name=name, file=file
    )
    console = plain_console()
    for line in adopted_lines(adopted):
        console.print(line, markup=False, soft_wrap=True)
    return Exit.DONE


def adopted_lines(adopted: Adopted) -> Iterator[str]:
    """What was adopted, what it changes, and what that costs."""
    adoption, effect = adopted.adoption, adopted.effect
    yield (
        f"{adoption.name}: {adoption.edited} as {adoption.author} changed it in "
        f"{adoption.source}. {adoption.reason}"
    )
    yield from adopted.notes
    rows = effect.hands.to_dict("records")
    yield f"{len(rows)} changes of hands against {adoption.edited}:"
    for row in rows[:_MOST]:
        share = "" if row["share"] == 1 else f" ({row['share']:.0%} of it)"
        sold = f", {row['sales']:,.0f} {row['sales_unit']} of sales"
        yield f"- {row['unit']}{share}: {row['from'] or 'nobody'} to {row['to'] or 'nobody'}{sold}"
    if len(rows) > _MOST:
        yield f"- and {len(rows) - _MOST} more"
    for word, found in (("Broken", effect.broken), ("Mended", effect.mended)):
        yield from (f"{word}: {_rule_line(each)}" for each in found[:_MOST])
        if len(found) > _MOST:
            yield f"{word}: {len(found) - _MOST} more"
    if adopted.row.evaluation is not None and not adopted.row.evaluation.feasible:
        yield "It breaks hard rules: it can be looked at, but not be proposed."
    yield from (_stage_line(stage) for stage in effect.stages)
    yield from _figure_lines(adopted)
    yield f"Kept in {adopted.folder}; the edits as locks: {adopted.folder / 'override.yaml'}"
    yield f"Report: {adopted.report}"


def _rule_line(each: RuleChange) -> str:
    kind = "hard" if each.hard else "soft"
    amounts = f"{plain_figure(each.before)} → {plain_figure(each.after)} {each.unit}"
    return f"rule {each.rule} ({kind}), {each.subject}, by {amounts}"


def _stage_line(stage: StageCost) -> str:
    change = stage.after - stage.before
    same = abs(change) <= 1e-9 * max(1.0, abs(stage.before))
    cost = "unchanged" if same else plain_figure(change, sign=True)
    bound = "" if stage.bound is None else f"; no plan can be below {plain_figure(stage.bound)}"
    amounts = f"{plain_figure(stage.before)} → {plain_figure(stage.after)} {stage.unit}"
    return f"{stage.name}: {amounts} ({cost}{bound})"


def _figure_lines(adopted: Adopted) -> Iterator[str]:
    table = adopted.effect.figures
    changed = table[table["change"].abs() > 1e-9 * table["before"].abs().clip(lower=1.0)]
    for row in changed.to_dict("records"):
        name = str(row["figure"])
        if name.startswith("stage "):
            continue
        amounts = f"{plain_figure(row['before'])} → {plain_figure(row['after'])} {row['unit']}"
        yield f"{name.replace('_', ' ')}: {amounts}"
