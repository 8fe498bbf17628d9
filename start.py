"""Set teig up on a fresh machine: Python 3.11 or newer is all it needs.

``python3 start.py`` installs teig into ``.venv``, runs the shipped example and
names the report. ``python3 start.py test`` installs what the tests need and
runs every check that a change has to pass.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
EXAMPLE = ROOT / "scenarios" / "examples" / "midwest" / "scenario.yaml"
CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
    ("pytest", "-n", "2"),
)


def program(name: str, *arguments: str) -> int:
    """Run a program of the environment in the repository; its exit status."""
    print("$", name, *arguments, flush=True)
    path = os.pathsep.join((str(PROGRAMS), os.environ.get("PATH", "")))
    environment = {**os.environ, "PATH": path}
    return subprocess.call([PROGRAMS / name, *arguments], cwd=ROOT, env=environment)


def install(*extra: str) -> None:
    """Create the environment once and bring it in line with the pins."""
    if not (PROGRAMS / "python").exists() and not (PROGRAMS / "python.exe").exists():
        venv.create(ENVIRONMENT, with_pip=True)
    pip = ("-m", "pip", "--disable-pip-version-check")
    # --group is newer than the pip that Python 3.11 brings along.
    for arguments in (("--upgrade", "pip>=25.1"), ("-e", ".", *extra)):
        if program("python", *pip, "install", "-q", "-c", "constraints.txt", *arguments):
            raise SystemExit("The installation failed; the lines above say why.")


def main(arguments: list[str]) -> int:
    """Run the example, or with ``test`` every check."""
    if sys.version_info < (3, 11):  # noqa: UP036 - said in words, before anything fails
        raise SystemExit("teig needs Python 3.11 or newer.")
    if arguments == ["test"]:
        install("--group", "test")
        failed = [check[0] for check in CHECKS if program(*check)]
        print("failed: " + ", ".join(failed) if failed else "all checks passed")
        return 1 if failed else 0
    if arguments:
        raise SystemExit(__doc__)
    install()
    return program("teig", "run", str(EXAMPLE.relative_to(ROOT)))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
