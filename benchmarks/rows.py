"""The table that benchmarks of instances write: a row as each one finishes."""

from __future__ import annotations

import csv
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

COLUMNS = (
    "instance", "objective", "bound", "gap", "feasible", "violations", "seconds", "peak_memory",
)  # fmt: skip


def write_rows(
    out: Path,
    plans: Path | None,
    solve: Callable[..., list[str]],
    tasks: Iterable[tuple[Any, ...]],
    columns: Sequence[str] = COLUMNS,
) -> int:
    """Solve each task in a process of its own, so that its peak of memory is its own.

    Tasks are taken one by one, so that each may hold the time at which it began. Returns
    the exit status: 130 where interrupted.
    """
    if plans is not None:
        plans.mkdir(parents=True, exist_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for task in tasks:
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                try:
                    row = pool.submit(solve, *task).result()
                except KeyboardInterrupt:
                    return 130
            writer.writerow(row)
            file.flush()
            print(f"{row[0]}: {', '.join(row[1:])}", file=sys.stderr)
    return 0
