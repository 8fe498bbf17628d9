"""Pay of one outcome, worked by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from teig.models.compensation import (
    Clawback,
    CompensationPlan,
    Contest,
    Measured,
    Outcome,
    Payees,
    PayTerms,
    Prize,
    TeamAward,
    pay_out,
)
from teig.models.errors import BadInput

#: Two teams of two; everybody has 100 a half-year.
PAYEES = Payees(
    ids=("anna", "bo", "cy", "dag", "eli"),
    levels=("rep", "rep", "rep", "rep", "manager"),
    team=np.array([0, 0, 1, 1, 2]),
    managers=("eli", "fay", "gro"),
    manager_levels=("manager", "manager", "director"),
    manager_above=np.array([2, 2, -1]),
    foot=np.array([True, True, True, True, False]),
    periods=("H1", "H2"),
    quota=np.array([[100.0] * 4 + [200.0]] * 2),
    base=np.array([500.0] * 4 + [900.0]),
    target_incentive=np.array([100.0, 100.0, 100.0, 200.0, 300.0]),
)
#: Sales by half-year: 120 %, 100 %, 75 %, 0 % of the year, and 110 % for the manager.
SALES = np.array([[[140.0, 100.0, 30.0, 0.0, 240.0], [100.0, 100.0, 120.0, 0.0, 200.0]]])
TEAMS = np.array([[1.1, 0.375, 1.05]])


def paid(plan: CompensationPlan, component: str, **outcome: Any) -> list[float]:
    contests = outcome.pop("contest_sales", {})
    result = pay_out(plan, PAYEES, Outcome(SALES, TEAMS, contests))
    np.testing.assert_allclose(sum(result.components.values()), result.total)
    return [float(x) for x in result.components[component][0]]


def test_the_incentive_goes_by_the_year_or_by_each_half() -> None:
    terms = PayTerms(threshold=0.5, accelerator=2.0)
    by_year = CompensationPlan(terms)
    assert paid(by_year, "incentive") == pytest.approx([140.0, 100.0, 75.0, 0.0, 360.0])
    assert paid(by_year, "base") == [500.0] * 4 + [900.0]
    by_half = CompensationPlan(terms, measured=Measured.PERIOD)
    # anna: ½·(1 + 2·0.4) + ½·1; cy: nothing, then ½·(1 + 2·0.2); eli: ½·(1 + 2·0.2) + ½.
    assert paid(by_half, "incentive") == pytest.approx([140.0, 100.0, 70.0, 0.0, 360.0])


def test_a_level_can_have_terms_of_its_own() -> None:
    plan = CompensationPlan(PayTerms(), by_level={"manager": PayTerms(cap=1.05)})
    assert paid(plan, "incentive") == pytest.approx([120.0, 100.0, 75.0, 0.0, 315.0])


def test_sales_that_come_back_are_paid_back() -> None:
    plan = CompensationPlan(PayTerms(threshold=0.7), clawback=Clawback(0.1, 0.5))
    # cy falls from 75 % to 67.5 %, below the threshold: half of all of it is taken back.
    assert paid(plan, "clawback") == pytest.approx([-6.0, -5.0, -37.5, 0.0, -16.5])


def test_the_club_takes_the_best_who_reach_enough() -> None:
    plan = CompensationPlan(prizes=(Prize("club", 1000.0, best=3), Prize("half", 10.0, share=0.5)))
    assert paid(plan, "club") == [1000.0, 1000.0, 0.0, 0.0, 0.0]
    assert paid(plan, "half") == [10.0, 10.0, 0.0, 0.0, 0.0]
    one = CompensationPlan(prizes=(Prize("club", 1000.0, best=1, at_least=0.5),))
    assert paid(one, "club") == [1000.0, 0.0, 0.0, 0.0, 0.0]
    managers = CompensationPlan(prizes=(Prize("club", 7.0, best=5, level="manager"),))
    assert paid(managers, "club") == [0.0, 0.0, 0.0, 0.0, 7.0]


def test_a_team_is_recognized_as_a_whole() -> None:
    plan = CompensationPlan(team_awards=(TeamAward("dinner", 50.0),))
    assert paid(plan, "dinner") == [50.0, 50.0, 0.0, 0.0, 0.0]
    everybody = CompensationPlan(team_awards=(TeamAward("dinner", 50.0, level="director"),))
    assert paid(everybody, "dinner") == [50.0, 50.0, 50.0, 50.0, 0.0]
    best = CompensationPlan(team_awards=(TeamAward("dinner", 50.0, at_least=0.1, best=1),))
    assert paid(best, "dinner") == [50.0, 50.0, 0.0, 0.0, 0.0]


def test_a_contest_pays_a_rate_and_its_best() -> None:
    days = (date(2026, 3, 1), date(2026, 3, 31))
    contest = Contest("spring", *days, {"H1": 1 / 6}, amount=30.0, best=1, rate=0.02)
    sales = np.array([[20.0, 25.0, 0.0, 5.0, 45.0]])
    got = paid(CompensationPlan(contests=(contest,)), "spring", contest_sales={"spring": sales})
    assert got == pytest.approx([0.4, 30.5, 0.0, 0.1, 0.0])


def test_a_contest_is_ranked_by_the_quota_of_its_own_days() -> None:
    days = (date(2026, 1, 1), date(2026, 6, 30))
    contest = Contest("first half", *days, {"H1": 1.0}, amount=30.0, best=1)
    quota = np.array([[200.0, 50.0, 100.0, 100.0, 200.0], [1.0, 500.0, 100.0, 100.0, 200.0]])
    sales = np.array([[90.0, 40.0, 30.0, 0.0, 160.0]])
    outcome = Outcome(SALES, TEAMS, {"first half": sales})
    paid = pay_out(CompensationPlan(contests=(contest,)), PAYEES.replace(quota=quota), outcome)
    # 45 % and 80 % of the half's quota; over the year's it would be the other way round.
    assert paid.components["first half"][0].tolist() == [0.0, 30.0, 0.0, 0.0, 0.0]


def test_nobody_reaches_a_quota_that_is_not_there() -> None:
    payees = PAYEES.replace(quota=np.zeros((2, 5)))
    result = pay_out(CompensationPlan(PayTerms()), payees, Outcome(SALES, TEAMS, {}))
    assert not result.components["incentive"].any()


def test_what_makes_no_sense_is_named() -> None:
    days = (date(2026, 3, 31), date(2026, 3, 1))
    with pytest.raises(BadInput) as caught:
        Contest("spring", *days, amount=5.0)
    assert len(caught.value.problems) == 2
    with pytest.raises(BadInput, match="either best"):
        Prize("club", 10.0)
    with pytest.raises(BadInput, match="name of its own"):
        CompensationPlan(prizes=(Prize("x", 1, best=1),), team_awards=(TeamAward("x", 1),))
