"""A change in mid-period: what moves takes its quota along, everything else stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from teig.models import BadInput, Status
from teig.models.quotas import check_quotas
from teig.models.quotas.history import plan_spans
from teig.optimizer.quotas import Adjustment, QuotaResult, adjust_quotas, set_quotas

QUARTERS = ("Q1", "Q2", "Q3", "Q4")
PERIODS = dict(
    zip(QUARTERS, plan_spans(4, dt.date(2027, 1, 1), dt.date(2027, 12, 31)), strict=True)
)


def company(seed: int = 0, **options: Any) -> QuotaResult:
    rng = np.random.default_rng(seed)
    owners = [f"o{n}" for n in range(9)]
    staff = pd.DataFrame(
        {
            "owner": owners,
            "parent": [f"team {n % 3}" for n in range(9)],
            "sales": rng.integers(100_000, 400_000, 9),
            "potential": rng.integers(300_000, 900_000, 9),
        }
    )
    given = {"products": ["a", "b"], "over_assignment": {"company": 0.02, "team": 0.05}} | options
    return set_quotas(staff, 3_000_000, **given)


def moves(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["from", "to", "date", "share", "account"][: len(rows[0])])


def cells(result: QuotaResult) -> pd.Series[Any]:
    return result.quotas.set_index(["node", "product", "period"])["quota"]


def changed(before: QuotaResult, after: QuotaResult) -> pd.Series[Any]:
    difference = cells(after).sub(cells(before), fill_value=0)
    return difference[difference != 0]


def assert_audited(before: QuotaResult, adjusted: Adjustment) -> None:
    """Every change has its lines, to the last coin, and nothing else has."""
    lines = (adjusted.audit["amount"] * 100).round().astype(int)
    keys = [adjusted.audit[key] for key in ("node", "product", "period")]
    booked = lines.groupby(keys).sum()
    booked = booked[booked != 0]
    difference = (changed(before, adjusted.result) * 100).astype(int)
    assert booked.to_dict() == difference.to_dict()


def test_an_account_takes_its_quota_along_from_its_day_on() -> None:
    before = company()
    adjusted = adjust_quotas(before, moves(("o0", "o3", "2027-07-01", 0.3, "acme")), PERIODS)
    result = adjusted.result
    assert result.status == Status.OPTIMAL
    assert result.plan is not None
    assert not check_quotas(result.problem, result.plan)
    difference = changed(before, result)
    assert set(difference.index.get_level_values("node")) == {"o0", "o3"}
    assert set(difference.index.get_level_values("period")) == {"Q3", "Q4"}
    old, new = cells(before), cells(result)
    for product in ("a", "b"):
        gone = old["o0", product, "Q3"] - new["o0", product, "Q3"]
        assert gone == pytest.approx(0.3 * old["o0", product, "Q3"], abs=100)
        assert gone == new["o3", product, "Q3"] - old["o3", product, "Q3"]
    assert_audited(before, adjusted)
    assert set(adjusted.audit["account"]) <= {"acme", ""}
    steps = result.explanation.groupby(["node", "product", "period"])["amount"].sum().round(2)
    assert steps.to_dict() == {key: new[key] for key in steps.index}


def test_a_move_across_teams_keeps_every_sum() -> None:
    moved_teams = 0
    for seed in range(6):
        before = company(seed)
        adjusted = adjust_quotas(before, moves(("o0", "o1", "2027-08-15", 0.5, "acme")), PERIODS)
        result = adjusted.result
        assert result.plan is not None
        assert not check_quotas(result.problem, result.plan)
        old, new = cells(before), cells(result)
        assert new["company"].equals(old["company"])
        assert new["team 2"].equals(old["team 2"])
        moved_teams += new["team 0"].sum() < old["team 0"].sum()
        half = (dt.date(2027, 9, 30) - dt.date(2027, 8, 14)).days / PERIODS["Q3"].days
        gone = old["o0", "a", "Q3"] - new["o0", "a", "Q3"]
        assert gone == pytest.approx(0.5 * half * old["o0", "a", "Q3"], abs=250)
        assert_audited(before, adjusted)
    assert moved_teams == 6


def test_somebody_leaves_and_somebody_starts_with_a_ramp() -> None:
    before = company()
    starters = pd.DataFrame({"owner": ["new"], "parent": ["team 0"]})
    ramp = pd.DataFrame(
        {"owner": ["new"] * 2, "period": ["Q3", "Q4"], "productivity": [0.25, 0.75]}
    )
    adjusted = adjust_quotas(
        before, moves(("o0", "new", "2027-07-01", 1)), PERIODS, starters=starters, ramp=ramp
    )
    result = adjusted.result
    assert result.plan is not None
    assert not check_quotas(result.problem, result.plan)
    old, new = cells(before), cells(result)
    assert new["o0", "a", "Q2"] == old["o0", "a", "Q2"]
    assert (new["o0", "a", "Q3"], new["new", "a", "Q2"]) == (0, 0)
    assert new["new", "a", "Q3"] == pytest.approx(0.25 * old["o0", "a", "Q3"], abs=100)
    carried = (new - old)["o3", "a", "Q3"] + (new - old)["o6", "a", "Q3"]
    assert carried == pytest.approx(0.75 * old["o0", "a", "Q3"], abs=200)
    assert new["team 0"].equals(old["team 0"])
    assert "ramp of new" in set(adjusted.audit["reason"])
    assert_audited(before, adjusted)


def test_what_is_over_stays_with_the_attainment_reached_in_it() -> None:
    before = company()
    sold = pd.DataFrame({"owner": ["o0", "o1"], "period": ["Q1", "Q1"], "sales": [70_000, 90_000]})
    adjusted = adjust_quotas(before, moves(("o0", "o1", "2027-04-01", 1)), PERIODS, sold=sold)
    reached = adjusted.attainment.set_index("owner")
    quota = before.quotas[before.quotas["period"].eq("Q1")].groupby("node")["quota"].sum()
    assert reached.loc["o0", "attainment"] == 70_000 / quota["o0"]
    assert reached.loc["o0", "ahead_after"] == 0
    assert reached["ahead_after"].sum() == pytest.approx(reached["ahead_before"].sum(), rel=0.01)


def test_several_moves_in_any_order_give_the_same() -> None:
    before = company()
    rows = [("o0", "o3", "2027-07-01", 0.25, "x"), ("o3", "o6", "2027-10-01", 0.5, "y"), ("o0", "o1", "2027-07-01", 0.25, "z")]  # fmt: skip
    first = adjust_quotas(before, moves(*rows), PERIODS)
    second = adjust_quotas(before, moves(*rows[::-1]), PERIODS)
    pd.testing.assert_frame_equal(first.result.quotas, second.result.quotas)
    assert_audited(before, first)


def test_coarse_units_let_colleagues_move_and_say_so() -> None:
    noted = 0
    for seed in range(8):
        before = company(
            seed, products=["a"], rounding={"company": 1000, "team": 5000, "rep": 1000}
        )
        if before.plan is None:
            continue
        adjusted = adjust_quotas(before, moves(("o0", "o1", "2027-07-01", 0.37)), PERIODS)
        assert adjusted.result.plan is not None
        assert not check_quotas(adjusted.result.problem, adjusted.result.plan)
        noted += bool(adjusted.result.notes)
        assert_audited(before, adjusted)
    assert noted < 8


def test_all_that_is_wrong_with_moves_is_named_at_once() -> None:
    wrong = moves(("o0", "nobody", "2027-07-01", 0.5), ("o1", "o2", "soon", 2))
    with pytest.raises(BadInput) as caught:
        adjust_quotas(company(), wrong, PERIODS)
    assert {(p.place, p.key) for p in caught.value.problems} == {
        ("row 1", "to"),
        ("row 2", "date"),
        ("row 2", "share"),
    }
    twice = moves(("o0", "o1", "2027-07-01", 0.6), ("o0", "o2", "2027-07-01", 0.6))
    with pytest.raises(BadInput, match="more than there is"):
        adjust_quotas(company(), twice, PERIODS)


def test_a_move_is_from_an_owner_to_another_owner_within_the_plan() -> None:
    wrong = moves(("team 0", "o1", "2027-07-01", 0.5), ("o1", "o1", "2027-07-01", 0.5), ("o2", "o1", "2028-01-01", 0.5))  # fmt: skip
    with pytest.raises(BadInput) as caught:
        adjust_quotas(company(), wrong, PERIODS)
    found = {(p.place, p.key) for p in caught.value.problems}
    assert found == {("row 1", "from"), ("row 2", "to"), ("row 3", "date")}


def test_a_pin_that_a_change_breaks_is_named() -> None:
    free = company()
    kept = int(free.plan.quota[free.problem.tree.ids.index("o0")].sum()) // 100  # type: ignore[union-attr]
    pins = pd.DataFrame({"node": ["o0"], "amount": [kept], "name": ["what o0 was promised"]})
    before = company(pins=pins)
    untouched = adjust_quotas(before, moves(("o3", "o4", "2027-07-01", 0.5)), PERIODS)
    broken = adjust_quotas(before, moves(("o0", "o1", "2027-07-01", 0.5)), PERIODS)
    assert not any("promised" in note for note in untouched.result.notes)
    note = next(note for note in broken.result.notes if "promised" in note)
    assert f"exactly {kept:,}" in note
