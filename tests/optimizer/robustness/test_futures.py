"""Draws of futures: the same for the same ids, of the stated spread, near things together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from teig.models import BadInput, WorkCalendar, build_problem
from teig.models.problem import Problem
from teig.optimizer.robustness import FutureDraws, Spread
from teig.optimizer.travel import GreatCircle

SAMPLES = 400


def market(units: int = 60, reps: int = 5, skip: int = 0) -> Problem:
    at = np.arange(skip, units)
    frame = pd.DataFrame(
        {
            "unit": [f"u{n}" for n in at],
            "latitude": 45 + at // 10 * 0.6,
            "longitude": 5 + at % 10 * 0.9,
            "class": np.where(at % 3 == 0, "A", "B"),
            "sales": 10.0 + at,
            "potential": 100.0 + at,
            "workload_hours": 40.0,
            "visits": 20.0,
            "parts": np.where(at == 7, 3, 1),
        }
    )
    people = pd.DataFrame(
        {
            "rep": [f"R{n}" for n in range(reps)],
            "latitude": 45.5 + np.arange(reps) * 0.5,
            "longitude": 6.0 + np.arange(reps) * 1.5,
        }
    )
    return build_problem(
        frame, people, calendar=WorkCalendar.of_year(2027, "NO"), travel=GreatCircle()
    )


def test_an_id_has_the_same_luck_in_every_scenario() -> None:
    draws = FutureDraws(Spread(), 50, 3)
    whole, part = market(), market(skip=20, reps=3)
    one, other = draws.of(whole), FutureDraws(Spread(), 50, 3).of(part)
    where = [whole.unit_index[unit] for unit in part.units.ids]
    assert (one.potential[:, where] == other.potential).all()
    assert (one.minutes[:, where] == other.minutes).all()
    assert (one.kilometres == other.kilometres).all()
    assert (one.gone[:, :3] == other.gone).all()
    parts = [whole.unit_index[f"u7#{n}"] for n in (1, 2, 3)]
    assert (one.potential[:, parts] == one.potential[:, parts[:1]]).all()
    assert (FutureDraws(Spread(), 50, 4).of(part).potential != other.potential).any()


def test_factors_have_mean_one_and_the_stated_spread() -> None:
    spread = Spread()
    futures = FutureDraws(spread, SAMPLES, 1).of(market())
    total = np.sqrt(spread.market**2 + spread.region**2 + spread.segment**2 + spread.unit**2)
    assert futures.potential.mean() == pytest.approx(1.0, abs=0.02)
    assert np.log(futures.potential).std() == pytest.approx(total, rel=0.05)
    assert futures.minutes.mean() == pytest.approx(1.0, abs=0.01)
    assert futures.kilometres.std() == pytest.approx(spread.circuity, rel=0.05)


def test_what_is_near_swings_together_and_named_regions_do() -> None:
    problem = market()
    alone = Spread(market=0.0, segment=0.0, unit=0.0, region=0.2, region_km=150.0)
    logs = np.log(FutureDraws(alone, SAMPLES, 1).of(problem).potential)
    near, far = problem.unit_index["u1"], problem.unit_index["u59"]
    here = problem.unit_index["u0"]
    assert np.corrcoef(logs[:, here], logs[:, near])[0, 1] > 0.8
    assert abs(np.corrcoef(logs[:, here], logs[:, far])[0, 1]) < 0.35
    named = {unit: "north" if n % 2 else "south" for n, unit in enumerate(problem.units.wholes)}
    drawn = FutureDraws(alone, SAMPLES, 1, regions=named).of(problem).potential
    for region in ("north", "south"):
        mine = [n for n, unit in enumerate(problem.units.wholes) if named[unit] == region]
        assert np.ptp(drawn[:, mine], axis=1).max() == 0.0


def test_positions_are_left_at_the_rate_and_filled_again() -> None:
    spread = Spread(attrition=0.3, vacancy_months=6.0)
    gone = FutureDraws(spread, SAMPLES, 1).of(market(reps=10)).gone
    assert (gone > 0).mean() == pytest.approx(0.3, abs=0.01)
    assert gone.max() == 0.5
    half = FutureDraws(spread, SAMPLES, 1, years=0.5).of(market(reps=10)).gone
    assert (half > 0).mean() == pytest.approx(1 - np.sqrt(0.7), abs=0.01)
    assert half.max() == pytest.approx(1.0, abs=0.02)
    assert not FutureDraws(Spread(attrition=0.0), 9, 1).of(market()).gone.any()


def test_every_wrong_value_is_named_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        Spread(market=-1.0, region_km=0.0, attrition=1.5, vacancy_months=float("nan"))
    assert {p.key for p in caught.value.problems} == {
        "market", "region_km", "attrition", "vacancy_months",
    }  # fmt: skip
