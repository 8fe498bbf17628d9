"""The back-test on histories whose process is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from teig.models import BadInput
from teig.models.quotas.history import History, read_history
from teig.optimizer.quotas import back_test

YEARS = tuple(range(2020, 2027))


def made(seed: int, growth: str, noise: float = 0.02) -> tuple[History, pd.DataFrame, pd.DataFrame]:
    """Sixty units of twenty owners: all grow alike, by their segment, or by what is left to win."""
    rng = np.random.default_rng(seed)
    units = [f"u{n:02}" for n in range(60)]
    segment = np.where(np.arange(60) % 20 < 10, "fast", "slow")
    potential = rng.uniform(2_000, 10_000, 60)
    level = potential * rng.uniform(0.1, 0.6, 60)
    rows = []
    for year in YEARS:
        sold = level * np.exp(rng.normal(0, noise, 60))
        rows += [(unit, str(year), round(float(x), 2)) for unit, x in zip(units, sold, strict=True)]
        if growth == "segment":
            level = level * np.where(segment == "fast", 1.15, 0.97)
        elif growth == "gap":
            level = level + 0.2 * (potential - level)
        else:
            level = level * 1.04
    history = read_history(pd.DataFrame(rows, columns=["unit", "period", "sales"]))
    alignment = pd.DataFrame({"unit": units, "owner": [f"o{n % 20:02}" for n in range(60)]})
    about = pd.DataFrame({"unit": units, "segment": segment, "potential": potential})
    return history, alignment, about


@pytest.mark.parametrize(("growth", "best"), [("segment", "forecast"), ("gap", "market_potential")])
def test_the_method_that_fits_the_process_wins(growth: str, best: str) -> None:
    for seed in range(3):
        history, alignment, about = made(seed, growth)
        methods: dict[str, dict[str, float]] = {
            name: {} for name in ("uniform_growth", "weighted_index", "forecast")
        }
        target = {"market_potential": {"target_penetration": 1.0}}
        test = back_test(
            history, alignment, potential=about, attributes=about, methods=methods | target
        )
        assert test.best == best
        verdict = test.summary.set_index("method")["as_good"]
        assert verdict[best]
        assert not verdict["weighted_index"]
        assert best in test.sentences[0]


def test_methods_that_say_the_same_are_not_told_apart() -> None:
    history, alignment, about = made(1, "alike", noise=0.1)
    test = back_test(history, alignment, attributes=about)
    verdict = test.summary.set_index("method")["as_good"]
    assert verdict["uniform_growth"]
    assert verdict["forecast"]
    assert any("Not distinguishable" in sentence for sentence in test.sentences)
    assert set(test.summary["method"]) == {"uniform_growth", "forecast"}
    assert sum("not tested" in note for note in test.notes) == 4


def test_the_measures_are_their_definitions() -> None:
    history, alignment, about = made(2, "segment")
    test = back_test(history, alignment, potential=about, years=1)
    row = test.table.set_index("method").loc["uniform_growth"]
    sold = {
        year: history.amounts[:, 0, YEARS.index(year)].reshape(3, 20).sum(axis=0) / 100
        for year in (2025, 2026)
    }
    quota = sold[2025] * sold[2026].sum() / sold[2025].sum()
    attainment = sold[2026] / quota
    assert row["absolute_error"] == pytest.approx(
        np.abs(quota - sold[2026]).sum() / sold[2026].sum()
    )
    assert row["within_20"] == np.mean(np.abs(attainment - 1) <= 0.2)
    assert row["spearman"] == pytest.approx(spearmanr(sold[2025], attainment).statistic)
    z = (np.log(sold[2025]) - np.log(sold[2025]).mean()) / np.log(sold[2025]).std()
    assert row["lean_on_size"] == pytest.approx(np.polyfit(z, attainment, 1)[0] / attainment.mean())


def test_no_method_sees_the_year_that_it_is_tested_on() -> None:
    history, alignment, about = made(3, "segment")
    amounts = history.amounts.copy()
    amounts[:, :, -1] = amounts[::-1, :, -1]
    other = History(history.units, history.products, history.spans, history.frequency, amounts)
    first = back_test(history, alignment, attributes=about, years=1).owners
    second = back_test(other, alignment, attributes=about, years=1).owners
    one, two = (x[x["method"].eq("forecast")]["quota"].to_numpy() for x in (first, second))
    assert one / one.sum() == pytest.approx(two / two.sum())


def test_a_short_history_or_an_unknown_method_is_bad_input() -> None:
    history, alignment, _ = made(4, "alike")
    with pytest.raises(BadInput, match="two years"):
        back_test(history.first(1), alignment)
    with pytest.raises(BadInput, match="must be one of"):
        back_test(history, alignment, methods={"tarot": {}})


def test_a_unit_without_a_potential_is_no_unit_with_none() -> None:
    history, alignment, about = made(4, "alike")
    with pytest.raises(BadInput, match=r"missing is not zero.*u03"):
        back_test(history, alignment, potential=about.drop(index=3))


def test_owners_who_sold_nothing_are_left_out_and_counted() -> None:
    history, alignment, about = made(4, "alike")
    extra = pd.DataFrame({"unit": ["nowhere"], "owner": ["o99"]})
    test = back_test(history, pd.concat([alignment, extra]), potential=about, years=1)
    assert any("1 of 21 owners" in note for note in test.notes)
    assert "o99" not in set(test.owners["owner"])
