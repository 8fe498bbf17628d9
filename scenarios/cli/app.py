"""The commands and their options."""

from __future__ import annotations

import json
import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from ...models.errors import BadInput, InputProblem
from ..versions import versions
from .actuals import actuals
from .adopting import adopt
from .approving import approve
from .comparing import compare
from .explaining import explain
from .exporting import export, incumbent
from .frontier import frontier
from .handing_over import handover
from .recording import records
from .robustness import robustness
from .rolling import roll
from .sharing import share
from .status import Exit, ending, exit_status, usable_cores
from .streams import keep_output_clean
from .sweeping import sweep

app = typer.Typer(
    name="teig",
    help="Deals a market out to a sales force: territories, quotas and team structures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

File = Annotated[Path, typer.Argument(help="Scenario file (YAML).", show_default=False)]
Names = Annotated[
    list[str] | None,
    typer.Option("-s", "--scenario", help="Only this scenario; may be given again."),
]
Folder = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Where the outputs go; runs/<file's stem> by default."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Wins over the file; may be given again."),
]


def run_app() -> None:
    """Run the program with the process's arguments."""
    keep_output_clean()
    app()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"teig {versions()['teig']}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    del version


@app.command()
@ending
def run(
    file: File,
    scenario: Names = None,
    output: Folder = None,
    settings: Settings = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Scenarios solved at once; all cores by default.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Solve on the workers of this dask scheduler."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Compute all anew, also what is known from before.")
    ] = False,
    work: Annotated[
        float | None, typer.Option(min=0.0, help="Amount of searching per scenario.")
    ] = None,
    limit: Annotated[
        float | None, typer.Option(min=0.0, help="Wall-clock cap per scenario, seconds.")
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Alignment to start from, like assignments.csv.")
    ] = None,
) -> Exit:
    """Resolve, validate, solve, compare and report all scenarios of a file."""
    from ..adopting.record import standing
    from ..loading import load
    from ..outputs import write_outputs
    from ..running import run as run_scenarios
    from ..solving import cluster as connected
    from ..store import ResultShelf, check_folder, in_use, read_plan
    from ..store.origin import Origin, remember_origin
    from .terminal import show_computed, show_result, watching

    book = load(file, scenarios=tuple(scenario or ()), settings=settings or ())
    folder = output or Path("runs") / file.stem
    check_folder(folder)
    starts = {s.name: read_plan(start, s.problem) for s in book.scenarios} if start else {}
    with in_use(folder, "teig run"):
        adopted, left_out = standing(folder, book)
        remember_origin(folder, Origin(file, tuple(settings or ()), work, limit))
        with (
            watching([s.name for s in book.scenarios]) as progress,
            connected(cluster) if cluster is not None else nullcontext() as executor,
        ):
            result = run_scenarios(
                book,
                jobs=jobs or usable_cores(),
                work=work,
                seconds=limit,
                starts=starts,
                progress=progress,
                executor=executor,
                shelf=ResultShelf(folder, fresh=fresh),
                adopted=adopted,
            )
        report = write_outputs(result, folder)
    show_computed(result)
    for note in left_out:
        typer.echo(note)
    show_result(result, report)
    return exit_status(result)


@app.command()
@ending
def check(file: File, scenario: Names = None, settings: Settings = None) -> Exit:
    """Validate a scenario file and everything that it reads."""
    from ..loading import load
    from .terminal import show_workbook

    show_workbook(load(file, scenarios=tuple(scenario or ()), settings=settings or ()))
    return Exit.DONE


@app.command()
@ending
def evaluate(
    file: File,
    plan: Annotated[Path, typer.Option(help="Alignment: columns unit, rep; team, share if known.")],
    scenario: Annotated[
        str | None,
        typer.Option("-s", "--scenario", help="Scenario to measure it in; the base by default."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the outputs go; none by default.")
    ] = None,
    settings: Settings = None,
) -> Exit:
    """Measure and check a given alignment, unsolved."""
    from ..loading import load
    from ..outputs import write_outputs
    from ..results import BASE
    from ..running import measure
    from ..store import check_folder, in_use, read_plan
    from ..store.origin import Origin, remember_origin
    from .terminal import show_result

    name = scenario or BASE
    book = load(file, scenarios=(name,), settings=settings or ())
    if output is not None:
        check_folder(output)
    result = measure(book, {name: read_plan(plan, book[name].problem)})
    report = None
    if output is not None:
        with in_use(output, "teig evaluate"):
            remember_origin(output, Origin(file, tuple(settings or ()), None, None))
            report = write_outputs(result, output)
    show_result(result, report)
    return exit_status(result)


@app.command()
@ending
def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make.", show_default=False)],
) -> Exit:
    """Make a starter folder that runs."""
    from .starter import copy_starter

    file = copy_starter(folder)
    typer.echo(f"Made {folder}. Next: teig run {shlex.quote(str(file))}")
    return Exit.DONE


@app.command()
@ending
def schema(
    document: Annotated[
        Path | None,
        typer.Option(help="Bring the table of settings in this Markdown file in step instead."),
    ] = None,
) -> Exit:
    """Print the JSON Schema of scenario files."""
    from ..files.json_schema import bring_in_step, json_schema

    if document is None:
        typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2, allow_nan=False))
        return Exit.DONE
    try:
        changed = bring_in_step(document)
    except (OSError, ValueError) as error:
        raise BadInput([InputProblem(str(document), "", "", "", str(error))]) from None
    typer.echo(f"{document} was {'brought' if changed else 'already'} in step.")
    return Exit.DONE


app.command("compare")(ending(compare))
app.command("explain")(ending(explain))
app.command("sweep")(ending(sweep))
app.command("frontier")(ending(frontier))
app.command("robustness")(ending(robustness))
app.command("adopt")(ending(adopt))
app.command("share")(ending(share))
app.command("approve")(ending(approve))
app.command("roll")(ending(roll))
app.command("actuals")(ending(actuals))
app.command("records")(ending(records))
app.command("handover")(ending(handover))
app.command("export")(ending(export))
app.command("incumbent")(ending(incumbent))
