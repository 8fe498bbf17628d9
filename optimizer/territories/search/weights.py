"""Weights of hard parts that an annealing begins with, and the scale of its temperature."""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray
from ..prices import PriceResult
from ..tables import HARD, Tables
from .layout import State


def set_weights(
    t: Tables, s: State, prices: PriceResult, reduced: FloatArray
) -> tuple[float, FloatArray]:
    """Set prices of hard parts to begin with; return a typical change of value and least weights.

    Least weights are those of the resources, of counters and spread groups, of
    diameters, then of the earlier sums.
    """
    unit = _typical_change(t, s, reduced)
    loads = prices.prices.loads
    least = np.zeros(len(t.moving) + 2 + len(s.views["sums"]))
    for k in range(len(t.moving)):
        dearest = float(np.abs(loads[k]).max(initial=0.0))
        values = (
            t.item_value[t.value_row[k]] if t.value_per_item[k] else t.pair_value[t.value_row[k]]
        )
        usual = unit / max(float(values.mean()), 1e-12) if values.size else unit
        least[k] = max(0.5 * dearest, 0.05 * usual)
        if t.resource_group[k] == HARD:
            s.views["resource_weight"][k] = max(2.0 * dearest, 0.3 * usual)
    at = len(t.moving)
    least[at], least[at + 1] = 0.5 * unit, 0.1 * unit
    hard = t.counter_group == HARD
    s.views["counter_weight"][hard] = np.maximum(
        2.0 * np.abs(prices.prices.counters[hard]), 5.0 * unit / t.counter_unit[hard]
    )
    s.views["spread_weight"][t.spread_group == HARD] = 5.0 * unit
    s.views["chord_weight"][t.diameter_group == HARD] = unit
    s.views["piece_weight"][t.layer_group == HARD] = 50.0 * unit
    for g in range(1, len(s.views["sums"])):
        s.views["sum_weight"][g] = max(2.0 * float(prices.prices.groups[g]), 1.0)
        least[at + 1 + g] = 0.5 * s.views["sum_weight"][g]
    return unit, least


def _typical_change(t: Tables, s: State, reduced: FloatArray) -> float:
    """Mean size of the change of reduced cost at borders, and what soft parts add to it."""
    items = np.repeat(np.arange(len(t.first)), np.diff(t.near_start))
    to = s.views["owner"][t.near_other]
    inside = (to != s.views["owner"][items]) & (to >= t.first[items])
    inside &= to < t.first[items] + t.width[items]
    if inside.any():
        items, to = items[inside], to[inside]
    else:
        items, to = (
            np.arange(len(t.first)),
            s.views["candidates"][:, 1 % s.views["candidates"].shape[1]],
        )
        items, to = items[to >= 0], to[to >= 0]
    at, now = (
        t.start[items] - t.first[items] + to,
        t.start[items] - t.first[items] + s.views["owner"][items],
    )
    change = np.abs(reduced[at] - reduced[now])
    change = change[np.isfinite(change)]
    unit = float(change.mean()) if change.size else 0.0
    for k in np.flatnonzero(t.resource_group == 0):
        values = t.item_value if t.value_per_item[k] else t.pair_value
        mean = float(values[t.value_row[k]].mean()) if values.size else 0.0
        unit = max(unit, 0.2 * mean * float(t.resource_price[k]))
    unit = max(unit, 0.5 * float(t.cut_price.max(initial=0.0)))
    for prices, groups in (
        (t.counter_price, t.counter_group),
        (t.spread_price, t.spread_group),
        (t.layer_price, t.layer_group),
    ):
        unit = max(unit, 0.5 * float(prices[groups == 0].max(initial=0.0)))
    return unit if unit > 0 else 1.0
