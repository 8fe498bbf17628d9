"""Sales through time and the back-test, as the report draws them."""

from __future__ import annotations

import pandas as pd
import pytest
from teig.scenarios.reports.history_view import HEIGHT, WIDTH, draw_history, view_history


def sold(amounts: list[float], in_a_year: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"period": [f"p{at}" for at in range(len(amounts))], "sales": amounts,
         "in_a_year": in_a_year}
    )  # fmt: skip


def places(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]


def test_a_line_through_time_and_what_is_expected() -> None:
    # Two half-years a year; the plan is one year, so each half has half of it.
    view = draw_history(sold([60.0, 80.0, 70.0, 90.0], 2), [200.0], 160.0)
    line, ahead = places(view.sold), places(view.expected)
    assert [x for x, _ in line] == pytest.approx([0.0, 128.0, 256.0, 384.0])
    assert ahead[0] == line[-1]
    assert ahead[-1][0] == WIDTH
    assert view.top == pytest.approx(105.0)
    assert line[0][1] == pytest.approx(HEIGHT * (1.0 - 60.0 / 105.0), abs=0.06)
    assert ahead[1][1] == ahead[2][1] == pytest.approx(HEIGHT * (1.0 - 100.0 / 105.0), abs=0.06)
    assert view.growth == pytest.approx(0.25)
    assert (view.first, view.last, view.methods) == ("p0", "p3", ())


def test_periods_that_do_not_fit_are_not_drawn() -> None:
    view = draw_history(sold([1.0, 2.0, 3.0, 4.0], 4), [5.0, 5.0, 5.0], 10.0)
    assert view.expected == ""
    assert places(view.sold)[-1][0] == WIDTH


def test_methods_stand_best_first() -> None:
    summary = pd.DataFrame(
        [("blend", 0.02, 0.9, True), ("uniform_growth", 0.05, 0.5, False)],
        columns=["method", "absolute_error", "within_20", "as_good"],
    )
    view = draw_history(sold([1.0, 2.0], 1), [2.5], 2.0, summary)
    assert [(row.name, row.is_best, row.as_good) for row in view.methods] == [
        ("blend", True, True),
        ("uniform growth", False, False),
    ]
    assert view.worst_error == 0.05


def test_without_a_history_nothing_is_drawn() -> None:
    assert view_history(None) is None
