"""Solves tasks by any executor of ``concurrent.futures``: threads, processes, a cluster."""

from __future__ import annotations

import multiprocessing
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import (
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    as_completed,
    wait,
)
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from ..versions import code_digest, versions
from .packing import packed, unpacked
from .tasks import Ledger, Task, appraise, solve_task

if TYPE_CHECKING:
    from ...optimizer.territories.search.together import Workers

#: Seconds between two looks whether to stop.
POLL = 0.5


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


@contextmanager
def search_workers(
    jobs: int, executor: Executor | None, *, always: bool = False
) -> Iterator[Workers | None]:
    """Workers for the searches of one problem: an executor's, processes, or none for one job.

    Parameters
    ----------
    always
        Start a process for one job too.
    """
    if executor is not None:
        yield partial(_by_executor, executor)
    elif jobs > 1 or always:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, context, initializer=_leave_interrupts) as pool:
            yield partial(_by_executor, pool)
    else:
        yield None


def _leave_interrupts() -> None:
    """The terminal's interrupt is for the parent, which asks for no more searches then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def search_by(content: bytes) -> bytes:
    """Carry out a packed search; the packed answer says by which versions."""
    from ...optimizer.territories.search.together import search_packed

    return packed((versions(), code_digest(), search_packed(content)))


def _by_executor(
    executor: Executor, contents: Sequence[bytes], stop: Callable[[], bool]
) -> list[bytes | None]:
    """Hand searches to an executor; those that have not begun are cancelled when stopped."""
    futures = [executor.submit(search_by, content) for content in contents]
    while not all(future.done() for future in futures) and not stop():
        wait(futures, timeout=POLL)
    answers: list[bytes | None] = []
    for future in futures:
        if not future.done():
            future.cancel()
            answers.append(None)
            continue
        by, code, answer = unpacked(future.result())
        if (by, code) != (versions(), code_digest()):
            raise RuntimeError(_other_versions(by))
        answers.append(answer)
    return answers


def _other_versions(by: Mapping[str, str]) -> str:
    other = {name: v for name, v in by.items() if versions().get(name) != v}
    what = ", ".join(f"{k} {v}" for k, v in other.items()) or "another state of teig's code"
    here = ", ".join(f"{name} {versions()[name]}" for name in other)
    text = f"a worker has {what}" + (f", this machine has {here}" if here else "")
    return f"{text}: install the same versions on all machines\n"


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
        ledger.defect(task, _other_versions(by))
        return
    ledger.result(task, result, bound)
