"""What several searches of one problem gain, and how much sooner two workers are done.

    python -m benchmarks.searches [--units 3108] [--reps 30] [--searches 4] [--work 0.1]
        [--workers 1 2]

The square market of ``benchmarks.session``. Prints the value of each stage by one search
and by several, then seconds by warmed-up processes of one thread each; two need two free
cores to be twice as fast. Fails where the number of processes changes the plan.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence

from teig.optimizer import TerritoryResult, solve_territories
from teig.scenarios.solving.executors import search_workers

from benchmarks.session import market


def said(name: str, result: TerritoryResult, seconds: float) -> str:
    """One line of the table."""
    values = ", ".join(
        f"{stage.name} {stage.objective:,.6g} ≥ {stage.bound:,.6g}"
        for stage in result.stages
        if stage.objective is not None and stage.bound is not None
    )
    return f"{name}: {seconds:.1f} s; {values}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where plans differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=3108)
    parser.add_argument("--reps", type=int, default=30)
    parser.add_argument("--searches", type=int, default=4)
    parser.add_argument("--work", type=float, default=0.1)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args(arguments)
    os.environ["NUMBA_NUM_THREADS"] = "1"
    problem = market(options.units, options.reps)
    solve_territories(problem, work=options.work / 100)
    plans = []
    for searches in (1, options.searches):
        began = time.process_time()
        result = solve_territories(problem, work=options.work, searches=searches)
        seconds = time.process_time() - began
        print(said(f"{searches} searches here, CPU", result, seconds), flush=True)
        plans.append(result.plan)
    for count in options.workers:
        with search_workers(count, None, always=True) as workers:
            if workers is None:
                raise SystemExit("no processes were started")
            solve_territories(
                problem, work=options.work / 100, searches=max(count, 2), workers=workers
            )
            began = time.perf_counter()
            result = solve_territories(
                problem, work=options.work, searches=options.searches, workers=workers
            )
            seconds = time.perf_counter() - began
        print(said(f"{count} processes, wall clock", result, seconds), flush=True)
        plans.append(result.plan)
    same = all(plan == plans[1] for plan in plans[2:])
    print("same plan" if same else "OTHER PLAN")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
