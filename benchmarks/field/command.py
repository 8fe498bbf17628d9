"""The command; each folder is solved in a process of its own, so memory is its own too."""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from teig.models import Problem
from teig.optimizer import TerritoryResult, solve_territories

from benchmarks.rows import write_rows

from .checks import Verdict, check_plan
from .market import (
    TOLERANCE,
    Market,
    Numbers,
    balanced_bases,
    free_problem,
    heaviest_bases,
    problem_of,
    read_market,
    with_splits,
)

#: Multiple of the usual effort: the wall clock is the limit here.
WORK = 1000.0
#: Seconds kept for checking and writing, and their share of the time.
RESERVE, RESERVED = 3.0, 0.03


@dataclass(frozen=True)
class Task:
    """One folder and what is asked of it."""

    folder: Path
    reps: int
    seed: int
    seconds: float
    place: str
    bases: Path | None
    splits: bool
    plans: Path | None
    verbose: bool
    began: float


def bases_of(task: Task, market: Market) -> Numbers:
    """Index of the unit that each rep is based in."""
    if task.bases is not None:
        named = pd.read_csv(task.bases, dtype=str)["unit"]
        place = pd.Index(market.units["unit"]).get_indexer(named)
        if (place < 0).any():
            raise SystemExit(f"{task.bases}: no unit {named[place < 0].iloc[0]!r} in {market.name}")
        return np.asarray(place, dtype=np.int64)
    if task.place == "heaviest":
        return heaviest_bases(market, task.reps)
    # The plan that they were judged by is no start: annealing seldom leads out of it.
    return balanced_bases(market, task.reps, task.seed).bases


def solve_one(task: Task) -> list[str]:
    """Solve, check and store one folder; its row of the table."""
    market = read_market(task.folder)
    market, bases, problem = _posed(task, market)
    reserve = RESERVE + RESERVED * task.seconds
    left = max(1.0, task.seconds - reserve - (time.time() - task.began))
    if task.verbose:
        print(f"{market.name}: {len(problem.covers)} covers, {time.time() - task.began:.1f} s")
    result = solve_territories(
        problem, work=WORK, seconds=left, seed=task.seed, progress=print if task.verbose else None
    )
    for line in result.explanation:
        print(f"{market.name}: {line}", file=sys.stderr)
    bound = result.stages[0].bound
    if result.plan is not None and result.plan.centres is not None:
        bases = problem.covers.unit[result.plan.centres]
    tables = _tables(market, bases, problem, result)
    verdict = None
    if result.plan is not None:
        verdict = _verdict(market, *tables)
        for line in verdict.violations:
            print(f"{market.name}: {line}", file=sys.stderr)
    if task.plans is not None:
        for table, tail in zip(tables, ("-bases", "-edges", ""), strict=True):
            table.to_csv(task.plans / f"{market.name}{tail}.csv", index=False)
    return _row(task, market.name, bound, verdict)


def _posed(task: Task, market: Market) -> tuple[Market, Numbers, Problem]:
    """The market, its bases (the first units where they are free) and the problem."""
    if task.place == "free":
        return market, np.arange(task.reps), free_problem(market, task.reps)
    bases = bases_of(task, market)
    if task.splits:
        market = with_splits(market, len(bases))
    return market, bases, problem_of(market, bases)


def _row(task: Task, name: str, bound: float | None, verdict: Verdict | None) -> list[str]:
    objective, gap, violations = "", "", ""
    if verdict is not None:
        objective, violations = repr(verdict.objective), str(len(verdict.violations))
        if bound is not None:
            gap = f"{abs(verdict.objective - bound) / max(abs(verdict.objective), 1e-9):.6f}"
    good = verdict is not None and not verdict.violations
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return [
        name, objective, "" if bound is None else repr(bound), gap, str(good).lower(), violations,
        f"{time.time() - task.began:.1f}", f"{memory:.0f}",
    ]  # fmt: skip


def _tables(
    market: Market, bases: Numbers, problem: Problem, result: TerritoryResult
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Bases, edges and plan in whole units."""
    home = market.units.iloc[bases][["unit", "latitude", "longitude"]]
    placed = home.assign(territory=list(problem.owners.ids))[
        ["territory", "unit", "latitude", "longitude"]
    ]
    wholes = np.array(problem.units.wholes)[problem.covers.unit]
    pairs = pd.DataFrame(wholes[problem.teams[0].neighbours.pairs], columns=["a", "b"])
    pairs = pairs[pairs["a"] != pairs["b"]].drop_duplicates()
    if result.plan is None:
        return placed, pairs, pd.DataFrame(columns=["unit", "territory", "share"])
    owners = np.array(problem.owners.ids)[result.plan.owner]
    shares = problem.units.shares[problem.covers.unit]
    plan = pd.DataFrame({"unit": wholes, "territory": owners, "share": shares})
    return placed, pairs, plan.groupby(["unit", "territory"], sort=False, as_index=False).sum()


def _verdict(
    market: Market, bases: pd.DataFrame, edges: pd.DataFrame, plan: pd.DataFrame
) -> Verdict:
    units = market.units
    shared = units.loc[units["parts"] > 1, "unit"] if "parts" in units.columns else ()
    named = units[["unit", "latitude", "longitude", "size", "potential"]]
    return check_plan(named, bases.drop(columns="unit"), edges, plan, TOLERANCE, frozenset(shared))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where every folder was done."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.field", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folder of units")
    parser.add_argument("--reps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, required=True, help="wall clock for each folder")
    parser.add_argument("--out", type=Path, required=True, help="table to write")
    parser.add_argument("--plans", type=Path, help="folder for plans, bases and edges")
    parser.add_argument("--place", choices=("balanced", "heaviest", "free"), default="balanced")
    parser.add_argument("--bases", type=Path, help="table with a column unit: where reps live")
    parser.add_argument("--splits", action="store_true", help="share units above a fair share")
    parser.add_argument("--verbose", action="store_true", help="print progress")
    given = parser.parse_args(arguments)
    if given.place == "free" and (given.splits or given.bases is not None):
        parser.error("--place free goes with neither --splits nor --bases")
    tasks = (
        (
            Task(
                path.resolve(), given.reps, given.seed, given.seconds, given.place, given.bases,
                given.splits, given.plans, given.verbose, time.time(),
            ),
        )
        for path in given.paths
    )  # fmt: skip
    return write_rows(given.out, given.plans, solve_one, tasks)
