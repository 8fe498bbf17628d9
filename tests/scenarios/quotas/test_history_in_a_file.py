"""Quotas from the scenario file: history, forecast, fairness, new products, the calendar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from teig.models import BadInput, Plan, Status
from teig.models.quotas import check_quotas
from teig.scenarios import load
from teig.scenarios.cli.starter import copy_starter
from teig.scenarios.quotas import QuotaStudy
from teig.scenarios.running import measure
from teig.scenarios.store.writing import write_run

SEASONS = (0.8, 0.9, 1.0, 1.3)
RENAMED = {"001": "old-a", "002": "old-b"}


def write_history(folder: Path, years: int = 5) -> pd.DataFrame:
    """Quarters of every unit, growing 4 % a year; two units had other codes until 2025."""
    units = pd.read_csv(folder / "units.csv", dtype={"unit": str})
    rng = np.random.default_rng(1)
    rows = []
    for unit, sales in zip(units["unit"], units["sales"], strict=True):
        for year in range(2027 - years, 2027):
            code = RENAMED.get(unit, unit) if year < 2025 else unit
            level = sales * 1.04 ** (year - 2026) / 4
            for quarter, factor in enumerate(SEASONS, start=1):
                amount = level * factor * np.exp(rng.normal(0, 0.01))
                rows.append((code, f"{year}-Q{quarter}", round(float(amount), 2)))
    frame = pd.DataFrame(rows, columns=["unit", "period", "sales"])
    frame.to_csv(folder / "history.csv", index=False)
    links = [(old, new, "2025-01-01") for new, old in RENAMED.items()]
    pd.DataFrame(links, columns=["old", "new", "valid_from"]).to_csv(
        folder / "crosswalk.csv", index=False
    )
    return frame


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_starter(tmp_path / "plan")
    write_history(tmp_path / "plan")
    return tmp_path / "plan"


def edit(folder: Path, quotas: str, tables: str = "", teams: str = "") -> Path:
    path = folder / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    old = "quotas: {budget: 15000000, rounding: 1000, over_assignment: {manager: 0.05}}"
    assert old in text
    text = text.replace(old, f"quotas: {quotas}{teams}")
    text = text.replace("  neighbours: points", f"  neighbours: points\n{tables}")
    path.write_text(text, encoding="utf-8")
    return path


HISTORY = "  history: history.csv\n  crosswalk: crosswalk.csv"


def study_of(path: Path) -> QuotaStudy:
    book = load(path, scenarios=["rebalanced"])
    plan = Plan.incumbent(book["rebalanced"].problem)
    result = measure(book, {"rebalanced": plan})["rebalanced"]
    assert not result.defect
    assert result.quota_study is not None
    return result.quota_study


def cells(study: QuotaStudy) -> pd.Series[Any]:
    return study.result.quotas.set_index(["node", "period"])["quota"]


def test_three_lines_are_enough_for_a_forecast(folder: Path) -> None:
    study = study_of(edit(folder, "{budget: 8000000, method: forecast}", "  history: history.csv"))
    assert study.result.status == Status.OPTIMAL
    top = cells(study)["company"]
    assert top.sum() == 8_000_000
    assert top.to_numpy() / top.sum() == pytest.approx(np.array(SEASONS) / 4, abs=0.005)
    assert any("grow 4 % a year" in note for note in study.notes)
    assert any("a crosswalk would carry them over" in note for note in study.notes)


def test_history_follows_units_through_the_crosswalk_to_their_owners(folder: Path) -> None:
    study = study_of(edit(folder, "{budget: 8000000, method: forecast}", HISTORY))
    assert not any("would carry" in note for note in study.notes)
    assert study.figures is not None
    history = pd.read_csv(folder / "history.csv", dtype={"unit": str})
    last = history[history["period"].str.startswith("2026")].groupby("unit")["sales"].sum()
    owner = pd.read_csv(folder / "incumbent.csv", dtype=str).set_index("unit")["rep"]
    expected = last.groupby(owner).sum()
    sold = study.figures.frame.groupby("owner")["sales"].sum()
    assert sold[expected.index].to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)
    assert study.back_test is not None
    assert study.back_test.summary["absolute_error"].max() < 0.1


def test_fairness_and_a_new_product_from_the_file(folder: Path, tmp_path: Path) -> None:
    quotas = """
  budget: 8000000
  method: forecast
  fairness: {size: 0.01, region: 0.02}
  new_products: [{name: app, start: 2027-04-01, total: 500000, curve: [0.2, 0.5]}]
