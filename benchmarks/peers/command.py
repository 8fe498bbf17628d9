"""The command; every program runs in a process of its own, with the same seconds."""

from __future__ import annotations

import argparse
import csv
import importlib.util
import multiprocessing
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .market import Market, Measures, measure, read_market
from .ours import TASKS
from .programs import PROGRAMS, Found, quietly

COLUMNS = (
    "program", "task", "goal", "value", "bound", "ours", "ratio", "kilometres", "off_size",
    "off_potential", "off_units", "pieces", "violations", "seconds", "note",
)  # fmt: skip
GRACE = 1.1
"""Multiple of the seconds after which a program without a limit of its own is ended."""


def field_plan(
    folder: Path, reps: int, seed: int, seconds: float, plans: Path, place: str
) -> float:
    """Have the field problem solved by the engine's own command; the seconds that it took."""
    out = plans / "field.csv"
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.field", str(folder), "--reps", str(reps),
         "--seed", str(seed), "--seconds", str(seconds), "--out", str(out), "--plans", str(plans),
         "--place", place],
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"the field problem was not solved: exit status {done.returncode}")
    return time.perf_counter() - began


def read_owners(market: Market, folder: Path, plans: Path) -> NDArray[np.int64] | None:
    """Owner of each unit in a plan that ``benchmarks.field`` wrote, in the order of the bases.

    None where it found no plan: its table is empty then.
    """
    bases = pd.read_csv(plans / f"{folder.name}-bases.csv", dtype=str)
    names = {name: index for index, name in enumerate(bases["territory"])}
    table = pd.read_csv(plans / f"{folder.name}.csv", dtype={"unit": str, "territory": str})
    if table.empty:
        return None
    owners = table.set_index("unit")["territory"].map(names)
    return owners[list(market.ids)].to_numpy(dtype=np.int64)


def _child(name: str, market: Market, seconds: float, seed: int, out: Any) -> None:
    """Solve in a process of its own, and say what came of it."""
    try:
        solve = TASKS[name[5:]] if name.startswith("ours:") else None
        found = (
            solve(market, seconds, seed)
            if solve is not None
            else quietly(PROGRAMS[name], market, seconds, seed)
        )
        out.put((found.owner, found.bound, ""))
    except Exception as error:
        out.put((None, None, f"{type(error).__name__}: {error}"[:200]))


def ask(name: str, market: Market, seconds: float, seed: int) -> tuple[Found | None, float, str]:
    """A plan of a program, the seconds it took, and what went wrong."""
    context = multiprocessing.get_context("spawn")
    answers: Any = context.Queue()
    began = time.perf_counter()
    process = context.Process(target=_child, args=(name, market, seconds, seed, answers))
    process.start()
    try:
        owner, bound, note = answers.get(timeout=seconds * GRACE + 20.0)
    except queue.Empty:
        owner, bound, note = None, None, f"nothing within {seconds:g} s"
    finally:
        process.kill()
        process.join()
    taken = time.perf_counter() - began
    return (None if owner is None else Found(owner, bound)), taken, note


def row(
    name: str, task: str, goal: str, found: Found | None, measures: Measures | None,
    taken: float, note: str, ours: float | None = None,
) -> dict[str, object]:  # fmt: skip
    """One row of the table."""
    line: dict[str, object] = {"program": name, "task": task, "goal": goal}
    line |= {"seconds": f"{taken:.1f}", "note": note}
    if found is None or measures is None:
        return line
    value = float(getattr(measures, goal))
    line |= {
        "value": repr(value),
        "bound": "" if found.bound is None else repr(found.bound),
        "kilometres": f"{measures.kilometres:.4f}",
        "off_size": f"{measures.off_size:.4f}",
        "off_potential": f"{measures.off_potential:.4f}",
        "off_units": f"{measures.off_units:.4f}",
        "pieces": measures.pieces,
        "violations": measures.violations,
    }
    if ours is not None:
        line |= {"ours": repr(ours), "ratio": f"{ours / value:.4f}" if value else ""}
    return line


def compare(market: Market, field: NDArray[np.int64] | None, taken: float, seconds: float, seed: int,
            names: Sequence[str], write: Any, *, free: bool) -> None:  # fmt: skip
    """Every program on its own task, beside the engine on the same task.

    Parameters
    ----------
    field
        The engine's plan of the field problem, (units,); None where it found none.
    free
        Whether kilometres are to the best unit of each territory, whoever made it.
    """
    plan = None if field is None else Found(field)
    judged = None if field is None else measure(market, field, matched=True)
    none = "" if field is not None else f"no plan within {seconds:g} s"
    write(row("teig", "the field problem", "kilometres", plan, judged, taken, none))
    ours = None if judged is None else judged.kilometres
    for name in names:
        program = PROGRAMS[name]
        if importlib.util.find_spec(program.package) is None:
            write(row(name, program.task, program.goal, None, None, 0.0, "not installed"))
            continue
        own: float | None = None
        if name in TASKS:
            found, spent, note = ask(f"ours:{name}", market, seconds, seed)
            judged = (
                None if found is None else measure(market, found.owner, matched=False, free=free)
            )
            own = None if judged is None else float(getattr(judged, program.goal))
            write(row("teig", program.task, program.goal, found, judged, spent, note))
        elif program.matched:
            own = ours
        found, spent, note = ask(name, market, seconds, seed)
        judged = None
        if found is not None:
            judged = measure(market, found.owner, matched=program.matched, free=free)
        missing = f"does not offer: {program.misses}" if program.misses else ""
        note = "; ".join(part for part in (note, missing) if part)
        write(row(name, program.task, program.goal, found, judged, spent, note, own))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where every program was asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("path", type=Path, help="folder with units.csv")
    parser.add_argument("--reps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, required=True, help="for each program and task")
    parser.add_argument("--size", default="population", help="column of the first measure")
    parser.add_argument("--out", type=Path, required=True, help="table to write")
    parser.add_argument("--place", choices=("balanced", "free"), default="balanced",
                        help="free: bases are part of every plan")  # fmt: skip
    parser.add_argument("--programs", nargs="+", choices=sorted(PROGRAMS), default=list(PROGRAMS))
    given = parser.parse_args(arguments)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, given.out.open("w", newline="") as file:
        plans = Path(temporary)
        taken = field_plan(given.path, given.reps, given.seed, given.seconds, plans, given.place)
        market = read_market(given.path, plans, given.size)
        field = read_owners(market, given.path, plans)
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()

        def write(line: dict[str, object]) -> None:
            writer.writerow(line)
            file.flush()
            print(", ".join(f"{k} {v}" for k, v in line.items() if v != ""), file=sys.stderr)

        compare(market, field, taken, given.seconds, given.seed, given.programs, write,
                free=given.place == "free")  # fmt: skip
    return 0
