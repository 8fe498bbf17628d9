"""The allocation against enumeration, and what must hold on any tree."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from teig.models import Status
from teig.models.quotas import (
    Limit,
    LimitKind,
    QuotaPlan,
    QuotaProblem,
    QuotaTree,
    Relief,
    check_quotas,
)
from teig.optimizer.quotas import Allocation, Work, allocate

HEDGES = (Fraction(0), Fraction(0), Fraction(1, 20), Fraction(1, 3))


def random_tree(rng: np.random.Generator, inner: int, leaves: int) -> QuotaTree:
    """A tree of two or three levels with units that do not always fit one another."""
    parent = [-1, *(int(rng.integers(0, n)) for n in range(1, inner))]
    bare = [n for n in range(inner) if n not in parent]
    below = bare + [int(rng.integers(0, inner)) for _ in range(leaves - len(bare))]
    parent += below
    level = [0, *([1] * (inner - 1)), *([2] * len(below))]
    hedges = [HEDGES[int(rng.integers(len(HEDGES)))] for _ in parent]
    units = tuple(int(rng.choice([1, 1, 2, 3])) for _ in range(3))
    names = tuple(f"n{n}" for n in range(len(parent)))
    titles = ("company", "team", "rep")
    return QuotaTree(names, np.array(parent), np.array(level), titles, tuple(hedges), units)


def random_limits(
    rng: np.random.Generator, tree: QuotaTree, shape: tuple[int, int], total: int, count: int
) -> list[Limit]:
    """Floors, caps and pins on cells and on sums, about as large as shares of the total."""
    limits = []
    for number in range(count):
        node = int(rng.integers(0, len(tree)))
        products = tuple(np.flatnonzero(rng.random(shape[0]) < 0.6).tolist()) or (0,)
        periods = tuple(np.flatnonzero(rng.random(shape[1]) < 0.6).tolist()) or (0,)
        kind = [LimitKind.FLOOR, LimitKind.CAP, LimitKind.PIN][int(rng.integers(3))]
        unit = int(tree.cell_units[node])
        amount = int(rng.integers(0, max(total // unit, 1))) * unit // (2 if node else 1)
        amount -= amount % unit
        low = None if kind == LimitKind.CAP else amount
        high = None if kind == LimitKind.FLOOR else amount
        limits.append(Limit(f"{kind} {number}", kind, node, products, periods, low, high))
    return limits


def random_problem(
    seed: int, *, inner: int = 2, leaves: int = 3, shape: tuple[int, int] = (1, 2), units: int = 6
) -> QuotaProblem:
    """A problem whose budget is a handful of units."""
    rng = np.random.default_rng(seed)
    tree = random_tree(rng, inner, leaves)
    raw = rng.integers(0, 8, (len(tree.leaves), *shape)) * (rng.random(shape) < 0.9)
    unit = int(tree.cell_units[0])
    blocks = (1 if rng.random() < 0.4 else shape[0], 1 if rng.random() < 0.4 else shape[1])
    budget = rng.integers(0, units + 1, blocks) * unit
    limits = random_limits(rng, tree, shape, int(budget.sum()), int(rng.integers(0, 5)))
    products = tuple(f"p{n}" for n in range(shape[0]))
    periods = tuple(f"t{n}" for n in range(shape[1]))
    ramp = rng.choice([1.0, 1.0, 0.5], (len(tree.leaves), shape[1]))
    return QuotaProblem(
        tree,
        products,
        periods,
        raw.astype(float),
        budget,
        limits=tuple(limits),
        productivity=ramp,
        relief=Relief.SHARED if rng.random() < 0.7 else Relief.LOST,
        minor_units=1,
    )


class Enumeration:
    """All plans of a small problem, by brute force."""

    def __init__(self, problem: QuotaProblem, limits: Sequence[Limit] | None = None) -> None:
        self.problem, self.tree = problem, problem.tree
        self.limits = problem.rules if limits is None else limits
        self.width = len(problem.products) * len(problem.periods)
        self.index = problem.index.reshape(len(self.tree), -1)
        self.scale = problem.scale.reshape(len(self.tree), -1)

    def keeps(
        self, node: int, values: Sequence[int], columns: Sequence[int], *, sums: bool
    ) -> bool:
        for limit in self.limits:
            inside = self.problem.columns(limit).tolist()
            if limit.node != node or not set(inside) <= set(columns):
                continue
            if (len(inside) == 1 or sums) and limit.excess(
                sum(v for v, k in zip(values, columns, strict=True) if k in inside)
            ):
                return False
        return True

    def deals(self, nodes: Sequence[int], total: int) -> Iterator[tuple[int, ...]]:
        """All ways to deal a total to siblings in whole units, of one column."""
        unit = int(self.tree.cell_units[nodes[0]])
        counts = range(total // unit + 1)
        for head in itertools.product(counts, repeat=len(nodes) - 1):
            rest = total // unit - sum(head)
            if rest >= 0 and total % unit == 0:
                yield tuple(count * unit for count in (*head, rest))

    def completes(
        self, node: int, values: tuple[int, ...], columns: tuple[int, ...], *, sums: bool
    ) -> bool:
        """Whether a node's cells and everything below can keep the limits."""
        if not self.keeps(node, values, columns, sums=sums):
            return False
        children = self.tree.children[node].tolist()
        if not children:
            return True
        totals = [self.tree.hand_down(node, value) for value in values]
        return any(
            all(
                self.completes(child, tuple(deal[row] for deal in choice), columns, sums=sums)
                for row, child in enumerate(children)
            )
            for choice in itertools.product(*(self.deals(children, t) for t in totals))
        )

    def cell_values(self, node: int, column: int, most: int) -> list[int]:
        unit = int(self.tree.cell_units[node])
        return [
            value
            for value in range(0, most + 1, unit)
            if self.completes(node, (value,), (column,), sums=False)
        ]

    def deviation(self, node: int, column: int, value: int) -> float:
        return float(abs(value - self.index[node, column]) / self.scale[node, column])

    def tops(self) -> Iterator[tuple[int, ...]]:
        """All ways to deal the budget to the root's cells."""
        budgets = [x for x in self.limits if x.kind == LimitKind.BUDGET]
        blocks = [self.problem.columns(x).tolist() for x in budgets]
        unit = int(self.tree.cell_units[0])
        for choice in itertools.product(
            *(
                [
                    deal
                    for deal in itertools.product(
                        range(0, (x.low or 0) + 1, unit), repeat=len(block)
                    )
                    if sum(deal) == x.low
                ]
                for x, block in zip(budgets, blocks, strict=True)
            )
        ):
            top = [0] * self.width
            for block, deal in zip(blocks, choice, strict=True):
                for column, value in zip(block, deal, strict=True):
                    top[column] = value
            yield tuple(top)

    def possible(self) -> bool:
        columns = tuple(range(self.width))
        return any(self.completes(0, top, columns, sums=True) for top in self.tops())


