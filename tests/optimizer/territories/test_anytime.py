"""At any moment the best plan so far with its gap: Ctrl-C, a listener that stops, a late solver."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import Delaunay
from teig.models import Objective, Plan, Problem, Rule, Sites, evaluate
from teig.models.plan import Status
from teig.models.rules import Balance, Contiguity, KeepTogether, MeasureRange
from teig.optimizer import Progress, TerritoryResult, solve_territories
from teig.optimizer.territories import clock as clocks
from teig.optimizer.territories.clock import Clock, interruptible

from ...enumeration import Sketch

DRIVE = Objective.weighted({"distance:sales": 1.0})
ORDER = Objective.in_order([("even", {"rule:even": 1.0}), ("drive", {"travel_km": 1.0})])


def market(
    units: int, owners: int, objective: Objective, *others: Rule, hard: bool = True
) -> Problem:
    """Random places with neighbours by Delaunay; every owner carries a fair share."""
    generator = np.random.default_rng([units, owners])
    places = generator.uniform(0, 5, (units, 2)).round(3)
    triangles = Delaunay(places).simplices.tolist()
    edges = sorted({(min(a, b), max(a, b)) for t in triangles for a in t for b in t if a != b})
    bases = places[generator.permutation(units)[:owners]]
    return Sketch(
        places=[tuple(place) for place in places.tolist()], edges=edges,
        bases=[tuple(base) for base in bases.tolist()],
        sales=generator.integers(5, 15, units).astype(float).tolist(),
        hours=[1000.0] * owners,
    ).problem(
        [
            Balance(name="even", measure="sales", tolerance=0.25, target="equal", hard=hard),
            Contiguity(), *others,
        ],
        objective,
    )  # fmt: skip


def free(problem: Problem) -> Problem:
    """The same without bases."""
    team, none = problem.teams[0], np.zeros(problem.teams[0].kilometres.shape)
    owners = np.arange(len(problem.owners))
    sites = Sites.on_earth(owners, problem.units.latitude, problem.units.longitude)
    return problem.replace(teams=(replace(team, kilometres=none, minutes=none, sites=sites),))


def alike(units: int, owners: int, term: str) -> Problem:
    """Owners that have no base at all."""
    based = market(units, owners, Objective.weighted({term: 1.0}))
    team, none = based.teams[0], np.zeros(based.teams[0].kilometres.shape)
    nowhere = np.full(owners, np.nan)
    sales = float(based.covers.measures["sales"].sum()) / owners
    limits = MeasureRange(measure="sales", minimum=0.7 * sales, maximum=1.3 * sales)
    return based.replace(
        teams=(replace(team, kilometres=none, minutes=none),),
        owners=replace(based.owners, latitude=nowhere, longitude=nowhere),
        rules=(limits, Contiguity()),
    )


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "exact core": lambda: market(60, 8, DRIVE),
    "search": lambda: market(220, 14, DRIVE),
    "strict order": lambda: market(160, 10, ORDER, hard=False),
    "largest distance": lambda: market(40, 5, Objective.weighted({"farthest_km": 1.0})),
    "bases and all": lambda: free(market(60, 6, DRIVE)),
    "bases in turns": lambda: free(market(160, 10, DRIVE, KeepTogether(groups=(("u0", "u1"),)))),
    "diameter": lambda: alike(150, 8, "diameter_km"),
    "cut edges": lambda: alike(150, 8, "cut_edges"),
}


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Interrupts are raised; a shell starts what runs in the background without them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def sound(problem: Problem, result: TerritoryResult) -> None:
    """A plan keeps every hard rule, and a limit is never taken for a proof."""
    assert result.status is not Status.INFEASIBLE
    assert [stage.name for stage in result.stages] == [s.name for s in problem.objective.stages]
    if result.plan is None:
        assert result.status is Status.UNKNOWN
        assert "not proven impossible" in result.explanation[0]
        return
    assert evaluate(problem, result.plan).feasible
    assert result.evaluation is not None
    for stage in result.stages:
        assert stage.objective == pytest.approx(result.evaluation.objectives[stage.name])
        if stage.bound is not None and stage.objective is not None:
            assert stage.bound <= stage.objective + 1e-9 * abs(stage.objective)


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("word", [0, 3, "plan"])
def test_ctrl_c_returns_the_best_plan_of_any_moment(name: str, word: int | str) -> None:
    problem, heard = PROBLEMS[name](), 0
    pressed: list[float] = []

    def press(progress: Progress) -> None:
        nonlocal heard
        due = progress.best is not None if word == "plan" else heard == word
        heard += 1
        if due and not pressed:
            pressed.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

    result = solve_territories(problem, work=100.0, seconds=60.0, progress=press)
    # A proof may come before the fourth word.
    assert pressed or word == 3
    sound(problem, result)
    assert result.stopped_by in ("interrupted", "proof")
    if word == "plan":
        assert result.plan is not None


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_service_gets_the_plan_itself_and_may_stop(name: str) -> None:
    problem = PROBLEMS[name]()
    seen: list[tuple[Progress, TerritoryResult]] = []

    def service(progress: Progress) -> None:
        if progress.best is not None and not seen:
            seen.append((progress, progress.result()))
            progress.stop()

    result = solve_territories(problem, work=100.0, seconds=60.0, progress=service)
    assert len(seen) == 1
    progress, early = seen[0]
    sound(problem, early)
    sound(problem, result)
    assert early.plan is not None
    assert early.stopped_by == "running"
    assert result.stopped_by in ("interrupted", "proof")
    last = result.stages[0].objective
    first = early.stages[0].objective
    assert first is not None
    assert last is not None
    assert last <= first + 1e-9 * abs(first)
    assert progress.result().plan is not None


def test_a_word_sent_to_another_process_knows_no_plan() -> None:
    heard: list[Progress] = []
    solve_territories(market(20, 3, DRIVE), progress=heard.append)
    copy = pickle.loads(pickle.dumps(heard[-1]))  # noqa: S301 - our own words
    assert copy == heard[-1]
    for ask in (copy.result, copy.stop):
        with pytest.raises(RuntimeError, match="only the process that solves"):
            ask()


@pytest.mark.usefixtures("interrupts")
def test_a_solver_in_the_middle_of_something_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clocks, "PATIENCE", 0.1)
    known = solve_territories(market(20, 3, DRIVE))
    clock, goes_on = Clock(None, None), threading.Event()

    def stubborn() -> TerritoryResult:
        clock.so_far = lambda: replace(known, stopped_by=clock.state())
        os.kill(os.getpid(), signal.SIGINT)
        goes_on.wait(30.0)
        raise AssertionError("nobody hears of this")

    began = time.monotonic()
    result = interruptible(stubborn, clock)
    assert time.monotonic() - began < 10.0
    goes_on.set()
    assert result.plan == known.plan
    assert result.stopped_by == "interrupted"


def test_a_limit_in_seconds_is_kept_and_is_no_proof() -> None:
    for make in PROBLEMS.values():
        problem = make()
        solve_territories(problem, seconds=0.3, work=100.0)
        for seconds in (0.0, 0.3):
            began = time.process_time()
            result = solve_territories(problem, seconds=seconds, work=100.0)
            # Of computing: other programs may hold up the wall clock.
            assert time.process_time() - began < seconds + 4.0
            sound(problem, result)
            assert result.stopped_by in ("time", "proof")


SCRIPT = """
import sys
from pathlib import Path
from teig.optimizer import solve_territories
from tests.optimizer.territories.test_anytime import PROBLEMS

def told(progress):
    print(progress.what, progress.best, flush=True)

result = solve_territories(PROBLEMS[sys.argv[1]](), work=1e4, progress=told)
print("RESULT", result.status.value, result.stopped_by, result.plan is not None)
"""


def test_sigint_of_a_real_process() -> None:
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "search"], cwd=root, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if "search" in line and not line.rstrip().endswith("None"):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        said = process.stderr.read()
    assert process.returncode == 0, said
    assert rest.splitlines()[-1] == "RESULT feasible interrupted True"
    assert "Traceback" not in said


@pytest.mark.usefixtures("interrupts")
def test_a_start_is_not_lost_when_interrupted_at_once() -> None:
    problem = market(160, 10, DRIVE)
    known = solve_territories(problem, work=0.1)
    assert known.plan is not None
    first = True

    def press(_: Progress) -> None:
        nonlocal first
        if first:
            first = False
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)

    again = solve_territories(problem, start=Plan(known.plan.owner), progress=press)
    sound(problem, again)
    assert again.plan is not None
