"""Location at scale: its bound against all plans, and its tables against the plain ones."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models.sites import distances
from teig.optimizer.territories.centres import centre_model
from teig.optimizer.territories.centres.bounding import location_bound
from teig.optimizer.territories.centres.location import Pricing
from teig.optimizer.territories.centres.reach import Market, reach_of

from .small_problems import best_by_enumeration


def random_market(rng: np.random.Generator, n: int, p: int, kinds: int) -> Market:
    """Points in a plane or on the earth, limits on both sides or above only."""
    points = rng.uniform(0, 100, (n, 2))
    if rng.random() < 0.5:
        phi, lam = np.radians(rng.uniform(40, 50, (2, n)))
        points = 6371.0088 * np.column_stack(
            [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]
        )
    amounts = rng.integers(0, 9, (kinds, n)).astype(float)
    weight = amounts[0] if kinds and rng.random() < 0.5 else rng.uniform(0, 5, n)
    fair = amounts.sum(axis=1) / p
    low = -np.inf if rng.random() < 0.4 else rng.uniform(0.5, 0.9)
    lower = np.broadcast_to(fair * low if np.isfinite(low) else np.full(kinds, low), (n, kinds))
    upper = np.broadcast_to(fair * rng.uniform(1.1, 1.6), (n, kinds))
    return Market(points, weight, amounts, lower.copy(), upper.copy(), p)


def test_no_bound_is_above_the_best_plan() -> None:
    rng, met, tight = np.random.default_rng(12), 0, 0
    for turn in range(120):
        n, p = int(rng.integers(4, 7)), int(rng.integers(1, 4))
        market = random_market(rng, n, p, turn % 3)
        cost = market.weight[:, None] * distances(market.points, market.points)
        model = centre_model(
            cost, p, activities=market.amounts, lower=market.lower.T, upper=market.upper.T,
            own_centre=False,
        )  # fmt: skip
        best = best_by_enumeration(model)
        bases = np.sort(rng.choice(n, p, replace=False))
        base = bases[cost[:, bases].argmin(axis=1)]
        bound = location_bound(market, base, work=1e-3 * n, workers=1)
        assert bound.value <= best * (1 + 1e-9) + 1e-9
        if np.isfinite(best) and best > 0:
            met += 1
            tight += bound.value >= 0.6 * best
    assert met >= 50
    assert tight >= 0.5 * met


def test_any_prices_within_their_ceiling_are_true() -> None:
    rng, met = np.random.default_rng(13), 0
    for _ in range(60):
        market = random_market(rng, 6, 2, 1)
        cost = market.weight[:, None] * distances(market.points, market.points)
        model = centre_model(
            cost, 2, activities=market.amounts, lower=market.lower.T, upper=market.upper.T,
            own_centre=False,
        )  # fmt: skip
        best = best_by_enumeration(model)
        far = rng.uniform(0.2, 1.5, 6) * distances(market.points, market.points).max()
        pricing = Pricing(market, reach_of(market, far), np.zeros(1), 1)
        bound = pricing.value(rng.uniform(0, 1, 6) * market.weight * far)
        assert bound <= best * (1 + 1e-9) + 1e-9
        met += np.isfinite(best)
    assert met >= 20


@pytest.mark.parametrize("axes", [2, 3])
def test_the_reach_lists_whoever_is_within_its_radius(axes: int) -> None:
    rng = np.random.default_rng(14)
    market = random_market(rng, 5, 1, 1)
    points = rng.normal(0, 1, (300, axes))
    if axes == 3:
        points *= 6371.0088 / np.sqrt((points**2).sum(axis=1, keepdims=True))
    ones = np.ones(300)
    market = Market(points, ones * 2.0, ones[None], ones[:, None], ones[:, None], 3)
    km = distances(points, points)
    radius = rng.uniform(0, 0.4, 300) * km.max()
    found = reach_of(market, radius)
    for site in range(300):
        span = slice(found.start[site], found.start[site + 1])
        listed = np.sort(found.unit[span])
        assert (listed == np.flatnonzero(km[:, site] <= radius)).all()
        true = 2.0 * km[found.unit[span], site]
        assert (found.cost[span] <= true * (1 + 1e-12)).all()
        assert found.cost[span] == pytest.approx(true, rel=1e-6, abs=1e-3)


def test_workers_make_no_difference() -> None:
    rng = np.random.default_rng(15)
    market = random_market(rng, 80, 5, 2)
    base = np.repeat(np.arange(5), 16)
    one, two = (location_bound(market, base, work=1.0, workers=count) for count in (1, 2))
    assert one.value == two.value
    assert (one.alpha == two.alpha).all()
