"""Compiled code that is kept on disk goes stale with all that it builds on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from teig.optimizer.territories import staleness
from teig.optimizer.territories.prices import ascent

PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
import teig.optimizer.territories.staleness as staleness
staleness._OPTIMIZER = "kernels"
from kernels.outside import total
print(total(2.0))
"""


def test_a_kernel_knows_the_modules_under_it() -> None:
    root = Path(str(ascent.__file__)).parents[2]
    files = {path.relative_to(root).as_posix() for path in staleness.source_files(ascent.__name__)}
    assert "territories/prices/ascent.py" in files
    assert "territories/prices/relaxation.py" in files
    assert "territories/tables/arrays.py" in files
    assert len(files) < 40


def test_a_change_of_what_is_called_is_not_missed(tmp_path: Path) -> None:
    package = tmp_path / "kernels"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    start = "from teig.optimizer.territories.compiled import compiled, inner\n"
    (package / "outside.py").write_text(
        start + "from .inside import part\n\n@compiled\ndef total(x):\n    return 1.0 + part(x)\n",
        encoding="utf-8",
    )
    answers = []
    for factor in ("10.0", "10.0", "300.0"):
        (package / "inside.py").write_text(
            start + f"\n@inner\ndef part(x):\n    return {factor} * x\n", encoding="utf-8"
        )
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(folder=str(tmp_path))],
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(float(done.stdout))
        (kept,) = (package / "__pycache__").glob("outside.total-*.nbi")
        assert kept.exists()
    assert answers == [21.0, 21.0, 601.0]
