"""What the documents show runs: Python blocks, the scenario file, links, commands."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from teig.scenarios import load
from teig.scenarios.cli.starter import copy_starter

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("scenarios/**/*.md")]
)


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )


def executed(path: Path) -> tuple[dict[str, object], str]:
    """Run a document's Python blocks one after the other; their names and what they print."""
    names: dict[str, object] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for block in blocks(path, "python"):
            exec(compile(block, str(path), "exec"), names)  # noqa: S102 - our own document
    return names, printed.getvalue()


def test_the_readmes_library_call_runs() -> None:
    _, printed = executed(ROOT / "README.md")
    assert printed.startswith("optimal")
    shared = [line.split() for line in printed.splitlines() if "Oslo" in line]
    assert sorted(line[2] for line in shared) == ["Ada", "Cy"]
    quotas = dict(re.findall(r"\d\s+(\w+)\s+(\d+)\s", printed.split("quota")[1]))
    assert quotas["company"] == "600"
    assert sum(int(quotas[rep]) for rep in ("Ada", "Bo", "Cy")) == 600


def test_the_library_guides_blocks_run() -> None:
    names, _ = executed(ROOT / "docs" / "library-guide.md")
    assert {"book", "problem", "today"} <= set(names)


def test_the_blocks_on_pay_run() -> None:
    names, _ = executed(ROOT / "docs" / "pay-and-letters.md")
    assert {"quotas", "simulated"} <= set(names)


def test_the_readmes_scenario_file_loads(tmp_path: Path) -> None:
    file = copy_starter(tmp_path / "plan")
    (block,) = blocks(ROOT / "README.md", "yaml")
    assert 18 <= len(block.splitlines()) <= 24
    file.write_text(block, encoding="utf-8")
    assert [scenario.name for scenario in load(file).scenarios] == ["rebalanced", "steady"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (path.parent / target).exists(), target


def test_the_picture_is_small() -> None:
    assert (ROOT / "docs" / "images" / "midwest.png").stat().st_size < 300_000
