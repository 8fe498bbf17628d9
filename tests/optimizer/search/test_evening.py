"""Territories evened out: sums stay true, limits are reached, nothing forbidden is chosen."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models.arrays import IndexArray
from teig.optimizer.territories.measures import measure, pieces
from teig.optimizer.territories.model import AssignmentModel, Resource
from teig.optimizer.territories.prices import price_bound
from teig.optimizer.territories.search import cycles, improve, neighbourhood
from teig.optimizer.territories.search.crowds import Crowds
from teig.optimizer.territories.search.deal import new_deal
from teig.optimizer.territories.search.ground import Ground, ground_of
from teig.optimizer.territories.search.grouping import territory_neighbours
from teig.optimizer.territories.tables import compile_tables

from ...plain_models import plain_model

TOLERANCE = 0.1


def rich_corner(
    side: int, owners: int, rich: float, radius: float, seed: int, *, barred: float = 0.0
) -> AssignmentModel:
    """A square of units with so much potential about the middle of one edge.

    Balanced territories have to reach from there far into the land around. ``barred`` is
    the share of pairs of a unit and an owner that may not be chosen.
    """
    generator = np.random.default_rng(seed)
    n = side * side
    places = np.column_stack([np.arange(n) // side, np.arange(n) % side]).astype(float)
    numbers = np.arange(n).reshape(side, side)
    edges = np.concatenate([
        np.column_stack([numbers[:, :-1].ravel(), numbers[:, 1:].ravel()]),
        np.column_stack([numbers[:-1].ravel(), numbers[1:].ravel()]),
    ])  # fmt: skip
    size = generator.uniform(0.5, 1.5, n)
    off = np.hypot(places[:, 0] - side / 2, places[:, 1])
    potential = size * np.where(off < radius, rich, 1.0)
    homes = np.sort(generator.choice(n, owners, replace=False, p=size / size.sum()))
    away = np.sqrt(((places[:, None] - places[homes][None]) ** 2).sum(axis=2))
    allowed = generator.random((n, owners)) >= barred
    who, none = np.ones(owners, dtype=np.bool_), np.zeros(owners)
    resources = [
        Resource(
            name, np.repeat(values * owners / values.sum(), owners), none + 1 - TOLERANCE,
            none + 1 + TOLERANCE, who, np.inf, none, none, per_item=True,
        )
        for name, values in (("size", size), ("potential", potential))
    ]  # fmt: skip
    return plain_model(size[:, None] * owners / size.sum() * away, edges, resources, allowed)


def stripes(model: AssignmentModel) -> IndexArray:
    """A connected start: rows of the square, dealt out in order."""
    side = int(np.sqrt(model.items))
    return np.arange(model.items) // side * model.owners // side


def ground_for(model: AssignmentModel) -> Ground:
    ground = ground_of(model, compile_tables(model))
    assert ground is not None
    return ground


def amount_broken(model: AssignmentModel, owners: IndexArray) -> float:
    return sum(part.amount for part in measure(model, owners).broken)


def test_territories_that_must_reach_far_are_found_where_borders_alone_find_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = rich_corner(30, 12, 3.0, 7.0, 0)
    prices = price_bound(model, work=100, cuts=False)
    # No help from the exact core: None there would switch these means off too.
    monkeypatch.setattr(neighbourhood, "TRIED", 0)
    found = improve(model, seed=0, work=4e7, prices=prices)
    assert found.item_owners is not None
    plain = measure(model, found.item_owners)
    assert plain.feasible
    assert np.isclose(plain.objective, found.objective)
    assert found.objective < 1.05 * prices.bound
    monkeypatch.setattr(cycles, "CALM", 10**9)
    assert improve(model, seed=0, work=4e7, prices=prices).item_owners is None


@pytest.mark.parametrize("barred", [0.0, 0.2])
def test_an_attempt_keeps_sums_and_pieces_and_leaves_less_outside(barred: float) -> None:
    within = 0
    for seed in range(4):
        model = rich_corner(14, 4 + seed % 2, 2.0, 4.0, seed, barred=barred)
        ground = ground_for(model)
        begin = stripes(model)
        # What may not be chosen is not, from the start.
        model.allowed[model.start + begin] = True
        ground = ground_for(model)
        deal = new_deal(ground, begin)
        near = territory_neighbours(ground, begin, model.owners)
        done = Crowds(ground, seed).run(deal, near, 3e5, lambda: False)
        assert 0 < done <= 3e5
        fresh = new_deal(ground, deal.owner)
        for name in ("held", "load", "low", "high", "margin", "crossings"):
            assert np.allclose(getattr(deal, name), getattr(fresh, name)), name
        assert model.allowed[model.start + deal.owner].all()
        assert (pieces(model, model.connected[0], deal.owner) <= 1).all()
        assert amount_broken(model, deal.owner) < amount_broken(model, begin)
        within += measure(model, deal.owner).feasible
    assert within >= 2


def test_an_attempt_is_given_up_when_told_and_loses_nothing() -> None:
    model = rich_corner(14, 5, 2.0, 4.0, 1)
    ground, begin = ground_for(model), stripes(model)
    near = territory_neighbours(ground, begin, model.owners)
    for work, stop in ((1e6, lambda: True), (0.0, lambda: False)):
        deal = new_deal(ground, begin)
        assert Crowds(ground, 1).run(deal, near, work, stop) == 0
        assert np.array_equal(deal.owner, begin)


def test_a_crowd_has_room_for_what_it_carries() -> None:
    model = rich_corner(30, 36, 3.0, 7.0, 0)
    ground = ground_for(model)
    found = improve(model, seed=1, work=1e6, mending=False)
    deal = new_deal(ground, found.nearest)
    near = territory_neighbours(ground, found.nearest, model.owners)
    crowds = Crowds(ground, 1).groups(deal, near)
    assert crowds
    outside = {
        owner for owner in range(model.owners) if (np.abs(deal.load[:, owner] - 1) > 0.1001).any()
    }
    assert outside <= {int(owner) for mine in crowds for owner in mine}
    for mine in crowds:
        mean = deal.load[:, mine].mean(axis=1)
        assert len(mine) == model.owners or (np.abs(mean - 1) < 0.6 * TOLERANCE + 1e-9).all()
