"""Running the exact core: rounds of CP-SAT with separators between them."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from ....models.arrays import IndexArray
from ....models.plan import Status
from ...cp_sat import new_solver
from ..model import AssignmentModel
from .cohesion import Separators, count_pieces
from .prices import limit_earlier, priced_sum
from .program import Program

#: Rounds of separators after which spanning trees are posted as well.
ROUNDS_BEFORE_TREES = 40

#: Seconds between two looks at the clock while CP-SAT runs.
_POLL = 0.2

Report = Callable[[float | None, float | None, IndexArray], None]


@dataclass(frozen=True)
class Effort:
    """How long a solve may go on.

    Parameters
    ----------
    work
        CP-SAT's deterministic time, about a second of one core each.
    gap
        Share of the objective at which to stop.
    """

    work: float = math.inf
    gap: float = 0.0


@dataclass(frozen=True, eq=False)
class ExactResult:
    """What the exact core found.

    Parameters
    ----------
    owners
        Owner of each item, (items,), None without a plan.
    value
        Objective of the plan, None without one; off by at most ``unit``.
    bound
        No plan that keeps the hard limits is below; -inf where nothing is known.
    unit
        Largest difference between ``value`` and the independent evaluation.
    stopped_by
        ``proof``, ``gap``, ``work``, ``time`` or ``interrupted``.
    work
        Deterministic time used.
    """

    status: Status
    owners: IndexArray | None
    value: float | None
    bound: float
    unit: float
    stopped_by: str
    work: float


class _Watch(cp_model.CpSolverSolutionCallback):
    """Keeps the best plan that hangs together, and plans that do not for their cuts."""

    def __init__(self, run: _Run) -> None:
        super().__init__()
        self.run = run

    def on_solution_callback(self) -> None:
        self.run.found(self.response_proto, round(self.objective_value))


class _Run:
    """One solve of one model."""

    def __init__(
        self,
        model: AssignmentModel,
        effort: Effort,
        seed: int,
        report: Report,
        stop: Callable[[], bool],
    ) -> None:
        self.model, self.effort, self.seed, self.report = model, effort, seed, report
        self.stop = stop
        self.program = Program(model)
        self.work = 0.0
        self.best: IndexArray | None = None
        self.best_whole: int | None = None
        self.floor: int | None = None
        self.broken: list[IndexArray] = []
        self.interrupted = False
        self.timed_out = False

    def prepare(self, start: IndexArray | None) -> None:
        program = self.program
        self.sum = priced_sum(program, self.model)
        self.least = cheapest(program)
        for earlier in self.model.earlier:
            limit_earlier(program, earlier)
        self.separators = Separators(program)
        if self.sum.variables:
            program.cp.minimize(self.sum.expression())
        if start is not None:
            program.hint(start)

    def found(self, response: Any, whole: int) -> None:
        """Take a solution from CP-SAT."""
        owners = self.program.owners_of(response.solution)
        if self.separators.parts and self.separators.pieces(owners):
            self.broken.append(owners)
            return
        if self.best_whole is None or whole < self.best_whole:
            self.best, self.best_whole = owners, whole
            self.report(self.value(), self.bound(), owners)

    def value(self) -> float | None:
        """Objective of the best plan."""
        return None if self.best_whole is None else self.sum.unscaled(self.best_whole)

    def bound(self) -> float:
        """True bound, rounding taken off."""
        if self.floor is None:
            return self.least
        known = self.sum.unscaled(self.floor - self.sum.error - self.sum.dead)
        return max(known, self.least)

    def solve(self) -> ExactResult:
        """Rounds until the relaxed optimum hangs together, or a limit is reached."""
        rounds = 0
        while not self.program.stuck:
            status = self._round()
            rounds += 1
            if status == cp_model.MODEL_INVALID:
                raise RuntimeError(f"CP-SAT refused the program: {self.program.cp.validate()}")
            if status == cp_model.INFEASIBLE:
                if self.best is None:
                    break
                self.floor = self.best_whole
            if self._closed():
                return self._result(Status.OPTIMAL, "proof")
            stopped = self._stopped(status)
            if stopped:
                known = Status.UNKNOWN if self.best is None else Status.FEASIBLE
                return self._result(known, stopped)
            self._tighten(rounds)
        return self._result(Status.INFEASIBLE, "proof")

    def _tighten(self, rounds: int) -> None:
        """Cut off the plans in pieces."""
        for owners in self.broken:
            self.separators.cut(owners)
        if rounds == ROUNDS_BEFORE_TREES:
            for part in self.separators.parts:
                for pieces in count_pieces(self.program, part):
                    self.program.cp.add_at_most_one(pieces)
        if self.broken:
            self.program.hint(self.broken[-1] if self.best is None else self.best)
        self.broken = []

    def _closed(self) -> bool:
        """Whether the floor has reached the best plan."""
        if self.best_whole is None or self.floor is None:
            return False
        return self.floor >= self.best_whole

    def _stopped(self, status: Any) -> str:
        if self.interrupted:
            return "interrupted"
        if self.timed_out:
            return "time"
        value = self.value()
        if value is not None and value - self.bound() <= self.effort.gap * max(abs(value), 1e-9):
            return "gap"
        if status != cp_model.OPTIMAL or self.work >= self.effort.work:
            return "work"
        return ""

    def _round(self) -> Any:
        """One run of CP-SAT on the program as it stands."""
        solver = new_solver(seed=self.seed, work=self.effort.work - self.work, gap=self.effort.gap)
        solver.parameters.linearization_level = 2
        status = self._run(solver)
        self.work += solver.response_proto.deterministic_time
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN):
            floor = solver.best_objective_bound if self.sum.variables else self.sum.constant
            if math.isfinite(floor):
                floor = math.ceil(floor - 1e-6)
                self.floor = floor if self.floor is None else max(self.floor, floor)
        return status

    def _run(self, solver: Any) -> Any:
        """Run in a thread, so that Ctrl-C reaches us and leaves the best plan."""
        watch = _Watch(self)
        answer: list[Any] = []
        failure: list[BaseException] = []
        done = threading.Event()

        def run() -> None:
            try:
                answer.append(solver.solve(self.program.cp, watch))
            except BaseException as error:  # raised again by the caller
                failure.append(error)
            finally:
                done.set()

        threading.Thread(target=run, name="cp-sat", daemon=True).start()
        while not done.is_set():
            try:
                done.wait(_POLL)
                if self.stop():
                    self.timed_out = True
                    solver.stop_search()
            except KeyboardInterrupt:
                self.interrupted = True
                solver.stop_search()
        if failure:
            raise failure[0]
        return answer[0]

    def _result(self, status: Status, stopped_by: str) -> ExactResult:
        if self.program.stuck or status == Status.INFEASIBLE:
            return ExactResult(Status.INFEASIBLE, None, None, math.inf, 0.0, stopped_by, self.work)
        unit = self.sum.unit
        return ExactResult(
            status, self.best, self.value(), self.bound(), unit, stopped_by, self.work
        )


def cheapest(program: Program) -> float:
    """The fixed part and the cheapest pair of every item: nothing else is negative."""
    model = program.model
    cost = np.where(program.usable, model.cost, np.inf)
    return model.constant + float(np.minimum.reduceat(cost, model.start).sum())


def solve_exact(
    model: AssignmentModel,
    effort: Effort | None = None,
    *,
    seed: int = 1,
    start: IndexArray | None = None,
    report: Report | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> ExactResult:
    """Solve a model with CP-SAT, to proof unless a limit comes first.

    Parameters
    ----------
    start
        Owner of each item, (items,), of a plan to begin from; it need not be feasible.
    report
        Called with the best value, the bound and the owners of items whenever the plan
        gets better.
    stop
        Asked a few times a second; the best plan so far is returned.
    """
    run = _Run(
        model, effort or Effort(), seed, report or (lambda _best, _bound, _owners: None), stop
    )
    if not run.program.stuck:
        run.prepare(start)
    return run.solve()
