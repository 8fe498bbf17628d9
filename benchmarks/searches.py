"""What several searches of one problem gain, and how much sooner two workers are done.

    python -m benchmarks.searches [--units 3108] [--reps 30] [--searches 4] [--work 0.1]
        [--workers 1 2]

The square market of ``benchmarks.session``. Prints the value of each stage by one search
and by several, then seconds by warmed-up processes of one thread each; two need two free
cores to be twice as fast. The CPU seconds of whoever is busiest do not depend on that.
Fails where the number of processes changes the plan.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import psutil
from teig.models import Problem
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


def by_processes(
    problem: Problem, count: int, searches: int, work: float
) -> tuple[TerritoryResult, float, float, float]:
    """The result; seconds of wall clock, CPU of this process, and CPU of the busiest other."""
    context = get_context("spawn")
    with ProcessPoolExecutor(count, context) as pool, search_workers(count, pool) as workers:
        solve_territories(problem, work=work / 100, searches=max(count, 2), workers=workers)
        processes = [psutil.Process(pid) for pid in pool._processes]  # noqa: SLF001
        before = [process.cpu_times().user for process in processes]
        began, cpu = time.perf_counter(), time.process_time()
        result = solve_territories(problem, work=work, searches=searches, workers=workers)
        seconds, own = time.perf_counter() - began, time.process_time() - cpu
        after = [process.cpu_times().user for process in processes]
    return result, seconds, own, max(b - a for a, b in zip(before, after, strict=True))


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
        result, seconds, own, busiest = by_processes(problem, count, options.searches, options.work)
        print(said(f"{count} processes, wall clock", result, seconds), flush=True)
        print(
            f"  CPU: {own:.1f} s before and between searches, {busiest:.1f} s the busiest process"
        )
        plans.append(result.plan)
    same = all(plan == plans[1] for plan in plans[2:])
    print("same plan" if same else "OTHER PLAN")
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
