"""Published instances, repeatability, stopping and warm starts."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from teig.models.arrays import IndexArray
from teig.models.plan import Status
from teig.optimizer.territories.centres import CentreModel, centre_model, solve_centres

DATA = Path(__file__).resolve().parents[3] / "../shared/data/ctdp-pmedian"


def _grid(width: int, height: int, territories: int, seed: int = 3) -> CentreModel:
    rng = np.random.default_rng(seed)
    places = np.array([(x, y) for y in range(height) for x in range(width)], dtype=float)
    places += rng.uniform(-0.3, 0.3, places.shape)
    size = rng.integers(5, 20, len(places)).astype(float)
    cost = size[:, None] * ((places[:, None] - places[None]) ** 2).sum(axis=2)
    edges = [(i, i + 1) for i in range(len(places)) if (i + 1) % width]
    edges += [(i, i + width) for i in range(len(places) - width)]
    mean = size.sum() / territories
    return centre_model(
        cost, territories, activities=size, lower=[0.9 * mean], upper=[1.1 * mean], edges=edges
    )


@pytest.mark.parametrize("name", ["2DU60-05-2", "2DU80-05-2"])
def test_published_instances_reach_the_known_optimum(name: str) -> None:
    if not DATA.is_dir():
        pytest.skip("the published instances are not beside this checkout")
    words = (DATA / f"{name}.dat").read_text().split()
    n = int(words[0])
    table = np.array(words[1 : 1 + 6 * n], dtype=float).reshape(n, 6)
    count = int(words[1 + 6 * n])
    pairs = np.array(words[2 + 6 * n : 2 + 6 * n + 2 * count], dtype=int).reshape(-1, 2)
    with (DATA / "optima.csv").open() as file:
        row = next(row for row in csv.DictReader(file) if row["instance"] == name)
    p = int(row["p"])
    distance = np.hypot(*(table[:, None, k] - table[None, :, k] for k in (1, 2)))
    mean = table[:, 3:].sum(axis=0) / p
    model = centre_model(
        distance, p, activities=table[:, 3:].T, lower=0.95 * mean, upper=1.05 * mean, edges=pairs
    )
    result = solve_centres(model)
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(float(row["optimum"]), abs=1e-6)


def test_the_same_problem_gives_the_same_plan() -> None:
    first, second = (solve_centres(_grid(7, 6, 4), work=3.0) for _ in range(2))
    assert first.centres is not None
    assert second.centres is not None
    assert first.centres.tobytes() == second.centres.tobytes()
    assert (first.bound, first.work) == (second.bound, second.work)


def test_it_stops_when_told_to_and_tells_of_progress() -> None:
    heard: list[str] = []

    def told(what: str, *_: object) -> None:
        heard.append(what)

    result = solve_centres(_grid(7, 6, 4), stop=lambda: len(heard) > 0, told=told)
    assert heard
    assert result.stopped_by == "interrupted"
    assert result.bound > 0.0


def test_ctrl_c_returns_what_is_known() -> None:
    def press(*_: object) -> None:
        raise KeyboardInterrupt

    result = solve_centres(_grid(6, 5, 3), told=press)
    assert result.stopped_by == "interrupted"
    assert result.status in (Status.UNKNOWN, Status.FEASIBLE)


def test_a_start_is_kept_when_nothing_better_is_sought() -> None:
    model = _grid(6, 5, 3)
    best = solve_centres(model)
    assert best.centres is not None
    assert best.objective is not None
    again = solve_centres(model, start=best.centres, work=0.0)
    assert again.objective == best.objective
    broken: IndexArray = np.zeros(model.units, dtype=np.int64)
    assert not model.holds(broken)
    assert solve_centres(model, start=broken).objective == pytest.approx(best.objective)


def test_too_large_a_unit_is_infeasible_and_not_a_limit() -> None:
    model = centre_model(
        np.ones((4, 4)), 2, activities=[9.0, 1.0, 1.0, 1.0], lower=[5.0], upper=[7.0]
    )
    result = solve_centres(model)
    assert result.status is Status.INFEASIBLE
    assert result.stopped_by == "proof"


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="territories"):
        centre_model(np.ones((3, 3)), 4, activities=[1.0, 1.0, 1.0], lower=[0.0], upper=[3.0])
    with pytest.raises(ValueError, match="own centre"):
        centre_model(
            np.ones((3, 3)), 1, activities=[1.0, 1.0, 1.0], lower=[0.0], upper=[3.0],
            edges=[(0, 1), (1, 2)], own_centre=False,
        )  # fmt: skip


def test_workers_share_out_the_tree_and_change_nothing() -> None:
    model = _grid(6, 5, 3)
    one, two = (solve_centres(model, workers=workers) for workers in (1, 2))
    assert one.centres is not None
    assert two.centres is not None
    assert (one.centres == two.centres).all()
    assert (one.bound, one.work) == (two.bound, two.work)
