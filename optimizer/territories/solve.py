"""The driver: stages in strict order, each by the means that suit its size, then verified."""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...models.arrays import IndexArray
from ...models.objective import Stage
from ...models.placement import free_owners
from ...models.plan import Plan, Status
from ...models.problem import Problem
from ...models.rules import DisruptionCap, cover_name
from ...models.terms import stage_value
from ..explain import (
    Cornered,
    broken_texts,
    conflicting_rules,
    cornered_items,
    describe,
    find_obstacles,
    oversized_units,
)
from .bottleneck import solve_bottleneck
from .centres.dealing import solve_placing
from .clock import Clock, interruptible
from .columns import CLOSE, is_separable, prove
from .exact import Effort, solve_exact
from .guide import guide_model
from .measures import measure, overlooked
from .model import AssignmentModel
from .partition.dealing import alike_model, solve_dealing
from .posting import compile_stage
from .prices import PriceResult, price_bound
from .prices.bound import Prices
from .result import Listener, StageResult, TerritoryResult, relative_gap
from .search import SearchResult, improve
from .search.together import Workers, improve_together, one_after_another
from .verification import verified, verified_limit, verified_value

#: Pairs up to which CP-SAT tries a model at once, without a search before it.
SMALL = 1_500

#: Pairs left over by the bound and the best plan up to which CP-SAT finishes the rest.
FINISHED = 12_000

#: Deterministic time of CP-SAT for each stage: at once on a whole small model, on what
#: prices and a plan have left of a small one, and of a larger one. At once on one that
#: whole territories may prove.
EXACT_WORK, SMALL_WORK, FINISHING_WORK = 3.0, 30.0, 3.0
QUICK_WORK = 0.5

#: Share of the usual effort that whole territories of larger models get.
LARGER = 0.3

#: Passes of the ascent for each stage.
PASSES = 800.0

#: Proposals of the search for each unit and stage, and at least for a stage.
PROPOSALS, FEWEST_PROPOSALS = 3_000.0, 1.5e6

#: Share of that for each limit on what counts by its largest value.
BOTTLENECK = 0.15

#: Share of a stage's value that floating point may cost an earlier stage.
SLACK = 1e-9

