"""The driver: limits, interruption, progress, verification, and models beyond the exact core."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import Delaunay
from teig.models import Objective, Plan, Problem
from teig.models.plan import Status
from teig.models.rules import Balance, Capacity, Contiguity
from teig.optimizer import Progress, solve_territories
from teig.optimizer.territories import verification
from teig.optimizer.territories.stages import SMALL
from teig.optimizer.territories.verification import VerificationError

from ...enumeration import Sketch, row, violations


def market(units: int, owners: int, objective: Objective, *, hard: bool = True) -> Problem:
    """Random places, neighbours by Delaunay, bases on a grid of the units."""
    generator = np.random.default_rng([units, owners])
    places = generator.uniform(0, 5, (units, 2)).round(3)
    triangles = Delaunay(places).simplices.tolist()
    edges = sorted({(min(a, b), max(a, b)) for t in triangles for a in t for b in t if a != b})
    order = np.lexsort((places[:, 1], (places[:, 0] // 1.7)))
    bases = places[order[np.linspace(0, units - 1, owners + 2).astype(int)[1:-1]]]
    sales = generator.integers(5, 15, units).astype(float)
    return Sketch(
        places=[tuple(place) for place in places.tolist()],
        edges=edges,
        bases=[tuple(base) for base in bases.tolist()],
        sales=sales.tolist(),
        hours=[1000.0] * owners,
        incumbent=[f"r{k % owners}" for k in range(units)],
    ).problem(
        [
            Balance(name="fair", measure="sales", tolerance=0.2, target="equal", hard=hard),
            Capacity(hard=False),
            Contiguity(),
        ],
        objective,
    )


DRIVE = Objective.weighted({"distance:sales": 1.0})


def test_a_model_beyond_the_exact_core_is_searched_bounded_and_finished() -> None:
    problem = market(150, 12, DRIVE)
    assert len(problem.covers) * len(problem.owners) > SMALL
    result = solve_territories(problem, work=0.3)
    assert result.plan is not None
    assert violations(problem, result.plan) == 0
    stage = result.stages[0]
    assert stage.bound is not None
    assert stage.objective is not None
    assert stage.bound <= stage.objective
    assert stage.gap is not None
    assert stage.gap < 0.02
    assert result.work["passes"] > 0
    again = solve_territories(problem, work=0.3)
    assert again.plan == result.plan
    assert again.stages == result.stages


def test_later_stages_keep_what_earlier_ones_reached() -> None:
    problem = market(
        130,
        12,
        Objective.in_order(
            [
                ("fair", {"rule:fair": 1.0}),
                ("drive", {"travel_km": 1.0}),
                ("keep", {"disruption:sales": 1.0}),
            ]
        ),
        hard=False,
    )
    result = solve_territories(problem, work=0.2)
    assert [stage.name for stage in result.stages] == ["fair", "drive", "keep"]
    assert result.evaluation is not None
    values = list(result.evaluation.objectives.values())
    assert values[0] == pytest.approx(0.0)
    assert values == [stage.objective for stage in result.stages]
    for stage in result.stages:
        assert stage.objective is not None
        assert stage.bound is not None
        assert stage.bound <= stage.objective + 1e-9
    # Without the last stage, the one before it reaches no better value: nothing was given up.
    shorter = problem.replace(objective=Objective(problem.objective.stages[:2]))
    drive = solve_territories(shorter, work=0.2).stages[1].objective
    assert drive == pytest.approx(values[1])


def test_progress_is_told() -> None:
    heard: list[Progress] = []
    solve_territories(market(40, 5, DRIVE), progress=heard.append)
    assert len(heard) >= 2
    assert all(word.seconds >= 0 for word in heard)
    assert any(word.best is not None for word in heard)


def test_a_gap_ends_a_stage_early() -> None:
    result = solve_territories(market(60, 6, DRIVE), gap=0.2)
    assert result.plan is not None
    assert result.stages[0].gap is not None
    assert result.stages[0].gap <= 0.2
    assert result.stopped_by in ("gap", "proof")


def test_no_time_is_not_infeasible() -> None:
    result = solve_territories(market(150, 12, DRIVE), seconds=0.0)
    assert result.status in (Status.UNKNOWN, Status.FEASIBLE)
    assert result.stopped_by == "time"
    if result.plan is None:
        assert "not proven impossible" in result.explanation[0]


def test_ctrl_c_keeps_the_best_plan() -> None:
    pressed: list[float] = []

    def press(word: Progress) -> None:
        if word.best is not None and not pressed:
            pressed.append(word.best)
            _thread.interrupt_main()

    # A shell starts what runs in the background with interrupts ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        result = solve_territories(market(150, 12, DRIVE), work=50.0, progress=press)
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed
    assert result.stopped_by == "interrupted"
    assert result.plan is not None
    assert violations(market(150, 12, DRIVE), result.plan) == 0


def test_a_start_need_not_be_feasible() -> None:
    problem = row(6, 2).problem([Contiguity()], Objective.weighted({"travel_km": 1.0}))
    for start in ([0, 1, 0, 1, 0, 1], [-1, -1, -1, -1, -1, -1]):
        result = solve_territories(problem, start=Plan(np.array(start)))
        assert result.status is Status.OPTIMAL
        assert result.plan == Plan(np.array([0, 0, 0, 1, 1, 1]))


def test_a_disagreement_with_the_evaluation_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "stage_value", lambda *_: 1234.5)
    with pytest.raises(VerificationError, match="the solver says"):
        solve_territories(row().problem([Contiguity()]))


def test_a_broken_plan_is_never_handed_out() -> None:
    problem = row().problem([Contiguity()])
    with pytest.raises(VerificationError, match="breaks hard rules"):
        verification.verified(problem, Plan(np.array([0, 1, 0])))


def test_the_hash_seed_does_not_matter() -> None:
    script = (
        "import numpy as np\n"
        "from tests.enumeration import random_problem\n"
        "from teig.optimizer import solve_territories\n"
        "for number in range(12):\n"
        "    result = solve_territories(random_problem(np.random.default_rng(number)))\n"
        "    owners = None if result.plan is None else result.plan.owner.tolist()\n"
        "    print(owners, result.stages, result.explanation)\n"
    )
    root = Path(__file__).resolve().parents[3]
    said = set()
    for seed in ("0", "1"):
        paths = os.pathsep.join([str(root), str(root / ".namespace")])
        run = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=True,
        )
        said.add(run.stdout)
    assert len(said) == 1
    assert "[" in said.pop()
