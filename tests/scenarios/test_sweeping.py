"""Sweeps: the right scenarios, all values in the table, nothing solved twice."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from teig.models import BadInput
from teig.scenarios.cli.app import app
from teig.scenarios.sweeping import Axis, load_sweep
from typer.testing import CliRunner

from tests.scenarios.starter import starter

TOLERANCE = "rules.balance_load.tolerance"
LITTLE = ("--work", "0.002", "--jobs", "1")


def test_values_are_parted_outside_of_brackets() -> None:
    axis = Axis.parse("objective.order=[capacity, travel],[travel, 'a,b'],{x: [1, 2]}")
    assert axis.values == ("[capacity, travel]", "[travel, 'a,b']", "{x: [1, 2]}")


def test_combinations_and_single_changes(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    axes = [Axis(TOLERANCE, ("0.1", "0.2", "0.3")), Axis("money.margin", ("0.3", "0.4"))]
    grid = load_sweep(file, axes)
    assert len(grid.workbook.scenarios) == 6
    for scenario in grid.workbook.scenarios:
        point = grid.points[scenario.name]
        plain = scenario.resolved.plain()
        assert plain["rules"]["balance_load"]["tolerance"] == float(point[TOLERANCE])
        assert plain["money"]["margin"]["value"] == float(point["money.margin"])
        assert {change.by for change in scenario.changes} <= {"set"}
    alone = load_sweep(file, axes, one_at_a_time=True)
    assert list(alone.points) == [
        "tolerance 0.1", "tolerance 0.2", "tolerance 0.3", "margin 0.3", "margin 0.4",
    ]  # fmt: skip


def test_a_sweep_of_a_scenario_keeps_its_overrides(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    swept = load_sweep(file, [Axis("rules.stay.share", ("0.05", "0.1"))], scenario="steady")
    caps = [s.resolved.plain()["rules"]["stay"] for s in swept.workbook.scenarios]
    assert [cap["share"] for cap in caps] == [0.05, 0.1]
    assert {cap["measure"] for cap in caps} == {"sales"}


@pytest.mark.parametrize(
    ("axis", "scenario", "message"),
    [
        ("rules.balance_load.tolerence=0.1,0.2", "base", "did you mean 'tolerance'"),
        ("rules.balance_load.tolerance", "base", "is written PATH=V1,V2"),
        ("rules.balance_load.tolerance=0.1,,0.2", "base", "is written PATH=V1,V2"),
        ("rules.balance_load.tolerance=0.1,0.1", "base", "a value stands twice"),
        ("rules.balance_load.tolerance=-1,0.1", "base", "tolerance"),
        ("limits.seed=1,2", "base", "limits"),
        ("seed=1,2", "stedy", "did you mean 'steady'"),
        (f"seed={','.join(map(str, range(600)))}", "base", "at most 500"),
    ],
)
def test_wrong_sweeps(axis: str, scenario: str, message: str, tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    with pytest.raises(BadInput) as caught:
        load_sweep(file, [Axis.parse(axis)], scenario=scenario)
    assert message in str(caught.value)


def test_the_command(tmp_path: Path) -> None:
    file, out = starter(tmp_path / "plan"), tmp_path / "out"
    arguments = ["sweep", str(file), "-o", str(out), *LITTLE]
    done = CliRunner().invoke(app, [*arguments, f"{TOLERANCE}=0.1,0.2"])
    assert done.exit_code == 0, done.output
    assert "Computed 2 of 2 scenarios: tolerance 0.1, tolerance 0.2." in done.stdout
    table = pd.read_csv(out / "sweep.csv")
    assert table[TOLERANCE].tolist() == [0.1, 0.2]
    comparison = pd.read_csv(out / "comparison.csv")
    assert table["travel_hours"].tolist() == comparison["travel_hours"].tolist()[1:]
    assert (out / "tolerance 0.1" / "assignments.csv").exists()
    more = CliRunner().invoke(app, [*arguments, f"{TOLERANCE}=0.1,0.2,0.3"])
    assert "Computed 1 of 3 scenarios: tolerance 0.3." in more.stdout
