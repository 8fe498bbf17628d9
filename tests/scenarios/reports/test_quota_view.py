"""Quotas: sums by level, and the difference to the budget."""

from __future__ import annotations

import pandas as pd
from teig.scenarios.reports.quota_view import view_quotas


def table(rows: list[tuple[str, str | None, str, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["node", "parent", "period", "quota"])
    return frame.assign(level="", product="all", index=frame["quota"] * 0.9, currency="SEK")


ROWS: list[tuple[str, str | None, str, float]] = [
    ("company", None, "Q1", 100.0),
    ("company", None, "Q2", 120.0),
    ("field", "company", "Q1", 100.0),
    ("field", "company", "Q2", 120.0),
    ("R01", "field", "Q1", 60.0),
    ("R01", "field", "Q2", 70.0),
    ("R02", "field", "Q1", 40.0),
    ("R02", "field", "Q2", 50.0),
]


def test_levels_add_up_over_periods() -> None:
    view = view_quotas(table(ROWS), {"R01": 100.0})
    assert view is not None
    assert view.budget == view.carried == 220.0
    assert view.difference == 0.0
    assert [(row.node, row.quota, row.index) for row in view.rows] == [
        ("R01", 130.0, 117.0),
        ("R02", 90.0, 81.0),
    ]
    assert [(roll.parent, roll.own, roll.children) for roll in view.roll_ups] == [
        ("company", 220.0, 1),
        ("field", 220.0, 2),
    ]
    assert view.rows[0].growth is not None
    assert abs(view.rows[0].growth - 0.3) < 1e-9
    assert view.rows[1].growth is None


def test_over_assignment_shows_where_it_is_handed_down() -> None:
    view = view_quotas(table([*ROWS, ("R03", "field", "Q1", 22.0)]), {})
    assert view is not None
    assert view.difference == 22.0
    assert [round(roll.over, 6) for roll in view.roll_ups] == [0.0, 0.1]


def test_no_quotas_no_view() -> None:
    assert view_quotas(table([]), {}) is None
