"""workbook.xlsx read back by openpyxl."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from teig.scenarios.exports import write_workbook
from teig.scenarios.results import MoneyBasis, RunResult, ScenarioResult, Verdict

from ..reports.hand_made import (
    PAY,
    grid_geometry,
    grid_problem,
    grid_run,
    grid_units,
    make_result,
    make_run,
)

SHEETS = [
    "Comparison", "Ranking", "Territories", "Balance", "Assignments", "Quotas", "Money", "Moves",
    "Charts", "Notes",
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_workbook(grid_run(grid_geometry()), tmp_path / "workbook.xlsx")
    return tmp_path / "workbook.xlsx"


def rows(path: Path, sheet: str, *, values: bool = True) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(path, data_only=values)
    return [tuple(row) for row in book[sheet].iter_rows(values_only=True)]


def test_sheets_have_headers_that_stay_and_filters(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [*SHEETS, "teig"]
    assert book["teig"].sheet_state == "veryHidden"
    for name in ("Comparison", "Territories", "Balance", "Assignments", "Quotas", "Moves", "Notes"):
        sheet = book[name]
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None
        assert sheet["A1"].font.bold
        assert sheet.column_dimensions["A"].width > 7


def test_the_comparison_is_the_runs_own_with_units(path: Path) -> None:
    header, *body = rows(path, "Comparison")
    assert [row[0] for row in body] == ["incumbent", "rebalanced", "house & co"]
    assert "Travel, hours" in header
    assert "Contribution, USD/year" in header
    at = header.index("Travel, hours")
    run = grid_run(grid_geometry())
    assert [row[at] for row in body] == pytest.approx(list(run.comparison["travel_hours"]))


def test_assignments_say_where_they_come_from(path: Path) -> None:
    run = grid_run(grid_geometry())
    _, *marks = rows(path, "teig")
    assert [row[:2] for row in marks[: len(run.rows)]] == [
        (r.name, r.written_hash) for r in run.rows
    ]
    owners = [row[3] for row in marks if row[3]]
    assert owners == sorted(run.incumbent.problem.owners.ids) if run.incumbent else owners
    header, *body = rows(path, "Assignments")
    assert all(row[header.index("Row")] == f"unit {row[1]}" for row in body)
    book = openpyxl.load_workbook(path)
    assert book["Assignments"].column_dimensions["K"].hidden
    (validation,) = book["Assignments"].data_validations.dataValidation
    assert (validation.type, str(validation.sqref)) == ("list", f"E2:E{len(body) + 1}")


def test_assignments_can_be_read_back(path: Path) -> None:
    header, *body = rows(path, "Assignments")
    assert header[:8] == (
        "Scenario", "Unit", "Name", "Team", "Rep", "Share of the unit", "Incumbent", "Moved",
    )  # fmt: skip
    assert len(body) == 3 * 24
    assert ("rebalanced", "0005", "Tromsø 5", "field", "R02") in {row[:5] for row in body}
    assert sum(row[7] == "yes" for row in body) == 3


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    units = grid_units()
    units["name"] = evil
    units.loc[1, "name"] = "+1+1"
    units.loc[2, "name"] = "http://evil.example"
    target = tmp_path / "evil.xlsx"
    write_workbook(grid_run(None, units), target)
    book = openpyxl.load_workbook(target)
    cells = [cell for row in book["Assignments"].iter_rows(min_row=2) for cell in row]
    assert sum(cell.value == evil for cell in cells) > 20
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    assert {cell.value for cell in cells} >= {"+1+1", "http://evil.example"}


def test_a_planner_can_change_the_weights(path: Path) -> None:
    formulas = rows(path, "Ranking", values=False)
    shown = rows(path, "Ranking")
    assert formulas[3][0] == "Scenario"
    assert formulas[4][0] == "Weight"
    assert all(isinstance(weight, int | float) for weight in formulas[4][1:6])
    score = formulas[3].index("Score")
    assert "SUMPRODUCT" in formulas[5][score]
    weights = shown[4][1:score]
    for row in shown[5:8]:
        mean = sum(w * v for w, v in zip(weights, row[1:score], strict=True)) / sum(weights)
        assert row[score] == pytest.approx(mean)
        assert all(0.0 <= value <= 1.0 for value in row[1:score])
    assert sorted(row[score + 1] for row in shown[5:8]) == [1, 2, 3]


def test_the_ranking_says_how_far_weights_may_move(path: Path) -> None:
    shown = rows(path, "Ranking")
    top = next(at for at, row in enumerate(shown) if str(row[0]).startswith("Weight at which"))
    count = shown[3].index("Score") - 1
    weights = [float(weight) for weight in shown[4][1 : count + 1]]
    scaled = {row[0]: [float(v) for v in row[1 : count + 1]] for row in shown[5:8]}

    def first(changed: list[float]) -> str:
        score = {n: sum(w * v for w, v in zip(changed, c, strict=True)) for n, c in scaled.items()}
        return max(sorted(str(name) for name in score), key=lambda name: score[name])

    levels = [row[1 : count + 1] for row in shown[top + 1 : top + 4]]
    low, high = shown[top + 4][1 : count + 1], shown[top + 5][1 : count + 1]
    ends = 0
    for at, weight in enumerate(weights):
        assert low[at] <= weight
        if low[at]:
            ends += 1
            for step, same in ((1e-6, True), (-1e-6, False)):
                changed = [*weights[:at], low[at] + step, *weights[at + 1 :]]
                assert (first(changed) == first(weights)) == same
        if high[at] != "any":
            ends += 1
            for step, same in ((-1e-6, True), (1e-6, False)):
                changed = [*weights[:at], high[at] + step, *weights[at + 1 :]]
                assert (first(changed) == first(weights)) == same
        else:
            assert first([*weights[:at], 1e9, *weights[at + 1 :]]) == first(weights)
        known = [row[at] for row in levels if row[at] not in (None, "")]
        assert all(level >= 0 for level in known)
    assert ends >= 2


def test_wide_sheets_print_on_several_pages(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert book["Comparison"].page_setup.fitToWidth >= 2
    assert book["Comparison"].print_title_cols == "$A:$A"
    assert (book["Moves"].page_setup.fitToWidth or 1) == 1


def test_quotas_are_checked_by_formulas(path: Path) -> None:
    formulas = rows(path, "Quotas", values=False)
    shown = rows(path, "Quotas")
    at = formulas[0].index("Check")
    assert formulas[1][at] == "rebalanced"
    assert all(str(formula).startswith("=") for formula in formulas[1][at + 1 : at + 4])
    budget, carried, difference = shown[1][at + 1 : at + 4]
    assert budget == carried > 0
    assert difference == 0


def test_money_is_margin_less_costs_by_formula_and_pay_stays_a_sum(path: Path) -> None:
    formulas, shown = rows(path, "Money", values=False), rows(path, "Money")
    line = {row[0]: number for number, row in enumerate(shown)}
    assert formulas[line["Contribution"]][1] == "=B3-B4-B5-B6"
    for column in (1, 2, 3):
        margin, people, travel, disruption = (
            shown[line[name]][column] for name in ("Margin", "People", "Travel", "Disruption")
        )
        assert shown[line["Contribution"]][column] == pytest.approx(
            margin - people - travel - disruption
        )
    book = openpyxl.load_workbook(path, data_only=True)
    everything = [c for sheet in book for row in sheet.iter_rows(values_only=True) for c in row]
    assert 3 * PAY in everything
    assert PAY not in everything


def test_moves_have_their_reasons(path: Path) -> None:
    header, *body = rows(path, "Moves")
    assert len(body) == 3
    assert all(row[header.index("Reason")] for row in body)
    assert {row[header.index("From")] for row in body} == {"R01", "R03"}


def test_notes_say_what_it_rests_on(path: Path) -> None:
    text = "\n".join(str(row[2]) for row in rows(path, "Notes"))
    assert "cd" * 32 in text
    assert "rules.balance.tolerance: 0.2 → 0.1 (tighter)" in text
    assert "units: units.csv, measured, 24 rows" in text


def test_the_same_run_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_workbook(grid_run(grid_geometry()), tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_a_run_without_any_plan_still_has_a_workbook(tmp_path: Path) -> None:
    failed = make_result("too few", grid_problem(), None)
    run = make_run("none", None, [failed], [Verdict("a", "b", "objective", None, "no plan")])
    write_workbook(run, tmp_path / "none.xlsx")
    assert "Comparison" in openpyxl.load_workbook(tmp_path / "none.xlsx").sheetnames


# ---------------------------------------------------------------- what may be changed


def with_rates(run: RunResult) -> RunResult:
    """The same run, its money table with the rates and quantities that it follows from."""

    def priced(row: ScenarioResult) -> ScenarioResult:
        money = row.money
        assert money is not None
        basis = MoneyBasis(
            expected_sales=money.amount("expected_sales"), roster=money.amount("people"),
            travel_km=0.0, travel_hours=money.amount("travel") / 60.0, nights=0.0,
            moved_sales=money.amount("disruption") / 0.03, margin=0.3, management=0.0,
            per_km=0.5, per_travel_hour=60.0, per_night=90.0, disruption_loss=0.1,
        )  # fmt: skip
        return replace(row, money=replace(money, basis=basis))

    assert run.incumbent is not None
    rows = tuple(map(priced, run.scenarios))
    return replace(run, incumbent=priced(run.incumbent), scenarios=rows)


def test_each_rep_is_in_or_out_of_limits_in_cells(path: Path) -> None:
    header, *body = rows(path, "Balance")
    names = header[:9]
    assert names[0] == "Rep" and names[6] == "Within the hours"
    run = grid_run(grid_geometry())
    evaluation = run["rebalanced"].evaluation
    assert evaluation is not None
    told = evaluation.territories.set_index("rep")
    assert [row[0] for row in body[:3]] == ["R01", "R02", "R03"]
    for row in body[:3]:
        assert row[3] == pytest.approx(told.at[row[0], "utilisation"])
        assert row[6] == ("in" if row[3] <= 1.0 + 1e-6 else "out")
        assert row[7] == ("in" if abs(row[4]) <= 0.15 + 1e-6 else "out")
        assert row[8] == ("in" if abs(row[5]) <= 0.2 + 1e-6 else "out")
    assert {row[6] for row in body[:3]} == {"in", "out"}
    panel = {row[10]: row[11] for row in body if row[10]}
    assert panel["Scenario"] == "rebalanced"
    assert panel["Load, % of hours, at most"] == 1.0
    assert panel["Potential off fair share, at most ±"] == 0.2
    assert panel["above the hours"] == sum(row[6] == "out" for row in body[:3])


def test_costs_follow_from_rates_by_formula(tmp_path: Path) -> None:
    run = with_rates(grid_run())
    write_workbook(run, tmp_path / "rates.xlsx")
    shown, formulas = (rows(tmp_path / "rates.xlsx", "Money", values=v) for v in (True, False))
    line = {row[0]: number for number, row in enumerate(shown)}
    margin = line["Margin, share of sales"]
    assert (
        formulas[line["Margin"]][2] == f"=C{margin + 1}*C{line['Expected sales, USD a year'] + 1}"
    )
    assert formulas[margin][1:4] == (0.3, f"=$B{margin + 1}", f"=$B{margin + 1}")
    assert shown[line["Disruption"]][2] == pytest.approx(
        shown[margin][2]
        * shown[line["Lost of the sales that change hands, share"]][2]
        * shown[line["Sales that change hands, USD a year"]][2]
    )


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.slow
def test_libreoffice_computes_what_stands_in_the_cells(tmp_path: Path) -> None:
    written, bare = tmp_path / "book.xlsx", tmp_path / "bare.xlsx"
    write_workbook(with_rates(grid_run(grid_geometry())), written)
    without_values = openpyxl.load_workbook(written)
    without_values.save(bare)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path / "out", bare],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    computed = openpyxl.load_workbook(tmp_path / "out" / "bare.xlsx", data_only=True)
    cached = openpyxl.load_workbook(written, data_only=True)
    formulas = [
        (sheet.title, cell.coordinate)
        for sheet in without_values
        for line in sheet.iter_rows()
        for cell in line
        if cell.data_type == "f"
    ]
    assert len(formulas) > 60
    for sheet, at in formulas:
        here, there = cached[sheet][at].value or 0, computed[sheet][at].value or 0
        if isinstance(here, str):
            assert there == here, f"{sheet}!{at}"
        else:
            assert there == pytest.approx(here, rel=1e-9), f"{sheet}!{at}"
