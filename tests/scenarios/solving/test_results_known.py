"""What is known is not solved again, and every way of solving gives the same results."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import teig.scenarios.solving.tasks as solving
from teig.models import Plan, Status
from teig.models.errors import BadInput
from teig.optimizer.territories.result import Progress, StageResult, TerritoryResult
from teig.scenarios import Workbook, load, run
from teig.scenarios.solving import Outcome, Task, cluster, result_key, solve_tasks
from teig.scenarios.solving import executors as by_executor
from teig.scenarios.store import ResultShelf

from tests.scenarios.starter import replaced, starter, yaml

TINY = 0.001


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return load(starter(tmp_path_factory.mktemp("known") / "plan"))


def tasks_of(book: Workbook, work: float = TINY) -> list[Task]:
    tasks = [Task(s.name, s.problem, work, None, 0.0, 1) for s in book.scenarios]
    return [replace(task, key=result_key(task)) for task in tasks]


def facts(outcome: Outcome) -> dict[str, object]:
    """All of the results but for seconds."""
    return {
        name: (result.plan, result.status, result.stages, result.stopped_by, result.explanation)
        for name, result in outcome.results.items()
    }


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tasks that were really solved here."""
    names: list[str] = []
    real = solving.solve_task

    def noted(task: Task, report: Callable[[Progress], None] | None = None) -> TerritoryResult:
        names.append(task.name)
        return real(task, report)

    monkeypatch.setattr(solving, "solve_task", noted)
    return names


def test_only_what_changed_is_computed(book: Workbook, tmp_path: Path, solved: list[str]) -> None:
    shelf = ResultShelf(tmp_path)
    cold = run(book, work=TINY, shelf=shelf)
    assert cold.computed == set(solved) == {"rebalanced", "steady", "four_reps"}
    warm = run(book, work=TINY, shelf=shelf)
    assert warm.computed == frozenset()
    assert warm.comparison.equals(cold.comparison)
    for before, after in zip(cold.scenarios, warm.scenarios, strict=True):
        assert (before.plan, before.stages) == (after.plan, after.stages)
        assert before.notes == after.notes
        assert before.seconds == after.seconds
    yaml("share: 0.08", "share: 0.07")(book.folder)
    try:
        changed = run(load(book.folder / "scenario.yaml"), work=TINY, shelf=shelf)
    finally:
        yaml("share: 0.07", "share: 0.08")(book.folder)
    assert changed.computed == {"steady"}
    assert len(solved) == 4
    assert run(book, work=TINY, shelf=ResultShelf(tmp_path, fresh=True)).computed == cold.computed


def test_a_key_holds_all_that_decides_and_no_more(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")

    def keys(*settings: str) -> list[str]:
        return [task.key for task in tasks_of(load(file, settings=settings))]

    known = keys()
    assert len(set(known)) == 3
    assert keys("money.margin=0.5", "quotas.budget=16000000", "name=Another") == known
    for setting in ("rules.balance_load.tolerance=0.2", "calendar.administration=0.1"):
        assert not set(keys(setting)) & set(known)
    task = tasks_of(load(file))[0]
    for other in (
        replace(task, work=2 * TINY),
        replace(task, seconds=60.0),
        replace(task, gap=0.1),
        replace(task, seed=2),
        replace(task, start=Plan.incumbent(task.problem)),
    ):
        assert result_key(other) != task.key
    replaced("reps.csv", "R1", "R1")(tmp_path / "plan")
    assert keys() == known
    replaced("units.csv", "478000", "478001")(tmp_path / "plan")
    assert not set(keys()) & set(known)


def test_the_order_of_stages_is_part_of_the_key(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    orders = ("objective.order=[travel, disruption]", "objective.order=[disruption, travel]")
    first, second = ({t.key for t in tasks_of(load(file, settings=[o]))} for o in orders)
    assert not first & second


def test_alike_scenarios_are_solved_once(tmp_path: Path, solved: list[str]) -> None:
    file = starter(tmp_path / "plan")
    yaml("rebalanced: []", "rebalanced: []\n  dear: {set: {money.margin: 0.5}}")(file.parent)
    result = run(load(file, scenarios=("rebalanced", "dear")), work=TINY)
    assert solved == ["rebalanced"]
    assert result["dear"].plan == result["rebalanced"].plan
    dear, cheap = result["dear"].money, result["rebalanced"].money
    assert dear is not None and cheap is not None
    assert dear.amount("margin") > cheap.amount("margin")


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text[:0],
        lambda text: text.replace('"format":1', '"format":0'),
        lambda text: text.replace('"owner":[', '"owner":[-1,'),
        lambda text: text.replace('"objective":', '"objective":1'),
    ],
)
def test_a_harmed_result_is_computed_anew(
    harm: Callable[[str], str], book: Workbook, tmp_path: Path
) -> None:
    shelf, task = ResultShelf(tmp_path), tasks_of(book)[0]
    first = solve_tasks([task], shelf=shelf)
    (path,) = tmp_path.rglob("result.json")
    good = path.read_text(encoding="utf-8")
    assert harm(good) != good
    path.write_text(harm(good), encoding="utf-8")
    again = solve_tasks([task], shelf=shelf)
    assert again.computed == {"rebalanced"}
    assert facts(again) == facts(first)
    assert path.read_text(encoding="utf-8") == good


