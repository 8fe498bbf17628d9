"""Workers on other machines, through a scheduler of dask.distributed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, cast

from ...models.errors import BadInput, InputProblem

#: Seconds that a scheduler has to answer.
PATIENCE = 10
#: How often a task may fail for reasons of its worker, beyond the worker's own death.
RETRIES = 1


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Connect to a scheduler and give an executor that solves on its workers.

    A worker that dies takes nothing with it: the scheduler gives its task to another.

    Parameters
    ----------
    address
        Of the scheduler, ``tcp://10.0.0.5:8786``.

    Raises
    ------
    BadInput
        When dask.distributed is not installed, or nobody answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise _problem(address, "needs dask.distributed: pip install 'teig[cluster]'") from None
    connect: Any = Client
    try:
        client: Any = connect(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = f"no scheduler answers here within {PATIENCE} seconds ({type(error).__name__})"
        raise _problem(address, f"{reason}; start one with `dask scheduler`") from None
    with client:
        yield cast("Executor", client.get_executor(pure=False, retries=RETRIES))


def _problem(address: str, message: str) -> BadInput:
    return BadInput([InputProblem("--cluster", "", "", address, message)])
