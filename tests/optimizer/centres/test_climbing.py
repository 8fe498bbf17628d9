"""Prices raised at a part of the sites, and a market by groups of its units."""

from __future__ import annotations

import numpy as np
import pytest
from teig.optimizer.territories.centres import climbing
from teig.optimizer.territories.centres.climbing import climb
from teig.optimizer.territories.centres.coarse import coarsened
from teig.optimizer.territories.centres.location import Pricing
from teig.optimizer.territories.centres.reach import Market, reach_of


def plain(n: int, p: int) -> Market:
    """Points in a square with one amount, which is what distances weigh."""
    rng = np.random.default_rng([n, p])
    points, size = rng.uniform(0, 100, (n, 2)), rng.integers(1, 9, n).astype(float)
    fair = np.full((n, 1), size.sum() / p)
    return Market(points, size, size[None], 0.8 * fair, 1.2 * fair, p)


def test_what_a_climb_says_is_what_all_sites_prove(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(climbing, "FEWEST", 12)
    market = plain(150, 5)
    far = np.full(150, 60.0)
    pricing = Pricing(market, reach_of(market, far), np.zeros(1), 1)
    begin = 25.0 * market.weight
    first = pricing.value(begin)
    found = climb(
        pricing, begin, market.weight * far, np.sqrt(begin), 40.0, hope=0.05 * first, precision=1e-6
    )
    assert found.value > 1.02 * first
    assert found.value == pytest.approx(pricing.value(found.point), rel=1e-12)


def test_groups_hold_what_their_units_do_and_give_prices_back() -> None:
    market = plain(400, 6)
    rough = coarsened(market, np.zeros(400, dtype=np.int64), 40)
    assert rough.market.weight.sum() == pytest.approx(market.weight.sum())
    assert rough.market.amounts.sum() == pytest.approx(market.amounts.sum())
    assert np.ptp(np.bincount(rough.group)) <= 1
    assert (rough.base == rough.group[0]).all()
    # Prices of 7 km a head are that for each unit, too.
    assert rough.refined(7.0 * rough.market.weight) == pytest.approx(7.0 * market.weight)