def test_interrupted_and_failed_results_are_not_kept(
    book: Workbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def solve(task: Task, report: object = None) -> TerritoryResult:
        del report
        if task.name == "rebalanced":
            raise ZeroDivisionError("made up")
        stopped_by = "work" if task.name == "steady" else "interrupted"
        stage = StageResult("capacity", Status.UNKNOWN, None, float("-inf"))
        return TerritoryResult(None, Status.UNKNOWN, (stage,), stopped_by, 1, {})

    monkeypatch.setattr(solving, "solve_task", solve)
    shelf, tasks = ResultShelf(tmp_path), tasks_of(book)
    outcome = solve_tasks(tasks, shelf=shelf)
    assert list(outcome.defects) == ["rebalanced"]
    assert outcome.interrupted
    assert [shelf.get(task) is not None for task in tasks] == [False, True, False]
    known = shelf.get(tasks[1])
    assert known is not None
    assert known.stages == outcome.results["steady"].stages


def test_executors_and_processes_give_the_same_results(book: Workbook) -> None:
    tasks = tasks_of(book)
    here = facts(solve_tasks(tasks))
    assert len(here) == 3
    assert facts(solve_tasks(tasks, jobs=2)) == here
    with ThreadPoolExecutor(2) as threads:
        assert facts(solve_tasks(tasks, executor=threads)) == here


class Deaf(Executor):
    """Runs at once, as a worker that answers with other versions."""

    def submit(self, function: Callable[..., object], /, *given: object, **more: object) -> Future:  # type: ignore[type-arg]
        future: Future[object] = Future()
        try:
            future.set_result(function(*given, **more))
        except BaseException as error:
            future.set_exception(error)
        return future


def test_a_worker_with_another_version_is_named(
    book: Workbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([{"teig": "9.9"}])
    monkeypatch.setattr(by_executor, "versions", lambda: next(answers, {"teig": "0.1"}))
    monkeypatch.setattr(
        by_executor,
        "solve_task",
        lambda _: TerritoryResult(None, Status.UNKNOWN, (), "work", 1, {}),
    )
    outcome = solve_tasks(tasks_of(book)[:1], executor=Deaf())
    assert "a worker has teig 9.9, this machine has teig 0.1" in outcome.defects["rebalanced"]


def test_a_failing_worker_sinks_no_other_scenario(
    book: Workbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(task: Task) -> TerritoryResult:
        if task.name == "steady":
            raise MemoryError("made up")
        return TerritoryResult(None, Status.UNKNOWN, (), "work", 1, {})

    monkeypatch.setattr(by_executor, "solve_task", fail)
    outcome = solve_tasks(tasks_of(book), executor=Deaf())
    assert outcome.results.keys() == {"rebalanced", "four_reps"}
    assert "MemoryError: made up" in outcome.defects["steady"]


def test_a_killed_process_is_replaced(book: Workbook) -> None:
    tasks = tasks_of(book)
    killed: list[int] = []

    def kill_first(name: str, progress: Progress) -> None:
        del name, progress
        if not killed:
            victim = min(p.pid for p in multiprocessing.active_children() if p.pid)
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    outcome = solve_tasks(tasks, jobs=2, listener=kill_first)
    assert len(killed) == 1
    assert outcome.defects == {}
    assert facts(outcome) == facts(solve_tasks(tasks))


def test_a_missing_scheduler_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match=r"needs dask.distributed: pip install 'teig\[cluster\]'"):
        cluster("tcp://127.0.0.1:1").__enter__()


def test_results_are_plain_data(book: Workbook, tmp_path: Path) -> None:
    solve_tasks(tasks_of(book)[:1], shelf=ResultShelf(tmp_path))
    (path,) = tmp_path.rglob("result.json")
    assert set(json.loads(path.read_text(encoding="utf-8"))) >= {"plan", "stages", "versions"}
    assert not list(tmp_path.rglob("*.partial"))


def test_everything_of_a_result_is_kept(book: Workbook, tmp_path: Path) -> None:
    task = tasks_of(book)[0]
    (result,) = solve_tasks([task]).results.values()
    assert result.plan is not None
    centres = np.full(len(task.problem.owners), -1)
    placed = replace(result, plan=replace(result.plan, centres=centres))
    shelf = ResultShelf(tmp_path)
    shelf.put(task, placed)
    again = shelf.get(task)
    assert again is not None
    for field in dataclasses.fields(TerritoryResult):
        if field.name != "evaluation":
            assert getattr(again, field.name) == getattr(placed, field.name), field.name
    assert again.plan is not None
    assert again.plan.centres is not None
    assert again.evaluation is not None


def test_bounds_on_money_are_found_by_the_workers_and_kept(
    book: Workbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = ResultShelf(tmp_path)
    cold = run(book, work=TINY)

    def not_here(*_: object) -> float:
        raise AssertionError("computed once more")

    # What is computed beside the solves is computed one after the other.
    monkeypatch.setattr("teig.scenarios.money.table.contribution_bound", not_here)
    solved = run(book, work=TINY, shelf=shelf)
    assert solved.comparison.equals(cold.comparison)
    monkeypatch.setattr("teig.scenarios.money.appraisal.contribution_bound", not_here)
    known = run(book, work=TINY, shelf=shelf)
    assert known.comparison.equals(cold.comparison)
    other = load(book.folder / "scenario.yaml", settings=["money.margin=0.4"])
    with pytest.raises(AssertionError, match="once more"):
        run(other, work=TINY, shelf=shelf)
