"""A folder of units as a problem of the engine: nothing but its own rules and terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from teig.models import Objective, Problem, Sites, WorkCalendar, build_problem, split_large
from teig.models.geodesy import great_circle_km
from teig.models.rules import Balance, Contiguity
from teig.optimizer.territories.centres.settling import Settled, place_connected
from teig.optimizer.travel import GreatCircle

Numbers = NDArray[np.int64]

#: Columns that may be a unit's size, the first that a folder has.
SIZES = ("size", "population", "establishments")
POTENTIAL = "potential"
#: What is balanced; distances weigh the first.
MEASURES = ("size", POTENTIAL)
#: Share of the fair share by which a territory may be off it.
TOLERANCE = 0.1
#: Kilometres between two of the heaviest bases.
APART = 40.0


@dataclass(frozen=True, eq=False)
class Market:
    """Units of a folder.

    Parameters
    ----------
    units
        ``unit``, ``latitude``, ``longitude``, ``size``, ``potential`` (a missing size or
        potential counts as 0) and perhaps ``parts``.
    pairs
        Neighbours as given, None where the engine makes a planar graph of the points.
    """

    name: str
    units: pd.DataFrame
    pairs: pd.DataFrame | None


def read_market(folder: Path) -> Market:
    """Read ``units.csv`` or ``units.csv.gz``, and ``adjacency.csv`` where there is one."""
    path = next(p for p in (folder / "units.csv", folder / "units.csv.gz") if p.exists())
    table = pd.read_csv(path, dtype={"id": str})
    size = next(column for column in SIZES if column in table.columns)
    units = pd.DataFrame({
        "unit": table["id"], "latitude": table["lat"], "longitude": table["lon"],
        "size": table[size].fillna(0.0).astype(float),
        "potential": table[POTENTIAL].fillna(0.0).astype(float),
        "sales": 0.0, "workload_hours": 0.0, "visits": 0.0,
    })  # fmt: skip
    given = folder / "adjacency.csv"
    pairs = None
    if given.exists():
        pairs = pd.read_csv(given, dtype={"a": str, "b": str}, usecols=["a", "b"])
    return Market(folder.name, units, pairs)


def with_splits(market: Market, reps: int) -> Market:
    """Units that exceed a fair share of either measure may be shared, in parts of a twentieth."""
    parted = split_large(market.units, reps, measures=("size", POTENTIAL), above=1.0, share=0.05)
    return Market(market.name, parted, market.pairs)


def balanced_bases(
    market: Market, reps: int, seed: int, measures: Sequence[str] = MEASURES
) -> Settled:
    """Units to live in, by the engine's own location, with the plan that it judged them by."""
    units = market.units
    # Who the neighbours are does not depend on the bases.
    neighbours = problem_of(market, np.zeros(1, dtype=np.int64)).teams[0].neighbours
    return place_connected(
        units["latitude"].to_numpy(), units["longitude"].to_numpy(),
        units[list(measures)].to_numpy(), reps, neighbours.pairs,
        tolerance=TOLERANCE, seed=seed,
    )  # fmt: skip


def heaviest_bases(market: Market, reps: int, apart: float = APART) -> Numbers:
    """The largest units at least some km from every larger one taken, (reps,) at most."""
    latitude, longitude, size = (
        market.units[name].to_numpy() for name in ("latitude", "longitude", "size")
    )
    taken: list[int] = []
    for unit in np.argsort(-size, kind="stable").tolist():
        if len(taken) == reps:
            break
        far = great_circle_km(latitude[unit], longitude[unit], latitude[taken], longitude[taken])
        if not taken or far.min() >= apart:
            taken.append(unit)
    return np.array(taken, dtype=np.int64)


def problem_of(market: Market, bases: Numbers, measures: Sequence[str] = MEASURES) -> Problem:
    """Put the market to the engine."""
    units = market.units
    home = units.iloc[bases]
    reps = pd.DataFrame({
        "rep": [f"R{number + 1}" for number in range(len(bases))], "base": home["unit"].to_numpy(),
        "latitude": home["latitude"].to_numpy(), "longitude": home["longitude"].to_numpy(),
    })  # fmt: skip
    within = {"tolerance": TOLERANCE, "target": "equal", "hard": True}
    total = float(units[measures[0]].sum())
    return build_problem(
        units, reps,
        calendar=WorkCalendar.of_year(2026, "US"),
        travel=GreatCircle(circuity=1.0),
        neighbours="points" if market.pairs is None else market.pairs,
        rules=(
            Contiguity(name="contiguity"),
            *(Balance(name=measure, measure=measure, **within) for measure in measures),
        ),
        objective=Objective.weighted({f"distance:{measures[0]}": 1.0 / total}),
    )  # fmt: skip


def free_problem(market: Market, reps: int) -> Problem:
    """The same with bases that the engine chooses among the units, one in each territory."""
    based = problem_of(market, np.arange(reps))
    team, covers = based.teams[0], based.covers.unit
    sites = Sites.on_earth(
        np.arange(reps), based.units.latitude[covers], based.units.longitude[covers]
    )
    none = np.zeros(team.kilometres.shape)
    return based.replace(teams=(replace(team, kilometres=none, minutes=none, sites=sites),))
