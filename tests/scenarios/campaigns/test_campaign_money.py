"""What campaigns bring and cost: by hand, against the bound, with and without."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools

import numpy as np
import pytest
from teig.models import Campaign, FollowUp, OwnerKind, Plan, Problem, WorkCalendar
from teig.models.campaigns import CampaignLoad
from teig.scenarios.campaigns.effects import Effect, effects_of
from teig.scenarios.files.sections import Money as MoneySettings
from teig.scenarios.files.sections import Settings
from teig.scenarios.money import Contest, Market, PlanFacts, assumption_ranges, facts_of, money_of
from teig.scenarios.money.bound import contribution_bound
from teig.scenarios.money.calibration import calibrate
from teig.scenarios.money.figures import Figures

from tests.enumeration import Sketch

START, END = dt.date(2027, 3, 1), dt.date(2027, 3, 31)
EXPECTED = Effect("per_answer", 40.0, 20.0, 80.0, True, (1.0,), 25.0, 1.5, 30.0)


def settings_with(expected: dict[str, object], **campaign: object) -> Settings:
    mail = {"segment": "True", "start": START, "end": END, "answered": 0.1, **campaign}
    return Settings.model_validate(
        {
            "teig": 1,
            "currency": "NOK",
            "calendar": {"start": dt.date(2027, 1, 1), "end": dt.date(2027, 12, 31)},
            "data": {"units": {"path": "units.csv"}, "reps": {"path": "reps.csv"}},
            "campaigns": {"mail": {**mail, "expected": expected}},
        }
    )


def test_answers_bring_what_they_bring_once_spread_over_working_days() -> None:
    effect = effects_of(settings_with({"per_answer": 500.0}))["mail"]
    daily = np.array(effect.daily)
    assert daily.sum() == pytest.approx(1.0)
    # March 2027 has 23 days from Monday to Friday.
    assert (daily > 0).sum() == 23
    assert daily[daily > 0] == pytest.approx(1 / 23)
    assert (effect.low, effect.high, effect.assumed) == (250.0, 1000.0, True)


def test_shares_are_of_the_time_in_which_they_work() -> None:
    whole = settings_with({"share_of_sales": 0.1}, start=dt.date(2027, 1, 1), end="2027-12-31")
    assert sum(effects_of(whole)["mail"].daily) == pytest.approx(1.0)
    month = effects_of(settings_with({"share_of_sales": 0.1}))["mail"]
    days = WorkCalendar(dt.date(2027, 1, 1), dt.date(2027, 12, 31)).working_days().sum()
    assert sum(month.daily) == pytest.approx(23 / days)
    longer = effects_of(settings_with({"share_of_sales": 0.1, "until": "2027-04-30"}))["mail"]
    assert sum(longer.daily) == pytest.approx((23 + 22) / days)
    ramped = {"share_of_potential": 0.1, "until": "2027-05-31", "ramp": [0.25, 0.5]}
    slow = effects_of(settings_with(ramped))["mail"]
    # March at a quarter, April at a half, the 21 days of May in full.
    assert sum(slow.daily) == pytest.approx((23 / 4 + 22 / 2 + 21) / days)


def test_the_range_of_a_share_ends_at_everything() -> None:
    effect = effects_of(settings_with({"share_of_sales": 0.7}))["mail"]
    assert (effect.low, effect.high) == (0.35, 1.0)
    measured = {"value": 0.05, "marked": "measured", "range": [0.04, 0.06]}
    effect = effects_of(settings_with({"share_of_sales": measured}))["mail"]
    assert (effect.low, effect.high, effect.assumed) == (0.04, 0.06, False)


# ------------------------------------------------------------------ plans


def sketch(random: np.random.Generator, kinds: list[OwnerKind]) -> Sketch:
    return Sketch(
        places=[(0.0, 0.3 * i) for i in range(5)],
        edges=[(i, i + 1) for i in range(4)],
        bases=[(0.1, float(b)) for b in random.uniform(0, 1.5, 3)],
        hours=[float(h) for h in random.uniform(60, 140, 3)],
        sales=[float(s) for s in random.uniform(0, 900, 5)],
        potential=[float(p) for p in random.uniform(900, 3000, 5)],
        incumbent=[f"r{random.integers(3)}" for _ in range(5)],
        kinds=kinds,
    )


MAIL = Campaign("mail", "True", START, END, answered=0.2)
CALLS = Campaign(
    "calls",
    "True",
    START,
    END,
    channel="phone",
    hours_per_contact=0.5,
    answered=0.5,
    follow_ups={"field": FollowUp(1.0, 1.0), "video": FollowUp(1.0, 0.5, "central")},
)


def with_campaign(problem: Problem, campaign: Campaign, contacts: list[float]) -> Problem:
    load = CampaignLoad(campaign, np.array(contacts) > 0, np.array(contacts))
    covers = dataclasses.replace(
        problem.covers,
        workload=problem.covers.workload + load.hours,
        visits=problem.covers.visits + load.visits,
    )
    return problem.replace(covers=covers, campaigns=(*problem.campaigns, load))


def facts(problem: Problem, plan: Plan) -> PlanFacts:
    staff = frozenset(problem.covers.incumbent_ids) & frozenset(problem.owners.ids)
    return facts_of(problem, plan, market_of(problem), staff)


def market_of(problem: Problem) -> Market:
    return Market(tuple(sorted(set(problem.units.wholes))))


def money_settings(**figures: object) -> MoneySettings:
    return MoneySettings.model_validate({"per_km": 0.5, **figures})


def test_mail_done_centrally_adds_its_sales_and_cost_and_nothing_else() -> None:
    bare = sketch(np.random.default_rng(1), []).problem()
    problem = with_campaign(bare, MAIL, [10.0, 0.0, 20.0, 0.0, 0.0])
    today, plan = Plan.incumbent(bare), Plan(np.array([0, 0, 1, 1, 2]))
    fitted = facts(bare, today)
    before = money_of(facts(bare, plan), money_settings(margin=0.4), market_of(bare), fitted, "EUR")
    after = money_of(
        facts(problem, plan),
        money_settings(margin=0.4),
        market_of(bare),
        fitted,
        "EUR",
        campaigns={"mail": EXPECTED},
    )
    # 30 contacts, 6 answers at 40; 25 + 30 · 1.50.
    added = after.amount("expected_sales") - before.amount("expected_sales")
    assert added == pytest.approx(240.0)
    assert after.amount("margin") - before.amount("margin") == pytest.approx(96.0)
    assert after.amount("campaigns") == pytest.approx(70.0)
    for name in ("people", "travel", "disruption"):
        assert after.amount(name) == before.amount(name)
    assert after.contribution - before.contribution == pytest.approx(96.0 - 70.0)
    assert all(row.assumed for row in after.rows if row.name in ("expected_sales", "margin"))
    assert "campaigns" not in {row.name for row in before.rows}


def test_hours_of_a_campaign_are_lost_to_other_selling() -> None:
    bare = sketch(np.random.default_rng(1), []).problem()
    problem = with_campaign(bare, CALLS, [10.0, 10.0, 0.0, 0.0, 0.0])
    plan = Plan(np.zeros(5, dtype=int))
    # An hour for each of 20 contacts, half of them answered: 10 for calls, 10 for visits.
    assert problem.campaign_hours.sum() == pytest.approx(20.0)
    held, free = facts(problem, plan), facts(bare, plan)
    travel = held.travel_hours - free.travel_hours
    assert travel > 0
    assert free.free_hours[0] - held.free_hours[0] == pytest.approx(20.0 + travel)
    assert held.workload == pytest.approx(free.workload)


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_with_campaigns_passes_the_bound(seed: int) -> None:
    random = np.random.default_rng(seed)
    kinds = [OwnerKind.REP, OwnerKind.REP, OwnerKind.HOUSE]
    bare = sketch(random, kinds).problem()
    problem = with_campaign(bare, MAIL, random.uniform(0, 30, 5).tolist())
    problem = with_campaign(problem, CALLS, [*random.uniform(1, 20, 4).tolist(), 0.0])
    effects = {
        "mail": EXPECTED,
        "calls": dataclasses.replace(EXPECTED, measure="share_of_potential", value=0.05),
    }
    market, fitted = market_of(bare), facts(bare, Plan.incumbent(bare))
    settings = money_settings(per_night=5, per_travel_hour=0.2, disruption_loss=0.15)
    figures = Figures.of(settings, effects)
    values = []
    for owners in itertools.product(range(3), repeat=5):
        own = facts(problem, Plan(np.array(owners)))
        values.append(money_of(own, settings, market, fitted, "EUR", campaigns=effects))
    best = max(money.contribution for money in values)
    some = facts(problem, Plan(np.array([0, 1, 1, 2, 0])))
    bound = contribution_bound(some, figures, calibrate(market, fitted, figures), {})
    assert best <= bound + 1e-6
    # A bound that is far off would be worth nothing.
    assert bound - best <= 0.15 * max(money.amount("margin") for money in values)
    # What the house has, nobody calls: the most sales are not those of the plan of the house.
    assert values[-1].amount("expected_sales") < max(m.amount("expected_sales") for m in values)


def test_how_far_an_effect_may_fall_before_the_plan_without_it_wins() -> None:
    bare = sketch(np.random.default_rng(2), []).problem()
    problem = with_campaign(bare, MAIL, [10.0, 0.0, 20.0, 0.0, 0.0])
    plan = Plan.incumbent(bare)
    settings = money_settings(margin=0.5)
    contest = Contest(
        market_of(bare),
        facts(bare, plan),
        {"without": facts(bare, plan), "with": facts(problem, plan)},
        {"without": settings, "with": settings},
        {"with": {"mail": EXPECTED}},
    )
    found = {each.path: each for each in assumption_ranges(contest, "EUR")}
    effect = found["campaigns.mail.expected.per_answer"]
    assert (effect.winner, effect.unit, effect.assumed) == ("with", "EUR/answer", True)
    # The cost of 70 is earned by 6 answers at a margin of a half where each brings 23.33.
    assert effect.low == pytest.approx(70.0 / 6 / 0.5, abs=1e-3)
    assert effect.high == 80.0
