"""Takes out of a run what must not leave the planning team.

What is taken out is taken out of the data, before anything is drawn or written, so
that no report can show it by mistake:

- pay, and money from which pay follows: the contribution of two scenarios that differ
  by one position would tell that position's cost;
- names of people and of customers, and what customers buy or could buy;
- where somebody lives: bases are rounded, distances and hours on the road left out;
- hours, from which part time and leave follow, and whatever they follow from: load over
  hours stays, load alone goes; the distance from a fair share stays, potential goes;
- figures of fewer than :data:`~teig.scenarios.audience.SMALLEST_GROUP` people, and of
  their siblings, from which they would follow;
- texts that people wrote, notes that name units and reps, paths, fingerprints of tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import pandas as pd

from ...models.evaluation import Evaluation
from ...models.problem import Problem
from ...models.rules import Lock
from ..audience import SMALLEST_GROUP
from ..comparison import CAMPAIGN_COLUMNS, UNITS, open_amounts
from ..results import Change, RunResult, ScenarioResult, Verdict

#: Bases are rounded to this many degrees: half a degree is up to 55 km.
COARSE_DEGREES = 0.5
#: Figures of a territory that stay.
KEPT_FIGURES = ("team", "rep", "kind", "units", "utilisation", "compactness", "components")
KEPT_DEVIATION = "fair_share_deviation_"
#: Figures of the comparison that go: they are money, or sums of hours in other units.
_HIDDEN = ("objective", "bound", "objective_unit")
#: Settings whose changes are told.
_TOLD_CHANGES = "rules."
#: What stands for a setting that is not there.
NOT_SET = "(not set)"


def shared_result(result: RunResult) -> RunResult:
    """Return the run as it may be shared; see the module's text."""
    rows = {row.name: _shared_scenario(row) for row in result.rows}
    return replace(
        result,
        source=PurePath(result.source).name,
        incumbent=rows[result.incumbent.name] if result.incumbent else None,
        scenarios=tuple(rows[row.name] for row in result.scenarios),
        comparison=_shared_comparison(result),
        verdicts=tuple(map(_shared_verdict, result.verdicts)),
        assumptions=(),
    )


def _shared_scenario(row: ScenarioResult) -> ScenarioResult:
    return replace(
        row,
        settings={},
        problem=_shared_problem(row.problem),
        evaluation=_shared_evaluation(row.evaluation) if row.evaluation is not None else None,
        territory=None,
        quotas=None,
        quota_table=_shared_quotas(row.quota_table),
        structure=row.structure.iloc[:0],
        money=None,
        changes=tuple(map(_shared_change, filter(_is_told, row.changes))),
        inputs=tuple(replace(table, path="", digest="") for table in row.inputs),
        quarantined=row.quarantined.iloc[:0],
        notes=(),
        description="",
        defect="",
        forecast=None,
        letters=(),
        quota_study=None,
        adoption=None,
        campaigns=None,
    )


def _is_told(change: Change) -> bool:
    return change.path.startswith(_TOLD_CHANGES)


def _shared_change(change: Change) -> Change:
    """The change without values in which people may have written something."""
    old, new = ("…" if _is_written(text) else text for text in (change.old, change.new))
    return replace(change, old=old, new=new)


def _is_written(text: str) -> bool:
    """Whether a value is more than a number, a switch or one word."""
    return any(sign in text for sign in " ,:{}[]\n") and text != NOT_SET


def _shared_problem(problem: Problem) -> Problem:
    """The problem without names, money, hours, distances, and with rounded bases."""
    units, owners, covers = problem.units, problem.owners, problem.covers
    nothing = np.zeros(len(covers))
    return problem.replace(
        units=replace(units, names=units.ids, measures=_emptied(units.measures)),
        owners=replace(
            owners,
            names=owners.ids,
            latitude=_coarse(owners.latitude),
            longitude=_coarse(owners.longitude),
            hours=np.zeros(len(owners)),
            full_time_hours=np.zeros(len(owners)),
            productivity=np.ones(len(owners)),
            cost=np.zeros(len(owners)),
        ),
        covers=replace(
            covers,
            workload=nothing,
            visits=nothing,
            measures=_emptied(covers.measures),
            tenure=nothing,
        ),
        teams=tuple(
            replace(
                team,
                minutes=np.zeros_like(team.minutes),
                kilometres=np.zeros_like(team.kilometres),
                sites=None,
            )
            for team in problem.teams
        ),
        rules=tuple(
            replace(rule, reason="") if isinstance(rule, Lock) else rule for rule in problem.rules
        ),
        notes=(),
        campaigns=(),
    )


def _emptied(measures: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.zeros_like(column) for name, column in measures.items()}


def _coarse(degrees: np.ndarray) -> np.ndarray:
    return np.round(degrees / COARSE_DEGREES) * COARSE_DEGREES


def _shared_evaluation(evaluation: Evaluation) -> Evaluation:
    territories = evaluation.territories.copy()
    for column in territories.columns:
        if column not in KEPT_FIGURES and not str(column).startswith(KEPT_DEVIATION):
            territories[column] = np.nan
    return replace(
        evaluation,
        objectives={},
        terms={name: replace(term, value=0.0) for name, term in evaluation.terms.items()},
        violations=tuple(replace(each, amount=0.0) for each in evaluation.violations),
        territories=territories,
    )


def _shared_quotas(table: pd.DataFrame) -> pd.DataFrame:
    """Quotas of groups that are large enough, where all their siblings are too.

    Whoever has nobody below is one person, whatever the level is called.
    """
    if table.empty:
        return table
    parent = dict(
        zip(table["node"].astype(str), table["parent"].fillna("").astype(str), strict=True)
    )
    below: dict[str, list[str]] = {}
    for node, above in parent.items():
        below.setdefault(above if above in parent else "", []).append(node)
    shown: set[str] = set()
    waiting = [""]
    while waiting:
        children = below.get(waiting.pop(), [])
        if children and all(_people(node, below) >= SMALLEST_GROUP for node in children):
            shown.update(children)
            waiting += children
    return table[table["node"].astype(str).isin(shown)].reset_index(drop=True)


def _people(node: str, below: Mapping[str, list[str]]) -> int:
    """How many there are at the foot of a node; 1 for one at the foot."""
    children = below.get(node, [])
    return sum(_people(child, below) for child in children) if children else 1


def _shared_comparison(result: RunResult) -> pd.DataFrame:
    """The comparison without money, and without sums over a few people."""
    table = result.comparison.drop(columns=list(CAMPAIGN_COLUMNS), errors="ignore")
    money = [key for key, unit in UNITS.items() if unit.startswith("{currency}/")]
    for key in (*money, *_HIDDEN):
        table[key] = None if key == "objective_unit" else np.nan
    for row in result.rows:
        at = table["scenario"] == row.name
        if open_amounts(row):
            table.loc[at, "gap"] = np.nan
        if not (table.loc[at, "reps"] >= SMALLEST_GROUP).all():
            table.loc[at, ["travel_hours", "travel_km", "quota_total"]] = np.nan
    return table


def _shared_verdict(verdict: Verdict) -> Verdict:
    if verdict.winner is None:
        reason = "What is still open is more than the difference: the figures cannot tell."
    else:
        loser = verdict.second if verdict.winner == verdict.first else verdict.first
        reason = f"{verdict.winner} is better than anything that {loser} could still reach, proven."
    return replace(verdict, reason=reason)
