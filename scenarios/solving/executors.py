"""Solves tasks by any executor of ``concurrent.futures``: threads, processes, a cluster."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed

from ..versions import code_digest, versions
from .packing import packed, unpacked
from .tasks import Ledger, Task, appraise, solve_task


def solve_by_executor(tasks: Sequence[Task], executor: Executor, ledger: Ledger) -> None:
    """Hand all tasks to an executor and take the results as they come.

    An interrupt cancels what has not begun; what is being solved elsewhere is lost.
    """
    futures: dict[Future[bytes], Task] = {}
    try:
        futures = {executor.submit(solve_packed, packed(task)): task for task in tasks}
        for future in as_completed(futures):
            _take(future, futures[future], ledger)
    except KeyboardInterrupt:
        ledger.outcome.interrupted = True
        for future in futures:
            future.cancel()


def solve_packed(content: bytes) -> bytes:
    """Solve a packed task; the packed answer says by which versions."""
    task: Task = unpacked(content)
    result = solve_task(task)
    return packed((versions(), code_digest(), result, appraise(task, result)))


def _take(future: Future[bytes], task: Task, ledger: Ledger) -> None:
    try:
        by, code, result, bound = unpacked(future.result())
    except CancelledError:
        ledger.outcome.interrupted = True
        return
    except Exception:
        ledger.defect(task, traceback.format_exc())
        return
    if (by, code) != (versions(), code_digest()):
        other = {name: v for name, v in by.items() if versions().get(name) != v}
        what = ", ".join(f"{k} {v}" for k, v in other.items()) or "another state of teig's code"
        here = ", ".join(f"{name} {versions()[name]}" for name in other)
        text = f"a worker has {what}" + (f", this machine has {here}" if here else "")
        ledger.defect(task, f"{text}: install the same versions on all machines\n")
        return
    ledger.result(task, result, bound)
