"""Sheets as people and spreadsheet programs leave them: read, repaired, or named in full."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from teig.models import BadInput, Plan, Problem, evaluate
from teig.scenarios import load
from teig.scenarios.adopting.owners import EditedAlignment
from teig.scenarios.adopting.sheet import read_sheet

from tests.scenarios.starter import column_added, starter

HEADER = ["Scenario", "Unit", "Name", "Team", "Rep", "Share of the unit", "Moved", "Row"]
Rows = list[list[Any]]


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    """The starter's market; unit 001 may be split into four."""
    folder = tmp_path_factory.mktemp("market") / "plan"
    file = starter(folder)
    column_added("units.csv", "parts", "4", "1")(folder)
    return load(file, scenarios=("rebalanced",))["rebalanced"].problem


@pytest.fixture(scope="module")
def before(problem: Problem) -> pd.DataFrame:
    return evaluate(problem, Plan.incumbent(problem)).assignments


def rows_of(before: pd.DataFrame) -> Rows:
    return [
        ["rebalanced", unit, f"name {unit}", team, rep, share, "no", f"unit {unit}"]
        for unit, team, rep, share in before[["unit", "team", "rep", "share"]].values.tolist()
    ]


def saved(path: Path, rows: Rows, header: list[str] | None = None, above: int = 0) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Assignments"
    for _ in range(above):
        sheet.append(["a note"])
    sheet.append(header or HEADER)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def alignment(path: Path, problem: Problem, before: pd.DataFrame) -> EditedAlignment:
    return EditedAlignment(read_sheet(path), "rebalanced", ["rebalanced"], problem, before)


def shares(frame: pd.DataFrame) -> set[tuple[str, str, str, float]]:
    return {(str(u), str(t), str(r), float(s)) for u, t, r, s in frame.values.tolist()}


def of(before: pd.DataFrame) -> set[tuple[str, str, str, float]]:
    return shares(before[["unit", "team", "rep", "share"]])


def test_sorted_filtered_moved_and_padded(
    tmp_path: Path, problem: Problem, before: pd.DataFrame
) -> None:
    """Order, columns, blank rows, sums and titles are people's own business."""
    rows = sorted(rows_of(before), key=lambda row: (row[4], row[1]), reverse=True)
    order = [4, 7, 1, 0, 5, 3]
    mixed: Rows = [[*(row[at] for at in order), "mine"] for row in rows]
    mixed[3:3] = [[None] * 7, [None, None, None, None, "=SUM(E2:E9)", None, "sum"]]
    path = tmp_path / "edited.xlsx"
    saved(path, mixed, [*(HEADER[at] for at in order), "Comment"], above=2)
    book = openpyxl.load_workbook(path)
    sheet = book["Assignments"]
    sheet.auto_filter.ref = sheet.dimensions
    sheet.auto_filter.add_filter_column(0, ["R1"])
    for number in range(6, 15):
        sheet.row_dimensions[number].hidden = True
    book.save(path)
    read = alignment(path, problem, before)
    assert shares(read.assignments()) == of(before)
    assert read.notes == ()


def test_ids_that_drifted_are_repaired_and_told(
    tmp_path: Path, problem: Problem, before: pd.DataFrame
) -> None:
    rows = rows_of(before)
    for row in rows:
        row[1] = int(row[1])
    rows[0][1] = float(rows[0][1])
    rows[1][1] = date(2027, 3, 4)
    rows[2][4] = " r" + rows[2][4][1:] + "\xa0"
    rows[3][1] = str(rows[3][1])
    rows[4][7] = None
    read = alignment(saved(tmp_path / "edited.xlsx", rows), problem, before)
    assert shares(read.assignments()) == of(before)
    small, right = rows[2][4].strip(), before["rep"].iloc[2]
    assert read.notes == (
        f"edited.xlsx: {len(rows)} unit ids repaired, in row 2 '1' as '001'",
        f"edited.xlsx: 1 rep id repaired, in row 4 {small!r} as {right!r}",
    )


