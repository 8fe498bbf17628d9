"""Compilation as every kernel here uses it: cached on disk, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from .staleness import stamped

F = TypeVar("F", bound=Callable[..., Any])

#: Options that numba's own stubs do not list, hence the loose type.
INNER: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}

#: Without the runtime that counts references to arrays.
NO_COUNTS: dict[str, Any] = {"_nrt": False}
BARE: dict[str, Any] = {"cache": True, "nogil": True, **NO_COUNTS}


def compiled(function: F) -> F:
    """Compile on the first call; floats are added in the order written."""
    return cast("F", stamped(numba.njit(cache=True, nogil=True)(function)))


def inner(function: F) -> F:
    """As :func:`compiled`, for callers that are compiled themselves.

    Without the wrappers that Python would call it through, which take longer to compile
    than the function where it is given many arrays.
    """
    return cast("F", stamped(numba.njit(**INNER)(function)))


def inlined(function: F) -> F:
    """As :func:`inner`, put into its callers: a call that passes many arrays is slow."""
    return cast("F", stamped(numba.njit(forceinline=True, **INNER)(function)))


def fast_sums(function: F) -> F:
    """As :func:`inner`, for sums of whole numbers: exact in whatever order they are added."""
    return cast(
        "F", stamped(numba.njit(fastmath={"reassoc", "contract", "nsz"}, **INNER)(function))
    )


def bare(function: F) -> F:
    """As :func:`compiled`, for kernels that get dozens of arrays and make none.

    Without the runtime's reference counts, which cost more than the work itself where
    arrays come in named tuples.
    """
    return cast("F", stamped(numba.njit(**BARE)(function)))


def bare_inlined(function: F) -> F:
    """As :func:`bare`, put into its callers."""
    return cast("F", stamped(numba.njit(forceinline=True, **INNER, **NO_COUNTS)(function)))
