"""Seconds of trying one plan against futures, and what a plan chosen for futures gains.

    python -m benchmarks.robustness [--units 3108] [--reps 60] [--samples 200] [--choose]

The square market of ``benchmarks.session``; seconds are of processor time, the first
try, which imports and reserves memory, is left out.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from teig.models import Plan, Problem
from teig.optimizer import solve_territories
from teig.optimizer.robustness import FutureDraws, Spread, measure_under, problem_for_samples

from benchmarks.session import market


def seconds_of(problem: Problem, plan: Plan, samples: int) -> tuple[float, float]:
    """Processor seconds of drawing the futures, once for all plans, and of one plan in them."""
    spent = []
    for seed in (1, 2):
        began = time.process_time()
        futures = FutureDraws(Spread(), samples, seed).of(problem)
        drawn = time.process_time()
        measure_under(problem, plan, futures)
        spent.append((drawn - began, time.process_time() - drawn))
    return spent[-1]


def choose(problem: Problem, plan: Plan, work: float, samples: int) -> None:
    """Choose a plan on ten futures; print means of both plans on others."""
    inside = FutureDraws(Spread(attrition=0.0), 10, 7_920).of(problem)
    began = time.process_time()
    result = solve_territories(problem_for_samples(problem, inside), work=work, start=plan)
    print(f"a plan for 10 futures: {time.process_time() - began:.1f} s of processor time")
    if result.plan is None:
        print(f"none was found: {result.status}")
        return
    outside = FutureDraws(Spread(), samples, 1).of(problem)
    for where, futures in (("in sample", inside), ("out of sample", outside)):
        both = [measure_under(problem, each, futures) for each in (plan, result.plan)]
        for name in ("worst_balance_potential", "worst_balance_sales", "travel_hours"):
            one, other = (found.figures[name] for found in both)
            error = (other - one).std(ddof=1) / np.sqrt(len(one))
            print(
                f"{where}, {name}: {one.mean():,.4g} chosen, {other.mean():,.4g} for futures, "
                f"difference {(other - one).mean():,.3g} ± {2 * error:.2g}, "
                f"better in {100 * (other < one).mean():.0f} %"
            )


def main() -> None:
    """Print seconds and, if asked for, what choosing for futures gains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=3108)
    parser.add_argument("--reps", type=int, default=60)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--work", type=float, default=0.05)
    parser.add_argument("--choose", action="store_true", help="also choose a plan for futures")
    options = parser.parse_args()
    problem = market(options.units, options.reps)
    plan = solve_territories(problem, work=options.work).plan
    if plan is None:
        raise SystemExit("no plan was found; try more --work")
    drawn, measured = seconds_of(problem, plan, options.samples)
    print(
        f"{options.units} units × {options.reps} reps × {options.samples} futures: "
        f"{drawn:.2f} s to draw, {measured:.2f} s for each plan"
    )
    if options.choose:
        choose(problem, plan, options.work, options.samples)


if __name__ == "__main__":
    main()
