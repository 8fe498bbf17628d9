"""The command; each instance is solved in a process of its own, so memory is its own too."""

from __future__ import annotations

import argparse
import csv
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rows import write_rows

from .families import FAMILIES

RESERVE = 1.0
"""Seconds kept for checking and writing."""


def solve_one(name: str, path: Path, seconds: float, plans: Path | None, began: float) -> list[str]:
    """Solve, check and store one instance; its row of the table."""
    family = FAMILIES[name]
    instance = family.read(path)
    answer = family.solve(instance, max(1.0, seconds - RESERVE - (time.time() - began)))
    objective, gap, feasible, violations = "", "", "false", ""
    if answer.territory is not None:
        verdict = family.check(instance, answer.territory)
        objective = repr(verdict.objective)
        off = abs(verdict.objective - answer.bound) / max(abs(verdict.objective), 1e-9)
        gap, violations = f"{off:.9f}", str(len(verdict.violations))
        feasible = "false" if verdict.violations else "true"
        for line in verdict.violations:
            print(f"{instance.name}: {line}", file=sys.stderr)
        if plans is not None:
            with (plans / f"{instance.name}.csv").open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(("unit", "territory", "share"))
                for unit, centre in zip(instance.ids, answer.territory.tolist(), strict=True):
                    writer.writerow((unit, instance.ids[centre], 1))
    taken = time.time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return [
        instance.name, objective, repr(float(answer.bound)), gap, feasible, violations,
        f"{taken:.1f}", f"{memory:.0f}",
    ]  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where every instance was done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.published", description=__doc__)
    parser.add_argument("family", choices=sorted(FAMILIES))
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--seconds", type=float, required=True, help="wall clock for each instance")
    parser.add_argument("--out", type=Path, required=True, help="table to write")
    parser.add_argument("--plans", type=Path, help="folder for the plans")
    given = parser.parse_args(arguments)
    tasks = ((given.family, path, given.seconds, given.plans, time.time()) for path in given.paths)
    return write_rows(given.out, given.plans, solve_one, tasks)
