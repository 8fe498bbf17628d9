"""What ran is listed, and of each market and day one published plan is in force."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from teig.models import BadInput, Plan
from teig.scenarios import load, measure, write_outputs
from teig.scenarios.approval import approve
from teig.scenarios.cli.app import app
from teig.scenarios.records import Publication, in_force, publications, records_of
from typer.testing import CliRunner

from tests.scenarios.starter import starter


def day(number: int) -> datetime:
    return datetime(2026, 1, number, 12, tzinfo=UTC)


def write(folder: Path, moved: int = 0) -> None:
    """Write the starter's plan of today, with as many units given to the first owner."""
    book = load(folder.parent / "plan" / "scenario.yaml", scenarios=("rebalanced",))
    owner = Plan.incumbent(book["rebalanced"].problem).owner.copy()
    owner[[c for c in range(len(owner)) if owner[c] != 0][:moved]] = 0
    write_outputs(measure(book, {"rebalanced": Plan(owner)}), folder)


def take(folder: Path, number: int, state: str = "") -> str:
    step = approve(folder, author="Kim", reason="agreed", state=state, now=day(number))
    return step.state


def publish(folder: Path, number: int) -> None:
    while take(folder, number) != "published":
        pass


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    starter(tmp_path / "plan")
    write(tmp_path / "spring")
    return tmp_path


def of(start: str, end: str, on: int, market: str = "Starter") -> Publication:
    when = day(on).isoformat(timespec="seconds")
    return Publication(market, start, end, f"run{on}", "s", "Kim", when, "agreed", "i", "p")


def test_days_in_force() -> None:
    year, half = of("2027-01-01", "2027-12-31", 1), of("2027-07-01", "2027-12-31", 2)
    other = of("2027-01-01", "2027-12-31", 3, "Nordic")
    middle = of("2027-03-01", "2027-08-31", 4)
    first, last = date(2027, 1, 1), date(2027, 12, 31)
    assert in_force([year])[year] == ((first, last),)
    assert in_force([half, year, other]) == {
        year: ((first, date(2027, 6, 30)),),
        half: ((date(2027, 7, 1), last),),
        other: ((first, last),),
    }
    force = in_force([year, half, other, middle])
    assert force[year] == ((first, date(2027, 2, 28)),)
    assert force[half] == ((date(2027, 9, 1), last),)
    again = of("2027-01-01", "2027-12-31", 5)
    assert in_force([year, again]) == {year: (), again: ((first, last),)}
    # On every day of the year exactly one of a market's plans.
    for at in pd.date_range("2027-01-01", "2027-12-31"):
        holders = [
            each
            for each, parts in force.items()
            if each.market == "Starter" and any(a <= at.date() <= b for a, b in parts)
        ]
        assert len(holders) == 1


def test_a_published_plan_stays_what_it_was(runs: Path) -> None:
    publish(runs / "spring", 1)
    (published,) = publications([runs / "spring"])
    assert (published.market, published.label) == ("Starter", "spring/rebalanced")
    copy = runs / "spring" / "published" / published.folder_name / "assignments.csv"
    told = copy.read_bytes()
    write(runs / "spring", moved=1)
    assert (runs / "spring" / "rebalanced" / "assignments.csv").read_bytes() != told
    assert copy.read_bytes() == told
    plans = records_of([runs]).plans
    assert list(plans["state"]) == ["draft", "published"]
    assert list(plans["in_force"]) == ["", "2027-01-01 to 2027-12-31"]
    assert "the run came out otherwise since" in plans["made_by"].iloc[1]


def test_superseded_and_withdrawn(runs: Path) -> None:
    publish(runs / "spring", 1)
    write(runs / "summer", moved=1)
    for _ in range(3):
        take(runs / "summer", 2)
    words = ["--author", "Kim", "--reason", "fewer miles"]
    done = CliRunner().invoke(app, ["approve", str(runs / "summer"), *words])
    assert done.exit_code == 0, done.output
    assert "Plan of record of Starter: summer/rebalanced, 2027-01-01 to 2027-12-31." in done.stdout
    assert "spring/rebalanced, published on 2026-01-01, is superseded from now on." in done.stdout
    done = CliRunner().invoke(app, ["records", str(runs), "--on", "2027-05-01"])
    assert "Starter, 2027-05-01: summer/rebalanced, published by Kim on" in done.stdout
    assert take(runs / "summer", 3, "draft") == "draft"
    done = CliRunner().invoke(app, ["records", str(runs), "--on", "2027-05-01"])
    assert "spring/rebalanced" in done.stdout
    done = CliRunner().invoke(app, ["records", str(runs), "--on", "2028-05-01"])
    assert "No plan of these runs is in force on 2028-05-01." in done.stdout


def test_the_listing(runs: Path) -> None:
    publish(runs / "spring", 1)
    done = CliRunner().invoke(app, ["records", str(runs), "-o", str(runs / "listing")])
    assert done.exit_code == 0, done.output
    assert "2027-01-01 to 2027-12-31" in done.stdout
    plans = pd.read_csv(runs / "listing" / "records.csv").iloc[0]
    assert (plans["run"], plans["state"], plans["author"]) == ("spring", "published", "Kim")
    assert plans["written"] >= "2026" and len(plans["plan"]) == len(plans["input_hash"]) == 64
    assert "teig 0" in plans["versions"]
    inputs = pd.read_csv(runs / "listing" / "inputs.csv")
    assert {"units", "reps", "incumbent"} <= set(inputs["role"])
    assert inputs["sha256"].str.fullmatch("[0-9a-f]{64}").all()


def test_what_is_refused(runs: Path) -> None:
    with pytest.raises(BadInput, match="no finished run in this folder, nor below it"):
        records_of([runs / "plan"])
    publish(runs / "spring", 1)
    (record,) = (runs / "spring" / "published").glob("*/publication.json")
    record.write_text("{}", encoding="utf-8")
    with pytest.raises(BadInput, match="publication cannot be read; restore it"):
        records_of([runs])
    shutil.rmtree(record.parent)
    assert records_of([runs]).publications == ()


def test_a_reader_that_wants_no_more_is_no_defect(runs: Path) -> None:
    program = "from teig.scenarios.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "records", str(runs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
