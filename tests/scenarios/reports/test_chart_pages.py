"""Pages of fronts and sweeps: what is drawn, and what stands in the tables."""

from __future__ import annotations

import json
import re
from typing import Any

import pandas as pd
from teig.scenarios.reports.front_page import render_front
from teig.scenarios.reports.sweep_page import render_sweep

TWO = ("travel_hours", "disruption:sales")
POINTS = [
    # point, travel, sales moved, limit, bound, dominated
    (1, 100.0, 3_000_000.0, None, 98.0, False),
    (2, 130.0, 1_000_000.0, 1_500_000.0, 130.0, False),
    (3, 140.0, 1_200_000.0, 1_400_000.0, 120.0, True),
    (4, 200.0, 0.0, 0.0, None, False),
]


def front(points: list[tuple[Any, ...]] = POINTS) -> pd.DataFrame:
    rows = [
        {
            "point": point, "travel_hours": travel, "travel_hours_unit": "hours",
            "disruption:sales": moved, "disruption:sales_unit": "USD/year",
            "disruption:sales_limit": limit, "bound": bound,
            "gap": None if bound is None else 1.0 - bound / travel,
            "status": "optimal" if bound == travel else "feasible",
            "dominated": dominated, "units_moved": point,
        }
        for point, travel, moved, limit, bound, dominated in points
    ]  # fmt: skip
    return pd.DataFrame(rows)


def missed() -> pd.DataFrame:
    return pd.DataFrame([(500_000.0, "infeasible")], columns=["disruption:sales_limit", "status"])


def drawn(page: str) -> list[dict[str, Any]]:
    """Traces of the page's first chart."""
    start = page.index('"chart0",', page.index("Plotly.newPlot")) + len('"chart0",')
    traces, _ = json.JSONDecoder().raw_decode(page[start:].lstrip())
    assert isinstance(traces, list)
    return traces


def texts(page: str) -> str:
    return re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.S).replace(
        "\u202f", " "
    )


def test_a_front_shows_points_bounds_and_who_is_beaten() -> None:
    page = render_front("base", TWO, front(), missed())
    standing, beaten = drawn(page)
    assert standing["text"] == ["4", "2", "1"]
    assert standing["error_y"]["arrayminus"] == [0.0, 0.0, 2.0]
    assert beaten["text"] == ["3"]
    assert (beaten["marker"]["symbol"], beaten["error_y"]["arrayminus"]) == ("x", [20.0])
    text = texts(page)
    assert "3 points that none of the others beats." in text
    assert "travel hours go up by 100 hours (100.0 %), and sales that change hands go from" in text
    assert "Trade-off of travel hours and sales that change hands" in text
    # 30 hours for two million of sales that stay.
    assert "15.0 hours per million USD/year" in text
    assert "beaten by another" in text
    assert "Limits without a plan" in text and "500 000" in text


def test_three_terms_are_shown_two_by_two() -> None:
    table = front().assign(nights=[4.0, 3.0, 3.0, 1.0], nights_unit="nights")
    table["nights_limit"] = None
    page = render_front("base", (*TWO, "nights"), table, missed().iloc[:0])
    traces = drawn(page)
    assert len(traces) == 6
    assert sum(bool(trace["showlegend"]) for trace in traces) == 2
    assert "per million" not in texts(page)
    assert "Limits without a plan" not in texts(page)


def test_a_front_without_a_point_says_so() -> None:
    page = render_front("base", TWO, front([]), missed())
    assert "No point was found." in texts(page)
    assert "Plotly.newPlot" not in page


def sweep() -> pd.DataFrame:
    values = [("0.1", "0.3"), ("0.2", "0.3"), ("0.1", "0.4"), ("0.2", "0.4")]
    return pd.DataFrame(
        {
            "scenario": [f"tolerance {a} margin {b}" for a, b in values],
            "rules.fair.tolerance": [a for a, _ in values],
            "money.margin": [b for _, b in values],
            "status": "optimal",
            "gap": [0.0, 0.01, None, 0.0],
            "contribution": [1.0e6, 1.1e6, 1.4e6, None],
            "contribution_bound": [1.2e6, 1.2e6, 1.5e6, None],
            "travel_hours": [100.0, 90.0, 100.0, None],
        }
    )


def test_a_sweep_draws_a_line_per_value_of_the_second_setting() -> None:
    page = render_sweep("Grid", ["rules.fair.tolerance", "money.margin"], sweep(), "USD")
    lines = [trace for trace in drawn(page) if "markers" in trace["mode"]]
    assert [line["name"] for line in lines] == ["money.margin 0.3", "money.margin 0.4"] * 2
    assert lines[0]["x"] == [0.1, 0.2]
    assert lines[0]["y"] == [1.0e6, 1.1e6]
    assert len({line["marker"]["symbol"] for line in lines}) == 2
    assert "3 of 4 points have a plan." in texts(page)
    assert "Most is contributed at tolerance 0.1 margin 0.4, 1 400 000 USD/year" in texts(page)
    assert "Contribution, USD/year" in texts(page)


def test_settings_varied_alone_are_bars() -> None:
    effects = pd.DataFrame(
        [
            ("contribution", "USD/year", "money.margin", "0.3", 1.0, "0.4", 3.0, 2.0),
            ("contribution", "USD/year", "seed", "1", 1.0, "2", 1.5, 0.5),
        ],
        columns=["figure", "unit", "setting", "lowest_at", "lowest", "highest_at", "highest",
                 "effect"],
    )  # fmt: skip
    page = render_sweep("Grid", ["money.margin", "seed"], sweep().assign(seed="1"), "USD", effects)
    (bars,) = drawn(page)
    assert bars["y"] == ["seed", "money.margin"]
    assert bars["text"] == ["1 – 2", "0.3 – 0.4"]
    assert "Contribution is moved most by money.margin: 1 USD/year at 0.3, 3 at 0.4." in texts(page)
    assert "money.margin and seed move what plans reach." in texts(page)
    more = sweep().assign(**{"a.b": "1"})
    only = render_sweep("Grid", ["money.margin", "a.b"], more, "USD", effects.iloc[:1])
    assert "money.margin moves what plans reach; of a.b no effect can be told." in texts(only)
    assert (bars["base"], bars["x"]) == ([1.0, 1.0], [0.5, 2.0])


def test_pages_are_the_same_bytes_and_need_no_network() -> None:
    page = render_front("base", TWO, front(), missed())
    assert page == render_front("base", TWO, front(), missed())
    assert len(page) < 6_000_000
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.S)
    assert "http" not in markup
    assert not re.search(r"<script[^>]+src=", page)
