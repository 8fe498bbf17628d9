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
