"""Scenarios with and without campaigns, side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from teig.models import Plan
from teig.models.totals import owner_totals
from teig.scenarios import RunResult, load, measure, run, write_outputs
from teig.scenarios.actuals import plan_figures
from teig.scenarios.cli.app import app
from teig.scenarios.comparison import CAMPAIGN_COLUMNS
from teig.scenarios.exports import write_workbook
from teig.scenarios.store.origin import Origin, remember_origin
from teig.scenarios.store.summary import summary_of
from typer.testing import CliRunner

from tests.scenarios.starter import starter

CAMPAIGN = """
  spring:
    campaigns:
      spring:
        segment: "column('class') == 'B'"
        start: 2027-03-01
        end: 2027-04-30
        contacts: 2
        answered: 0.1
        follow_ups: {field: {hours_per_call: 1.0}, phone: {calls: 2, hours_per_call: 0.25}}
        cost_per_contact: 2.5
        expected: {per_answer: {value: 900, range: [300, 1500]}}
"""


def folder_with(tmp_path: Path, text: str, scenarios: str) -> Path:
    file = starter(tmp_path / "plan")
    written = file.read_text(encoding="utf-8").partition("overrides:")[0]
    written = written.replace("{work: 0.2}", "{work: 0.02}").replace("quotas:", "# quotas:")
    file.write_text(f"{written}overrides:{text}scenarios: {scenarios}\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = tmp_path_factory.mktemp("campaigns")
    return run(folder_with(folder, CAMPAIGN, "{plain: [], with_mail: [spring]}"))


def test_the_comparison_shows_hours_cost_and_sales(result: RunResult) -> None:
    table = result.comparison.set_index("scenario")
    assert table.loc[["incumbent", "plain"], list(CAMPAIGN_COLUMNS)].isna().all(axis=None)
    problem = result["with_mail"].problem
    load_ = problem.campaigns[0]
    accounts = problem.covers.measures["accounts"][load_.member].sum()
    assert accounts > 0
    # Two contacts, a tenth answered: a visit of an hour and half an hour of calls for each.
    assert table.at["with_mail", "campaign_hours"] == pytest.approx(accounts * 0.2 * 1.5)
    assert table.at["with_mail", "campaigns"] == pytest.approx(accounts * 2 * 2.5)
    money = result["with_mail"].money
    assert money is not None
    assert f"{accounts * 0.2 * 900:,.0f} of it added by campaigns" in money.rows[0].detail
    assert money.contribution == pytest.approx(
        money.amount("margin")
        - sum(money.amount(name) for name in ("people", "travel", "disruption", "campaigns"))
    )
    ranges = {each.path: each for each in result.assumptions}
    tried = ranges["campaigns.spring.expected.per_answer"]
    assert (tried.tried_low, tried.tried_high) == (300.0, 1500.0)


def test_a_campaign_of_another_scenario_changes_nothing(tmp_path: Path, result: RunResult) -> None:
    alone = run(folder_with(tmp_path, " {}\n", "{plain: []}"))
    assert alone["plain"].input_hash == result["plain"].input_hash
    assert alone["plain"].written_hash == result["plain"].written_hash
    assert alone["plain"].money == result["plain"].money
    assert "campaigns" not in alone["plain"].settings
    assert not set(CAMPAIGN_COLUMNS) & set(alone.comparison.columns)
    changes = {change.path for change in result["with_mail"].changes}
    assert "campaigns.spring.segment" in changes
    assert not {path for path in changes if not path.startswith("campaigns.spring.")}


def test_what_a_campaign_brings_is_no_part_of_the_problem(tmp_path: Path) -> None:
    richer = CAMPAIGN.replace("spring:\n    c", "more:\n    c").replace("value: 900", "value: 1400")
    book = load(folder_with(tmp_path, CAMPAIGN + richer[1:], "{a: [spring], b: [more]}"))
    assert book["a"].problem is book["b"].problem
    assert book["a"].input_hash != book["b"].input_hash


def test_workbook_and_summary_tell_of_campaigns(tmp_path: Path, result: RunResult) -> None:
    write_workbook(result, tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx", data_only=False)
    study = result["with_mail"].campaigns
    assert study is not None
    header, *rows = book["Campaigns"].iter_rows(values_only=True)
    assert len(rows) == len(study.table)
    contacts = sum(float(str(row[header.index("Contacts")])) for row in rows)
    assert contacts == pytest.approx(study.totals[0].amounts["contacts"])
    money = {str(row[0]): row for row in book["Money"].iter_rows(values_only=True)}
    cells = [f"={c}3-{c}4-{c}5-{c}6-{c}7" for c in "BCD"]
    assert list(money["Contribution"][1:4]) == cells
    assert money["Campaigns"][1:4] == (None, None, pytest.approx(study.totals[0].cost))
    (told,) = summary_of(result["with_mail"])["campaigns"]
    assert told["contacts"] == study.totals[0].amounts["contacts"]
    low, high = told["expected_sales_range"]
    sales = told["expected_sales"]
    assert (low, high) == pytest.approx((sales * 300 / 900, sales * 1500 / 900))
    assert "campaigns" not in summary_of(result["plain"])


def test_plans_with_campaigns_are_worth_in_futures_what_they_are_as_planned(
    tmp_path: Path,
) -> None:
    file = folder_with(tmp_path, CAMPAIGN, "{plain: [], with_mail: [spring]}")
    teig("run", file, "--jobs", "1", "-o", tmp_path / "run")
    teig("robustness", tmp_path / "run", "--samples", "20", "-o", tmp_path / "tried")
    table = pd.read_csv(tmp_path / "tried" / "robustness.csv")
    planned = table[table["figure"] == "contribution"].set_index("scenario")["as_planned"]
    money = pd.read_csv(tmp_path / "run" / "comparison.csv").set_index("scenario")["contribution"]
    assert planned.to_dict() == pytest.approx(money.loc[planned.index].to_dict(), rel=1e-9)
    assert {"plain", "with_mail"} <= set(planned.index)


def teig(*arguments: object) -> None:
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output


def test_a_setting_of_a_campaign_may_be_swept(tmp_path: Path) -> None:
    file = folder_with(tmp_path, CAMPAIGN, "{with_mail: [spring]}")
    text = file.read_text(encoding="utf-8").replace("overrides:\n  spring:\n    c", "c")
    file.write_text(text.partition("scenarios:")[0], encoding="utf-8")
    teig("sweep", file, "campaigns.spring.contacts=1,3", "--jobs", "1", "-o", tmp_path / "sweep")
    table = pd.read_csv(tmp_path / "sweep" / "sweep.csv")
    hours = table.set_index("campaigns.spring.contacts")["campaign_hours"]
    assert hours[3] == pytest.approx(3 * hours[1])


def test_the_plan_that_actuals_stand_against_has_campaigns_in_their_weeks(tmp_path: Path) -> None:
    file = folder_with(tmp_path, CAMPAIGN, "{with_mail: [spring]}")
    book = load(file)
    problem = book["with_mail"].problem
    plan = Plan.incumbent(problem)
    write_outputs(measure(book, {"with_mail": plan}), tmp_path / "run")
    remember_origin(tmp_path / "run", Origin(file, (), None, None))
    figures = plan_figures(tmp_path / "run", "with_mail")
    load_ = problem.campaigns[0]
    held = plan.owner >= 0
    asked = np.bincount(plan.owner[held], load_.visits[held], len(problem.owners))
    visits = owner_totals(problem, plan, "visits")
    assert asked.any()
    for owner, rep in enumerate(problem.owners.ids):
        daily = figures.daily["visits"][rep]
        assert daily.sum() == pytest.approx(visits[owner])
        # The first working day of 2027 is of the standards alone, one in March of both.
        usual = daily[daily > 0][0]
        days = figures.days
        during = (days >= np.datetime64("2027-03-01")) & (days <= np.datetime64("2027-04-30"))
        assert (daily[during] - usual)[daily[during] > 0].sum() == pytest.approx(asked[owner])
        assert figures.daily["hours"][rep].sum() == pytest.approx(
            owner_totals(problem, plan, "load")[owner]
        )
