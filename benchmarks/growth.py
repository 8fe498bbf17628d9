"""Computing and memory until the plan in hand is within a gap of its bound, size by size.

    python -m benchmarks.growth PATH… --gap 0.03 --out CSV [--units N …] [--balance both|size|units]

The number of reps grows with the market, so that each has the same number of units.
``--units`` cuts each folder to connected parts of itself, the units around its middle, so
that the kind of market stays the same. CPU seconds are those of the whole process; what
is compiled is loaded before, by a small part of the market.
"""

from __future__ import annotations

import argparse
import heapq
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from teig.models.geodesy import great_circle_km
from teig.optimizer import Progress, TerritoryResult, solve_territories

from benchmarks.field.checks import check_plan
from benchmarks.field.market import (
    MEASURES,
    TOLERANCE,
    Market,
    Numbers,
    balanced_bases,
    problem_of,
    read_market,
)
from benchmarks.rows import write_rows

#: What is within 10 % of its fair share; distances weigh the first. Where units are
#: balanced, each has the size 1.
BALANCES = {"both": MEASURES, "size": ("size",), "units": ("size",)}
#: Multiple of the usual effort: the gap, or the wall clock, is the limit here.
WORK = 1000.0
#: Units of the part that is solved before anything is measured.
WARM = 400
COLUMNS = (
    "instance", "units", "reps", "reading", "bases", "bound_by", "first_plan", "to_gap",
    "objective", "bound", "gap", "reached", "violations", "peak_memory",
)  # fmt: skip


@dataclass(frozen=True)
class Task:
    """One folder, perhaps cut, and what is asked of it."""

    folder: Path
    units: int | None
    units_per_rep: float
    gap: float
    seconds: float
    balance: str
    seed: int


@dataclass
class Watch:
    """CPU seconds at which each thing was there, from ``began``."""

    began: float = field(default_factory=time.process_time)
    at: dict[str, float] = field(default_factory=dict)

    def mark(self, what: str) -> None:
        """Take the time of what is there for the first time."""
        self.at.setdefault(what, time.process_time() - self.began)

    def hear(self, word: Progress) -> None:
        """Take the times of the first bound and the first plan."""
        if word.bound is not None:
            self.mark("bound_by")
        if word.best is not None:
            self.mark("first_plan")


def solve_one(task: Task) -> list[str]:
    """Load what is compiled, then solve one folder; its row of the table."""
    _solved(task, _part(_read(task), WARM), min(60.0, task.seconds), Watch())
    watch = Watch()
    market = _read(task)
    if task.units is not None:
        market = _part(market, task.units)
    watch.mark("reading")
    bases, result = _solved(task, market, task.seconds, watch)
    watch.mark("to_gap")
    return _row(task, market, bases, result, watch)


def _solved(
    task: Task, market: Market, seconds: float, watch: Watch
) -> tuple[Numbers, TerritoryResult]:
    """Bases and a plan within the gap."""
    measures = BALANCES[task.balance]
    bases = balanced_bases(market, _reps(task, market), task.seed, measures).bases
    watch.mark("bases")
    problem = problem_of(market, bases, measures)
    return bases, solve_territories(
        problem, work=WORK, seconds=seconds, gap=task.gap, seed=task.seed, progress=watch.hear
    )


def _reps(task: Task, market: Market) -> int:
    return max(2, round(len(market.units) / task.units_per_rep))


def _read(task: Task) -> Market:
    """The market; where units themselves are balanced, each has the size 1."""
    market = read_market(task.folder)
    if task.balance != "units":
        return market
    return Market(market.name, market.units.assign(size=1.0), market.pairs)


def _part(market: Market, count: int) -> Market:
    """The connected part of so many units around the middle of the market."""
    units = market.units
    if count >= len(units):
        return market
    latitude, longitude = units["latitude"].to_numpy(), units["longitude"].to_numpy()
    middle = np.median(latitude), np.median(longitude)
    far = great_circle_km(middle[0], middle[1], latitude, longitude)
    order = np.argsort(far, kind="stable")
    if market.pairs is None:
        # The neighbours of points are made anew, and hang together.
        kept = np.sort(order[:count])
    else:
        kept = _grown(market, far, int(order[0]), count)
    table = units.iloc[kept].reset_index(drop=True)
    pairs = market.pairs
    if pairs is not None:
        inside = pairs["a"].isin(table["unit"]) & pairs["b"].isin(table["unit"])
        pairs = pairs[inside].reset_index(drop=True)
    return Market(f"{market.name}-{len(table)}", table, pairs)


