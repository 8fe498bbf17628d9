"""Reporting lines over territories."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from teig.models import BadInput, Problem, TeamSpec, WorkCalendar, build_management, build_problem
from teig.optimizer.travel import GreatCircle

ROSTER = pd.DataFrame(
    {
        "rep": ["R1", "R2", "R3"],
        "team": ["field", "field", "phone"],
        "base": ["a", "a", None],
        "cost": [10.0, 20.0, 30.0],
    }
)


@pytest.fixture
def problem() -> Problem:
    units = pd.DataFrame(
        {
            "unit": ["a", "b"], "latitude": 60.0, "longitude": 10.0, "potential": 1.0,
            "sales": 1.0, "workload_hours": 1.0, "visits": 1.0,
        }
    )  # fmt: skip
    teams = [TeamSpec("field", covers="unit == 'a'"),
             TeamSpec("phone", covers="unit == 'b'", channels=("phone",))]  # fmt: skip
    return build_problem(
        units, ROSTER, teams=teams, calendar=WorkCalendar.of_year(2027), travel=GreatCircle()
    )


def people(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person": ["D", "M1", "M2"],
            "role": ["director", "manager", None],
            "team": [None, "field", "phone"],
            "reports_to": [None, "D", "D"],
            **columns,
        }
    )


def test_owners_report_to_the_lead_of_their_team(problem: Problem) -> None:
    management = build_management(people(cost=[5.0, 4.0, None]), problem)
    assert management.table().fillna("").to_numpy().tolist() == [
        ["D", "director", "", ""],
        ["M1", "manager", "field", "D"],
        ["M2", "manager", "phone", "D"],
        ["R1", "rep", "field", "M1"],
        ["R2", "rep", "field", "M1"],
        ["R3", "rep", "phone", "M2"],
    ]
    assert management.span("M1") == 2
    assert management.span("R1") == 0
    assert [management.tier(person) for person in ("D", "M1", "R3")] == [0, 1, 2]
    assert management.reports["D"] == ("M1", "M2")
    assert [person.cost for person in management.people] == [5.0, 4.0, 0.0, 10.0, 20.0, 30.0]


def test_the_roster_may_name_superiors(problem: Problem) -> None:
    roster = ROSTER.assign(reports_to=["M1", "D", ""])
    two_leads = people(team=[None, "field", "field"])
    management = build_management(two_leads, problem, reps=roster)
    lines = {person.id: person.reports_to for person in management.people}
    assert (lines["R1"], lines["R2"], lines["R3"]) == ("M1", "D", "")


def test_nobody_is_managed(problem: Problem) -> None:
    assert len(build_management(None, problem).people) == 3


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"reports_to": [None, "X", "D"]},
            "people, index 1, reports_to: is nobody among the people (found 'X')",
        ),
        (
            {"reports_to": ["M1", "D", "D"]},
            "people, index 0, reports_to: reports to itself in a circle: D → M1 → D",
        ),
        (
            {"team": [None, "feild", "phone"]},
            "people, index 1, team: neither the structure nor the roster has this team (found 'feild')",
        ),
        (
            {"person": ["D", "D", "M2"]},
            "people, index 1, person: stands more than once, first in index 0 (found 'D')",
        ),
        (
            {"currency": ["XYZ", None, None], "cost": [1.0, 1.0, 1.0]},
            "people, index 0, currency: has no plan rate; give one under rates (found 'XYZ')",
        ),
    ],
)
def test_broken_lines(problem: Problem, columns: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as error:
        build_management(people(**columns), problem)
    assert [str(one) for one in error.value.problems] == [message]
