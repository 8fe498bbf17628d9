"""Bases placed for a market: near everybody, natural territories about equal."""

from __future__ import annotations

import itertools

import numpy as np
from teig.models.arrays import FloatArray
from teig.optimizer.territories.centres.balancing import regrets
from teig.optimizer.territories.centres.placing import Placing, place_bases, place_points


def towns(seed: int, count: int = 4, each: int = 30) -> tuple[FloatArray, FloatArray]:
    """Units around towns that lie far apart, each town with as much in all."""
    rng = np.random.default_rng(seed)
    middles = np.array([[0.0, 0.0], [900.0, 50.0], [40.0, 800.0], [950.0, 900.0]])[:count]
    points = np.repeat(middles, each, axis=0) + rng.normal(0, 30, (count * each, 2))
    measures = rng.uniform(1, 5, (count * each, 2))
    sums = measures.reshape(count, each, 2).sum(axis=1)
    return points, (measures.reshape(count, each, 2) / sums[:, None, :]).reshape(-1, 2)


def test_each_town_gets_a_base() -> None:
    for seed in range(5):
        points, measures = towns(seed)
        bases = place_points(points, measures, 4, seed=seed)
        assert sorted((bases // 30).tolist()) == [0, 1, 2, 3]


def test_a_base_is_the_median_of_a_balanced_half() -> None:
    """Of a line of equal units the best two bases are in the middles of its halves."""
    points = np.column_stack([np.arange(21.0), np.zeros(21)])[:-1]
    bases = place_points(points, np.ones((20, 1)), 2)

    def best(p: tuple[int, int]) -> float:
        # Balanced within a tenth: nine to eleven units each.
        return min(
            sum(abs(i - p[0]) for i in range(cut)) + sum(abs(i - p[1]) for i in range(cut, 20))
            for cut in (9, 10, 11)
        )

    least = min(best(pair) for pair in itertools.combinations(range(20), 2))
    assert best((int(bases[0]), int(bases[1]))) == least


def test_squares_are_served_from_the_mean_and_bases_leave_for_where_they_cost_less() -> None:
    """Two far clusters of three and one: all starts end with the bases that cost least."""
    rng = np.random.default_rng(5)
    middles = np.array([[0.0, 0.0], [300.0, 0.0], [0.0, 300.0], [4000.0, 0.0]])
    points = np.repeat(middles, 12, axis=0) + rng.normal(0, 8, (48, 2))
    one = np.ones((48, 1))
    best = 0.0
    for group in range(4):
        part = points[group * 12 : group * 12 + 12]
        best += float(((part[:, None] - part[None]) ** 2).sum(axis=2).sum(axis=1).min())
    for seed in range(4):
        bases = place_points(points, one, 4, seed=seed, power=2, effort=1.0)
        square = ((points[:, None] - points[bases][None]) ** 2).sum(axis=2).min(axis=1)
        assert np.isclose(square.sum(), best, rtol=1e-9)


def test_what_a_base_is_missed_by_is_what_its_units_pay_elsewhere() -> None:
    rng = np.random.default_rng(8)
    placing = Placing.of(rng.uniform(0, 100, (40, 2)), rng.uniform(1, 2, (40, 1)), 5, 0.2, 2)
    layout = placing.begun(rng)
    missed, cost = regrets(
        placing.points, placing.weight, placing.shares, layout.bases,
        placing.nearest(layout.bases), layout.prices, layout.label, 2,
    )  # fmt: skip
    plain = placing.costs(layout.bases)
    assert np.allclose(cost, plain[np.arange(40), layout.label])
    priced = plain + placing.shares.T @ layout.prices.T
    for base in range(5):
        held = priced[layout.label == base]
        other = np.delete(held, base, axis=1).min(axis=1)
        assert np.isclose(missed[base], np.maximum(0.0, other - held[:, base]).sum())
    assert (missed > 0).any()


def test_same_input_same_bases_and_as_many_as_asked() -> None:
    rng = np.random.default_rng(3)
    latitude, longitude = rng.uniform(30, 45, 200), rng.uniform(-120, -70, 200)
    measures = rng.exponential(1.0, (200, 2))
    first = place_bases(latitude, longitude, measures, 9, seed=5)
    assert (first == place_bases(latitude, longitude, measures, 9, seed=5)).all()
    assert len(np.unique(first)) == 9
    assert place_bases(latitude, longitude, measures, 1).shape == (1,)
    assert len(np.unique(place_bases(latitude, longitude, measures, 200))) == 200


def test_units_of_one_place_are_no_trouble() -> None:
    measures = np.ones((6, 1))
    bases = place_points(np.zeros((6, 2)), measures, 3)
    assert len(np.unique(bases)) == 3
