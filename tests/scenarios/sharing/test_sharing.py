"""What is shared holds no pay, no names, no homes, no hours, and nothing of a few people."""

from __future__ import annotations

import html
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from teig.models.plan import Plan
from teig.models.rules import Lock
from teig.scenarios.audience import SHARED
from teig.scenarios.results import Change, RunResult, Verdict
from teig.scenarios.sharing import shared_result
from teig.scenarios.sharing.redacting import COARSE_DEGREES
from teig.scenarios.sharing.writing import _write
from typer.testing import CliRunner

from ..reports.hand_made import PAY, grid_geometry, grid_problem, make_result, make_run
from ..starter import starter

PEOPLE = ("Ada Berglund", "Bo Castell", "Cy Dahlqvist", "Inside sales")
HOMES = ((60.1537, 10.0519), (60.1611, 10.2483), (60.2547, 10.5561))
SALARY = "base pay 71377"
SECRETS = (*PEOPLE, "Tromsø", "71377", "Kim Eide", "secret-roster", "ab" * 6, f"{PAY:.0f}", "374")


def private_run() -> RunResult:
    """A run that holds everything that must not be shared."""
    plain = grid_problem()
    owners = replace(
        plain.owners,
        names=PEOPLE,
        latitude=np.array([*(lat for lat, _ in HOMES), np.nan]),
        longitude=np.array([*(lon for _, lon in HOMES), np.nan]),
        hours=np.array([1_374.0, 1_374.0, 1_374.0, 0.0]),
        cost=np.array([71_377.0, 71_377.0, 71_377.0, 0.0]),
    )
    lock = Lock(name="promised", owners={"0001": "R01"}, reason="Kim Eide promised it")
    problem = plain.replace(
        owners=owners, rules=(*plain.rules, lock), notes=("Tromsø 3 is linked over 3 km",)
    )
    moved = list(problem.covers.incumbent)
    for unit in (4, 10):
        moved[unit] = problem.owner_index["R02"]
    result = make_result(
        "rebalanced",
        problem,
        Plan(np.array(moved)),
        grid_geometry(),
        description=f"Ada Berglund leaves, {SALARY}",
        changes=(
            Change("money.management", "0", "71377", "bosses"),
            Change("rules.promised.reason", "(not set)", "Kim Eide promised it", "set"),
            Change("rules.balance.tolerance", "0.2", "0.1", "tighter"),
        ),
        notes=(SALARY,),
    )
    result = replace(
        result, inputs=tuple(replace(t, path="/home/secret-roster.csv") for t in result.inputs)
    )
    today = make_result("incumbent", problem, Plan.incumbent(problem), grid_geometry())
    verdict = Verdict("incumbent", "rebalanced", "contribution", "rebalanced", f"{SALARY} less")
    return make_run("Grid", today, [result], [verdict])


def test_nothing_private_is_left_in_the_problem_either() -> None:
    """Whatever a later output writes of it, it has nothing to tell."""
    run = private_run()
    before = run.scenarios[0].problem
    assert before.owners.cost.any() and before.covers.workload.any()
    for row in shared_result(run).rows:
        owners, covers = row.problem.owners, row.problem.covers
        assert owners.names == owners.ids
        assert row.problem.units.names == row.problem.units.ids
        for column in (owners.cost, owners.hours, owners.full_time_hours, covers.workload):
            assert not column.any()
        assert not covers.visits.any() and not covers.tenure.any()
        for measures in (covers.measures, row.problem.units.measures):
            assert not any(column.any() for column in measures.values())
        assert not any(t.minutes.any() or t.kilometres.any() for t in row.problem.teams)
        assert row.money is None and row.quotas is None and not row.letters


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("shared")
    _write(shared_result(private_run()), target)
    return target


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Everything that anybody can read in the files, parts of archives and tables too."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".xlsx", ".pptx"):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield from _parts(f"{path.name}/{name}", archive.read(name))
        elif path.suffix == ".gpkg":
            yield path.name, path.read_bytes().decode("utf-8", "replace")
            with closing(sqlite3.connect(path)) as connection:
                yield path.name, "\n".join(connection.iterdump())
        elif path.is_file():
            yield path.name, html.unescape(path.read_text(encoding="utf-8"))


def _parts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    yield name, html.unescape(content.decode("utf-8", "replace"))


def test_the_run_would_tell(tmp_path: Path) -> None:
    """The planners' own outputs hold what the shared ones must not: the search can find it."""
    from teig.scenarios.exports import write_workbook
    from teig.scenarios.reports import write_report

    run = private_run()
    write_report(run, tmp_path / "report.html")
    write_workbook(run, tmp_path / "workbook.xlsx")
    found = {secret for _, text in texts(tmp_path) for secret in SECRETS if secret in text}
    assert found >= {"Tromsø", "71377", "Kim Eide", "secret-roster", "ab" * 6, "374"}