def free_excess(deviations: Sequence[float], forced: Sequence[float]) -> float:
    return max((d for d, f in zip(deviations, forced, strict=True) if d > f + 1e-9), default=0.0)


def group_values(problem: QuotaProblem, plan: QuotaPlan, node: int) -> tuple[list[int], np.ndarray]:
    children = problem.tree.children[node].tolist()
    return children, plan.quota.reshape(len(problem.tree), -1)[children]


def assert_group_is_best(oracle: Enumeration, plan: QuotaPlan, node: int) -> bool:
    """Compare one node's deal with all others; True where limits between cells bit."""
    problem, tree = oracle.problem, oracle.tree
    children, dealt = group_values(problem, plan, node)
    quota = plan.quota.reshape(len(tree), -1)[node]
    columns = tuple(range(oracle.width))
    totals = [tree.hand_down(node, int(value)) for value in quota]
    forced = np.zeros(dealt.shape)
    per_column = []
    for column in columns:
        options = {c: oracle.cell_values(c, column, totals[column] + 12) for c in children}
        own = [min(oracle.deviation(c, column, v) for v in options[c]) for c in children]
        best = (np.inf, np.inf)
        for deal in oracle.deals(children, totals[column]):
            if all(v in options[c] for c, v in zip(children, deal, strict=True)):
                f = [oracle.deviation(c, column, v) for c, v in zip(children, deal, strict=True)]
                best = min(best, (round(free_excess(f, own), 9), sum(f)))
        per_column.append(best)
        forced[:, column] = np.maximum(own, best[0])
    mine = [
        [oracle.deviation(c, k, int(dealt[row, k])) for k in columns]
        for row, c in enumerate(children)
    ]
    sums = sum(best[1] for best in per_column)
    if np.sum(mine) <= sums + 1e-7:
        assert free_excess(np.ravel(mine).tolist(), forced.ravel().tolist()) == 0.0
        return False
    best = (np.inf, np.inf)
    for choice in itertools.product(*(oracle.deals(children, t) for t in totals)):
        cells = np.array(choice).T
        if all(
            oracle.completes(c, tuple(cells[row].tolist()), columns, sums=True)
            for row, c in enumerate(children)
        ):
            f = [
                oracle.deviation(c, k, int(cells[row, k]))
                for row, c in enumerate(children)
                for k in columns
            ]
            best = min(best, (round(free_excess(f, forced.ravel().tolist()), 9), sum(f)))
    reached = free_excess(np.ravel(mine).tolist(), forced.ravel().tolist())
    assert reached == pytest.approx(best[0], abs=1e-6)
    assert np.sum(mine) == pytest.approx(best[1], abs=1e-6)
    return True


