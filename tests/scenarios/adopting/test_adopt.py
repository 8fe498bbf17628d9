"""From the run's workbook through a spreadsheet program and back beside the run's plans."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from teig.models import BadInput, Plan, evaluate
from teig.scenarios import load
from teig.scenarios.adopting import adopt
from teig.scenarios.approval import approve
from teig.scenarios.cli.app import app
from teig.scenarios.explaining import read_subject
from teig.scenarios.stored import compare_stored, read_runs
from teig.scenarios.stored.plans import read_run_plans
from typer.testing import CliRunner

from tests.scenarios.starter import starter

NOON = datetime(2027, 1, 5, 12, tzinfo=UTC)
WHY = ["--author", "Kim", "--reason", "Ida knows them"]


def teig(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the starter and a run of two of its scenarios."""
    folder = tmp_path_factory.mktemp("adopt")
    file = starter(folder / "plan")
    chosen = ["-s", "rebalanced", "-s", "steady"]
    done = teig("run", file, *chosen, "-o", folder / "run", "--work", "0.02", "--jobs", "1")
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def place(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "place"))


def edited(place: Path, scenario: str = "steady", number: int = 1) -> tuple[Path, dict[str, str]]:
    """The workbook with as many units of somebody given to another rep, whose they border."""
    problem = load(place / "plan" / "scenario.yaml", scenarios=("steady",))["steady"].problem
    plan = pd.read_csv(place / "run" / scenario / "assignments.csv", dtype=str).set_index("unit")
    units = [problem.units.ids[int(unit)] for unit in problem.covers.unit]
    held = np.array([problem.owner_index[plan["rep"][unit]] for unit in units])
    changes: dict[str, str] = {}
    for cover in range(len(problem.covers)):
        unit = units[cover]
        for rep in problem.owners.ids:
            if rep == plan["rep"][unit] or len(changes) == number:
                continue
            owner = held.copy()
            owner[cover] = problem.owner_index[rep]
            if evaluate(problem, Plan(owner)).feasible:
                changes[unit] = rep
    assert len(changes) == number
    path = place / "edited.xlsx"
    book = openpyxl.load_workbook(place / "run" / "workbook.xlsx")
    for row in book["Assignments"].iter_rows(min_row=2):
        if row[0].value == scenario and row[1].value in changes:
            row[4].value = changes[str(row[1].value)]
    book.save(path)
    return path, changes


def test_edits_become_a_plan_beside_the_others(place: Path) -> None:
    path, changes = edited(place)
    run = place / "run"
    untouched = {
        file: file.read_bytes()
        for name in ("steady", "rebalanced")
        for file in (run / name).iterdir()
    }
    found = adopt(run, path, author="Kim", reason="Ida knows them", scenario="steady", now=NOON)
    assert {file: file.read_bytes() for file in untouched} == untouched
    assert list(found.effect.hands["unit"]) == list(changes)
    assert list(found.effect.hands["to"]) == list(changes.values())
    summary = json.loads((run / "steady-by-hand" / "summary.json").read_text(encoding="utf-8"))
    assert summary["adoption"] == json.loads((found.folder / "adoption.json").read_text())
    said = {key: summary["adoption"][key] for key in ("scenario", "author", "date", "source")}
    assert said == {
        "scenario": "steady",
        "author": "Kim",
        "date": "2027-01-05T12:00:00+00:00",
        "source": "edited.xlsx",
    }
    assert (summary["status"], summary["stopped_by"]) == ("feasible", "by hand")
    steady = json.loads((run / "steady" / "summary.json").read_text(encoding="utf-8"))
    for mine, theirs in zip(summary["stages"], steady["stages"], strict=True):
        assert mine["bound"] in (None, theirs["bound"])
    assert summary["stages"][0]["bound"] == steady["stages"][0]["bound"]
    # Measured by the models alone, from the file that was kept.
    problem = load(place / "plan" / "scenario.yaml", scenarios=("steady",))["steady"].problem
    rows = pd.read_csv(found.folder / "plan.csv", dtype={"unit": str})
    owner = np.array([problem.owner_index[rep] for rep in rows["rep"]])
    again = evaluate(problem, Plan(owner))
    assert [stage["objective"] for stage in summary["stages"]] == pytest.approx(
        list(again.objectives.values())
    )
    figures = pd.read_csv(found.folder / "figures.csv").set_index("figure")
    assert figures["unit"].notna().sum() > 20
    change = again.terms["travel_hours"].value - steady["terms"]["travel_hours"]["value"]
    assert figures.loc["travel_hours", "change"] == pytest.approx(change)


def test_other_commands_know_the_plan(place: Path) -> None:
    path, changes = edited(place)
    run = place / "run"
    done = teig("adopt", run, path, "-s", "steady", "--name", "mine", *WHY)
    assert done.exit_code == 0, done.output
    (unit, rep) = next(iter(changes.items()))
    assert f"- {unit}: " in done.stdout and f" to {rep}" in done.stdout
    assert "travel hours: " in done.stdout
    approve(run, author="Kim", reason="agreed", scenario="mine", now=NOON)
    (stored,) = read_runs([run])
    mine = next(each for each in stored.scenarios if each.name == "mine")
    assert mine.frozen
    verdicts = compare_stored(stored.scenarios).verdicts
    assert any("mine" in (v.first + v.second) for v in verdicts)
    assert not any(v.winner == "run/mine" and "steady" in v.reason for v in verdicts)
    book_of_run, plans = read_run_plans(run)
    assert list(plans) == ["rebalanced", "steady", "mine"]
    assert book_of_run["mine"].input_hash == book_of_run["steady"].input_hash
    subject = read_subject(run, "mine")
    assert subject.name == "mine"
    assert subject.evaluation is not None
    rows = subject.evaluation.assignments.set_index("unit")
    assert rows.loc[unit, "rep"] == rep
    assert ">mine<" in (run / "report.html").read_text(encoding="utf-8")
    book = openpyxl.load_workbook(run / "workbook.xlsx", read_only=True)
    assert "mine" in {row[0].value for row in book["Assignments"].iter_rows(min_row=2)}
    # Edited once more, from the new workbook; the plan is of the same scenario.
    path, _ = edited(place, "mine", 1)
    done = teig("adopt", run, path, "-s", "mine", *WHY)
    assert done.exit_code == 0, done.output
    assert "mine-by-hand: mine as Kim changed it" in done.stdout
    assert json.loads((run / "adopted" / "mine-by-hand" / "adoption.json").read_text())[
        "scenario"
    ] == "steady"  # fmt: skip


