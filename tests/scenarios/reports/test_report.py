"""The page: offline, well-formed, safe, complete, repeatable, small enough."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from teig.models.plan import Plan
from teig.models.rules import Lock
from teig.scenarios.reports import render_report, write_report
from teig.scenarios.reports.maps import draw_atlas
from teig.scenarios.results import RunResult, Verdict

from ...real_data import county_units, needs
from .hand_made import (
    TeamOf,
    grid_geometry,
    grid_problem,
    grid_reps,
    grid_run,
    grid_units,
    make_problem,
    make_result,
    make_run,
)

VOID = {"meta", "link", "br", "input", "hr", "img"}


class WellFormed(HTMLParser):
    """Counts elements and remembers what does not nest."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self._note(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self._note(attrs)

    def _note(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("src", "href", "xlink:href", "action", "data", "poster") and value:
                (self.links if value.startswith("#") else self.addresses).append(value)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: str) -> WellFormed:
    reader = WellFormed()
    reader.feed(page)
    reader.close()
    return reader


def embedded(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page, re.S)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


@pytest.fixture(scope="module")
def page() -> str:
    return render_report(grid_run(grid_geometry()))


def test_the_page_is_well_formed_and_its_links_lead_somewhere(page: str) -> None:
    reader = read(page)
    assert reader.faults == []
    assert reader.open == []
    assert len(set(reader.ids)) == len(reader.ids) > 10
    assert len(reader.links) > 20
    assert {link[1:] for link in reader.links} <= set(reader.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(reader.ids)


def test_the_page_needs_no_network(page: str) -> None:
    assert read(page).addresses == []
    without_namespace = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"(?i)https?:|//cdn|@import|url\((?!#)", without_namespace)


def test_names_cannot_become_code(page: str) -> None:
    assert "Små teiger &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert page.count("<script") == 2
    assert "house &amp; co" in page


def test_a_unit_cannot_end_the_script_that_holds_it() -> None:
    units = grid_units()
    units["name"] = "</script><img src=x onerror=alert(1)>"
    text = render_report(grid_run(grid_geometry(), units))
    assert text.count("</script>") == 2
    assert "<img" not in text
    names = embedded(text)["names"]
    assert isinstance(names, list)
    assert names[0] == units["name"].iloc[0]


def test_names_of_every_alphabet_arrive(page: str, tmp_path: Path) -> None:
    assert "Tromsø 5" in page
    write_report(grid_run(grid_geometry()), tmp_path / "rapport é.html")
    assert (tmp_path / "rapport é.html").read_bytes().decode("utf-8") == page


def test_every_scenario_has_its_map_and_all_are_in_the_page_for_print(page: str) -> None:
    maps = embedded(page)["maps"]
    assert isinstance(maps, dict)
    assert len(maps) == 3
    for key in maps:
        assert f'<g id="{key}">' in page
    assert len(re.findall(r'class="panel"', page)) == 3
    assert "display:none" not in re.sub(
        r"<style>.*?</style>|<script.*?</script>", "", page, flags=re.S
    )


def test_the_sections_come_in_the_order_of_reading(page: str) -> None:
    headings = [
        'id="answer"', 'id="comparison"', "<h3>Territories</h3>", "<h3>Balance</h3>",
        "What changes hands", "<h3>Quotas</h3>", 'id="money"', 'id="data"',
    ]  # fmt: skip
    places = [page.index(heading) for heading in headings]
    assert all(one < other for one, other in pairwise(places))


def test_the_comparison_begins_with_today_and_marks_no_winner_of_a_tie(page: str) -> None:
    rows = re.findall(r'<tr class="([^"]*)">\s*<th scope="row">([^<]+)', page)
    assert [name.strip() for _, name in rows[:3]] == ["incumbent", "rebalanced", "house &amp; co"]
    assert "winner" not in " ".join(css for css, _ in rows)
    assert re.search("No winner: .*rebalanced.* cannot be told apart.", page)


def test_a_winner_is_marked_where_it_is_proven() -> None:
    run = grid_run(grid_geometry())
    won = make_run(
        "won",
        run.incumbent,
        run.scenarios,
        [Verdict("rebalanced", "house & co", "contribution", "rebalanced", "better")],
    )
    text = render_report(won)
    assert "rebalanced wins." in text
    assert len(re.findall(r'<tr class="[^"]*winner', text)) == 1
    assert text.count('data-first="yes" aria-label="rebalanced"') == 1


