"""Campaigns on the units of a problem, reckoned by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from teig.models import BadInput, Campaign, FollowUp, Problem, TeamSpec, WorkCalendar, build_problem
from teig.models.placement import placed
from teig.models.plan import Plan
from teig.models.totals import owner_totals
from teig.models.validation import validate_problem
from teig.optimizer.travel import GreatCircle

UNITS = pd.DataFrame(
    {
        "unit": ["1", "2", "3", "4"],
        "latitude": [59.9, 59.8, 59.7, 59.6],
        "longitude": [10.7, 10.6, 10.5, 10.4],
        "potential": [900.0, 600.0, 400.0, 200.0],
        "sales": [300.0, 200.0, 100.0, 50.0],
        "accounts": [10.0, 20.0, 30.0, 40.0],
        "class": ["A", "A", "B", "B"],
        "workload_hours": [100.0, 80.0, 60.0, 40.0],
        "visits": [50.0, 40.0, 30.0, 20.0],
        "parts": [2, 1, 1, 1],
    }
)
REPS = pd.DataFrame(
    {"rep": ["r1", "r2", "p1"], "base": ["1", "3", "1"], "team": ["field", "field", "phone"]}
)
TEAMS = (TeamSpec("field"), TeamSpec("phone", role="inside", channels=("phone",)))
START, END = dt.date(2027, 3, 1), dt.date(2027, 4, 30)


def problem_with(campaigns: Sequence[Campaign], start: dt.date | None = None) -> Problem:
    calendar = WorkCalendar(start or dt.date(2027, 1, 1), dt.date(2027, 12, 31), "NO")
    return build_problem(
        UNITS,
        REPS,
        calendar=calendar,
        travel=GreatCircle(),
        teams=TEAMS,
        campaigns=campaigns,
    )


MAILING = Campaign(
    "mailing",
    "column('class') == 'A'",
    START,
    END,
    contacts=2.0,
    answered=0.1,
    follow_ups={"phone": FollowUp(1.5, 0.2), "field": FollowUp(0.5, 1.0)},
)


def test_contacts_and_answers_become_hours_and_visits_of_the_owner() -> None:
    problem, bare = problem_with([MAILING]), problem_with([])
    field = slice(0, 5)
    added = (problem.covers.workload - bare.covers.workload)[field]
    visits = (problem.covers.visits - bare.covers.visits)[field]
    # Unit 1 has ten accounts in two parts: 20 contacts, 2 answers, 3 calls of 0.2 hours
    # and one visit of an hour; unit 2 has twice that; the others are class B.
    assert added == pytest.approx([0.8, 0.8, 3.2, 0.0, 0.0])
    assert visits == pytest.approx([0.5, 0.5, 2.0, 0.0, 0.0])
    load = problem.campaigns[0]
    assert load.contacts[field] == pytest.approx([10.0, 10.0, 40.0, 0.0, 0.0])
    assert load.answers.sum() == pytest.approx(6.0)
    assert load.central_hours.sum() == 0.0
    # The overlay's covers of the same units are none of this campaign's.
    assert not load.member[5:].any()
    assert (problem.covers.workload[5:] == bare.covers.workload[5:]).all()


def test_nothing_changes_outside_the_segment_and_nothing_without_campaigns() -> None:
    problem, bare = problem_with([MAILING]), problem_with([])
    outside = ~problem.campaigns[0].member
    assert outside.sum() == 7
    for name in ("workload", "visits"):
        assert (getattr(problem.covers, name)[outside] == getattr(bare.covers, name)[outside]).all()
    without = problem.without_campaigns()
    assert without.campaigns == ()
    assert without.covers.workload == pytest.approx(bare.covers.workload, abs=1e-12)
    assert without.covers.visits == pytest.approx(bare.covers.visits, abs=1e-12)
    assert bare.without_campaigns() is bare


def test_a_year_of_contacts_does_not_shrink_with_the_plan_period() -> None:
    half = problem_with([MAILING], dt.date(2027, 2, 1))
    whole = problem_with([MAILING])
    assert half.campaigns[0].contacts.tolist() == whole.campaigns[0].contacts.tolist()
    assert half.campaign_hours.tolist() == whole.campaign_hours.tolist()


def test_field_follow_ups_are_driven_to() -> None:
    problem, bare = problem_with([MAILING]), problem_with([])
    plan = Plan(np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2]))
    more = owner_totals(problem, plan, "travel_hours") - owner_totals(bare, plan, "travel_hours")
    minutes = problem.teams[0].minutes[:3, 0]
    expected = problem.touring.hours(np.array([0.5, 0.5, 2.0]), minutes).sum()
    assert expected > 0
    assert more == pytest.approx([expected, 0.0, 0.0])
    assert placed(problem, plan).campaigns is problem.campaigns


def test_a_central_team_takes_no_hours_of_owners() -> None:
    calls = Campaign(
        "calls",
        "True",
        START,
        END,
        channel="phone",
        hours_per_contact=0.25,
        by="central",
        answered=0.2,
        follow_ups={"video": FollowUp(1.0, 1.0, "central"), "mail": FollowUp(1.0, 0.1)},
    )
    problem, bare = problem_with([calls]), problem_with([])
    load = problem.campaigns[0]
    # A hundred accounts: 25 hours of calls and 20 video calls of an hour for the centre.
    assert load.central_hours.sum() == pytest.approx(45.0)
    assert load.hours.sum() == pytest.approx(2.0)
    assert (problem.covers.workload - bare.covers.workload).sum() == pytest.approx(2.0)
    assert problem.covers.visits.tolist() == bare.covers.visits.tolist()


def test_a_campaign_of_an_overlay_is_the_overlays() -> None:
    calls = Campaign("calls", "True", START, END, "phone", "phone", hours_per_contact=0.1)
    load = problem_with([calls]).campaigns[0]
    assert load.hours[:5].sum() == 0.0
    assert load.hours[5:].sum() == pytest.approx(10.0)


#: Campaign → key and words of its one message.
WRONG = {
    "before": (
        Campaign("c", "True", dt.date(2026, 12, 1), END),
        ("start", "2026-12-01", "outside the plan (2027-01-01 to 2027-12-31)"),
    ),
    "after": (
        Campaign("c", "True", START, dt.date(2028, 1, 1)),
        ("end", "2028-01-01", "outside the plan"),
    ),
    "weekend": (
        Campaign("c", "True", dt.date(2027, 3, 6), dt.date(2027, 3, 7)),
        ("start", "2027-03-06", "holds no working day"),
    ),
    "nobody": (
        Campaign("c", "column('class') == 'Z'", START, END),
        ("segment", "'Z'", "picks no unit"),
    ),
    "column": (
        Campaign("c", "clas == 'A'", START, END),
        ("segment", "clas", "there is no column 'clas'; there are accounts, class"),
    ),
    "team": (
        Campaign("c", "True", START, END, team="feild"),
        ("team", "feild", "did you mean 'field'?"),
    ),
    "no field": (
        Campaign("c", "True", START, END, "field", "phone"),
        ("channel", "field", "team phone, which has no channel field"),
    ),
    "no field after": (
        Campaign(
            "c", "True", START, END, team="phone", answered=0.1, follow_ups={"field": FollowUp()}
        ),
        ("follow_ups.field", "field", "which has no channel field"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_fault_is_named(name: str) -> None:
    campaign, (key, value, words) = WRONG[name]
    with pytest.raises(BadInput) as caught:
        problem_with([campaign])
    (problem,) = caught.value.problems
    assert (problem.place, problem.key) == ("campaign c", key)
    assert value in problem.value
    assert words in problem.message


def test_all_faults_are_named_at_once() -> None:
    campaigns = [campaign for campaign, _ in WRONG.values()]
    with pytest.raises(BadInput) as caught:
        problem_with(campaigns)
    assert len(caught.value.problems) == len(WRONG) + 1
    assert "each campaign stands once" in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"end": dt.date(2027, 2, 1)}, "must not end before its start"),
        ({"contacts": -1.0}, "contacts must be a number of at least 0"),
        ({"answered": 1.5}, "share from 0 to 1"),
        ({"channel": "pigeon"}, "pigeon"),
        ({"by": "boss"}, "one of owner, central"),
        ({"channel": "field", "by": "central"}, "central team has no territory"),
        ({"follow_ups": {"phone": FollowUp()}}, "need answers"),
        ({"answered": 0.1, "follow_ups": {"field": FollowUp(by="central")}}, "no territory"),
    ],
)
def test_a_campaign_that_makes_no_sense_says_why(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Campaign(**{"name": "c", "segment": "True", "start": START, "end": END} | changes)  # type: ignore[arg-type]


def test_arrays_of_another_length_are_refused() -> None:
    problem = problem_with([MAILING])
    validate_problem(problem)
    with pytest.raises(BadInput, match="must have 10 entries"):
        problem.replace(campaigns=(_shortened(problem),))


def _shortened(problem: Problem):  # type: ignore[no-untyped-def]
    import dataclasses

    load = problem.campaigns[0]
    return dataclasses.replace(load, contacts=load.contacts[:-1])
