"""What moves what: only effects that gaps allow to tell apart, from small to large."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from teig.models.plan import Status
from teig.scenarios import RunResult, run
from teig.scenarios.cli.app import app
from teig.scenarios.sweeping import Axis, Sweep, load_sweep
from teig.scenarios.tornado import tornado
from typer.testing import CliRunner

from tests.scenarios.starter import starter

AXES = (
    Axis("money.margin", ("0.3", "0.4")),
    Axis("money.disruption_loss", ("0.05", "0.2")),
    Axis("touring.calls_per_tour", ("4", "6")),
)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sweep, RunResult]:
    """A sweep one at a time of a small market where travel is all that counts."""
    file = starter(tmp_path_factory.mktemp("tornado") / "plan")
    settings = ("objective.order=[travel, disruption]", "rules=!replace {coverage: }")
    sweep = load_sweep(file, AXES, settings=settings, one_at_a_time=True)
    return sweep, run(sweep.workbook, work=0.02)


def test_effects_are_sorted_and_only_those_that_are_there(swept: tuple[Sweep, RunResult]) -> None:
    found = tornado(*swept)
    table = found.table
    for _, rows in table.groupby("figure"):
        assert rows["effect"].is_monotonic_increasing
    assert (table["effect"] == table["highest"] - table["lowest"]).all()
    travel = table[table["figure"] == "travel"]
    assert travel["setting"].tolist() == ["touring.calls_per_tour"]
    assert travel["unit"].tolist() == ["hours"]
    assert travel["highest_at"].tolist() == ["4"]
    # The plan is the same for both margins, so that the difference is the margin's alone.
    money = table[table["figure"] == "contribution"].set_index("setting")
    assert {"money.margin", "money.disruption_loss"} <= set(money.index)
    assert money["effect"].idxmax() == "money.margin"


def test_what_gaps_leave_open_is_left_out(swept: tuple[Sweep, RunResult]) -> None:
    sweep, result = swept
    loose = tuple(
        replace(
            each,
            plan=None,
            territory=replace(
                each.territory,  # type: ignore[type-var]
                stages=tuple(
                    replace(stage, bound=0.0, status=Status.FEASIBLE) for stage in each.stages
                ),
            ),
        )
        for each in result.scenarios
    )
    found = tornado(sweep, replace(result, scenarios=loose))
    assert ("travel", "touring.calls_per_tour") in found.left_out
    assert "travel" not in set(found.table["figure"])


def test_the_command_writes_it(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    arguments = ["sweep", str(file), "money.margin=0.3,0.4", "-o", str(tmp_path / "out")]
    options = ["--one-at-a-time", "--work", "0.002", "--jobs", "1"]
    done = CliRunner().invoke(app, [*arguments, *options])
    assert done.exit_code == 0, done.output
    assert "What each setting moves" in done.stdout
    table = pd.read_csv(tmp_path / "out" / "tornado.csv")
    assert table["setting"].tolist() == ["money.margin"]
    assert table["figure"].tolist() == ["contribution"]