#: How far the search's own sums may be from the evaluation's, a share.
SEARCH_UNIT = 1e-7


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What is known of a stage: owners of items, their value within a unit, a bound."""

    owners: IndexArray | None
    value: float
    unit: float
    bound: float
    proven: bool
    stopped_by: str


@dataclass(frozen=True, eq=False)
class _Known:
    """What is known in the middle of a solve, as one thing that is replaced as a whole.

    Parameters
    ----------
    plan, outcomes
        Of the stages before, the best plan so far and what is known of each.
    stage
        The stage at hand; None while a plan to begin from is looked for.
    model, outcome
        The best plan of the stage at hand, its value and bound.
    """

    plan: Plan | None = None
    outcomes: tuple[tuple[Stage, _Outcome], ...] = ()
    stage: Stage | None = None
    model: AssignmentModel | None = None
    outcome: _Outcome = _Outcome(None, math.inf, 0.0, -math.inf, False, "work")


def solve_territories(
    problem: Problem,
    *,
    work: float = 1.0,
    seconds: float | None = None,
    gap: float = 0.0,
    seed: int = 1,
    start: Plan | None = None,
    progress: Listener | None = None,
    limits: Sequence[tuple[Stage, float]] = (),
    searches: int = 1,
    workers: Workers = one_after_another,
) -> TerritoryResult:
    """Deal the units of a problem out to its owners.

    The stages of the objective are solved one after another; each keeps what the
    stages before reached. The same problem, work, gap, seed and start give the same
    plan, whatever the machine; a limit in seconds ends that where it bites, and the
    result says so. Ctrl-C returns the best plan so far; a second one is raised.

    Owners whose base is free (:class:`teig.models.Sites`) are placed along with it; the
    plan names the unit of each. Owners without any base that are all alike are dealt
    parts of the market (least diameter, fewest cut edges).

    Parameters
    ----------
    work
        Multiple of the usual effort, which follows from the size of the problem.
    seconds
        Wall clock for all stages together; None for no such limit.
    gap
        Stop a stage where its plan is proven within this share of its value.
    start
        A plan to begin from (last quarter's, a manager's); it need not be feasible.
    progress
        Called now and then, from another thread; what it is given also knows the best
        plan so far and can end the solve (:class:`teig.optimizer.Progress`).
    limits
        Stages beside those of the objective, each with the most that it may come to:
        the ε of a trade-off front. For problems where every owner has its base.
    searches
        Searches of every large stage that share their best at set points of their work,
        each as long as one alone would be. Part of the input: it decides the plan.
    workers
        Where these are carried out, here by default; it does not decide anything.

    Raises
    ------
    ValueError
        For limits where owners have no base.
    VerificationError
        When the independent evaluation disagrees with the solver: a defect.

    Examples
    --------
    >>> from teig.optimizer import solve_territories  # doctest: +SKIP
    >>> solve_territories(problem, seconds=60).status  # doctest: +SKIP
    <Status.OPTIMAL: 'optimal'>
    """
    clock = Clock(seconds, progress)

    def align(based: Problem, begin: Plan | None, part: Clock) -> TerritoryResult:
        return _Run(based, work, gap, seed, begin, part, (), searches, workers).solve()

    def solve() -> TerritoryResult:
        alike, free = alike_model(problem), len(free_owners(problem)) > 0
        if limits and (alike is not None or free):
            raise ValueError("limits on other stages need owners that have their base")
        if alike is not None:
            return solve_dealing(
                problem, alike, work=work, gap=gap, seed=seed, start=start, clock=clock,
                versions=versions(),
            )  # fmt: skip
        if not free:
            run = _Run(problem, work, gap, seed, start, clock, limits, searches, workers)
            return run.solve()
        return solve_placing(
            problem, align, work=work, gap=gap, seed=seed, start=start, clock=clock,
            versions=versions(),
        )  # fmt: skip

    return interruptible(solve, clock)


class _Run:
    """One solve of one problem."""

    def __init__(
        self,
        problem: Problem,
        work: float,
        gap: float,
        seed: int,
        start: Plan | None,
        clock: Clock,
        limits: Sequence[tuple[Stage, float]] = (),
        searches: int = 1,
        workers: Workers = one_after_another,
    ) -> None:
        self.searches, self.workers = searches, workers
        self.problem, self.work, self.gap, self.seed = problem, work, gap, seed
        self.limits = tuple(limits)
        self.clock = clock
        self.plan = _capped_incumbent(problem) if start is None else start
        self.outcomes: list[tuple[Stage, _Outcome]] = []
        self.known = _Known()
        self.used = {"exact": 0.0, "passes": 0.0, "proposals": 0.0}

    # ------------------------------------------------------------------ stages

    def solve(self) -> TerritoryResult:
        """All stages, then the verified result."""
        stages = self.problem.objective.stages
        earlier: list[tuple[Stage, float]] = list(self.limits)
        found: Plan | None = None
        self.clock.so_far = self.so_far
        self._begin()
        for index, stage in enumerate(stages):
            self.clock.share(len(stages) - index)
            self.clock.bitten = False
            self.known = _Known(found, tuple(self.outcomes), stage)
            outcome = self._stage(stage, tuple(earlier))
            self.outcomes.append((stage, outcome))
            if found is None and outcome.owners is None:
                break
            if outcome.owners is not None:
                found = self.plan = Plan(self.model.cover_owners(outcome.owners))
                value = verified_value(self.problem, found, stage, outcome.value, outcome.unit)
            else:
                # Rounding alone can hide the plan at hand from a later stage; it stands.
                value = math.inf if found is None else stage_value(self.problem, found, stage)
            limit = value + stage.tolerance * abs(value)
            earlier.append((stage, limit + SLACK * abs(limit)))
            if self.clock.interrupted:
                break
        return self._result(found)

    def so_far(self) -> TerritoryResult:
        """What is known now, verified; the solve may go on in another thread."""
        known = self.known
        found, outcomes = known.plan, list(known.outcomes)
        if known.stage is not None:
            outcome = known.outcome
            outcomes.append((known.stage, outcome))
            if known.model is not None and outcome.owners is not None:
                found = Plan(known.model.cover_owners(outcome.owners))
                verified_value(self.problem, found, known.stage, outcome.value, outcome.unit)
        elif known.model is not None and known.outcome.owners is not None:
            found = Plan(known.model.cover_owners(known.outcome.owners))
        return self._result(found, outcomes)

    def _better(
        self, model: AssignmentModel, owners: IndexArray, value: float, unit: float
    ) -> None:
        """Remember a better plan of the stage at hand."""
        if value < self.known.outcome.value:
            outcome = replace(self.known.outcome, owners=owners, value=value, unit=unit)
            self.known = replace(self.known, model=model, outcome=outcome)
            self.clock.found = True

    def _bounded(self, bound: float) -> None:
        """Remember a better bound of the stage at hand."""
        if math.isfinite(bound) and bound > self.known.outcome.bound:
            self.known = replace(self.known, outcome=replace(self.known.outcome, bound=bound))

    def _begin(self) -> None:
        """Find a plan to begin from where the first stage alone has nothing to go by."""
        model = guide_model(self.problem)
        if model is None or model.pairs <= SMALL or not _each_has_an_owner(model):
            return
        self.clock.share(len(self.problem.objective.stages) + 1)
        prices = self._prices(model)
        if not math.isfinite(prices.bound):
            return
        found = self._improve("start", model, self._start(model), prices, None, report=True)
        if found.item_owners is not None:
            self.plan = Plan(model.cover_owners(found.item_owners))

    def _improve(
        self,
        what: str,
        model: AssignmentModel,
        start: IndexArray | None,
        prices: PriceResult,
        target: float | None,
        share: float = 1.0,
        report: bool = False,
    ) -> SearchResult:
        """Search; with ``report`` better plans are plans of the stage at hand."""

        def heard(best: float, _: float, owners: IndexArray | None) -> None:
            if report and owners is not None:
                self._better(model, owners, best, _unit(model, owners, best))
            self.clock.say(f"{what}: search", best, prices.bound)

        work = max(PROPOSALS * model.items, FEWEST_PROPOSALS) * self.work * share
        others = self._others(model)
        if self.searches > 1 and model.pairs > SMALL:
            found = improve_together(
                model, searches=self.searches, prices=prices, start=start, seed=self.seed,
                work=work, target=target, seconds=self.clock.left_of_share(), others=others,
                workers=self.workers, listener=heard, stop=self.clock.stop,
            )  # fmt: skip
        else:
            found = improve(
                model, start=start, seed=self.seed, work=work, target=target, prices=prices,
                others=others, listener=heard, stop=self.clock.stop,
            )  # fmt: skip
        self.used["proposals"] += found.work
        return found

    def _stage(self, stage: Stage, earlier: tuple[tuple[Stage, float], ...]) -> _Outcome:
        model = self.model = compile_stage(self.problem, stage, earlier)
        self.clock.say(f"{stage.name}: {model.items} items, {model.pairs} pairs", None, None)
        if not _each_has_an_owner(model):
            return _Outcome(None, math.inf, 0.0, math.inf, True, "proof")
        if not self.outcomes and model.pairs > SMALL:
            self.cornered = cornered_items(model)
            if self.cornered:
                return _Outcome(None, math.inf, 0.0, math.inf, True, "proof")
        start = self._start(model)
        if model.pairs <= SMALL:
            work = QUICK_WORK if is_separable(model) else EXACT_WORK
            outcome = self._exact(stage, model, start, work * self.work)
            if outcome.proven or self._enough(outcome) or self.clock.stop():
                return outcome
            return self._search(stage, model, outcome)
        return self._search(stage, model, _Outcome(start, math.inf, 0.0, -math.inf, False, "work"))

    def _start(self, model: AssignmentModel) -> IndexArray | None:
        """Owners of items by the plan so far."""
        return None if self.plan is None else _item_owners(model, self.plan)

    def _others(self, model: AssignmentModel) -> tuple[IndexArray, ...]:
        """Today's alignment as one more plan to begin from."""
        if not (self.problem.covers.incumbent >= 0).any():
            return ()
        return (_item_owners(model, Plan.incumbent(self.problem)),)

    def _exact(
        self, stage: Stage, model: AssignmentModel, start: IndexArray | None, work: float
    ) -> _Outcome:
        def heard(best: float | None, bound: float | None, owners: IndexArray) -> None:
            plain = measure(model, owners)
            if plain.feasible:
                value = plain.objective
                self._better(model, owners, value, _unit(model, owners, value))
            self.clock.say(f"{stage.name}: exact", best, bound)

        found = solve_exact(
            model,
            Effort(work=work, gap=self.gap),
            seed=self.seed,
            start=start,
            report=heard,
            stop=self.clock.stop,
        )
        self.used["exact"] += found.work
        return _Outcome(
            found.owners,
            math.inf if found.value is None else found.value,
            found.unit,
            found.bound,
            found.stopped_by == "proof",
            found.stopped_by,
        )

    def _enough(self, outcome: _Outcome) -> bool:
        if outcome.owners is None or not math.isfinite(outcome.bound):
            return False
        return relative_gap(outcome.value, outcome.bound) <= self.gap

    # ------------------------------------------------------------------ larger models

    def _search(self, stage: Stage, model: AssignmentModel, known: _Outcome) -> _Outcome:
        """Prices, search, prices again against the plan, and CP-SAT on what is left."""
        if model.largest:
            return self._bottleneck(stage, model, known)
        clock = self.clock
        prices = self._prices(model)
        bound = max(known.bound, prices.bound)
        if math.isinf(bound) and bound > 0:
            return _Outcome(None, math.inf, 0.0, math.inf, True, "proof")
        self._bounded(bound)
        clock.say(f"{stage.name}: bound by prices", None, bound)
        target = bound + self.gap / max(1.0 - self.gap, 1e-9) * abs(bound)
        found = self._improve(stage.name, model, known.owners, prices, target, report=True)
        best = replace(known, bound=bound, stopped_by="work")
        if found.item_owners is not None and found.objective < known.value:
            unit = _unit(model, found.item_owners, found.objective)
            best = _Outcome(found.item_owners, found.objective, unit, bound, False, "work")
        elif not math.isfinite(known.value):
            best = replace(best, owners=None)
        if found.item_owners is None:
            self.nearest = Plan(model.cover_owners(found.nearest))
        if clock.stop() or self._enough(best):
            return replace(best, stopped_by="gap" if self._enough(best) else "time")
        return self._finish(stage, model, best, prices)

    def _bottleneck(self, stage: Stage, model: AssignmentModel, known: _Outcome) -> _Outcome:
        """Terms that count by their largest value: limits on it, each with a shorter search."""

        def search(limited: AssignmentModel) -> IndexArray | None:
            prices = self._prices(limited)
            if not math.isfinite(prices.bound):
                return None
            found = self._improve(stage.name, limited, known.owners, prices, None, BOTTLENECK)
            return found.item_owners

        def better(owners: IndexArray, value: float) -> None:
            self._better(model, owners, value, _unit(model, owners, value))
            self.clock.say(f"{stage.name}: search", value, None)

        start = known.owners if math.isfinite(known.value) else None
        found = solve_bottleneck(
            model,
            search,
            start=start,
            work=PASSES * self.work / 2,
            stop=self.clock.stop,
            report=better,
        )
        bound = max(known.bound, found.bound)
        if found.owners is None:
            return replace(known, bound=bound, stopped_by="work")
        unit = _unit(model, found.owners, found.value)
        if found.value >= known.value:
            return replace(known, bound=min(bound, known.value), stopped_by="work")
        return _Outcome(found.owners, found.value, unit, min(bound, found.value), False, "work")

    def _prices(self, model: AssignmentModel) -> PriceResult:
        """Prices from nothing, and from full prices where soft upper limits may all be broken.

        With every price at nothing and no cost but the limits', all owners look alike,
        and the ascent has no direction.
        """
        found = price_bound(model, work=PASSES * self.work, stop=self.clock.stop)
        self.used["passes"] += found.work
        tables = found.tables
        upper_only = np.isinf(tables.lower) & np.isfinite(tables.upper) & tables.takes_part
        soft = np.isfinite(tables.resource_price) & (tables.resource_group == 0)
        if not (upper_only & soft[:, None]).any() or not math.isfinite(found.bound):
            return found
        full = np.where(upper_only & soft[:, None], tables.resource_price[:, None], 0.0)
        again = price_bound(
            model,
            work=PASSES * self.work,
            prices=Prices(
                np.eye(1, len(found.prices.groups))[0], full, np.zeros_like(found.prices.counters)
            ),
            tables=tables,
            stop=self.clock.stop,
        )
        self.used["passes"] += again.work
        return again if again.bound > found.bound else found

    def _finish(
        self, stage: Stage, model: AssignmentModel, best: _Outcome, prices: PriceResult
    ) -> _Outcome:
        """CP-SAT on the pairs that a better plan may hold."""
        if best.owners is not None:
            prices = price_bound(
                model,
                upper=best.value,
                work=PASSES * self.work / 2,
                prices=prices.prices,
                tables=prices.tables,
                stop=self.clock.stop,
            )
            self.used["passes"] += prices.work
            best = replace(best, bound=max(best.bound, min(prices.bound, best.value)))
            self._bounded(best.bound)
            if self._enough(best):
                return replace(best, stopped_by="gap")
        possible = prices.possible & model.allowed
        if int(possible.sum()) > FINISHED or self.clock.stop():
            return best
        if is_separable(model):
            best = self._prove(stage, model, best, prices)
            if best.proven or self._enough(best) or self.clock.stop():
                return best
        if best.owners is not None:
            possible = possible.copy()
            possible[model.start + best.owners - model.first] = True
        effort = SMALL_WORK if model.pairs <= SMALL else FINISHING_WORK
        found = self._exact(
            stage, replace(model, allowed=possible), best.owners, effort * self.work
        )
        return _better(best, found)

    def _prove(
        self, stage: Stage, model: AssignmentModel, best: _Outcome, prices: PriceResult
    ) -> _Outcome:
        """Whole territories, as far as those that count can be listed."""
        clock = self.clock

        def heard(owners: IndexArray, value: float, bound: float) -> None:
            self._better(model, owners, value, _unit(model, owners, value))
            self._bounded(bound)
            clock.say(f"{stage.name}: territories", value, bound)

        if best.owners is None:
            return best
        effort = self.work * (1.0 if model.pairs <= SMALL else LARGER)
        found = prove(
            model, prices, best.owners, work=effort, gap=self.gap, seconds=clock.left_of_share,
            stop=clock.stop, report=heard,
        )  # fmt: skip
        self.used["territories"] = self.used.get("territories", 0.0) + found.work
        bound = max(best.bound, found.bound)
        proven = found.value - bound <= CLOSE * max(abs(found.value), 1e-9)
        unit = _unit(model, found.owners, found.value)
        reason = "proof" if proven else best.stopped_by
        return _Outcome(found.owners, found.value, unit, bound, proven, reason)

    # ------------------------------------------------------------------ result

    def _result(
        self, plan: Plan | None, outcomes: Sequence[tuple[Stage, _Outcome]] | None = None
    ) -> TerritoryResult:
        """Put the result together; with ``outcomes`` it is one of a solve that goes on."""
        known = self.outcomes if outcomes is None else outcomes
        evaluation = None if plan is None else verified(self.problem, plan)
        if plan is not None:
            for stage, limit in self.limits:
                verified_limit(self.problem, plan, stage, limit)
        stages = []
        values: Mapping[str, float] = {} if evaluation is None else evaluation.objectives
        for stage in self.problem.objective.stages:
            outcome = next((o for s, o in known if s is stage), None)
            stages.append(_stage_result(stage, outcome, values.get(stage.name)))
        first = stages[0].status
        if plan is None:
            status = first
        elif all(stage.status is Status.OPTIMAL for stage in stages):
            status = Status.OPTIMAL
        else:
            status = Status.FEASIBLE
        return TerritoryResult(
            plan=plan,
            status=status,
            stages=tuple(stages),
            stopped_by=self._stopped_by() if outcomes is None else self.clock.root().state(),
            seed=self.seed,
            versions=versions(),
            evaluation=evaluation,
            explanation=self._explanation(status),
            seconds=self.clock.elapsed(),
            work=dict(self.used),
        )

    def _stopped_by(self) -> str:
        if self.clock.interrupted:
            return "interrupted"
        reasons = {outcome.stopped_by for _, outcome in self.outcomes}
        return next((r for r in ("time", "work", "gap") if r in reasons), "proof")

    def _explanation(self, status: Status) -> tuple[str, ...]:
        if status in (Status.OPTIMAL, Status.FEASIBLE):
            return oversized_units(self.problem)
        said = [self._in_a_corner(one) for one in self.cornered]
        said += [obstacle.text for obstacle in find_obstacles(self.problem)]
        if status is Status.UNKNOWN:
            said = ["nothing was found within the limits; it is not proven impossible", *said]
            said += oversized_units(self.problem)
            said += () if self.nearest is None else broken_texts(self.problem, self.nearest)
        elif not said and self.model.pairs <= SMALL:
            rules = conflicting_rules(self.problem, self.clock.stop)
            if rules is not None:
                together = "these rules cannot hold together, and any of them left out, they can:"
                alone = "this rule cannot be kept, whatever the others say:"
                named = "; ".join(describe(rule) for rule in rules)
                said = [f"{alone if len(rules) == 1 else together} {named}"]
                said += oversized_units(self.problem)
        return tuple(dict.fromkeys(said)) or ("it is proven that no plan keeps the hard rules",)

    def _in_a_corner(self, found: Cornered) -> str:
        cover = int(np.flatnonzero(self.model.item_of_cover == found.item)[0])
        fills = " and ".join(
            f"{100 * share:.0f} % of the most that rule {name} allows"
            for name, share in zip(found.rules, found.shares, strict=True)
        )
        return (
            f"{cover_name(self.problem, cover)} fills {fills}; no connected territory with it "
            "keeps these rules: wider tolerances or `parts` for it would help"
        )

    nearest: Plan | None = None
    cornered: tuple[Cornered, ...] = ()


