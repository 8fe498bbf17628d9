"""Standard output belongs to the program: what solvers print there by themselves is dropped."""

from __future__ import annotations

import os
import sys


def keep_output_clean() -> None:
    """Write to standard output from Python only, for the rest of the process.

    HiGHS says there that it mends a solution, whatever it is told, from compiled code that
    knows the file descriptor alone; in a table or in JSON that would be one line too many.
    """
    stream = sys.stdout
    if stream is None:
        return
    try:
        number = stream.fileno()
        kept = os.dup(number)
    except (OSError, ValueError):
        return
    stream.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
    sys.stdout = os.fdopen(
        kept, "w", buffering=1 if os.isatty(kept) else -1, encoding=stream.encoding,
        errors=stream.errors,
    )  # fmt: skip
