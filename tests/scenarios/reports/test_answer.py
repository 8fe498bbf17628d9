"""The answer: a winner only by proof, and plain words otherwise."""

from __future__ import annotations

import dataclasses

import pytest
from teig.models import Objective
from teig.models.plan import Status
from teig.models.rules import Capacity
from teig.optimizer import solve_territories
from teig.scenarios.comparison import compare_pairs, comparison_table, open_amounts
from teig.scenarios.reports.answer import Answer, answer
from teig.scenarios.reports.figures import all_figures, gap_text
from teig.scenarios.reports.lacks import lacks
from teig.scenarios.reports.numbers import MoneyScale
from teig.scenarios.results import AssumptionRange, RunResult, Verdict

from tests.enumeration import row

from .hand_made import grid_problem, grid_run, make_result, make_run

MONEY = MoneyScale.fitting(10_000_000, "USD")


def said(run: RunResult) -> Answer:
    return answer(run, all_figures(run), MONEY)


def with_verdicts(*verdicts: Verdict) -> RunResult:
    return dataclasses.replace(grid_run(), verdicts=verdicts)


def test_a_proven_winner_is_named_with_the_limit_of_the_others() -> None:
    found = said(
        with_verdicts(Verdict("rebalanced", "house & co", "contribution", "house & co", "better"))
    )
    assert found.winner == found.leading == "house & co"
    assert found.headline == "house & co wins."
    assert "no plan of any other scenario that keeps its rules" in found.why
    assert "(rebalanced)" in found.why


def test_what_the_others_lack_adds_up_to_the_difference() -> None:
    run = grid_run()
    for leading in ("rebalanced", "house & co"):
        (lack,) = lacks(run, leading)
        own, best = run[lack.name].money, run[leading].money
        assert own is not None
        assert best is not None
        assert lack.difference == own.contribution - best.contribution != 0
        assert sum(amount for _, amount in lack.parts) == pytest.approx(lack.difference)
        assert lack.room == own.bound - best.contribution
    assert lacks(run, None) == ()


def test_a_gap_without_a_bound_is_said_in_the_unit_of_what_is_broken() -> None:
    objective = Objective.in_order(
        [("capacity", {"rule:capacity": 1.0}), ("drive", {"travel_km": 1.0})]
    )
    problem = row(4, 2).problem([Capacity(limit=0.01, hard=False)], objective)
    territory = solve_territories(problem)
    result = dataclasses.replace(
        grid_run().scenarios[0],
        problem=problem,
        plan=territory.plan,
        evaluation=territory.evaluation,
        territory=territory,
    )
    assert territory.evaluation is not None
    hours = territory.evaluation.terms["rule:capacity"].value
    assert hours > 10
    assert open_amounts(result) == (), "nothing is open where the stage is proven"
    first = dataclasses.replace(territory.stages[0], status=Status.FEASIBLE, bound=0.0)
    stages = (first, *territory.stages[1:])
    result = dataclasses.replace(result, territory=dataclasses.replace(territory, stages=stages))
    assert open_amounts(result) == ((hours, "hours"),)
    assert gap_text(result) == f"{hours:.0f} hours"


def test_a_tie_names_both_and_what_the_second_could_still_reach() -> None:
    found = said(with_verdicts(Verdict("rebalanced", "house & co", "contribution", None, "open")))
    assert found.winner is None
    assert set(found.contenders) == {"rebalanced", "house & co"}
    assert "cannot be told apart" in found.headline
    assert "could still reach" in found.why


def test_better_figures_alone_make_no_winner() -> None:
    assert said(with_verdicts()).winner is None


def test_a_verdict_by_objective_speaks_with_its_own_reason() -> None:
    reason = "in travel, rebalanced is better than any plan of house & co can be"
    found = said(
        with_verdicts(Verdict("rebalanced", "house & co", "objective", "rebalanced", reason))
    )
    assert found.why == reason


def test_money_decides_before_the_objective() -> None:
    found = said(
        with_verdicts(
            Verdict("rebalanced", "house & co", "objective", "rebalanced", "by travel"),
            Verdict("rebalanced", "house & co", "contribution", None, "open"),
        )
    )
    assert found.winner is None


def test_a_single_scenario_is_set_beside_today() -> None:
    run = grid_run()
    found = said(dataclasses.replace(run, scenarios=run.scenarios[:1], verdicts=()))
    assert found.headline == "One scenario was solved: rebalanced."
    assert "against today's alignment" in found.why


