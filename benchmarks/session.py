"""Seconds of a planner's steps: ``python -m benchmarks.session [--units N] [--reps R]``.

A square market with a balanced, contiguous plan in memory; border units change hands at
random. Seconds are of processor time, so that other jobs do not count; the first step
and the first rebalancing, which compile, are left out.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
from teig.models import Objective, Plan, Problem, WorkCalendar, build_problem
from teig.models.rules import Balance, Capacity, Contiguity
from teig.optimizer import PlanningSession, solve_territories
from teig.optimizer.travel import GreatCircle


def market(units: int, reps: int, seed: int = 1) -> Problem:
    """A square of units with uneven sales, and reps on a grid of their own."""
    random = np.random.default_rng(seed)
    side, row = int(np.ceil(units**0.5)), int(np.ceil(reps**0.5))
    at = np.arange(units)
    frame = pd.DataFrame(
        {
            "unit": [f"u{number}" for number in at],
            "latitude": 40 + at // side * 0.1 + random.uniform(-0.02, 0.02, units),
            "longitude": -95 + at % side * 0.13 + random.uniform(-0.02, 0.02, units),
            "sales": random.lognormal(10, 0.7, units).round(),
        }
    )
    frame["potential"] = frame["sales"] * random.uniform(2, 5, units).round(2)
    frame["workload_hours"] = frame["visits"] = frame["sales"] / frame["sales"].sum() * reps * 900
    place = np.arange(reps)
    people = pd.DataFrame(
        {
            "rep": [f"R{number:02d}" for number in place],
            "latitude": 40 + (place // row + 0.5) * side * 0.1 / row,
            "longitude": -95 + (place % row + 0.5) * side * 0.13 / row,
        }
    )
    return build_problem(
        frame,
        people,
        calendar=WorkCalendar.of_year(2027, "US"),
        travel=GreatCircle(),
        rules=[
            Contiguity(),
            Capacity(hard=False),
            Balance(measure="potential", tolerance=0.15, hard=False),
            Balance(measure="sales", tolerance=0.15, hard=False),
        ],
        objective=Objective.in_order(
            [
                ("capacity", {"rule:capacity": 1.0}),
                ("balance", {"rule:balance_potential": 1.0, "rule:balance_sales": 1.0}),
                ("travel", {"travel_hours": 1.0}),
            ]
        ),
    )


def border_moves(
    session: PlanningSession, random: np.random.Generator
) -> Iterator[tuple[str, str]]:
    """Units on borders, each with a neighbour's owner."""
    problem, pairs = session.problem, session.problem.teams[0].neighbours.pairs
    while True:
        owner = session.plan.owner
        a, b = random.choice(pairs[owner[pairs[:, 0]] != owner[pairs[:, 1]]])
        yield problem.units.ids[problem.covers.unit[a]], problem.owners.ids[owner[b]]


def main() -> None:
    """Print one line for each kind of step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=3108)
    parser.add_argument("--reps", type=int, default=60)
    parser.add_argument("--work", type=float, default=0.05)
    options = parser.parse_args()
    problem = market(options.units, options.reps)
    plan = solve_territories(problem, work=options.work).plan
    if plan is None:
        raise SystemExit("no plan was found; try more --work")
    session = PlanningSession(problem, Plan(plan.owner))
    moves = border_moves(session, np.random.default_rng(2))
    steps, deals = [], []
    for _ in range(201):
        unit, rep = next(moves)
        begun = time.process_time()
        session.move(unit, rep)
        steps.append(time.process_time() - begun)
        session.undo()
    changes = []
    for _ in range(16):
        unit, rep = next(moves)
        session.move(unit, rep)
        session.lock(unit)
        begun = time.process_time()
        done = session.rebalance()
        deals.append(time.process_time() - begun)
        changes.append(len(done.changes))
        for _ in range(3):
            session.undo()
    for name, seconds in (("move", steps[1:]), ("rebalance", deals[1:])):
        print(
            f"{name}: {len(seconds)} times, median {np.median(seconds):.4f} s, "
            f"largest {max(seconds):.4f} s of processor time"
        )
    print(f"rebalance: median {np.median(changes):.0f} units changed, most {max(changes)}")


if __name__ == "__main__":
    main()