def assert_top_is_best(oracle: Enumeration, plan: QuotaPlan) -> None:
    """Compare the root's cells with every way to deal the budget that can be completed."""
    columns = tuple(range(oracle.width))
    mine = plan.quota.reshape(len(oracle.tree), -1)[0].tolist()

    def key(top: Sequence[int]) -> tuple[float, float]:
        deviations = [oracle.deviation(0, k, top[k]) for k in columns]
        return round(max(deviations), 9), sum(deviations)

    possible_tops = [t for t in oracle.tops() if oracle.completes(0, t, columns, sums=True)]
    assert key(mine)[0] == min(key(top) for top in possible_tops)[0]


def test_optimum_equals_enumeration() -> None:
    solved = infeasible = bitten = 0
    for seed in range(160):
        problem = random_problem(seed)
        oracle = Enumeration(problem)
        allocation = allocate(problem)
        if allocation.status == Status.INFEASIBLE:
            infeasible += 1
            assert not oracle.possible()
            continue
        assert allocation.status == Status.OPTIMAL
        assert allocation.plan is not None
        assert not check_quotas(problem, allocation.plan)
        solved += 1
        assert_top_is_best(oracle, allocation.plan)
        for node in problem.tree.inner:
            bitten += assert_group_is_best(oracle, allocation.plan, node)
    assert solved > 80
    assert infeasible > 30
    assert bitten > 8


def test_conflicts_are_minimal_and_a_way_out_is_one() -> None:
    named = relaxed = 0
    for seed in range(120):
        problem = random_problem(seed)
        allocation = allocate(problem)
        if allocation.status != Status.INFEASIBLE:
            continue
        assert allocation.conflicts
        for conflict in allocation.conflicts:
            named += 1
            limits = list(conflict.limits)
            assert not possible(problem, limits)
            assert all(possible(problem, [x for x in limits if x is not one]) for one in limits)
            for limit, amount in zip(limits, conflict.alone, strict=True):
                others = [x for x in limits if x is not limit]
                assert possible(problem, [*others, given(limit, amount)])
                assert not possible(problem, [*others, given(limit, amount - 1)])
        assert allocation.relaxation
        changed = {change.limit.name: change for change in allocation.relaxation}
        rules = [
            given(x, changed[x.name].amount) if x.name in changed else x for x in problem.rules
        ]
        assert possible(problem, rules)
        relaxed += 1
    assert min(named, relaxed) > 20


def given(limit: Limit, amount: int) -> Limit:
    low = None if limit.low is None else limit.low - amount
    high = None if limit.high is None else limit.high + amount
    return dataclasses.replace(limit, low=low, high=high)


def possible(problem: QuotaProblem, limits: Sequence[Limit]) -> bool:
    """Whether any plan keeps the limits: a mixed-integer program that shares no code."""
    tree = problem.tree
    width = len(problem.products) * len(problem.periods)
    size = len(tree) * width
    rows, lower, upper = [], [], []

    def add(terms: dict[int, float], least: float, most: float) -> None:
        row = np.zeros(size)
        for place, factor in terms.items():
            row[place] += factor
        rows.append(row)
        lower.append(least)
        upper.append(most)

    units = tree.cell_units.tolist()
    for node in tree.inner:
        children, step = tree.children[node].tolist(), tree.handed_units[node]
        factor = float(1 + tree.over_assignment[node])
        for k in range(width):
            terms = {child * width + k: float(units[child]) for child in children}
            terms[node * width + k] = -factor * units[node]
            # total − quota × (1 + h) lies in (−unit/2, unit/2], half up
            add(terms, -step / 2 + 1e-3, step / 2 + 1e-6)
    for limit in limits:
        cells = {limit.node * width + k: float(units[limit.node]) for k in problem.columns(limit)}
        add(
            {int(k): v for k, v in cells.items()},
            -np.inf if limit.low is None else limit.low,
            np.inf if limit.high is None else limit.high,
        )
    found = milp(
        np.zeros(size),
        constraints=LinearConstraint(np.array(rows), lower, upper),
        integrality=np.ones(size, dtype=np.int64),
        bounds=Bounds(0, 10_000),
    )
    return bool(found.success)


