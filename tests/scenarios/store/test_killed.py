"""A run that is killed at any moment leaves a folder that the next run completes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from teig.models import BadInput, Plan
from teig.scenarios import RunResult, load, measure
from teig.scenarios.store import check_folder, write_run

from tests.scenarios.starter import starter


class Killed(BaseException):
    """The process is no more."""


class Crash:
    """Kills the process at a given step of its work with files: nothing runs after it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        self.left, self.dead = at, False
        self.unlink = Path.unlink
        for owner, name in (
            (Path, "replace"),
            (Path, "unlink"),
            (Path, "mkdir"),
            (Path, "rmdir"),
            (Path, "write_text"),
            (shutil, "rmtree"),
        ):
            monkeypatch.setattr(owner, name, self.step(getattr(owner, name), name))

    def step(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        def wrapped(path: Path, *arguments: Any, **options: Any) -> Any:
            if self.dead:
                raise Killed
            if self.left == 0:
                self.dead = True
                self.half(Path(path), name, arguments)
                raise Killed
            self.left -= 1
            return real(path, *arguments, **options)

        return wrapped

    def half(self, path: Path, name: str, arguments: tuple[Any, ...]) -> None:
        """Do a part of what takes more than one step of the system."""
        if name == "rmtree" and path.is_dir():
            for entry in sorted(path.rglob("*"))[:1]:
                if entry.is_file():
                    self.unlink(entry)
        if name == "write_text":
            with path.open("w", encoding="utf-8") as stream:
                stream.write(str(arguments[0])[:10] if arguments else "")


def contents(folder: Path) -> dict[str, bytes]:
    """Bytes by name; what was written when is left out."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "timing.json"
    }


def test_killed_at_every_step_of_writing(tmp_path: Path) -> None:
    book = load(starter(tmp_path / "plan"))
    plans = {s.name: Plan.incumbent(s.problem) for s in book.scenarios}
    before = measure(book, plans)
    fewer = {name: plan for name, plan in plans.items() if name != "steady"}
    after: RunResult = measure(book, fewer)
    write_run(after, tmp_path / "undisturbed")
    wanted = contents(tmp_path / "undisturbed")
    write_run(before, tmp_path / "old")
    old = contents(tmp_path / "old")
    assert len(old) > len(wanted) > 10
    for step in range(200):
        folder = tmp_path / "out"
        shutil.copytree(tmp_path / "old", folder)
        with pytest.MonkeyPatch.context() as monkeypatch:
            crash = Crash(monkeypatch, step)
            with suppress(Killed):
                write_run(after, folder)
            if not crash.dead:
                break
        check_folder(folder)
        if (folder / "run.json").exists():
            # What says that it is finished is whole: nothing of two runs.
            seen = {n: read for n, read in contents(folder).items() if not n.startswith(".")}
            assert seen in (old, wanted), f"killed at step {step}"
        write_run(after, folder)
        assert contents(folder) == wanted, f"killed at step {step}"
        assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]
        shutil.rmtree(folder)
    assert 20 < step < 200


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="no run of teig"):
        check_folder(tmp_path)


def teig_run(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from teig.scenarios.cli import main; main()"]
    command += ["run", "scenario.yaml", "--work", "0.01", "--jobs", "1"]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_killed_in_mid_run_and_resumed(tmp_path: Path) -> None:
    """By SIGKILL, when the first results are there, then while the outputs are written."""
    undisturbed, folder = tmp_path / "undisturbed", tmp_path / "plan"
    for each in (undisturbed, folder):
        starter(each)
    with teig_run(undisturbed) as process:
        assert process.wait() == 0
    runs = folder / "runs" / "scenario"
    for wanted in (".teig/results/*/result.json", ".writing/comparison.csv"):
        with teig_run(folder) as process:
            while process.poll() is None and not list(runs.glob(wanted)):
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert not (runs / "run.json").exists()
    with teig_run(folder) as process:
        output, _ = process.communicate()
    assert process.returncode == 0
    assert "Computed 0 of 3 scenarios" in output
    assert contents(folder / "runs") == contents(undisturbed / "runs")
