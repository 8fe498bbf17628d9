"""When the work of campaigns falls: a case by hand, and sums that must hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from teig.models import Plan
from teig.scenarios import load, measure, write_outputs
from teig.scenarios.campaigns.schedule import AMOUNTS
from teig.scenarios.campaigns.study import CampaignStudy
from teig.scenarios.results import ScenarioResult

UNITS = """unit,name,latitude,longitude,potential,sales,accounts,class,workload_hours,visits
1,One,59.9,10.7,900,300,10,A,400,0
2,Two,59.8,10.6,600,200,20,A,300,0
3,Three,59.7,10.5,400,100,30,A,600,0
4,Four,59.6,10.4,200,50,40,B,100,0
"""
#: r1 is away from 15 March to the end of April; r2 works all year; the house has unit 4.
REPS = """rep,base,leave_from,leave_to,cost,kind,takes
r1,1,2027-03-15,2027-04-30,1000,rep,
r2,3,,,1000,rep,
h,,,,0,house,unit == '4'
"""
INCUMBENT = """unit,rep,last_visit
1,r1,2026-11-02
2,r1,2026-09-07
3,r2,
"""
SCENARIO = """teig: 1
currency: NOK
calendar:
  {start: 2027-01-01, end: 2027-12-31, leave_days: 0, administration: 0, hours_per_day: 8}
data: {units: units.csv, reps: reps.csv, incumbent: incumbent.csv}
money: {per_km: 1, margin: 0.5}
campaigns:
  calls:
    segment: "column('class') == 'A'"
    start: 2027-03-01
    end: 2027-04-30
    channel: phone
    hours_per_contact: 1.0
    answered: 0.5
    follow_ups: {video: {calls: 2, hours_per_call: 0.5}}
    expected: {per_answer: {value: 10, range: [5, 20], marked: measured}}
  mail:
    segment: "True"
    start: 2027-06-01
    end: 2027-06-30
    answered: 0.1
    follow_ups: {phone: {hours_per_call: 2, by: central}, field: {calls: 0.5, hours_per_call: 1}}
    cost_per_contact: 3
    cost_per_central_hour: 40
    fixed_cost: 100
    expected: {share_of_sales: 0.1, until: 2027-12-31}