problems = st.builds(
    random_problem,
    st.integers(0, 10**6),
    inner=st.integers(1, 6),
    leaves=st.integers(4, 25),
    shape=st.tuples(st.integers(1, 2), st.integers(1, 4)),
    units=st.integers(5, 400),
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given_(problems)
def test_every_sum_is_exact_and_every_rule_holds(problem: QuotaProblem) -> None:
    allocation = allocate(problem)
    if allocation.plan is None:
        assert allocation.status == Status.INFEASIBLE
        assert allocation.conflicts
        return
    quota = allocation.plan.quota
    tree = problem.tree
    for node in tree.inner:
        for cell in np.ndindex(quota.shape[1:]):
            step = tree.handed_units[node]
            exact = Fraction(int(quota[(node, *cell)])) * (1 + tree.over_assignment[node])
            handed = ((exact + Fraction(step, 2)) // step) * step
            assert handed == quota[tree.children[node]][(slice(None), *cell)].sum()
            if not tree.over_assignment[node]:
                assert handed == quota[(node, *cell)]
    assert not (quota % tree.cell_units[:, None, None]).any()
    assert (quota >= 0).all()
    for limit in problem.rules:
        total = int(quota[limit.node][np.ix_(limit.products, limit.periods)].sum())
        assert limit.low is None or total >= limit.low
        assert limit.high is None or total <= limit.high
    for stage in allocation.stages:
        assert stage.bound <= stage.objective + 1e-9


@settings(derandomize=True, deadline=None, max_examples=25)
@given_(problems, st.randoms(use_true_random=False))
def test_order_of_limits_decides_nothing(problem: QuotaProblem, random: Random) -> None:
    shuffled = list(problem.limits)
    random.shuffle(shuffled)
    first, second = allocate(problem), allocate(problem.replace(limits=tuple(shuffled)))
    assert first.plan == second.plan
    assert first.status == second.status
    assert [c.names for c in first.conflicts] == [c.names for c in second.conflicts]


def overlapping_sums() -> QuotaProblem:
    """Sums of Q1+Q2 and of Q2+Q3 of one owner are no flow, so CP-SAT deals them."""
    tree = QuotaTree(
        ("c", "a", "b"),
        np.array([-1, 0, 0]),
        np.array([0, 1, 1]),
        ("c", "r"),
        (Fraction(0),) * 3,
        (1, 1),
    )
    limits = (
        Limit("first", LimitKind.PIN, 1, (0,), (0, 1), 9, 9),
        Limit("second", LimitKind.CAP, 1, (0,), (1, 2), None, 5),
    )
    quarters, budget = ("1", "2", "3"), np.array([[8, 8, 8]])
    raw = np.ones((2, 1, 3))
    return QuotaProblem(tree, ("p",), quarters, raw, budget, limits, minor_units=1)


def test_limits_that_overlap_go_to_the_solver() -> None:
    problem = overlapping_sums()
    allocation = allocate(problem)
    assert allocation.status == Status.OPTIMAL
    assert allocation.plan is not None
    assert not check_quotas(problem, allocation.plan)
    assert assert_group_is_best(Enumeration(problem), allocation.plan, 0)


def test_a_limit_on_work_is_no_infeasibility() -> None:
    assert allocate(overlapping_sums(), Work(per_solve=0.0)).status == Status.UNKNOWN


def test_the_same_input_gives_the_same_plan() -> None:
    plans: list[Allocation] = [allocate(random_problem(7, leaves=9, units=90)) for _ in range(2)]
    assert plans[0].plan == plans[1].plan
    assert plans[0].stages == plans[1].stages
