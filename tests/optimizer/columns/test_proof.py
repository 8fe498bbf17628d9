"""Whole territories: every one of them is listed, and what they prove is true."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from teig.models.arrays import IndexArray
from teig.optimizer.territories.columns import is_separable, prove
from teig.optimizer.territories.columns.pricing import Pricing, owners_of
from teig.optimizer.territories.exact import Effort, solve_exact
from teig.optimizer.territories.measures import measure
from teig.optimizer.territories.model import AssignmentModel, Home
from teig.optimizer.territories.prices import price_bound
from teig.optimizer.territories.search import improve

from ..prices.test_contiguity import connected_sets, plans_of, random_model, values_of

PROBLEMS, GROUNDS, LARGER = 60, 30, 5


def every_territory(model: AssignmentModel, owner: int, value: np.ndarray) -> dict[bytes, float]:
    """Masks of an owner's territories, by trying every set, and what they come to."""
    n = model.items
    at = model.start + owner - model.first
    sets = np.array(list(itertools.product([False, True], repeat=n)))[:, ::-1]
    keep = connected_sets(model) & ~sets[:, ~model.allowed[at]].any(axis=1)
    for resource in model.resources:
        fixed = model.fixed_limits(resource)
        assert fixed is not None
        load = sets @ resource.values[at]
        keep &= (load >= fixed[0][owner] - 1e-6) & (load <= fixed[1][owner] + 1e-6)
    for home in model.homes:
        if home.owner == owner:
            keep &= sets[:, list(home.items)].any(axis=1)
    return {mask.tobytes(): float(mask @ value) for mask in sets[keep]}


def test_every_territory_up_to_a_value_is_listed() -> None:
    seen: Counter[str] = Counter()
    for number in range(GROUNDS):
        generator = np.random.default_rng([81, number])
        model = random_model(generator, 5, 2, 3, tolerance=float(generator.uniform(0.1, 0.9)))
        if number % 3 == 0:
            model = replace(model, homes=(Home("home", 0, (2, 7), np.inf),))
        if number % 4 == 1:
            model = replace(model, resources=model.resources[:1])
        prices = generator.uniform(0.0, 20.0, model.items)
        for owner in owners_of(model, model.allowed):
            value = model.cost[model.start + owner.number - model.first] - prices
            known = every_territory(model, owner.number, value)
            least = min(known.values(), default=0.0)
            for limit in (least - 1.0, least + 1e-9, least + 10.0, least + 40.0):
                found = Pricing(owner, prices).up_to(limit, 1_000_000, 10_000)
                assert found.complete
                listed = set()
                for inside, worth in zip(found.members, found.values, strict=True):
                    mask = np.zeros(model.items, dtype=np.bool_)
                    mask[owner.items[inside]] = True
                    listed.add(mask.tobytes())
                    assert worth == pytest.approx(known[mask.tobytes()])
                assert len(listed) == len(found.values)
                assert listed == {mask for mask, worth in known.items() if worth <= limit}
                assert found.floor <= least + 1e-9 or not known
                seen["territories"] += len(listed)
                seen["empty"] += not listed
    assert seen["territories"] > 2_000, seen
    assert seen["empty"] > 50, seen


def test_a_list_cut_short_says_so() -> None:
    model = random_model(np.random.default_rng([81, 0]), 5, 2, 3, tolerance=0.9)
    owner = owners_of(model, model.allowed)[0]
    prices = np.full(model.items, 5.0)
    whole = Pricing(owner, prices).up_to(50.0, 1_000_000, 10_000)
    assert whole.complete
    assert len(whole.values) > 20
    assert not Pricing(owner, prices).up_to(50.0, 10, 10_000).complete
    assert not Pricing(owner, prices).up_to(50.0, 1_000_000, 20).complete


