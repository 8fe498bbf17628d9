"""A front of 20 points over travel, balance and disruption on the counties of the US.

    python -m benchmarks.frontier [PATH] [--points 20] [--reps 30] [--work 0.1] [--out CSV]

PATH holds ``units.csv`` (``id``, ``lat``, ``lon``, ``population``, ``potential``) and
``adjacency.csv``. Reps live where the engine places them; today's alignment is that of
the past, when each had the counties nearest to an office in one of the largest. Terms
are hours of travel, hours of load outside a tolerance of 5 % of the fair share, and
population that changes hands; territories hang together. Prints seconds, and the points
checked by arithmetic that is not the engine's: values, limits, connection, dominance.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from teig.models import Objective, Plan, Problem, WorkCalendar, build_problem
from teig.models.geodesy import great_circle_km
from teig.models.rules import Balance, Contiguity
from teig.optimizer.territories.front import Front, FrontPoint
from teig.optimizer.travel import GreatCircle
from teig.scenarios.fronts import problem_front

from benchmarks.field.market import (
    Market,
    Numbers,
    balanced_bases,
    heaviest_bases,
    read_market,
)

DATA = Path("../shared/data/us-counties")
TERMS = ("travel_hours", "rule:balance_load", "disruption:size")
TOLERANCE, HOURS = 0.05, 900.0


def problem_of(market: Market, reps: int) -> Problem:
    """The counties with hours of work by population, and an alignment from the past."""
    units = market.units.assign(sales=market.units["size"])
    share = units["size"] / units["size"].sum()
    units["workload_hours"] = share * HOURS * reps
    units["visits"] = units["workload_hours"] / 2.0
    old, new = (
        units.iloc[bases][["unit", "latitude", "longitude"]].reset_index(drop=True)
        for bases in (heaviest_bases(market, reps), balanced_bases(market, reps, 1).bases)
    )
    _, moves_to = linear_sum_assignment(_km(old, new))
    new = new.iloc[moves_to].reset_index(drop=True)
    new.insert(0, "rep", [f"R{number + 1:02d}" for number in range(reps)])
    office = nearest_along(market, old["unit"])
    before = pd.DataFrame({"unit": units["unit"], "rep": new["rep"].to_numpy()[office]})
    return build_problem(
        units,
        new.rename(columns={"unit": "base"}),
        incumbent=before,
        calendar=WorkCalendar.of_year(2026, "US"),
        travel=GreatCircle(),
        neighbours="points" if market.pairs is None else market.pairs,
        rules=(
            Contiguity(),
            Balance(measure="load", tolerance=TOLERANCE, target="equal", hard=False),
        ),
        objective=Objective.in_order([(term, {term: 1.0}) for term in TERMS]),
        currency="USD",
    )


def _km(
    one: pd.DataFrame, other: pd.DataFrame
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    a, b = (frame[["latitude", "longitude"]].to_numpy(dtype=np.float64) for frame in (one, other))
    return great_circle_km(a[:, :1], a[:, 1:], b[:, 0], b[:, 1])


def nearest_along(market: Market, offices: pd.Series) -> Numbers:
    """The office that each county is nearest to from county to county, (n,)."""
    units, pairs = market.units, market.pairs
    if pairs is None:
        raise SystemExit(f"{market.name}: an alignment along borders needs adjacency.csv")
    index = pd.Index(units["unit"])
    a, b = index.get_indexer(pairs["a"]), index.get_indexer(pairs["b"])
    lat, lon = units["latitude"].to_numpy(), units["longitude"].to_numpy()
    km = great_circle_km(lat[a], lon[a], lat[b], lon[b])
    graph = coo_matrix((km, (a, b)), shape=(len(units), len(units)))
    roots = index.get_indexer(offices)
    _, _, root = dijkstra(graph, directed=False, indices=roots, min_only=True,
                          return_predecessors=True)  # fmt: skip
    place = np.full(len(units), -1, dtype=np.int64)
    place[roots] = np.arange(len(roots))
    return place[root]


def faults(problem: Problem, front: Front) -> list[str]:
    """What is wrong with a front, by plain arithmetic."""
    found = []
    for number, point in enumerate(front.points, start=1):
        measured = plain_values(problem, point.plan)
        # A rule overlooks a millionth of a limit for each rep.
        if not np.allclose(
            measured, point.values, rtol=1e-6, atol=2e-6 * HOURS * len(problem.owners)
        ):
            found.append(f"point {number}: {point.values} claimed, {measured} measured")
        if any(
            v > limit * (1 + 1e-6) + 1e-6
            for v, limit in zip(measured[1:], point.limits, strict=True)
        ):
            found.append(f"point {number}: beyond its limits")
        if point.bound is not None and point.bound > measured[0] * (1 + 1e-9):
            found.append(f"point {number}: the bound lies above the plan")
        if pieces(problem, point.plan) != len(problem.owners):
            found.append(f"point {number}: territories do not hang together")
        for other_number, other in enumerate(front.points, start=1):
            if other_number != number and _beats(other.values, point.values):
                found.append(f"point {number}: dominated by point {other_number}")
    return found


def plain_values(problem: Problem, plan: Plan) -> tuple[float, float, float]:
    """The three terms of a plan."""
    team, covers = problem.teams[0], problem.covers
    minutes = team.minutes[np.arange(len(covers)), plan.owner]
    touring = problem.touring
    a_visit = 2.0 * minutes / touring.calls_per_tour + touring.local_minutes
    travel = covers.visits * a_visit / 60.0
    load = np.bincount(plan.owner, covers.workload + travel, len(problem.owners))
    fair = load.mean()
    outside = np.maximum(load - fair * (1 + TOLERANCE), fair * (1 - TOLERANCE) - load)
    moved = covers.measures["size"][plan.owner != covers.incumbent].sum()
    return float(travel.sum()), float(np.maximum(outside, 0.0).sum()), float(moved)


def pieces(problem: Problem, plan: Plan) -> int:
    """Connected pieces of all territories together."""
    pairs = problem.teams[0].neighbours.pairs
    inside = pairs[plan.owner[pairs[:, 0]] == plan.owner[pairs[:, 1]]]
    n = len(problem.covers)
    graph = coo_matrix((np.ones(len(inside)), (inside[:, 0], inside[:, 1])), shape=(n, n))
    return int(connected_components(graph, directed=False)[0])


def _beats(one: Sequence[float], other: Sequence[float]) -> bool:
    better = [a < b * (1 - 1e-9) - 1e-9 for a, b in zip(one, other, strict=True)]
    worse = [a > b * (1 + 1e-9) + 1e-9 for a, b in zip(one, other, strict=True)]
    return any(better) and not any(worse)


def volume(front: Front) -> float:
    """Share of the box between the ends that some point dominates (hypervolume)."""
    lows, highs = np.array(front.ends, dtype=np.float64).T
    span = np.where(highs > lows, highs - lows, 1.0)
    values = np.array([(np.array(p.values) - lows) / span for p in front.points])
    axes = [np.unique(np.append(np.clip(values[:, k], 0.0, 1.0), 1.0)) for k in range(len(lows))]
    grids = np.meshgrid(*[axis[:-1] for axis in axes], indexing="ij")
    corners = np.stack([grid.ravel() for grid in grids], axis=1)
    sizes = np.prod(np.stack(np.meshgrid(*[np.diff(a) for a in axes], indexing="ij"), -1), -1)
    inside = np.array([(values <= corner + 1e-12).all(axis=1).any() for corner in corners])
    return float(sizes.ravel()[inside].sum())


def row(number: int, point: FrontPoint) -> str:
    """One line of the table."""
    travel, outside, moved = point.values
    bound = "–" if point.bound is None else f"{point.bound:,.0f}"
    gap = "–" if point.bound is None else f"{100 * (travel - point.bound) / travel:.2f} %"
    return (
        f"| {number} | {travel:,.0f} | {bound} | {gap} | {outside:,.0f} | {moved / 1e6:,.2f} "
        f"| {'yes' if point.dominated else 'no'} |"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Find the front, check it, print it; 1 where the check finds a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path, nargs="?", default=DATA)
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--reps", type=int, default=30)
    parser.add_argument("--work", type=float, default=0.1, help="effort of each point")
    parser.add_argument("--verbose", action="store_true", help="print what is being done")
    options = parser.parse_args(arguments)
    if not (options.path / "units.csv").exists():
        print(f"{options.path}: there is no units.csv here; nothing was measured")
        return 0
    began, busy = time.perf_counter(), time.process_time()
    problem = problem_of(read_market(options.path), options.reps)
    built = time.perf_counter() - began
    front = problem_front(
        problem, TERMS, options.points, work=options.work,
        progress=(lambda said: print(said, file=sys.stderr)) if options.verbose else None,
    )  # fmt: skip
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    print(
        "| point | travel, hours | bound | gap | outside balance, hours | million moved | dominated |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for number, point in enumerate(front.points, start=1):
        print(row(number, point))
    found = faults(problem, front)
    print(
        f"{len(front.points)} points in {seconds:.1f} s ({busy:.1f} s of CPU, {built:.1f} s to "
        f"build the problem); {len(front.missed)} limits without a plan; dominated share of the "
        f"box {volume(front):.4f}; {len(found)} faults"
    )
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