def _grown(market: Market, far: np.ndarray, first: int, count: int) -> Numbers:
    """Units taken one after another, each the nearest to the middle next to one taken."""
    place = {unit: index for index, unit in enumerate(market.units["unit"])}
    near: list[list[int]] = [[] for _ in place]
    if market.pairs is not None:
        for a, b in market.pairs[["a", "b"]].itertuples(index=False):
            near[place[a]].append(place[b])
            near[place[b]].append(place[a])
    waiting, seen, taken = [(0.0, first)], {first}, list[int]()
    while waiting and len(taken) < count:
        _, unit = heapq.heappop(waiting)
        taken.append(unit)
        for other in near[unit]:
            if other not in seen:
                seen.add(other)
                heapq.heappush(waiting, (float(far[other]), other))
    return np.sort(np.array(taken, dtype=np.int64))


def _row(
    task: Task, market: Market, bases: Numbers, result: TerritoryResult, watch: Watch
) -> list[str]:
    bound = result.stages[0].bound
    objective, gap, violations = "", "", ""
    reached = False
    if result.plan is not None:
        value, broken = _checked(task, market, bases, result.plan.owner)
        objective, violations = f"{value:.4f}", str(broken)
        if bound is not None:
            off = abs(value - bound) / max(abs(value), 1e-9)
            gap, reached = f"{off:.5f}", off <= task.gap * (1 + 1e-6) and not broken
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    times = [watch.at.get(name) for name in COLUMNS[3:8]]
    return [
        market.name, str(len(market.units)), str(len(bases)),
        *("" if at is None else f"{at:.2f}" for at in times),
        objective, "" if bound is None else f"{bound:.4f}", gap, str(reached).lower(),
        violations, f"{memory:.0f}",
    ]  # fmt: skip


def _checked(task: Task, market: Market, bases: Numbers, owner: Numbers) -> tuple[float, int]:
    """Objective and violations of the plan, by code that knows nothing of the engine."""
    measures = BALANCES[task.balance]
    problem = problem_of(market, bases, measures)
    names = np.array(problem.owners.ids)
    units = market.units[["unit", "latitude", "longitude", "size", "potential"]]
    home = units.iloc[bases].assign(territory=names)
    ids = np.array(problem.units.wholes)[problem.covers.unit]
    edges = pd.DataFrame(ids[problem.teams[0].neighbours.pairs], columns=["a", "b"])
    plan = pd.DataFrame({"unit": ids, "territory": names[owner], "share": 1.0})
    verdict = check_plan(
        units, home[["territory", "latitude", "longitude"]], edges, plan, TOLERANCE,
        measures=measures,
    )  # fmt: skip
    for line in verdict.violations:
        print(f"{market.name}: {line}", file=sys.stderr)
    return verdict.objective, len(verdict.violations)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where every size was done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folder of units")
    parser.add_argument("--units", type=int, nargs="+", help="cut each folder to so many units")
    parser.add_argument("--units-per-rep", type=float, default=100.0)
    parser.add_argument("--gap", type=float, required=True, help="gap to be reached, a fraction")
    parser.add_argument("--seconds", type=float, default=600.0, help="wall clock for each solve")
    parser.add_argument("--balance", choices=BALANCES, default="both", help="what is balanced")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="table to write")
    given = parser.parse_args(arguments)
    sizes: list[int | None] = [None] if given.units is None else given.units
    tasks = (
        (
            Task(
                path.resolve(), size, given.units_per_rep, given.gap, given.seconds,
                given.balance, given.seed,
            ),
        )
        for path in given.paths
        for size in sizes
    )  # fmt: skip
    return write_rows(given.out, None, solve_one, tasks, COLUMNS)


if __name__ == "__main__":
    sys.exit(main())
