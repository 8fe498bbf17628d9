"""The quota problem's parts, their validation, and the check without a solver."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from teig.models import BadInput
from teig.models.quotas import (
    Limit,
    LimitKind,
    QuotaPlan,
    QuotaProblem,
    QuotaTree,
    Relief,
    check_quotas,
    evaluate_quotas,
    round_half_up,
)


def small_tree(units: tuple[int, ...] = (1, 1), hedge: Fraction = Fraction(0)) -> QuotaTree:
    return QuotaTree(
        ("top", "a", "b"),
        np.array([-1, 0, 0]),
        np.array([0, 1, 1]),
        ("top", "rep"),
        (hedge, Fraction(0), Fraction(0)),
        units,
    )


def small_problem(**changes: object) -> QuotaProblem:
    problem = QuotaProblem(
        small_tree(),
        ("all",),
        ("year",),
        np.array([[[30.0]], [[10.0]]]),
        np.array([[20]]),
        minor_units=1,
    )
    return problem.replace(**changes)


def test_halves_go_up() -> None:
    assert [round_half_up(Fraction(n, 2), 1) for n in (1, 2, 3, 5)] == [1, 1, 2, 3]
    assert round_half_up(Fraction(150), 100) == 200
    assert round_half_up(Fraction(149), 100) == 100


@pytest.mark.parametrize("hedge", [Fraction(0), Fraction(1, 20), Fraction(1, 3), Fraction(3, 2)])
@pytest.mark.parametrize("units", [(1, 1), (5, 2), (2, 3), (10, 4)])
def test_quotas_handing_inverts_hand_down(hedge: Fraction, units: tuple[int, int]) -> None:
    tree = small_tree(units, hedge)
    step, handed = int(tree.cell_units[0]), tree.handed_units[0]
    hits = 0
    for low in range(0, 60, handed):
        for high in range(low, low + 4 * handed, handed):
            inside = [q for q in range(0, 120, step) if low <= tree.hand_down(0, q) <= high]
            least, most = tree.quotas_handing(0, low, high)
            assert list(range(max(least, 0), most + 1, step)) == inside
            hits += bool(inside)
    assert hits > 10


def test_units_grow_where_nothing_may_be_lost_on_the_way() -> None:
    assert small_tree((100, 250)).cell_units.tolist() == [500, 250, 250]
    assert small_tree((100, 250), Fraction(1, 10)).cell_units.tolist() == [100, 250, 250]


def test_a_tree_names_all_that_is_wrong() -> None:
    with pytest.raises(BadInput) as caught:
        QuotaTree(
            ("a", "a"),
            np.array([-1, 1]),
            np.array([0, 3]),
            ("x",),
            (Fraction(-1), Fraction(0)),
            (0,),
        )
    assert len(caught.value.problems) == 5


def test_the_index_follows_the_budget_and_the_hedge() -> None:
    problem = small_problem(tree=small_tree(hedge=Fraction(1, 10)))
    assert problem.index.ravel() == pytest.approx([20.0, 16.5, 5.5])


def test_relief_is_shared_or_lost() -> None:
    ramp = np.array([[1.0], [0.5]])
    shared = small_problem(productivity=ramp)
    assert shared.index.ravel() == pytest.approx([20.0, 20 * 30 / 35, 20 * 5 / 35])
    lost = small_problem(productivity=ramp, relief=Relief.LOST)
    assert lost.index.ravel() == pytest.approx([17.5, 15.0, 2.5])
    assert [x.low for x in lost.rules] == [17]


def test_a_team_that_sells_nothing_yet_is_relieved_by_the_next_one() -> None:
    tree = QuotaTree(
        ("top", "t", "a", "b"),
        np.array([-1, 0, 1, 0]),
        np.array([0, 1, 2, 2]),
        ("c", "t", "r"),
        (Fraction(0),) * 4,
        (1, 1, 1),
    )
    ramp = np.array([[0.0], [1.0]])
    raw = np.ones((2, 1, 1))
    problem = QuotaProblem(tree, ("all",), ("year",), raw, np.array([[10]]), productivity=ramp)
    assert problem.index.ravel().tolist() == [10.0, 0.0, 0.0, 10.0]


def test_the_check_finds_each_kind_of_slip() -> None:
    cap = Limit("cap of a", LimitKind.CAP, 1, (0,), (0,), high=14)
    problem = small_problem(limits=(cap,))

    def broken(*quota: int) -> list[tuple[str, str, float]]:
        plan = QuotaPlan(np.array(quota).reshape(3, 1, 1))
        return [(x.rule, x.subject, x.amount) for x in check_quotas(problem, plan)]

    assert broken(20, 14, 6) == []
    assert broken(20, 14, 5) == [("roll-up", "top, all, year", 1.0)]
    assert broken(20, 15, 5) == [("cap of a", "a", 1.0)]
    assert broken(19, 14, 5) == [("budget", "top", 1.0)]
    assert broken(20, 21, -1) == [("at least zero", "b, all, year", 1.0), ("cap of a", "a", 7.0)]
    coarse = small_problem(tree=small_tree((5, 5)))
    plan = QuotaPlan(np.array([20, 14, 6]).reshape(3, 1, 1))
    assert [x.rule for x in check_quotas(coarse, plan)] == ["rounding", "rounding"]
    with pytest.raises(ValueError, match="shape"):
        check_quotas(problem, QuotaPlan(np.zeros((2, 1, 1), dtype=np.int64)))


def test_deviation_is_relative_and_zero_has_its_own() -> None:
    problem = small_problem(raw_index=[[[1.0]], [[0.0]]], zero_deviation=0.5)
    evaluation = evaluate_quotas(problem, QuotaPlan(np.array([20, 16, 4]).reshape(3, 1, 1)))
    assert evaluation.deviation.ravel() == pytest.approx([0.0, 0.2, 2.0])
    assert evaluation.largest == pytest.approx((0.0, 2.0))
    assert evaluation.total == pytest.approx((0.0, 2.2))


def test_growth_limits_round_inwards() -> None:
    limit = Limit.growth(
        "g", 1, (0,), (0,), history=101, least=Fraction(-1, 10), most=Fraction(3, 10)
    )
    assert (limit.low, limit.high) == (91, 131)


def test_fixed_amounts_that_are_no_multiples_are_reported_together() -> None:
    pin = Limit("pin of a", LimitKind.PIN, 1, (0,), (0,), 7, 7)
    with pytest.raises(BadInput) as caught:
        small_problem(tree=small_tree((5, 5)), budget=[[22]], limits=(pin,))
    assert {problem.place for problem in caught.value.problems} == {"budget", "pin of a"}


def test_limits_are_the_same_in_any_order() -> None:
    limits = [
        Limit("b", LimitKind.CAP, 2, (0,), (0,), high=9),
        Limit("a", LimitKind.PIN, 1, (0,), (0,), 4, 4),
    ]
    first, second = small_problem(limits=limits), small_problem(limits=limits[::-1])
    assert first.rules == second.rules


def test_models_know_no_solver() -> None:
    code = "import sys, teig.models.quotas; sys.exit('ortools' in sys.modules or 'numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
