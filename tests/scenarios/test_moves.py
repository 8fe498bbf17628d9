"""Reasons of moves: each read from a market that was made to have just that one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from teig.models.plan import Plan
from teig.models.problem import Problem
from teig.models.rules import (
    Balance,
    Capacity,
    Contiguity,
    Forbid,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    Rule,
    Skills,
)
from teig.scenarios.moves import NO_SINGLE_CAUSE, Move, list_moves

from .reports.hand_made import (
    TeamOf,
    grid_pairs,
    grid_problem,
    grid_reps,
    grid_run,
    grid_units,
    make_problem,
    make_result,
)


def moves_of(
    given: dict[int, str], *, problem: Problem | None = None, today: bool = False, **changes: Any
) -> tuple[Move, ...]:
    """Moves of the grid's plan where some squares go to other owners."""
    problem = problem or grid_problem(**changes)
    owner = [problem.owner_index.get(rep, 0) for rep in problem.covers.incumbent_ids]
    for unit, rep in given.items():
        owner[unit] = problem.owner_index[rep]
    frozen = make_result("incumbent", problem, Plan.incumbent(problem)) if today else None
    return list_moves(make_result("plan", problem, Plan(np.array(owner))), frozen)


def only(given: dict[int, str], rule: Rule | None = None, **changes: Any) -> Move:
    rules = () if rule is None else (rule,)
    (move,) = moves_of(given, rules=rules, **changes)
    return move


def test_moves_are_listed_by_sales_and_hold_the_figures() -> None:
    first, second = moves_of({4: "R02", 10: "R02"})
    assert (first.unit, first.source, first.target) == ("0011", "R03", "R02")
    assert (first.name, first.team, first.share) == ("Tromsø 11", "field", 1.0)
    assert first.sales == 500_000.0 > second.sales
    assert first.potential == 1_500_000.0
    assert first.kilometres_before is not None
    assert first.kilometres_after is not None
    assert first.kilometres_before > 0


def test_nothing_moves_in_todays_plan() -> None:
    assert moves_of({}) == ()
    problem = grid_problem()
    assert list_moves(make_result("plan", problem, None)) == ()


def test_a_unit_nearer_to_the_new_base() -> None:
    move = only({1: "R02"})
    assert move.kilometres_before is not None
    assert move.kilometres_after is not None
    away = only({0: "R02"})
    assert "km nearer" not in away.reason
    near = only({5: "R02"} | {}, units=grid_units().assign(incumbent="R01"), problem=None)
    assert f"{near.kilometres_before or 0:.0f}" != f"{near.kilometres_after or 0:.0f}"


def test_a_locked_unit_says_so_with_its_reason() -> None:
    lock = Lock(name="named", owners={"0001": "R02"}, reason="key account")
    assert only({0: "R02"}, lock).reasons[0] == "reserved for R02 (key account)"


def test_a_forbidden_pair() -> None:
    rule = Forbid(name="conflict", pairs=(("0001", "R01"),))
    assert only({0: "R02"}, rule).reasons[0] == "R01 may not have it (rule conflict)"


def test_a_lacking_skill() -> None:
    units = grid_units().assign(skills="")
    units.loc[0, "skills"] = "cardiology"
    reps = grid_reps().assign(skills=["", "cardiology", "", ""])
    team = TeamOf("field", range(24), reps, pairs=grid_pairs())
    problem = make_problem(units, [team], (Skills(),))
    (move,) = moves_of({0: "R02"}, problem=problem)
    assert move.reasons[0] == "R01 lacks the skill cardiology"
    assert move.reason.startswith("R01 lacks")


def test_a_base_too_far_away() -> None:
    rule = MaximumDistance(kilometres=2.0)
    assert "km beyond the limit of rule maximum_distance" in only({18: "R02"}, rule).reasons[0]


def test_a_group_that_stays_together() -> None:
    units = grid_units().assign(parent="")
    units.loc[[1, 2], "parent"] = "Acme"
    move = only({1: "R02"}, KeepTogether(parents=("*",)), units=units)
    assert move.reasons[0] == "kept together with 1 other unit of Acme that R02 has"


def test_a_unit_that_would_hang_loose_with_the_old_owner() -> None:
    moves = moves_of({0: "R02", 1: "R02", 6: "R02", 7: "R02"}, rules=(Contiguity(),))
    by_unit = {move.unit: move for move in moves}
    assert "cut off from the rest of R01's territory" in by_unit["0001"].reasons


