"""Two commands do not write to one folder, and a killed one blocks nobody."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from teig.models import BadInput
from teig.scenarios.cli.app import app
from teig.scenarios.store import in_use
from teig.scenarios.store.writing import Outputs, holding
from typer.testing import CliRunner

from tests.scenarios.starter import starter

HOLD = (
    "import sys, time; from pathlib import Path; from teig.scenarios.store import in_use\n"
    "with in_use(Path(sys.argv[1]), 'teig run'):\n"
    "    print('held', flush=True); time.sleep(60)\n"
)


def test_a_second_command_is_told_who_is_at_work(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(BadInput, match=f"teig run, process {other.pid} on .* since 20"),
            in_use(tmp_path, "teig run"),
        ):
            pass
        os.kill(other.pid, signal.SIGKILL)
    assert json.loads((tmp_path / ".teig" / "running.json").read_text())["process"] == other.pid
    with in_use(tmp_path, "teig adopt"):
        holder = json.loads((tmp_path / ".teig" / "running.json").read_text())
        assert (holder["command"], holder["process"]) == ("teig adopt", os.getpid())
    assert not (tmp_path / ".teig" / "running.json").exists()
    assert list(tmp_path.iterdir()) == []


def test_many_who_come_and_go_never_meet_inside(tmp_path: Path) -> None:
    """Each tidies up when it leaves, while the others come."""
    inside, met, entered = [], [], []

    def visit() -> None:
        for _ in range(60):
            try:
                with in_use(tmp_path / "runs", "teig run"):
                    inside.append(1)
                    met.append(len(inside))
                    inside.pop()
                    entered.append(1)
            except BadInput:
                continue

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(visit) for _ in range(4)]:
            each.result()
    assert set(met) == {1}
    assert len(entered) >= 4
    assert list((tmp_path / "runs").iterdir()) == []


def test_outputs_are_held_and_the_lock_goes_with_them(tmp_path: Path) -> None:
    tables = Outputs("comparison", "teig compare", "verdicts.csv", stale=("old_*.csv",))
    place = tmp_path / "compared"

    def some(name: str) -> Callable[[Path], None]:
        def write(staging: Path) -> None:
            (staging / name).write_text("a", encoding="utf-8")
            (staging / tables.mark).write_text("b", encoding="utf-8")

        return write

    with holding(place, tables) as held:
        with pytest.raises(BadInput, match="teig compare, process"), holding(place, tables):
            pass
        held.write(some("old_1.csv"))
    with holding(place, tables) as held:
        held.write(some("old_2.csv"))
    assert sorted(entry.name for entry in place.iterdir()) == ["old_2.csv", "verdicts.csv"]


def test_what_a_killed_command_left_is_no_contents(tmp_path: Path) -> None:
    (tmp_path / ".teig").mkdir()
    (tmp_path / ".teig" / "running.json").write_text("{}", encoding="utf-8")
    tables = Outputs("comparison", "teig compare", "verdicts.csv")
    with holding(tmp_path, tables):
        pass
    (tmp_path / ".teig").mkdir()
    (tmp_path / ".teig" / "results").mkdir()
    with (
        pytest.raises(BadInput, match="contents that are no comparison"),
        holding(tmp_path, tables),
    ):
        pass


def test_a_run_waits_for_nobody(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    folder = tmp_path / "out"
    with in_use(folder, "teig adopt"):
        done = CliRunner().invoke(app, ["run", str(file), "-o", str(folder), "--work", "0.01"])
    assert done.exit_code == 2
    assert f"teig adopt, process {os.getpid()}" in done.stderr
    assert "is writing to this folder" in done.stderr
    assert not (folder / "run.json").exists()


@pytest.mark.parametrize("command", ["compare", "records", "actuals"])
def test_tables_are_not_written_where_another_writes(command: str, tmp_path: Path) -> None:
    file, run, out = starter(tmp_path / "plan"), tmp_path / "run", tmp_path / "out"
    once = ["run", str(file), "-s", "rebalanced", "-o", str(run), "--work", "0.01", "--jobs", "1"]
    assert CliRunner().invoke(app, once).exit_code == 0
    actual = tmp_path / "january.csv"
    actual.write_text("rep,period,hours\nR1,2027-01,110\n", encoding="utf-8")
    more = [str(actual), "-s", "rebalanced"] if command == "actuals" else []
    with in_use(out, "teig run"):
        done = CliRunner().invoke(app, [command, str(run), *more, "-o", str(out)])
    assert done.exit_code == 2
    assert f"teig run, process {os.getpid()}" in done.stderr
    done = CliRunner().invoke(app, [command, str(run), *more, "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert not (out / ".teig").exists()
