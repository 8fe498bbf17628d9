"""Fairness as a limit that holds in whole units, as a bound, and as a certificate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.stats import kruskal, spearmanr
from teig.models import BadInput, Status
from teig.models.quotas import LeanLimit, Limit, QuotaProblem, check_quotas, number_limits
from teig.optimizer.quotas import QuotaResult, set_quotas
from teig.optimizer.quotas.fairness.dealing import LARGEST


def company(seed: int, reps: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sales = rng.integers(100, 900, reps)
    return pd.DataFrame(
        {
            "owner": [f"o{n}" for n in range(reps)],
            "parent": [f"r{n % 2}" for n in range(reps)],
            "sales": sales,
            "potential": rng.integers(500, 2000, reps),
            "expected": (sales * rng.uniform(0.9, 1.3, reps)).round(),
            "tenure": rng.integers(0, 12, reps),
            "incumbency": rng.choice(["stays", "new"], reps),
        }
    )


def set_fairly(staff: pd.DataFrame, fairness: dict[str, float], **options: Any) -> QuotaResult:
    given: dict[str, Any] = {"rounding": 1, "periods": ["year"], "minor_units": 1}
    budget = options.pop("budget", int(staff["sales"].sum()))
    return set_quotas(staff, budget, fairness=fairness, **(given | options))


def row(result: QuotaResult, covariate: str, stage: str) -> dict[str, Any]:
    frame = result.fairness
    [found] = frame[frame["covariate"].eq(covariate) & frame["stage"].eq(stage)].to_dict("records")
    return {str(key): value for key, value in found.items()}


def independent_lean(staff: pd.DataFrame, result: QuotaResult, column: str) -> float:
    """The lean by its definition, from the frames alone."""
    quota = result.quotas.groupby("node")["quota"].sum()[staff["owner"]].to_numpy()
    expected = staff["expected"].to_numpy(dtype=float)
    burden = quota / expected / (quota.sum() / expected.sum())
    values = np.log(expected) if column == "size" else staff[column]
    if column in ("incumbency", "parent"):
        means = [burden[(staff[column] == g).to_numpy()].mean() for g in set(staff[column])]
        return float(max(abs(m - burden.mean()) for m in means))
    z = (values - np.mean(values)) / np.std(values)
    return float(abs(np.polyfit(z, burden, 1)[0]))


LIMITS = {"size": 0.02, "tenure": 0.02, "incumbency": 0.03, "region": 0.03}


def test_a_limit_holds_by_its_definition_and_the_index_did_not_keep_it() -> None:
    moved = 0
    for seed in range(12):
        staff = company(seed)
        result = set_fairly(staff, LIMITS)
        assert result.status in (Status.OPTIMAL, Status.FEASIBLE)
        assert result.plan is not None
        assert not check_quotas(result.problem, result.plan)
        for name, column in (("size", "size"), ("tenure", "tenure"), ("incumbency",) * 2, ("region", "parent")):  # fmt: skip
            lean = independent_lean(staff, result, column)
            assert lean <= LIMITS[name] + 1e-6
            assert abs(row(result, name, "quota")["lean"]) == pytest.approx(lean, abs=1e-6)
            moved += abs(row(result, name, "index")["lean"]) > LIMITS[name]
    assert moved > 20


def least_largest_move(problem: QuotaProblem) -> float | None:
    """Smallest largest relative change of a leaf's quota: a mixed-integer program of its own."""
    tree = problem.tree
    size = len(tree)
    index = problem.targets.shared.sum(axis=(1, 2))
    rows, lower, upper = [], [], []

    def add(terms: dict[int, float], least: float, most: float) -> None:
        line = np.zeros(size + 1)
        for place, factor in terms.items():
            line[place] = factor
        rows.append(line)
        lower.append(least)
        upper.append(most)

    for node in tree.inner:
        add({node: -1.0} | dict.fromkeys(tree.children[node].tolist(), 1.0), 0, 0)
    for leaf in tree.leaves.tolist():
        add({leaf: 1 / index[leaf], size: -1.0}, -np.inf, 1)
        add({leaf: 1 / index[leaf], size: 1.0}, 1, np.inf)
    for limit in problem.rules:
        add({limit.node: 1.0}, limit.low or 0, np.inf if limit.high is None else limit.high)
    for lean in problem.leans:
        factors = np.array(lean.coefficients) / 1e6
        add(dict(zip(lean.nodes, factors.tolist(), strict=True)), -np.inf, 0)
    costs = np.zeros(size + 1)
    costs[-1] = 1.0
    whole = np.ones(size + 1, dtype=np.int64)
    whole[-1] = 0
    found = milp(
        costs,
        constraints=LinearConstraint(np.array(rows), lower, upper),
        integrality=whole,
        bounds=Bounds(0, np.inf),
    )
    return float(found.fun) if found.success else None