"""
    path = edit(folder, quotas, HISTORY)
    study = study_of(path)
    result = study.result
    assert result.plan is not None
    assert not check_quotas(result.problem, result.plan)
    assert result.problem.products == ("all", "app")
    app = result.quotas[result.quotas["product"].eq("app") & result.quotas["node"].eq("company")]
    assert app["quota"].tolist()[0] == 0
    assert app["quota"].sum() > 0
    fairness = result.fairness
    size = fairness[fairness["stage"].eq("quota") & fairness["covariate"].eq("size")]
    assert size["kept"].all()
    assert sum("the limit of" in note and "is kept" in note for note in study.notes) == 2
    assert size["lean"].abs().max() <= 0.01 + 1e-7
    book = load(path, scenarios=["rebalanced"])
    run = measure(book, {"rebalanced": Plan.incumbent(book["rebalanced"].problem)})
    write_run(run, tmp_path / "out")
    written = {file.name for file in (tmp_path / "out" / "rebalanced").iterdir()}
    assert {"fairness.csv", "markets.csv", "backtest.csv"} <= written


def test_absence_and_ramp_go_by_the_calendar(folder: Path) -> None:
    reps = pd.read_csv(folder / "reps.csv", dtype=str)
    reps.loc[reps["rep"].eq("R2"), ["leave_from", "leave_to"]] = ["2027-04-01", "2027-06-30"]
    reps.loc[reps["rep"].eq("R3"), "hired"] = "2027-01-01"
    reps.to_csv(folder / "reps.csv", index=False)
    quotas = "{budget: 8000000, rounding: 100}\nramp: {months: [0.5, 0.5, 0.5]}"
    quota = cells(study_of(edit(folder, quotas)))
    assert quota["R2", "Q2"] == 0
    assert quota["R2", "Q1"] > 0
    assert quota["R3", "Q1"] < 0.6 * quota["R3", "Q3"]
    assert quota["company"].sum() == 8_000_000


def test_a_move_in_mid_period_takes_its_quota_along(folder: Path) -> None:
    before = cells(study_of(edit(folder, "{budget: 8000000}")))
    path = folder / "scenario.yaml"
    moves = "moves: [{giver: R1, taker: R2, date: 2027-07-01, share: 0.25, account: Acme}]"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{budget: 8000000}", f"{{budget: 8000000, {moves}}}"), "utf-8")
    study = study_of(path)
    after = cells(study)
    assert after["company"].equals(before["company"])
    assert after["R1", "Q2"] == before["R1", "Q2"]
    gone = before["R1", "Q3"] - after["R1", "Q3"]
    assert gone == pytest.approx(0.25 * before["R1", "Q3"], abs=1000)
    assert after["R2", "Q3"] - before["R2", "Q3"] == gone
    assert study.audit["account"].eq("Acme").sum() == 4


def test_the_house_keeps_a_share_and_an_overlay_has_a_ledger(folder: Path) -> None:
    with (folder / "reps.csv").open("a", encoding="utf-8") as stream:
        columns = pd.read_csv(folder / "reps.csv").columns
        for rep, kind, team, base in (("H", "house", "field", ""), ("E1", "rep", "experts", "002")):
            row = dict.fromkeys(columns, "") | {"rep": rep, "kind": kind, "team": team}
            row |= {"base": base, "full_time": "1", "cost": "0"}
            stream.write(",".join(str(row[name]) for name in columns) + "\n")
    teams = """
structure:
  teams:
    field: {}
    experts: {role: expert, covers: "column('class') == 'A'", credit: double, sales: 0.5}
