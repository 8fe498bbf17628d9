"""Money on plans: today's sales come out again, nothing counts twice, the bound holds."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.models import Objective, OwnerKind, Plan, Problem
from teig.models.rules import Balance, Capacity, DisruptionCap
from teig.models.terms import stage_value
from teig.optimizer import solve_territories
from teig.scenarios.files.sections import Money as MoneySettings
from teig.scenarios.money import Contest, Market, PlanFacts, assumption_ranges, facts_of, money_of
from teig.scenarios.money.bound import contribution_bound
from teig.scenarios.money.calibration import calibrate
from teig.scenarios.money.figures import Figures, figures_in, is_assumed

from tests.enumeration import Sketch, all_plans


def market_of(problem: Problem) -> Market:
    return Market(tuple(sorted(set(problem.units.wholes))))


def employed(problem: Problem) -> frozenset[str]:
    return frozenset(problem.covers.incumbent_ids) & frozenset(problem.owners.ids)


def facts(problem: Problem, plan: Plan, base: Problem | None = None) -> PlanFacts:
    base = base or problem
    return facts_of(problem, plan, market_of(base), employed(base))


def money_settings(**figures: object) -> MoneySettings:
    return MoneySettings.model_validate({"per_km": 0.5, **figures})


def sketch(random: np.random.Generator, units: int = 4, owners: int = 2) -> Sketch:
    return Sketch(
        places=[(0.0, 0.3 * i) for i in range(units)],
        edges=[(i, i + 1) for i in range(units - 1)],
        bases=[(0.1, float(b)) for b in random.uniform(0, 0.3 * units, owners)],
        hours=[float(h) for h in random.uniform(60, 140, owners)],
        sales=[float(s) for s in random.uniform(0, 900, units)],
        potential=[float(p) for p in random.uniform(900, 3000, units)],
        incumbent=[f"r{random.integers(owners)}" for _ in range(units)],
    )


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    response=st.floats(0.1, 0.8),
    weight=st.floats(0.0, 1.0),
    owed=st.sampled_from([0.0, 0.4]),
)
def test_todays_plan_sells_what_it_sells_today(
    seed: int, response: float, weight: float, owed: float
) -> None:
    problem = sketch(np.random.default_rng(seed)).problem()
    today = facts(problem, Plan.incumbent(problem))
    figures = money_settings(response=response, potential_weight=weight, standards_owed=owed)
    money = money_of(today, figures, market_of(problem), today, "EUR")
    assert money.amount("expected_sales") == pytest.approx(problem.covers.measures["sales"].sum())
    assert money.amount("disruption") == 0.0


def with_house(random: np.random.Generator) -> Problem:
    drawn = sketch(random, units=5, owners=3)
    kinds = [OwnerKind.REP, OwnerKind.REP, OwnerKind.HOUSE]
    return dataclasses.replace(drawn, kinds=kinds).problem()


@pytest.mark.parametrize("seed", range(15))
def test_no_plan_passes_the_bound(seed: int) -> None:
    problem = with_house(np.random.default_rng(seed))
    market = market_of(problem)
    today = facts(problem, Plan.incumbent(problem))
    figures = money_settings(per_night=5, per_travel_hour=0.2, disruption_loss=0.15)
    values = []
    for owners in itertools.product(range(3), repeat=5):
        money = money_of(facts(problem, Plan(np.array(owners))), figures, market, today, "EUR")
        assert money.bound == money.contribution, "a frozen plan can only be what it is"
        values.append(money.contribution)
    for owners in ((0, 0, 0, 0, 0), (0, 1, 1, 2, 0)):
        bound = bound_by(problem, Plan(np.array(owners)), figures, {})
        assert max(values) <= bound + 1e-6
        # A bound that is far off would be worth nothing.
        assert bound - max(values) <= 0.15 * abs(bound)


def bound_by(
    problem: Problem, plan: Plan, settings: MoneySettings, reached: Mapping[str, float]
) -> float:
    market, figures = market_of(problem), Figures.of(settings)
    today = facts(problem, Plan.incumbent(problem))
    fitted = calibrate(market, today, figures)
    return contribution_bound(facts(problem, plan), figures, fitted, reached)


def test_no_plan_that_is_as_good_in_the_leading_stages_passes_the_bound() -> None:
    figures = money_settings(per_night=5, disruption_loss=0.3, response=0.4)
    sharper = broken = left_out = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        rules = [
            Capacity(limit=float(random.uniform(0.3, 0.9)), hard=False),
            Balance(measure="sales", tolerance=float(random.uniform(0.05, 0.6)), hard=False),
            DisruptionCap(share=float(random.uniform(0.3, 1.0)), measure="sales"),
        ]
        stages = [("capacity", {"rule:capacity": 1.0}), ("balance", {"rule:balance_sales": 0.01})]
        objective = Objective.in_order([*stages, ("drive", {"travel_km": 1.0})])
        drawn = dataclasses.replace(sketch(random, units=4, owners=3), kinds=[])
        problem = drawn.problem(rules, objective)
        market = market_of(problem)
        today = facts(problem, Plan.incumbent(problem))
        at_hand = solve_territories(problem)
        assert at_hand.plan is not None
        assert at_hand.evaluation is not None
        reached = at_hand.evaluation.objectives
        bound = bound_by(problem, at_hand.plan, figures, reached)
        free = bound_by(problem, at_hand.plan, figures, {})
        best = -np.inf
        for plan in all_plans(problem):
            value = money_of(facts(problem, plan), figures, market, today, "EUR").contribution
            leading = problem.objective.stages[:2]
            if not rules[-1].check(problem, plan) and all(
                stage_value(problem, plan, stage) <= reached[stage.name] + 1e-9 for stage in leading
            ):
                best = max(best, value)
            else:
                left_out += value > bound
        assert best <= bound + 1e-6, seed
        sharper += bound < free - 0.01 * abs(free)
        broken += max(reached["capacity"], reached["balance"]) > 0
    # The ascent may miss by a little what the problem without these limits shows.
    assert sharper >= 5, sharper
    assert broken >= 5, broken
    assert left_out >= 5, left_out


def test_an_overlay_adds_only_what_it_lifts() -> None:
    drawn = Sketch(
        places=[(0.0, 0.1), (0.0, 0.2)],
        edges=[(0, 1)],
        bases=[(0.0, 0.1), (0.0, 0.2)],
        owner_team=[0, 1],
        unit_teams=[(0, 1), (0, 1)],
        sales=[600.0, 400.0],
        potential=[2000.0, 2000.0],
        incumbent=["r0", "r0"],
        workload=[10.0, 10.0],
        visits=[0.0, 0.0],
        hours=[100.0, 20.0],
    )
    overlay = drawn.problem()
    alone = dataclasses.replace(
        drawn, owner_team=[0], unit_teams=[(0,), (0,)], bases=[(0.0, 0.1)], hours=[100.0]
    ).problem()
    market = market_of(alone)
    today = facts(alone, Plan.incumbent(alone))
    figures = money_settings(lift={"t1": 0.05})
    both = facts(overlay, Plan(np.array([0, 0, 1, 1])), alone)
    money = money_of(both, figures, market, today, "EUR")
    # The overlay has just the 20 hours that it promised.
    assert money.amount("expected_sales") == pytest.approx(1000.0 * 1.05)
    none = money_of(both, money_settings(), market, today, "EUR")
    assert none.amount("expected_sales") == pytest.approx(1000.0)


def test_what_a_team_of_a_loser_adds_may_turn_the_order() -> None:
    drawn = Sketch(
        places=[(0.0, 0.1), (0.0, 0.2)],
        edges=[(0, 1)],
        bases=[(0.0, 0.1), (0.0, 0.2)],
        owner_team=[0, 1],
        unit_teams=[(0, 1), (0, 1)],
        sales=[600.0, 400.0],
        incumbent=["r0", "r0"],
        workload=[10.0, 10.0],
        hours=[100.0, 20.0],
    )
    overlay = drawn.problem()
    alone = dataclasses.replace(
        drawn, owner_team=[0], unit_teams=[(0,), (0,)], bases=[(0.0, 0.1)], hours=[100.0]
    ).problem()
    plain = money_settings()
    lifted = money_settings(management=30.0, lift={"t1": {"value": 0.05, "range": [0.0, 0.9]}})
    contest = Contest(
        market_of(alone),
        facts(alone, Plan.incumbent(alone)),
        {
            "plain": facts(alone, Plan.incumbent(alone)),
            "experts": facts(overlay, Plan(np.array([0, 0, 1, 1])), alone),
        },
        {"plain": plain, "experts": lifted},
    )
    lift = {each.path: each for each in assumption_ranges(contest, "EUR")}["money.lift.t1"]
    assert lift.winner == contest.winner() == "plain"
    assert 0.05 < lift.high < 0.9
    assert contest.winner("lift.t1", lift.high + 0.01) == "experts"


def test_todays_overlay_is_part_of_todays_sales() -> None:
    drawn = Sketch(
        places=[(0.0, 0.1), (0.0, 0.2)],
        edges=[(0, 1)],
        bases=[(0.0, 0.1), (0.0, 0.2)],
        owner_team=[0, 1],
        unit_teams=[(0, 1), (0, 1)],
        sales=[600.0, 400.0],
        incumbent=["r0 r1", "r0 r1"],
    )
    problem = drawn.problem()
    today = facts(problem, Plan.incumbent(problem))
    figures = money_settings(lift={"t1": 0.2})
    money = money_of(today, figures, market_of(problem), today, "EUR")
    assert money.amount("expected_sales") == pytest.approx(1000.0)


def test_a_unit_that_leaves_a_closed_position_changes_hands() -> None:
    drawn = sketch(np.random.default_rng(3))
    base = dataclasses.replace(drawn, incumbent=["r0", "r0", "r1", "r1"]).problem()
    smaller = dataclasses.replace(
        drawn, bases=drawn.bases[:1], hours=drawn.hours[:1], incumbent=["r0", "r0", "r1", "r1"]
    ).problem()
    today = facts(base, Plan.incumbent(base))
    after = facts(smaller, Plan(np.zeros(4, dtype=int)), base)
    figures = money_settings(margin=0.5, disruption_loss=0.1)
    money = money_of(after, figures, market_of(base), today, "EUR")
    moved = base.covers.measures["sales"][2:].sum()
    assert money.amount("disruption") == pytest.approx(0.5 * 0.1 * moved)


def test_the_range_of_an_assumption_ends_where_another_scenario_wins() -> None:
    drawn = dataclasses.replace(
        sketch(np.random.default_rng(5)), incumbent=["r0", "r1", "r0", "r1"]
    )
    problem = drawn.problem()
    market = market_of(problem)
    stay, tidy = Plan.incumbent(problem), Plan(np.array([0, 0, 1, 1]))
    given_money = money_settings(disruption_loss={"value": 0.05, "range": [0.0, 1.0]})
    contest = Contest(
        market,
        facts(problem, stay),
        {"stay": facts(problem, stay), "tidy": facts(problem, tidy)},
        {"stay": given_money, "tidy": given_money},
    )
    found = {each.path: each for each in assumption_ranges(contest, "EUR")}
    loss = found["money.disruption_loss"]
    edges = [edge for edge in (loss.low, loss.high) if 0.0 < edge < 1.0]
    assert edges
    for edge in edges:
        around = {contest.winner("disruption_loss", edge + step) for step in (-0.01, 0.01)}
        assert around == {"stay", "tidy"}
    assert contest.winner("disruption_loss", loss.value) == loss.winner


def test_a_cost_of_nothing_is_no_guess_unless_it_is_to_be_varied() -> None:
    settings = money_settings(per_km={"value": 0.5, "marked": "measured"}, response=0.3)
    assumed = {f.path for f in figures_in(settings, "EUR") if f.assumed}
    assert "response" in assumed
    assert not {"per_night", "per_travel_hour", "standards_owed", "per_km"} & assumed
    wary = money_settings(per_night={"value": 0.0, "range": [0.0, 50.0]})
    assert "per_night" in {f.path for f in figures_in(wary, "EUR") if f.assumed}
    assert is_assumed(wary, "per_night")
    assert not is_assumed(settings, "per_night")
