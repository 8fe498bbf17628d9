"""Exit statuses, and how errors become them."""

from __future__ import annotations

import functools
import os
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from typing import ParamSpec

import typer

from ...models.errors import BadInput
from ...models.plan import Status
from ..results import RunResult, ScenarioResult

P = ParamSpec("P")


class Exit(IntEnum):
    """What the process ends with."""

    DONE = 0
    DEFECT = 1
    BAD_INPUT = 2
    INFEASIBLE = 3
    NOTHING_FOUND = 4
    INTERRUPTED = 130


_WORST_FIRST = (Exit.DEFECT, Exit.BAD_INPUT, Exit.INFEASIBLE, Exit.NOTHING_FOUND)


def exit_status(result: RunResult) -> Exit:
    """Worst status of a run's scenarios; interrupted where somebody stopped it."""
    statuses = [_status_of(scenario) for scenario in result.scenarios]
    if Exit.DEFECT in statuses:
        return Exit.DEFECT
    if result.interrupted:
        return Exit.INTERRUPTED
    return next((status for status in _WORST_FIRST if status in statuses), Exit.DONE)


def _status_of(result: ScenarioResult) -> Exit:
    if result.defect:
        return Exit.DEFECT
    quotas = result.quotas.status if result.quotas is not None else Status.OPTIMAL
    if Status.INFEASIBLE in (result.status, quotas):
        return Exit.INFEASIBLE
    if Status.UNKNOWN in (result.status, quotas):
        return Exit.NOTHING_FOUND
    return Exit.DONE


def ending(command: Callable[P, Exit]) -> Callable[P, None]:
    """Turn a command's result and its errors into the process's exit status."""

    @functools.wraps(command)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            status = command(*arguments, **options)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read the output wanted no more of it, as `teig … | head` does.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = Exit.DONE
        except BadInput as error:
            report_problems(error)
            status = Exit.BAD_INPUT
        except KeyboardInterrupt:
            typer.echo("Interrupted; nothing was written.", err=True)
            status = Exit.INTERRUPTED
        except Exception:
            typer.echo(f"This is a defect of teig.\n{traceback.format_exc()}", err=True)
            status = Exit.DEFECT
        sys.stdout.flush()
        raise typer.Exit(int(status))

    return wrapped


def report_problems(error: BadInput) -> None:
    """Name every problem on its own line."""
    for problem in error.problems:
        typer.echo(str(problem), err=True)
    count = len(error.problems)
    noun = "problem" if count == 1 else "problems"
    typer.echo(f"{count} {noun} in the input; nothing was written.", err=True)


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
