"""Solves scenarios one after another, or in processes: the results are the same."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import MappingProxyType
from typing import Any

from ..models.plan import Plan
from ..models.problem import Problem
from ..optimizer.territories.result import Progress, TerritoryResult

#: Called with the scenario's name and a word from its solve.
Listener = Callable[[str, Progress], None]


@dataclass(frozen=True, eq=False)
class Task:
    """One territory problem to be solved, with its limits."""

    name: str
    problem: Problem
    work: float
    seconds: float | None
    gap: float
    seed: int
    start: Plan | None = None


@dataclass(eq=False)
class Outcome:
    """What became of the tasks.

    Parameters
    ----------
    results
        By name; a task is missing where it failed or was never begun.
    defects
        Tracebacks by name.
    interrupted
        Whether somebody stopped the work.
    """

    results: dict[str, TerritoryResult] = field(default_factory=dict)
    defects: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False


def solve_tasks(tasks: Sequence[Task], jobs: int, listener: Listener | None) -> Outcome:
    """Solve all tasks; a failure of one does not stop the others, an interrupt does."""
    if jobs <= 1 or len(tasks) <= 1:
        return _solve_here(tasks, listener)
    return _Pool(jobs, listener).solve(tasks)


def _solve(task: Task, report: Callable[[Progress], None] | None) -> TerritoryResult:
    from ..optimizer import solve_territories

    return solve_territories(
        task.problem,
        work=task.work,
        seconds=task.seconds,
        gap=task.gap,
        seed=task.seed,
        start=task.start,
        progress=report,
    )


def _solve_here(tasks: Sequence[Task], listener: Listener | None) -> Outcome:
    outcome = Outcome()
    for task in tasks:
        report = _reporter(task.name, listener)
        try:
            result = _solve(task, report)
        except KeyboardInterrupt:
            outcome.interrupted = True
            break
        except Exception:
            outcome.defects[task.name] = traceback.format_exc()
            continue
        outcome.results[task.name] = result
        if result.stopped_by == "interrupted":
            outcome.interrupted = True
            break
    return outcome


def _reporter(name: str, listener: Listener | None) -> Callable[[Progress], None] | None:
    if listener is None:
        return None
    heard = listener
    return lambda progress: heard(name, progress)


class _Pool:
    """Processes that solve a task each, a given number at a time."""

    def __init__(self, jobs: int, listener: Listener | None) -> None:
        self.jobs = jobs
        self.listener = listener
        self.context = multiprocessing.get_context("spawn")
        self.outcome = Outcome()
        self.running: dict[Connection, tuple[str, Any]] = {}

    def solve(self, tasks: Sequence[Task]) -> Outcome:
        waiting = list(tasks)
        while waiting or self.running:
            try:
                while waiting and len(self.running) < self.jobs and not self.outcome.interrupted:
                    self._begin(waiting.pop(0))
                if self.outcome.interrupted and not self.running:
                    break
                self._listen()
            except KeyboardInterrupt:
                self._interrupt()
        return self.outcome

    def _begin(self, task: Task) -> None:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(
            target=_solve_in_process, args=(_packed(task), theirs, self.listener is not None)
        )
        process.start()
        theirs.close()
        self.running[ours] = (task.name, process)

    def _listen(self) -> None:
        for connection in wait(list(self.running)):
            if not isinstance(connection, Connection):
                continue
            name, process = self.running[connection]
            try:
                kind, content = pickle.loads(connection.recv_bytes())  # noqa: S301 - our own process
            except EOFError:
                kind, content = "defect", "the process ended without an answer\n"
            if kind == "progress":
                if self.listener is not None:
                    self.listener(name, content)
                continue
            if kind == "result":
                self.outcome.results[name] = content
                self.outcome.interrupted |= content.stopped_by == "interrupted"
            elif kind == "defect":
                self.outcome.defects[name] = content
            process.join()
            connection.close()
            del self.running[connection]

    def _interrupt(self) -> None:
        """Let the processes finish with the best they have."""
        self.outcome.interrupted = True
        for _, process in self.running.values():
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGINT)


def _solve_in_process(packed: bytes, connection: Connection, reports: bool) -> None:
    """Solve a task and send progress, then the result or the traceback."""
    if hasattr(os, "setpgrp"):
        # The terminal's interrupt reaches the parent alone, which passes it on once.
        os.setpgrp()
    task = pickle.loads(packed)  # noqa: S301 - from our own parent

    def report(progress: Progress) -> None:
        connection.send_bytes(_packed(("progress", progress)))

    try:
        answer: tuple[str, Any] = ("result", _solve(task, report if reports else None))
    except KeyboardInterrupt:
        answer = ("interrupted", "")
    except Exception:
        answer = ("defect", traceback.format_exc())
    connection.send_bytes(_packed(answer))
    connection.close()
    sys.stdout.flush()


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


class _Packer(pickle.Pickler):
    """Packs read-only mappings, which pickle does not do by itself."""

    def reducer_override(self, value: object) -> Any:
        if isinstance(value, MappingProxyType):
            return _read_only, (dict(value),)
        return NotImplemented


def _packed(value: object) -> bytes:
    buffer = io.BytesIO()
    _Packer(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()
