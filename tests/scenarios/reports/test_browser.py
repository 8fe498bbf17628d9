"""The page in a real browser, where one is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from teig.scenarios.reports import render_report

from .hand_made import grid_geometry, grid_run

PROBE = """
<script>
window.addEventListener("error", function (event) { document.title = "error: " + event.message; });
</script>
"""
AFTER = """
<script>
(function () {
  function key(name) {
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true}));
  }
  var tab = document.querySelector('[role=tab][aria-selected=true]');
  tab.focus();
  key("Home");
  key("ArrowRight");
  var svg = document.querySelectorAll(".panel.open svg.territories")[1];
  svg.dispatchEvent(new PointerEvent("pointerenter"));
  var unit = svg.querySelector('.hit [data-u="4"]');
  unit.dispatchEvent(new PointerEvent("pointermove", {bubbles: true, clientX: 9, clientY: 9}));
})();
</script>
"""


def dump(page: str, folder: Path) -> str:
    """The page's elements after its scripts have run."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no browser is installed: the page's script was not run")
    file = folder / "report.html"
    file.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=2000", "--dump-dom",
         file.as_uri()],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout.decode("utf-8")


def test_the_switch_works_by_keys_and_figures_follow_the_pointer(tmp_path: Path) -> None:
    page = render_report(grid_run(grid_geometry()))
    page = page.replace("<body>", "<body>" + PROBE).replace("</body>", AFTER + "</body>")
    seen = dump(page, tmp_path)
    assert "<title>error" not in seen
    assert re.search(r'<html lang="en" class="script">', seen)
    opened = re.findall(r'<section class="panel open" id="(\w+)"', seen)
    assert opened == ["s1"]
    selected = re.findall(r'data-panel="(\w+)"[^>]*aria-selected="true"', seen)
    assert selected == ["s1"]
    tip = re.search(r'<div id="tip"[^>]*>([^<]*)</div>', seen)
    assert tip
    assert "Tromsø 5 · 0005" in tip[1]
    assert "owner R02" in tip[1]
    assert "today R03" in tip[1]
    assert "Territory R02" in tip[1]
    assert len(re.findall(r'class="o lit"', seen)) == 1
