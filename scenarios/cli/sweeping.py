"""``teig sweep``: one scenario per value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ..digits import significant
from .status import Exit, exit_status, usable_cores

if TYPE_CHECKING:
    from ..tornado import Tornado


def sweep(
    file: Annotated[Path, typer.Argument(help="Scenario file (YAML).", show_default=False)],
    axes: Annotated[
        list[str],
        typer.Argument(metavar="PATH=V1,V2,…", help="Values of a setting; several multiply."),
    ],
    scenario: Annotated[
        str, typer.Option("-s", "--scenario", help="Scenario to set the values in.")
    ] = "base",
    one_at_a_time: Annotated[
        bool, typer.Option("--one-at-a-time", help="Vary each setting alone.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where the outputs go; runs/<file's stem>-sweep."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Wins over the file.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Scenarios solved at once.")] = None,
    work: Annotated[
        float | None, typer.Option(min=0.0, help="Amount of searching per scenario.")
    ] = None,
    limit: Annotated[
        float | None, typer.Option(min=0.0, help="Wall-clock cap per scenario, seconds.")
    ] = None,
) -> Exit:
    """Solve one scenario per value of a setting, and per combination of several."""
    from ..outputs import write_outputs
    from ..reports.sweep_page import render_sweep
    from ..running import run
    from ..store import ResultShelf, check_folder, in_use
    from ..sweeping import Axis, load_sweep, sweep_table
    from ..tornado import tornado
    from .terminal import show_computed, show_result, watching

    swept = load_sweep(
        file,
        [Axis.parse(axis) for axis in axes],
        scenario=scenario,
        settings=settings or (),
        one_at_a_time=one_at_a_time,
    )
    folder = output or Path("runs") / f"{file.stem}-sweep"
    check_folder(folder)
    with in_use(folder, "teig sweep"):
        with watching(list(swept.points)) as progress:
            result = run(
                swept.workbook,
                jobs=jobs or usable_cores(),
                work=work,
                seconds=limit,
                progress=progress,
                shelf=ResultShelf(folder),
            )
        tables = {"sweep.csv": sweep_table(swept, result)}
        effects = tornado(swept, result) if one_at_a_time else None
        if effects is not None:
            tables["tornado.csv"] = effects.table

        def page() -> str:
            paths = [axis.path for axis in swept.axes]
            alone = effects.table if effects is not None else None
            return render_sweep(result.name, paths, tables["sweep.csv"], result.currency, alone)

        report = write_outputs(result, folder, tables, pages={"sweep.html": page})
    show_computed(result)
    show_result(result, report)
    if effects is not None:
        _show(effects)
    return exit_status(result)


def _show(effects: Tornado) -> None:
    """What moves what, from the smallest effect to the largest."""
    from .terminal import plain_console

    console = plain_console()
    if len(effects.table):
        shown = Table(title="What each setting moves, from its lowest to its highest")
        for heading in ("figure", "setting", "lowest", "highest", "effect"):
            left = heading in ("figure", "setting")
            shown.add_column(heading, justify="left" if left else "right")
        for row in effects.table.to_dict("records"):
            shown.add_row(
                f"{row['figure']}, {row['unit']}",
                row["setting"],
                f"{significant(row['lowest'])} at {row['lowest_at']}",
                f"{significant(row['highest'])} at {row['highest_at']}",
                significant(row["effect"]),
            )
        console.print(shown)
    if effects.left_out:
        named = "; ".join(f"{figure} by {setting}" for figure, setting in effects.left_out)
        console.print(
            f"Not told apart by what gaps leave open: {named}.", markup=False, soft_wrap=True
        )
