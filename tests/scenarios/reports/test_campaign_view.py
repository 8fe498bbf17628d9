"""Campaigns in the report: totals, full months marked, and nothing of them when shared."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from teig.models import Plan
from teig.scenarios import RunResult, load, measure
from teig.scenarios.audience import SHARED
from teig.scenarios.campaigns.schedule import COLUMNS, LOAD_COLUMNS
from teig.scenarios.campaigns.study import CampaignStudy
from teig.scenarios.reports import render_report
from teig.scenarios.reports.campaign_view import MOST_ROWS, view_campaigns
from teig.scenarios.sharing.redacting import shared_result

from tests.scenarios.campaigns.test_schedule import INCUMBENT, REPS, SCENARIO, UNITS


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    folder = tmp_path_factory.mktemp("campaign_view")
    text = SCENARIO.replace("hours_per_contact: 1.0", "hours_per_contact: 1.5")
    tables = {"units.csv": UNITS, "reps.csv": REPS, "incumbent.csv": INCUMBENT}
    for name, content in {**tables, "scenario.yaml": text}.items():
        (folder / name).write_text(content, encoding="utf-8")
    book = load(folder / "scenario.yaml")
    owners = {name: at for at, name in enumerate(book.base.problem.owners.ids)}
    plan = Plan(np.array([owners["r1"], owners["r1"], owners["r2"], owners["h"]]))
    return measure(book, {"base": plan})


def text_of(html: str) -> str:
    plain = re.sub(r"<[^>]+>", " ", html.partition("<main>")[2])
    return re.sub(r"\s+", " ", plain)


def test_the_report_shows_campaigns_and_full_months(result: RunResult) -> None:
    said = text_of(render_report(result))
    assert "calls phone, 2027-03-01 to 2027-04-30 3 60 30" in said
    # 300 of answers, measured; from 150 to 600.
    assert "300 150 to 600" in said
    assert "In 1 month of a rep with work in a campaign there is more to do" in said
    # 91 of 80 hours in March; away in April.
    assert "r1 114" in said
    assert 'class="off">114' in render_report(result)
    assert "Campaigns −1" in said, "the cost in the money table"


def test_nothing_of_campaigns_without_any_and_when_shared(result: RunResult) -> None:
    assert view_campaigns(None) is None
    bare = replace(result, scenarios=(replace(result["base"], campaigns=None),), incumbent=None)
    assert "<h3>Campaigns</h3>" not in render_report(bare)
    shared = shared_result(result)
    assert shared["base"].campaigns is None
    assert shared["base"].problem.campaigns == ()
    assert not {"campaigns", "campaign_hours"} & set(shared.comparison.columns)
    assert "<h3>Campaigns</h3>" not in render_report(shared, audience=SHARED)


def test_reps_nearest_to_their_hours_come_first() -> None:
    rows = [
        ("field", f"r{at:02}", "2027-03", 100.0, 50.0, 1.0 + at, 51.0 + at, max(at - 49.0, 0.0))
        for at in range(MOST_ROWS + 5)
    ]
    rows.append(("field", "away", "2027-03", 0.0, 0.0, 1.0, 1.0, 1.0))
    rows.append(("field", "free", "2027-03", 100.0, 90.0, 0.0, 90.0, 0.0))
    load_ = pd.DataFrame(rows, columns=list(LOAD_COLUMNS))
    view = view_campaigns(CampaignStudy((), pd.DataFrame(columns=list(COLUMNS)), load_, {}))
    assert view is not None
    assert [each.rep for each in view.reps[:3]] == ["away", "r34", "r33"]
    assert (len(view.reps), view.others, view.peaks) == (MOST_ROWS, 6, 1)
    assert view.reps[0].months[0].use is None
    assert "free" not in {each.rep for each in view.reps}
