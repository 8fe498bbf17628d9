"""The engine on each program's own task: its own rules and terms, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from teig.models import Objective, Problem, Sites, WorkCalendar, build_problem
from teig.models.rules import Balance, Contiguity, MeasureRange, Rule
from teig.optimizer import solve_territories
from teig.optimizer.travel import GreatCircle

from .market import TOLERANCE, Market
from .programs import Found

WORK = 1.0
"""The usual effort; an annealing that the clock cuts short has not cooled."""


def _problem(
    market: Market, rules: Sequence[Rule], objective: Objective, *, sites: bool
) -> Problem:
    """Units, neighbours and territories without a base; ``sites`` where one is to be placed."""
    units = pd.DataFrame({
        "unit": market.ids, "latitude": market.latitude, "longitude": market.longitude,
        "size": market.amounts[0], "potential": market.amounts[1],
        "sales": 0.0, "workload_hours": 0.0, "visits": 0.0,
    })  # fmt: skip
    home = units.iloc[market.bases]
    reps = pd.DataFrame({
        "rep": [f"R{number + 1}" for number in range(market.territories)],
        "base": home["unit"].to_numpy(),
        "latitude": home["latitude"].to_numpy(), "longitude": home["longitude"].to_numpy(),
    })  # fmt: skip
    pairs = pd.DataFrame(np.array(market.ids)[market.edges], columns=["a", "b"])
    based = build_problem(
        units, reps, calendar=WorkCalendar.of_year(2026, "US"), travel=GreatCircle(circuity=1.0),
        neighbours=pairs, rules=rules, objective=objective, currency="USD",
    )  # fmt: skip
    team = based.teams[0]
    anywhere = Sites(np.arange(market.territories), points=market.plane(), inside=False)
    none, nowhere = np.zeros_like(team.kilometres), np.full(market.territories, np.nan)
    free = replace(team, kilometres=none, minutes=none, sites=anywhere if sites else None)
    owners = replace(based.owners, latitude=nowhere, longitude=nowhere)
    return based.replace(teams=(free,), owners=owners)


def _solved(problem: Problem, seconds: float, seed: int) -> Found:
    result = solve_territories(problem, work=WORK, seconds=0.9 * seconds, seed=seed)
    if result.plan is None:
        raise TimeoutError("; ".join(result.explanation))
    return Found(np.array(result.plan.owner), result.stages[0].bound)


def _equal(measure: str) -> Balance:
    return Balance(name=measure, measure=measure, tolerance=TOLERANCE, target="equal")


def compact_of_equal_count(market: Market, seconds: float, seed: int) -> Found:
    """Squares to the best unit, units within 10 % of equal."""
    aim = Objective.weighted({"inertia:units": 1.0})
    return _solved(_problem(market, [_equal("units")], aim, sites=True), seconds, seed)


def compact_and_whole(market: Market, seconds: float, seed: int) -> Found:
    """Squares to the best unit, contiguous."""
    aim = Objective.weighted({"inertia:units": 1.0})
    return _solved(
        _problem(market, [Contiguity(name="contiguity")], aim, sites=True), seconds, seed
    )


def least_cut(market: Market, seconds: float, seed: int) -> Found:
    """Cut borders, size within 10 %, contiguous."""
    rules = [Contiguity(name="contiguity"), _equal("size")]
    aim = Objective.weighted({"cut_edges": 1.0})
    return _solved(_problem(market, rules, aim, sites=False), seconds, seed)


def least_cut_below(market: Market, seconds: float, seed: int) -> Found:
    """Cut borders, size at most 10 % above the fair share and no least, contiguous."""
    most = (1 + TOLERANCE) * float(market.amounts[0].sum()) / market.territories
    rules = [
        Contiguity(name="contiguity"),
        MeasureRange(name="size", measure="size", maximum=most),
        MeasureRange(name="one_unit", measure="units", minimum=1.0),
    ]
    aim = Objective.weighted({"cut_edges": 1.0})
    return _solved(_problem(market, rules, aim, sites=False), seconds, seed)


def equal_potential(market: Market, seconds: float, seed: int) -> Found:
    """As equal in potential as can be."""
    aim = Objective.weighted({"deviation:potential": 1.0})
    return _solved(_problem(market, [], aim, sites=False), seconds, seed)


TASKS: dict[str, Callable[[Market, float, int], Found]] = {
    "k-means-constrained": compact_of_equal_count,
    "spopt": compact_and_whole,
    "gerrychain": least_cut,
    "metis": least_cut_below,
    "b2b-territory-optimization": equal_potential,
}
"""By the program whose task it is; the field problem itself is in ``benchmarks.field``."""
