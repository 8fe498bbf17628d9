"""Runs scenarios: solve, measure, set quotas, put money on it, compare. Prints nothing."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from ..models.evaluation import evaluate
from ..models.plan import Plan, Status
from ..optimizer.quotas.result import QuotaResult
from ..optimizer.territories.result import StageResult, TerritoryResult
from .campaigns import Effect, effects_of
from .campaigns.study import study_campaigns
from .comparison import compare_pairs, comparison_table
from .files.sections import Money as MoneySettings
from .letters import Letter, collect_letters
from .loading import LoadedScenario, Workbook, load
from .money import (
    Appraisal,
    Basis,
    Contest,
    Figures,
    Market,
    PlanFacts,
    assumption_ranges,
    facts_of,
    money_of,
)
from .money.measuring import money_differences
from .pay import PayForecast, forecast_of
from .quotas import QUOTA_COLUMNS, QuotaStudy, quotas_of
from .results import INCUMBENT, Adoption, AssumptionRange, Money, RunResult, ScenarioResult
from .solving import Listener, Outcome, Task, result_key, solve_tasks
from .store import ResultShelf
from .versions import versions

#: What stopped a scenario that was never begun, or that failed.
NOT_RUN, DEFECT = "interrupted", "defect"


def run(
    workbook: Workbook | str | Path,
    *,
    jobs: int = 1,
    work: float | None = None,
    seconds: float | None = None,
    starts: Mapping[str, Plan] | None = None,
    progress: Listener | None = None,
    executor: Executor | None = None,
    shelf: ResultShelf | None = None,
    adopted: Sequence[tuple[Adoption, Plan]] = (),
) -> RunResult:
    """Solve all scenarios of a workbook, measure them and set them side by side.

    Parameters
    ----------
    workbook
        What :func:`load` returned, or the path of a scenario file.
    jobs
        Scenarios solved at once, in processes; the result does not depend on it.
    work, seconds
        In place of the scenarios' own limits.
    starts
        Plans to start from, by scenario name.
    progress
        Called with a scenario's name and a word from its solve.
    executor
        Solves in place of ``jobs`` processes: threads, processes, a cluster.
    shelf
        Where results are kept as soon as they are there; what it knows is not solved
        again.
    adopted
        Plans made by hand that stand beside the scenarios whose problems they are of.

    Raises
    ------
    BadInput
        When the workbook is given as a file with problems.
    """
    book = workbook if isinstance(workbook, Workbook) else load(workbook)
    ledger = _ledger_of(book)
    tasks = [
        _task(scenario, work, seconds, (starts or {}).get(scenario.name), ledger)
        for scenario in book.scenarios
    ]
    outcome = solve_tasks(tasks, jobs, progress, shelf, executor)
    solved = [_solved(scenario, outcome) for scenario in book.scenarios]
    solved += _by_hand(book, outcome.results, adopted)
    result = _together(book, solved, interrupted=outcome.interrupted, bounds=outcome.bounds)
    _keep_bounds(tasks, outcome, result, shelf)
    return replace(result, computed=frozenset(outcome.computed))


def reassemble(
    workbook: Workbook,
    solved: Mapping[str, TerritoryResult],
    adopted: Sequence[tuple[Adoption, Plan]] = (),
    given: Mapping[str, Plan] | None = None,
) -> RunResult:
    """Set results that were solved before side by side again, with plans made by hand.

    Nothing is solved; see :func:`measure` for ``given`` and :func:`run` for ``adopted``.
    """
    outcome = Outcome(results=dict(solved))
    results = [
        _measured(scenario, given[scenario.name], scenario.name)
        if given and scenario.name in given
        else _solved(scenario, outcome)
        for scenario in workbook.scenarios
    ]
    results += _by_hand(workbook, solved, adopted)
    return _together(workbook, results, interrupted=False)


def measure(workbook: Workbook, plans: Mapping[str, Plan]) -> RunResult:
    """Measure given plans, unsolved, by scenario name.

    A plan that breaks hard rules is ``invalid``.
    """
    measured = [
        _measured(scenario, plans[scenario.name], scenario.name)
        for scenario in workbook.scenarios
        if scenario.name in plans
    ]
    return _together(workbook, measured, interrupted=False)


def compare(
    results: Sequence[ScenarioResult], incumbent: ScenarioResult | None = None
) -> pd.DataFrame:
    """Set scenario results side by side: one row each, the incumbent first."""
    return comparison_table(incumbent, results, compare_pairs(incumbent, results))


def _task(
    scenario: LoadedScenario,
    work: float | None,
    seconds: float | None,
    start: Plan | None,
    ledger: _Ledger | None,
) -> Task:
    limits = scenario.resolved.settings.limits
    task = Task(
        name=scenario.name,
        problem=scenario.problem,
        work=limits.work if work is None else work,
        seconds=limits.seconds if seconds is None else seconds,
        gap=limits.gap,
        seed=scenario.resolved.settings.seed,
        start=start,
        searches=limits.searches,
        appraisal=None if ledger is None else ledger.appraisal(scenario),
    )
    return replace(task, key=result_key(task))


def _keep_bounds(
    tasks: Sequence[Task], outcome: Outcome, result: RunResult, shelf: ResultShelf | None
) -> None:
    """Keep bounds on money that were computed here, for the next run."""
    for task in tasks:
        money = result[task.name].money
        solved = task.name in outcome.results
        if shelf is not None and money is not None and solved and task.name not in outcome.bounds:
            shelf.put_bound(task, money.bound)


def _solved(scenario: LoadedScenario, outcome: Outcome) -> ScenarioResult:
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


def _measured(scenario: LoadedScenario, plan: Plan, name: str) -> ScenarioResult:
    result = _result(scenario, name, plan, Status.FEASIBLE, None)
    feasible = result.evaluation is not None and result.evaluation.feasible
    return result if feasible else replace(result, status=Status.INVALID)


def _by_hand(
    book: Workbook,
    solved: Mapping[str, TerritoryResult],
    adopted: Sequence[tuple[Adoption, Plan]],
) -> list[ScenarioResult]:
    results = []
    for adoption, plan in adopted:
        result = _measured(book[adoption.scenario], plan, adoption.name)
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


def _result(
    scenario: LoadedScenario,
    name: str,
    plan: Plan | None,
    status: Status,
    territory: TerritoryResult | None,
) -> ScenarioResult:
    settings = scenario.resolved.settings
    evaluation = evaluate(scenario.problem, plan) if plan is not None else None
    quotas: QuotaResult | None = None
    study: QuotaStudy | None = None
    forecast: PayForecast | None = None
    letters: tuple[Letter, ...] = ()
    if settings.quotas is not None and plan is not None and name != INCUMBENT:
        study = quotas_of(settings, scenario.tables, scenario.problem, plan, scenario.structure)
        quotas = study.result
        forecast = forecast_of(settings, scenario.tables, scenario.problem, plan, quotas)
        letters = collect_letters(
            settings,
            scenario.tables,
            scenario.problem,
            plan,
            scenario.structure,
            quotas,
            forecast,
        )
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


def _together(
    book: Workbook,
    results: list[ScenarioResult],
    *,
    interrupted: bool,
    bounds: Mapping[str, float] | None = None,
) -> RunResult:
    """Money, verdicts and the comparison; bounds on money by name where they are known."""
    incumbent = _incumbent(book.base)
    assumptions: tuple[AssumptionRange, ...] = ()
    ledger = _ledger_of(book)
    if incumbent is not None and ledger is not None:
        proven = bounds or {}
        incumbent = replace(incumbent, money=ledger.money(book.base, incumbent))
        results = [
            replace(r, money=ledger.money(book[r.problem_name], r, proven.get(r.name)))
            for r in results
        ]
        assumptions = ledger.assumptions()
    verdicts = compare_pairs(incumbent, results)
    settings = book.base.resolved.settings
    return RunResult(
        name=book.name,
        source=book.source,
        currency=settings.currency,
        price_year=settings.price_year,
        incumbent=incumbent,
        scenarios=tuple(results),
        comparison=comparison_table(incumbent, results, verdicts),
        verdicts=verdicts,
        assumptions=assumptions,
        interrupted=interrupted,
    )


def _incumbent(base: LoadedScenario) -> ScenarioResult | None:
    """Today's alignment measured on the base's problem; None where none is given."""
    if not any(base.problem.covers.incumbent_ids):
        return None
    return _measured(base, Plan.incumbent(base.problem), INCUMBENT)


def _ledger_of(book: Workbook) -> _Ledger | None:
    """None where no alignment of today is given that responses could be fitted to."""
    problem = book.base.problem
    return _Ledger(book, Plan.incumbent(problem)) if any(problem.covers.incumbent_ids) else None


class _Ledger:
    """Puts money on the results of one workbook, all by the same responses of today."""

    def __init__(self, book: Workbook, today: Plan) -> None:
        # Responses are fitted to today, which knows nothing of campaigns to come.
        problem = book.base.problem.without_campaigns()
        owners = problem.owners.ids
        self.employed = frozenset(problem.covers.incumbent_ids) & frozenset(owners)
        self.market = Market(tuple(sorted(set(problem.units.wholes))))
        self.today = facts_of(problem, today, self.market, self.employed)
        self.basis = Basis(self.market, self.today, self.employed)
        self.facts: dict[str, PlanFacts] = {}
        self.settings: dict[str, MoneySettings] = {}
        self.campaigns: dict[str, Mapping[str, Effect]] = {}
        self.plain: dict[str, Mapping[str, Any]] = {}
        self.currency = problem.currency

    def appraisal(self, scenario: LoadedScenario) -> Appraisal | None:
        """How the scenario's plan is judged; None without money."""
        settings = scenario.resolved.settings
        if settings.money is None:
            return None
        return Appraisal(Figures.of(settings.money, effects_of(settings)), self.basis)

    def money(
        self, scenario: LoadedScenario, result: ScenarioResult, proven: float | None = None
    ) -> Money | None:
        settings = scenario.resolved.settings.money
        if settings is None or result.plan is None:
            return None
        facts = facts_of(result.problem, result.plan, self.market, self.employed)
        effects = effects_of(scenario.resolved.settings)
        if not result.frozen:
            self.facts[result.name], self.settings[result.name] = facts, settings
            self.campaigns[result.name], self.plain[result.name] = effects, result.settings
        reached = None
        if result.territory is not None and result.evaluation is not None:
            reached = result.evaluation.objectives
        return money_of(
            facts, settings, self.market, self.today, self.currency, reached, proven, effects
        )

    def assumptions(self) -> tuple[AssumptionRange, ...]:
        pairs = combinations(self.plain.values(), 2)
        if len(self.plain) < 2 or any(money_differences(*pair) for pair in pairs):
            return ()  # where money measures scenarios differently, there is no order to turn
        contest = Contest(self.market, self.today, self.facts, self.settings, self.campaigns)
        return assumption_ranges(contest, self.currency)