def test_pay_of_single_people_is_not_in_the_page(page: str) -> None:
    # Everybody costs 93,471; only the sum of the three may stand there, in thousands.
    assert not re.search("93\\D?471|93\\.5", page)
    assert "−280.4" in page or "−0.28" in page


def test_the_same_run_gives_the_same_bytes(page: str) -> None:
    assert render_report(grid_run(grid_geometry())) == page


def test_quotas_reconcile_in_the_page(page: str) -> None:
    assert page.count("they reconcile, difference 0.") == 2


def test_stages_have_units_and_digits_that_tell(page: str) -> None:
    shown = re.findall(r"travel ([\d.\u202f]+)(?: \(([\d.\u202f]+)\))? hours", page)
    assert len(shown) == 2
    assert all(value != bound for value, bound in shown)


def test_without_polygons_units_are_dots() -> None:
    text = render_report(grid_run(None))
    empty = grid_geometry()
    empty["geometry"] = [shapely.Polygon()] * len(empty)
    assert render_report(grid_run(empty)) == text
    assert 'class="rim"' in text
    assert 'id="land"' not in text
    assert read(text).faults == []


def test_points_of_a_territory_are_linked_along_the_neighbour_graph() -> None:
    run = grid_run(None)
    atlas = draw_atlas(run.rows)
    graph = {
        tuple(sorted(run.rows[0].problem.units.wholes[i] for i in pair))
        for pair in run.rows[0].problem.teams[0].neighbours.pairs.tolist()
    }
    for view in atlas.maps:
        linked = {tuple(sorted(atlas.mesh.units[at] for at in pair)) for pair in view.links}
        owner = {atlas.mesh.units[at]: number for at, number in enumerate(view.owner_of)}
        assert linked == {pair for pair in graph if owner[pair[0]] == owner[pair[1]]}
        drawn = sum(shape.links.count("M") for shape in view.shapes)
        greys = {s.owner for s in view.shapes if s.kind in ("house", "partner", "nobody")}
        assert drawn == sum(view.owners[owner[pair[0]]] not in greys for pair in linked)
    assert sum(len(view.links) for view in atlas.maps) > 20
    with_areas = draw_atlas(grid_run(grid_geometry()).rows)
    assert not any(view.links for view in with_areas.maps)


def test_a_scenario_without_a_plan_says_why() -> None:
    problem = grid_problem()
    run = make_run("one", None, [make_result("too few", problem, None)])
    text = render_report(run)
    assert "No scenario has a plan." in text
    assert "R01 and R02 are locked to the same unit." in text
    assert read(text).faults == []


def colours_of_neighbours(run: RunResult) -> list[tuple[str, str, str]]:
    """Pairs of units that touch, differ in owner, and share a colour; and how many differ."""
    atlas = draw_atlas(run.rows)
    alike, checked = [], 0
    for view in atlas.maps:
        for a, b in atlas.mesh.borders.tolist():
            one, other = view.owner_of[a], view.owner_of[b]
            if -1 in (one, other) or one == other:
                continue
            checked += 1
            first, second = view.owners[one], view.owners[other]
            fills = [atlas.colours[(view.scenario, view.layer, owner)] for owner in (first, second)]
            if fills[0] == fills[1]:
                alike.append((view.scenario, first, second))
    assert checked > 10
    return alike


def test_neighbours_on_a_map_never_share_a_colour() -> None:
    assert colours_of_neighbours(grid_run(grid_geometry())) == []


def test_owners_keep_their_colour_from_map_to_map() -> None:
    atlas = draw_atlas(grid_run(grid_geometry()).rows)
    for rep in ("R01", "R02", "R03"):
        assert len({fill for (_, _, owner), fill in atlas.colours.items() if owner == rep}) == 1


