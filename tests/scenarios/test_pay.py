"""Compensation, simulation and letters from the scenario file: defaults, outputs, messages."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from teig.models import BadInput, Plan
from teig.optimizer.quotas.simulation import PARAMETERS
from teig.scenarios import load, write_outputs
from teig.scenarios.files.sections.compensation import Wish
from teig.scenarios.pay import plan_periods, simulation_table
from teig.scenarios.reports import render_report
from teig.scenarios.results import RunResult
from teig.scenarios.running import measure

from tests.scenarios.starter import starter

THREE_LINES = """
compensation: {base: 60013, target_incentive: 40000}
simulation: {draws: 50, choose: {share_at_quota: 0.3}}
letters: {company: Starter}
"""


def added(folder: Path, text: str) -> Path:
    """A starter folder with more in its scenario file."""
    file = starter(folder)
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
    return file


def measured(file: Path) -> RunResult:
    book = load(file, scenarios=["rebalanced"])
    return measure(book, {"rebalanced": Plan.incumbent(book["rebalanced"].problem)})


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pay")
    result = measured(added(folder / "plan", THREE_LINES))
    write_outputs(result, folder / "out")
    return folder / "out"


def test_three_lines_give_letters_and_a_forecast(out: Path) -> None:
    folder = out / "rebalanced"
    names = {path.name for path in (folder / "letters").iterdir()}
    people = ("M1", "R1", "R2", "R3", "R4", "R5")
    assert names == {
        "letters.csv",
        *(f"{who}.{kind}" for who in people for kind in ("html", "xlsx")),
    }
    assert not (out / "incumbent" / "letters").exists()
    table = pd.read_csv(folder / "simulation.csv")
    pay = table[table["measure"] == "pay"].set_index("of")
    assert pay["mean"].to_dict()["base"] == 5 * 60_013
    low, mean, high = (pay[column].to_dict()["total"] for column in ("p10", "mean", "p90"))
    assert low < mean < high
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["simulation"]
    assert summary["source"] == "assumed"
    assert summary["choice"]["parameter"] == "over_assignment"
    assert 0 < summary["share_at_quota"] < 1


def test_the_report_and_the_workbook_hold_sums_and_nobodys_pay(out: Path) -> None:
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "Attainment and pay" in report
    assert "of the 5 reps reach their quota" in report
    assert "chosen" in report
    book = openpyxl.load_workbook(out / "workbook.xlsx", read_only=True)
    assert {"Attainment and pay", "Letters"} <= set(book.sheetnames)
    letters = list(book["Letters"].iter_rows(values_only=True))
    assert letters[0][:4] == ("Scenario", "Recipient", "Role", "Language")
    lines = pd.DataFrame(letters[1:], columns=[str(title) for title in letters[0]])
    amounts = lines.groupby(["Recipient", "Part"])["Amount, USD"].sum().unstack()
    reps = amounts.loc[[f"R{n}" for n in range(1, 6)]]
    assert reps["made of"].tolist() == pytest.approx(reps["quota"].tolist())
    for sheet in book:
        values = [v for row in sheet.iter_rows(values_only=True) for v in row]
        assert 60_013 not in values, sheet.title
    for text in ("60013", "60,013", "60\u202f013"):
        assert text not in report


def test_spreads_come_from_past_attainment_where_it_is_given(tmp_path: Path) -> None:
    file = added(tmp_path / "plan", "\nsimulation: {draws: 10, market: 0.02}\n")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("  people:", "  attainment: past.csv\n  people:"), "utf-8")
    rows = [f"R{n},{year},{100 + 5 * n + 3 * (n * year % 4)},100"
            for n in range(1, 6) for year in (2024, 2025, 2026)]  # fmt: skip
    past = "owner,period,sales,quota\n" + "\n".join(rows) + "\n"
    (file.parent / "past.csv").write_text(past, "utf-8")
    forecast = measured(file).scenarios[0].forecast
    assert forecast is not None
    found = forecast.simulation.uncertainty
    assert found.market == 0.02
    assert found.source == "estimated from 5 owners × 3 periods, market assumed"
    assert forecast.simulation.pay is None
    assert set(simulation_table(forecast)["measure"]) == {"at quota", "attainment", "spread"}


def test_expected_sales_can_be_the_present_ones_and_some_growth(tmp_path: Path) -> None:
    file = added(tmp_path / "plan", "\nsimulation: {draws: 10, growth: 0.1}\n")
    result = measured(file).scenarios[0]
    assert result.forecast is not None
    assert result.evaluation is not None
    sales = result.evaluation.territories.set_index("rep")["sales"]
    people = result.forecast.simulation.people.set_index("node")["expected_sales"]
    assert people["R3"] == pytest.approx(1.1 * sales["R3"])


def test_pay_of_single_people_goes_first(tmp_path: Path) -> None:
    more = "\nrates: {EUR: 1.1}\ncompensation: {base: 50000, commission: 0.01}\n"
    file = added(tmp_path / "plan", more)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("  people:", "  pay: pay.csv\n  people:"), "utf-8")
    pay = "person,base,target_incentive,currency\nM1,90000,20000,\nR2,50000,30000,EUR\n"
    (file.parent / "pay.csv").write_text(pay, "utf-8")
    forecast = measured(file).scenarios[0].forecast
    assert forecast is not None
    people = forecast.simulation.people.set_index("node")
    base, target = people["base"].to_dict(), people["target_incentive"].to_dict()
    assert base["R2"] == pytest.approx(55_000)
    assert target["R2"] == pytest.approx(33_000)
    assert target["M1"] == 20_000
    assert target["R1"] == pytest.approx(0.01 * people["quota"].to_dict()["R1"])


def test_periods_have_the_dates_of_the_plan() -> None:
    year = (date(2027, 1, 1), date(2027, 12, 31))
    months = plan_periods(*year, [str(n) for n in range(1, 13)])
    assert months["2"] == (date(2027, 2, 1), date(2027, 2, 28))
    fiscal = plan_periods(date(2026, 7, 1), date(2027, 6, 30), ["H1", "H2"])
    assert fiscal == {
        "H1": (date(2026, 7, 1), date(2026, 12, 31)),
        "H2": (date(2027, 1, 1), date(2027, 6, 30)),
    }
    five = plan_periods(*year, list("abcde"))
    assert [(last - first).days + 1 for first, last in five.values()] == [73] * 5


def test_what_can_be_chosen_is_what_the_file_may_ask_for() -> None:
    words = Wish.model_json_schema()["properties"]["parameter"]["enum"]
    assert words == list(PARAMETERS)


#: What stands in the file → words of the one message.
MESSAGES = {
    "compensation: {bas: 1}": ("line 29, compensation.bas", "did you mean 'base'"),
    "compensation: {threshold: 1.5, base: 1}": ("compensation", "pays nothing at quota"),
    "compensation: {threshold: 0.5}": ("line 29, compensation", "nobody is paid"),
    "compensation: {base: {seller: 1}}": ("compensation.base.seller", "no such level"),
    "compensation: {base: 1, levels: {boss: {cap: 2}}}": ("levels.boss", "no such level"),
    "compensation: {base: 1, prizes: {club: {amount: 5}}}": ("compensation", "best (how many)"),
    "compensation: {base: 1, prizes: {a: {amount: 5, best: 1, level: boss}}}": (
        "prizes.a.level",
        "no such level",
    ),
    "compensation: {base: 1, contests: {a: {start: 2027-02-01, end: 2028-01-01, rate: 0.1}}}": (
        "contests.a",
        "outside the plan",
    ),
    "compensation: {base: 1, contests: {a: {start: 2027-02-01, end: 2027-03-01, rate: 0.1, "
    "product: b}}}": ("contests.a.product", "no such product"),
    "simulation: {market: -0.1}": ("simulation.market", "must be at least 0"),
    "simulation: {choose: {}}": ("simulation.choose", "share_at_quota, pay_budget or both"),
    "simulation: {choose: {pay_budget: 5}}": ("simulation.choose", "needs compensation"),
    "letters: {language: no}": ("letters.language", "must be one of en, nb"),
    "letters: {languages: {R9: nb}}": ("letters.languages.R9", "nobody with a quota"),
}


@pytest.mark.parametrize("text", list(MESSAGES))
def test_what_is_wrong_is_said_with_its_line(text: str, tmp_path: Path) -> None:
    file = added(tmp_path / "plan", text + "\n")
    with pytest.raises(BadInput) as caught:
        load(file)
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 1, said
    for words in MESSAGES[text]:
        assert words in said[0]


def test_they_need_quotas(tmp_path: Path) -> None:
    file = added(tmp_path / "plan", "letters: {}\n")
    lines = file.read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("quotas:")) + "\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="letters: there are no quotas"):
        load(file)


def test_tables_of_pay_are_checked_with_their_rows(tmp_path: Path) -> None:
    file = added(tmp_path / "plan", "compensation: {}\nletters: {}\n")
    text = file.read_text(encoding="utf-8")
    tables = "  pay: pay.csv\n  previous_quotas: before.csv\n  people:"
    file.write_text(text.replace("  people:", tables), encoding="utf-8")
    (file.parent / "pay.csv").write_text(
        "person,base,target_incentive,currency\nR1,,1,\nR9,5,5,\nR2,5,5,GBP\n", "utf-8"
    )
    (file.parent / "before.csv").write_text("node,quota\nR1,-5\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        load(file)
    said = "\n".join(str(problem) for problem in caught.value.problems)
    assert "pay.csv, row 2, base: must not be empty" in said
    assert "pay.csv, row 3, person: is nobody with a quota (found 'R9')" in said
    assert "pay.csv, row 4, currency: has no plan rate" in said
    assert "before.csv, row 2, quota: must not be negative" in said
    assert len(caught.value.problems) == 4


def test_pay_of_few_people_is_not_summed_up(tmp_path: Path) -> None:
    text = "\ncompensation: {base: {manager: 91357}, target_incentive: {manager: 1}}\n"
    wish = "simulation: {draws: 10, choose: {parameter: cap, pay_budget: 91358}}\n"
    result = measured(added(tmp_path / "plan", text + wish))
    forecast = result.scenarios[0].forecast
    assert forecast is not None
    assert forecast.simulation.expected_cost > 91_357
    assert "pay" not in set(simulation_table(forecast)["measure"])
    write_outputs(result, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Attainment and pay" in page
    folder = tmp_path / "out" / "rebalanced"
    table = (folder / "simulation.csv").read_text(encoding="utf-8")
    said = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    texts = [page, table, json.dumps(said["simulation"]), *said["notes"]]
    for text in texts:
        assert not re.search("91[,\u202f]?35", text)


def test_attainment_alone_and_its_choice_need_no_compensation(tmp_path: Path) -> None:
    text = "\nsimulation: {draws: 20, choose: {share_at_quota: 0.99}}\n"
    page = render_report(measured(added(tmp_path / "plan", text)))
    assert "Attainment and pay" in page
    assert "even without over-assignment" in page
    assert "nearest" in page
    assert "Pay, USD" not in page


def test_quotas_that_cannot_be_set_have_neither_letters_nor_attainment(tmp_path: Path) -> None:
    file = added(tmp_path / "plan", THREE_LINES)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("{budget: 15000000,", "{budget: 15000000, cap: 10000,"), "utf-8")
    result = measured(file)
    scenario = result.scenarios[0]
    assert (scenario.forecast, scenario.letters) == (None, ())
    write_outputs(result, tmp_path / "out")
    assert not (tmp_path / "out" / "rebalanced" / "letters").exists()
    assert any("cannot all hold" in note for note in scenario.notes)
