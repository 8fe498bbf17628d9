"""Problems whose bases are free: location and alignment together.

Where the model of centres knows all rules and terms, it is solved as a whole, to proof.
Else bases are placed first, the alignment to them is solved as any other, bases move to
the middles of the territories that came out, and so on while that pays; the model of
centres with the rules that it knows gives the bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from ....models.arrays import FloatArray, IndexArray
from ....models.placement import located, placed
from ....models.plan import Plan, Status
from ....models.problem import Problem, Team
from ....models.rules import Balance
from ....models.sites import Sites
from ....models.totals import PAIR_MEASURES, cover_values
from ..clock import Clock
from ..result import StageResult, TerritoryResult, relative_gap
from ..single_stage import single_stage_result
from ..verification import verified
from .bounding import location_bound
from .compile import location_terms, relaxed_market, relaxed_model, whole_model
from .model import CentreModel
from .placing import place_points
from .solve import CentreResult, solve_centres

WORK = 20_000.0
"""Million pairs priced where a problem is solved as a whole; the usual effort."""

BOUND_WORK = 400.0
"""The same for a bound alone."""

MARKET_WORK, BOUND_SHARE = 4_000.0, 0.3
"""The same where sites are priced sparsely, and the share of a limit in seconds."""

SMALL_UNITS = 400
"""Units up to which the bound is that of the model of all pairs."""

TURNS = 3
"""Alignments solved at most, bases moved in between."""

Solve = Callable[[Problem, Plan | None, float | None], TerritoryResult]
"""Solves a problem with all bases given, from a plan, within seconds."""


def solve_placing(
    problem: Problem,
    solve: Solve,
    *,
    work: float,
    gap: float,
    seed: int,
    start: Plan | None,
    clock: Clock,
    versions: dict[str, str],
) -> TerritoryResult:
    """Choose bases and territories together; the plan names the centre of each owner.

    Parameters
    ----------
    solve
        How a problem with bases is solved.
    """
    model = whole_model(problem)
    if model is not None:
        found = solve_centres(
            model,
            work=WORK * work,
            seconds=clock.left(),
            gap=gap,
            start=_chosen(problem, start),
            stop=clock.stop,
            listener=clock.listener,
        )
        return _whole_result(problem, model, found, seed, clock, versions)
    return _in_turns(problem, solve, work, seed, start, clock)


def _chosen(problem: Problem, start: Plan | None) -> IndexArray | None:
    """Centre of each cover in a plan to begin from."""
    if start is None or (start.owner < 0).any():
        return None
    centres = located(problem, start).centres
    return None if centres is None else np.asarray(centres[start.owner])


def _whole_result(
    problem: Problem,
    model: CentreModel,
    found: CentreResult,
    seed: int,
    clock: Clock,
    versions: dict[str, str],
) -> TerritoryResult:
    plan, claimed = None, 0.0
    if found.centres is not None:
        chosen, label = np.unique(found.centres, return_inverse=True)
        centres = np.full(len(problem.owners), -1, dtype=np.int64)
        centres[: len(chosen)] = chosen
        plan, claimed = Plan(label.reshape(-1), centres), model.value(found.centres)
    return single_stage_result(
        problem, found, plan, claimed, 0.0, work=found.work, seed=seed, clock=clock,
        versions=versions,
        impossible="it is proven that no places of the bases and no plan keep the hard rules",
    )  # fmt: skip


# -------------------------------------------------------------------------- in turns


def _in_turns(
    problem: Problem, solve: Solve, work: float, seed: int, start: Plan | None, clock: Clock
) -> TerritoryResult:
    """Bases, alignment, bases again; the best plan of all turns."""
    plan = first_bases(problem, seed)
    if start is not None:
        plan = _where_known(problem, start, plan)
    bound = 0.0
    best: TerritoryResult | None = None
    begin = start
    for turn in range(TURNS):
        left = clock.left()
        seconds = None if left is None else left / (TURNS - turn) ** 0.5
        found = solve(placed(problem, plan), begin, seconds)
        if best is None or _is_better(found, best):
            best = _with_centres(problem, found, plan)
        if turn == 0 and not clock.stop():
            # After the first plan: where time is short, a plan is worth more than a bound.
            bound = _bound(problem, plan, work, clock)
            clock.say("bound on any places of bases", None, bound)
        if clock.stop() or (left is not None and left < 1.0):
            break
        if found.plan is None:
            if found.stopped_by == "time":
                # The next turn has more time for the same bases.
                continue
            break
        begin = found.plan
        moved = _where_known(problem, Plan(found.plan.owner), plan)
        if moved.centres is None or plan.centres is None:
            break
        if (moved.centres == plan.centres).all():
            break
        plan = moved
    if best is None:  # pragma: no cover - there is always a first turn
        raise RuntimeError("no turn was taken")
    return _proven(best, bound)


def _where_known(problem: Problem, plan: Plan, other: Plan) -> Plan:
    """The plan with its centres; an owner without a territory is placed as in the other."""
    centres = located(problem, plan).centres
    if centres is None or other.centres is None:
        return other
    return Plan(plan.owner, np.where(centres < 0, other.centres, centres))


def first_bases(problem: Problem, seed: int) -> Plan:
    """A plan that says where bases lie and deals nothing out yet."""
    centres = np.full(len(problem.owners), -1, dtype=np.int64)
    for index, team in enumerate(problem.teams):
        if team.sites is not None:
            rows = _team_bases(problem, index, team, team.sites, seed)
            centres[team.sites.owners] = rows + team.covers.start
    return Plan(np.full(len(problem.covers), -1, dtype=np.int64), centres)


def _team_bases(problem: Problem, index: int, team: Team, sites: Sites, seed: int) -> IndexArray:
    """Covers of a team, counted within it, where its owners without a base begin."""
    span = slice(team.covers.start, team.covers.stop)
    measures, tolerance = _measures(problem, index)
    columns = np.column_stack([values[span] for values in measures])
    if not columns[:, 0].sum() > 0:
        columns[:, 0] = 1.0
    count = min(len(sites.owners), len(team.covers))
    if sites.points is not None:
        rows = place_points(sites.points, columns, count, tolerance=tolerance, seed=seed)
    else:
        rows = _spread(sites.kilometres(np.arange(len(team.covers))), columns[:, 0], count)
    # More owners than covers share places.
    return np.resize(rows, len(sites.owners))


def _measures(problem: Problem, team: int) -> tuple[list[FloatArray], float]:
    """What distances weigh, then what is balanced; the least tolerance."""
    terms = [t for stage in problem.objective.stages for t in location_terms(stage.terms)]
    balances = [
        rule
        for rule in problem.rules
        if isinstance(rule, Balance)
        and rule.measure not in PAIR_MEASURES
        and team in problem.owner_teams(rule.teams)
    ]
    names = [t.name.partition(":")[2] for t in terms[:1]] or ["covers"]
    names += [rule.measure for rule in balances if rule.measure not in names]
    tolerance = min((rule.tolerance for rule in balances), default=1.0)
    return [np.asarray(cover_values(problem, name)) for name in names], max(tolerance, 0.01)


def _spread(kilometres: FloatArray, weight: FloatArray, count: int) -> IndexArray:
    """Places from a table: each next one lowers the sum of distances most, then medians."""
    cost = weight[:, None] * np.nan_to_num(kilometres, nan=1e6)
    least = np.full(len(cost), np.inf)
    rows: list[int] = []
    for _ in range(count):
        total = np.minimum(cost, least[:, None]).sum(axis=0)
        total[rows] = np.inf
        rows.append(int(total.argmin()))
        least = np.minimum(least, cost[:, rows[-1]])
    places = np.array(rows, dtype=np.int64)
    for _ in range(10):
        label = cost[:, places].argmin(axis=1)
        for r in range(count):
            held = np.flatnonzero(label == r)
            if held.size:
                places[r] = held[cost[np.ix_(held, held)].sum(axis=0).argmin()]
    return places


def _is_better(found: TerritoryResult, best: TerritoryResult) -> bool:
    if found.plan is None or best.plan is None:
        return found.plan is not None
    one = [stage.objective or 0.0 for stage in found.stages]
    return one < [stage.objective or 0.0 for stage in best.stages]


def _with_centres(problem: Problem, found: TerritoryResult, plan: Plan) -> TerritoryResult:
    """The result of an alignment to placed bases, as one of the problem without them."""
    if found.plan is None:
        return found
    known = Plan(found.plan.owner, plan.centres)
    return replace(found, plan=known, evaluation=verified(problem, known))


def _bound(problem: Problem, plan: Plan, work: float, clock: Clock) -> float:
    """What no plan's first stage costs less than, wherever the bases lie; 0 if nothing better.

    Parameters
    ----------
    plan
        Bases for a start.
    """
    left = clock.left()
    part = Clock(None if left is None else BOUND_SHARE * left, clock.listener, clock)
    market = relaxed_market(problem)
    if market is not None and len(market) > SMALL_UNITS and plan.centres is not None:
        bases = np.unique(plan.centres[plan.centres >= 0])
        nearest = cKDTree(market.points[bases]).query(market.points)[1]
        found = location_bound(
            market, bases[np.asarray(nearest, dtype=np.int64)], work=MARKET_WORK * work,
            stop=part.stop,
        )  # fmt: skip
        return max(0.0, found.value)
    model = relaxed_model(problem)
    if model is None:
        return 0.0
    whole = solve_centres(model, work=BOUND_WORK * work, seconds=part.left(), stop=part.stop)
    return max(0.0, whole.bound)


def _proven(best: TerritoryResult, bound: float) -> TerritoryResult:
    """Only what holds wherever the bases lie counts as proven."""
    stages = []
    for number, stage in enumerate(best.stages):
        value = stage.objective
        if value is None:
            stages.append(
                StageResult(stage.name, Status.UNKNOWN, None, bound if not number else None)
            )
            continue
        known = min(bound, value) if number == 0 else min(0.0, value)
        optimal = relative_gap(value, known) <= 1e-9
        status = Status.OPTIMAL if optimal else Status.FEASIBLE
        stages.append(StageResult(stage.name, status, value, known))
        if not optimal:
            bound = 0.0
    every = all(stage.status is Status.OPTIMAL for stage in stages)
    status = Status.UNKNOWN if best.plan is None else Status.FEASIBLE
    status = Status.OPTIMAL if every and best.plan is not None else status
    stopped = best.stopped_by
    if stopped == "proof" and status is not Status.OPTIMAL:
        stopped = "work"
    said = best.explanation
    if best.plan is None:
        said = ("no plan was found for the places tried; it is not proven impossible", *said)
    return replace(best, status=status, stages=tuple(stages), stopped_by=stopped, explanation=said)
