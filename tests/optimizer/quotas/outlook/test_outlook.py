"""Trend, seasons and forecasts against processes that are known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from teig.models.arrays import FloatArray
from teig.models.quotas.history import Span, plan_spans, read_history
from teig.optimizer.quotas.outlook import Launch, Outlook, forecast, launch_amounts, movement
from teig.optimizer.quotas.outlook.series import LINE, RATIO, STL_ETS

SEASONS = np.array([0.8, 0.9, 1.06, 1.24])
PLAN = dict(
    zip(("Q1", "Q2", "Q3", "Q4"), plan_spans(4, dt.date(2027, 1, 1), dt.date(2027, 12, 31)), strict=True)
)  # fmt: skip


def quarters(years: int) -> list[str]:
    return [f"{year}-Q{q}" for year in range(2027 - years, 2027) for q in (1, 2, 3, 4)]


def sales_of(
    units: dict[str, Callable[[np.ndarray], np.ndarray]], years: int, noise: float = 0.0
) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    steps = np.arange(4 * years)
    frames = []
    for unit, level in units.items():
        values = level(steps) * np.tile(SEASONS, years) * np.exp(rng.normal(0, noise, len(steps)))
        frames.append(
            pd.DataFrame({"unit": unit, "period": quarters(years), "sales": values.round(2)})
        )
    return pd.concat(frames)


def growing(rate: float, level: float = 1000.0) -> Callable[[np.ndarray], FloatArray]:
    return lambda steps: np.asarray(level * (1 + rate) ** (steps / 4))


def outlook_of(sales: pd.DataFrame, attributes: pd.DataFrame | None = None) -> Outlook:
    return forecast(read_history(sales), PLAN, attributes)


@pytest.mark.parametrize(("years", "method"), [(6, STL_ETS), (2, RATIO)])
def test_trend_and_seasons_of_a_known_process_are_found(years: int, method: str) -> None:
    series = growing(0.06)(np.arange(4 * years)) * np.tile(SEASONS, years)
    found = movement(np.asarray(series, dtype=np.float64), 4, 4)
    assert found is not None
    assert found.method == method
    assert found.growth == pytest.approx(0.06, abs=0.005)
    assert found.seasons == pytest.approx(SEASONS, abs=0.01)
    truth = growing(0.06)(np.arange(4 * years, 4 * years + 4))
    level = growing(0.06)(np.arange(4 * years - 4, 4 * years)).mean()
    assert found.path == pytest.approx(truth / level, rel=0.02)


def test_one_wild_quarter_moves_neither_trend_nor_season() -> None:
    series = growing(0.04)(np.arange(24)) * np.tile(SEASONS, 6)
    series[13] *= 4
    found = movement(series, 4, 4)
    assert found is not None
    assert found.growth == pytest.approx(0.04, abs=0.01)
    assert found.seasons == pytest.approx(SEASONS, abs=0.03)


def test_yearly_figures_have_a_trend_and_no_season() -> None:
    found = movement(np.array([100.0, 105.0, 110.25, 115.7625, 121.550625]), 1, 1)
    assert found is not None
    assert (found.method, found.seasons.tolist()) == (LINE, [1.0])
    assert found.path[0] == pytest.approx(1.05, abs=1e-6)


def test_too_short_a_series_has_none() -> None:
    assert movement(np.ones(7), 4, 4) is None
    assert movement(np.zeros(16), 4, 4) is None


def test_a_market_is_its_segment_in_its_region_and_said_aloud() -> None:
    sales = sales_of({"h1": growing(0.04), "h2": growing(0.04, 3000), "s": growing(-0.03)}, 6)
    attributes = pd.DataFrame(
        {
            "unit": ["h1", "h2", "s"],
            "segment": ["hospitals", "hospitals", "schools"],
            "region": "west",
        }
    )
    outlook = outlook_of(sales, attributes)
    assert outlook.sentences == (
        "Hospitals in west grow 4 % a year; the fourth quarter sells 31 % of a year.",
        "Schools in west shrink 3 % a year; the fourth quarter sells 31 % of a year.",
    )
    growth = outlook.amounts.sum(axis=(1, 2)) / outlook.last_year[:, 0] - 1
    assert growth == pytest.approx([0.04, 0.04, -0.03], abs=0.012)
    assert outlook.shares[0, 0] == pytest.approx(SEASONS / 4, abs=0.005)


def test_the_forecasts_of_a_market_add_up_whoever_has_its_units() -> None:
    units = {f"u{n}": growing(0.05, 100.0 * (n + 1)) for n in range(6)}
    sales = sales_of(units, 5, noise=0.05)
    apart = outlook_of(sales)
    whole = outlook_of(sales.assign(unit="one"))
    assert apart.amounts.sum(axis=0) == pytest.approx(whole.amounts[0], rel=1e-6)


def test_a_short_market_moves_as_what_is_above_it() -> None:
    old = sales_of({"a": growing(0.05), "b": growing(0.05)}, 5)
    young = sales_of({"c": growing(0.0)}, 1)
    attributes = pd.DataFrame(
        {"unit": ["a", "b", "c"], "segment": "shops", "region": ["north", "south", "east"]}
    )
    outlook = outlook_of(pd.concat([old, young]), attributes)
    row = outlook.groups.set_index("region").loc["east"]
    assert row["of"] == "segment shops"
    assert row["growth"] == pytest.approx(0.05, abs=0.02)
    assert any("too little of its own" in sentence for sentence in outlook.sentences)


def test_a_company_without_a_past_goes_on_flat() -> None:
    outlook = outlook_of(sales_of({"a": growing(0.0)}, 1))
    assert outlook.amounts.sum() == pytest.approx(4000, rel=1e-6)
    assert "too short a history" in outlook.sentences[0]


def test_a_unit_that_began_last_summer_counts_for_a_whole_year() -> None:
    sales = sales_of({"a": growing(0.0), "new": growing(0.0)}, 5)
    begun = sales[(sales["unit"] != "new") | (sales["period"] >= "2026-Q3")]
    outlook = outlook_of(begun)
    assert outlook.last_year[1, 0] == pytest.approx(1000 * SEASONS[2:].sum())
    assert outlook.amounts[1].sum() == pytest.approx(4000, rel=0.03)


def test_quarters_are_dealt_to_months_by_days() -> None:
    months = dict(
        zip(
            map(str, range(12)),
            plan_spans(12, dt.date(2027, 1, 1), dt.date(2027, 12, 31)),
            strict=True,
        )
    )
    history = read_history(sales_of({"a": growing(0.0)}, 5))
    monthly, by_quarter = forecast(history, months).amounts, forecast(history, PLAN).amounts
    assert monthly.reshape(4, 3).sum(axis=1) == pytest.approx(by_quarter.ravel())
    assert monthly[0, 0, 1] / monthly[0, 0, 0] == pytest.approx(28 / 31)


def test_a_plan_inside_the_history_is_refused() -> None:
    history = read_history(sales_of({"a": growing(0.0)}, 2))
    with pytest.raises(ValueError, match="before the history ends"):
        forecast(history, {"year": Span(dt.date(2026, 1, 1), dt.date(2026, 12, 31))})


def test_a_launch_goes_by_a_like_product_the_potential_or_a_total() -> None:
    spans, shares = list(PLAN.values()), SEASONS / 4
    start = dt.date(2027, 4, 1)
    curve = (0.0, 0.5, 1.0)
    basis = np.array([300.0, 100.0])
    like = launch_amounts(
        Launch("x", start, analogue="old", scale=0.5, curve=curve), spans, shares, analogue=basis
    )
    assert like[:, 0].tolist() == [0.0, 0.0]
    assert like[:, 2] == pytest.approx(150 * shares[2] * np.array([1, 1 / 3]))
    part = launch_amounts(
        Launch("x", start, penetration=0.5, curve=curve), spans, shares, measure=basis
    )
    total = launch_amounts(Launch("x", start, total=200, curve=curve), spans, shares, measure=basis)
    assert part == pytest.approx(like)
    assert total == pytest.approx(like)


def test_the_curve_of_bass_is_its_differential_equation() -> None:
    launch = Launch("x", dt.date(2027, 1, 1), total=1.0)
    days = np.linspace(0, 3652, 200)
    level = launch.reached(days)
    slope = np.gradient(level, days / 365.25)
    expected = (launch.innovation + launch.imitation * level) * (1 - level)
    assert slope[2:-2] == pytest.approx(expected[2:-2], rel=0.01)


def test_a_launch_needs_exactly_one_way() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Launch("x", dt.date(2027, 1, 1), analogue="a", total=1.0)
    with pytest.raises(ValueError, match="nothing of 'potential'"):
        launch_amounts(
            Launch("x", dt.date(2027, 1, 1), total=1.0), list(PLAN.values()), SEASONS / 4
        )