def _better(best: _Outcome, found: _Outcome) -> _Outcome:
    """Put together a plan with what CP-SAT says of the pairs that a better plan may hold."""
    if found.proven and found.owners is None:
        # No better plan: the known one is the best, or there is none at all.
        bound = best.value if best.owners is not None else math.inf
        return replace(best, bound=bound, proven=True, stopped_by="proof")
    bound = max(best.bound, min(found.bound, best.value))
    if found.owners is not None and found.value <= best.value:
        return replace(found, bound=max(found.bound, min(bound, found.value)))
    return replace(best, bound=bound, stopped_by=found.stopped_by)


def _capped_incumbent(problem: Problem) -> Plan | None:
    """Today's alignment where a hard rule caps what may leave it: every plan lies near it."""
    capped = any(isinstance(rule, DisruptionCap) and rule.hard for rule in problem.rules)
    return Plan.incumbent(problem) if capped else None


def _unit(model: AssignmentModel, owners: IndexArray, value: float) -> float:
    """How far a plan's value by the model may be from the evaluation's."""
    return SEARCH_UNIT * max(1.0, abs(value)) + overlooked(model, owners)


def _item_owners(model: AssignmentModel, plan: Plan) -> IndexArray:
    """Owners of items by a plan; items it does not settle get the cheapest one."""
    leader = np.full(model.items, len(model.item_of_cover), dtype=np.int64)
    np.minimum.at(leader, model.item_of_cover, np.arange(len(model.item_of_cover)))
    owners = plan.owner[leader]
    inside = (owners >= model.first) & (owners < model.last)
    pair = model.start + np.where(inside, owners - model.first, 0)
    inside &= model.allowed[pair]
    cheapest = np.where(model.allowed, model.cost, np.inf)
    for item in np.flatnonzero(~inside).tolist():
        begin = int(model.start[item])
        span = cheapest[begin : begin + int(model.last[item] - model.first[item])]
        owners[item] = model.first[item] + int(span.argmin())
    return np.asarray(owners, dtype=np.int64)


def _each_has_an_owner(model: AssignmentModel) -> bool:
    return not model.items or bool(np.logical_or.reduceat(model.allowed, model.start).all())


def _stage_result(stage: Stage, outcome: _Outcome | None, value: float | None) -> StageResult:
    if outcome is None:
        return StageResult(
            stage.name, Status.UNKNOWN if value is None else Status.FEASIBLE, value, None
        )
    if value is None:
        status = Status.INFEASIBLE if outcome.proven else Status.UNKNOWN
        return StageResult(stage.name, status, None, None if outcome.proven else outcome.bound)
    # A value at its bound is proven, whoever found it: soft limits that all hold, say.
    closed = value - outcome.bound <= SLACK * max(1.0, abs(value))
    proven = outcome.owners is not None and (outcome.proven or closed)
    status = Status.OPTIMAL if proven else Status.FEASIBLE
    bound = min(outcome.bound, value) if math.isfinite(outcome.bound) else None
    return StageResult(stage.name, status, value, bound)


def versions() -> dict[str, str]:
    """Versions of what a plan depends on."""
    found = {}
    for name in ("teig", "ortools", "numba", "numpy"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found
