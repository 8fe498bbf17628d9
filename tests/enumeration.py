"""Tiny problems, and their optimum by trying every plan.

The oracle of the exact core, the bound and the search: it uses the rules' own checks
and terms only, nothing of the optimizer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from teig.models import (
    Covers,
    Neighbours,
    Objective,
    OwnerKind,
    Owners,
    Plan,
    Problem,
    Rule,
    Team,
    Touring,
    Units,
)
from teig.models.arrays import FloatArray, IndexArray
from teig.models.geodesy import great_circle_km
from teig.models.rules import (
    Balance,
    BaseInTerritory,
    Capacity,
    Compactness,
    Contiguity,
    Coverage,
    DisruptionCap,
    Forbid,
    IncumbentPreference,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    MeasureRange,
    Overnights,
    SiteCapacity,
    Skills,
    Splits,
)
from teig.models.terms import stage_value


@dataclass
class Sketch:
    """What a tiny problem is made of; :meth:`problem` puts it together.

    Parameters
    ----------
    places
        Latitude and longitude of each unit, degrees.
    edges
        Neighbours by unit, the same for every team that covers both.
    bases
        Latitude and longitude of each owner, sorted by team.
    owner_team, unit_teams
        Team of each owner; teams that cover each unit.
    """

    places: Sequence[tuple[float, float]]
    edges: Sequence[tuple[int, int]]
    bases: Sequence[tuple[float, float]]
    owner_team: Sequence[int] = ()
    unit_teams: Sequence[tuple[int, ...]] = ()
    kinds: Sequence[OwnerKind] = ()
    opens: Sequence[bool] = ()
    hours: Sequence[float] = ()
    workload: Sequence[float] = ()
    visits: Sequence[float] = ()
    sales: Sequence[float] = ()
    potential: Sequence[float] = ()
    incumbent: Sequence[str] = ()
    tenure: Sequence[float] = ()
    wholes: Sequence[str] = ()
    parents: Sequence[int] = ()
    needs: Sequence[frozenset[str]] = ()
    skills: Sequence[frozenset[str]] = ()
    no_way: Sequence[tuple[int, int]] = ()
    minutes_per_km: float = 1.0
    touring: Touring = Touring(calls_per_tour=2, local_minutes=30, overnight_minutes=240)  # noqa: RUF009

    def problem(self, rules: Sequence[Rule] = (), objective: Objective | None = None) -> Problem:
        """Put the problem together: units ``u0 …``, owners ``r0 …``, teams ``t0 …``."""
        n, m = len(self.places), len(self.bases)
        ids = tuple(f"u{i}" for i in range(n))
        owner_team = np.array(self.owner_team or [0] * m)
        unit_teams = self.unit_teams or [(0,)] * n
        teams = int(owner_team.max()) + 1
        cover_unit = [(t, u) for t in range(teams) for u in range(n) if t in unit_teams[u]]
        unit = np.array([u for _, u in cover_unit])
        owner_ids = tuple(f"r{i}" for i in range(m))
        named = self.incumbent or [""] * n
        latitude, longitude = np.array(self.places, dtype=float).reshape(-1, 2).T
        incumbent = [self._incumbent(named[u], owner_ids, owner_team, t) for t, u in cover_unit]
        wholes = np.array(self.wholes or ids)
        measures = {
            "sales": np.array(self.sales or [1.0] * n, dtype=float),
            "potential": np.array(self.potential or [1.0] * n, dtype=float),
            "accounts": np.ones(n),
        }
        shares = np.array([1.0 / (wholes == whole).sum() for whole in wholes])
        return Problem(
            units=Units(
                ids=ids,
                names=ids,
                wholes=tuple(wholes.tolist()),
                shares=shares,
                latitude=latitude,
                longitude=longitude,
                measures=measures,
                parents=np.array(self.parents or [-1] * n),
                parent_ids=("p0", "p1"),
                required_skills=tuple(self.needs),
            ),
            owners=Owners(
                ids=owner_ids,
                names=owner_ids,
                kinds=tuple(self.kinds or [OwnerKind.REP] * m),
                team=owner_team,
                latitude=np.array([b[0] for b in self.bases]),
                longitude=np.array([b[1] for b in self.bases]),
                hours=np.array(self.hours or [100.0] * m),
                full_time_hours=np.full(m, 100.0),
                productivity=np.ones(m),
                cost=np.zeros(m),
                opens=np.array(self.opens or [True] * m),
                skills=tuple(self.skills),
            ),
            covers=Covers(
                unit=unit,
                team=np.array([t for t, _ in cover_unit]),
                workload=np.array(self.workload or [10.0] * n, dtype=float)[unit],
                visits=np.array(self.visits or [4.0] * n, dtype=float)[unit],
                measures={name: values[unit] for name, values in measures.items()},
                incumbent=np.array([index for index, _ in incumbent]),
                incumbent_ids=tuple(owner for _, owner in incumbent),
                tenure=np.array(self.tenure or [0.0] * n, dtype=float)[unit],
            ),
            teams=tuple(self._team(t, cover_unit, owner_team) for t in range(teams)),
            rules=tuple(rules),
            objective=objective or Objective.weighted({"travel_hours": 1.0}),
            touring=self.touring,
        )

    @staticmethod
    def _incumbent(
        named: str, owner_ids: tuple[str, ...], owner_team: IndexArray, team: int
    ) -> tuple[int, str]:
        """Incumbent of a unit in one team; ``r0 r3`` names one a team."""
        for owner in named.split():
            if owner not in owner_ids:
                return -1, owner
            if owner_team[owner_ids.index(owner)] == team:
                return owner_ids.index(owner), owner
        return -1, ""

    def _team(self, team: int, cover_unit: list[tuple[int, int]], owner_team: IndexArray) -> Team:
        mine = [c for c, (t, _) in enumerate(cover_unit) if t == team]
        owners = np.flatnonzero(owner_team == team)
        units = [cover_unit[c][1] for c in mine]
        cover_of = dict(zip(units, mine, strict=True))
        km = self._kilometres(units, owners)
        for unit, owner in self.no_way:
            if unit in cover_of and owner in owners:
                km[units.index(unit), owner - owners[0]] = np.nan
        pairs = sorted(
            (min(cover_of[a], cover_of[b]), max(cover_of[a], cover_of[b]))
            for a, b in self.edges
            if a in cover_of and b in cover_of
        )
        return Team(
            name=f"t{team}",
            role="primary" if team == 0 else "overlay",
            covers=range(mine[0], mine[-1] + 1),
            owners=range(int(owners[0]), int(owners[-1]) + 1),
            minutes=km * self.minutes_per_km,
            kilometres=km,
            neighbours=Neighbours(
                np.array(pairs, dtype=np.int64).reshape(-1, 2), ("border",) * len(pairs)
            ),
        )

    def _kilometres(self, units: list[int], owners: IndexArray) -> FloatArray:
        lat, lon = np.array([self.places[u] for u in units], dtype=float).T
        base_lat, base_lon = np.array([self.bases[o] for o in owners], dtype=float).T
        km = great_circle_km(lat[:, None], lon[:, None], base_lat[None], base_lon[None])
        travels = [not self.kinds or self.kinds[o].holds_territory for o in owners]
        return np.asarray(np.where(np.array(travels)[None, :], np.round(km, 3), 0.0))


def row(units: int = 3, owners: int = 2, **parts: object) -> Sketch:
    """Units in a row 0.5 degrees apart on the equator, bases at its ends."""
    places = [(0.0, 0.5 * i) for i in range(units)]
    ends = np.linspace(0.0, 0.5 * (units - 1), owners) if owners > 1 else np.zeros(1)
    bases = [(0.0, float(x)) for x in ends]
    edges = [(i, i + 1) for i in range(units - 1)]
    return Sketch(places=places, edges=edges, bases=bases, **parts)  # type: ignore[arg-type]


def all_plans(problem: Problem) -> Iterator[Plan]:
    """Every plan that gives each cover an owner of its team."""
    options = [tuple(problem.teams[team].owners) for team in problem.covers.team.tolist()]
    for owners in itertools.product(*options):
        yield Plan(np.array(owners, dtype=np.int64))


def violations(problem: Problem, plan: Plan, *, hard: bool = True) -> int:
    """Number of broken rules, coverage among them."""
    rules = [*problem.rules]
    if not any(isinstance(rule, Coverage) for rule in rules):
        rules.append(Coverage())
    return sum(len(rule.check(problem, plan)) for rule in rules if rule.hard == hard)


def best_in_order(problem: Problem, slack: float = 1e-9) -> tuple[list[float], list[Plan]] | None:
    """Value of each stage in strict order and the plans that reach them, or None.

    A stage's tolerance is honoured: later stages may give up that share of it.
    """
    plans = [plan for plan in all_plans(problem) if not violations(problem, plan)]
    if not plans:
        return None
    values: list[float] = []
    for stage in problem.objective.stages:
        scores = [stage_value(problem, plan, stage) for plan in plans]
        best = min(scores)
        values.append(best)
        limit = best + (stage.tolerance + slack) * abs(best) + slack
        plans = [plan for plan, score in zip(plans, scores, strict=True) if score <= limit]
    return values, plans


RULE_KINDS = (
    Balance, BaseInTerritory, Capacity, Compactness, Contiguity, Coverage, DisruptionCap, Forbid,
    IncumbentPreference, KeepApart, KeepTogether, Lock, MaximumDistance, MeasureRange, Overnights,
    SiteCapacity, Skills, Splits,
)  # fmt: skip

TERMS = (
    "travel_hours", "travel_km", "nights", "cut_edges", "distance:potential", "inertia:sales",
    "deviation:load", "deviation:sales", "disruption:sales", "disruption:units", "farthest_km",
    "diameter_km",
)  # fmt: skip


def random_sketch(generator: np.random.Generator) -> Sketch:
    """A tiny market: 4 to 7 units, 2 or 3 owners, sometimes two teams, a house, parts."""
    two_teams = generator.random() < 0.3
    n = int(generator.integers(3, 5)) if two_teams else int(generator.integers(4, 8))
    m = 4 if two_teams else int(generator.integers(2, 4))
    owner_team = [0, 0, 1, 1] if two_teams else [0] * m
    whole_numbers = generator.random() < 0.5

    def amounts(low: int, high: int, count: int) -> list[float]:
        values = generator.integers(low, high, count).astype(float)
        return (values if whole_numbers else values + generator.random(count)).tolist()  # type: ignore[no-any-return]

    places = [tuple(generator.uniform(0, 2, 2).round(2).tolist()) for _ in range(n)]
    pairs = list(itertools.combinations(range(n), 2))
    tree = [(int(generator.integers(0, b)), b) for b in range(1, n) if generator.random() < 0.95]
    extra = [pairs[k] for k in generator.choice(len(pairs), size=2, replace=False)]
    wholes = [f"u{i}" for i in range(n)]
    if generator.random() < 0.6:
        wholes[:3] = ["w"] * 3
    kinds = [OwnerKind.REP] * m
    opens = [True] * m
    if generator.random() < 0.3:
        kinds[m - 1] = OwnerKind.HOUSE
        opens[m - 1] = bool(generator.random() < 0.5)
    present = [f"r{int(generator.integers(0, m))}" for _ in range(n)]
    return Sketch(
        places=places,
        edges=sorted({*tree, *extra}),
        bases=[tuple(generator.uniform(0, 2, 2).round(2).tolist()) for _ in range(m)],
        owner_team=owner_team,
        unit_teams=[
            (0, 1) if two_teams and generator.random() < 0.8 else (0,) for _ in range(n - 1)
        ]
        + [(0, 1) if two_teams else (0,)],
        kinds=kinds,
        opens=opens,
        hours=amounts(30, 70, m),
        workload=amounts(3, 15, n),
        visits=generator.integers(0, 9, n).astype(float).tolist(),
        sales=amounts(1, 9, n),
        potential=amounts(1, 9, n),
        incumbent=[owner if generator.random() < 0.8 else "" for owner in present],
        tenure=generator.integers(0, 5, n).astype(float).tolist(),
        wholes=wholes,
        parents=generator.integers(-1, 2, n).tolist(),
        needs=[frozenset({"crane"}) if generator.random() < 0.3 else frozenset() for _ in range(n)],
        skills=[
            frozenset({"crane"}) if generator.random() < 0.7 else frozenset() for _ in range(m)
        ],
        no_way=[(0, 0)] if generator.random() < 0.2 else [],
        touring=Touring(calls_per_tour=2, local_minutes=30, overnight_minutes=90),
    )


def random_rule(kind: type[Rule], problem: Problem, generator: np.random.Generator) -> Rule:
    """A rule of a kind with settings at random, hard or soft, that may well bite."""
    ids, owners = problem.units.ids, problem.owners.ids
    covered = [problem.units.ids[u] for u in np.unique(problem.covers.unit)]
    hard = bool(generator.random() < 0.5)

    def pick(values: Sequence[str], count: int) -> list[str]:
        return [values[int(k)] for k in generator.choice(len(values), size=count, replace=False)]

    def between(low: float, high: float) -> float:
        return float(np.round(generator.uniform(low, high), 2))

    settings: dict[type[Rule], dict[str, object]] = {
        Balance: {
            "measure": pick(["load", "sales", "units"], 1)[0],
            "tolerance": between(0.1, 0.6),
            "target": pick(["equal", "capacity"], 1)[0],
        },
        BaseInTerritory: {"bases": dict(zip(owners[:2], pick(covered, 2), strict=True))},
        Capacity: {"limit": between(0.7, 1.3)},
        Compactness: {"maximum_diameter": between(60, 200)},
        Contiguity: {"barriers": (tuple(pick(ids, 2)),) if generator.random() < 0.3 else ()},
        Coverage: {},
        DisruptionCap: {
            "share": between(0.1, 0.6),
            "measure": pick(["sales", "units"], 1)[0],
            "scope": pick(["all", "rep"], 1)[0],
        },
        Forbid: {"pairs": tuple(zip(pick(ids, 2), pick(owners, 2), strict=True))},
        IncumbentPreference: {"measure": "sales", "per_year": 0.1},
        KeepApart: {"groups": (tuple(pick(ids, 3)),)},
        KeepTogether: {"groups": (tuple(pick(ids, 2)),), "parents": ("p0",)},
        Lock: {"owners": {}},
        MaximumDistance: (
            {"kilometres": between(80, 200)}
            if generator.random() < 0.5
            else {"minutes": between(80, 200)}
        ),
        MeasureRange: {"measure": pick(["units", "travel_hours"], 1)[0], "minimum": 1.0, "maximum": between(3, 25)},
        Overnights: {"maximum": between(0, 4)},
        SiteCapacity: {
            "measure": pick(["units", "accounts", "sales"], 1)[0],
            "capacity": "potential",
            "bases": {owners[0]: pick(covered, 1)[0]},
        },
        Skills: {},
        Splits: {"maximum_owners": int(generator.integers(1, 3))},
    }  # fmt: skip
    if kind is Lock:
        cover = int(generator.integers(0, len(problem.covers)))
        team = problem.teams[problem.covers.team[cover]]
        owner = int(generator.integers(team.owners.start, team.owners.stop))
        settings[Lock] = {"owners": {ids[problem.covers.unit[cover]]: owners[owner]}}
    if kind is IncumbentPreference:
        hard = False
    if kind is Coverage:
        hard = True
    price = 0.0 if hard else float(generator.integers(1, 20))
    return kind(name=kind.kind, hard=hard, price=price, **settings[kind])


def random_problem(
    generator: np.random.Generator,
    *,
    kinds: Sequence[type[Rule]] | None = None,
    in_order: bool | None = None,
) -> Problem:
    """A tiny problem with a few random rules, weighted or in strict order."""
    bare = random_sketch(generator).problem()
    if kinds is None:
        count = int(generator.integers(1, 5))
        kinds = [
            RULE_KINDS[int(k)] for k in generator.choice(len(RULE_KINDS), count, replace=False)
        ]
    rules = tuple(random_rule(kind, bare, generator) for kind in kinds)
    soft = [f"rule:{rule.name}" for rule in rules if not rule.hard]
    terms = [TERMS[int(k)] for k in generator.choice(len(TERMS), 2, replace=False)]
    weights = {name: float(generator.integers(1, 5)) for name in (*terms, *soft)}
    if in_order is None:
        in_order = bool(generator.random() < 0.5)
    if in_order:
        names = [*soft, *terms] if generator.random() < 0.7 else [*terms, *soft]
        objective = Objective.in_order([(name, {name: weights[name]}) for name in names])
    else:
        objective = Objective.weighted(weights)
    return bare.replace(rules=rules, objective=objective)
