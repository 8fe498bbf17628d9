"""Processes of this machine that solve a task each, one after another."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from ...optimizer.territories.result import Progress
from .packing import packed, unpacked
from .tasks import Ledger, Task, appraise, solve_task

#: How often a task is begun whose process dies, killed by the system for its memory, say.
ATTEMPTS = 2


class Processes:
    """A number of processes, and the tasks that wait for them.

    A process that dies is replaced and its task begun again, once.
    """

    def __init__(self, jobs: int, ledger: Ledger) -> None:
        self.jobs, self.ledger = jobs, ledger
        self.context = multiprocessing.get_context("spawn")
        self.processes: dict[Connection, Any] = {}
        self.busy: dict[Connection, Task] = {}
        self.begun: Counter[str] = Counter()
        self.waiting: list[Task] = []

    def solve(self, tasks: Sequence[Task]) -> None:
        """Solve all tasks; an interrupt lets those at work finish with the best they have."""
        self.waiting = list(tasks)
        while self.waiting or self.busy:
            try:
                while self._may_begin():
                    self._begin()
                if not self.busy:
                    break
                self._listen()
            except KeyboardInterrupt:
                self._interrupt()
        for connection, process in self.processes.items():
            # A process without a task ends when nobody can give it one any more.
            connection.close()
            process.join()

    def _may_begin(self) -> bool:
        free = len(self.busy) < self.jobs
        return bool(self.waiting) and free and not self.ledger.outcome.interrupted

    def _begin(self) -> None:
        task = self.waiting.pop(0)
        idle = next((each for each in self.processes if each not in self.busy), None)
        connection = self._start() if idle is None else idle
        self.busy[connection] = task
        self.begun[task.name] += 1
        try:
            connection.send_bytes(packed((task, self.ledger.listener is not None)))
        except BrokenPipeError:
            self._died(connection)

    def _start(self) -> Connection:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=_solve_in_process, args=(theirs,))
        process.start()
        theirs.close()
        self.processes[ours] = process
        return ours

    def _listen(self) -> None:
        for connection in wait(list(self.busy)):
            if not isinstance(connection, Connection):
                continue
            task = self.busy[connection]
            try:
                kind, content = unpacked(connection.recv_bytes())
            except (EOFError, ConnectionResetError):
                self._died(connection)
                continue
            if kind == "progress":
                self.ledger.progress(task, content)
                continue
            del self.busy[connection]
            if kind == "result":
                self.ledger.result(task, *content)
            elif kind == "defect":
                self.ledger.defect(task, content)

    def _died(self, connection: Connection) -> None:
        task = self.busy.pop(connection)
        process = self.processes.pop(connection)
        connection.close()
        process.join()
        if self.ledger.outcome.interrupted:
            return
        if self.begun[task.name] < ATTEMPTS:
            self.waiting.insert(0, task)
            return
        how = f"its process ended {ATTEMPTS} times without an answer"
        self.ledger.defect(task, f"{how}, the last time with status {process.exitcode}\n")

    def _interrupt(self) -> None:
        """Let the processes finish with the best they have."""
        self.ledger.outcome.interrupted = True
        for connection in self.busy:
            process = self.processes[connection]
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGINT)


def _solve_in_process(connection: Connection) -> None:
    """Solve tasks as they come: progress, then the result or the traceback of each."""
    if hasattr(os, "setpgrp"):
        # The terminal's interrupt reaches the parent alone, which passes it on once.
        os.setpgrp()
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def report(progress: Progress) -> None:
        connection.send_bytes(packed(("progress", progress)))

    while True:
        try:
            task, reports = unpacked(connection.recv_bytes())
        except (EOFError, OSError, KeyboardInterrupt):
            break
        try:
            result = solve_task(task, report if reports else None)
            answer: tuple[str, Any] = ("result", (result, appraise(task, result)))
        except KeyboardInterrupt:
            answer = ("interrupted", "")
        except Exception:
            answer = ("defect", traceback.format_exc())
        connection.send_bytes(packed(answer))
    connection.close()
    sys.stdout.flush()


def _end_with_parent() -> None:
    """End at once when the parent is gone, killed perhaps: nobody waits for the answer."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
