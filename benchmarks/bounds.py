"""How high the bound by prices gets on real units, with and without cuts for contiguity.

``python -m benchmarks.bounds PATH --reps K [--apart KM]``

PATH holds ``units.csv`` (or ``.csv.gz``) with ``id``, ``lat``, ``lon``, ``population`` and
``potential``, and perhaps ``adjacency.csv`` with ``a`` and ``b``; without it neighbours are
a planar graph of the points. Bases are the K most populous units at least KM apart: the
hard case, since their surroundings hold far more or less than a fair share. Every rep
carries within 10 % of its share of both measures in a connected territory; what is made
small is Σ population × great-circle km, with populations scaled to sum to 1.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import Delaunay
from teig.models.arrays import FloatArray, IndexArray
from teig.models.geodesy import great_circle_km
from teig.optimizer.territories.model import AssignmentModel, Connected, Resource
from teig.optimizer.territories.prices import price_bound

from benchmarks.field.market import heaviest_apart

MEASURES, TOLERANCE = ("population", "potential"), 0.1


def read_units(folder: Path) -> tuple[pd.DataFrame, IndexArray]:
    """Units and their neighbour pairs, (e, 2)."""
    path = folder / "units.csv"
    path = path if path.exists() else folder / "units.csv.gz"
    units = pd.read_csv(path, dtype={"id": str}).fillna(dict.fromkeys(MEASURES, 0.0))
    given = folder / "adjacency.csv"
    if given.exists():
        table = pd.read_csv(given, dtype=str)
        place = {unit: index for index, unit in enumerate(units["id"])}
        edges = np.array(
            [[place[a], place[b]] for a, b in zip(table["a"], table["b"], strict=True)]
        )
    else:
        flat = np.column_stack(
            [units["lon"] * np.cos(np.radians(units["lat"].mean())), units["lat"]]
        )
        corners = Delaunay(flat).simplices
        edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return units, np.unique(np.sort(edges, axis=1), axis=0)


def model_of(units: pd.DataFrame, edges: IndexArray, bases: IndexArray) -> AssignmentModel:
    """The compiled problem."""
    n, reps = len(units), len(bases)
    lat, lon = units["lat"].to_numpy(), units["lon"].to_numpy()
    far = great_circle_km(lat[:, None], lon[:, None], lat[bases], lon[bases])
    weight: FloatArray = units["population"].to_numpy(dtype=np.float64)
    who, none = np.ones(reps, dtype=np.bool_), np.zeros(reps)
    share = np.full(reps, 1.0 / reps)
    resources = tuple(
        Resource(
            name=name,
            values=np.repeat(units[name].to_numpy(dtype=np.float64), reps),
            lower=none,
            upper=none,
            takes_part=who,
            price=np.inf,
            lower_share=share * (1.0 - TOLERANCE),
            upper_share=share * (1.0 + TOLERANCE),
            per_item=True,
        )
        for name in MEASURES
    )
    return AssignmentModel(
        owners=reps,
        item_of_cover=np.arange(n),
        first=np.zeros(n, dtype=np.int64),
        last=np.full(n, reps),
        start=np.arange(n) * reps,
        allowed=np.ones(n * reps, dtype=np.bool_),
        cost=(weight[:, None] / weight.sum() * far).ravel(),
        constant=0.0,
        resources=resources,
        budgets=(),
        connected=(Connected("contiguity", edges, who, np.inf, edges),),
        apart=(),
        spread=(),
        homes=(),
        diameters=(),
        cut_edges=np.zeros((0, 2), dtype=np.int64),
        cut_prices=np.zeros(0),
        forbidden_by={},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line; print a line for each way to ascend."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--reps", type=int, required=True)
    parser.add_argument("--apart", type=float, default=20.0, help="km between bases, at least")
    parser.add_argument("--work", type=float, default=2000.0, help="passes at most")
    options = parser.parse_args(arguments)
    units, edges = read_units(options.path)
    places = (units[name].to_numpy() for name in ("lat", "lon", "population"))
    model = model_of(units, edges, heaviest_apart(*places, options.reps, options.apart))
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
