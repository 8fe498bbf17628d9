"""How high the bound by prices gets on real units, with and without cuts for contiguity.

``python -m benchmarks.bounds PATH --reps K [--apart KM]``

PATH is a folder as ``benchmarks.field`` reads it, and the problem is the field's. Bases are
the K largest units at least KM apart: the hard case, since their surroundings hold far more
or less than a fair share.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from teig.optimizer.territories.model import AssignmentModel
from teig.optimizer.territories.posting import compile_stage
from teig.optimizer.territories.prices import price_bound

from benchmarks.field.market import Market, heaviest_bases, problem_of, read_market


def model_of(market: Market, reps: int, apart: float) -> AssignmentModel:
    """The compiled problem."""
    problem = problem_of(market, heaviest_bases(market, reps, apart))
    return compile_stage(problem, problem.objective.stages[0])


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; print a line for each way to ascend."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--reps", type=int, required=True)
    parser.add_argument("--apart", type=float, default=20.0, help="km between bases, at least")
    parser.add_argument("--work", type=float, default=2000.0, help="passes at most")
    options = parser.parse_args(arguments)
    model = model_of(read_market(options.path), options.reps, options.apart)
    price_bound(model, work=3)
    for cuts in (False, True):
        begin = time.process_time()
        found = price_bound(model, work=options.work, cuts=cuts)
        seconds = time.process_time() - begin
        rows = 0 if found.prices.cuts is None else len(found.prices.cuts)
        name = "with cuts" if cuts else "relaxation"
        print(
            f"{options.path.name} {options.reps} {name}: bound {found.bound:.4f}, "
            f"{found.work:.0f} passes, {rows} rows, {seconds:.1f} s of CPU"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
