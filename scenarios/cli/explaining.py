"""``teig explain``: why is it so, and what would it cost otherwise."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...models.plan import Status
from ..digits import significant
from .status import Exit

if TYPE_CHECKING:
    from ..explaining import Alternative, Loosened, Subject

_MOST_TERMS = 5
_UNPROVEN = (
    "{} has no plan, and it is not proven that there is none (more --work may tell); what is known:"
)


def explain(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.", show_default=False)],
    scenario: Annotated[
        str, typer.Option("-s", "--scenario", help="Which scenario of the run.")
    ] = "",
    unit: Annotated[str, typer.Option(help="Why has this unit its rep?")] = "",
    rep: Annotated[str, typer.Option(help="With --unit: what if this rep had it?")] = "",
    file: Annotated[
        Path | None, typer.Option(help="The scenario file, where it was moved.")
    ] = None,
    work: Annotated[
        float | None, typer.Option(min=0.0, help="Amount of searching for each new solve.")
    ] = None,
) -> Exit:
    """Say why a plan is as it is, what it would cost otherwise, or why there is none."""
    from ..explaining import loosened_rules, read_subject, unit_alternatives
    from .terminal import plain_console

    subject = read_subject(folder, scenario, file, work)
    lines: list[str]
    proven = subject.status is Status.INFEASIBLE
    # Solving may still prove of a small problem what the run left open.
    if subject.plan is None and (proven or subject.is_small):
        lines = infeasible_lines(subject)
    elif unit:
        lines = unit_lines(subject, unit, unit_alternatives(subject, unit, rep))
    elif rep:
        lines = rep_lines(subject, rep)
    elif subject.plan is None:
        lines = [_UNPROVEN.format(subject.name)]
        lines += [f"- {note}" for note in subject.notes]
    else:
        lines = rule_lines(subject, loosened_rules(subject))
    console = plain_console()
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    return Exit.DONE


def infeasible_lines(subject: Subject) -> list[str]:
    """The smallest conflict in the planner's terms, and the override that ends it."""
    from ...optimizer.explain import WORK_PER_SOLVE, smallest_conflict, smallest_relaxation
    from ..explaining import conflict_text, loosening_text, override_yaml

    problem = subject.problem
    work = max(WORK_PER_SOLVE, subject.work)
    conflict = smallest_conflict(problem, work=work)
    if conflict is None:
        lines = [f"{subject.name} has no plan. A smallest conflict was not found; what is known:"]
        if subject.status is not Status.INFEASIBLE:
            lines = [_UNPROVEN.format(subject.name)]
        return lines + [f"- {note}" for note in subject.notes]
    sure = "any of them left out, they can" if conflict.minimal else "perhaps some can be spared"
    lines = [f"{subject.name} has no plan. These demands cannot hold together ({sure}):"]
    lines += [f"- {text}" for text in conflict_text(problem, conflict)]
    found = smallest_relaxation(problem, conflict, work=work)
    for change, instead, solved in zip(found.changes, found.instead, found.conflicts, strict=True):
        if solved is not conflict:
            lines.append("With that changed, these stand in the way too:")
            lines += [f"- {text}" for text in conflict_text(problem, solved)]
        what = (
            "Smallest change" if change.smallest else "A change that does, perhaps not the smallest"
        )
        lines.append(f"{what}: {loosening_text(problem, change)}.")
        if instead:
            others = "; or ".join(loosening_text(problem, other) for other in instead)
            lines.append(f"Instead: {others}.")
    if found.plan is None:
        lines.append("No plan was found yet with these changes; this is as far as it got.")
    else:
        lines.append("With this override there is a plan; one was found and checked:")
    if found.changes:
        lines.append("")
        lines += override_yaml(problem, found.changes).rstrip().splitlines()
    return lines


def unit_lines(subject: Subject, unit: str, found: tuple[Alternative, ...]) -> list[str]:
    """Who has the unit, and what each other rep would cost."""
    assert subject.evaluation is not None  # noqa: S101 - there are alternatives to a plan
    rows = subject.evaluation.assignments
    rows = rows[rows["unit"] == unit]
    lines = []
    for row in rows.to_dict("records"):
        share = "" if row["share"] == 1 else f" ({row['share']:.0%} of it)"
        had = f"; today it is with {row['incumbent']}" if row["incumbent"] else ""
        same = row["incumbent"] == row["rep"]
        said = ", as today" if same else had
        lines.append(
            f"In {subject.name}, {row['rep']} of team {row['team']} has unit {unit}{share}{said}."
        )
    lines += [alternative_text(other) for other in found]
    if not found:
        lines.append("There is no other rep to give it to, or the one you name has it.")
    return lines


