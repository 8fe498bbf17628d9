"""The AdventureWorks sample company, from its tables to quotas and letters."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from teig.models import Plan
from teig.scenarios import load
from teig.scenarios.letters import Letter, render_letter
from teig.scenarios.letters.facts import Role
from teig.scenarios.results import ScenarioResult
from teig.scenarios.running import measure

from .. import adventureworks
from ..scenarios.letters.test_letters import leaks, plain
from .test_real_markets import teig

MANAGERS = {"S274", "S285", "S287"}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> ScenarioResult:
    """Today's stores, with quotas and letters; nothing has to be solved."""
    file = adventureworks.write_scenario(tmp_path_factory.mktemp("adventureworks"))
    book = load(file, scenarios=["today"], settings=["quotas.rounding=1"])
    plan = Plan.incumbent(book["today"].problem)
    return measure(book, {"today": plan}).scenarios[0]


def test_quotas_roll_up_to_the_budget(today: ScenarioResult) -> None:
    table = today.quota_table.groupby("node").agg({"parent": "first", "quota": "sum"})
    quota = table["quota"]
    assert quota["company"] == 39_000_000
    assert quota[sorted(MANAGERS)].sum() == 39_000_000
    for manager in MANAGERS:
        below = quota[table["parent"] == manager]
        # Quarter by quarter 1.04 times the manager's, each rounded to the dollar.
        assert below.sum() == pytest.approx(1.04 * quota[manager], abs=2.01)
    assert len(table) == 1 + 3 + 14
    assert today.evaluation is not None
    held = today.evaluation.territories
    assert not MANAGERS & set(held["rep"])
    assert held["units"].sum() == 701


def test_seventeen_letters_that_hold_nobody_elses_figures(today: ScenarioResult) -> None:
    letters: dict[str, Letter] = {letter.recipient: letter for letter in today.letters}
    assert len(letters) == 17
    assert {who for who, x in letters.items() if x.role is Role.MANAGER} == MANAGERS
    pages = {who: plain(render_letter(letter)) for who, letter in letters.items()}
    assert leaks(letters, pages) == []
    # The one seller of the Pacific: the manager's own quota is all that is said.
    assert letters["S285"].steps == ()
    assert letters["S285"].team is None
    for letter in letters.values():
        if letter.steps:
            assert sum(step.amount for step in letter.steps) == letter.quota
        if letter.change:
            change = sum(step.amount for step in letter.change.steps)
            assert letter.change.before + change == letter.quota
    assert letters["S276"].language == "nb"
    assert "Salgsmålet ditt" in pages["S276"]
    assert "Bike club: $4,000 for each of the 2 best" in pages["S277"]


def test_pay_is_what_the_table_and_the_plan_say(today: ScenarioResult) -> None:
    assert today.forecast is not None
    people = today.forecast.simulation.people.set_index("node")
    # 1.5 % of last year's quota of 4,819,000 and the bonus of 2,000.
    assert people.loc["S276", "target_incentive"] == pytest.approx(0.015 * 4_819_000 + 2000)
    assert list(people.loc[sorted(MANAGERS), "base"]) == [95_000.0] * 3
    assert people["pay_mean"].notna().sum() == 17
    club = today.forecast.simulation.cost.set_index("component").loc["Bike club", "p90"]
    assert club == 8000


@pytest.mark.slow
def test_the_command_writes_quotas_and_letters(tmp_path: Path) -> None:
    adventureworks.write_scenario(tmp_path)
    run = teig("run", "scenario.yaml", "-s", "new-seller", "-o", "out", "--set",
               "limits.work=0.02", folder=tmp_path)  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    out = tmp_path / "out" / "new-seller"
    quotas = pd.read_csv(out / "quotas.csv", keep_default_na=False)
    assert quotas.loc[quotas["parent"] == "", "quota"].sum() == 39_000_000
    assert quotas.loc[quotas["node"] == "S284", "quota"].sum() > 0
    letters = pd.read_csv(out / "letters" / "letters.csv")
    assert len(letters) == 17
    page = (out / "letters" / "S284.html").read_text(encoding="utf-8")
    assert ">new</span>" in page
    simulation = pd.read_csv(out / "simulation.csv")
    assert set(simulation["measure"]) == {"at quota", "attainment", "spread", "pay"}
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Attainment and pay" in report
