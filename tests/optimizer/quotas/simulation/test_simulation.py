"""Simulated attainment and pay against closed forms and integrals."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from itertools import pairwise
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats
from teig.models.compensation import (
    CompensationPlan,
    Contest,
    Measured,
    PayTerms,
    Prize,
    TeamAward,
    Tier,
)
from teig.models.errors import BadInput
from teig.optimizer.quotas import QuotaResult, set_quotas
from teig.optimizer.quotas.simulation import (
    Shape,
    Simulation,
    Uncertainty,
    estimate_uncertainty,
    simulate_quotas,
)

TERMS = PayTerms(threshold=0.5, accelerator=1.5, tiers=(Tier(1.2, 2.0),), cap=1.9)


def company(people: int = 12, **settings: object) -> QuotaResult:
    """A company of two teams whose people have the same index, 100,000 a year each."""
    territories = pd.DataFrame(
        {
            "owner": [f"R{n:02d}" for n in range(people)],
            "parent": ["M1" if n < people // 2 else "M2" for n in range(people)],
            "sales": [90_000.0] * people,
            "potential": [300_000.0] * people,
        }
    )
    structure = pd.DataFrame(
        {
            "node": ["top", "M1", "M2"],
            "parent": ["", "top", "top"],
            "level": ["company", "manager", "manager"],
        }
    )
    return set_quotas(
        territories,
        100_000 * people,
        structure,
        **{"rounding": 100, **settings},  # type: ignore[arg-type]
    )


def simulated(sigma: float, shape: Shape, hedge: float = 0.0, draws: int = 2000) -> Simulation:
    spread = Uncertainty(0.0, sigma, 0.0, 0.0, shape)
    return simulate_quotas(
        company(over_assignment={"manager": hedge}),
        CompensationPlan(TERMS),
        {"rep": (60_000.0, 40_000.0)},
        uncertainty=spread,
        draws=draws,
    )


@pytest.mark.parametrize("hedge", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("shape", list(Shape))
def test_share_at_quota_and_pay_are_those_of_the_distribution(shape: Shape, hedge: float) -> None:
    sigma, expected = 0.2, 1.0 / (1.0 + hedge)
    result = simulated(sigma, shape, hedge)
    if shape is Shape.NORMAL:
        attainment = stats.norm(expected, sigma * expected)
    else:
        attainment = stats.lognorm(s=sigma, scale=expected * np.exp(-(sigma**2) / 2))
    # Each margin is stratified, so that the share is exact to one draw.
    people = result.people.set_index("level").loc["rep"]
    share = attainment.sf(1.0)
    assert people["chance_at_quota"].to_numpy() == pytest.approx(share, abs=1.5 / result.draws)
    assert result.share_at_quota == pytest.approx(share, abs=1.5 / result.draws)
    knots = [0.0, 0.5, 1.0, 1.2, 1.35, 4.0]
    payout = sum(
        integrate.quad(lambda a: float(TERMS.curve.payout(a)) * attainment.pdf(a), low, high)[0]
        for low, high in pairwise(knots)
    )
    assert people["pay_mean"].to_numpy() == pytest.approx(60_000 + 40_000 * payout, rel=5e-4)
    assert result.expected_cost == pytest.approx(people["pay_mean"].sum())


def test_the_normal_share_at_quota_is_phi() -> None:
    result = simulated(0.2, Shape.NORMAL, 0.1)
    assert result.share_at_quota == pytest.approx(
        stats.norm.cdf((1 / 1.1 - 1) / (0.2 / 1.1)), abs=1e-3
    )


def test_market_territory_and_period_add_up_in_the_variance() -> None:
    u = Uncertainty(market=0.1, territory=0.15, period=0.2)
    result = simulate_quotas(company(40), uncertainty=u, draws=4000, seed=3)
    one = result.attainment[:, -1]
    # Four equal quarters: variance of a mean of four lognormals that share a factor.
    common = np.exp(0.1**2 + 0.15**2)
    assert one.var() == pytest.approx(common * (1 + np.expm1(0.2**2) / 4) - 1, rel=0.1)
    # The company sees the market, and the rest shrinks with the number of people.
    top = result.attainment[:, 0]
    alone = np.expm1(0.15**2) * 1.0 + np.expm1(0.2**2) / 4
    assert top.std() == pytest.approx(sqrt(np.expm1(0.1**2) + alone / 40), rel=0.1)
    assert one.mean() == pytest.approx(1.0, abs=0.01)
    spread = result.levels.set_index("level")["spread"]
    assert spread["rep"] > spread["manager"] > spread["company"] == 0.0


def test_products_share_their_luck() -> None:
    u = Uncertainty(0.0, 0.0, 0.0, product=0.3)
    quotas = company(4, products={"a": 0.5, "b": 0.5}, periods=["year"])
    result = simulate_quotas(quotas, uncertainty=u, draws=3000)
    assert np.ptp(result.attainment[:, result.problem.tree.leaves], axis=1).max() < 1e-9
    assert result.attainment[:, 0].var() == pytest.approx(np.expm1(0.3**2) / 2, rel=0.08)
    normal = simulate_quotas(
        quotas, uncertainty=Uncertainty(0, 0, 0, 0.3, Shape.NORMAL), draws=3000
    )
    assert normal.attainment[:, 0].std() == pytest.approx(0.3 / sqrt(2), rel=0.05)


def test_without_uncertainty_everybody_is_at_quota_and_is_paid_the_target() -> None:
    certain = Uncertainty(0.0, 0.0, 0.0)
    for measured in Measured:
        plan = CompensationPlan(TERMS, measured=measured)
        pay = {"rep": (60_000.0, 40_000.0), "manager": (90_000.0, 30_000.0)}
        result = simulate_quotas(company(7), plan, pay, uncertainty=certain, draws=2)
        assert (result.attainment == 1.0).sum() >= 2  # the company, to the last unit
        assert result.expected_cost == pytest.approx(7 * 100_000 + 2 * 120_000, rel=1e-3)
    hard = simulate_quotas(company(), uncertainty=certain, draws=2, expected=0.8)
    assert hard.attainment == pytest.approx(0.8)
    assert hard.share_at_quota == 0.0


def test_somebody_new_is_expected_to_sell_less() -> None:
    territories = pd.DataFrame(
        {"owner": ["a", "b"], "sales": [100.0, 100.0], "potential": [1.0, 1.0],
         "productivity": [1.0, 0.5]}
    )  # fmt: skip
    quotas = set_quotas(territories, 3000, rounding=1, relief="lost")
    result = simulate_quotas(quotas, uncertainty=Uncertainty(0, 0, 0), draws=1)
    sold = result.people.set_index("node")["expected_sales"]
    assert sold.to_dict() == pytest.approx({"company": 2250.0, "a": 1500.0, "b": 750.0})
    assert result.attainment == pytest.approx(1.0)


def test_given_expectations_are_taken_and_checked() -> None:
    quotas = company(3)
    frame = pd.DataFrame({"node": ["R00", "R01", "R02"], "sales": [50_000.0, 100_000.0, 150_000.0]})
    result = simulate_quotas(quotas, uncertainty=Uncertainty(0, 0, 0), expected=frame, draws=1)
    reached = result.people.set_index("node")["attainment_p50"]
    assert [reached[n] for n in ("R00", "R01", "R02", "top")] == pytest.approx([0.5, 1.0, 1.5, 1.0])
    bad = pd.DataFrame({"node": ["R00", "X"], "sales": [1.0, None]})
    with pytest.raises(BadInput) as caught:
        simulate_quotas(quotas, expected=bad)
    assert len(caught.value.problems) == 4


def test_prizes_cost_what_they_cost_and_contests_what_is_sold_in_their_days() -> None:
    days = (date(2026, 1, 1), date(2026, 1, 31))
    plan = CompensationPlan(
        TERMS,
        prizes=(Prize("club", 5000.0, best=2, at_least=0.0),),
        team_awards=(TeamAward("dinner", 100.0, at_least=0.0, best=1),),
        contests=(Contest("january", *days, {"Q1": 1 / 3}, rate=0.01),),
    )
    result = simulate_quotas(company(), plan, {"rep": (0.0, 0.0)}, draws=50)
    cost = result.cost.set_index("component")
    assert list(cost.loc["club", ["p10", "p90"]]) == [10_000, 10_000]
    assert cost.loc["dinner", "mean"] == 600
    assert cost.loc["january", "mean"] == pytest.approx(12 * 25_000 / 3 * 0.01, rel=0.05)
    assert cost.loc["total", "mean"] == pytest.approx(cost["mean"].iloc[:-1].sum())
    ranked = result.pay.components["club"] if result.pay else np.zeros(0)
    assert (ranked.sum(axis=1) == 10_000).all()
    best = result.attainment[:, result.problem.tree.leaves].argsort(axis=1)[:, -2:]
    assert (np.take_along_axis(ranked, best, axis=1) == 5000).all()


def test_the_same_territory_has_the_same_luck_in_another_plan() -> None:
    few, many = (simulate_quotas(company(n), draws=100) for n in (4, 8))
    column = [(r.people["node"].tolist().index("R03"), r) for r in (few, many)]
    one, other = (r.attainment[:, at] for at, r in column)
    assert (one == other).all()
    again = simulate_quotas(company(4), draws=100, seed=2)
    assert (one != again.attainment[:, column[0][0]]).any()


PROGRAM = """
from teig.optimizer.quotas import set_quotas
from teig.optimizer.quotas.simulation import simulate_quotas
import pandas as pd
people = pd.DataFrame({"owner": list("abc"), "sales": [3.0, 2, 1], "potential": [1.0, 1, 1]})
simulated = simulate_quotas(set_quotas(people, 6000), draws=64).attainment.tobytes().hex()
"""


def test_the_same_bytes_under_another_hash_seed() -> None:
    here: dict[str, str] = {}
    exec(PROGRAM, here)  # noqa: S102 - the program above
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    there = subprocess.check_output(
        [sys.executable, "-c", PROGRAM + "print(simulated)"], env=environment, text=True
    )
    assert there.strip() == here["simulated"]


def test_a_spread_is_found_again_in_history_made_of_it() -> None:
    generator = np.random.default_rng(5)
    owners, periods = 400, 60
    table = (
        0.08 * generator.standard_normal(periods)[None, :]
        + 0.12 * generator.standard_normal(owners)[:, None]
        + 0.2 * generator.standard_normal((owners, periods))
    )
    history = pd.DataFrame(
        {
            "owner": np.repeat([f"o{n}" for n in range(owners)], periods),
            "period": np.tile([f"p{n}" for n in range(periods)], owners),
            "sales": 1000.0 * np.exp(table).ravel(),
            "quota": 1000.0,
        }
    )
    found = estimate_uncertainty(history)
    assert found.market == pytest.approx(0.08, rel=0.2)
    assert found.territory == pytest.approx(0.12, rel=0.1)
    assert found.period == pytest.approx(0.2, rel=0.02)


def test_a_balanced_table_worked_by_hand() -> None:
    # Logs: owner means −1, 0, 1; no period effect and no rest: all of it is territory.
    history = pd.DataFrame(
        {"owner": ["a", "b", "c"] * 2, "period": ["1"] * 3 + ["2"] * 3,
         "sales": np.exp([-1.0, 0.0, 1.0] * 2), "quota": 1.0}
    )  # fmt: skip
    found = estimate_uncertainty(history)
    assert (found.market, found.period) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert found.territory == pytest.approx(1.0)
    with pytest.raises(BadInput, match="at least 3 owners"):
        estimate_uncertainty(history[history["owner"] != "c"])


def test_what_makes_no_sense_is_named() -> None:
    with pytest.raises(BadInput) as caught:
        Uncertainty(market=-0.1, territory=float("nan"))
    assert {p.key for p in caught.value.problems} == {"market", "territory"}
    with pytest.raises(BadInput, match="its levels are company, manager, rep"):
        simulate_quotas(company(3), CompensationPlan(), {"seller": (1.0, 1.0)})
    stranger = pd.DataFrame({"node": ["R00", "who"], "base": [1.0, 2.0], "target_incentive": 1.0})
    with pytest.raises(BadInput, match="nobody with a quota"):
        simulate_quotas(company(3), CompensationPlan(), stranger)
    impossible = company(3, floors=90_000_000)
    with pytest.raises(BadInput, match="no quotas to simulate"):
        simulate_quotas(impossible)