def test_the_bound_is_below_an_independent_optimum_and_the_plan_near_it() -> None:
    compared = 0
    for seed in range(20):
        result = set_fairly(company(seed), {"size": 0.01, "tenure": 0.01})
        stages = {stage.measure: stage for stage in result.stages}
        best = least_largest_move(result.problem)
        assert best is not None
        if LARGEST not in stages:
            continue
        compared += 1
        assert result.plan is not None
        index = result.problem.targets.shared.sum(axis=(1, 2))
        leaves = result.problem.tree.leaves
        quota = result.plan.quota.sum(axis=(1, 2))
        mine = np.abs(quota - index)[leaves] / index[leaves]
        assert stages[LARGEST].bound <= best + 1e-6
        assert best <= mine.max() + 1e-6
        assert mine.max() <= best + 0.02
    assert compared > 15


def test_other_limits_hold_beside_fairness() -> None:
    staff = company(3)
    pinned = int(staff["sales"][1] * 1.1)
    pins = pd.DataFrame({"node": ["o1"], "amount": [pinned]})
    result = set_fairly(staff, {"size": 0.02}, pins=pins, growth=(-0.3, 0.4))
    quota = result.quotas.groupby("node")["quota"].sum()
    assert quota["o1"] == pinned
    sold = staff.set_index("owner")["sales"]
    assert ((quota[sold.index] / sold - 1).between(-0.3, 0.4)).all()
    assert abs(row(result, "size", "quota")["lean"]) <= 0.02 + 1e-7


def test_levels_hedges_periods_and_the_house_stay_exact() -> None:
    staff = company(4, reps=12)
    house = {"owner": "house", "parent": "r0", "sales": 100, "potential": 100, "expected": 100, "level": "house", "fixed_share": 0.05}  # fmt: skip
    staff = pd.concat([staff.assign(level="rep"), pd.DataFrame([house])], ignore_index=True)
    result = set_quotas(
        staff,
        600_000,
        over_assignment={"company": 0.02, "team": 0.05},
        periods={"H1": 2, "H2": 3},
        products=["a", "b"],
        rounding=10,
        fairness={"size": 0.02, "region": 0.02},
    )
    assert result.plan is not None
    assert not check_quotas(result.problem, result.plan)
    assert (row(result, "size", "quota")["owners"], row(result, "region", "quota")["owners"]) == (
        12,
        12,
    )
    assert not result.fairness[result.fairness["stage"].eq("index")]["kept"].all()
    steps = result.explanation.groupby("node")["amount"].sum().round(6)
    quota = result.quotas.groupby("node")["quota"].sum()
    assert steps.to_dict() == {node: quota[node] for node in steps.index}