"""
    quotas = "{budget: 8000000, fixed_shares: {H: 0.05}, currencies: {R1: NOK}}\nrates: {NOK: 0.1}"
    path = edit(folder, quotas, teams=teams)
    book = load(path, scenarios=["rebalanced"])
    problem = book["rebalanced"].problem
    owner = Plan.incumbent(problem).owner.copy()
    owner[owner < 0] = problem.owner_index["E1"]
    result = measure(book, {"rebalanced": Plan(owner)})["rebalanced"]
    study = result.quota_study
    assert study is not None
    assert cells(study)["H"].sum() == 400_000
    assert study.overlays is not None
    covered = study.overlays.quotas["quota"].sum()
    assert 0 < covered < 8_000_000
    assert "E1" not in set(study.result.quotas["node"])
    assert any(line.startswith("credited in all") for line in study.notes)
    assert study.local["quota"].sum() == cells(study)["R1"].sum() * 10


@pytest.mark.parametrize(
    ("quotas", "tables", "message"),
    [
        ("{budget: 8000000, method: forecast}", "", "data.history"),
        ("{budget: 8000000, method: bottom_up}", "", "data.estimates"),
        ("{budget: 8000000, fixed_shares: {nobody: 0.1}}", "", "no such owner"),
        (
            "{budget: 8000000, moves: [{giver: R1, taker: nobody, date: 2027-07-01}]}",
            "",
            "no such owner",
        ),
        (
            "{budget: 8000000, moves: [{giver: R1, taker: R2, date: 2028-07-01}]}",
            "",
            "last day of the plan",
        ),
        (
            (
                "{budget: 8000000, moves: [{giver: R1, taker: R2, date: 2027-07-01, share: 0.7}, "
                "{giver: R1, taker: R3, date: 2027-07-01, share: 0.7}]}"
            ),
            "",
            "R1: .*gives away more than there is",
        ),
        ("{budget: 8000000, weights: {slaes: 1}}", "", "did you mean 'sales'"),
        ("{budget: 8000000, growth: [0.3, -0.1]}", "", "least growth, 0.3, is above"),
        ("{budget: 8000000, over_assignment: {managr: 0.05}}", "", "managr: is neither"),
        ("{budget: 8000000, fixed_shares: {R1: 0.8, R2: 0.7}}", "", "fixed_shares: .*1 at most"),
        ("{budget: 8000000, currencies: {R1: XXX}}", "", "no plan rate"),
        ("{budget: 8000000, fairness: {shoes: 0.1}}", "", "fairness.*shoes"),
        ("{budget: 8000000, new_products: [{name: a, start: 2027-01-01}]}", "", "exactly one"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_solved(
    folder: Path, quotas: str, tables: str, message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        load(edit(folder, quotas, tables))


def test_a_history_that_reaches_into_the_plan_is_refused(folder: Path) -> None:
    with (folder / "history.csv").open("a", encoding="utf-8") as stream:
        stream.write("001,2027-Q1,5\n")
    with pytest.raises(BadInput, match="must end before the plan begins"):
        load(edit(folder, "{budget: 8000000}", HISTORY))


def test_returns_beyond_sales_count_as_nothing_sold_and_are_named(folder: Path) -> None:
    path = edit(folder, "{budget: 8000000, method: forecast}", "  history: history.csv")
    incumbent = pd.read_csv(folder / "incumbent.csv", dtype=str)
    theirs = set(incumbent.loc[incumbent["rep"] == "R1", "unit"]) | set(RENAMED.values())
    frame = pd.read_csv(folder / "history.csv", dtype={"unit": str})
    last = frame["unit"].isin(theirs) & frame["period"].str.startswith("2026")
    frame.loc[last, "sales"] *= -1
    frame.to_csv(folder / "history.csv", index=False)
    study = study_of(path)
    assert any("more came back than was sold of all by R1" in note for note in study.notes)
    assert cells(study)["R1"].sum() == 0
    assert cells(study)["company"].sum() == 8_000_000


def test_an_estimate_of_nobody_is_refused(folder: Path) -> None:
    rows = [("R1", 3e6), ("R2", 3e6), ("R3", 2e6), ("R4", 1e6), ("R5", 1e6), ("R99", 7e6)]
    estimates = pd.DataFrame(rows, columns=["owner", "estimate"])
    estimates.to_csv(folder / "estimates.csv", index=False)
    path = edit(folder, "{budget: 8000000, method: bottom_up}", "  estimates: estimates.csv")
    with pytest.raises(BadInput, match=r"no such owner.*R99"):
        load(path)
