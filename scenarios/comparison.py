"""Scenarios side by side: one row each, the worst rep beside every average."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from ..models.plan import Plan, Status
from ..models.problem import Problem
from ..models.terms import stage_terms
from .money.measuring import money_differences
from .results import INCUMBENT, NOT_COMPARABLE, ScenarioResult, Verdict

#: Unit of each column that is a figure; money is filled in with the plan currency.
UNITS = {
    "objective": "",
    "bound": "",
    "gap": "share",
    "hard_violations": "violations",
    "reps": "reps",
    "territories_in_pieces": "territories",
    "travel_hours": "hours",
    "travel_km": "km",
    "utilisation_mean": "share",
    "utilisation_worst": "share",
    "load_deviation_mean": "share",
    "load_deviation_worst": "share",
    "potential_deviation_mean": "share",
    "potential_deviation_worst": "share",
    "sales_deviation_mean": "share",
    "sales_deviation_worst": "share",
    "units_moved": "units",
    "sales_moved": "{currency}/year",
    "sales_moved_share": "share",
    "sales_orphaned": "{currency}/year",
    "sales_orphaned_share": "share",
    "quota_total": "{currency}",
    "expected_sales": "{currency}/year",
    "margin": "{currency}/year",
    "people": "{currency}/year",
    "travel": "{currency}/year",
    "disruption": "{currency}/year",
    "campaigns": "{currency}",
    "campaign_hours": "hours",
    "contribution": "{currency}/year",
    "contribution_bound": "{currency}/year",
}
_DEVIATIONS = ("load", "potential", "sales")
_MONEY = ("expected_sales", "margin", "people", "travel", "disruption", "contribution")
#: Columns that are there only where a scenario has campaigns.
CAMPAIGN_COLUMNS = ("campaign_hours", "campaigns")
_RELATIVE = 1e-9

NOT_DISTINGUISHABLE = "not distinguishable"
BREAKS_RULES = "breaks hard rules"
NO_PLAN = "no plan"
COLUMNS = (
    "scenario",
    "status",
    "stage",
    "objective",
    "bound",
    "objective_unit",
    "gap",
    "hard_violations",
    "reps",
    "territories_in_pieces",
    "travel_hours",
    "travel_km",
    "utilisation_mean",
    "utilisation_worst",
    "utilisation_worst_rep",
    *(f"{m}_deviation_{what}" for m in _DEVIATIONS for what in ("mean", "worst", "worst_rep")),
    "units_moved",
    "sales_moved",
    "sales_moved_share",
    "sales_orphaned",
    "sales_orphaned_share",
    "quota_total",
    *_MONEY,
    "contribution_bound",
    "currency",
    "verdict",
)


def comparison_table(
    incumbent: ScenarioResult | None,
    scenarios: Sequence[ScenarioResult],
    verdicts: Sequence[Verdict] = (),
) -> pd.DataFrame:
    """One row per scenario, ``incumbent`` first; empty cells where nothing is known.

    Sales are *moved* where they leave somebody who is there, *orphaned* where whoever
    has them today is not. Deviations are shares of the fair share, without sign in the mean, with it in the
    worst; means are over owners with a territory of their own.
    """
    rows = [_row(incumbent) if incumbent else {"scenario": INCUMBENT, "status": "unknown"}]
    rows += [_row(result) for result in scenarios]
    for row in rows[1:]:
        row["verdict"] = _verdict_of(str(row["scenario"]), scenarios, verdicts)
    rows[0]["verdict"] = "today, frozen" if incumbent else "no alignment given"
    every = (*((incumbent,) if incumbent else ()), *scenarios)
    return pd.DataFrame(
        rows, columns=list(comparison_columns(any(r.problem.campaigns for r in every)))
    )


def comparison_columns(campaigns: bool) -> tuple[str, ...]:
    """Columns of the comparison, with those of campaigns where a scenario has any."""
    if not campaigns:
        return COLUMNS
    at = COLUMNS.index("contribution")
    return (*COLUMNS[:at], *CAMPAIGN_COLUMNS, *COLUMNS[at:])


def deciding_stage(result: ScenarioResult) -> int:
    """Stage that sums up a solve: the first that is not proven optimal, else the last."""
    for index, stage in enumerate(result.stages):
        if stage.status != Status.OPTIMAL:
            return index
    return len(result.stages) - 1


def stage_unit(result: ScenarioResult, name: str) -> str:
    """Natural unit of a stage of one term; ``weighted`` for a sum of several."""
    stage = next(stage for stage in result.problem.objective.stages if stage.name == name)
    terms = stage_terms(result.problem, stage)
    if len(terms) != 1 or terms[0].weight != 1.0 or result.evaluation is None:
        return "weighted"
    return result.evaluation.terms[terms[0].name].unit


def open_amounts(result: ScenarioResult) -> tuple[tuple[float, str], ...]:
    """What the plan breaks of soft rules where none of it is proven to be unavoidable.

    The gap of such a stage is 100 % whatever the plan breaks; amounts in the rules' own
    units say more. Empty for any other deciding stage.
    """
    if not result.stages or result.evaluation is None:
        return ()
    found = result.stages[deciding_stage(result)]
    stage = next(s for s in result.problem.objective.stages if s.name == found.name)
    terms = stage_terms(result.problem, stage)
    if found.objective is None or found.bound is None or found.objective <= 0:
        return ()
    if found.bound > 1e-6 * found.objective or not all(t.name[:5] == "rule:" for t in terms):
        return ()
    values = [result.evaluation.terms[term.name] for term in terms if term.weight > 0]
    return tuple((value.value, value.unit) for value in values if value.value > 0)


def compare_pairs(
    incumbent: ScenarioResult | None, scenarios: Sequence[ScenarioResult]
) -> tuple[Verdict, ...]:
    """Judge every pair of scenarios by money, and by objective where it is the same.

    A beats B only where A's value is better than B's proven bound. The incumbent is
    one frozen plan, so that its value is its bound.
    """
    found = []
    for first, second in combinations(((incumbent,) if incumbent else ()) + tuple(scenarios), 2):
        given = [row for row in (first, second) if row.name != INCUMBENT]
        broken = [row for row in given if row.status == Status.INVALID]
        if broken:
            reason = f"{NOT_COMPARABLE}: {broken[0].name} breaks hard rules"
            found.append(Verdict(first.name, second.name, "contribution", None, reason))
            continue
        if first.money and second.money:
            found.append(_by_money(first, second))
        if first.territory and second.territory:
            found.append(_by_objective(first, second))
    return tuple(found)


def winner_of(scenarios: Sequence[ScenarioResult], verdicts: Sequence[Verdict]) -> str | None:
    """Scenario that is proven to beat all others by the criterion that all share.

    Plans that break hard rules neither win nor stand in the way.
    """
    names = [result.name for result in scenarios if result.status != Status.INVALID]
    criterion = _criterion(verdicts)
    for name in names:
        beaten = {
            verdict.second if verdict.first == name else verdict.first
            for verdict in verdicts
            if verdict.criterion == criterion and verdict.winner == name
        }
        if len(names) > 1 and beaten >= {other for other in names if other != name}:
            return name
    return None


def deciding(verdicts: Sequence[Verdict], names: Sequence[str]) -> list[Verdict]:
    """Verdicts between some scenarios by money, or by the objective where none is by money."""
    among = [v for v in verdicts if v.first in names and v.second in names]
    return [v for v in among if v.criterion == "contribution"] or among


def _criterion(verdicts: Sequence[Verdict]) -> str:
    criteria = {verdict.criterion for verdict in verdicts}
    return "contribution" if "contribution" in criteria else "objective"


def _verdict_of(name: str, scenarios: Sequence[ScenarioResult], verdicts: Sequence[Verdict]) -> str:
    criterion = _criterion(verdicts)
    planned = {result.name for result in scenarios if result.plan is not None}
    names = planned - {result.name for result in scenarios if result.status == Status.INVALID}
    if name not in names:
        return BREAKS_RULES if name in planned else NO_PLAN
    judged = [
        verdict
        for verdict in verdicts
        if verdict.criterion == criterion
        and name in (verdict.first, verdict.second)
        and {verdict.first, verdict.second} <= names
    ]
    if not judged:
        return ""
    beaten_by = sorted({str(v.winner) for v in judged if v.winner not in (None, name)})
    if beaten_by:
        return f"beaten by {', '.join(beaten_by)}"
    if all(verdict.winner == name for verdict in judged):
        return "winner"
    if not any(verdict.comparable for verdict in judged):
        return NOT_COMPARABLE
    return NOT_DISTINGUISHABLE


def _row(result: ScenarioResult) -> dict[str, object]:
    row: dict[str, object] = {
        "scenario": result.name,
        "status": str(result.status),
        "currency": result.problem.currency,
    }
    if result.stages:
        stage = result.stages[deciding_stage(result)]
        row |= {"stage": stage.name, "objective": stage.objective, "bound": stage.bound}
        row |= {"gap": stage.gap, "objective_unit": stage_unit(result, stage.name)}
    if result.evaluation is not None:
        row |= _measured(result)
    if result.quotas is not None and len(result.quota_table):
        top = result.quota_table["parent"].fillna("") == ""
        row["quota_total"] = float(result.quota_table.loc[top, "quota"].sum())
    if result.money is not None:
        row |= {name: result.money.amount(name) for name in _MONEY}
        row["contribution_bound"] = result.money.bound
        if result.problem.campaigns:
            row["campaigns"] = result.money.amount("campaigns")
    if result.problem.campaigns and result.plan is not None:
        row["campaign_hours"] = campaign_hours(result.problem, result.plan)
    return row


def campaign_hours(problem: Problem, plan: Plan) -> float:
    """Hours that campaigns take of reps, travel not counted."""
    held = plan.owner >= 0
    held[held] &= problem.owners.holds_territory[plan.owner[held]]
    return float(problem.campaign_hours[held].sum())


def _measured(result: ScenarioResult) -> dict[str, object]:
    evaluation = result.evaluation
    if evaluation is None:
        return {}
    hard = {rule.name for rule in result.problem.rules if rule.hard} | {"coverage"}
    territories = evaluation.territories
    held = territories[territories["kind"].isin(["rep", "vacancy"])]
    sales = float(result.problem.covers.measures["sales"].sum())
    moved = evaluation.terms["disruption:sales"].value
    orphaned = orphaned_sales(result)
    row: dict[str, object] = {
        "hard_violations": sum(v.rule in hard for v in evaluation.violations),
        "reps": len(held),
        "territories_in_pieces": int((held["components"] > 1).sum()),
        "travel_hours": evaluation.terms["travel_hours"].value,
        "travel_km": evaluation.terms["travel_km"].value,
        "units_moved": evaluation.terms["disruption:units"].value,
        "sales_moved": moved,
        "sales_moved_share": moved / sales if sales > 0 else None,
        "sales_orphaned": orphaned,
        "sales_orphaned_share": orphaned / sales if sales > 0 else None,
    }
    used = held["utilisation"].dropna()
    if len(used):
        row["utilisation_mean"] = float(used.mean())
        row["utilisation_worst"] = float(used.max())
        row["utilisation_worst_rep"] = str(held["rep"].to_numpy()[_largest(held["utilisation"])])
    for measure in _DEVIATIONS:
        deviation = held[f"fair_share_deviation_{measure}"].abs()
        if deviation.notna().any():
            worst = _largest(deviation)
            signed = held[f"fair_share_deviation_{measure}"].to_numpy(dtype=float)
            row[f"{measure}_deviation_mean"] = float(deviation.mean())
            row[f"{measure}_deviation_worst"] = float(signed[worst])
            row[f"{measure}_deviation_worst_rep"] = str(held["rep"].to_numpy()[worst])
    return row


def orphaned_sales(result: ScenarioResult) -> float:
    """Sales of covers whose owner of today is not among the scenario's owners, a year."""
    covers = result.problem.covers
    named = np.array([bool(owner) for owner in covers.incumbent_ids], dtype=bool)
    return float(covers.measures["sales"][named & (covers.incumbent < 0)].sum())


