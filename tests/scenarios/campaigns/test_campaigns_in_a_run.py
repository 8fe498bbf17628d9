"""Scenarios with and without campaigns, side by side."""

from __future__ import annotations

from pathlib import Path

import pytest
from teig.scenarios import RunResult, load, run
from teig.scenarios.comparison import CAMPAIGN_COLUMNS

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
