"""The table of territories: what each owner carries."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..arrays import FloatArray, IndexArray
from ..fair_share import share_weights
from ..geodesy import great_circle_km
from ..plan import Plan
from ..problem import Problem
from ..rules import Balance
from ..rules.groups import piece_counts, piece_labels
from ..totals import owner_totals


def territory_table(problem: Problem, plan: Plan) -> pd.DataFrame:
    """One row per owner: load, hours, travel, money, fairness, shape.

    The columns are those of :func:`territory_columns`.
    """
    totals = {name: owner_totals(problem, plan, name) for name in table_measures(problem)}
    shape = [compactness(problem, plan, owner) for owner in range(len(problem.owners))]
    return territory_columns(problem, totals, np.array(shape), components(problem, plan))


def table_measures(problem: Problem) -> tuple[str, ...]:
    """Measures of which the table needs every owner's total."""
    plain = ("units", "load", "travel_hours", "potential", "sales")
    return tuple(dict.fromkeys((*plain, *balanced_measures(problem))))


def territory_columns(
    problem: Problem,
    totals: Mapping[str, FloatArray],
    shape: FloatArray,
    pieces: IndexArray,
) -> pd.DataFrame:
    """The table from each owner's totals, compactness and number of pieces, (owners,) each.

    ``fair_share_deviation_<measure>`` is a share of the fair share (0.1 is 10 %
    above) for load, potential, sales and every balanced measure; ``compactness`` is
    the mean distance of the territory's units to their centre of potential over
    that of a disc of equal area to its convex hull (1 is a disc, more is longer).
    """
    owners = problem.owners
    with np.errstate(divide="ignore", invalid="ignore"):
        utilisation = np.where(owners.hours > 0, totals["load"] / owners.hours, np.nan)
    table = pd.DataFrame(
        {
            "team": [problem.teams[team].name for team in owners.team],
            "rep": owners.ids,
            "kind": [str(kind) for kind in owners.kinds],
            "units": totals["units"],
            "load_hours": totals["load"],
            "hours": owners.hours,
            "utilisation": utilisation,
            "travel_hours": totals["travel_hours"],
            "potential": totals["potential"],
            "sales": totals["sales"],
        }
    )
    for measure, targets in balanced_measures(problem).items():
        table[f"fair_share_deviation_{measure}"] = _deviation(problem, totals[measure], targets)
    table["compactness"] = shape
    table["components"] = pieces
    return table


def balanced_measures(problem: Problem) -> dict[str, list[Balance]]:
    """Measures whose fairness is reported, with the balance rules that set targets."""
    found: dict[str, list[Balance]] = {"load": [], "potential": [], "sales": []}
    for rule in problem.rules:
        if isinstance(rule, Balance):
            found.setdefault(rule.measure, []).append(rule)
    return found


def _deviation(problem: Problem, totals: FloatArray, rules: list[Balance]) -> FloatArray:
    deviation = np.full(len(problem.owners), np.nan)
    for index, team in enumerate(problem.teams):
        span = slice(team.owners.start, team.owners.stop)
        rule = next((r for r in rules if index in problem.owner_teams(r.teams)), None)
        shares = (
            share_weights(problem, index, rule.target) if rule else share_weights(problem, index)
        )
        fair = shares * totals[span][problem.owners.holds_territory[span]].sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            deviation[span] = np.where(fair > 0, totals[span] / fair - 1.0, np.nan)
    return deviation


def compactness(problem: Problem, plan: Plan, owner: int) -> float:
    """Mean distance to the middle over that of a disc as large as the hull; NaN below 3 units."""
    covers = np.flatnonzero(plan.owner == owner)
    units = problem.covers.unit[covers]
    lat, lon = problem.units.latitude[units], problem.units.longitude[units]
    placed = np.isfinite(lat)
    if placed.sum() < 3:
        return float("nan")
    lat, lon = lat[placed], lon[placed]
    middle = float(lat.mean())
    # A local map in km is accurate enough for the shape of one territory.
    x = great_circle_km(middle, 0.0, middle, 1.0) * (lon - lon.mean())
    y = great_circle_km(0.0, 0.0, 1.0, 0.0) * (lat - middle)
    area = _hull_area(np.column_stack([x, y]))
    if area <= 0:
        return float("nan")
    distance = float(np.hypot(x - x.mean(), y - y.mean()).mean())
    return distance / (2.0 / 3.0 * float(np.sqrt(area / np.pi)))


def _hull_area(points: FloatArray) -> float:
    from shapely import MultiPoint

    return float(MultiPoint(points).convex_hull.area)


def components(problem: Problem, plan: Plan) -> IndexArray:
    """Pieces of each owner's territory, barriers aside, (owners,)."""
    pieces = np.zeros(len(problem.owners), dtype=np.int64)
    for index in range(len(problem.teams)):
        pieces += piece_counts(problem, plan, index, piece_labels(problem, plan, index))
    return pieces
