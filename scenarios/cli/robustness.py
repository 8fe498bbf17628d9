"""``teig robustness``: how plans stand up to what may come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ...models.errors import BadInput, InputProblem
from .status import Exit

if TYPE_CHECKING:
    from ..robustness import ChosenForSamples, Robustness

_SHARES = ("share of fair share", "share of hours")


def robustness(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.", show_default=False)],
    scenario: Annotated[
        list[str] | None,
        typer.Option("-s", "--scenario", help="Only this scenario; may be given again."),
    ] = None,
    samples: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="Futures; uncertainty.samples else.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the futures; the file's else.")
    ] = None,
    choose: Annotated[
        str, typer.Option(metavar="NAME", help="Also choose a plan for futures, of this scenario.")
    ] = "",
    choose_on: Annotated[int, typer.Option(min=1, max=100, help="Futures to choose it on.")] = 10,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where it goes; <DIR>-robustness.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="The scenario file, where it was moved.")
    ] = None,
    work: Annotated[
        float | None, typer.Option(min=0.0, help="Amount of searching for --choose.")
    ] = None,
    limit: Annotated[
        float | None, typer.Option(min=0.0, help="Wall-clock cap for --choose, seconds.")
    ] = None,
) -> Exit:
    """Try the plans of a run against the same futures: potential, travel, people who leave."""
    from ..robustness import ROBUSTNESS, choose_for_samples, try_plans, write_robustness
    from ..store.writing import holding
    from ..stored.plans import read_run_plans

    book, plans = read_run_plans(folder, tuple(scenario or ()), file)
    if choose and choose not in plans:
        message = f"no plan of this scenario is among those tried: {', '.join(plans)}"
        raise BadInput([InputProblem("--choose", "", "", choose, message)])
    place = output or folder.with_name(f"{folder.resolve().name}-robustness")
    with holding(place, ROBUSTNESS) as held:
        tried = try_plans(book, plans, samples=samples, seed=seed)
        choice = None
        if choose:
            try:
                choice = choose_for_samples(
                    book, choose, plans[choose],
                    on=choose_on, samples=samples, seed=seed, work=work, seconds=limit,
                )  # fmt: skip
            except ValueError as error:
                raise BadInput([InputProblem("--choose", "", "", choose, str(error))]) from None
        write_robustness(tried, held, choice)
    _show(tried)
    if choice is not None:
        _show_choice(choice)
    _say(f"All figures, rules and samples: {place}")
    return Exit.NOTHING_FOUND if choice is not None and choice.result.plan is None else Exit.DONE


def _say(text: str) -> None:
    from .terminal import plain_console

    plain_console().print(text, markup=False, soft_wrap=True)


def _show(tried: Robustness) -> None:
    from ..robustness import figures_shown
    from .terminal import plain_console

    table = tried.table()
    title = f"{tried.samples} futures, seed {tried.seed}: the middle one, and 10 % to 90 %"
    shown = Table(title=title)
    for heading in ("scenario", "figure", "as planned", "middle", "10 % to 90 %", "best in"):
        shown.add_column(heading, justify="left" if heading in ("scenario", "figure") else "right")
    figures = figures_shown(tried)
    for name in table["scenario"].unique():
        mine = table[(table["scenario"] == name) & table["figure"].isin(figures)]
        for position, row in enumerate(mine.to_dict("records")):
            low, middle, high = (_number(row[key], row["unit"]) for key in ("p10", "p50", "p90"))
            shown.add_row(
                name if position == 0 else "",
                f"{row['figure']}, {_unit(row['unit'])}",
                _number(row["as_planned"], row["unit"]),
                middle,
                f"{low} to {high}",
                f"{row['best_share']:.0%}",
            )
        shown.add_section()
    plain_console().print(shown)
    rules = tried.rules_table()
    often = rules[rules["depends_on_sample"] & (rules["broken_share"] > 0)]
    for row in often.to_dict("records"):
        kind = "hard rule" if row["hard"] else "rule"
        _say(f"{row['scenario']}: {kind} {row['rule']} is broken in {row['broken_share']:.0%}.")
    _say(_assumptions(tried))


def _assumptions(tried: Robustness) -> str:
    s = tried.spread
    who = "the nearest neighbours serve" if s.orphans == "neighbours" else "nobody serves"
    return (
        f"Assumed (uncertainty: in the file): potential ± {100 * s.market:.0f} % everywhere, "
        f"{100 * s.region:.0f} % by region, {100 * s.segment:.0f} % by segment, "
        f"{100 * s.unit:.0f} % by unit; minutes ± {100 * s.speed:.0f} %, kilometres "
        f"± {100 * s.circuity:.0f} %; {100 * s.attrition:.0f} % of positions left a year for "
        f"{s.vacancy_months:g} months, {who} their units."
    )


def _show_choice(choice: ChosenForSamples) -> None:
    from .terminal import plain_console

    if choice.result.plan is None:
        _say(f"No plan for samples was found: {choice.result.status}.")
        return
    table = choice.table()
    if not table["difference"].abs().max() > 0:
        _say(
            f"The plan chosen on {choice.on} other futures is no other than that of "
            f"{choice.scenario.name}: none was found that does better on them."
        )
        return
    shown = Table(
        title=f"A plan chosen on {choice.on} other futures, beside {choice.scenario.name}: means"
    )
    for heading in ("figure", "chosen", "for samples", "difference", "better in", "verdict"):
        shown.add_column(heading, justify="left" if heading in ("figure", "verdict") else "right")
    for row in table.to_dict("records"):
        unit = row["unit"]
        shown.add_row(
            f"{row['figure']}, {_unit(unit)}",
            _number(row["chosen_out_of_sample"], unit),
            _number(row["for_samples_out_of_sample"], unit),
            f"{_number(row['difference'], unit)} ± {_number(2 * row['standard_error'], unit)}",
            f"{row['better_share']:.0%}",
            row["verdict"],
        )
    plain_console().print(shown)


def _unit(unit: str) -> str:
    return unit.replace("share of", "% of") if unit in _SHARES else unit


def _number(value: float, unit: str) -> str:
    if unit in _SHARES:
        return f"{100 * value:,.1f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