def test_a_number_that_is_another_unit_too_is_the_one_the_row_was_written_for(
    tmp_path: Path,
) -> None:
    """``007`` that became 7 is 007, also where there is a unit 7."""
    folder = tmp_path / "plan"
    file = starter(folder)
    for name in ("units.csv", "incumbent.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        line = next(each for each in text.splitlines() if each.startswith("008,"))
        extra = line.replace("008,", "7,", 1)
        (folder / name).write_text(f"{text}{extra}\n", encoding="utf-8")
    problem = load(file, scenarios=("rebalanced",))["rebalanced"].problem
    before = evaluate(problem, Plan.incumbent(problem)).assignments
    rows = rows_of(before)
    for row in rows:
        row[1] = int(row[1])
    read = alignment(saved(tmp_path / "edited.xlsx", rows), problem, before)
    assert shares(read.assignments()) == of(before)


def test_parts_of_a_unit_as_people_write_them(
    tmp_path: Path, problem: Problem, before: pd.DataFrame
) -> None:
    rows = rows_of(before)
    assert rows[0][1] == "001" and rows[0][4] == "R1"
    rows[0][5] = "75 %"
    rows.append(["rebalanced", "001", None, None, "R2", "0,25", None, None])
    read = alignment(saved(tmp_path / "edited.xlsx", rows), problem, before)
    now = shares(read.assignments())
    assert {("001", "field", "R1", 0.75), ("001", "field", "R2", 0.25)} <= now
    assert len(now - of(before)) == 2


def changed(at: int, column: str, value: object) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[at][HEADER.index(column)] = value

    return change


def added(*row: object) -> Callable[[Rows], None]:
    return lambda rows: rows.append(list(row))


def without_key(at: int, unit: object) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[at][1], rows[at][7] = unit, None

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed(1, "Rep", "R9"), "row 3, Rep: there is no such rep; there are R1, R2"),
        (changed(1, "Rep", None), "row 3, Rep: nobody has unit 002; name a rep"),
        (changed(1, "Rep", date(2027, 5, 1)), "row 3, Rep: the spreadsheet made a date of an"),
        (changed(1, "Rep", "#REF!"), "row 3, Rep: the cell holds an error of the spreadsheet"),
        (changed(1, "Team", "feild"), "row 3, Team: there is no such team; did you mean 'field'?"),
        (changed(1, "Scenario", "rebalnced"), "row 3, Scenario: there is no such scenario"),
        (changed(1, "Scenario", None), "row 3, Scenario: say whose row this is"),
        (changed(1, "Unit", "002x"), "there is no such unit; this row was written for unit 002"),
        (changed(1, "Unit", None), "row 3, Unit: must not be empty"),
        (without_key(1, date(2027, 3, 4)), "row 3, Unit: the spreadsheet made a date of an id"),
        (without_key(1, 2.5), "row 3, Unit: there is no such unit"),
        (without_key(1, "003"), "row 4, Unit: R"),
        (changed(1, "Share of the unit", 0.5), "row 3, Share of the unit: this unit has no parts"),
        (changed(1, "Share of the unit", 100), "must be a share above 0 and up to 1"),
        (changed(1, "Share of the unit", "half"), "must be a share above 0 and up to 1"),
        (changed(0, "Share of the unit", 0.4), "4 equal parts; 40.0% is 1.6 of them"),
        (changed(0, "Share of the unit", 0.75), "unit 001 (row 2) add up to 75.0%"),
        (lambda rows: rows.pop(4), "sheet Assignments, Unit: 1 row of the run's plan is missing"),
        (added("rebalanced", "002", "", "field", "R5", 1, "", ""), "stands twice, first in row 3"),
    ],
)
def test_what_cannot_be_repaired_is_named(
    change: Callable[[Rows], None],
    message: str,
    tmp_path: Path,
    problem: Problem,
    before: pd.DataFrame,
) -> None:
    rows = rows_of(before)
    change(rows)
    path = saved(tmp_path / "edited.xlsx", rows)
    with pytest.raises(BadInput) as caught:
        alignment(path, problem, before).assignments()
    assert message in str(caught.value)
    assert all(each.source == "edited.xlsx" for each in caught.value.problems)


def test_everything_wrong_is_said_at_once(
    tmp_path: Path, problem: Problem, before: pd.DataFrame
) -> None:
    rows = rows_of(before)
    for change in (
        changed(1, "Rep", "R9"),
        changed(2, "Unit", "0x3"),
        changed(3, "Team", "filed"),
        lambda rows: rows.pop(10),
        added("rebalanced", "006", "", "field", "R5", 1, "", ""),
    ):
        change(rows)
    with pytest.raises(BadInput) as caught:
        alignment(saved(tmp_path / "edited.xlsx", rows), problem, before).assignments()
    said = [(each.key, each.value) for each in caught.value.problems]
    assert said[:3] == [("Rep", "R9"), ("Unit", "0x3"), ("Team", "filed")]
    assert sorted(key for key, _ in said[3:]) == ["Unit", "Unit"]
    assert len(said) == 5


def test_many_alike_are_counted(tmp_path: Path, problem: Problem, before: pd.DataFrame) -> None:
    rows = [[*row[:4], "nobody", *row[5:]] for row in rows_of(before)]
    with pytest.raises(BadInput) as caught:
        alignment(saved(tmp_path / "edited.xlsx", rows), problem, before).assignments()
    assert len(caught.value.problems) == 21
    assert f"{len(rows) - 20} more rows like these" in str(caught.value.problems[-1])


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"unit,rep\n001,R1\n", "edited.csv", "comes back as an Excel workbook"),
        (b"unit,rep\n001,R1\n", "edited.xlsx", "is not an Excel workbook"),
        (None, "edited.xlsx", "cannot be read: No such file"),
    ],
)
def test_files_that_are_no_workbook(
    content: bytes | None, name: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read_sheet(path)


def test_sheets_without_the_columns(tmp_path: Path, before: pd.DataFrame) -> None:
    rows = rows_of(before)
    path = saved(tmp_path / "edited.xlsx", rows, [*HEADER[:4], "Who", *HEADER[5:]])
    with pytest.raises(BadInput, match="no sheet has the columns Unit and Rep"):
        read_sheet(path)
    saved(path, rows, [*HEADER[:6], "Rep", HEADER[7]])
    with pytest.raises(BadInput, match="the column stands twice"):
        read_sheet(path)
