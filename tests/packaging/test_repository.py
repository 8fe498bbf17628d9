"""What no commit may hold, and what a checkout needs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def texts() -> dict[str, str]:
    """Every tracked text file."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout: what is tracked is unknown")
    found = {}
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and not path.is_symlink():
            raw = path.read_bytes()
            if b"\0" not in raw:
                found[name] = raw.decode("utf-8", errors="replace")
    return found


def test_no_file_names_a_registrys_host_or_a_path_of_a_machine() -> None:
    hosts = re.compile(r"(pypi|pythonhosted|npmjs|debian)\.(org|com)|/" + r"work/|/root/")
    guilty = {name for name, text in texts().items() if hosts.search(text)}
    assert guilty - {"tests/packaging/test_repository.py"} == set()


def test_no_file_holds_what_a_merge_left() -> None:
    marks = re.compile(r"^(<{7}|>{7})( |$)", re.MULTILINE)
    assert {name for name, text in texts().items() if marks.search(text)} == set()


def test_pins_are_exact_and_name_every_dependency() -> None:
    pins = (ROOT / "constraints.txt").read_text().split()
    assert len(pins) > 40
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin) for pin in pins)
    pinned = {re.split("==", pin)[0].lower().replace("_", "-") for pin in pins}
    project = (ROOT / "pyproject.toml").read_text()
    named = {
        name.lower().replace("_", "-")
        for name in re.findall(r'^    "([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?>=', project, re.MULTILINE)
    }
    assert len(named) > 20
    assert named - pinned - {"ruamel.yaml", "pyyaml"} <= {"ruamel-yaml"}


def test_the_links_of_the_namespace_are_relative() -> None:
    for name in ("models", "optimizer", "scenarios"):
        link = ROOT / ".namespace" / "teig" / name
        assert link.is_symlink()
        assert str(link.readlink()) == f"../../{name}"