def test_overlays_and_shared_units_and_people_who_left_are_drawn() -> None:
    units = grid_units()
    units.loc[0, "incumbent"] = "R99"
    units["whole"] = units["unit"]
    units["share"] = 1.0
    units.loc[[7, 8], "whole"] = "split"
    units.loc[[7, 8], "unit"] = ["split#1", "split#2"]
    units.loc[[7, 8], "share"] = 0.5
    special = pd.DataFrame(
        {"rep": ["S1"], "latitude": [60.1], "longitude": [10.3], "hours": [1600.0]}
    )
    teams = [
        TeamOf("field", range(24), grid_reps()),
        TeamOf("product", range(12, 24), special, role="product"),
    ]
    problem = make_problem(units, teams)
    owners = [problem.owner_index[r] if r != "R99" else 0 for r in units["incumbent"]]
    plan = Plan(np.array([*owners, *[problem.owner_index["S1"]] * 12]))
    geometry = grid_geometry()
    geometry.loc[7, "unit"] = "split"
    today = make_result("incumbent", problem, Plan.incumbent(problem), geometry)
    run = make_run("split", today, [make_result("overlay", problem, plan, geometry)])
    atlas = draw_atlas(run.rows)
    assert [(view.scenario, view.layer) for view in atlas.maps] == [
        ("incumbent", "primary"), ("incumbent", "product"),
        ("overlay", "primary"), ("overlay", "product"),
    ]  # fmt: skip
    first = atlas.maps[2]
    assert [split.unit for split in first.splits] == ["split"]
    assert list(first.shares.values()) == ["R01 50%, R02 50%"]
    kinds = {shape.owner: shape.kind for shape in atlas.maps[0].shapes}
    assert kinds["R99"] == "left"
    text = render_report(run)
    assert read(text).faults == []
    assert "overlay product" in text


def test_a_team_scattered_among_another_has_a_map_of_its_own() -> None:
    units = grid_units()
    black = [at for at in range(24) if (at % 6 + at // 6) % 2]
    white = [at for at in range(24) if at not in black]
    phone = pd.DataFrame({"rep": ["P1"], "latitude": [60.1], "longitude": [10.3], "hours": [900.0]})

    def layers(first: list[int], second: list[int]) -> list[str]:
        problem = make_problem(
            units, [TeamOf("field", first, grid_reps()), TeamOf("phone", second, phone)]
        )
        covers = problem.covers
        owner = np.where(
            covers.team == 1, problem.owner_index["P1"], np.maximum(covers.incumbent, 0)
        )
        result = make_result("plan", problem, Plan(owner), grid_geometry())
        return [view.title for view in draw_atlas([result]).maps]

    assert layers(white, black) == ["", "team phone"]
    assert layers(list(range(12)), list(range(12, 24))) == [""]


def test_rules_are_said_in_words() -> None:
    problem = grid_problem(rules=(Lock(name="named", owners={"0001": "R01"}),))
    plan = Plan.incumbent(problem)
    text = render_report(make_run("one", None, [make_result("base", problem, plan)]))
    assert "<strong>named</strong> must hold: lock: owners for 1" in text


@pytest.mark.slow
def test_three_thousand_polygons_stay_below_ten_megabytes() -> None:
    folder = needs("us-counties")
    geometry = gpd.read_file(folder / "units.geojson").rename(columns={"id": "unit"})
    units = county_units().assign(workload=50.0, visits=20.0, incumbent="")
    centres = units.iloc[:: len(units) // 40]
    reps = pd.DataFrame(
        {
            "rep": [f"R{n:02d}" for n in range(len(centres))],
            "latitude": centres["latitude"].to_numpy(),
            "longitude": centres["longitude"].to_numpy(),
            "hours": 1_700.0,
        }
    )
    problem = make_problem(units, [TeamOf("field", range(len(units)), reps)])
    nearest = problem.teams[0].kilometres.argmin(axis=1)
    units["incumbent"] = reps["rep"].to_numpy()[nearest]
    problem = make_problem(units, [TeamOf("field", range(len(units)), reps)])
    second = np.argsort(problem.teams[0].kilometres, axis=1)[:, 1]
    plans = [np.where(np.arange(len(units)) % step, nearest, second) for step in (50, 40, 30, 20)]
    scenarios = [make_result(f"plan {n}", problem, Plan(p), geometry) for n, p in enumerate(plans)]
    run = make_run(
        "counties", make_result("incumbent", problem, Plan(nearest), geometry), scenarios
    )
    assert colours_of_neighbours(run) == []
    text = render_report(run)
    assert len(text.encode()) < 10_000_000
    assert read(text).faults == []
