"""The strict order: stage after stage, each keeping what those before reached, then verified."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ....models.arrays import IndexArray
from ....models.objective import Stage
from ....models.plan import Plan, Status
from ....models.problem import Problem
from ....models.terms import stage_value
from ...explain import cornered_items
from ..clock import Clock
from ..model import AssignmentModel
from ..posting import compile_stage
from ..result import TerritoryResult
from ..verification import verified, verified_limit, verified_value
from ..versions import versions
from .effort import SMALL, Commission
from .explanation import explanation
from .guide import guide_model
from .means import Means
from .outcome import IMPOSSIBLE, SLACK, Outcome, stage_result
from .record import Record
from .stage import solve_stage
from .start import capped_incumbent, each_has_an_owner, item_owners


class StrictOrder:
    """The stages of one problem whose owners all have their base, or need none.

    Parameters
    ----------
    start
        A plan to begin from; it need not be feasible.
    limits
        Further stages, each with the most that it may come to.
    """

    def __init__(
        self,
        problem: Problem,
        commission: Commission,
        clock: Clock,
        start: Plan | None = None,
        limits: Sequence[tuple[Stage, float]] = (),
    ) -> None:
        self.problem, self.commission, self.clock = problem, commission, clock
        self.limits = tuple(limits)
        self.plan = capped_incumbent(problem) if start is None else start
        self.record = Record(clock)
        self.means = Means(problem, commission, clock, self.record)
        self.model: AssignmentModel | None = None

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
            self.record.open(stage, found)
            model = self.model = compile_stage(self.problem, stage, tuple(earlier))
            outcome = self._outcome(stage, model)
            self.record.close(stage, outcome)
            if outcome.owners is not None:
                found = self.plan = Plan(model.cover_owners(outcome.owners))
                value = verified_value(self.problem, found, stage, outcome.value, outcome.unit)
            elif found is None:
                break
            else:
                # Rounding alone can hide the plan at hand from a later stage; it stands.
                value = stage_value(self.problem, found, stage)
            limit = value + stage.tolerance * abs(value)
            earlier.append((stage, limit + SLACK * abs(limit)))
            if self.clock.interrupted:
                break
        return self._result(found, self.record.outcomes)

    def so_far(self) -> TerritoryResult:
        """What is known now, verified; the solve may go on in another thread."""
        return self._result(*self.record.so_far(self.problem), running=True)

    def _begin(self) -> None:
        """Find a plan to begin from where the first stage alone has nothing to go by."""
        model = guide_model(self.problem)
        if model is None or model.pairs <= SMALL or not each_has_an_owner(model):
            return
        self.clock.share(len(self.problem.objective.stages) + 1)
        prices = self.means.prices(model)
        if not math.isfinite(prices.bound):
            return
        found = self.means.search("start", model, self._start(model), prices, report=True)
        if found.item_owners is not None:
            self.plan = Plan(model.cover_owners(found.item_owners))

    def _outcome(self, stage: Stage, model: AssignmentModel) -> Outcome:
        self.clock.say(f"{stage.name}: {model.items} items, {model.pairs} pairs", None, None)
        if not each_has_an_owner(model):
            return IMPOSSIBLE
        if not self.record.outcomes and model.pairs > SMALL:
            self.record.cornered = cornered_items(model)
            if self.record.cornered:
                return IMPOSSIBLE
        return solve_stage(stage.name, model, self._start(model), self.means)

    def _start(self, model: AssignmentModel) -> IndexArray | None:
        """Owners of items by the plan so far."""
        return None if self.plan is None else item_owners(model, self.plan)

    def _result(
        self,
        plan: Plan | None,
        outcomes: Sequence[tuple[Stage, Outcome]],
        running: bool = False,
    ) -> TerritoryResult:
        """Evaluate the plan and put the result together, perhaps of a solve that goes on."""
        evaluation = None if plan is None else verified(self.problem, plan)
        if plan is not None:
            for stage, limit in self.limits:
                verified_limit(self.problem, plan, stage, limit)
        stages = []
        values: Mapping[str, float] = {} if evaluation is None else evaluation.objectives
        for stage in self.problem.objective.stages:
            outcome = next((o for s, o in outcomes if s is stage), None)
            stages.append(stage_result(stage, outcome, values.get(stage.name)))
        if plan is None:
            status = stages[0].status
        elif all(stage.status is Status.OPTIMAL for stage in stages):
            status = Status.OPTIMAL
        else:
            status = Status.FEASIBLE
        stop = self.clock.stop
        return TerritoryResult(
            plan=plan,
            status=status,
            stages=tuple(stages),
            stopped_by=self.clock.root().state() if running else self._stopped_by(),
            seed=self.commission.seed,
            versions=versions(),
            evaluation=evaluation,
            explanation=explanation(self.problem, status, self.model, self.record, stop),
            seconds=self.clock.elapsed(),
            work=dict(self.means.used),
        )

    def _stopped_by(self) -> str:
        if self.clock.interrupted:
            return "interrupted"
        reasons = {outcome.stopped_by for _, outcome in self.record.outcomes}
        return next((r for r in ("time", "work", "gap") if r in reasons), "proof")
