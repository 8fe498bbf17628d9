"""How many small hard markets are proven optimal within a minute of computing.

``python -m benchmarks.proofs [--units 100] [--reps 8] [--count 20] [--seconds 60] [--out CSV]``

Units are random points in a square of 500 km with a planar graph of them as neighbours;
sizes are lognormal, and the potential per size differs from unit to unit. Bases are
random units. Every rep carries within 10 % of the fair share of both measures, in a
connected territory; Σ size × km to the base is made small. Seconds are those of the
processor (one thread), so that a busy machine does not matter.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from teig.models import Problem
from teig.optimizer import Progress, TerritoryResult, solve_territories

from benchmarks.field.market import Market, problem_of

SIDE_DEGREES = 4.5
COLUMNS = ("instance", "status", "objective", "bound", "gap", "seconds")


def random_problem(units: int, reps: int, number: int) -> Problem:
    """One market of the series."""
    generator = np.random.default_rng([units, reps, number])
    places = generator.uniform(0.0, SIDE_DEGREES, (units, 2))
    size = generator.lognormal(0.0, 0.5, units)
    table = pd.DataFrame({
        "unit": [f"u{k}" for k in range(units)],
        "latitude": places[:, 0], "longitude": places[:, 1],
        "size": size, "potential": size * generator.lognormal(0.0, 0.25, units),
        "sales": 0.0, "workload_hours": 0.0, "visits": 0.0,
    })  # fmt: skip
    bases = np.sort(generator.permutation(units)[:reps])
    return problem_of(Market(f"{units}x{reps}-{number}", table, None), bases)


def solved(problem: Problem, seconds: float, work: float) -> tuple[TerritoryResult, float]:
    """Solve until a limit of the processor's seconds; what came out, and the seconds."""
    began = time.process_time()

    def within(progress: Progress) -> None:
        if time.process_time() - began > seconds:
            progress.stop()

    result = solve_territories(problem, work=work, progress=within, seconds=20.0 * seconds)
    return result, time.process_time() - began


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; a row for each market, then the share that was proven."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=100)
    parser.add_argument("--reps", type=int, default=8)
    parser.add_argument("--first", type=int, default=0, help="number of the first market")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the processor, each")
    parser.add_argument("--work", type=float, default=1.0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(arguments)
    solved(random_problem(30, 3, 0), 5.0, 0.1)
    rows = []
    for number in range(given.first, given.first + given.count):
        problem = random_problem(given.units, given.reps, number)
        result, seconds = solved(problem, given.seconds, given.work)
        stage = result.stages[0]
        gap = "" if stage.gap is None else f"{stage.gap:.6f}"
        rows.append([
            f"{given.units}x{given.reps}-{number}", result.status.value, stage.objective,
            stage.bound, gap, f"{seconds:.1f}",
        ])  # fmt: skip
        print(", ".join(map(str, rows[-1])), file=sys.stderr)
    if given.out is not None:
        with given.out.open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
    within = [
        row for row in rows
        if row[1] in ("optimal", "infeasible") and float(row[5]) <= given.seconds
    ]  # fmt: skip
    print(f"{len(within)} of {len(rows)} decided within {given.seconds:.0f} s of computing")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