def test_proofs_against_brute_force() -> None:
    """From the worst plan there is to the best, and never a bound above it."""
    seen: Counter[str] = Counter()
    for number in range(PROBLEMS):
        generator = np.random.default_rng([82, number])
        shape = (4, 2, 3) if number % 2 else (3, 3, 2)
        model = random_model(generator, *shape, tolerance=float(generator.uniform(0.15, 0.6)))
        plans = plans_of(model)
        if number % 3 == 0:
            model = replace(model, homes=(Home("home", 1, (0, 5), np.inf),))
            plans = plans[(plans[:, [0, 5]] == 1).any(axis=1)]
        if not len(plans):
            continue
        values = values_of(model, plans)
        best, start = float(values.min()), plans[int(values.argmax())]
        if not measure(model, start).feasible:
            continue
        prices = price_bound(model, work=60, upper=float(values.max()))
        found = prove(model, prices, start)
        assert found.bound <= best * (1.0 + 1e-9), number
        assert found.bound >= best * (1.0 - 1e-6), number
        assert found.value == pytest.approx(best, rel=1e-7), number
        assert measure(model, found.owners).feasible
        assert measure(model, found.owners).objective == pytest.approx(found.value)
        seen["proven"] += 1
        seen["better"] += values.max() > best * 1.01
        seen["lifted"] += prices.bound < best * 0.99
    assert seen["proven"] > 40, seen
    assert seen["better"] > 30, seen
    assert seen["lifted"] > 20, seen


def grid(number: int, tolerance: float = 0.2) -> AssignmentModel:
    return random_model(np.random.default_rng([83, number]), 6, 5, 4, tolerance)


def test_agrees_with_the_exact_core() -> None:
    compared = 0
    for number in range(LARGER):
        model = grid(number)
        assert is_separable(model)
        exact = solve_exact(model, Effort(work=2.0))
        if exact.owners is None or exact.value is None:
            continue
        start = improve(model, work=3e4).item_owners
        start = exact.owners if start is None else start
        heard: list[tuple[float, float]] = []

        def note(
            _: IndexArray, value: float, bound: float, to: list[tuple[float, float]] = heard
        ) -> None:
            to.append((value, bound))

        prices = price_bound(model, upper=measure(model, start).objective)
        found = prove(model, prices, start, report=note)
        assert found.bound <= exact.value + exact.unit
        assert exact.bound <= found.value + exact.unit
        assert found.value - found.bound <= 1e-6 * found.value
        assert measure(model, found.owners).feasible
        assert [v for v, _ in heard] == sorted((v for v, _ in heard), reverse=True)
        assert [b for _, b in heard] == sorted(b for _, b in heard)
        compared += 1
    assert compared >= 3


def test_limits_end_it_with_a_true_bound() -> None:
    model = grid(0, 0.4)
    start = improve(model, work=3e4).item_owners
    assert start is not None
    upper = measure(model, start).objective
    prices = price_bound(model, upper=upper)
    best = prove(model, prices, start)
    assert best.value - best.bound <= 1e-6 * best.value
    for found in (
        prove(model, prices, start, work=1e-7),
        prove(model, prices, start, stop=lambda: True),
        prove(model, prices, start, gap=0.05),
    ):
        assert prices.bound <= found.bound <= best.value
        assert best.value - 1e-9 <= found.value <= upper


def test_the_same_input_gives_the_same_plan() -> None:
    model = grid(2, 0.4)
    start = improve(model, work=3e4).item_owners
    assert start is not None
    prices = price_bound(model, upper=measure(model, start).objective)
    one, other = prove(model, prices, start), prove(model, prices, start)
    assert (one.bound, one.value, one.work) == (other.bound, other.value, other.work)
    assert one.owners.tobytes() == other.owners.tobytes()


def test_what_couples_owners_is_told_apart() -> None:
    model = grid(0)
    assert is_separable(model)
    soft = tuple(replace(part, price=1.0) for part in model.resources)
    assert not is_separable(replace(model, resources=soft))
    assert not is_separable(replace(model, connected=()))
    moving = replace(model.resources[0], values=np.arange(float(model.pairs)), per_item=False)
    assert not is_separable(replace(model, resources=(moving,)))
