"""The comparison with other programs says plainly when the engine has no plan."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command's module; the benchmarks are not installed."""
    if not (ROOT / "benchmarks" / "peers").is_dir():
        pytest.skip("a source distribution has no benchmarks")
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.peers.command")


def market(peers: Any) -> Any:
    edges = np.array([[0, 1], [1, 2], [2, 3]])
    along, bases = np.array([0.0, 0.1, 0.2, 0.3]), np.array([0, 3])
    return peers.Market(tuple("abcd"), along, along, np.ones((2, 4)), edges, bases)


def test_no_plan_is_a_row_that_says_so(
    peers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m-bases.csv").write_text("territory,unit\nR1,a\nR2,d\n")
    (tmp_path / "m.csv").write_text("unit,territory,share\n")
    here = market(peers)
    rows: list[dict[str, str]] = []
    field = peers.read_owners(here, Path("m"), tmp_path)
    assert field is None
    asked = peers.Found(np.array([0, 0, 1, 1]), 1.0)
    monkeypatch.setattr(peers, "ask", lambda *_: (asked, 2.0, ""))
    peers.compare(here, field, 9.0, 8.0, 1, ["highs"], rows.append, free=False)
    assert rows[0] == {
        "program": "teig", "task": "the field problem", "goal": "kilometres", "seconds": "9.0",
        "note": "no plan within 8 s",
    }  # fmt: skip
    assert rows[1]["program"] == "highs"
    assert float(rows[1]["value"]) > 0
    assert "ours" not in rows[1]


def test_a_plan_is_compared(peers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m-bases.csv").write_text("territory,unit\nR1,a\nR2,d\n")
    (tmp_path / "m.csv").write_text("unit,territory,share\nd,R2,1\na,R1,1\nb,R1,1\nc,R2,1\n")
    here = market(peers)
    rows: list[dict[str, str]] = []
    field = peers.read_owners(here, Path("m"), tmp_path)
    assert field.tolist() == [0, 0, 1, 1]
    asked = peers.Found(np.array([0, 1, 1, 1]), None)
    monkeypatch.setattr(peers, "ask", lambda *_: (asked, 2.0, ""))
    peers.compare(here, field, 9.0, 8.0, 1, ["highs"], rows.append, free=False)
    assert rows[0]["note"] == ""
    assert float(rows[1]["ratio"]) < 1.0
