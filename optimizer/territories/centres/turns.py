"""Bases first, then the alignment to them, then bases again.

Bases are placed for the market, the alignment to them is solved as any other, each base
moves to the middle of the territory that came out, and so on while that pays (Cooper
1964, with a whole territory problem as the allocation). What bounds the cost for any
bases is the relaxed model of centres.
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
from ..verification import verified
from .bounding import location_bound
from .compile import location_terms, relaxed_market, relaxed_model
from .placing import place_points
from .solve import solve_centres

BOUND_WORK = 400.0
"""Million pairs priced for a bound of the model of all pairs; the usual effort."""

MARKET_WORK, BOUND_SHARE = 4_000.0, 0.25
"""The same where sites are priced sparsely, and the share of a limit in seconds."""

SMALL_UNITS = 400
"""Units up to which the bound is that of the model of all pairs."""

TURNS = 4
"""Alignments solved at most, bases moved in between."""

Solve = Callable[[Problem, Plan | None, Clock], TerritoryResult]
"""Solves a problem with all bases given, from a plan, by a clock of its own."""


class Turns:
    """Alignments to bases that move from turn to turn; the best of them counts.

    Parameters
    ----------
    solve
        How a problem with bases is solved.
    """

    def __init__(
        self,
        problem: Problem,
        solve: Solve,
        *,
        work: float,
        seed: int,
        start: Plan | None,
        clock: Clock,
        versions: dict[str, str],
    ) -> None:
        self.problem, self.solve, self.work, self.seed = problem, solve, work, seed
        self.start, self.clock, self.versions = start, clock, versions
        self.bound = 0.0
        self.best: TerritoryResult | None = None
        self.now: tuple[Plan, Clock] | None = None
        clock.so_far = self.so_far

    def run(self) -> TerritoryResult:
        """Take the turns; what is proven holds wherever the bases lie."""
        clock = self.clock
        plan = first_bases(self.problem, self.seed, clock.stop)
        if self.start is not None:
            plan = _where_known(self.problem, self.start, plan)
        begin = self.start
        for turn in range(TURNS):
            found = self._turn(plan, begin, turn)
            if turn == 0 and not clock.stop():
                # After the first plan: where time is short, a plan is worth more than a bound.
                self.bound = self._bound(plan)
                clock.say("bound on any places of bases", None, self.bound)
            if clock.stop():
                break
            if found.plan is None:
                # There may be one for other bases, or with more time.
                plan = first_bases(self.problem, self.seed + turn + 1, clock.stop)
                continue
            begin = found.plan
            moved = _where_known(self.problem, Plan(found.plan.owner), plan)
            if moved.centres is None or plan.centres is None:
                break
            if (moved.centres == plan.centres).all():
                break
            plan = moved
        if self.best is None:  # pragma: no cover - there is always a first turn
            raise RuntimeError("no turn was taken")
        return _proven(self.best, self.bound)

    def _turn(self, plan: Plan, begin: Plan | None, turn: int) -> TerritoryResult:
        """Align to some bases and keep the outcome where it is better."""
        left, grace = self.clock.left(), 0.0
        seconds = None
        if left is not None and turn == 0:
            # Until there is a plan, the first turn may use all but the time of the bound.
            seconds = 0.5 * (1.0 - BOUND_SHARE) * left
            grace = seconds
        elif left is not None:
            last = turn == TURNS - 1 or self.best is None or self.best.plan is None
            seconds = left if last else 0.5 * left
        part = Clock(seconds, self.clock.listener, self.clock, grace)
        self.now = plan, part
        found = self.solve(placed(self.problem, plan), begin, part)
        self.now = None
        self.best = self._better(found, plan)
        return found

    def _better(self, found: TerritoryResult, plan: Plan) -> TerritoryResult:
        """The better one of the best so far and an alignment to the bases of a plan."""
        if self.best is None or _is_better(found, self.best):
            return _with_centres(self.problem, found, plan)
        return self.best

    def so_far(self) -> TerritoryResult:
        """What is known now; the turn at hand may go on in another thread."""
        now, best = self.now, self.best
        if now is not None and now[1].so_far is not None:
            best = self._better(now[1].so_far(), now[0])
        if best is None:
            return TerritoryResult(
                None, Status.UNKNOWN, (), self.clock.state(), self.seed, self.versions,
                seconds=self.clock.elapsed(),
            )  # fmt: skip
        return replace(_proven(best, self.bound), stopped_by=self.clock.state())

    def _bound(self, plan: Plan) -> float:
        """What no plan's first stage costs less than, wherever the bases lie; 0 if nothing better.

        Parameters
        ----------
        plan
            Bases for a start.
        """
        left = self.clock.left()
        part = Clock(None if left is None else BOUND_SHARE * left, self.clock.listener, self.clock)
        market = relaxed_market(self.problem)
        if market is not None and len(market) > SMALL_UNITS and plan.centres is not None:
            bases = np.unique(plan.centres[plan.centres >= 0])
            nearest = cKDTree(market.points[bases]).query(market.points)[1]
            found = location_bound(
                market, bases[np.asarray(nearest, dtype=np.int64)],
                work=MARKET_WORK * self.work, stop=part.stop,
            )  # fmt: skip
            return max(0.0, found.value)
        model = relaxed_model(self.problem)
        if model is None:
            return 0.0
        whole = solve_centres(
            model, work=BOUND_WORK * self.work, seconds=part.left(), stop=part.stop
        )
        return max(0.0, whole.bound)


def _where_known(problem: Problem, plan: Plan, other: Plan) -> Plan:
    """The plan with its centres; an owner without a territory is placed as in the other."""
    centres = located(problem, plan).centres
    if centres is None or other.centres is None:
        return other
    return Plan(plan.owner, np.where(centres < 0, other.centres, centres))


def first_bases(problem: Problem, seed: int, stop: Callable[[], bool] = lambda: False) -> Plan:
    """A plan that says where bases lie and deals nothing out yet."""
    centres = np.full(len(problem.owners), -1, dtype=np.int64)
    for index, team in enumerate(problem.teams):
        if team.sites is not None:
            rows = _team_bases(problem, index, team, team.sites, seed, stop)
            centres[team.sites.owners] = rows + team.covers.start
    return Plan(np.full(len(problem.covers), -1, dtype=np.int64), centres)


def _team_bases(
    problem: Problem, index: int, team: Team, sites: Sites, seed: int, stop: Callable[[], bool]
) -> IndexArray:
    """Covers of a team, counted within it, where its owners without a base begin."""
    span = slice(team.covers.start, team.covers.stop)
    measures, tolerance = _measures(problem, index)
    columns = np.column_stack([values[span] for values in measures])
    if not columns[:, 0].sum() > 0:
        columns[:, 0] = 1.0
    count = min(len(sites.owners), len(team.covers))
    if sites.points is not None:
        rows = place_points(sites.points, columns, count, tolerance=tolerance, seed=seed, stop=stop)
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
