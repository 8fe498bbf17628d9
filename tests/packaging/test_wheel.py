"""The wheel ships every tracked file, takes no generic name and works beside a host's own models."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("models", "optimizer", "scenarios")

HOST = """
import sys
import models                      # the host's own
assert models.OWNER == "the host", models
import teig.models, teig.optimizer, teig.scenarios
assert teig.models.Problem.__module__ == "teig.models.problem"
assert models.OWNER == "the host"
generic = {"optimizer", "scenarios", "tests", "benchmarks"} & set(sys.modules)
assert not generic, generic
assert "site-packages" in teig.models.__file__ or "wheel" in teig.models.__file__
print("teig and the host's models live side by side")
"""


def tracked() -> set[str]:
    """Files of the three folders that git tracks."""
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout: what is tracked is unknown")
    return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel made from it, as a release is made."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return out


def test_the_wheel_ships_every_tracked_file(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        shipped = set(wheel.namelist())
    expected = {f"teig/{name}" for name in tracked()}
    assert len(expected) > 30
    assert expected - shipped == set()
    tops = {name.split("/")[0] for name in shipped}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"teig"}


def test_the_sdist_holds_what_the_wheel_is_made_of(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.split("/", 1)[1] for name in sdist.getnames() if "/" in name}
    assert tracked() - names == set()


def test_a_host_with_its_own_models_uses_teig_beside_it(built: Path, tmp_path: Path) -> None:
    environment = tmp_path / "host"
    venv.create(environment, system_site_packages=False, with_pip=False, symlinks=True)
    site = next(environment.glob("lib/python*/site-packages"), environment / "Lib/site-packages")
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    # What teig depends on is borrowed from this environment; teig itself is the wheel's.
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "__init__.py").write_text('OWNER = "the host"\n')
    (tmp_path / "service.py").write_text(HOST)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    answer = subprocess.run(
        [python, "service.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(site), *borrowed])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "side by side" in answer.stdout
