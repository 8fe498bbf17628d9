"""Hand-over lists: complete, with the deals' rule and the standards kept, nobody else's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from teig.models import BadInput, Plan
from teig.models.problem import Problem
from teig.scenarios import load
from teig.scenarios.cli.app import app
from teig.scenarios.handover import Handover, Meeting, Passed, collect_handovers
from teig.scenarios.handover.facts import Side
from teig.scenarios.handover.meetings import plan_meetings
from teig.scenarios.handover.passing import Terms, passed_units
from teig.scenarios.handover.writing import render_handover
from typer.testing import CliRunner

from tests.enumeration import row
from tests.scenarios.starter import both, column_added, starter, written, yaml

START = date(2027, 1, 1)
DEALS = """deal,unit,owner,name,stage,amount,close
soon,001,,Pump,proposal,40000,2027-02-15
later,001,R1,Service,proposal,50000,2027-09-15
sure,001,R1,Valve,commit,,
other,001,R5,Seal,proposal,1000,2027-02-01
"""
DAYS = "rep,day\nR4,2026-12-30\nR4,2027-01-05\nR5,2027-01-05\nR1,2027-01-04\nR1,2027-01-05\nR2,2027-01-05\nR3,2027-01-05\nM1,2027-01-04\n"
NAMES = "rep,name,language\nR1,Åse Berg,nb\nR2,Bo Dahl,en\nR5,Eva Fjeld,nb\n"


def folder(path: Path) -> Path:
    """A starter folder with deals, days and names."""
    file = starter(path)
    both(
        written("deals.csv", DEALS),
        written("days.csv", DAYS),
        written("names.csv", NAMES),
        column_added("incumbent.csv", "last_visit", "2026-12-20"),
        yaml(
            "  neighbours: points",
            "  neighbours: points\n  deals: deals.csv\n  meeting_days: days.csv\n"
            "  names: names.csv",
        ),
        yaml("limits:", "handover: {keep_stages: [commit], meetings_a_day: 1}\nlimits:"),
    )(path)
    return file


def moved(problem: Problem, to: Mapping[str, str]) -> Plan:
    owner = Plan.incumbent(problem).owner.copy()
    for unit, rep in to.items():
        owner[list(problem.covers_of_whole[unit])] = problem.owner_index[rep]
    return Plan(owner)


@pytest.fixture(scope="module")
def collected(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, Handover], tuple[Passed, ...], tuple[Meeting, ...]]:
    scenario = load(folder(tmp_path_factory.mktemp("handed") / "plan")).base
    plan = moved(scenario.problem, {"001": "R2", "002": "R3", "003": "R2"})
    lists, passed, meetings = collect_handovers(scenario, plan)
    return {each.recipient: each for each in lists}, passed, meetings


def test_what_one_gives_another_receives(
    collected: tuple[dict[str, Handover], tuple[Passed, ...], tuple[Meeting, ...]],
) -> None:
    lists, passed, _ = collected
    assert list(lists) == ["R1", "R2", "R3", "M1"]
    assert {p.unit for p in lists["M1"].team} == {p.unit for p in passed}
    assert not lists["R1"].team
    assert [p.unit for p in lists["R1"].given] == ["003", "002", "001"]  # the longest first
    assert {p.unit for p in lists["R2"].received} == {"001", "003"}
    given = {(p.unit, p.giver) for each in lists.values() for p in each.given}
    received = {(p.unit, p.giver) for each in lists.values() for p in each.received}
    assert given == received == {(p.unit, p.giver) for p in passed}
    first = next(p for p in passed if p.unit == "001")
    assert (first.sales, first.potential, first.accounts) == (94300.0, 478000.0, 4.0)
    # Class C is promised four visits a year: one in 91 days from the last.
    assert (first.last_visit, first.next_visit) == (date(2026, 12, 20), date(2027, 3, 21))


def test_who_keeps_an_open_deal(
    collected: tuple[dict[str, Handover], tuple[Passed, ...], tuple[Meeting, ...]],
) -> None:
    lists, passed, _ = collected
    deals = {deal.id: deal for each in passed for deal in each.deals}
    assert {i: (d.keeper, d.why) for i, d in deals.items()} == {
        "soon": ("R1", "closes soon"),
        "later": ("R2", "goes along"),
        "sure": ("R1", "stage"),
    }
    assert {deal.id for deal in lists["R1"].kept} == {"soon", "sure"}
    assert {deal.id for deal in lists["R2"].awaited} == {"soon", "sure"}
    assert not lists["R3"].awaited


def test_whom_to_meet_and_when(
    collected: tuple[dict[str, Handover], tuple[Passed, ...], tuple[Meeting, ...]],
) -> None:
    _, _, meetings = collected
    assert [(m.first, m.second, m.units, m.managers) for m in meetings] == [
        ("R1", "R2", 2, ("M1",)),
        ("R1", "R3", 1, ("M1",)),
    ]
    # One meeting a day: the second pair has no common day left.
    assert [m.day for m in meetings] == [date(2027, 1, 5), None]


def test_a_page_speaks_of_its_reader_alone(
    collected: tuple[dict[str, Handover], tuple[Passed, ...], tuple[Meeting, ...]],
) -> None:
    lists, _, _ = collected
    pages = {who: render_handover(each) for who, each in lists.items()}
    assert "Overleveringen din" in pages["R1"]
    assert "Åse Berg" in pages["R1"]
    assert "Bo Dahl" in pages["R1"]
    assert "Your hand-over" in pages["R3"]
    text = re.sub(r"<style>.*?</style>", "", pages["R3"], flags=re.S)
    assert "Bo Dahl" not in text
    assert "Eva Fjeld" not in text
    assert "Alder" not in text
    assert re.findall(r"R\d", text.replace("R3", "").replace("R1", "")) == []


def test_orphans_vacancies_and_the_house_are_met_by_managers() -> None:
    def passing(unit: str, giver: str, giver_is: Side, taker: str, taker_is: Side) -> Passed:
        return Passed("t", unit, unit, giver, giver_is, taker, taker_is, 1.0, 1.0, 10.0, 10.0,
                      0.0, None, None, None)  # fmt: skip

    passed = [
        passing("a", "gone", Side.LEFT, "r1", Side.REP),
        passing("b", "r2", Side.REP, "v", Side.VACANCY),
        passing("c", "r2", Side.REP, "h", Side.HOUSE),
        passing("d", "", Side.NOBODY, "r1", Side.REP),
        passing("e", "r1", Side.REP, "p", Side.PARTNER),
    ]
    managers = {"r1": "m1", "r2": "m2", "v": "m3"}
    found = plan_meetings(passed, managers, {}, 1, START)
    assert {(m.first, m.second): m.units for m in found} == {
        ("m1", "r1"): 2,
        ("m3", "r2"): 1,
        ("p", "r1"): 1,
    }
    assert [each.is_orphaned for each in passed] == [True, False, False, True, False]


def test_a_share_of_a_unit_passes_as_a_share() -> None:
    problem = row(
        4, 2, wholes=["big", "big", "big", "small"], incumbent=["r0", "r0", "r0", "gone"],
        tenure=[2.0, 2.0, 2.0, 5.0],
    ).problem()  # fmt: skip
    passed = passed_units(
        problem, Plan(np.array([0, 1, 1, 1])), {}, Terms(START, START, date(2027, 12, 31))
    )
    assert [(p.unit, p.giver, p.giver_is, p.taker) for p in passed] == [
        ("big", "r0", Side.REP, "r1"),
        ("small", "gone", Side.LEFT, "r1"),
    ]
    assert passed[0].share == pytest.approx(2 / 3)
    assert (passed[0].sales, passed[0].years) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("visits", "accounts", "last", "day"),
    [
        (12.0, 1.0, date(2026, 12, 20), date(2027, 1, 19)),
        (12.0, 1.0, date(2026, 6, 1), START),  # overdue: at once
        (12.0, 2.0, None, date(2027, 3, 2)),  # six visits to each of two
        (0.0, 1.0, None, None),
    ],
)
def test_when_the_next_visit_is_due(
    visits: float, accounts: float, last: date | None, day: date | None
) -> None:
    terms = Terms(START, START, date(2027, 12, 31))
    assert terms.next_visit(visits, accounts, last) == day


def test_who_leaves_with_the_old_year_still_hands_over_and_who_left_before_does_not(
    tmp_path: Path,
) -> None:
    file = folder(tmp_path / "plan")
    book = load(file, scenarios=("four_reps",))
    scenario = book["four_reps"]
    owner = Plan.incumbent(scenario.problem).owner.copy()
    owner[owner < 0] = scenario.problem.owner_index["R5"]
    lists, passed, meetings = collect_handovers(scenario, Plan(owner))
    by_person = {each.recipient: each for each in lists}
    assert {p.giver_is for p in passed} == {Side.LEAVING}
    assert {p.unit for p in by_person["R4"].given} == {p.unit for p in passed}
    assert by_person["R4"].manager == "M1"
    # The one day that both have free comes after the last of R4.
    assert [(m.first, m.second, m.day) for m in meetings] == [("R4", "R5", None)]
    assert "leaves" in render_handover(by_person["M1"])
    yaml("{keep_stages", "{starts: 2027-03-01, keep_stages")(tmp_path / "plan")
    later = load(file, scenarios=("four_reps",))["four_reps"]
    lists, passed, meetings = collect_handovers(later, Plan(owner))
    assert {p.giver_is for p in passed} == {Side.LEFT}
    assert [each.recipient for each in lists] == ["R5", "M1"]
    assert [(m.first, m.second) for m in meetings] == [("M1", "R5")]
    assert "Nobody is there to hand over" in render_handover(lists[1])


def test_deals_and_days_that_fit_nothing_are_named(tmp_path: Path) -> None:
    file = folder(tmp_path / "plan")
    written("deals.csv", "deal,unit,owner\nx,0O1,R1\ny,001,R9\n")(tmp_path / "plan")
    written("days.csv", "rep,day\nM9,2027-01-04\n")(tmp_path / "plan")
    yaml("{keep_stages", "{starts: 2028-01-01, keep_stages")(tmp_path / "plan")
    with pytest.raises(BadInput) as raised:
        load(file)
    said = [(p.source, p.place, p.key, p.value) for p in raised.value.problems]
    assert said == [
        ("deals.csv", "row 2", "unit", "0O1"),
        ("deals.csv", "row 3", "owner", "R9"),
        ("days.csv", "row 2", "rep", "M9"),
        ("scenario.yaml", said[3][1], "handover.starts", "2028-01-01"),
    ]


def test_the_command_writes_pages_and_tables(tmp_path: Path) -> None:
    file = folder(tmp_path / "plan")
    out, into = tmp_path / "out", tmp_path / "lists"
    options = ["-s", "steady", "--work", "0.005", "--jobs", "1", "-o", str(out)]
    assert CliRunner().invoke(app, ["run", str(file), *options]).exit_code == 0
    done = CliRunner().invoke(app, ["handover", str(out), "-s", "steady", "-o", str(into)])
    assert done.exit_code == 0, done.output
    assignments = pd.read_csv(out / "steady" / "assignments.csv", dtype=str)
    everything = pd.read_csv(into / "handover.csv", dtype=str)
    wanted = assignments[assignments["moved"].isin(["True", "1"])]
    assert len(wanted) > 0
    assert set(zip(everything["unit"], everything["from"], everything["to"], strict=True)) == set(
        zip(wanted["unit"], wanted["incumbent"], wanted["rep"], strict=True)
    )
    lists = pd.read_csv(into / "lists.csv", dtype=str)
    people = set(everything["from"]) | set(everything["to"])
    assert set(lists["recipient"]) == people | {"M1"}
    assert all((into / name).is_file() for name in lists["file"])
    assert f"{len(everything)} units change hands in steady" in done.stdout
    (into / "R9.html").write_text("of another plan", encoding="utf-8")
    again = CliRunner().invoke(app, ["handover", str(out), "-s", "steady", "-o", str(into)])
    assert again.exit_code == 0, again.output
    assert not (into / "R9.html").exists()
    wrong = CliRunner().invoke(app, ["handover", str(out), "-s", "steady", "-o", str(out)])
    assert wrong.exit_code == 2
    assert "contents that are no hand-over lists" in wrong.stderr


def test_without_todays_alignment_there_is_nothing_to_hand_over(tmp_path: Path) -> None:
    file = folder(tmp_path / "plan")
    written("incumbent.csv", "unit,rep\n")(tmp_path / "plan")
    written("deals.csv", "deal,unit\n")(tmp_path / "plan")
    out = tmp_path / "out"
    options = ["-s", "rebalanced", "--work", "0.005", "--jobs", "1", "-o", str(out)]
    done = CliRunner().invoke(app, ["run", str(file), *options])
    assert done.exit_code == 0, done.output
    wrong = CliRunner().invoke(app, ["handover", str(out)])
    assert wrong.exit_code == 2
    assert "give data.incumbent" in wrong.stderr
