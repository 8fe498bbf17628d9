"""The search along borders: sums kept move by move, plans that keep the rules, the same bytes."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from teig.models.arrays import FloatArray, IndexArray
from teig.optimizer.territories.measures import measure, pieces
from teig.optimizer.territories.model import AssignmentModel, Resource
from teig.optimizer.territories.prices import price_bound
from teig.optimizer.territories.search import cycles, improve
from teig.optimizer.territories.search.border import anneal_borders
from teig.optimizer.territories.search.cycles import BorderSearch
from teig.optimizer.territories.search.deal import (
    Deal,
    Walker,
    begin_walk,
    new_deal,
    new_walker,
)
from teig.optimizer.territories.search.ground import Ground, ground_of
from teig.optimizer.territories.search.grouping import lossy_groups, territory_neighbours
from teig.optimizer.territories.tables import compile_tables

from ...plain_models import plain_model

NAMES = ("held", "load", "low", "high", "margin", "crossings")


def chequered(
    side: int, owners: int, seed: int, *, tolerance: float = 0.15, soft: float = np.inf
) -> AssignmentModel:
    """A square of units of uneven size, bases at random, two measures in balance."""
    generator = np.random.default_rng(seed)
    n = side * side
    places = np.column_stack([np.arange(n) // side, np.arange(n) % side]).astype(float)
    numbers = np.arange(n).reshape(side, side)
    edges = np.concatenate(
        [
            np.column_stack([numbers[:, :-1].ravel(), numbers[:, 1:].ravel()]),
            np.column_stack([numbers[:-1].ravel(), numbers[1:].ravel()]),
        ]
    )
    bases = places[generator.choice(n, owners, replace=False)]
    size = generator.uniform(0.5, 2.0, n)
    who, none, share = (
        np.ones(owners, dtype=np.bool_),
        np.zeros(owners),
        np.full(owners, 1 / owners),
    )
    away = np.sqrt(((places[:, None] - bases[None]) ** 2).sum(axis=2))

    def balance(name: str, values: FloatArray, price: float) -> Resource:
        low, high = share * (1 - tolerance), share * (1 + tolerance)
        return Resource(
            name, np.repeat(values, owners), none, none, who, price, low, high, per_item=True
        )

    other = size + generator.uniform(0, 0.5, n)
    resources = (balance("size", size, np.inf), balance("number", other, soft))
    return plain_model(size[:, None] * away, edges, resources)


def strips(model: AssignmentModel) -> IndexArray:
    """A connected start: rows of the square, dealt out in order."""
    side = int(np.sqrt(model.items))
    return np.arange(model.items) // side * model.owners // side


def walked(model: AssignmentModel, seed: int, temperature: float) -> tuple[Ground, Deal, Walker]:
    ground = ground_of(model, compile_tables(model))
    assert ground is not None
    deal, walker = new_deal(ground, strips(model)), new_walker(model.items, seed)
    begin_walk(ground, deal, walker, 0)
    ones = np.ones(len(ground.price))
    anneal_borders(
        ground, deal, walker, np.arange(model.owners), deal.load.mean(axis=1),
        temperature, 1.0, 0.3 * ones, 1.0, 0.01 * ones, 5.0 * ones, 0.97, 3, 60, 500,
    )  # fmt: skip
    return ground, deal, walker


@pytest.mark.parametrize("soft", [np.inf, 0.7])
def test_sums_kept_move_by_move_equal_those_computed_anew(soft: float) -> None:
    moved, feasible = 0, 0
    for seed in range(40):
        model = chequered(6 + seed % 3, 3 + seed % 4, seed, soft=soft)
        ground, deal, walker = walked(model, seed, [0.1, 1.0, 10.0][seed % 3])
        fresh = new_deal(ground, deal.owner)
        for name in NAMES:
            assert np.allclose(getattr(deal, name), getattr(fresh, name)), name
        for owner in range(model.owners):
            many = deal.crossings[owner]
            one, other = (set(d.crossing[owner, :many].tolist()) for d in (deal, fresh))
            assert one == other
        plain = measure(model, deal.owner)
        assert np.isclose(plain.objective, walker.objective[0])
        assert plain.feasible == (walker.broken[0] == 0)
        assert (pieces(model, model.connected[0], deal.owner) <= 1).all()
        moved += int((deal.owner != strips(model)).sum())
        if walker.best[0] < np.inf:
            best = measure(model, walker.best_owner)
            assert best.feasible
            assert np.isclose(best.objective, walker.best[0])
            assert walker.best[0] <= walker.objective[0] + 1e-9 or walker.broken[0]
            feasible += 1
    assert moved > 300
    assert feasible > 5


def test_plans_found_are_feasible_and_near_the_bound() -> None:
    gaps = []
    for seed in range(3):
        model = chequered(14, 6, seed)
        prices = price_bound(model, work=300)
        found = improve(model, seed=seed, work=1.2e6, prices=prices)
        assert found.item_owners is not None
        plain = measure(model, found.item_owners)
        assert plain.feasible
        assert np.isclose(plain.objective, found.objective)
        assert prices.bound <= found.objective
        gaps.append((found.objective - prices.bound) / found.objective)
    assert max(gaps) < 0.08, gaps


def test_the_same_plan_for_any_number_of_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    # Enough owners for groups, and few enough for searches of their own.
    for side, owners in ((20, 30), (10, 5)):
        model = chequered(side, owners, 5, tolerance=0.4)
        prices = price_bound(model, work=200)
        plans = []
        for workers in (1, 2, 5):
            monkeypatch.setattr(os, "cpu_count", lambda workers=workers: workers)
            plans.append(improve(model, seed=3, work=1e6, prices=prices))
        assert plans[0].item_owners is not None
        for other in plans[1:]:
            assert other.item_owners is not None
            assert np.array_equal(plans[0].item_owners, other.item_owners)
            assert plans[0].objective == other.objective
        again = improve(model, seed=4, work=1e6, prices=prices)
        assert again.item_owners is not None
        assert not np.array_equal(plans[0].item_owners, again.item_owners)


def test_groups_to_be_shaken_hang_together_where_the_plan_loses_most() -> None:
    model = chequered(24, 40, 4)
    ground = ground_of(model, compile_tables(model))
    assert ground is not None
    found = improve(model, seed=1, work=2e6, mending=False)
    plan = found.nearest
    lost = np.zeros(model.items)
    lost[plan == 7] = 1.0
    one = cycles.Scales(1.0, np.ones(2), np.ones(2))
    search = BorderSearch(
        ground,
        plan,
        np.zeros((2, 40)),
        one,
        1,
        lambda _: None,
        lambda items, _: lost[items],
        lambda owners: owners,
    )
    near = territory_neighbours(ground, plan, 40)
    first, random = 0, np.random.default_rng(1)
    for _ in range(20):
        groups = lossy_groups(near, search._loss(plan), (3, 9), 3, random)
        everybody = np.concatenate(groups)
        assert len(np.unique(everybody)) == len(everybody)
        first += int(7 in groups[0])
        for mine in groups:
            reached, inside = [int(mine[0])], set(mine.tolist())
            for at in reached:
                reached += [other for other in near[at] if other in inside - set(reached)]
            assert set(reached) == inside
    assert first > 15


@pytest.mark.parametrize(("owners", "seed"), [(5, 4), (26, 1)])
def test_shaken_groups_keep_the_limits_and_only_get_better(
    owners: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycles, "BEFORE", 0.0)
    shakes: list[tuple[float, float]] = []
    shake = BorderSearch._shake

    def noted(search: BorderSearch, *rest: Any) -> bool:
        before, spent = search.value, search.done
        whole = shake(search, *rest)
        shakes.append((before, search.value))
        assert search.best is not None
        assert search.value <= before
        assert search.done > spent
        assert measure(model, search.best).objective == pytest.approx(search.value, rel=1e-9)
        return whole

    monkeypatch.setattr(BorderSearch, "_shake", noted)
    model = chequered(24, owners, 1, tolerance=0.1)
    plans = []
    for cores in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found = improve(model, seed=seed, work=6e6)
        assert measure(model, found.nearest).feasible
        plans.append(found.nearest.tobytes())
    assert plans[0] == plans[1]
    assert len(shakes) >= 2
    assert any(after < before for before, after in shakes)


def test_a_given_plan_is_never_made_worse_and_is_kept_when_stopped() -> None:
    model = chequered(12, 5, 9, tolerance=0.3)
    prices = price_bound(model, work=200)
    good = improve(model, seed=1, work=1e6, prices=prices)
    assert good.item_owners is not None
    for work, stop in ((1e5, lambda: False), (1e6, lambda: True)):
        kept = improve(model, start=good.item_owners, seed=2, work=work, prices=prices, stop=stop)
        assert kept.objective <= good.objective
        assert kept.item_owners is not None


def dear(side: int, owners: int, seed: int) -> tuple[AssignmentModel, IndexArray]:
    """A square where change and soft balance are dear, and today's alignment, connected.

    Loads hold travel, so that fair shares move with the plan; today's owners seldom live
    in their territories.
    """
    generator = np.random.default_rng(seed)
    n = side * side
    plain = chequered(side, owners, seed)
    away = plain.cost.reshape(n, owners)
    today = generator.permutation(owners)[strips(plain)]
    size = generator.uniform(0.5, 2.0, n)
    changed = np.arange(owners)[None] != today[:, None]
    share, none = np.full(owners, 1 / owners), np.zeros(owners)
    load = Resource(
        "load", (size[:, None] + 0.1 * away).ravel(), none, none,
        np.ones(owners, dtype=np.bool_), 20.0, share * 0.95, share * 1.05,
        per_item=False,
    )  # fmt: skip
    model = plain_model(away + 4.0 * size[:, None] * changed, plain.connected[0].edges, (load,))
    return model, today


def test_more_work_on_dear_soft_limits_gives_no_worse_plans() -> None:
    little: list[float] = []
    much: list[float] = []
    for seed in range(3):
        model, today = dear(14, 6, seed)
        prices = price_bound(model, work=200)
        given = measure(model, today).objective
        for work, found in ((1e5, little), (1.5e6, much)):
            result = improve(
                model, seed=seed, work=work, prices=prices, others=[today], mending=False
            )
            assert result.objective <= given
            assert result.objective == pytest.approx(measure(model, result.nearest).objective)
            found.append(result.objective / given)
    assert np.mean(much) < np.mean(little)
    assert max(b / a for a, b in zip(little, much, strict=True)) < 1.02


def test_soft_limits_count_at_the_totals_of_the_plan_at_hand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, today = dear(12, 5, 3)
    seen: list[tuple[float, float]] = []
    take = BorderSearch._take

    def noted(search: BorderSearch, *rest: Any) -> None:
        take(search, *rest)
        if search.best is not None:
            seen.append((search.value, measure(model, search.best).objective))

    monkeypatch.setattr(BorderSearch, "_take", noted)
    improve(model, seed=1, work=5e5, others=[today], mending=False)
    assert len(seen) >= 20
    for claimed, measured in seen:
        assert claimed == pytest.approx(measured, rel=1e-6)
