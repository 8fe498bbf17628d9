"""What edits by hand do to a plan: hands, figures, people's hours, rules."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import SingleQuotedScalarString

from ...models.rules import Violation
from ..comparison import UNITS, stage_unit
from ..results import Adoption, RunResult, ScenarioResult
from ..stored.hands import hands_between


@dataclass(frozen=True)
class StageCost:
    """One stage of the objective before and after, and what no plan can beat.

    Parameters
    ----------
    bound
        Proven of the scenario's problem; None where nothing is.
    """

    name: str
    unit: str
    before: float
    after: float
    bound: float | None


@dataclass(frozen=True)
class RuleChange:
    """A rule that is broken more, or less, than before, by subject."""

    rule: str
    subject: str
    unit: str
    hard: bool
    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Effect:
    """A plan made by hand against the one that was edited.

    Parameters
    ----------
    hands
        What changes hands: ``team, unit, from, to, share, sales, sales_unit``.
    figures
        ``figure, unit, before, after, change``: every figure of the comparison and
        every term of the objective.
    people
        Owners whose territory changed: ``rep, figure, unit, before, after, change``.
    broken, mended
        Violations that one of the plans has more of.
    """

    hands: pd.DataFrame
    figures: pd.DataFrame
    people: pd.DataFrame
    stages: tuple[StageCost, ...]
    broken: tuple[RuleChange, ...]
    mended: tuple[RuleChange, ...]


def effect_of(result: RunResult, before: ScenarioResult, after: ScenarioResult) -> Effect:
    """Set a plan made by hand beside the one that was edited."""
    a, b = before.evaluation, after.evaluation
    if a is None or b is None:
        raise ValueError("both need a plan")
    hands = hands_between(a.assignments, b.assignments, _sales(before))
    hands = hands.drop(columns="what").assign(sales_unit=f"{result.currency}/year")
    touched = sorted({*hands["from"], *hands["to"]} - {""})
    rules = _rule_changes(before, a.violations, b.violations, touched)
    return Effect(
        hands,
        _figures(result, before, after),
        _people(a.territories, b.territories, touched, result.currency),
        _stages(before, after),
        tuple(each for each in rules if each.after > each.before),
        tuple(each for each in rules if each.after < each.before),
    )


def _sales(row: ScenarioResult) -> dict[tuple[str, str], float]:
    problem, found = row.problem, dict[tuple[str, str], float]()
    amounts = problem.covers.measures["sales"].tolist()
    for unit, team, amount in zip(problem.covers.unit, problem.covers.team, amounts, strict=True):
        key = problem.units.wholes[int(unit)], problem.teams[int(team)].name
        found[key] = found.get(key, 0.0) + amount
    return found


def _figures(result: RunResult, before: ScenarioResult, after: ScenarioResult) -> pd.DataFrame:
    table = result.comparison.set_index("scenario")
    rows: list[tuple[str, str, Any, Any]] = [
        (name, unit.format(currency=result.currency), *table.loc[[before.name, after.name], name])
        for name, unit in UNITS.items()
        if name in table and name not in ("objective", "bound", "gap", "contribution_bound")
    ]
    rows += [(f"stage {s.name}", s.unit, s.before, s.after) for s in _stages(before, after)]
    if before.evaluation is not None and after.evaluation is not None:
        known = {name for name, *_ in rows}
        rows += [
            (name, term.unit, term.value, after.evaluation.terms[name].value)
            for name, term in before.evaluation.terms.items()
            if name not in known
        ]
    return _with_change(pd.DataFrame(rows, columns=["figure", "unit", "before", "after"]))


def _people(
    before: pd.DataFrame, after: pd.DataFrame, touched: Sequence[str], currency: str
) -> pd.DataFrame:
    units = {
        "units": "units",
        "load_hours": "hours",
        "utilisation": "share",
        "travel_hours": "hours",
        "potential": f"{currency}/year",
        "sales": f"{currency}/year",
    }
    a, b = before.set_index("rep"), after.set_index("rep")
    rows = [
        (rep, name, unit, a.loc[rep, name], b.loc[rep, name])
        for rep in touched
        if rep in a.index and rep in b.index
        for name, unit in units.items()
    ]
    return _with_change(pd.DataFrame(rows, columns=["rep", "figure", "unit", "before", "after"]))


def _with_change(table: pd.DataFrame) -> pd.DataFrame:
    for name in ("before", "after"):
        table[name] = pd.to_numeric(table[name])
    return table.assign(change=table["after"] - table["before"])


def _stages(before: ScenarioResult, after: ScenarioResult) -> tuple[StageCost, ...]:
    if before.evaluation is None or after.evaluation is None:
        return ()
    bounds = {stage.name: stage.bound for stage in after.stages}
    return tuple(
        StageCost(
            name,
            stage_unit(before, name),
            value,
            after.evaluation.objectives[name],
            bounds.get(name),
        )
        for name, value in before.evaluation.objectives.items()
    )


def _rule_changes(
    row: ScenarioResult,
    before: Sequence[Violation],
    after: Sequence[Violation],
    touched: Sequence[str],
) -> list[RuleChange]:
    """Rules whose violation changed: hard ones first, then those of whoever was touched.

    Others' fair shares move a little with every hour on the road; they come last.
    """
    hard = {rule.name for rule in row.problem.rules if rule.hard} | {"coverage"}
    amounts = [{(v.rule, v.subject): v.amount for v in found} for found in (before, after)]
    units = {(v.rule, v.subject): v.unit for v in (*before, *after)}
    changes = [
        RuleChange(*key, units[key], key[0] in hard, *(each.get(key, 0.0) for each in amounts))
        for key in units
    ]
    changes.sort(key=lambda each: (not each.hard, each.subject not in touched, *_name(each)))
    return [
        each for each in changes if abs(each.after - each.before) > 1e-9 * max(1.0, each.before)
    ]


def _name(change: RuleChange) -> tuple[str, str]:
    return change.rule, change.subject


def lock_yaml(adoption: Adoption, result: ScenarioResult, edited: pd.DataFrame) -> str:
    """The edits as an override: a lock for every unit that changed hands.

    With it everything else can be dealt out anew around them. A unit of several
    owners is locked part by part.
    """
    problem, plan = result.problem, result.plan
    if plan is None:
        raise ValueError("there is no plan to lock")
    owners = CommentedMap()
    changed = set(zip(edited["team"], edited["unit"], strict=True))
    for cover, owner in enumerate(plan.owner.tolist()):
        unit = int(problem.covers.unit[cover])
        whole = problem.units.wholes[unit]
        team = problem.teams[int(problem.covers.team[cover])].name
        if (team, whole) not in changed or owner < 0:
            continue
        covers = [
            c
            for c in problem.covers_of_whole[whole]
            if problem.covers.team[c] == problem.covers.team[cover]
        ]
        alone = len({int(plan.owner[c]) for c in covers}) == 1
        name = whole if alone else problem.units.ids[unit]
        owners[SingleQuotedScalarString(name)] = SingleQuotedScalarString(problem.owners.ids[owner])
    lock = CommentedMap(
        {
            "type": "lock",
            "owners": owners,
            "reason": f"{adoption.reason} ({adoption.author}, {adoption.date[:10]})",
        }
    )
    content = {"overrides": {adoption.name: {"rules": {"by_hand": lock}}}}
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 10_000
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()
