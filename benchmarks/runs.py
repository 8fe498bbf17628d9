"""What a re-run, a kill and a second worker cost, on twelve scenarios of the starter.

    python -m benchmarks.runs [--work 0.1] [--kills 10] [--only kills|workers]

Prints a table for docs/benchmarks.md. Fails where the bytes of two runs differ.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psutil
from teig.scenarios import load, run
from teig.scenarios.cli.starter import copy_starter

TWELVE = 12
TOLERANCES = (0.06, 0.08, 0.10, 0.12, 0.14, 0.16)
SHARES = (0.10, 0.15)


def twelve_scenarios(folder: Path) -> Path:
    """A starter with twelve scenarios: tolerances of balance × caps on change."""
    file = copy_starter(folder)
    text = file.read_text(encoding="utf-8")
    head = text[: text.index("overrides:")]
    head = head.replace("tolerance: 0.15", "tolerance: 0.15, price: 1")
    lines = ["scenarios:"]
    for tolerance in TOLERANCES:
        for share in SHARES:
            name = f"within_{round(100 * tolerance):02d}_moving_{round(100 * share):02d}"
            cap = f"{{type: disruption_cap, share: {share}, measure: sales, hard: false}}"
            settings = f"rules.balance_load.tolerance: {tolerance}, rules.stay: {cap}"
            lines.append(f"  {name}: {{set: {{{settings}}}}}")
    file.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def teig(file: Path, *options: str) -> subprocess.Popen[str]:
    """Start ``teig run`` in a process group of its own."""
    command = [sys.executable, "-c", "from teig.scenarios.cli import main; main()", "run"]
    return subprocess.Popen(
        [*command, file.name, *options], cwd=file.parent, stdout=subprocess.PIPE, text=True
    )


def timed(file: Path, *options: str) -> tuple[float, str]:
    """Seconds of a whole run and what it says of what it computed."""
    began = time.perf_counter()
    with teig(file, *options) as process:
        output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(output)
    said = next(line for line in output.splitlines() if line.startswith("Computed"))
    return time.perf_counter() - began, said.split(".")[0].split(":")[0]


def lasting(file: Path) -> dict[str, bytes]:
    """Bytes of a run's files but for those that hold seconds."""
    runs = file.parent / "runs"
    return {
        str(path.relative_to(runs)): path.read_bytes()
        for path in sorted(runs.rglob("*"))
        if path.is_file() and path.name != "timing.json"
    }


def killed(file: Path, options: tuple[str, ...], kills: int, span: float) -> tuple[int, list[str]]:
    """Kill a run at random moments, start it again each time, and let the last one end."""
    moments, struck = random.Random(1), []  # noqa: S311 - moments, not secrets
    while len(struck) < kills:
        known = len(list((file.parent / "runs").rglob("result.json")))
        if known == TWELVE:
            # Nothing is left to be interrupted but the writing, where kills have struck.
            shutil.rmtree(file.parent / "runs")
            known = 0
        process = teig(file, *options)
        # From the first moments on to the end of what is left to do.
        time.sleep(moments.uniform(0.0, span * (1.0 - 0.9 * known / TWELVE)))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
            struck.append(str(len(list((file.parent / "runs").rglob("result.json")))))
        process.communicate()
    timed(file, *options)
    return len(struck), struck


def by_workers(file: Path, workers: int, work: float) -> tuple[float, float, object]:
    """Seconds for all scenarios by warmed-up workers of one thread each, and the table.

    The second figure is the CPU time of the busiest worker: the seconds it takes where
    each worker has a core of its own.
    """
    book = load(file)
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        run(book, work=work / 100, executor=pool)
        processes = [psutil.Process(pid) for pid in pool._processes]  # noqa: SLF001
        before = [process.cpu_times().user for process in processes]
        began = time.perf_counter()
        result = run(book, work=work, executor=pool)
        seconds = time.perf_counter() - began
        after = [process.cpu_times().user for process in processes]
        busiest = max(b - a for a, b in zip(before, after, strict=True))
        return seconds, busiest, result.comparison


def show(*row: str) -> None:
    """Print a line of the table as soon as it is known."""
    print("| " + " | ".join(row) + " |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=float, default=0.1)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--only", choices=("kills", "workers"), help="one part of it")
    arguments = parser.parse_args()
    options = ("--work", str(arguments.work))
    os.environ["NUMBA_NUM_THREADS"] = "1"
    print("| run | wall clock | |\n| --- | ---: | --- |", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        if arguments.only != "workers":
            measure_kills(Path(temporary), options, arguments.kills)
        if arguments.only != "kills":
            measure_workers(twelve_scenarios(Path(temporary) / "workers"), arguments.work)


def measure_kills(folder: Path, options: tuple[str, ...], kills: int) -> None:
    """A run as it is, again, killed and resumed, and with one scenario changed."""
    # The first run ever compiles, and says nothing of the others.
    timed(twelve_scenarios(folder / "compiled"), *options)
    file = twelve_scenarios(folder / "undisturbed")
    cold, said = timed(file, *options)
    show("cold", f"{cold:.1f} s", said)
    wanted = lasting(file)
    warm, said = timed(file, *options)
    show("again, nothing changed", f"{warm:.1f} s", said)
    if lasting(file) != wanted:
        raise SystemExit("a second run gave other bytes")
    resumed = twelve_scenarios(folder / "resumed")
    count, known = killed(resumed, options, kills, cold)
    same = lasting(resumed) == wanted
    show(f"killed {count} times", "–", f"results kept then: {', '.join(known)}")
    show("resumed to the end", "–", "same bytes" if same else "OTHER BYTES")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("tolerance: 0.06", "tolerance: 0.07", 1), encoding="utf-8")
    changed, said = timed(file, *options)
    show("one scenario changed", f"{changed:.1f} s", said)
    if not same:
        raise SystemExit("a resumed run gave other bytes")


def measure_workers(file: Path, work: float) -> None:
    """Twelve scenarios by one worker of one thread, and by two."""
    one, alone, first = by_workers(file, 1, work)
    two, busiest, second = by_workers(file, 2, work)
    alike = "same table" if first.equals(second) else "OTHER TABLE"  # type: ignore[attr-defined]
    show("one worker of one thread", f"{one:.1f} s", f"CPU {alone:.1f} s")
    said = f"CPU of the busier {busiest:.1f} s, {alone / busiest:.2f} × less; {alike}"
    show("two workers of one thread", f"{two:.1f} s", f"{one / two:.2f} ×; {said}")


if __name__ == "__main__":
    main()