def _largest(column: pd.Series[Any]) -> int:
    """Position of the largest value; gaps are no values."""
    return int(np.nanargmax(column.to_numpy(dtype=float)))


def _by_money(first: ScenarioResult, second: ScenarioResult) -> Verdict:
    a, b = first.money, second.money
    if a is None or b is None:
        raise ValueError("both scenarios need a money table")
    settings = money_differences(first.settings, second.settings)
    if settings:
        reason = f"{NOT_COMPARABLE}: their money settings differ: {settings}"
        return Verdict(first.name, second.name, "contribution", None, reason)
    pairs = (
        (first.name, a.contribution, second.name, _bound(second)),
        (second.name, b.contribution, first.name, _bound(first)),
    )
    for winner, value, loser, bound in pairs:
        if value > bound + _RELATIVE * abs(bound):
            reason = (
                f"{winner} contributes {value:,.0f} {a.currency}/year; no plan of {loser} "
                f"can pass {bound:,.0f} {a.currency}/year"
            )
            return Verdict(first.name, second.name, "contribution", winner, reason)
    difference = a.contribution - b.contribution
    if math.isclose(a.contribution, b.contribution, rel_tol=_RELATIVE):
        reason = f"both contribute {a.contribution:,.0f} {a.currency}/year"
        return Verdict(first.name, second.name, "contribution", None, reason)
    better = first.name if difference >= 0 else second.name
    reason = (
        f"{better} contributes {abs(difference):,.0f} {a.currency}/year more, which is less "
        f"than what is still open in the other's bound"
    )
    return Verdict(first.name, second.name, "contribution", None, reason)


