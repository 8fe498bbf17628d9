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

from ....models.evaluation import evaluate
from ....models.placement import located, placed
from ....models.plan import Plan, Status
from ....models.problem import Problem
from ...explain import oversized_units
from ..clock import Clock
from ..result import Progress, StageResult, TerritoryResult, relative_gap
from ..verification import verified
from .bounding import location_bound
from .compile import relaxed_market, relaxed_model
from .first_bases import first_bases, settled_bases
from .solve import solve_centres

BOUND_WORK = 400.0
"""Million pairs priced for a bound of the model of all pairs; the usual effort."""

MARKET_WORK, BOUND_SHARE = 4_000.0, 0.25
"""The same where sites are priced sparsely, and the share of a limit in seconds."""

SMALL_UNITS = 400
"""Units up to which the bound is that of the model of all pairs."""

SETTLING_SHARE = 0.45
"""Of a limit in seconds, for bases and a first plan of connected territories."""

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
        self.asked = False
        self.best: TerritoryResult | None = None
        self.now: tuple[Plan, Clock] | None = None
        clock.so_far = self.so_far

    def run(self) -> TerritoryResult:
        """Take the turns; what is proven holds wherever the bases lie."""
        clock = self.clock
        plan, begin = self._begun(0), self.start
        if begin is not None:
            plan = _where_known(self.problem, begin, plan)
        elif (plan.owner >= 0).any():
            plan = begin = _where_known(self.problem, Plan(plan.owner), plan)
        resting = False
        for turn in range(TURNS):
            # Where time is short, a plan is worth more than a bound.
            if self.best is not None:
                self._prove(plan)
            found = self._turn(plan, begin, turn, last=resting or turn == TURNS - 1)
            if clock.stop():
                break
            if found.plan is None:
                # There may be one for other bases, or with more time.
                plan, begin = self._begun(turn + 1), None
                continue
            begin = found.plan
            moved = _where_known(self.problem, Plan(found.plan.owner), plan)
            if moved.centres is None or plan.centres is None:
                break
            if (moved.centres == plan.centres).all():
                if resting or clock.left() is None:
                    break
                # Bases that stay where they are get what is left of the time.
                resting = True
            plan = moved
        self._prove(plan)
        if self.best is None:  # pragma: no cover - there is always a first turn
            raise RuntimeError("no turn was taken")
        found = _proven(self.best, self.bound)
        if found.stopped_by == "work" and (clock.interrupted or clock.bitten):
            return replace(found, stopped_by="interrupted" if clock.interrupted else "time")
        return found

    def _begun(self, attempt: int) -> Plan:
        """Bases, and a plan for them where territories must hang together and one is found."""
        seed, left = self.seed + attempt, self.clock.left()
        if self.start is not None:
            return first_bases(self.problem, seed, self.clock.stop)
        share = None if left is None else SETTLING_SHARE * left
        part = Clock(share, self.clock.listener, self.clock)
        return settled_bases(
            self.problem, seed, effort=min(1.0, self.work), stop=part.stop, better=self._offer
        )

    def _offer(self, plan: Plan) -> None:
        """Keep a plan with bases in the middle of its territories if it is better than the best."""
        plan = _where_known(self.problem, Plan(plan.owner), plan)
        evaluation = evaluate(self.problem, plan)
        if not evaluation.feasible:
            return
        stages = tuple(
            StageResult(name, Status.FEASIBLE, value, None)
            for name, value in evaluation.objectives.items()
        )
        found = TerritoryResult(
            plan, Status.FEASIBLE, stages, "work", self.seed, self.versions, evaluation,
            oversized_units(self.problem), self.clock.elapsed(),
        )  # fmt: skip
        if self.best is None or _is_better(found, self.best):
            self.best = found
            self.clock.found = True
            self.clock.say("placing bases", stages[0].objective, self.bound)

    def _prove(self, plan: Plan) -> None:
        """Bound what any places of bases cost, once, where there is time for it."""
        if self.asked or self.clock.stop():
            return
        self.asked = True
        self.bound = self._bound(plan)
        best = None if self.best is None else self.best.stages[0].objective
        self.clock.say("bound on any places of bases", best, self.bound)

    def _heard(self, word: Progress) -> None:
        """Pass on what an alignment says, with what is known wherever the bases lie."""
        if self.clock.listener is None:
            return
        known = None if self.best is None else self.best.stages[0].objective
        values = [value for value in (word.best, known) if value is not None]
        best = min(values, default=None)
        self.clock.listener(replace(word, best=best, bound=self.bound))

    def _turn(self, plan: Plan, begin: Plan | None, turn: int, *, last: bool) -> TerritoryResult:
        """Align to some bases and keep the outcome where it is better."""
        left, grace = self.clock.left(), 0.0
        known = self.best is not None and self.best.plan is not None
        seconds = None
        if left is not None and turn == 0 and not known:
            # Until there is a plan, the first turn may use all but the time of the bound.
            seconds = 0.5 * (1.0 - BOUND_SHARE) * left
            grace = seconds
        elif left is not None:
            seconds = left if last or not known else 0.5 * left
        part = Clock(seconds, self._heard, self.clock, grace)
        self.now = plan, part
        found = self.solve(placed(self.problem, plan), begin, part)
        self.now = None
        self.best = self._better(found, plan)
        if found.plan is not None:
            # Bases in the middle of the territories cost nothing more, and often less.
            self._offer(Plan(found.plan.owner, plan.centres))
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
