"""Setting quotas from data frames: defaults, the traps of quota edits, the build-up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from teig.models import BadInput, Status
from teig.models.quotas import check_quotas
from teig.optimizer.quotas import QuotaResult, set_quotas

COLUMNS = ["node", "level", "parent", "product", "period", "quota", "index", "currency"]


@pytest.fixture
def structure() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("north", "", "company"),
            ("east", "north", "district"),
            ("west", "north", "district"),
        ],
        columns=["node", "parent", "level"],
    )


@pytest.fixture
def territories() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("ada", "east", 300_000, 900_000),
            ("bo", "east", 210_000, 400_000),
            ("cy", "west", 120_000, 700_000),
            ("di", "west", 95_000, 300_000),
            ("house", "north", 40_000, 60_000),
        ],
        columns=["owner", "parent", "sales", "potential"],
    )


def quota(result: QuotaResult, node: str, period: str | None = None) -> float:
    rows = result.quotas["node"].eq(node)
    if period is not None:
        rows &= result.quotas["period"].eq(period)
    return float(result.quotas.loc[rows, "quota"].sum())


def limits(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["node", "product", "period", "amount"][: len(rows[0])])


def of_node(*rows: tuple[str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["node", "amount"])


def test_three_lines_are_enough(territories: pd.DataFrame) -> None:
    result = set_quotas(territories, budget=1_000_000)
    assert list(result.quotas.columns) == COLUMNS
    assert result.status == Status.OPTIMAL
    assert result.gap == 0.0
    assert quota(result, "company") == 1_000_000
    assert result.quotas["quota"].dtype == np.int64
    assert result.plan is not None
    assert not check_quotas(result.problem, result.plan)


def test_every_level_sums_with_its_over_assignment(
    territories: pd.DataFrame, structure: pd.DataFrame
) -> None:
    result = set_quotas(
        territories,
        1_000_000,
        structure,
        rounding={"company": 1000, "district": 500, "rep": 50},
        over_assignment={"company": 0.03, "east": 0.07},
    )
    frame = result.quotas
    for period, rows in frame.groupby("period"):
        own = rows.set_index("node")["quota"]
        below = rows.groupby("parent")["quota"].sum()
        assert below["north"] == np.floor(own["north"] * 1.03 / 500 + 0.5) * 500, period
        assert below["east"] == np.floor(own["east"] * 1.07 / 50 + 0.5) * 50
        assert below["west"] == own["west"]
    assert (frame.loc[frame["level"].eq("rep"), "quota"] % 50 == 0).all()


def test_a_half_goes_up_as_written_not_as_floats_see_it() -> None:
    """1.1 × 15 is 16.500000000000004 as floats; 1.15 × 10 is 11.499999999999998."""
    staff = pd.DataFrame({"owner": ["a", "b"], "sales": [1, 1], "potential": [1, 1]})
    result = set_quotas(
        staff, 10, over_assignment=0.15, rounding=1, periods=["year"], minor_units=1
    )
    assert quota(result, "a") + quota(result, "b") == 12


def test_pins_hold_wherever_they_stand(territories: pd.DataFrame, structure: pd.DataFrame) -> None:
    pins = pd.DataFrame(
        [("east", "Q1", 200_000), ("ada", "Q1", 90_000), ("cy", None, 123_400)],
        columns=["node", "period", "amount"],
    )
    result = set_quotas(territories, 1_000_000, structure, pins=pins)
    assert quota(result, "east", "Q1") == 200_000
    assert quota(result, "ada", "Q1") == 90_000
    assert quota(result, "cy") == 123_400
    assert quota(result, "north") == 1_000_000
    again = set_quotas(territories, 1_000_000, structure, pins=pins.iloc[::-1])
    pd.testing.assert_frame_equal(result.quotas, again.quotas)


def test_rows_in_another_order_give_the_same_frame(
    territories: pd.DataFrame, structure: pd.DataFrame
) -> None:
    first = set_quotas(territories, 1_000_000, structure)
    second = set_quotas(territories.iloc[::-1], 1_000_000, structure.iloc[::-1])
    pd.testing.assert_frame_equal(first.quotas, second.quotas)


def test_overlapping_pins_are_named_not_lost(
    territories: pd.DataFrame, structure: pd.DataFrame
) -> None:
    pins = pd.DataFrame(
        [("ada", "Q1", 90_000), ("ada", "Q1", 80_000), ("bo", "Q2", 50_000)],
        columns=["node", "period", "amount"],
    )
    result = set_quotas(territories, 1_000_000, structure, pins=pins)
    assert result.status == Status.INFEASIBLE
    assert result.quotas.empty
    assert list(result.quotas.columns) == COLUMNS
    [conflict] = result.conflicts
    assert conflict.names == ("pin of ada, Q1", "pin of ada, Q1 (2)")
    assert conflict.alone == (10_000_00, 10_000_00)
    assert "90,000 EUR" in result.reasons[0]
    assert sum(change.amount for change in result.relaxation) == 10_000_00


def test_a_pin_on_a_team_against_pins_on_its_people(
    territories: pd.DataFrame, structure: pd.DataFrame
) -> None:
    pins = of_node(("west", 300_000), ("cy", 100_000), ("di", 100_000), ("ada", 90_000))
    result = set_quotas(territories, 1_000_000, structure, pins=pins, periods=["year"])
    assert result.status == Status.INFEASIBLE
    [conflict] = result.conflicts
    assert set(conflict.names) == {"pin of west", "pin of cy", "pin of di"}


def test_two_totals_on_one_person(territories: pd.DataFrame, structure: pd.DataFrame) -> None:
    """Four quarters and a year that disagree: all five pins are named, nothing is dropped."""
    rows = [("cy", f"Q{n}", 30_000) for n in (1, 2, 3, 4)] + [("cy", None, 150_000)]
    pins = pd.DataFrame(rows, columns=["node", "period", "amount"])
    result = set_quotas(territories, 1_000_000, structure, pins=pins)
    assert result.status == Status.INFEASIBLE
    [conflict] = result.conflicts
    assert len(conflict.limits) == 5
    twice = pd.concat([territories, territories.iloc[[0]]])
    with pytest.raises(BadInput, match="nobody has two totals"):
        set_quotas(twice, 1_000_000, structure)


def test_floors_beyond_the_budget_name_the_budget(territories: pd.DataFrame) -> None:
    result = set_quotas(territories, 400_000, floors=100_000, periods=["year"])
    assert result.status == Status.INFEASIBLE
    [conflict] = result.conflicts
    assert "budget" in conflict.names
    assert len(conflict.limits) == 6
    assert sum(change.amount for change in result.relaxation) == 100_000_00


def test_a_hedge_does_not_slip_into_the_budget_or_the_index(
    territories: pd.DataFrame, structure: pd.DataFrame
) -> None:
    result = set_quotas(
        territories, 1_000_000, structure, over_assignment={"company": 0.1, "district": 0.05}
    )
    year = result.quotas.groupby(["node", "parent"])["index"].sum().reset_index()
    own = year.set_index("node")["index"]
    assert own["north"] == pytest.approx(1_000_000)
    assert own["ada"] + own["bo"] == pytest.approx(own["east"] * 1.05)
    assert own["east"] + own["west"] + own["house"] == pytest.approx(1_100_000)


def test_a_zero_is_no_new_hire(territories: pd.DataFrame) -> None:
    territories.loc[1, "sales"] = 0
    result = set_quotas(territories, 700_000, method="uniform_growth", growth=(-0.2, 0.5))
    assert result.status == Status.OPTIMAL
    assert quota(result, "bo") == 0
    assert any("bo has an index of 0" in note for note in result.notes)
    assert any("growth of bo" in note for note in result.notes)
    territories.loc[1, "sales"] = np.nan
    with pytest.raises(BadInput, match="missing is not zero"):
        set_quotas(territories, 700_000)


def test_a_ramp_is_carried_by_the_team_or_taken_off(
    territories: pd.DataFrame, structure: pd.DataFrame
) -> None:
    ramp = pd.DataFrame({"owner": ["bo"], "period": ["Q1"], "productivity": [0.5]})
    full = set_quotas(territories, 1_000_000, structure, rounding=1)
    shared = set_quotas(territories, 1_000_000, structure, rounding=1, ramp=ramp)
    lost = set_quotas(territories, 1_000_000, structure, rounding=1, ramp=ramp, relief="lost")
    spared = quota(full, "bo", "Q1") - quota(lost, "bo", "Q1")
    assert spared == pytest.approx(quota(full, "bo", "Q1") / 2, abs=2)
    assert quota(shared, "east", "Q1") == pytest.approx(quota(full, "east", "Q1"), abs=1)
    assert quota(shared, "bo", "Q1") < quota(full, "bo", "Q1")
    assert quota(shared, "north") == 1_000_000
    assert quota(lost, "north") == pytest.approx(1_000_000 - spared, abs=2)
    assert quota(lost, "ada", "Q1") == pytest.approx(quota(full, "ada", "Q1"), abs=2)


def test_a_fixed_share_is_kept(territories: pd.DataFrame, structure: pd.DataFrame) -> None:
    territories["fixed_share"] = [None, None, None, None, 0.1]
    result = set_quotas(territories, 1_000_000, structure)
    assert quota(result, "house") == 100_000
    assert quota(result, "house", "Q3") == 25_000


@pytest.mark.parametrize("budget", [1_000_050, 1_000_000.005])
def test_a_total_that_is_no_multiple_is_reported(territories: pd.DataFrame, budget: float) -> None:
    with pytest.raises(BadInput, match="budget"):
        set_quotas(territories, budget, rounding=100)


def test_a_pin_that_is_no_multiple_is_reported(territories: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match="multiple of 100"):
        set_quotas(territories, 1_000_000, pins=of_node(("ada", 100_050)))


def test_growth_limits_hold_on_the_year(territories: pd.DataFrame) -> None:
    result = set_quotas(territories, 800_000, growth=(-0.1, 0.3), rounding=10)
    assert result.status == Status.OPTIMAL
    for owner, sales in zip(territories["owner"], territories["sales"], strict=True):
        assert 0.9 * sales <= quota(result, owner) <= 1.3 * sales
    tight = [
        quota(result, o) / s
        for o, s in zip(territories["owner"], territories["sales"], strict=True)
    ]
    assert max(tight) > 1.299


def test_products_and_periods_are_phased(territories: pd.DataFrame) -> None:
    budget = pd.DataFrame({"product": ["a", "b"], "amount": [600_000, 400_000]})
    result = set_quotas(
        territories, budget, products=["a", "b"], periods={"H1": 2, "H2": 3}, rounding=1000
    )
    top = result.quotas[result.quotas["node"].eq("company")].set_index(["product", "period"])
    assert top["quota"].to_dict() == {
        ("a", "H1"): 240_000, ("a", "H2"): 360_000, ("b", "H1"): 160_000, ("b", "H2"): 240_000,
    }  # fmt: skip


def test_the_build_up_adds_up_to_the_last_coin(
    territories: pd.DataFrame, structure: pd.DataFrame
) -> None:
    territories["availability"] = [1, 1, 0.8, 1, 1]
    territories["productivity"] = [1, 0.6, 1, 1, 1]
    result = set_quotas(
        territories,
        1_000_000,
        structure,
        method="market_potential",
        over_assignment=0.05,
        caps=of_node(("ada", 400_000)),
        rounding=10,
    )
    assert result.status == Status.OPTIMAL
    steps = result.explanation.assign(cents=lambda x: (x["amount"] * 100).round().astype(int))
    assert list(dict.fromkeys(steps["step"])) == [
        "history", "gap", "availability", "to the total", "over-assignment", "ramp",
        "relief of colleagues", "rounding", "limits",
    ]  # fmt: skip
    made = steps.groupby(["node", "period"])["cents"].sum()
    cells = result.quotas[result.quotas["node"].isin(territories["owner"])]
    asked = cells.set_index(["node", "period"])["quota"] * 100
    assert len(made) == len(asked) == 20
    assert (made.sort_index() == asked.sort_index()).all()


def test_all_problems_are_named_at_once() -> None:
    territories = pd.DataFrame(
        {"owner": ["a", "b"], "parent": ["x", "nowhere"], "sales": [1, -1], "potential": [1, 1]}
    )
    structure = pd.DataFrame({"node": ["top", "x", "y"], "parent": [None, "top", "top"]})
    with pytest.raises(BadInput) as caught:
        set_quotas(territories, 100, structure)
    text = str(caught.value)
    assert "nowhere" in text
    assert "nobody below" in text


def test_a_manager_who_sells_needs_two_ids(structure: pd.DataFrame) -> None:
    territories = pd.DataFrame(
        {
            "owner": ["east", "a", "w"],
            "parent": ["north", "east", "west"],
            "sales": 1,
            "potential": 1,
        }
    )
    with pytest.raises(BadInput, match="id of its own"):
        set_quotas(territories, 100, structure)


def test_an_unknown_method_or_parameter_is_bad_input(territories: pd.DataFrame) -> None:
    with pytest.raises(BadInput, match="must be one of"):
        set_quotas(territories, 1000, method="tarot")
    with pytest.raises(BadInput, match="parameters of uniform_growth"):
        set_quotas(territories, 1000, method="uniform_growth", parameters={"x": 1})
    with pytest.raises(BadInput, match="needs this column"):
        set_quotas(territories, 1000, parameters={"weights": {"stars": 1}})


def test_many_limits_against_the_budget_are_told_in_a_sentence() -> None:
    count = 40
    staff = pd.DataFrame(
        {
            "owner": [f"o{n:02}" for n in range(count)],
            "parent": [f"d{n % 4}" for n in range(count)],
            "sales": np.arange(count) * 1000.0 + 90_000,
            "potential": 200_000.0,
        }
    )
    budget = 6_000_000
    result = set_quotas(staff, budget, growth=(-0.05, 0.25), over_assignment=0.02)
    assert result.status == Status.INFEASIBLE
    [conflict] = result.conflicts
    assert len(conflict.limits) == 41
    assert "40 × growth" in result.reasons[0]
    [change] = result.relaxation
    assert change.limit.name == "budget"
    assert change.low is not None
    mended = set_quotas(staff, change.low / 100, growth=(-0.05, 0.25), over_assignment=0.02)
    assert mended.plan is not None
    closer = change.low / 100 + 5000
    again = set_quotas(staff, closer, growth=(-0.05, 0.25), over_assignment=0.02)
    assert again.status == Status.INFEASIBLE


def by_quarter(*rows: tuple[str, float, float, float, float], measure: str) -> pd.DataFrame:
    cells = [
        (owner, f"Q{n}", amount)
        for owner, *amounts in rows
        for n, amount in enumerate(amounts, start=1)
    ]
    return pd.DataFrame(cells, columns=["owner", "period", measure])


def test_a_forecast_sets_each_owners_quota_and_phasing() -> None:
    staff = pd.DataFrame({"owner": ["ada", "bo"], "sales": [1000, 1000]})
    figures = by_quarter(
        ("ada", 100, 200, 300, 400), ("bo", 250, 250, 250, 250), measure="forecast"
    )
    result = set_quotas(staff, 2200, method="forecast", figures=figures, rounding=1)
    assert [quota(result, "ada", f"Q{n}") for n in (1, 2, 3, 4)] == [110, 220, 330, 440]
    assert [quota(result, "bo", f"Q{n}") for n in (1, 2, 3, 4)] == [275] * 4
    steps = result.explanation.groupby(["node", "step"])["amount"].sum()
    assert steps["ada", "history"] == 1000
    assert steps["ada", "stretch"] == pytest.approx(100)


def test_given_weights_of_periods_go_before_the_figures() -> None:
    staff = pd.DataFrame({"owner": ["ada", "bo"], "sales": [1000, 1000]})
    figures = by_quarter(
        ("ada", 100, 200, 300, 400), ("bo", 250, 250, 250, 250), measure="forecast"
    )
    weights = {"Q1": 4, "Q2": 3, "Q3": 2, "Q4": 1}
    result = set_quotas(
        staff, 2000, method="forecast", figures=figures, periods=weights, rounding=1
    )
    assert [quota(result, "ada", f"Q{n}") for n in (1, 2, 3, 4)] == [400, 300, 200, 100]


def test_bottom_up_estimates_are_stretched_to_the_budget() -> None:
    staff = pd.DataFrame({"owner": ["ada", "bo"], "estimate": [600, 400]})
    result = set_quotas(staff, 1200, method="bottom_up", rounding=1, periods=["year"])
    assert (quota(result, "ada"), quota(result, "bo")) == (720, 480)
    with pytest.raises(BadInput, match="estimate"):
        set_quotas(staff.drop(columns="estimate"), 1200, method="bottom_up")


def test_a_blend_of_any_methods_is_their_weighted_mean() -> None:
    staff = pd.DataFrame(
        {
            "owner": ["ada", "bo"],
            "sales": [600, 400],
            "potential": [1000, 1000],
            "forecast": [500, 500],
            "estimate": [800, 200],
        }
    )
    plain = {"uniform_growth": {}, "market_potential": {"target_penetration": 0.7}, "forecast": {}, "bottom_up": {}}  # fmt: skip
    alone = {
        name: quota(
            set_quotas(staff, 1200, method=name, parameters=given, rounding=1, periods=["y"]), "ada"
        )
        for name, given in plain.items()
    }
    mixed = set_quotas(
        staff,
        1200,
        method="blend",
        parameters={"weights": dict.fromkeys(plain, 1), "settings": plain},
        rounding=1,
        periods=["y"],
    )
    assert quota(mixed, "ada") == pytest.approx(sum(alone.values()) / 4, abs=1)
    assert len({round(amount) for amount in alone.values()}) == 4


def test_absence_is_prorated_by_period_and_carried_by_the_team(
    territories: pd.DataFrame, structure: pd.DataFrame
) -> None:
    away = pd.DataFrame({"owner": ["bo"], "period": ["Q2"], "presence": [0.25]})
    full = set_quotas(territories, 1_000_000, structure, rounding=1)
    result = set_quotas(territories, 1_000_000, structure, rounding=1, presence=away)
    assert quota(result, "bo", "Q1") == quota(full, "bo", "Q1")
    assert quota(result, "bo", "Q2") < quota(full, "bo", "Q2")
    assert quota(result, "east", "Q2") == pytest.approx(quota(full, "east", "Q2"), abs=1)
    assert quota(result, "cy", "Q2") == pytest.approx(quota(full, "cy", "Q2"), abs=1)
    steps = result.explanation.set_index(["node", "period", "step"])["amount"]
    assert steps["bo", "Q2", "absence"] == pytest.approx(-0.75 * quota(full, "bo", "Q2"), abs=2)


def test_figures_that_do_not_fit_are_named_together(territories: pd.DataFrame) -> None:
    figures = by_quarter(("ada", 1, 2, 3, 4), ("nobody", 1, 2, 3, 4), measure="sales")
    with pytest.raises(BadInput, match="there is no such owner"):
        set_quotas(territories, 1000, figures=figures)
    twice = pd.concat([figures.iloc[:4], figures.iloc[:1]])
    with pytest.raises(BadInput, match="stands twice"):
        set_quotas(territories, 1000, figures=twice)
