"""``teig frontier``: a table with units and bounds, a plan for each point."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from teig.scenarios.cli.app import app
from typer.testing import CliRunner

from tests.scenarios.starter import starter


def test_the_command(tmp_path: Path) -> None:
    file, out = starter(tmp_path / "plan"), tmp_path / "out"
    arguments = ["frontier", str(file), "travel_hours", "disruption:sales", "--points", "3"]
    done = CliRunner().invoke(app, [*arguments, "--work", "0.01", "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "Front over travel_hours, disruption:sales" in done.stdout
    table = pd.read_csv(out / "frontier.csv")
    assert len(table) >= 3
    assert set(table["travel_hours_unit"]) == {"hours"}
    assert set(table["disruption:sales_unit"]) == {"USD/year"}
    kept = table[~table["dominated"]]
    assert kept["travel_hours"].is_monotonic_increasing
    assert kept["disruption:sales"].is_monotonic_decreasing
    bounded = table.dropna(subset=["bound"])
    assert len(bounded) >= 2
    assert (bounded["bound"] <= bounded["travel_hours"] * (1 + 1e-9)).all()
    assert len(list(out.glob("point_*.csv"))) == len(table)
    assert not (out / ".teig").exists()


def test_fewer_points_leave_none_of_the_last_time(tmp_path: Path) -> None:
    file, out = starter(tmp_path / "plan"), tmp_path / "out"
    ask = ["frontier", str(file), "travel_hours", "disruption:sales", "--work", "0.01"]
    for points in ("5", "2"):
        done = CliRunner().invoke(app, [*ask, "--points", points, "-o", str(out)])
        assert done.exit_code == 0, done.output
        count = len(pd.read_csv(out / "frontier.csv"))
        assert len(list(out.glob("point_*.csv"))) == count
    assert count < 4


def test_a_folder_of_others_is_refused_before_anything_is_solved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "letters"
    out.mkdir()
    (out / "letter.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setattr("teig.scenarios.fronts.front_of", lambda *_, **__: pytest.fail("solved"))
    ask = ["frontier", str(starter(tmp_path / "plan")), "travel_hours", "disruption:sales"]
    done = CliRunner().invoke(app, [*ask, "-o", str(out)])
    assert done.exit_code == 2
    assert "contents that are no frontier" in done.stderr
    assert [entry.name for entry in out.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (["travel_hours"], "two or three different terms"),
        (["travel_hours", "travel_hours"], "two or three different terms"),
        (["travel_hours", "travl_km"], "did you mean 'travel_km'"),
    ],
)
def test_wrong_terms(terms: list[str], message: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["frontier", str(starter(tmp_path / "plan")), *terms])
    assert done.exit_code == 2
    assert message in done.stderr
