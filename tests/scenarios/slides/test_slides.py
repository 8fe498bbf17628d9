"""slides.pptx read back by python-pptx."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from pptx.util import Pt
from teig.scenarios.audience import SHARED
from teig.scenarios.reports.answer import answer
from teig.scenarios.reports.figures import all_figures, money_scale
from teig.scenarios.results import AssumptionRange, RunResult, Verdict
from teig.scenarios.slides import write_slides
from teig.scenarios.slides.decisions import decisions

from ..reports.hand_made import (
    PAY,
    grid_geometry,
    grid_problem,
    grid_run,
    make_result,
    make_run,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("slides") / "slides.pptx"
    write_slides(grid_run(grid_geometry()), target)
    return target


def slides(path: Path) -> dict[str, Any]:
    return {slide.shapes.title.text: slide for slide in Presentation(str(path)).slides}


def asked(run: RunResult) -> tuple[str, ...]:
    figures, money = all_figures(run), money_scale(run.rows, run.currency)
    return decisions(run, answer(run, figures, money), figures, money)


def test_the_deck_tells_the_run_in_order(path: Path) -> None:
    titles = list(slides(path))
    run = grid_run()
    verdict = answer(run, all_figures(run), money_scale(run.rows, run.currency))
    assert titles[0] == verdict.headline
    assert titles[1] == "Side by side"
    assert titles[2].startswith("rebalanced: 2 units, ")
    assert titles[3].startswith("house & co: 1 units, ")
    assert titles[-3:] == ["Money", "Decisions for this meeting", "What this rests on"]


def test_every_slide_has_notes_and_large_letters(path: Path) -> None:
    for title, slide in slides(path).items():
        assert len(slide.notes_slide.notes_text_frame.text) > 30, title
        for shape in slide.shapes:
            if shape.has_text_frame and shape.top < Pt(7.0 * 72) and shape.text_frame.text:
                sizes = [run.font.size for p in shape.text_frame.paragraphs for run in p.runs]
                assert min(sizes) >= Pt(14), (title, shape.text_frame.text)


def test_figures_are_the_comparisons_own(path: Path) -> None:
    (table,) = [s.table for s in slides(path)["Side by side"].shapes if s.has_table]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert [row[0] for row in rows] == ["Scenario", "Today", "rebalanced", "house & co"]
    run = grid_run()
    hours = dict(zip(run.comparison["scenario"], run.comparison["travel_hours"], strict=True))
    assert rows[2][5].replace("\u202f", "") == f"{hours['rebalanced']:.0f}"
    assert rows[1][2] == "frozen"


def test_balance_is_a_chart_that_can_be_edited(path: Path) -> None:
    title = next(title for title in slides(path) if title.startswith("Load"))
    (chart,) = [shape.chart for shape in slides(path)[title].shapes if shape.has_chart]
    plot = chart.plots[0]
    run = grid_run()
    lead = answer(run, all_figures(run), money_scale(run.rows, run.currency)).leading
    evaluation = run[str(lead)].evaluation
    assert evaluation is not None
    loads = evaluation.territories.set_index("rep")["utilisation"]
    assert [series.name for series in plot.series] == ["today", lead]
    assert dict(zip(plot.categories, plot.series[1].values, strict=True)) == pytest.approx(
        {rep: loads[rep] for rep in ("R01", "R02", "R03")}
    )


def test_maps_are_shapes_and_hatch_what_moves(path: Path) -> None:
    slide = next(s for title, s in slides(path).items() if title.startswith("rebalanced"))
    today, proposed = [shape for shape in slide.shapes if shape.shape_type == 6]
    names = [[shape.name for shape in group.shapes] for group in (today, proposed)]
    assert "changes hands" not in names[0]
    assert names[1].count("changes hands") == 2
    fills = {s.name: s.fill.fore_color.rgb for s in proposed.shapes if s.name in ("R01", "R02")}
    assert len(set(fills.values())) == 2
    assert "Map of territories" in proposed._element.nvGrpSpPr.cNvPr.get("descr")
    identifiers = [e.get("id") for e in slide.shapes._spTree.iter() if e.tag.endswith("}cNvPr")]
    assert len(identifiers) == len(set(identifiers))


def test_points_are_linked(tmp_path: Path) -> None:
    write_slides(grid_run(), tmp_path / "points.pptx")
    slide = next(
        s for t, s in slides(tmp_path / "points.pptx").items() if t.startswith("rebalanced")
    )
    group = [shape for shape in slide.shapes if shape.shape_type == 6][1]
    links, points = (s for s in group.shapes if s.name == "R02")
    assert "<a:close/>" not in links._element.xml
    assert len(re.findall("<a:moveTo>", links._element.xml)) >= 9
    assert len(re.findall("<a:close/>", points._element.xml)) == 10


def test_many_points_become_squares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("teig.scenarios.slides.maps.MOST_DOTS", 5)
    write_slides(grid_run(), tmp_path / "many.pptx")
    slide = next(s for t, s in slides(tmp_path / "many.pptx").items() if t.startswith("rebalanced"))
    group = [shape for shape in slide.shapes if shape.shape_type == 6][1]
    squares = [s for s in group.shapes if s.name == "R02"]
    assert len(squares) == 1
    assert len(re.findall("<a:moveTo>", squares[0]._element.xml)) == 10


def test_the_same_run_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_slides(grid_run(grid_geometry()), tmp_path / "again.pptx")
    assert (tmp_path / "again.pptx").read_bytes() == path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")
        assert any(name.endswith(".xlsx") for name in archive.namelist())


def test_pay_of_single_people_is_not_in_it(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        text = b"".join(archive.read(name) for name in archive.namelist())
    assert str(round(PAY)).encode() not in text
    assert b"93" + "\u202f".encode() + b"471" not in text


def test_a_run_without_a_plan_asks_what_gives_way(tmp_path: Path) -> None:
    failed = make_result("too few", grid_problem(), None)
    run = make_run("none", None, [failed], [Verdict("a", "b", "objective", None, "no plan")])
    write_slides(run, tmp_path / "none.pptx")
    assert "No scenario has a plan." in slides(tmp_path / "none.pptx")
    assert asked(run) == ("Which demand gives way? No scenario has a plan.",)


def test_questions_follow_from_the_figures() -> None:
    run = grid_run()
    turning = AssumptionRange(
        "money.margin", 0.3, "share", True, "house & co", 0.25, 0.6, 0.15, 0.6, "margin of sales"
    )
    lead = answer(run, all_figures(run), money_scale(run.rows, run.currency)).leading
    questions = asked(replace(run, assumptions=(replace(turning, winner=str(lead)),)))
    assert questions[0] in (
        "house & co or rebalanced? The figures cannot tell; what else counts?",
        "rebalanced or house & co? The figures cannot tell; what else counts?",
    )
    assert "When do we fill the vacant position R03?" in questions
    assert "Who measures this: margin of sales? It can turn the order." in questions
    assert any(text.startswith("Who relieves R") for text in questions)


def test_the_foot_says_whom_it_is_for(tmp_path: Path) -> None:
    write_slides(grid_run(), tmp_path / "shared.pptx", audience=SHARED)
    for slide in Presentation(str(tmp_path / "shared.pptx")).slides:
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        assert any(f"for {SHARED.name}" in text for text in texts)