def test_no_file_holds_a_name_a_pay_or_a_path(folder: Path) -> None:
    searched = 0
    for name, text in texts(folder):
        searched += len(text)
        # Digits of colours, coordinates and hashes of inputs are no figures.
        plain = re.sub(r"#[0-9A-Fa-f]{6}|\d\.\d{4,}|[0-9a-f]{16,}", " ", text)
        if name == "report.html":
            plain = re.sub(r' d="[^"]*"|"[xy]":\[[^]]*\]', " ", plain)
        if name.endswith((".gpkg",)) or "slides/slide" in name or "styles" in name:
            plain = plain.replace("374", "")
        for secret in SECRETS:
            assert secret not in plain, (name, secret)
    assert searched > 100_000


def test_no_money_no_hours_and_no_distance_in_the_tables(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "workbook.xlsx", data_only=True)
    assert "Money" not in book.sheetnames
    assert "teig" not in book.sheetnames
    titles = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"Rep", "Load, % of hours", "From", "To"} <= titles
    for gone in ("Load, hours", "Potential, USD/year", "From the new base, km", "Reason", "Name"):
        found = [s.title for s in book for c in s[1] if c.value == gone]
        assert set(found) <= {"Balance"}, gone
    balance = [row[:4] for row in book["Balance"].iter_rows(min_row=2, values_only=True)]
    assert all(row[1] in (None, "") and row[2] in (None, "") for row in balance)
    assert any(isinstance(row[3], float) for row in balance)


def test_homes_cannot_be_read_off_a_map(folder: Path) -> None:
    bases = gpd.read_file(folder / "rebalanced" / "plan.gpkg", layer="bases")
    assert len(bases) == 3
    for lat, lon in HOMES:
        away = np.hypot(bases.geometry.y - lat, bases.geometry.x - lon)
        assert away.min() > 0.003
    first = bases.set_index("rep").geometry["R01"]
    # The nearest unit to the home is at 60.15; the one to the rounded place is not.
    assert (round(first.y, 2), round(first.x, 2)) == (60.05, 10.05)
    units = gpd.read_file(folder / "rebalanced" / "plan.gpkg", layer="units")
    assert set(units.columns) == {
        "unit", "team", "rep", "share", "incumbent", "moved", "geometry"
    }  # fmt: skip
    problem = shared_result(private_run())["rebalanced"].problem
    placed = problem.owners.latitude[:3] / COARSE_DEGREES
    assert placed.tolist() == pytest.approx(np.round(placed).tolist())
    assert all((team.kilometres == 0).all() for team in problem.teams)


def test_the_files_say_whom_they_are_for(folder: Path) -> None:
    found = dict(texts(folder))
    assert f"For {SHARED.name}. {SHARED.statement}" in found["report.html"]
    assert SHARED.statement in found["workbook.xlsx/xl/sharedStrings.xml"]
    slides = [text for name, text in found.items() if "slides/slide" in name]
    assert all(f"for {SHARED.name}" in text for text in slides if "<p:sld " in text)


def test_quotas_of_a_few_are_left_out_with_their_siblings() -> None:
    run = private_run()
    names = [("company", ""), ("north", "company"), ("south", "company"), ("small", "north"),
             ("large", "north")]  # fmt: skip
    names += [(f"S{i}", "small") for i in range(4)]
    names += [(f"L{i}", "large") for i in range(5)] + [(f"T{i}", "south") for i in range(6)]
    table = pd.DataFrame(names, columns=["node", "parent"]).assign(
        level="", product="all", period="2027", quota=1000.0, index=990.0, currency="USD"
    )
    row = replace(run["rebalanced"], quota_table=table)
    shared = shared_result(replace(run, scenarios=(row,)))["rebalanced"].quota_table
    # 'large' has five, but with it and 'north' the four of 'small' would be known.
    assert shared["node"].tolist() == ["company", "north", "south"]


def test_sums_over_a_few_people_are_left_out() -> None:
    table = shared_result(private_run()).comparison.set_index("scenario")
    assert table["reps"].tolist() == [3, 3]
    assert table["travel_hours"].isna().all()
    assert table["contribution"].isna().all()
    assert (table["sales_moved_share"] > 0).tolist() == [False, True]


def test_a_run_is_shared_from_its_folder(tmp_path: Path) -> None:
    from teig.scenarios.cli.app import app

    file = starter(tmp_path / "plan")
    run = CliRunner().invoke(app, ["run", str(file), "-o", str(tmp_path / "run"), "-s", "steady"])
    assert run.exit_code == 0, run.output
    told = CliRunner().invoke(app, ["share", str(tmp_path / "run")])
    assert told.exit_code == 0, told.output
    place = tmp_path / "run-shared"
    assert {"report.html", "slides.pptx", "workbook.xlsx", "shared.json"} <= {
        entry.name for entry in place.iterdir()
    }
    assert (place / "steady" / "plan.gpkg").exists()
    again = CliRunner().invoke(app, ["share", str(tmp_path / "run"), "-o", str(tmp_path)])
    assert again.exit_code == 2
    assert "contents that are no shared outputs" in again.output