def test_scenarios_without_a_plan_are_left_out_and_said_to_be() -> None:
    run = grid_run()
    failed = make_result("too few", grid_problem(), None)
    found = said(make_run("three", run.incumbent, [*run.scenarios, failed], run.verdicts))
    assert "too few (infeasible)" in found.sentences[-1]
    assert said(make_run("none", None, [failed])).headline == "No scenario has a plan."


def test_the_worst_rep_and_the_cost_are_said() -> None:
    text = " ".join(said(grid_run()).sentences)
    assert "fullest rep" in text
    assert "R0" in text
    assert "for people" in text
    assert "change hands" in text


def test_an_assumption_that_could_turn_the_result_is_said() -> None:
    shaky = AssumptionRange(
        "money.margin", 0.3, "", True, "rebalanced", 0.2, 0.4, 0.1, 0.5, "margin"
    )
    firm = dataclasses.replace(shaky, low=0.1, high=0.5)
    won = with_verdicts(Verdict("rebalanced", "house & co", "contribution", "rebalanced", "x"))
    with_shaky = said(dataclasses.replace(won, assumptions=(firm, shaky)))
    told = "margin below 0.2 or above 0.4 (assumed 0.3) another scenario wins"
    assert any(told in s for s in with_shaky.sentences)
    # What was not tried is not told, and the least move of all counts, whatever the unit.
    cost = dataclasses.replace(
        shaky, path="c", value=2500.0, low=1000.0, high=2600.0, tried_low=1000.0, tried_high=4500.0,
        unit="USD/answer", meaning="what it brings",
    )  # fmt: skip
    (sentence,) = [
        s
        for s in said(dataclasses.replace(won, assumptions=(shaky, cost))).sentences
        if "rests" in s
    ]
    assert "what it brings above 2,600 USD/answer (assumed 2,500)" in sentence
    with_firm = said(dataclasses.replace(won, assumptions=(firm,)))
    assert not any("assumed" in sentence for sentence in with_firm.sentences)


def test_a_given_plan_that_breaks_hard_rules_wins_nothing() -> None:
    run = grid_run()
    assert run.incumbent is not None
    broken = dataclasses.replace(run["rebalanced"], status=Status.INVALID)
    verdicts = compare_pairs(run.incumbent, [broken, run["house & co"]])
    against = [v for v in verdicts if "rebalanced" in (v.first, v.second)]
    assert len(against) == 2
    assert all(v.winner is None and "breaks hard rules" in v.reason for v in against)
    given = (broken, run["house & co"])
    table = comparison_table(run.incumbent, given, verdicts).set_index("scenario")
    assert table.loc["rebalanced", "verdict"] == "breaks hard rules"
    found = said(dataclasses.replace(run, scenarios=given, verdicts=verdicts))
    assert found.contenders == ("house & co",)
    assert "rebalanced" not in found.headline + found.why


def test_a_plan_that_breaks_hard_rules_stands_in_no_winners_way() -> None:
    run = grid_run()
    best = dataclasses.replace(run["house & co"], name="best")
    assert best.money is not None
    best = dataclasses.replace(
        best,
        money=dataclasses.replace(best.money, contribution=9e9, bound=9e9),
    )
    broken = dataclasses.replace(run["rebalanced"], name="by hand", status=Status.INVALID)
    scenarios = (run["rebalanced"], best, broken)
    verdicts = compare_pairs(run.incumbent, scenarios)
    found = said(dataclasses.replace(run, scenarios=scenarios, verdicts=verdicts))
    assert found.winner == "best"
    assert "by hand" not in found.headline + found.why


def test_scenarios_with_other_money_are_not_compared_by_contribution() -> None:
    run = grid_run()
    first, second = run.scenarios
    dearer = dataclasses.replace(second, settings={**second.settings, "money": {"margin": 0.9}})
    verdicts = compare_pairs(run.incumbent, [first, dearer])
    by_money = [v for v in verdicts if v.criterion == "contribution"]
    assert [v.comparable for v in by_money if dearer.name in (v.first, v.second)] == [False, False]
    assert [v.comparable for v in by_money if dearer.name not in (v.first, v.second)] == [True]
    table = comparison_table(run.incumbent, [first, dearer], verdicts).set_index("scenario")
    assert table.loc[dearer.name, "verdict"] == "not comparable"
    found = said(dataclasses.replace(run, scenarios=(first, dearer), verdicts=verdicts))
    assert found.winner is None
    assert "cannot all be compared" in found.headline
    assert found.why.endswith("not comparable: their money settings differ: margin.")