def test_coarse_units_are_dealt_by_the_solver() -> None:
    kept = 0
    for seed in range(8):
        staff = company(seed, reps=5)
        budget = int(staff["sales"].sum() // 50 * 50)
        result = set_fairly(staff, {"size": 0.01}, rounding=50, budget=budget)
        if result.plan is not None:
            kept += 1
            assert not check_quotas(result.problem, result.plan)
        else:
            assert result.status in (Status.INFEASIBLE, Status.UNKNOWN)
    assert kept > 3


def relaxed_possible(
    problem: QuotaProblem, limits: Sequence[Limit], leans: Sequence[LeanLimit]
) -> bool:
    trial = problem.replace(leans=tuple(leans), limits=())
    kept = [limit for limit in limits if limit.kind != "budget"]
    budget = [limit for limit in limits if limit.kind == "budget"]
    assert len(budget) <= 1
    if not budget:
        return True  # quotas of nought keep every cap and every lean
    return least_largest_move(trial.replace(limits=tuple(kept))) is not None


def test_an_impossible_fairness_names_a_minimal_set_and_what_would_do() -> None:
    staff = company(5)
    large, small = staff["expected"].nlargest(3).index, staff["expected"].nsmallest(3).index
    amounts = [*(staff["expected"][large] * 1.4).round(), *(staff["expected"][small] * 0.6).round()]
    owners = staff["owner"].loc[[*large, *small]]
    pins = pd.DataFrame({"node": owners, "amount": amounts})
    result = set_fairly(staff, {"size": 0.01, "tenure": 0.5}, pins=pins)
    assert result.status == Status.INFEASIBLE
    [conflict] = result.conflicts
    assert conflict.leans
    assert all("size" in name for name in (lean.name for lean in conflict.leans))
    assert not relaxed_possible(result.problem, conflict.limits, conflict.leans)
    for limit in conflict.limits:
        others = [x for x in conflict.limits if x is not limit]
        assert relaxed_possible(result.problem, others, conflict.leans)
    for lean in conflict.leans:
        others_leans = [x for x in conflict.leans if x is not lean]
        assert relaxed_possible(result.problem, conflict.limits, others_leans)
    assert any("points wider" in note for note in result.notes)
    [points] = [
        float(found[1]) for n in result.notes if (found := re.search(r"([\d.]+) points", n))
    ]
    enough = {"size": 0.01 + points / 100 + 0.002, "tenure": 0.5 + points / 100}
    assert set_fairly(staff, enough, pins=pins).plan is not None
    too_little = {"size": 0.01 + points / 100 - 0.002, "tenure": 0.5}
    assert set_fairly(staff, too_little, pins=pins).status == Status.INFEASIBLE


def test_the_order_of_rows_and_pins_decides_nothing() -> None:
    staff = company(6)
    pins = pd.DataFrame({"node": ["o1", "o4"], "amount": [300, 350]})
    first = set_fairly(staff, LIMITS, pins=pins)
    second = set_fairly(staff.iloc[::-1], dict(reversed(LIMITS.items())), pins=pins.iloc[::-1])
    pd.testing.assert_frame_equal(first.quotas, second.quotas)
    pd.testing.assert_frame_equal(first.fairness, second.fairness)


def test_the_certificate_gives_the_tests_their_own_libraries_values() -> None:
    staff = company(7, reps=10)
    result = set_fairly(staff, {})
    quota = result.quotas.groupby("node")["quota"].sum()[staff["owner"]].to_numpy()
    attainment = staff["expected"].to_numpy() / quota
    tested = row(result, "tenure", "quota")
    expected = spearmanr(staff["tenure"], attainment)
    assert tested["test"] == "Spearman"
    assert (tested["statistic"], tested["p"]) == pytest.approx(tuple(expected), abs=1e-5)
    groups = [attainment[(staff["parent"] == g).to_numpy()] for g in ("r0", "r1")]
    tested = row(result, "region", "quota")
    assert tested["test"] == "Kruskal-Wallis"
    assert (tested["statistic"], tested["p"]) == pytest.approx(tuple(kruskal(*groups)), abs=1e-5)
    assert set(result.fairness["covariate"]) == {"size", "growth", "region", "tenure", "incumbency"}


def test_what_cannot_be_asked_is_bad_input() -> None:
    staff = company(8)
    with pytest.raises(BadInput, match="asks for a column"):
        set_fairly(staff, {"shoe size": 0.1})
    with pytest.raises(BadInput, match="share from 0 to 1"):
        set_fairly(staff, {"size": 2.0})


def test_everybody_alike_leaves_nothing_to_lean_on() -> None:
    assert number_limits("size", [0, 1], np.ones(2), np.ones(2), 0.1) == ()
    staff = company(9).assign(sales=100, expected=100, potential=100, tenure=3)
    result = set_fairly(staff, {"size": 0.0, "tenure": 0.0})
    assert result.status == Status.OPTIMAL
    tenure = result.fairness[result.fairness["covariate"] == "tenure"]
    assert set(tenure["in_words"]) == {"tenure is the same for all"}
