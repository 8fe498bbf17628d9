"""Two commands do not write to one folder, and a killed one blocks nobody."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from teig.models import BadInput
from teig.scenarios.cli.app import app
from teig.scenarios.store import in_use
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


def test_a_run_waits_for_nobody(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    folder = tmp_path / "out"
    with in_use(folder, "teig adopt"):
        done = CliRunner().invoke(app, ["run", str(file), "-o", str(folder), "--work", "0.01"])
    assert done.exit_code == 2
    assert f"teig adopt, process {os.getpid()}" in done.stderr
    assert "is writing to this folder" in done.stderr
    assert not (folder / "run.json").exists()
