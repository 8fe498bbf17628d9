"""A real scheduler and real workers on this machine, one of which is killed at work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from teig.scenarios import load, run
from teig.scenarios.cli.app import app
from teig.scenarios.solving import cluster
from typer.testing import CliRunner

from tests.scenarios.starter import starter

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")

WORK = 0.01


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is killed at the end, whatever happens."""
    command = [sys.executable, "-m", "dask", *arguments]
    environment = os.environ | {"DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False"}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as started:
        try:
            yield started
        finally:
            started.kill()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Address of a scheduler with two workers of one thread each, and their processes."""
    file = tmp_path / "scheduler.json"
    local = ("--host", "127.0.0.1", "--no-dashboard")
    with ExitStack() as stack:
        stack.enter_context(
            process("scheduler", *local, "--port", "0", "--scheduler-file", str(file))
        )
        options = ("--scheduler-file", str(file), "--nthreads", "1", "--no-nanny",
                   "--death-timeout", "60")  # fmt: skip
        started = [
            stack.enter_context(
                process("worker", *local, *options, "--local-directory", str(tmp_path / str(n)))
            )
            for n in range(2)
        ]
        deadline = time.monotonic() + 60
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        address = str(json.loads(file.read_text(encoding="utf-8"))["address"])
        yield address, started


def test_a_killed_worker_loses_nothing(
    workers: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    address, processes = workers
    book = load(starter(tmp_path / "plan"))
    with distributed.Client(address, set_as_default=False) as watcher:
        watcher.wait_for_workers(2, timeout=60)
        pids = watcher.run(os.getpid)
        assert sorted(pids.values()) == sorted(each.pid for each in processes)
        killed: list[str] = []

        def kill_a_busy_one() -> None:
            for _ in range(2000):
                busy = sorted(name for name, keys in watcher.processing().items() if keys)
                if busy:
                    victim = next(p for p in processes if p.pid == pids[busy[0]])
                    victim.kill()
                    killed.append(busy[0])
                    return
                time.sleep(0.01)

        killer = threading.Thread(target=kill_a_busy_one)
        with cluster(address) as executor:
            killer.start()
            result = run(book, work=WORK, executor=executor)
            killer.join()
        assert len(killed) == 1
        assert len(watcher.scheduler_info()["workers"]) == 1
    here = run(book, work=WORK)
    assert result.computed == here.computed == {"rebalanced", "steady", "four_reps"}
    assert result.comparison.equals(here.comparison)
    for far, near in zip(result.scenarios, here.scenarios, strict=True):
        assert far.defect == ""
        assert (far.plan, far.stages) == (near.plan, near.stages)


def test_searches_of_one_large_scenario_are_spread(
    workers: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    """Both workers search for one problem, and the plan is that of one process."""
    address, _ = workers
    settings = ("limits.searches=2", "rules.capacity.hard=false")
    book = load(larger(tmp_path / "plan"), scenarios=("rebalanced",), settings=settings)
    with distributed.Client(address, set_as_default=False) as watcher:
        watcher.wait_for_workers(2, timeout=60)
        with cluster(address) as executor:
            spread = run(book, work=WORK / 10, executor=executor)
        called = watcher.run(_calls)
    assert all(count >= 1 for count in called.values())
    here = run(book, work=WORK / 10)
    assert spread.comparison.equals(here.comparison)
    assert spread.scenarios[0].defect == ""
    assert spread.scenarios[0].plan == here.scenarios[0].plan
    assert spread.scenarios[0].stages == here.scenarios[0].stages


def _calls(dask_worker: Any) -> int:
    """Searches that a worker has done."""
    return sum("search_by" in str(key) for key in dask_worker.state.tasks) + sum(
        "search_by" in str(entry) for entry in dask_worker.state.log
    )


def larger(folder: Path) -> Path:
    """The starter with ten copies of its units, a little apart: too large for a proof at once."""
    file = starter(folder)
    for name in ("units.csv", "incumbent.csv"):
        rows = pd.read_csv(folder / name, dtype=str)
        copies = []
        for number in range(10):
            copy = rows.assign(unit=rows["unit"] + f"-{number}")
            if "latitude" in copy:
                shift = 0.02 * number
                copy["latitude"] = (copy["latitude"].astype(float) + shift).astype(str)
                copy["longitude"] = (copy["longitude"].astype(float) - shift).astype(str)
            copies.append(copy)
        pd.concat(copies).to_csv(folder / name, index=False)
    for path in folder.glob("reps*.csv"):
        reps = pd.read_csv(path, dtype=str)
        reps.assign(base=reps["base"] + "-0").to_csv(path, index=False)
    return file


def test_an_address_where_nobody_answers(tmp_path: Path) -> None:
    from teig.scenarios.solving import dask_cluster as connecting

    file = starter(tmp_path / "plan")
    patience, connecting.PATIENCE = connecting.PATIENCE, 1
    try:
        done = CliRunner().invoke(app, ["run", str(file), "--cluster", "tcp://127.0.0.1:9"])
    finally:
        connecting.PATIENCE = patience
    assert done.exit_code == 2
    assert "--cluster: no scheduler answers here" in done.stderr
    assert not (tmp_path / "plan" / "runs").exists()