"""


def measured(folder: Path, scenario: str = SCENARIO) -> ScenarioResult:
    tables = {"units.csv": UNITS, "reps.csv": REPS, "incumbent.csv": INCUMBENT}
    for name, text in {**tables, "scenario.yaml": scenario}.items():
        (folder / name).write_text(text, encoding="utf-8")
    book = load(folder / "scenario.yaml")
    owners = {name: at for at, name in enumerate(book.base.problem.owners.ids)}
    plan = Plan(np.array([owners["r1"], owners["r1"], owners["r2"], owners["h"]]))
    return measure(load(folder / "scenario.yaml"), {"base": plan})["base"]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ScenarioResult:
    return measured(tmp_path_factory.mktemp("schedule"))


@pytest.fixture
def study(result: ScenarioResult) -> CampaignStudy:
    assert result.campaigns is not None
    return result.campaigns


def cell(table: pd.DataFrame, column: str, **keys: str) -> float:
    at = np.ones(len(table), dtype=bool)
    for key, value in keys.items():
        at &= (table[key] == value).to_numpy()
    (value,) = table.loc[at, column]
    return float(value)


def test_work_falls_on_the_days_that_somebody_is_there(study: CampaignStudy) -> None:
    table = study.table
    # r1 has 30 accounts: an hour each, and half of them two calls of half an hour.
    # All of it falls into the first two weeks of March, before the leave.
    assert cell(table, "hours", campaign="calls", rep="r1", period="2027-03") == pytest.approx(45)
    assert cell(table, "follow_ups", campaign="calls", rep="r1", period="2027-03") == 30.0
    mine = table[(table["campaign"] == "calls") & (table["rep"] == "r1") & (table["hours"] > 0)]
    assert mine["period"].tolist() == ["2027-03"]
    # r2 has 30 accounts too, over the 23 + 22 working days of both months.
    for period, days in (("2027-03", 23), ("2027-04", 22)):
        hours = cell(table, "hours", campaign="calls", rep="r2", period=period)
        assert hours == pytest.approx(45 * days / 45)


def test_hours_of_a_month_are_those_of_the_days_there(study: CampaignStudy) -> None:
    load_ = study.load
    # Ten working days before the leave; none in April.
    assert cell(load_, "hours", rep="r1", period="2027-03") == pytest.approx(80.0)
    assert cell(load_, "hours", rep="r1", period="2027-04") == 0.0
    assert cell(load_, "hours", rep="r2", period="2027-03") == pytest.approx(184.0)
    # 261 working days less 35 of leave: 700 hours of standing work, some of them in March.
    days = 261 - 35
    standing = cell(load_, "standing_hours", rep="r1", period="2027-03")
    assert standing == pytest.approx(700 * 10 / days)
    assert cell(load_, "load_hours", rep="r1", period="2027-03") == pytest.approx(standing + 45)
    assert set(load_["rep"]) == {"r1", "r2"}


def test_a_month_above_its_hours_is_marked(study: CampaignStudy, result: ScenarioResult) -> None:
    assert study.peaks.empty, "76 hours of 80"
    assert not [note for note in result.notes if "to do it in" in note]


def test_a_peak_is_told(tmp_path: Path) -> None:
    more = measured(tmp_path, SCENARIO.replace("hours_per_contact: 1.0", "hours_per_contact: 1.5"))
    assert more.campaigns is not None
    peaks = more.campaigns.peaks
    assert peaks[["rep", "period"]].to_numpy().tolist() == [["r1", "2027-03"]]
    assert float(peaks["over_hours"].iloc[0]) == pytest.approx(700 * 10 / 226 + 60 - 80)
    assert any("r1 has 91 hours of work in 2027-03 and 80" in note for note in more.notes)


def test_the_whole_campaign_away_still_has_to_be_done(tmp_path: Path) -> None:
    away = SCENARIO.replace("start: 2027-03-01", "start: 2027-03-22")
    found = measured(tmp_path, away).campaigns
    assert found is not None
    # Nobody is there: the calls stay asked for in the eight days of March and 22 of April.
    hours = cell(found.table, "hours", campaign="calls", rep="r1", period="2027-03")
    assert hours == pytest.approx(45 * 8 / 30)
    assert found.peaks[["rep", "period"]].to_numpy().tolist() == [["r1", "2027-04"]]


def test_sums_over_reps_and_months_are_the_campaigns(
    study: CampaignStudy, result: ScenarioResult
) -> None:
    sums = study.table.groupby("campaign")[list(AMOUNTS)].sum()
    assert [total.name for total in study.totals] == ["calls", "mail"]
    for total in study.totals:
        for name in AMOUNTS:
            assert sums.at[total.name, name] == pytest.approx(total.amounts[name]), name
    calls, mail = study.totals
    assert (calls.units, calls.amounts["contacts"], calls.amounts["answers"]) == (3, 60.0, 30.0)
    sales = (calls.amounts["expected_sales"], calls.sales_low, calls.sales_high)
    assert sales == pytest.approx((300, 150, 600))
    assert (calls.cost, calls.assumed) == (0.0, False)
    # A hundred accounts; the house's forty are written to, but nobody visits them.
    assert mail.amounts["contacts"] == 100.0
    assert mail.amounts["central_hours"] == pytest.approx(20.0)
    assert mail.amounts["visits"] == pytest.approx(60 * 0.1 * 0.5)
    assert mail.amounts["hours"] == pytest.approx(3.0)
    assert mail.cost == pytest.approx(100 + 300 + 20 * 40)
    days = 261 - (21 + 20 + 23 + 22 + 21)
    assert mail.amounts["expected_sales"] == pytest.approx(600 * 0.1 * days / 261)
    # The same hours that the territories carry, and the same sales as in money.
    evaluation, money = result.evaluation, result.money
    assert evaluation is not None
    assert money is not None
    load_ = study.load.groupby("rep")["load_hours"].sum()
    for row in evaluation.territories.to_dict("records"):
        if row["kind"] == "rep":
            assert load_[row["rep"]] == pytest.approx(row["load_hours"])
    added = sum(total.amounts["expected_sales"] for total in study.totals)
    assert f"{added:,.0f} of it added by campaigns" in money.rows[0].detail
    assert money.amount("campaigns") == pytest.approx(sum(total.cost for total in study.totals))


def test_sales_fall_while_the_campaign_works(study: CampaignStudy) -> None:
    mail = study.table[study.table["campaign"] == "mail"]
    by_month = mail.groupby("period")["expected_sales"].sum()
    assert by_month.index.tolist() == [f"2027-{month:02}" for month in range(6, 13)]
    assert by_month["2027-07"] == pytest.approx(600 * 0.1 * 22 / 261)


def test_each_rep_has_a_list_of_calls(study: CampaignStudy) -> None:
    assert set(study.calls) == {"r1", "r2"}
    first = study.calls["r1"]
    # Mail too, for answers are visited; longest unseen first.
    assert first[["campaign", "unit"]].to_numpy().tolist() == [
        ["calls", "2"],
        ["calls", "1"],
        ["mail", "2"],
        ["mail", "1"],
    ]
    assert first["last_visit"].tolist() == ["2026-09-07", "2026-11-02"] * 2
    assert first["contacts"].tolist() == [20.0, 10.0] * 2
    assert study.calls["r2"]["last_visit"].tolist() == ["", ""]
    listed = pd.concat(study.calls.values())
    owned = listed[listed["campaign"] == "calls"]["contacts"].sum()
    assert owned == study.totals[0].amounts["contacts"]


def test_files_of_a_run(tmp_path: Path) -> None:
    measured(tmp_path)
    book = load(tmp_path / "scenario.yaml")
    write_outputs(measure(book, {"base": Plan.incumbent(book.base.problem)}), tmp_path / "run")
    folder = tmp_path / "run" / "base"
    assert sorted(path.name for path in (folder / "calls").iterdir()) == ["r1.csv", "r2.csv"]
    assert "r2" not in (folder / "calls" / "r1.csv").read_text(encoding="utf-8")
    table = pd.read_csv(folder / "campaigns.csv")
    assert set(table["campaign"]) == {"calls", "mail"}
    assert (folder / "campaign_load.csv").exists()
    assert not (folder / "campaign_sales.csv").exists()
    without = SCENARIO.partition("campaigns:")[0]
    measured(tmp_path, without)
    book = load(tmp_path / "scenario.yaml")
    write_outputs(measure(book, {"base": Plan.incumbent(book.base.problem)}), tmp_path / "run")
    assert not {"calls", "campaigns.csv", "campaign_load.csv"} & {p.name for p in folder.iterdir()}


def test_expected_sales_stand_beside_quotas_that_do_not_change(tmp_path: Path) -> None:
    quotas = "quotas: {budget: 800, rounding: 1, periods: [H1, H2]}\ncampaigns:"
    given = measured(tmp_path, SCENARIO.replace("campaigns:", quotas))
    bare = measured(tmp_path, SCENARIO.partition("campaigns:")[0] + quotas.partition("\n")[0])
    assert given.campaigns is not None
    table = given.campaigns.quotas
    assert given.quota_table.equals(bare.quota_table)
    assert table.groupby("period")["expected_sales"].sum().to_dict() == pytest.approx(
        {"H1": 300 + 600 * 0.1 * 22 / 261, "H2": 600 * 0.1 * 132 / 261}
    )
    quota = given.quota_table.groupby(["node", "period"])["quota"].sum()
    for row in table.to_dict("records"):
        assert row["quota"] == quota[row["node"], row["period"]]
        assert row["share_of_quota"] == pytest.approx(row["expected_sales"] / row["quota"])
    assert any("quotas do not count it" in note for note in given.notes)
