"""Runs made by hand: small markets with a plan each, without files and without a solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from teig.models.evaluation import evaluate
from teig.models.geodesy import great_circle_km
from teig.models.objective import Objective
from teig.models.plan import Plan, Status
from teig.models.problem import Covers, Neighbours, OwnerKind, Owners, Problem, Team, Units
from teig.models.rules import Balance, Capacity, DisruptionCap, Rule
from teig.optimizer.territories.result import StageResult, TerritoryResult
from teig.scenarios.comparison import comparison_table
from teig.scenarios.results import (
    AssumptionRange,
    Change,
    InputTable,
    Money,
    MoneyRow,
    RunResult,
    ScenarioResult,
    Verdict,
)

#: What a position costs; odd, so that a test can find it where it must not stand.
PAY = 93_471.0

DEFAULT_RULES: tuple[Rule, ...] = (
    Capacity(hard=False),
    Balance(measure="load", tolerance=0.15, hard=False),
    Balance(measure="potential", tolerance=0.2, hard=False),
    DisruptionCap(share=0.3),
)


@dataclass(frozen=True)
class TeamOf:
    """A team of a hand-made problem: which units (rows) and which reps it has."""

    name: str
    units: Sequence[int]
    reps: pd.DataFrame
    role: str = "primary"
    pairs: Sequence[tuple[int, int]] = field(default_factory=tuple)


def make_problem(
    units: pd.DataFrame,
    teams: Sequence[TeamOf],
    rules: tuple[Rule, ...] = DEFAULT_RULES,
    currency: str = "USD",
) -> Problem:
    """Build a problem from frames.

    ``units``: unit, name, latitude, longitude, potential, sales, workload, visits,
    incumbent; optionally whole, share, parent, skills. ``reps`` of a team: rep,
    latitude, longitude, hours; optionally kind, full_time_hours, skills. Pairs of a
    team count its own units.
    """
    n = len(units)
    measures = {
        "potential": units["potential"].to_numpy(float),
        "sales": units["sales"].to_numpy(float),
        "accounts": np.ones(n),
    }
    parents = units.get("parent", pd.Series([""] * n))
    parent_ids = tuple(sorted(set(parents) - {""}))
    skills = units.get("skills", pd.Series([""] * n))
    unit_part = Units(
        ids=tuple(units["unit"]),
        names=tuple(units["name"]),
        wholes=tuple(units.get("whole", units["unit"])),
        shares=np.asarray(units.get("share", pd.Series(np.ones(n))), dtype=np.float64),
        latitude=units["latitude"].to_numpy(float),
        longitude=units["longitude"].to_numpy(float),
        measures=measures,
        parents=np.array([parent_ids.index(p) if p else -1 for p in parents]),
        parent_ids=parent_ids,
        required_skills=tuple(frozenset(s.split()) for s in skills),
    )
    reps = pd.concat([team.reps.assign(team=t) for t, team in enumerate(teams)], ignore_index=True)
    m = len(reps)
    kinds = tuple(OwnerKind(k) for k in reps.get("kind", pd.Series(["rep"] * m)).fillna("rep"))
    rep_skills = reps.get("skills", pd.Series([""] * m)).fillna("")
    hours = reps["hours"].to_numpy(float)
    owner_part = Owners(
        ids=tuple(reps["rep"]),
        names=tuple(reps["rep"]),
        kinds=kinds,
        team=reps["team"].to_numpy(),
        latitude=reps["latitude"].to_numpy(float),
        longitude=reps["longitude"].to_numpy(float),
        hours=hours,
        full_time_hours=np.where(hours > 0, max(hours.max(), 1.0), 0.0),
        productivity=np.ones(m),
        cost=np.where(hours > 0, PAY, 0.0),
        opens=np.ones(m, dtype=bool),
        skills=tuple(frozenset(s.split()) for s in rep_skills),
    )
    index = {rep: i for i, rep in enumerate(owner_part.ids)}
    rows = np.concatenate([np.array(team.units, dtype=int) for team in teams])
    incumbents = tuple(units["incumbent"].iloc[row] for row in rows)
    made, cover, owner = [], 0, 0
    for team in teams:
        own_rows = np.array(team.units, dtype=int)
        covers = range(cover, cover + len(own_rows))
        owners = range(owner, owner + len(team.reps))
        km = 1.3 * great_circle_km(
            unit_part.latitude[own_rows, None],
            unit_part.longitude[own_rows, None],
            owner_part.latitude[None, owners.start : owners.stop],
            owner_part.longitude[None, owners.start : owners.stop],
        )
        travels = owner_part.holds_territory[owners.start : owners.stop]
        km = np.where(travels[None, :], np.nan_to_num(km), 0.0)
        pairs = np.array(sorted(team.pairs), dtype=np.int64).reshape(-1, 2) + cover
        made.append(
            Team(
                name=team.name,
                role=team.role,
                covers=covers,
                owners=owners,
                minutes=km / 80.0 * 60.0,
                kilometres=km,
                neighbours=Neighbours(pairs, ("border",) * len(pairs)),
            )
        )
        cover, owner = covers.stop, owners.stop
    cover_part = Covers(
        unit=rows,
        team=np.concatenate([np.full(len(team.units), t) for t, team in enumerate(teams)]),
        workload=units["workload"].to_numpy(float)[rows],
        visits=units["visits"].to_numpy(float)[rows],
        measures={name: column[rows] for name, column in measures.items()},
        incumbent=np.array([index.get(rep, -1) for rep in incumbents]),
        incumbent_ids=incumbents,
        tenure=np.zeros(len(rows)),
    )
    return Problem(
        units=unit_part,
        owners=owner_part,
        covers=cover_part,
        teams=tuple(made),
        rules=rules,
        objective=Objective.in_order([("travel", {"travel_hours": 1.0})]),
        currency=currency,
        price_year=2027,
    )


def make_result(
    name: str,
    problem: Problem,
    plan: Plan | None,
    geometry: gpd.GeoDataFrame | None = None,
    **changes: Any,
) -> ScenarioResult:
    """Measure a plan as a run would; ``incumbent`` is frozen."""
    evaluation = evaluate(problem, plan) if plan is not None else None
    frozen = name == "incumbent"
    territory = None
    if not frozen:
        objective = evaluation.terms["travel_hours"].value if evaluation else None
        bound = None if objective is None else 0.97 * objective
        status = Status.FEASIBLE if plan is not None else Status.INFEASIBLE
        territory = TerritoryResult(
            plan=plan,
            status=status,
            stages=(StageResult("travel", status, objective, bound),),
            stopped_by="work",
            seed=1,
            versions={"teig": "0.1.0"},
            evaluation=evaluation,
            explanation=() if plan else ("R01 and R02 are locked to the same unit.",),
        )
    values: dict[str, Any] = {
        "name": name,
        "settings": {},
        "problem": problem,
        "status": territory.status if territory else Status.FEASIBLE,
        "plan": plan,
        "evaluation": evaluation,
        "territory": territory,
        "quotas": None,
        "quota_table": quota_table(evaluation.territories, problem.currency)
        if evaluation and not frozen
        else quota_table(None, problem.currency),
        "structure": pd.DataFrame(columns=["person", "role", "team", "reports_to"]),
        "geometry": geometry,
        "money": money_of(problem, evaluation.terms, frozen) if evaluation else None,
        "changes": (),
        "inputs": (InputTable("units", "units.csv", "measured", len(problem.units), "ab" * 32),),
        "input_hash": "cd" * 32,
        "quarantined": pd.DataFrame(
            columns=["table", "column", "action", "rows", "hours", "money"]
        ),
        "versions": {"teig": "0.1.0"},
        "stopped_by": "" if frozen else "work",
    }
    return ScenarioResult(**{**values, **changes})


def money_of(problem: Problem, terms: Mapping[str, Any], frozen: bool) -> Money:
    """A plausible money table; nothing in it is right but the sums."""
    sales = float(problem.units.measures["sales"].sum()) * (1.0 if frozen else 1.03)
    people = float(problem.owners.cost.sum())
    travel = terms["travel_hours"].value * 60.0
    disruption = 0.1 * terms["disruption:sales"].value
    contribution = 0.3 * sales - people - travel - disruption
    rows = (
        MoneyRow("expected_sales", sales, "What the units buy at the calls they get.", True),
        MoneyRow("margin", 0.3 * sales, "30 % of expected sales.", True),
        MoneyRow("people", people, "All positions.", False),
        MoneyRow("travel", travel, "Hours of travel at 60 an hour.", True),
        MoneyRow("disruption", disruption, "10 % of the sales that change hands.", True),
        MoneyRow("contribution", contribution, "Margin less people, travel and disruption.", False),
    )
    return Money(rows, contribution, contribution * (1.0 if frozen else 1.01), problem.currency)


def quota_table(territories: pd.DataFrame | None, currency: str) -> pd.DataFrame:
    """Quotas by potential, in thousands, that add up to a company's budget."""
    columns = ["node", "level", "parent", "product", "period", "quota", "index", "currency"]
    if territories is None:
        return pd.DataFrame(columns=columns)
    held = territories[territories["kind"].isin(["rep", "vacancy"])]
    quotas = np.round(held["sales"].to_numpy() * 1.05, -3)
    rows = [
        (rep, "rep", "field", "all", "2027", float(quota), float(sales) * 1.05, currency)
        for rep, quota, sales in zip(held["rep"], quotas, held["sales"], strict=True)
    ]
    total = float(quotas.sum())
    rows.append(("field", "team", "company", "all", "2027", total, total, currency))
    rows.append(("company", "company", "", "all", "2027", total, total, currency))
    return pd.DataFrame(rows, columns=columns)


