"""Scenarios measured: plans that were solved, given, made by hand or are today's."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from ..models.evaluation import evaluate
from ..models.plan import Plan, Status
from ..optimizer.territories.result import StageResult, TerritoryResult
from .campaigns.study import study_campaigns
from .letters import Letter, collect_letters
from .loading import LoadedScenario, Workbook
from .pay import PayForecast, forecast_of
from .quotas import QUOTA_COLUMNS, QuotaStudy, quotas_of
from .results import INCUMBENT, Adoption, ScenarioResult
from .solving import Outcome
from .versions import versions

#: What stopped a scenario that was never begun, or that failed.
NOT_RUN, DEFECT = "interrupted", "defect"


def solved_result(scenario: LoadedScenario, outcome: Outcome) -> ScenarioResult:
    """A scenario that was solved, or why it was not."""
    defect = outcome.defects.get(scenario.name, "")
    result = outcome.results.get(scenario.name)
    if result is None:
        stopped_by = DEFECT if defect else NOT_RUN
        empty = _result(scenario, scenario.name, None, Status.UNKNOWN, None)
        return replace(empty, stopped_by=stopped_by, defect=defect)
    try:
        return _result(scenario, scenario.name, result.plan, result.status, result)
    except Exception:
        empty = _result(scenario, scenario.name, None, Status.UNKNOWN, result)
        return replace(empty, stopped_by=DEFECT, defect=traceback.format_exc())


def measured_result(scenario: LoadedScenario, plan: Plan, name: str) -> ScenarioResult:
    """A given plan of a scenario; ``invalid`` where it breaks hard rules."""
    result = _result(scenario, name, plan, Status.FEASIBLE, None)
    feasible = result.evaluation is not None and result.evaluation.feasible
    return result if feasible else replace(result, status=Status.INVALID)


def results_by_hand(
    book: Workbook,
    solved: Mapping[str, TerritoryResult],
    adopted: Sequence[tuple[Adoption, Plan]],
) -> list[ScenarioResult]:
    """Plans made by hand, of the scenarios whose problems they are of."""
    results = []
    for adoption, plan in adopted:
        result = measured_result(book[adoption.scenario], plan, adoption.name)
        known = solved.get(adoption.scenario)
        if known is not None and result.status is not Status.INVALID:
            result = replace(result, territory=_held_against(result, known))
        said = f"by hand from {adoption.edited}, {adoption.author}: {adoption.reason}"
        results.append(replace(result, adoption=adoption, description=said, stopped_by="by hand"))
    return results


def _held_against(result: ScenarioResult, solved: TerritoryResult) -> TerritoryResult:
    """Stages of a plan made by hand, with what is proven of its scenario's problem.

    The bound of a stage holds for plans that are no worse than the solved one in the
    stages before; where this one is worse, nothing is known of the later stages.
    """
    assert result.evaluation is not None  # noqa: S101 - it was measured
    stages, holds = [], True
    for stage in solved.stages:
        value = result.evaluation.objectives[stage.name]
        slack = 1e-6 * max(1.0, abs(value))
        bound = stage.bound if holds else None
        proven = bound is not None and value <= bound + slack
        status = Status.OPTIMAL if proven else Status.FEASIBLE
        stages.append(StageResult(stage.name, status, value, bound, stage.sense))
        holds = holds and stage.objective is not None and value <= stage.objective + slack
    return replace(
        solved,
        plan=result.plan,
        status=Status.FEASIBLE,
        stages=tuple(stages),
        stopped_by="by hand",
        evaluation=result.evaluation,
        explanation=(),
        seconds=0.0,
        work={},
    )


def todays_result(base: LoadedScenario) -> ScenarioResult | None:
    """Today's alignment measured on the base's problem; None where none is given."""
    if not any(base.problem.covers.incumbent_ids):
        return None
    return measured_result(base, Plan.incumbent(base.problem), INCUMBENT)


def _result(
    scenario: LoadedScenario,
    name: str,
    plan: Plan | None,
    status: Status,
    territory: TerritoryResult | None,
) -> ScenarioResult:
    settings = scenario.resolved.settings
    evaluation = evaluate(scenario.problem, plan) if plan is not None else None
    study: QuotaStudy | None = None
    forecast: PayForecast | None = None
    letters: tuple[Letter, ...] = ()
    if settings.quotas is not None and plan is not None and name != INCUMBENT:
        study, forecast, letters = _with_quotas(scenario, plan)
    quotas = None if study is None else study.result
    quota_table = pd.DataFrame(columns=list(QUOTA_COLUMNS)) if quotas is None else quotas.quotas
    campaigns = None
    if plan is not None:
        campaigns = study_campaigns(settings, scenario.tables, scenario.problem, plan, quota_table)
    quota_notes = (*quotas.reasons, *quotas.notes) if quotas else ()
    quota_notes += study.notes if study else ()
    quota_notes += forecast.notes if forecast else ()
    quota_notes += campaigns.notes if campaigns else ()
    explanation = territory.explanation if territory else ()
    return ScenarioResult(
        name=name,
        settings=scenario.resolved.plain(),
        problem=scenario.problem,
        status=status,
        plan=plan,
        evaluation=evaluation,
        territory=territory,
        quotas=quotas,
        quota_table=quota_table,
        quota_study=study,
        structure=scenario.structure,
        geometry=scenario.geometry,
        money=None,
        changes=scenario.changes if name != INCUMBENT else (),
        inputs=scenario.inputs,
        input_hash=scenario.input_hash,
        written_hash=scenario.written_hash,
        quarantined=scenario.quarantined,
        notes=tuple(dict.fromkeys((*explanation, *quota_notes, *scenario.notes))),
        description=scenario.resolved.note,
        seed=settings.seed,
        versions=versions(),
        stopped_by=territory.stopped_by if territory else "",
        seconds=territory.seconds if territory else 0.0,
        forecast=forecast,
        letters=letters,
        campaigns=campaigns,
    )


def _with_quotas(
    scenario: LoadedScenario, plan: Plan
) -> tuple[QuotaStudy, PayForecast | None, tuple[Letter, ...]]:
    """Quotas of a plan, what they pay, and the letters about them."""
    settings, tables, problem = scenario.resolved.settings, scenario.tables, scenario.problem
    study = quotas_of(settings, tables, problem, plan, scenario.structure)
    forecast = forecast_of(settings, tables, problem, plan, study.result)
    letters = collect_letters(
        settings, tables, problem, plan, scenario.structure, study.result, forecast
    )
    return study, forecast, letters
