"""Runs scenarios: solve, measure, set quotas, put money on it, compare. Prints nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..models.plan import Plan
from ..optimizer.territories.result import TerritoryResult
from .comparison import compare_pairs, comparison_table
from .ledger import Ledger, ledger_of
from .loading import LoadedScenario, Workbook, load
from .measuring import measured_result, results_by_hand, solved_result, todays_result
from .results import Adoption, AssumptionRange, RunResult, ScenarioResult
from .solving import Listener, Outcome, Task, result_key, solve_tasks
from .store import ResultShelf


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
    ledger = ledger_of(book)
    tasks = [
        _task(scenario, work, seconds, (starts or {}).get(scenario.name), ledger)
        for scenario in book.scenarios
    ]
    outcome = solve_tasks(tasks, jobs, progress, shelf, executor)
    solved = [solved_result(scenario, outcome) for scenario in book.scenarios]
    solved += results_by_hand(book, outcome.results, adopted)
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
        measured_result(scenario, given[scenario.name], scenario.name)
        if given and scenario.name in given
        else solved_result(scenario, outcome)
        for scenario in workbook.scenarios
    ]
    results += results_by_hand(workbook, solved, adopted)
    return _together(workbook, results, interrupted=False)


def measure(workbook: Workbook, plans: Mapping[str, Plan]) -> RunResult:
    """Measure given plans, unsolved, by scenario name.

    A plan that breaks hard rules is ``invalid``.
    """
    measured = [
        measured_result(scenario, plans[scenario.name], scenario.name)
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
    ledger: Ledger | None,
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


def _together(
    book: Workbook,
    results: list[ScenarioResult],
    *,
    interrupted: bool,
    bounds: Mapping[str, float] | None = None,
) -> RunResult:
    """Money, verdicts and the comparison; bounds on money by name where they are known."""
    incumbent = todays_result(book.base)
    assumptions: tuple[AssumptionRange, ...] = ()
    ledger = ledger_of(book)
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
