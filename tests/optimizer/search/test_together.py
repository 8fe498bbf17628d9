"""Searches that share their best: the same for any workers, never worse than their start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from teig.models import Objective, Plan, Problem
from teig.optimizer import solve_territories
from teig.optimizer.territories.measures import measure
from teig.optimizer.territories.model import AssignmentModel
from teig.optimizer.territories.posting import compile_stage
from teig.optimizer.territories.prices import PriceResult, price_bound
from teig.optimizer.territories.search.together import (
    TURNS,
    improve_together,
    one_after_another,
    search_packed,
)

from ..territories.test_solve import market

WORK = 4e4


@pytest.fixture(scope="module")
def problem() -> Problem:
    objective = Objective.in_order(
        [("balance", {"rule:fair": 1.0}), ("travel", {"travel_hours": 1.0})]
    )
    return market(400, 6, objective, hard=False)


@pytest.fixture(scope="module")
def case(problem: Problem) -> tuple[AssignmentModel, PriceResult]:
    """The last stage alone, with its prices."""
    model = compile_stage(problem, problem.objective.stages[-1])
    return model, price_bound(model, work=60)


def backwards(contents: Sequence[bytes], stop: Callable[[], bool]) -> Sequence[bytes | None]:
    """Two at a time, the last one first."""
    del stop
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(search_packed, content) for content in reversed(contents)]
        return [future.result() for future in reversed(futures)]


def test_any_workers_find_the_same(case: tuple[AssignmentModel, PriceResult]) -> None:
    model, prices = case
    found = [
        improve_together(model, searches=3, prices=prices, seed=5, work=WORK, workers=workers)
        for workers in (one_after_another, backwards)
    ]
    assert (found[0].nearest == found[1].nearest).all()
    assert (found[0].objective, found[0].work) == (found[1].objective, found[1].work)
    assert found[0].item_owners is not None
    assert measure(model, found[0].item_owners).objective == pytest.approx(found[0].objective)


def test_a_turn_begins_where_the_last_one_ended(case: tuple[AssignmentModel, PriceResult]) -> None:
    model, prices = case
    values: list[float] = []
    asked: list[int] = []

    def counted(contents: Sequence[bytes], stop: Callable[[], bool]) -> Sequence[bytes | None]:
        asked.append(len(contents))
        return one_after_another(contents, stop)

    found = improve_together(
        model, searches=2, prices=prices, seed=1, work=WORK, workers=counted,
        listener=lambda best, _, __: values.append(best),
    )  # fmt: skip
    assert asked == [2] * TURNS
    assert values == sorted(values, reverse=True)
    assert found.objective == values[-1]


def test_stopped_searches_leave_the_plan_at_hand(
    case: tuple[AssignmentModel, PriceResult],
) -> None:
    model, prices = case
    start = np.array(model.first)
    found = improve_together(
        model, searches=2, prices=prices, start=start, work=WORK, stop=lambda: True
    )
    assert found.stopped_by == "stop"
    assert (found.nearest == start).all()


def test_a_solve_by_searches(problem: Problem) -> None:
    one = solve_territories(problem, work=0.005, searches=2)
    other = solve_territories(problem, work=0.005, searches=2, workers=backwards)
    assert one.plan is not None
    assert other.plan is not None
    assert (one.plan.owner == other.plan.owner).all()
    assert one.stages == other.stages
    alone = solve_territories(problem, work=0.005)
    assert one.work["proposals"] > 1.5 * alone.work["proposals"]
    assert isinstance(one.plan, Plan)
