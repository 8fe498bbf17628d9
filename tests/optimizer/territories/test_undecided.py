"""What prices leave undecided where territories may lie in pieces, against enumeration."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from teig.models.arrays import FloatArray
from teig.optimizer.territories.exact.undecided import cheap_pairs, deal_undecided, is_linear
from teig.optimizer.territories.measures import measure
from teig.optimizer.territories.model import AssignmentModel, Home, Resource
from teig.optimizer.territories.prices import price_bound

from ...plain_models import plain_model

ITEMS, OWNERS = 7, 3


def in_pieces(seed: int) -> AssignmentModel:
    """Units with two uneven amounts that every owner gets about a third of, in any pieces."""
    rng = np.random.default_rng(seed)
    none, everybody = np.zeros(OWNERS), np.ones(OWNERS, dtype=np.bool_)

    def resource(name: str, amounts: FloatArray, tolerance: float) -> Resource:
        fair = np.full(OWNERS, amounts.sum() / OWNERS)
        values = np.repeat(amounts, OWNERS)
        return Resource(
            name, values, fair * (1 - tolerance), fair * (1 + tolerance), everybody, np.inf,
            none, none, per_item=True,
        )  # fmt: skip

    limits = (
        resource("size", rng.uniform(1.0, 3.0, ITEMS), 0.35),
        resource("units", np.ones(ITEMS), 0.5),
    )
    whole = plain_model(rng.uniform(0, 100, (ITEMS, OWNERS)), np.zeros((0, 2), int), limits)
    return replace(whole, connected=())


def best_of_all(model: AssignmentModel) -> float:
    plans = itertools.product(range(OWNERS), repeat=ITEMS)
    measured = (measure(model, np.array(plan)) for plan in plans)
    return min((each.objective for each in measured if each.feasible), default=np.inf)


def test_small_ones_are_dealt_as_enumeration_deals_them_within_what_is_asked() -> None:
    reached = 0
    for seed in range(12):
        model = in_pieces(seed)
        assert is_linear(model)
        least = best_of_all(model)
        found = deal_undecided(model, price_bound(model, work=200))
        if found is None:
            assert np.isinf(least)
            continue
        dealt = measure(model, found)
        assert dealt.feasible
        assert least - 1e-9 <= dealt.objective <= least * 1.003
        reached += 1
    assert reached >= 8


def test_a_home_gets_one_of_its_items() -> None:
    model = in_pieces(3)
    free = deal_undecided(model, price_bound(model, work=200))
    assert free is not None
    item = int(np.flatnonzero(free != 1)[0])
    housed = replace(model, homes=(Home("home", 1, (item,), np.inf),))
    found = deal_undecided(housed, price_bound(housed, work=200))
    assert found is not None
    assert found[item] == 1


def test_each_item_keeps_its_cheapest_pair_and_ties_go_first() -> None:
    model = in_pieces(1)
    reduced = np.tile([5.0, 6.0, 9.0], ITEMS)
    reduced[4] = 5.5
    kept = cheap_pairs(model, reduced, 1).reshape(ITEMS, OWNERS)
    assert kept[:, 0].all()
    assert kept.sum() == ITEMS + 1
    assert kept[1, 1]


def test_connected_territories_and_moving_limits_are_not_for_it() -> None:
    model = in_pieces(0)
    moving = replace(model.resources[0], lower_share=np.full(OWNERS, 0.1),
                     values=np.arange(1.0, 1 + model.pairs), per_item=False)  # fmt: skip
    assert not is_linear(replace(model, resources=(moving,)))
    assert not is_linear(replace(model, resources=()))
    whole = plain_model(np.zeros((2, 2)), np.array([[0, 1]]), model.resources[:0])
    assert not is_linear(replace(whole, resources=model.resources))