def test_a_rule_that_the_old_owner_would_break() -> None:
    move = only({0: "R02"}, KeepApart(name="rivals", groups=(("0001", "0002"),)))
    assert "with R01 it would break rule rivals" in move.reasons


def test_hours_of_today_and_of_the_plan() -> None:
    reps = grid_reps().assign(hours=[1_000.0, 9_000.0, 9_000.0, 0.0])
    team = TeamOf("field", range(24), reps, pairs=grid_pairs())
    problem = make_problem(grid_units(), [team], (Capacity(hard=False),))
    (with_today,) = moves_of({0: "R02"}, problem=problem, today=True)
    assert any(reason.startswith("R01 was at ") for reason in with_today.reasons)
    assert any(reason.startswith("R02 had room") for reason in with_today.reasons)
    (without,) = moves_of({0: "R02"}, problem=problem)
    assert any(reason.startswith("keeping it would put R01 at ") for reason in without.reasons)


def test_more_than_a_fair_share() -> None:
    units = grid_units()
    units.loc[0, "potential"] = 9e7
    problem = grid_problem(units, rules=(Balance(measure="potential", tolerance=0.1, hard=False),))
    (move,) = moves_of({0: "R02"}, problem=problem, today=True)
    assert "of a fair share of potential" in move.reason


def test_somebody_who_left() -> None:
    units = grid_units()
    units.loc[0, "incumbent"] = "R99"
    (move,) = moves_of({}, units=units)
    assert (move.source, move.target) == ("R99", "R01")
    assert move.reasons == ("R99 is not on the roster any more",)
    assert move.kilometres_before is None


def test_another_team_by_the_new_structure() -> None:
    units = grid_units()
    phone = pd.DataFrame(
        {"rep": ["P1"], "latitude": [60.1], "longitude": [10.3], "hours": [1_700.0]}
    )
    teams = [TeamOf("field", range(12), grid_reps()), TeamOf("phone", range(12, 24), phone)]
    problem = make_problem(units, teams)
    plan = Plan(np.array([*problem.covers.incumbent[:12], *[problem.owner_index["P1"]] * 12]))
    moves = list_moves(make_result("phone", problem, plan))
    assert len(moves) == 12
    assert all("eam phone serves it in this structure" in move.reason for move in moves)


def test_the_house_takes_over() -> None:
    move = only({0: "HOUSE"})
    assert move.reasons[0] == "served by the house HOUSE from now on"
    assert move.kilometres_after is None


def test_a_rep_without_hours() -> None:
    reps = grid_reps().assign(hours=[0.0, 1_700.0, 1_700.0, 0.0])
    problem = make_problem(grid_units(), [TeamOf("field", range(24), reps)], ())
    (move,) = moves_of({0: "R02"}, problem=problem)
    assert move.reasons[0] == "R01 has no hours in the plan period"


def test_where_nothing_speaks_for_it_the_list_says_so() -> None:
    reps = grid_reps().assign(hours=[90_000.0] * 3 + [0.0])
    problem = make_problem(grid_units(), [TeamOf("field", range(24), reps)], ())
    (move,) = moves_of({0: "R03"}, problem=problem)
    assert move.reasons == (NO_SINGLE_CAUSE,)


def test_parts_of_a_unit_move_as_one_share() -> None:
    units = grid_units()
    units["whole"] = units["unit"]
    units["share"] = 1.0
    units.loc[[0, 6], "whole"] = "split"
    units.loc[[0, 6], "unit"] = ["split#1", "split#2"]
    units.loc[[0, 6], "name"] = ["Oslo #1", "Oslo #2"]
    units.loc[[0, 6], "share"] = 0.5
    move = only({0: "R02"}, units=units)
    assert (move.unit, move.name, move.share) == ("split", "Oslo", 0.5)
    both = only({0: "R02", 6: "R02"}, units=units)
    assert both.share == 1.0


def test_reasons_are_few_and_start_with_a_capital() -> None:
    run = grid_run()
    moves = [move for row in run.scenarios for move in list_moves(row, run.incumbent)]
    assert len(moves) == 3
    assert all(1 <= len(move.reasons) <= 3 for move in moves)
    assert all(not move.reason[0].islower() for move in moves)
