"""Repeatability, stopping, starts, and problems that cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models.plan import Status
from teig.optimizer.territories.partition import PartitionModel, solve_partition

from .alike_problems import grid_model


@pytest.mark.parametrize("terms", [{"diameter": 1.0}, {"cuts": 1.0}])
def test_any_number_of_workers_gives_the_same_plan(terms: dict[str, float]) -> None:
    model = grid_model(8, 8, 5, 7, tight=0.15, **terms)  # type: ignore[arg-type]
    first, second = (solve_partition(model, work=6.0, workers=w) for w in (1, 2))
    assert first.plan is not None
    assert second.plan is not None
    assert first.plan.tobytes() == second.plan.tobytes()
    assert (first.bound, first.work) == (second.bound, second.work)
    assert model.holds(first.plan)
    assert first.objective == pytest.approx(model.value(first.plan))


def test_it_stops_when_told_to_and_tells_of_progress() -> None:
    heard: list[str] = []

    def told(what: str, *_: object) -> None:
        heard.append(what)

    model = grid_model(8, 8, 5, 7, diameter=1.0)
    result = solve_partition(model, stop=lambda: len(heard) > 0, told=told)
    assert heard
    assert result.stopped_by == "interrupted"
    assert result.bound > 0


def test_a_start_is_kept_when_nothing_better_is_sought() -> None:
    model = grid_model(7, 6, 4, 2, diameter=1.0, tight=0.2)
    found = solve_partition(model, work=3.0)
    assert found.plan is not None
    again = solve_partition(model, work=0.0, start=found.plan)
    assert again.objective == found.objective
    assert again.stopped_by == "work"


def test_one_territory_and_a_territory_each_are_proven() -> None:
    one = grid_model(4, 3, 1, 1, diameter=1.0)
    result = solve_partition(one, work=1.0)
    assert result.plan is not None
    assert result.objective == pytest.approx(one.diameter(np.zeros(12, dtype=np.int64)))
    each = grid_model(3, 2, 6, 1, diameter=1.0, tight=10.0)
    result = solve_partition(each, work=1.0)
    assert result.status is Status.OPTIMAL
    assert result.objective == 0.0


def test_pieces_that_never_meet_get_territories_of_their_own() -> None:
    edges = np.array([(0, 1), (1, 2), (3, 4), (4, 5), (5, 6)])
    points = np.array([(0, 0), (1, 0), (2, 0), (9, 9), (10, 9), (11, 9), (12, 9)], dtype=float)
    ones = np.ones((1, 7))
    limits = np.array([2.0]), np.array([3.0]), np.array([np.inf])
    model = PartitionModel(3, edges, ones, *limits, points=points, diameter_price=1.0)
    result = solve_partition(model, work=1.0)
    assert result.plan is not None
    assert result.objective == pytest.approx(2.0)


def test_too_large_a_unit_is_infeasible_and_not_a_limit() -> None:
    heavy = np.array([[9.0, 1.0, 1.0, 1.0]])
    edges = np.array([(0, 1), (1, 2), (2, 3)])
    limits = np.array([5.0]), np.array([7.0]), np.array([np.inf])
    result = solve_partition(PartitionModel(2, edges, heavy, *limits, cut_price=1.0))
    assert result.status is Status.INFEASIBLE
    assert result.stopped_by == "proof"


def test_numbers_that_do_not_fit_are_refused() -> None:
    edges, ones = np.array([(0, 1)]), np.ones((1, 2))
    with pytest.raises(ValueError, match="territories"):
        PartitionModel(3, edges, ones, np.zeros(1), np.ones(1), np.ones(1))
    with pytest.raises(ValueError, match="lower"):
        PartitionModel(2, edges, ones, np.zeros(2), np.ones(1), np.ones(1))
    with pytest.raises(ValueError, match="points"):
        PartitionModel(2, edges, ones, np.zeros(1), np.ones(1), np.ones(1), diameter_price=1.0)