def alternative_text(other: Alternative) -> str:
    """One alternative in one sentence."""
    whom = f"{other.rep} of team {other.team}" + (" (today's)" if other.is_incumbent else "")
    if other.result.status is Status.INFEASIBLE:
        reasons = "; ".join(other.result.explanation[:3])
        return f"With {whom}: no plan keeps the hard rules: {reasons}."
    if other.difference is None:
        return f"With {whom}: no plan was found within the limits; it is not proven impossible."
    text = f"With {whom}: {_cost(other.difference.cost, other.difference.least)}"
    text = text.format(unit=other.difference.unit, stage=other.difference.stage)
    return f"{text}; {_changes(other.difference.terms, other.difference.units)}."


def _cost(cost: float, least: float | None) -> str:
    proven = "" if least is None else f", proven to be at least {significant(max(least, 0.0), 5)}"
    if least is not None and least <= 0:
        proven = ", though it is not proven that it costs anything"
    if abs(cost) <= 1e-9:
        return "costs nothing in any stage of the objective"
    if cost < 0:
        return f"{significant(-cost, 5)} {{unit}} better in {{stage}}: the plan is not the best one"
    return f"costs {significant(cost, 5)} {{unit}} in {{stage}}{proven}"


def _changes(terms: tuple[tuple[str, float, str], ...], units: int) -> str:
    said = [
        f"{name} {significant(amount, 5, sign=True)} {unit}"
        for name, amount, unit in terms[:_MOST_TERMS]
    ]
    moved = f"{units} units change hands against the plan"
    return f"{moved}; {', '.join(said)}" if said else moved


def rep_lines(subject: Subject, rep: str) -> list[str]:
    """One rep's territory: figures, what came and went, what it breaks."""
    from ...models.errors import BadInput, InputProblem, did_you_mean

    problem, evaluation = subject.problem, subject.evaluation
    if rep not in problem.owner_index:
        near = did_you_mean(rep, problem.owner_index)
        message = f"there is no such rep; {near}"
        raise BadInput([InputProblem("teig explain", "", "--rep", rep, message)])
    if evaluation is None:
        return [f"{subject.name} has no plan."]
    row = evaluation.territories.set_index("rep").loc[rep]
    load = f"{row['load_hours']:,.1f} hours of load, {row['travel_hours']:,.1f} on the road"
    lines = [f"{rep} has {row['units']:,.6g} units: {load}, in {row['hours']:,.1f} hours of time."]
    rows = evaluation.assignments
    came = rows[(rows["rep"] == rep) & (rows["incumbent"] != rep)]
    went = rows[(rows["rep"] != rep) & (rows["incumbent"] == rep)]
    for word, moved in (("Received", came), ("Given away", went)):
        if len(moved):
            lines.append(f"{word}: {', '.join(moved['unit'].tolist())}.")
    lines += [
        f"Rule {each.rule} is exceeded by {significant(each.amount, 5)} {each.unit}."
        for each in evaluation.violations
        if each.subject == rep
    ]
    lines.append(
        f"What one of its units would cost elsewhere: --unit UNIT; here: --rep {shlex.quote(rep)} too."
    )
    return lines


def rule_lines(subject: Subject, found: tuple[Loosened, ...]) -> list[str]:
    """Which hard rules bind, and what loosening each is worth."""
    if not found:
        return [f"{subject.name} has no hard rules besides coverage: nothing binds."]
    lines = [f"What loosening each hard rule of {subject.name} is worth, solved again:"]
    for each in found:
        how = (
            "left out"
            if each.setting == "hard"
            else f"{each.setting} {each.new:g} in place of {each.old:g}"
        )
        lines.append(f"- {each.rule}, {how}: {_worth(each)}.")
    lines.append("Why one unit is where it is: --unit UNIT.")
    return lines


def _worth(each: Loosened) -> str:
    if each.binds is False:
        return "worth nothing; it does not bind, which is proven"
    gap = each.difference
    at_most = (
        ""
        if gap.least is None or gap.cost >= 0
        else f", and at most {significant(-gap.least, 5)} is to be had"
    )
    if each.binds:
        text = f"worth {significant(-gap.cost, 5)} {gap.unit} in {gap.stage}{at_most}"
        return f"{text}; {_changes(gap.terms, gap.units)}"
    return "no better plan was found; that there is none is not proven"
