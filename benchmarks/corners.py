"""Whether more work helps at corners of the front, where balance and change press together.

    python -m benchmarks.corners [PATH] [--reps 30] [--work 0.1 0.3 1] [--seeds 1 2 3]

The problem of :mod:`benchmarks.frontier` as a sum: hours of travel, hours outside balance
at a price of 0.5 to 20 hours of travel, and people who change hands at a price for each
million. Prints the worst and the best plan of the seeds for each amount of work, with
the bound.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from teig.models import Objective
from teig.optimizer import solve_territories

from benchmarks.field.market import read_market
from benchmarks.frontier import DATA, TERMS, problem_of

#: Prices of an hour outside balance, and of a million people who change hands.
CORNERS = (
    (2.0, 200.0), (20.0, 200.0), (0.5, 500.0), (2.0, 500.0), (5.0, 500.0), (1.0, 1000.0),
    (20.0, 1000.0),
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Solve every corner with every amount of work and seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path, nargs="?", default=DATA)
    parser.add_argument("--reps", type=int, default=30)
    parser.add_argument("--work", type=float, nargs="+", default=[0.1, 0.3, 1.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args(arguments)
    if not (options.path / "units.csv").exists():
        print(f"{options.path}: there is no units.csv here; nothing was measured")
        return 0
    problem = problem_of(read_market(options.path), options.reps)
    print("| balance | change | work | bound | best | mean | worst | gap of the mean | CPU s |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for balance, change in CORNERS:
        weights = dict(zip(TERMS, (1.0, balance, change / 1e6), strict=True))
        priced = problem.replace(objective=Objective.weighted(weights))
        for work in options.work:
            began, values, bound = time.process_time(), [], 0.0
            for seed in options.seeds:
                stage = solve_territories(priced, work=work, seed=seed).stages[0]
                if stage.objective is None or stage.bound is None:
                    raise SystemExit(f"no plan or no bound at {weights}")
                values.append(stage.objective)
                bound = max(bound, stage.bound)
            mean = sum(values) / len(values)
            spent = (time.process_time() - began) / len(values)
            print(
                f"| {balance:g} | {change:g} | {work:g} | {bound:,.0f} | {min(values):,.0f} "
                f"| {mean:,.0f} | {max(values):,.0f} | {100 * (mean - bound) / mean:.1f} % "
                f"| {spent:.1f} |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
