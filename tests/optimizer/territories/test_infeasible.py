"""Why there is no plan: the rules and units are named, and nothing is called infeasible without proof."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models import Objective, OwnerKind, Rule, evaluate
from teig.models.plan import Plan, Status
from teig.models.rules import (
    Balance,
    BaseInTerritory,
    Capacity,
    Compactness,
    Contiguity,
    DisruptionCap,
    Forbid,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    MeasureRange,
    Skills,
)
from teig.optimizer import solve_territories
from teig.optimizer.explain import (
    broken_texts,
    conflicting_rules,
    describe,
    find_obstacles,
    oversized_units,
)

from ...enumeration import Sketch, best_in_order, random_problem, row

CASES: dict[str, tuple[Sketch, list[Rule], list[str]]] = {
    "two locks": (
        row(),
        [Lock(name="plan_a", owners={"u1": "r0"}), Lock(name="plan_b", owners={"u1": "r1"})],
        ["u1 is locked to r0 (rule plan_a) and to r1 (rule plan_b)"],
    ),
    "forbidden by different rules": (
        row(3, 2, needs=[frozenset({"x"}), frozenset(), frozenset()], skills=[frozenset(), frozenset({"x"})]),
        [Skills(), Forbid(pairs=(("u0", "r1"),))],
        ["nobody may have u0: not r0 (skills), r1 (forbid)"],
    ),
    "too far for all": (
        row(3, 1),
        [MaximumDistance(kilometres=60)],
        ["nobody may have u2: not r0 (maximum_distance)"],
    ),
    "a unit above a fair share": (
        row(3, 2, sales=[1, 1, 8]),
        [Balance(name="fair_sales", measure="sales", tolerance=0.1, target="equal")],
        ["u2 holds 1.60 fair shares of sales, where at most 1.10 are allowed", "declare `parts`"],
    ),
    "too much work": (row(3, 2, hours=[5, 5]), [Capacity()], [" hours, all owners together may carry 10"]),
    "too few units": (row(2, 3), [MeasureRange(minimum=1)], ["come to 2 units at most, all owners together must carry 3"]),
    "one owner's minimum": (
        row(3, 2),
        [MeasureRange(minimum=2, maximum=9), Forbid(pairs=(("u0", "r1"), ("u1", "r1")))],
        ["r1 must carry 2 units, and all units that it may have come to 1"],
    ),
    "forced moves": (
        row(incumbent=["r0", "r0", "r1"]),
        [DisruptionCap(share=0.1, measure="units"), Forbid(pairs=(("u0", "r0"),))],
        ["at least 1 must change hands, since the present owners may not keep u0"],
    ),
    "together and apart": (
        row(),
        [KeepTogether(groups=(("u0", "u1"),)), KeepApart(groups=(("u0", "u1"),))],
        ["the group u0, u1 must stay together, and apart (rule keep_apart)"],
    ),
    "two bases in one unit": (
        row(),
        [BaseInTerritory(bases={"r0": "u1", "r1": "u1"})],
        ["u1 is the base of r0, r1"],
    ),
    "a base out of reach": (
        row(),
        [BaseInTerritory(bases={"r0": "u1"}), Forbid(pairs=(("u1", "r0"),))],
        ["r0 must have its base u1 and may not (rule base_in_territory): forbid"],
    ),
    "islands": (
        Sketch(places=[(0, i) for i in range(3)], edges=[], bases=[(0, 0), (0, 2)]),
        [Contiguity()],
        ["the neighbour graph falls into 3 pieces and there are 2 owners"],
    ),
    "an island too small": (
        Sketch(places=[(0, i) for i in range(4)], edges=[(0, 1), (1, 2)], bases=[(0, 0), (0, 2)]),
        [Contiguity(), MeasureRange(minimum=2)],
        ["u3 hang together with nothing else", "less than any owner must carry"],
    ),
    "only a search shows it": (
        row(4, 2),
        [Compactness(maximum_diameter=60), Balance(measure="units", tolerance=0.1, target="equal"),
         KeepApart(groups=(("u0", "u1"),)), Capacity(limit=5)],
        ["these rules cannot hold together", "compactness", "keep_apart"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_reason_is_named(case: str) -> None:
    sketch, rules, texts = CASES[case]
    problem = sketch.problem(rules, Objective.weighted({"travel_km": 1.0}))
    assert best_in_order(problem) is None, "the case is possible after all"
    result = solve_territories(problem)
    assert result.status is Status.INFEASIBLE
    said = "\n".join(result.explanation)
    for text in texts:
        assert text in said
    for rule in rules:
        assert rule.name in said or len(rules) > 1
    assert not any(text.endswith(":") for text in result.explanation)


def test_obstacles_are_only_found_where_no_plan_exists() -> None:
    """On random problems: an obstacle is a proof; and most impossible problems have one."""
    impossible = named = 0
    for number in range(150):
        problem = random_problem(np.random.default_rng([99, number]))
        obstacles = find_obstacles(problem)
        oracle = best_in_order(problem)
        if oracle is not None:
            assert not obstacles, (number, obstacles)
        else:
            impossible += 1
            named += bool(obstacles)
    assert impossible >= 20
    assert named >= impossible / 2


def test_a_conflict_is_smallest() -> None:
    sketch, rules, _ = CASES["only a search shows it"]
    problem = sketch.problem(rules, Objective.weighted({"travel_km": 1.0}))
    conflict = conflicting_rules(problem)
    assert conflict is not None
    assert {rule.kind for rule in conflict} < {rule.kind for rule in rules}
    assert best_in_order(problem.replace(rules=conflict)) is None
    for rule in conflict:
        fewer = tuple(other for other in conflict if other is not rule)
        assert best_in_order(problem.replace(rules=fewer)) is not None


def test_possible_problems_have_no_conflict() -> None:
    assert conflicting_rules(row().problem([Contiguity()])) is None


def test_units_above_a_fair_share_stand_out_in_a_soft_balance() -> None:
    rule = Balance(
        name="fair", measure="sales", tolerance=0.1, target="equal", hard=False, price=1.0
    )
    result = solve_territories(row(3, 2, sales=[1, 1, 8]).problem([rule]))
    assert result.status is Status.OPTIMAL
    assert any("u2 alone is 1.60" in text and "`parts`" in text for text in result.explanation)
    assert oversized_units(row(4, 2).problem([rule])) == ()


def test_the_house_is_not_an_island() -> None:
    sketch = Sketch(
        places=[(0, 0), (0, 1), (0, 2)], edges=[(0, 1)], bases=[(0, 0), (0, 2)],
        kinds=[OwnerKind.REP, OwnerKind.HOUSE],
    )  # fmt: skip
    problem = sketch.problem([Contiguity()])
    assert find_obstacles(problem) == ()
    assert solve_territories(problem).status is Status.OPTIMAL


def test_what_a_plan_breaks_has_the_unit_of_the_rule() -> None:
    problem = row(4, 2).problem(
        [MeasureRange(name="few", measure="units", maximum=1), Capacity(limit=0.001)]
    )
    evaluation = evaluate(problem, Plan(np.zeros(4, dtype=np.int64)))
    over = sum(each.amount for each in evaluation.violations if each.rule == "capacity")
    said = broken_texts(problem, Plan(np.zeros(4, dtype=np.int64)))
    assert said == (
        "the nearest plan found breaks few by 3.0 units",
        f"the nearest plan found breaks capacity by {over:.1f} hours",
    )


def test_rules_are_described_by_what_was_set() -> None:
    assert describe(Contiguity()) == "contiguity"
    assert describe(Lock(name="named", owners={"u1": "r0"})) == "named (lock: owners u1 → r0)"
    assert describe(Capacity(limit=0.9)) == "capacity (limit 0.9)"
