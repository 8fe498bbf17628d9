"""Problems from data frames: people, loads, teams, alignment, and every fault at once."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from teig.models import (
    BadInput,
    OwnerKind,
    Places,
    Plan,
    Problem,
    Ramp,
    TeamSpec,
    WorkCalendar,
    build_problem,
    evaluate,
    split_large,
    travel_digest,
)
from teig.models.arrays import FloatArray
from teig.models.errors import InputProblem
from teig.models.rules import Balance, Lock

Date = dt.date
CALENDAR = WorkCalendar.of_year(2027, leave_days=20, administration=0.0)


class Line:
    """Travel at 60 km/h along a straight line of latitudes, a degree is 100 km."""

    def times(self, bases: Places, units: Places) -> tuple[FloatArray, FloatArray]:
        km = np.abs(units.latitude[:, None] - bases.latitude[None, :]) * 100.0
        return km, km

    def check(self, bases: Places, units: Places) -> tuple[InputProblem, ...]:
        del bases, units
        return ()


def units(**columns: Any) -> pd.DataFrame:
    """Four units on a line, with 100 hours and 50 visits each."""
    return pd.DataFrame(
        {
            "unit": ["01", "02", "03", "04"],
            "latitude": [60.0, 61.0, 62.0, 63.0],
            "longitude": [10.0] * 4,
            "potential": [40.0, 30.0, 20.0, 10.0],
            "sales": [8.0, 6.0, 4.0, 2.0],
            "segment": ["key", "general", "general", "general"],
            "workload_hours": [100.0] * 4,
            "visits": [50.0] * 4,
            **columns,
        }
    )


def reps(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"rep": ["R1", "R2"], "base": ["01", "04"], **columns})


def build(unit_rows: Any = None, rep_rows: Any = None, **settings: Any) -> Problem:
    given: dict[str, Any] = {"calendar": CALENDAR, "travel": Line(), "currency": "NOK", **settings}
    return build_problem(
        units() if unit_rows is None else unit_rows,
        reps() if rep_rows is None else rep_rows,
        **given,
    )


def faults(unit_rows: Any = None, rep_rows: Any = None, **settings: Any) -> list[str]:
    with pytest.raises(BadInput) as error:
        build(unit_rows, rep_rows, **settings)
    return [str(problem) for problem in error.value.problems]


def test_a_plain_problem() -> None:
    problem = build()
    assert [team.name for team in problem.teams] == ["field"]
    assert problem.units.ids == ("01", "02", "03", "04")
    assert problem.units.names == problem.units.ids
    assert problem.teams[0].minutes.tolist() == [[0, 300], [100, 200], [200, 100], [300, 0]]
    assert problem.teams[0].neighbours.pairs.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert problem.covers.workload.tolist() == [100.0] * 4
    assert problem.covers.measures["accounts"].tolist() == [1.0] * 4
    assert problem.owners.hours.tolist() == [(261 - 20) * 8.0] * 2
    assert problem.owners.kinds == (OwnerKind.REP,) * 2
    assert [stage.name for stage in problem.objective.stages] == ["travel", "disruption"]
    assert problem.notes == ()
    assert (problem.covers.incumbent == -1).all()


def test_loads_are_the_plan_periods_and_money_is_a_years() -> None:
    half = WorkCalendar(Date(2027, 1, 1), Date(2027, 6, 30), leave_days=20)
    problem = build(calendar=half)
    assert problem.covers.workload.tolist() == [50.0] * 4
    assert problem.covers.visits.tolist() == [25.0] * 4
    assert problem.covers.measures["sales"].tolist() == [8.0, 6.0, 4.0, 2.0]


def test_people_with_dates_leaves_ramp_and_cost() -> None:
    roster = pd.DataFrame(
        {
            "rep": ["full", "part", "leave", "late", "vacant", "gone", "home"],
            "base": ["01", "02", "03", "04", "01", "01", None],
            "kind": ["rep", "rep", "rep", "rep", "vacancy", "rep", "house"],
            "full_time": [1.0, 0.6, 1.0, 1.0, 1.0, 1.0, 1.0],
            "leave_from": [None, None, "2027-01-01", None, None, None, None],
            "leave_to": [None, None, "2027-06-30", None, None, None, None],
            "valid_from": [None, None, None, "2027-07-01", "2027-07-01", None, None],
            "valid_to": [None, None, None, None, None, "2026-12-31", None],
            "hired": [None, None, None, "2027-07-01", None, None, None],
            "cost": [100.0, 60.0, 100.0, 100.0, 90.0, 100.0, 0.0],
            "currency": [None, None, None, "SEK", None, None, None],
            "skills": ["icu;dental", "", "", "", "", "", ""],
            "takes": [None] * 6 + ["segment == 'key'"],
        }
    )
    names = pd.DataFrame({"rep": ["full"], "name": ["Kari"]})
    leaves = pd.DataFrame({"rep": ["part"], "from": [Date(2027, 7, 1)], "to": [Date(2027, 7, 31)]})
    problem = build(
        None, roster, names=names, leaves=leaves, rates={"SEK": 0.5}, ramp=Ramp((0.0,) * 3)
    )
    owners = problem.owners
    assert owners.ids == ("full", "part", "leave", "late", "vacant", "home")
    hours = dict(zip(owners.ids, owners.hours.tolist(), strict=True))
    first_half = np.busday_count("2027-01-01", "2027-07-01")
    days = 261
    whole = (days - 20) * 8.0
    assert owners.full_time_hours.tolist() == [whole] * 5 + [0.0]
    assert hours["full"] == whole
    assert hours["part"] == pytest.approx(0.6 * whole * (days - 22) / days)
    assert hours["leave"] == pytest.approx(whole * (days - first_half) / days)
    assert hours["late"] == hours["vacant"] == hours["leave"]
    assert hours["home"] == 0.0
    productivity = dict(zip(owners.ids, owners.productivity.tolist(), strict=True))
    assert productivity["late"] == productivity["vacant"] == pytest.approx(92 / 184)
    assert productivity["full"] == 1.0
    assert owners.cost.tolist() == [100.0, 60.0, 100.0, 50.0, 90.0, 0.0]
    assert owners.names[0] == "Kari"
    assert owners.skills[0] == {"icu", "dental"}
    assert owners.opens.tolist() == [True] * 5 + [False]
    (lock,) = problem.rules
    assert isinstance(lock, Lock)
    assert (lock.name, dict(lock.owners)) == ("takes_home", {"01": "home"})
    assert any("not there in the plan period" in note and "gone" in note for note in problem.notes)


def test_parts_share_everything_and_incumbents_get_theirs_by_largest_remainder() -> None:
    incumbent = pd.DataFrame(
        {
            "unit": ["01", "01", "02", "03", "03"],
            "rep": ["R1", "R2", "R2", "R1", "R2"],
            "share": [0.5, 0.3, None, 0.4, 0.6],
            "since": ["2025-01-01", None, None, None, "2026-01-01"],
        }
    )
    problem = build(units(parts=[5, 1, 1, 1]), incumbent=incumbent)
    assert problem.units.ids[:6] == ("01#1", "01#2", "01#3", "01#4", "01#5", "02")
    assert problem.units.wholes[:6] == ("01",) * 5 + ("02",)
    assert problem.units.shares[:6].tolist() == [0.2] * 5 + [1.0]
    for name in ("potential", "sales", "accounts"):
        whole = problem.covers.measures[name][:5]
        assert whole.sum() == pytest.approx({"potential": 40, "sales": 8, "accounts": 1}[name])
    assert problem.covers.workload[:5].tolist() == [20.0] * 5
    # 0.5, 0.3 and nobody's 0.2 of five parts are 2.5, 1.5 and 1.
    assert problem.covers.incumbent.tolist() == [0, 0, 0, 1, -1, 1, 1, -1]
    assert problem.covers.tenure[:6].tolist() == pytest.approx([2.0] * 3 + [0.0] * 3, abs=0.01)
    assert problem.covers.tenure[6] == pytest.approx(1.0, abs=0.01)
    kinds = problem.teams[0].neighbours.kinds
    assert kinds.count("part") == 10
    assert evaluate(problem, Plan.incumbent(problem)).violations


def test_teams_roles_standards_and_shares() -> None:
    standards = pd.DataFrame(
        {
            "standard": ["field", "field", "field", "special"],
            "class": ["A", "A", "B", "A"],
            "channel": ["field", "phone", "phone", "field"],
            "calls_per_year": [10.0, 20.0, 4.0, 2.0],
            "hours_per_call": [1.0, 0.5, 0.25, 2.0],
        }
    )
    market = units(accounts=[2, 1, 1, 3], beds=[5.0, 6.0, 7.0, 8.0])
    market["class"] = ["A", "A", "B", "A"]
    market["device_sales"] = [1.0, 2.0, 3.0, 4.0]
    market = market.drop(columns=["workload_hours", "visits"])
    roster = pd.DataFrame(
        {
            "rep": ["F1", "P1", "S1"],
            "base": ["02", None, "04"],
            "team": ["outside", "inside", "special"],
        }
    )
    teams = [
        TeamSpec("outside", covers="segment == 'general'", standard="field"),
        TeamSpec("inside", covers="segment == 'key'", channels=("phone",), standard="field"),
        TeamSpec(
            "special", role="overlay", covers="unit in ['01', '04']", standard="special",
            potential=0.25, sales="device_sales", credit="double",
        ),
    ]  # fmt: skip
    incumbent = pd.DataFrame(
        {"unit": ["01", "01", "02"], "rep": ["F1", "S1", "F1"], "share": [None] * 3}
    )
    problem = build(market, roster, teams=teams, standards=standards, incumbent=incumbent)
    outside, inside, special = problem.teams
    names = [problem.units.ids[unit] for unit in problem.covers.unit]
    assert names == ["02", "03", "04", "01", "01", "04"]
    assert problem.covers.workload.tolist() == [20.0, 1.0, 60.0, 20.0, 8.0, 12.0]
    assert problem.covers.visits.tolist() == [10.0, 0.0, 30.0, 0.0, 4.0, 6.0]
    assert problem.covers.measures["potential"].tolist() == [30, 20, 10, 40, 10, 2.5]
    assert problem.covers.measures["sales"].tolist() == [6, 4, 2, 8, 1, 4]
    assert problem.covers.measures["beds"].tolist() == [6, 7, 8, 5, 5, 8]
    assert inside.minutes.tolist() == [[0.0]]
    assert (outside.role, special.role, special.credit) == ("primary", "overlay", "double")
    # Unit 01 has moved to another team: today's owner is of a team that does not have it.
    assert problem.covers.incumbent.tolist() == [0, -1, -1, 0, 2, -1]
    assert special.neighbours.kinds == ("point",)


def test_a_unit_that_another_team_takes_over_still_has_its_incumbent() -> None:
    incumbent = pd.DataFrame({"unit": ["01", "02"], "rep": ["R1", "R1"], "team": ["a", "a"]})
    teams = [
        TeamSpec("a", covers="segment == 'general'", reps="rep == 'R1'"),
        TeamSpec("b", covers="segment == 'key'", reps="rep == 'R2'"),
    ]
    problem = build(None, None, teams=teams, incumbent=incumbent)
    names = [problem.units.ids[unit] for unit in problem.covers.unit]
    assert names == ["02", "03", "04", "01"]
    assert problem.covers.incumbent.tolist() == [0, -1, -1, 0]
    assert not any("do not cover" in note for note in problem.notes)


def test_an_account_table_beside_areas() -> None:
    areas = gpd.GeoDataFrame(
        units().drop(columns=["latitude", "longitude"]),
        geometry=[shapely.box(10, 60 + i, 11, 61 + i) for i in range(4)],
        crs="EPSG:4326",
    )
    accounts = pd.DataFrame(
        {
            "unit": ["K1", "K2"], "latitude": [60.5, 62.5], "longitude": [10.5, 10.5],
            "potential": [5.0, 5.0], "sales": [1.0, 1.0], "parent": ["K", "K"],
            "workload_hours": [10.0, 10.0], "visits": [5.0, 5.0],
        }
    )  # fmt: skip
    problem = build([areas, accounts], reps())
    assert problem.units.ids == ("01", "02", "03", "04", "K1", "K2")
    assert problem.units.latitude[0] == pytest.approx(60.5, abs=0.01)
    assert problem.units.parents.tolist() == [-1] * 4 + [0, 0]
    assert problem.covers.measures["accounts"].tolist() == [1.0] * 6
    kinds = problem.teams[0].neighbours.kinds
    assert kinds.count("border") == 3
    assert kinds.count("point") == 2 + 3


def test_ids_that_lost_their_zeros_are_found_and_noted() -> None:
    incumbent = pd.DataFrame({"unit": [1, 2], "rep": ["R1", "R2"]})
    problem = build(incumbent=incumbent)
    assert problem.covers.incumbent.tolist() == [0, 1, -1, -1]
    assert "incumbent: 2 unit ids lacked leading zeros and were repaired, 1 as 01" in problem.notes
    ambiguous = units(unit=["1", "01", "03", "04"])
    assert faults(
        ambiguous, reps(base=["03", "04"]), incumbent=pd.DataFrame({"unit": ["001"], "rep": ["R1"]})
    ) == ["incumbent, index 0, unit: is no unit (found '001')"]


def test_what_is_larger_than_a_fair_share_is_named() -> None:
    big = units(potential=[90.0, 4.0, 3.0, 3.0], name=["Oslo", "b", "c", "d"])
    (note,) = build(big).notes
    assert note == (
        "team field: unit 01 (Oslo) alone holds 1.80 fair shares of potential in 1 part; "
        "at least 2 parts would let reps share it"
    )
    assert build(split_large(big, 2)).notes == ()
    taken = reps(kind=["rep", "house"], takes=[None, "unit == '01'"])
    assert not any("fair shares" in note for note in build(big, taken).notes)


def test_split_large_keeps_given_parts() -> None:
    market = units(parts=[None, 4, None, None])
    assert split_large(market, 4, above=0.5, share=0.5)["parts"].tolist() == [4, 4, 2, 1]


def test_rules_objective_and_totals() -> None:
    rule = Balance(measure="potential", hard=False)
    problem = build(rules=[rule])
    (balance, travel, disruption) = problem.objective.stages
    assert balance.terms[0].weight == pytest.approx(1 / 100)
    assert (travel.name, disruption.name) == ("travel", "disruption")


def test_control_totals_tie_to_the_last_cent() -> None:
    market = units(sales=[0.1, 0.2, 0.3, 0.4])
    build(market, control_totals={"units.sales": 1.0, "units.potential": 100})
    assert faults(market, control_totals={"units.sales": 1.01, "units.beds": 1, "x.y": 2}) == [
        ("input, control_totals.units.beds: names no column of a table (reps, units) "
        "(found 'units.beds')"),
        ("input, control_totals.units.sales: the column adds up to 1, 0.01 less than the control "
        "total (found '1.01')"),
        "input, control_totals.x.y: names no column of a table (reps, units) (found 'x.y')",
    ]  # fmt: skip


def test_further_measures_are_dropped_aloud_unless_asked_for() -> None:
    market = units(beds=[1.0, None, 3.0, 4.0])
    problem = build(market)
    assert "beds" not in problem.covers.measures
    assert problem.notes == (
        (
            "the column 'beds' is no measure: it is empty, negative or infinite in 1 rows, first in "
            "units, index 1"
        ),
    )
    assert faults(market, rules=[Balance(measure="beds")]) == [
        "units, index 1, beds: a measure needs a number of at least 0 in every row (found 'nan')"
    ]


def test_closed_owners_and_idle_people_are_noted() -> None:
    roster = reps(kind=["rep", "partner"], team=["field", "field"])
    roster.loc[2] = ["X", "01", "rep", "other"]
    problem = build(None, roster, teams=[TeamSpec("field")])
    assert problem.notes == (
        "of no team of this structure: 1 position, X",
        "R2 (partner) is closed and takes nothing, so it will hold nothing",
    )


def test_what_was_built_says_the_same_twice() -> None:
    first, second = build(), build()
    assert travel_digest(first) == travel_digest(second)
    other = build(None, reps(base=["01", "03"]))
    assert travel_digest(first) != travel_digest(other)


GEOMETRY = gpd.GeoDataFrame(
    {"unit": ["01", "02", "03", "04"]},
    geometry=[shapely.box(10, 60 + i, 11, 61 + i) for i in range(4)],
    crs="EPSG:4326",
)


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


STANDARDS = frame(
    **{"class": ["A"], "channel": ["field"], "calls_per_year": [1.0], "hours_per_call": [1.0]}
)
CLASSES = units(**{"class": ["A", "A", "C", None]}).drop(columns=["workload_hours", "visits"])
BARE = units().drop(columns=["workload_hours", "visits"])
LOST = units(latitude=[60.0, None, 62.0, 63.0], longitude=[10.0, None, 10.0, 10.0])

#: Name → units, reps, settings, the messages.
BROKEN: dict[str, tuple[Any, Any, dict[str, Any], list[str]]] = {
    "unknown rep": (
        None, None, {"incumbent": frame(unit=["01"], rep=["R9"])},
        [("incumbent, index 0, rep: is not in the roster; for somebody who has left keep a row "
         "there with valid_to (found 'R9')")],
    ),
    "unknown unit": (
        None, None, {"incumbent": frame(unit=["99"], rep=["R1"])},
        ["incumbent, index 0, unit: is no unit (found '99')"],
    ),
    "unknown team of the alignment": (
        None, None, {"incumbent": frame(unit=["01"], rep=["R1"], team=["feild"])},
        [("incumbent, index 0, team: neither the structure nor the roster knows this team "
         "(found 'feild')")],
    ),
    "two incumbents": (
        None, None, {"incumbent": frame(unit=["01", "01"], rep=["R1", "R2"])},
        [("incumbent, index 1, share: the unit has several incumbents; give each its share "
         "(found '01')")],
    ),
    "incumbent twice": (
        None, None, {"incumbent": frame(unit=["01", "01"], rep=["R1", "R1"], share=[0.5, 0.5])},
        ["incumbent, index 1, rep: has the unit already (found 'R1')"],
    ),
    "shares above 1": (
        None, None, {"incumbent": frame(unit=["01", "01"], rep=["R1", "R2"], share=[0.7, 0.6])},
        [("incumbent, index 1, share: the shares of the unit's incumbents add up to 1.3, above 1 "
         "(found '01')")],
    ),
    "no location": (
        LOST, None, {},
        [("units, index 1, latitude: team field visits the unit, so it needs latitude and "
         "longitude (found '02')")],
    ),
    "no base": (
        None, reps(base=["01", None]), {},
        [("reps, index 1, latitude: team field visits, so the rep needs a base: latitude and "
         "longitude, or base (found 'R2')")],
    ),
    "unknown base": (
        None, reps(base=["01", "77"]), {},
        ["reps, index 1, base: is no unit (found '77')",
         ("reps, index 1, latitude: team field visits, so the rep needs a base: latitude and "
         "longitude, or base (found 'R2')")],
    ),
    "swapped": (
        units(latitude=[10.5] * 4, longitude=[60.5, 61.5, 62.5, 63.5]).iloc[:1],
        reps(base=["01", "01"]), {"geometry": GEOMETRY.iloc[:1]},
        [("units, index 0, latitude: lies far from the unit's area; are latitude and longitude "
         "swapped? (found '10.5')")],
    ),
    "geometry of other units": (
        None, None, {"geometry": GEOMETRY.assign(unit=["a", "b", "c", "d"])},
        ["geometry, unit: none of its units is among the units (found 'a')"],
    ),
    "borders without areas": (
        None, None, {"neighbours": "borders"},
        [("input, neighbours: borders need areas: give the units a geometry, or take points "
         "(found 'borders')")],
    ),
    "neighbours of no kind": (
        None, None, {"neighbours": "queen"},
        ["input, neighbours: must be borders, points, none or a table of pairs (found 'queen')"],
    ),
    "unknown neighbour": (
        None, None, {"neighbours": frame(a=["01"], b=["55"])},
        ["neighbours, index 0, b: is no unit (found '55')"],
    ),
    "class without standard": (
        CLASSES, None, {"standards": STANDARDS},
        ["units, index 3, class: needs a class, or workload_hours (as do 1 units of team field)",
         ("units, index 2, class: the class has no service standard (of 1 units of team field) "
         "(found 'C')")],
    ),
    "no hours at all": (
        BARE, None, {},
        [("units, workload_hours: units need workload_hours and visits, or a class and a table of "
         "standards")],
    ),
    "no visits": (
        units().drop(columns="visits"), None, {},
        [("units, visits: team field visits the unit, so it needs visits (or a class and "
         "standards)")],
    ),
    "some visits": (
        units(visits=[1.0, None, 1.0, 1.0]), None, {},
        [("units, index 1, visits: team field visits the unit, so it needs visits (or a class and "
         "standards)")],
    ),
    "unknown set of standards": (
        None, None, {"standards": STANDARDS, "teams": [TeamSpec("field", standard="gold")]},
        [("input, team field, standard: there is no such set of standards; there are (no name) "
         "(found 'gold')")],
    ),
    "standard without a table": (
        None, None, {"teams": [TeamSpec("field", standard="gold")]},
        [("input, team field, standard: names a standard, but there is no table of standards "
         "(found 'gold')")],
    ),
    "no rate": (
        units(currency=["NOK", "SEK", None, None]), None, {},
        ["units, index 1, currency: has no plan rate; give one under rates (found 'SEK')"],
    ),
    "rate of zero": (
        None, None, {"rates": {"SEK": 0.0}},
        ["input, rates, SEK: a plan rate must be positive (found '0.0')"],
    ),
    "covered twice": (
        None, reps(team=["a", "b"]),
        {"teams": [TeamSpec("a", covers="sales > 3"), TeamSpec("b", covers="sales < 5")]},
        [("units, index 2, covers: the unit is covered by several teams of role 'primary' "
         "(of a, b) (found '03')")],
    ),
    "covered by nobody": (
        None, reps(team=["a", "b"]),
        {"teams": [TeamSpec("a", covers="sales > 5"), TeamSpec("b", covers="sales < 3")]},
        [("units, index 2, covers: the unit is covered by no team of role 'primary' (of a, b) "
         "(found '03')")],
    ),
    "overlay twice": (
        None, reps(team=["a", "b"]).assign(rep=["R1", "R2"]),
        {"teams": [TeamSpec("a", reps="rep == 'R1'"), TeamSpec("b", "x", reps="rep == 'R2'"),
                   TeamSpec("c", "x", covers="unit == '01'", reps="team == 'z'")]},
        [("units, index 0, covers: the unit is covered by several teams of role 'x' (of b, c) "
         "(found '01')")],
    ),
    "no primary": (
        None, None, {"teams": [TeamSpec("a", role="overlay", reps="True")]},
        ["input, teams: a structure needs a team of role 'primary'"],
    ),
    "expression of no column": (
        None, None, {"teams": [TeamSpec("field", covers="segmnt == 'key'")]},
        [("input, team field, covers: there is no column 'segmnt'; there are latitude, longitude, "
         "potential, sales, segment, unit, visits, workload_hours (found \"segmnt == 'key'\")")],
    ),
    "expression in disorder": (
        None, None, {"teams": [TeamSpec("field", covers="segment == ")]},
        ["input, team field, covers: cannot be read: invalid syntax (found 'segment == ')"],
    ),
    "takes in disorder": (
        None, reps(takes=[None, "sales >"]), {},
        ["input, reps, index 1, takes: cannot be read: invalid syntax (found 'sales >')"],
    ),
    "taken twice": (
        None, reps(takes=["unit == '01'", "sales > 7"]), {},
        [("reps, index 1, takes: takes unit '01', which 'R1' takes too (team field) "
         "(found 'sales > 7')")],
    ),
    "team without people": (
        None, reps(team=["x", "x"]), {"teams": [TeamSpec("field")]},
        ["input, team field, reps: has nobody in the plan period (found \"team == 'field'\")"],
    ),
    "team without units": (
        None, reps(team=["a", "b"]),
        {"teams": [TeamSpec("a"), TeamSpec("b", "overlay", covers="sales > 99")]},
        ["input, team b, covers: covers no unit (found 'sales > 99')"],
    ),
    "everybody closed": (
        None, reps(open=[False, False]), {},
        [("input, team field, open: has units that nobody may take, for all its owners are closed: "
         "unit 01")],
    ),
    "two teams": (
        None, reps(team=["a", "b"]), {},
        ["input, teams: the roster has the teams a, b; say what each covers"],
    ),
    "a team twice": (
        None, None, {"teams": [TeamSpec("a", reps="rep == 'R1'"), TeamSpec("a", "x", reps="rep == 'R2'")]},
        ["input, team a, name: each team stands once"],
    ),
    "of two teams": (
        None, None,
        {"teams": [TeamSpec("a", reps="True"), TeamSpec("b", "x", reps="rep == 'R2'")]},
        ["reps, index 1, rep: belongs to several teams (of a, b) (found 'R2')"],
    ),
    "own column": (
        None, None, {"teams": [TeamSpec("field", sales="devices")]},
        [("input, team field, sales: there is no measure of this name; there are accounts, "
         "potential, sales, visits, workload_hours (found 'devices')")],
    ),
    "leave of a stranger": (
        None, None, {"leaves": frame(rep=["R7"], **{"from": ["2027-01-01"], "to": ["2027-01-02"]})},
        ["leaves, index 0, rep: is not in the roster (found 'R7')"],
    ),
    "unknown country": (
        None, reps(country=["NO", "ZZ"]), {},
        ["reps, index 1, country: the holidays of 'ZZ' are not known; give a list (found 'ZZ')"],
    ),
    "the same unit in two tables": (
        [units(), units().iloc[:1]], None, {},
        ["units 2, index 0, unit: stands in another table already (found '01')"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_has_its_message(fault: str) -> None:
    unit_rows, rep_rows, settings, expected = BROKEN[fault]
    assert faults(unit_rows, rep_rows, **settings) == expected


def test_faults_of_all_tables_come_at_once() -> None:
    found = faults(
        units(sales=[1.0, -1.0, 2.0, 3.0]),
        reps(full_time=[1.0, 2.0]),
        incumbent=frame(unit=["77"], rep=["R1"]),
        rates={"SEK": -1.0},
    )
    assert [text.split(",")[0] for text in found] == ["units", "reps", "input", "incumbent"]


def test_a_table_that_cannot_be_read_hides_follow_on_faults() -> None:
    found = faults(units().drop(columns="unit"), incumbent=frame(unit=["77"], rep=["R1"]))
    assert len(found) == 1
    assert found[0].startswith("units, unit: the table needs this column")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"channels": ("pigeon",)}, "channels of team x"),
        ({"channels": ()}, "channels of team x"),
        ({"credit": "all"}, "credit of team x"),
        ({"sales": 1.5}, "shares of team x"),
        ({"role": ""}, "a name and a role"),
    ],
)
def test_a_team_that_makes_no_sense(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TeamSpec("x", **settings)


def test_the_same_problem_under_another_hash_seed() -> None:
    script = """
