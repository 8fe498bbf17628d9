"""One territory problem after another, and what became of each."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ...models.plan import Plan
from ...models.problem import Problem
from ...optimizer.territories.result import Progress, TerritoryResult

if TYPE_CHECKING:
    from ...optimizer.territories.search.together import Workers

#: Called with the scenario's name and a word from its solve.
Listener = Callable[[str, Progress], None]


class Appraisal(Protocol):
    """Judges a plan otherwise than by its objective, in money say."""

    @property
    def key(self) -> str:
        """Hash of what the bound depends on beside the plan and its problem."""
        ...

    def bound(self, problem: Problem, plan: Plan, reached: Mapping[str, float]) -> float:
        """What no plan that keeps what was reached, by stage, can be worth more than."""
        ...


@dataclass(frozen=True, eq=False)
class Task:
    """One territory problem to be solved, with its limits.

    Parameters
    ----------
    key
        Hash of everything that the result depends on; tasks of one key have one result.
    searches
        Of a large problem, sharing their best.
    appraisal
        Gives a bound of another kind as soon as there is a plan; None for none.
    """

    name: str
    problem: Problem
    work: float
    seconds: float | None
    gap: float
    seed: int
    start: Plan | None = None
    key: str = ""
    searches: int = 1
    appraisal: Appraisal | None = None


class Shelf(Protocol):
    """Where results are kept from one run to the next."""

    def get(self, task: Task) -> TerritoryResult | None:
        """Return what is known of a task; None where it has to be solved."""

    def put(self, task: Task, result: TerritoryResult) -> None:
        """Keep a result; called as soon as there is one."""

    def bound(self, task: Task) -> float | None:
        """Return the bound that a task's appraisal gave; None where it is not known."""

    def put_bound(self, task: Task, value: float) -> None:
        """Keep the bound that a task's appraisal gave."""


@dataclass(eq=False)
class Outcome:
    """What became of the tasks.

    Parameters
    ----------
    results
        By name; a task is missing where it failed or was never begun.
    bounds
        By name: what the task's appraisal says; missing where it was not asked.
    defects
        Tracebacks by name.
    computed
        Names of tasks whose results were not known before.
    interrupted
        Whether somebody stopped the work.
    """

    results: dict[str, TerritoryResult] = field(default_factory=dict)
    bounds: dict[str, float] = field(default_factory=dict)
    defects: dict[str, str] = field(default_factory=dict)
    computed: set[str] = field(default_factory=set)
    interrupted: bool = False


@dataclass(frozen=True, eq=False)
class Ledger:
    """Notes what came of tasks, and keeps the results that can be used again."""

    outcome: Outcome
    shelf: Shelf | None
    listener: Listener | None

    def result(self, task: Task, result: TerritoryResult, bound: float | None = None) -> None:
        """Note a result and its appraisal; one that was interrupted is for this run only."""
        if bound is not None:
            self.outcome.bounds[task.name] = bound
        self.outcome.results[task.name] = result
        self.outcome.computed.add(task.name)
        if result.stopped_by == "interrupted":
            self.outcome.interrupted = True
        elif self.shelf is not None:
            self.shelf.put(task, result)
            if bound is not None:
                self.shelf.put_bound(task, bound)

    def defect(self, task: Task, text: str) -> None:
        """Note a failure, as a traceback."""
        self.outcome.defects[task.name] = text

    def progress(self, task: Task, progress: Progress) -> None:
        """Pass on a word from a solve."""
        if self.listener is not None:
            self.listener(task.name, progress)


def solve_tasks(
    tasks: Sequence[Task],
    jobs: int = 1,
    listener: Listener | None = None,
    shelf: Shelf | None = None,
    executor: Executor | None = None,
) -> Outcome:
    """Solve all tasks; a failure of one does not stop the others, an interrupt does.

    What the shelf knows is not solved again, and what two tasks have in common is
    solved once.

    Parameters
    ----------
    jobs
        Processes that solve at once; one solves here.
    executor
        Solves instead: threads, processes, a cluster.
    """
    from .executors import search_workers, solve_by_executor
    from .processes import Processes

    outcome = Outcome()
    ledger = Ledger(outcome, shelf, listener)
    first_of: dict[str, Task] = {}
    for task in tasks:
        first_of.setdefault(task.key or task.name, task)
    open_ones = []
    for task in first_of.values():
        known = shelf.get(task) if shelf is not None else None
        if known is None:
            open_ones.append(task)
        else:
            outcome.results[task.name] = known
    # Tasks enough for everybody are solved whole; of fewer, searches are handed out.
    spread = [task for task in open_ones if task.searches > len(open_ones)]
    whole = [task for task in open_ones if task.searches <= len(open_ones)]
    if executor is not None:
        solve_by_executor(whole, executor, ledger)
    elif jobs > 1 and len(whole) > 1:
        Processes(min(jobs, len(whole)), ledger).solve(whole)
    else:
        _solve_here(whole, ledger)
    if spread and not outcome.interrupted:
        with search_workers(jobs, executor) as workers:
            _solve_here(spread, ledger, workers)
    _share(tasks, first_of, outcome)
    if shelf is not None:
        for task in tasks:
            if task.name in outcome.results and task.name not in outcome.bounds:
                bound = shelf.bound(task)
                if bound is not None:
                    outcome.bounds[task.name] = bound
    return outcome


def solve_task(
    task: Task,
    report: Callable[[Progress], None] | None = None,
    workers: Workers | None = None,
) -> TerritoryResult:
    """Solve one task, its searches by workers if there are any."""
    from ...optimizer import solve_territories
    from ...optimizer.territories.search.together import one_after_another

    return solve_territories(
        task.problem,
        work=task.work,
        seconds=task.seconds,
        gap=task.gap,
        seed=task.seed,
        start=task.start,
        progress=report,
        searches=task.searches,
        workers=workers or one_after_another,
    )


def appraise(task: Task, result: TerritoryResult) -> float | None:
    """The bound of a task's appraisal; None without one, and where it fails.

    Whoever needs it computes it again, and hears of the failure then.
    """
    plan, evaluation = result.plan, result.evaluation
    if task.appraisal is None or plan is None or evaluation is None:
        return None
    if result.stopped_by == "interrupted":
        return None
    try:
        return task.appraisal.bound(task.problem, plan, evaluation.objectives)
    except Exception:
        return None


def _solve_here(tasks: Sequence[Task], ledger: Ledger, workers: Workers | None = None) -> None:
    for task in tasks:
        report = _reporter(task, ledger)
        try:
            result = solve_task(task, report, workers) if workers else solve_task(task, report)
        except KeyboardInterrupt:
            ledger.outcome.interrupted = True
            break
        except Exception:
            ledger.defect(task, traceback.format_exc())
            continue
        ledger.result(task, result, appraise(task, result))
        if ledger.outcome.interrupted:
            break


def _reporter(task: Task, ledger: Ledger) -> Callable[[Progress], None] | None:
    if ledger.listener is None:
        return None
    return lambda progress: ledger.progress(task, progress)


def _share(tasks: Sequence[Task], first_of: dict[str, Task], outcome: Outcome) -> None:
    """Give tasks what became of the one that was solved in their place."""
    for task in tasks:
        solved = first_of[task.key or task.name].name
        if solved == task.name:
            continue
        if solved in outcome.results:
            outcome.results[task.name] = outcome.results[solved]
        if solved in outcome.defects:
            outcome.defects[task.name] = outcome.defects[solved]
