"""``teig actuals``: a plan against what became of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ...models.errors import BadInput, InputProblem
from .status import Exit

if TYPE_CHECKING:
    from ..actuals import Against


def actuals(
    folder: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run.", show_default=False)
    ],
    tables: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="Actuals: rep, period and any of hours, travel_hours, travel_km, visits, sales.",
            show_default=False,
        ),
    ],
    scenario: Annotated[
        str, typer.Option("-s", "--scenario", help="Whose plan; the published one by default.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="OURS=THEIRS", help="A column of another name; again for others."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The last day they tell of."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where it goes; RUN-actuals by default.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="The scenario file, where it was moved.")
    ] = None,
) -> Exit:
    """Set hours, travel, visits and sales so far against the plan of the same days."""
    from ..actuals import against, plan_figures, read_actuals, write_against

    plan = plan_figures(folder, scenario, file)
    found = read_actuals(
        tables,
        plan.period,
        list(plan.teams),
        columns=_columns(column or []),
        currency=plan.currency,
        until=until and until.date(),
    )
    result = against(plan, found)
    target = output or folder.with_name(f"{folder.resolve().name}-actuals")
    page = write_against(result, target)
    _show(result)
    typer.echo(f"By rep and team: {page}")
    return Exit.DONE


def _show(result: Against) -> None:
    from .terminal import plain_console

    plan = result.plan
    title = f"{plan.label} ({plan.state}), {plan.period.start} to {result.actuals.until}"
    table = Table(title=title)
    for heading in ("who", "what", "unit"):
        table.add_column(heading)
    for heading in ("plan to date", "actual", "difference", "% of plan", "reps"):
        table.add_column(heading, justify="right")
    for row in result.table.to_dict("records"):
        if row["level"] == "rep":
            continue
        share = row["share_of_plan_to_date"]
        table.add_row(
            str(row["node"]),
            str(row["measure"]).replace("_", " "),
            str(row["unit"]),
            f"{row['plan_to_date']:,.0f}",
            f"{row['actual']:,.0f}",
            f"{row['difference']:+,.0f}",
            "–" if share is None or share != share else f"{100 * share:.1f}",
            f"{row['reps']} of {row['reps_in_plan']}",
        )
    console = plain_console()
    console.print(table)
    for note in result.notes:
        console.print(f"- {note}", markup=False, soft_wrap=True)


def _columns(words: list[str]) -> dict[str, str]:
    found, problems = {}, []
    for word in words:
        ours, sign, theirs = word.partition("=")
        if not sign or not ours or not theirs:
            message = "is written OURS=THEIRS, say hours=Worked"
            problems.append(InputProblem("--column", "", "", word, message))
        found[ours] = theirs
    if problems:
        raise BadInput(problems)
    return found