import hashlib, numpy as np, pandas as pd
from teig.models import WorkCalendar, build_problem, TeamSpec
from teig.optimizer.travel import GreatCircle
g = np.random.default_rng(3)
n = 60
units = pd.DataFrame({"unit": [f"u{i}" for i in range(n)], "latitude": g.uniform(58, 63, n),
  "longitude": g.uniform(5, 12, n), "potential": g.uniform(1, 9, n), "sales": g.uniform(0, 2, n),
  "workload_hours": 10.0, "visits": 5.0, "parts": g.integers(1, 4, n), "skills": "a b",
  "parent": [f"p{i % 7}" for i in range(n)]})
reps = pd.DataFrame({"rep": list("ABCD"), "base": ["u1", "u9", "u30", None],
  "kind": ["rep", "rep", "vacancy", "house"], "takes": [None] * 3 + ["potential > 8"]})
p = build_problem(units, reps, calendar=WorkCalendar.of_year(2027, "NO"), travel=GreatCircle())
t = p.teams[0]
text = repr((p.units.ids, p.units.parent_ids, p.rules, p.notes, p.objective, t.neighbours.kinds))
parts = [text.encode(), t.minutes.tobytes(), t.neighbours.pairs.tobytes(), p.owners.hours.tobytes()]
print(hashlib.sha256(b"".join(parts)).hexdigest())
"""
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "77")
    }
    assert len(digests) == 1