def _bound(result: ScenarioResult) -> float:
    """Most that a scenario can contribute; a frozen plan's is what it does."""
    if result.money is None:
        return math.inf
    return result.money.contribution if result.frozen else result.money.bound


def _by_objective(first: ScenarioResult, second: ScenarioResult) -> Verdict:
    names = (first.name, second.name, "objective")
    if not _judged_alike(first, second):
        return Verdict(*names, None, f"{NOT_COMPARABLE}: they are judged by different objectives")
    for a, b in zip(first.stages, second.stages, strict=True):
        if a.objective is None or b.objective is None:
            return Verdict(*names, None, "there is no plan to compare")
        if _less(a.objective, b.objective if second.frozen else b.bound):
            return Verdict(*names, first.name, _reason(a.name, first.name, second.name))
        if _less(b.objective, a.objective if first.frozen else a.bound):
            return Verdict(*names, second.name, _reason(a.name, second.name, first.name))
        if not (
            a.status == b.status == Status.OPTIMAL
            and math.isclose(a.objective, b.objective, rel_tol=1e-6, abs_tol=1e-6)
        ):
            reason = f"in {a.name}, neither is better than what the other may still reach"
            return Verdict(*names, None, reason)
    return Verdict(*names, None, "equal in every stage")


def _less(value: float, bound: float | None) -> bool:
    return bound is not None and value < bound - 1e-6 * max(1.0, abs(bound))


def _reason(stage: str, winner: str, loser: str) -> str:
    return f"in {stage}, {winner} is better than any plan of {loser} can be"


def _judged_alike(first: ScenarioResult, second: ScenarioResult) -> bool:
    return _judged_by(first) == _judged_by(second) and len(first.stages) == len(second.stages)


def _judged_by(result: ScenarioResult) -> list[object]:
    problem = result.problem
    rules = {f"rule:{rule.name}": rule for rule in problem.rules}
    return [
        (stage.name, term.name, term.weight, rules.get(term.name))
        for stage in problem.objective.stages
        for term in stage_terms(problem, stage)
    ]