def make_run(
    name: str,
    incumbent: ScenarioResult | None,
    scenarios: Sequence[ScenarioResult],
    verdicts: Sequence[Verdict] = (),
    assumptions: Sequence[AssumptionRange] = (),
) -> RunResult:
    """Put scenarios beside the incumbent."""
    first = (incumbent or scenarios[0]).problem
    return RunResult(
        name=name,
        source="market.yaml",
        currency=first.currency,
        price_year=2027,
        incumbent=incumbent,
        scenarios=tuple(scenarios),
        comparison=comparison_table(incumbent, scenarios, verdicts),
        verdicts=tuple(verdicts),
        assumptions=tuple(assumptions),
    )


# ---------------------------------------------------------------- a small market

COLUMNS, ROWS = 6, 4


def grid_units() -> pd.DataFrame:
    """24 squares of a degree's tenth in 6 columns and 4 rows, named like places."""
    cells = [(x, y) for y in range(ROWS) for x in range(COLUMNS)]
    return pd.DataFrame(
        {
            "unit": [f"{number + 1:04d}" for number in range(len(cells))],
            "name": [f"Tromsø {number + 1}" for number in range(len(cells))],
            "latitude": [60.05 + 0.1 * y for _, y in cells],
            "longitude": [10.05 + 0.1 * x for x, _ in cells],
            "potential": [1_000_000.0 + 50_000.0 * number for number in range(len(cells))],
            "sales": [400_000.0 + 10_000.0 * number for number in range(len(cells))],
            "workload": [200.0] * len(cells),
            "visits": [60.0] * len(cells),
            "incumbent": [("R01", "R01", "R02", "R02", "R03", "R03")[x] for x, _ in cells],
        }
    )