def test_a_new_run_keeps_the_plan_while_its_input_is_the_same(place: Path) -> None:
    path, _ = edited(place)
    run, file = place / "run", place / "plan" / "scenario.yaml"
    adopt(run, path, author="Kim", reason="Ida knows them", scenario="steady", now=NOON)
    before = (run / "steady-by-hand" / "summary.json").read_bytes()
    again = ["-s", "rebalanced", "-s", "steady", "-o", run, "--work", "0.02", "--jobs", "1"]
    done = teig("run", file, *again)
    assert done.exit_code == 0, done.output
    assert "Computed 0 of 2 scenarios" in done.stdout
    assert (run / "steady-by-hand" / "summary.json").read_bytes() == before
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("tolerance: 0.15", "tolerance: 0.2"), encoding="utf-8")
    refused = teig("adopt", run, path, "-s", "steady", *WHY)
    assert refused.exit_code == 2
    assert "(rules.balance_load.tolerance 0.15 → 0.2); run it again first" in refused.stderr
    done = teig("run", file, *again)
    assert done.exit_code == 0, done.output
    assert "steady-by-hand, made by hand, is left out: the input of steady changed" in done.stdout
    assert not (run / "steady-by-hand").exists()
    assert (run / "adopted" / "steady-by-hand" / "plan.csv").exists()
    refused = teig("adopt", run, path, "-s", "steady", *WHY)
    assert refused.exit_code == 2
    assert "the workbook shows another run: its steady was made from input" in refused.stderr


def test_what_is_refused_writes_nothing(place: Path) -> None:
    path, _ = edited(place)
    run = place / "run"
    before = sorted(file for file in run.rglob("*") if ".teig" not in file.parts)
    cases = {
        "one scenario at a time; say which with -s: rebalanced, steady": ["adopt", run, path, *WHY],
        "did you mean 'steady'?": ["adopt", run, path, "-s", "stedy", *WHY],
        "its rows of rebalanced are those of the run; nothing was changed": [
            "adopt", run, path, "-s", "rebalanced", *WHY,
        ],
        "there is a plan of this name already": [
            "adopt", run, path, "-s", "steady", "--name", "rebalanced", *WHY,
        ],
        "a plan is named by letters": ["adopt", run, path, "-s", "steady", "--name", "../x", *WHY],
        "a record names who decided and why": [
            "adopt", run, path, "-s", "steady", "--author", " ", "--reason", "x",
        ],
        "the folder holds no finished run": ["adopt", place / "plan", path, "-s", "steady", *WHY],
    }  # fmt: skip
    for message, arguments in cases.items():
        done = teig(*arguments)
        assert (done.exit_code, message in done.stderr) == (2, True), done.output
    assert sorted(file for file in run.rglob("*") if ".teig" not in file.parts) == before
    adopt(run, path, author="Kim", reason="Ida knows them", scenario="steady", now=NOON)
    with pytest.raises(BadInput, match="adopted already, as steady-by-hand"):
        adopt(run, path, author="Kim", reason="Ida knows them", scenario="steady", now=NOON)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_through_libreoffice(place: Path) -> None:
    path, changes = edited(place)
    saved = place / "saved"
    command = ["soffice", f"-env:UserInstallation=file://{place}/office", "--headless"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(saved), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    found = adopt(
        place / "run", saved / "edited.xlsx", author="Kim", reason="they asked", scenario="steady"
    )
    assert list(found.effect.hands["unit"]) == list(changes)
    assert found.notes == ()


def test_a_sheet_alone_says_that_its_run_is_not_known(place: Path) -> None:
    path, changes = edited(place)
    book = openpyxl.load_workbook(path)
    for name in book.sheetnames:
        if name != "Assignments":
            del book[name]
    book.save(path)
    found = adopt(place / "run", path, author="Kim", reason="they asked", scenario="steady")
    assert list(found.effect.hands["unit"]) == list(changes)
    assert "does not say which run it comes from" in found.notes[0]


def test_a_plan_that_was_only_measured_can_be_edited_too(place: Path) -> None:
    """``teig evaluate`` writes a workbook as well; there is no bound to hold the edits against."""
    file, plan = place / "plan" / "scenario.yaml", place / "run" / "steady" / "assignments.csv"
    given = ["--plan", plan, "-s", "steady", "-o", place / "measured"]
    done = teig("evaluate", file, *given)
    assert done.exit_code == 0, done.output
    path, changes = edited(place)
    shutil.rmtree(place / "run")
    (place / "measured").rename(place / "run")
    found = adopt(place / "run", path, author="Kim", reason="they asked", scenario="steady")
    assert list(found.effect.hands["unit"]) == list(changes)
    assert all(stage.bound is None for stage in found.effect.stages)
    assert {row.name for row in found.result.scenarios} == {"steady", "steady-by-hand"}
