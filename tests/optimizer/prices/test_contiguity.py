"""Cuts for connected territories hold for every plan there is, and lift the bound."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from teig.models.arrays import BoolArray, FloatArray, IndexArray
from teig.optimizer.territories.exact import Effort, solve_exact
from teig.optimizer.territories.model import AssignmentModel, Resource
from teig.optimizer.territories.prices import price_bound

from ...plain_models import plain_model

PROBLEMS, LARGER = 60, 6


def random_model(
    generator: np.random.Generator, width: int, height: int, owners: int, tolerance: float
) -> AssignmentModel:
    """Units on a grid with bases in one corner, so that areas lie badly; two measures."""
    n = width * height
    places = np.array([(x, y) for y in range(height) for x in range(width)], dtype=float)
    bases = generator.uniform(0, (0.6 * width, 0.6 * height), (owners, 2))
    far = np.sqrt(((places[:, None] - bases[None]) ** 2).sum(axis=2))
    edges = [
        (a, b)
        for a, b in itertools.combinations(range(n), 2)
        if np.abs(places[a] - places[b]).sum() == 1 and generator.random() < 0.9
    ]
    who, none = np.ones(owners, dtype=np.bool_), np.zeros(owners)
    share = np.full(owners, 1.0 / owners)
    weights = [generator.integers(1, 9, n).astype(float), generator.uniform(1, 9, n)]
    resources = tuple(
        Resource(
            f"m{k}",
            np.repeat(values, owners),
            none,
            none,
            who,
            np.inf,
            share * (1 - tolerance),
            share * (1 + tolerance),
            per_item=True,
        )
        for k, values in enumerate(weights)
    )
    allowed = generator.random((n, owners)) < 0.95
    allowed[~allowed.any(axis=1)] = True
    if generator.random() < 0.3:
        allowed[0] = np.arange(owners) == owners - 1
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    return plain_model(weights[0][:, None] * far, pairs, resources, allowed)


def connected_sets(model: AssignmentModel) -> BoolArray:
    """Whether each set of units, as bits, hangs together, (2^n,)."""
    near = np.zeros(model.items, dtype=np.int64)
    for a, b in model.connected[0].edges.tolist():
        near[a] |= 1 << b
        near[b] |= 1 << a
    found = np.zeros(1 << model.items, dtype=np.bool_)
    found[0] = True
    for mask in range(1, 1 << model.items):
        seen = mask & -mask
        while True:
            more = seen
            for unit in range(model.items):
                if seen >> unit & 1:
                    more |= int(near[unit]) & mask
            if more == seen:
                break
            seen = more
        found[mask] = seen == mask
    return found


def plans_of(model: AssignmentModel) -> IndexArray:
    """Every plan that keeps the hard rules, (plans, n)."""
    n, owners = model.items, model.owners
    plans = np.array(list(itertools.product(range(owners), repeat=n)))
    keep = model.allowed[model.start + plans].all(axis=1)
    hangs = connected_sets(model)
    for owner in range(owners):
        has = plans == owner
        keep &= hangs[(has << np.arange(n)).sum(axis=1)]
        for resource in model.resources:
            values = resource.values[model.start]
            load, total = has @ values, values.sum()
            keep &= load >= resource.lower_share[owner] * total - 1e-6 * total
            keep &= load <= resource.upper_share[owner] * total + 1e-6 * total
    return np.asarray(plans[keep])


def values_of(model: AssignmentModel, plans: IndexArray) -> FloatArray:
    return np.asarray(model.cost[model.start + plans].sum(axis=1))


def test_cuts_hold_for_every_plan_and_lift_the_bound() -> None:
    seen: Counter[str] = Counter()
    for number in range(PROBLEMS):
        generator = np.random.default_rng([71, number])
        shape = (4, 2, 3) if number % 2 else (3, 3, 2)
        model = random_model(generator, *shape, tolerance=float(generator.uniform(0.15, 0.5)))
        plans = plans_of(model)
        plain = price_bound(model, cuts=False)
        found = price_bound(model)
        assert found.bound >= plain.bound - 1e-6 * abs(plain.bound)
        cuts = found.prices.cuts
        assert cuts is not None
        seen["rows"] += len(cuts)
        seen["lifted"] += found.bound > plain.bound + 1e-4 * abs(plain.bound)
        if not len(plans):
            continue
        best = float(values_of(model, plans).min())
        seen["feasible"] += 1
        assert found.bound <= best + 1e-9 * best, number
        for row in range(len(cuts)):
            entries = slice(cuts.begin[row], cuts.begin[row + 1])
            held = plans[:, cuts.item[entries]] == cuts.owner[row]
            over = held @ cuts.value[entries] - cuts.limit[row]
            assert (over <= 1e-12).all(), (number, row, over.max())
            seen["rows held against plans"] += 1
        _optimal_plans_survive(model, plans, best, seen)
    assert seen["feasible"] > 30, seen
    assert seen["lifted"] > 15, seen
    assert seen["rows held against plans"] > 30, seen
    assert seen["pairs ruled out"] > 100, seen


def _optimal_plans_survive(
    model: AssignmentModel, plans: IndexArray, best: float, seen: Counter[str]
) -> None:
    upper = best * 1.01
    found = price_bound(model, upper=upper)
    seen["pairs ruled out"] += int((model.allowed & ~found.possible).sum())
    good = plans[values_of(model, plans) <= upper]
    assert found.possible[model.start + good].all()


def test_never_above_the_exact_core_on_larger_problems() -> None:
    lifted = 0
    for number in range(LARGER):
        generator = np.random.default_rng([72, number])
        model = random_model(generator, 6, 5, 4, tolerance=0.2)
        exact = solve_exact(model, Effort(work=4.0))
        plain = price_bound(model, cuts=False)
        found = price_bound(model)
        lifted += found.bound > plain.bound * (1 + 1e-4)
        if exact.value is not None:
            assert found.bound <= exact.value + exact.unit + 1e-9
    assert lifted >= 2


def test_prices_bring_their_cuts_only_to_the_model_they_were_made_for() -> None:
    model = random_model(np.random.default_rng([72, 1]), 6, 5, 4, tolerance=0.2)
    found = price_bound(model)
    again = price_bound(model, prices=found.prices, tables=found.tables, work=3)
    assert again.bound >= found.bound - 1e-9 * found.bound
    other = price_bound(model, prices=found.prices, work=3)
    assert other.prices.cuts is None or other.prices.cuts.tables is other.tables


def test_newton_needs_few_passes() -> None:
    generator = np.random.default_rng([73, 0])
    model = random_model(generator, 30, 20, 12, tolerance=0.1)
    quick = price_bound(model, work=150, cuts=False)
    assert quick.bound >= 0.999 * price_bound(model, work=3000, cuts=False).bound