def grid_geometry() -> gpd.GeoDataFrame:
    """The squares of :func:`grid_units`."""
    units = grid_units()
    boxes = [
        shapely.box(lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05)
        for lat, lon in zip(units["latitude"], units["longitude"], strict=True)
    ]
    return gpd.GeoDataFrame({"unit": units["unit"]}, geometry=boxes, crs="EPSG:4326")


def grid_pairs() -> list[tuple[int, int]]:
    """Squares that share a side."""
    across = [(i, i + 1) for i in range(ROWS * COLUMNS) if (i + 1) % COLUMNS]
    return across + [(i, i + COLUMNS) for i in range((ROWS - 1) * COLUMNS)]


def grid_reps() -> pd.DataFrame:
    """Three reps and the house."""
    return pd.DataFrame(
        {
            "rep": ["R01", "R02", "R03", "HOUSE"],
            "latitude": [60.15, 60.15, 60.25, np.nan],
            "longitude": [10.05, 10.25, 10.55, np.nan],
            "hours": [1_700.0, 1_700.0, 1_500.0, 0.0],
            "kind": ["rep", "rep", "vacancy", "house"],
        }
    )


def grid_problem(units: pd.DataFrame | None = None, **changes: Any) -> Problem:
    """One team on the squares."""
    frame = grid_units() if units is None else units
    team = TeamOf("field", range(len(frame)), grid_reps(), pairs=grid_pairs())
    return make_problem(frame, [team], **changes)


def grid_run(
    geometry: gpd.GeoDataFrame | None = None, units: pd.DataFrame | None = None
) -> RunResult:
    """Today, a rebalanced plan and one with a house account, on the squares."""
    problem = grid_problem(units)
    frame = grid_units() if units is None else units
    today = Plan.incumbent(problem)
    owners = [problem.owner_index[rep] for rep in frame["incumbent"]]
    rebalanced, housed = list(owners), list(owners)
    for at in (4, 10):
        rebalanced[at] = problem.owner_index["R02"]
    housed[0] = problem.owner_index["HOUSE"]
    return make_run(
        "Små teiger <script>alert(1)</script>",
        make_result("incumbent", problem, today, geometry),
        [
            make_result(
                "rebalanced",
                problem,
                Plan(np.array(rebalanced)),
                geometry,
                description="Two squares go to R02",
                changes=(Change("rules.balance.tolerance", "0.2", "0.1", "tighter"),),
            ),
            make_result("house & co", problem, Plan(np.array(housed)), geometry),
        ],
        verdicts=(
            Verdict("rebalanced", "house & co", "contribution", None, "Not distinguishable."),
        ),
    )
