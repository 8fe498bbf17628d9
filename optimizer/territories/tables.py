"""An :class:`AssignmentModel` as flat arrays that compiled code reads.

Parts with the same shape are put into one form, so that the bound and the search
each handle four kinds of things instead of a dozen:

*resources* (an interval per owner), *counters* (an interval on a sum over a few pairs:
budgets, items apart, homes), *spread* groups, and what depends on neighbours (cut
edges, connected territories, diameters).

Every priced part belongs to a *group*: 0 is the objective, 1, 2 … are sums of earlier
stages that have a limit, and -1 means that the part is hard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...models.arrays import BoolArray, FloatArray, IndexArray
from .model import AssignmentModel, Home, Resource

HARD = -1
#: Group of counters that are cuts: hard, at most 0, without a tolerance.
CUT = -2


class Tables(NamedTuple):
    """Arrays of a model; n items, R owners, P pairs, G groups, K resources, C counters.

    Parameters
    ----------
    first, start, width
        Owners of an item are ``first … first + width - 1``; its pairs begin at
        ``start``, (n,).
    pair_cost
        Objective and earlier sums of each pair, (G, P).
    group_limit, group_constant
        Largest value of each group's sum and its fixed part, (G,); inf for the objective.
    value_row, value_per_item
        Where a resource's values stand: row of ``item_value`` (rows, n) or of
        ``pair_value`` (rows, P), (K,).
    moving
        Resources whose limits move with the total; shares of the others are 0, (K,).
    entry_start, entry_counter, entry_step, entry_value
        Entries of item i are ``entry_start[i] … entry_start[i + 1] - 1``. With the owner
        at position q of the item's range, entry e adds
        ``counter_value[entry_value[e] + q]`` to counter
        ``entry_counter[e] + q · entry_step[e]``. A negative step means that only the
        owner at position ``-1 - step`` adds anything, ``counter_value[entry_value[e]]``.
    spread_start, spread_of
        Spread groups of each item.
    counter_unit
        What one item usually adds to a counter, (C,).
    cut_start, cut_other, cut_price, cut_group
        Cut edges of each item, both ways.
    point_start, points
        Places of each item's covers, km.
    layer_start, layer_other, layer_owners
        Neighbours of covers by layer, (L, covers + 1) into ``layer_other``; owners that
        a layer holds together, (L, R).
    near_start, near_other
        Neighbours of an item in any layer or cut edge.
    cover_start, cover_of
        Covers of each item.
    """

    owners: int
    first: IndexArray
    start: IndexArray
    width: IndexArray
    allowed: BoolArray
    pair_cost: FloatArray
    group_limit: FloatArray
    group_constant: FloatArray
    item_value: FloatArray
    pair_value: FloatArray
    value_row: IndexArray
    value_per_item: BoolArray
    takes_part: BoolArray
    lower: FloatArray
    upper: FloatArray
    lower_share: FloatArray
    upper_share: FloatArray
    moving: BoolArray
    resource_price: FloatArray
    resource_group: IndexArray
    tolerance: FloatArray
    entry_start: IndexArray
    entry_counter: IndexArray
    entry_step: IndexArray
    entry_value: IndexArray
    counter_value: FloatArray
    counter_lower: FloatArray
    counter_upper: FloatArray
    counter_price: FloatArray
    counter_group: IndexArray
    counter_unit: FloatArray
    spread_start: IndexArray
    spread_of: IndexArray
    spread_maximum: IndexArray
    spread_price: FloatArray
    spread_group: IndexArray
    cut_start: IndexArray
    cut_other: IndexArray
    cut_price: FloatArray
    cut_group: IndexArray
    point_start: IndexArray
    points: FloatArray
    diameter_owners: BoolArray
    diameter_maximum: FloatArray
    diameter_price: FloatArray
    diameter_group: IndexArray
    layer_start: IndexArray
    layer_other: IndexArray
    layer_owners: BoolArray
    layer_price: FloatArray
    layer_group: IndexArray
    near_start: IndexArray
    near_other: IndexArray
    item_of_cover: IndexArray
    cover_start: IndexArray
    cover_of: IndexArray


class PriceTables(NamedTuple):
    """The part of :class:`Tables` that the relaxation reads: fewer arrays compile sooner."""

    owners: int
    first: IndexArray
    start: IndexArray
    width: IndexArray
    allowed: BoolArray
    pair_cost: FloatArray
    group_limit: FloatArray
    group_constant: FloatArray
    item_value: FloatArray
    pair_value: FloatArray
    value_row: IndexArray
    value_per_item: BoolArray
    takes_part: BoolArray
    lower: FloatArray
    upper: FloatArray
    lower_share: FloatArray
    upper_share: FloatArray
    moving: BoolArray
    resource_price: FloatArray
    resource_group: IndexArray
    tolerance: FloatArray
    entry_start: IndexArray
    entry_counter: IndexArray
    entry_step: IndexArray
    entry_value: IndexArray
    counter_value: FloatArray
    counter_lower: FloatArray
    counter_upper: FloatArray
    counter_price: FloatArray
    counter_group: IndexArray

    @classmethod
    def of(cls, tables: Tables) -> PriceTables:
        """Pick the arrays."""
        return cls(*(getattr(tables, name) for name in cls._fields))


def grouped(
    keys: IndexArray, values: Sequence[IndexArray | FloatArray], size: int
) -> tuple[IndexArray, list[Any]]:
    """Sort values by key, stably; return where each key begins, (size + 1,), and the values."""
    order = np.argsort(keys, kind="stable")
    begin = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=size))]).astype(np.int64)
    return begin, [np.ascontiguousarray(np.asarray(column)[order]) for column in values]


class _Parts:
    """Collects the parts of a stage and of earlier stages."""

    def __init__(self, model: AssignmentModel) -> None:
        self.model = model
        self.stages: list[tuple[AssignmentModel, float]] = [(model, np.inf)]
        self.stages += [(limit.model, limit.limit) for limit in model.earlier]
        self.allowed = _with_homes(model)

    def of(self, name: str) -> list[tuple[Any, float, int]]:
        """Parts of a kind with price and group; hard ones of the stage at hand only."""
        found: list[tuple[Any, float, int]] = []
        for group, (stage, _) in enumerate(self.stages):
            for part in getattr(stage, name):
                if np.isinf(part.price):
                    if group == 0:
                        found.append((part, 0.0, HARD))
                elif part.price > 0:
                    found.append((part, float(part.price), group))
        return found


def _with_homes(model: AssignmentModel) -> BoolArray:
    """Pairs that may be chosen, an item that is somebody's only hard home locked there."""
    allowed = model.allowed.copy()
    for home in model.homes:
        if _is_locked(model, home):
            item = home.items[0]
            keep = model.pair(item, home.owner)
            begin = int(model.start[item])
            end = begin + int(model.last[item] - model.first[item])
            allowed[begin:keep] = False
            allowed[keep + 1 : end] = False
    return allowed


def _is_locked(model: AssignmentModel, home: Home) -> bool:
    """Whether a home is nothing but an item that only one owner may have."""
    return (
        np.isinf(home.price)
        and len(home.items) == 1
        and bool(model.first[home.items[0]] <= home.owner < model.last[home.items[0]])
    )


def compile_tables(model: AssignmentModel) -> Tables:
    """Flatten a model."""
    parts = _Parts(model)
    n, owners = model.items, model.owners
    width = model.last - model.first
    stages = [stage for stage, _ in parts.stages]
    cover_start, (cover_of,) = grouped(
        model.item_of_cover, [np.arange(len(model.item_of_cover))], n
    )
    near = [part.edges for part in model.connected] + [model.cut_edges]
    near_start, near_other = _graph([edges for edges in near if len(edges)], n)
    return Tables(
        owners=owners,
        first=np.array(model.first, dtype=np.int64),
        start=np.array(model.start, dtype=np.int64),
        width=np.array(width, dtype=np.int64),
        allowed=parts.allowed,
        pair_cost=np.ascontiguousarray(np.stack([stage.cost for stage in stages])),
        group_limit=np.array([limit for _, limit in parts.stages]),
        group_constant=np.array([stage.constant for stage in stages]),
        **_resources(parts),
        **_counters(parts),
        **_spread(parts),
        **_cuts(parts),
        **_diameters(parts),
        **_layers(parts),
        near_start=near_start,
        near_other=near_other,
        item_of_cover=np.array(model.item_of_cover, dtype=np.int64),
        cover_start=cover_start,
        cover_of=cover_of,
    )


def _graph(edges: list[IndexArray], n: int) -> tuple[IndexArray, IndexArray]:
    """Neighbours both ways, each once, sorted."""
    if not edges:
        return np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    pairs = np.concatenate(edges)
    pairs = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
    start, (other,) = grouped(pairs[:, 0], [pairs[:, 1]], n)
    return start, other


def _resources(parts: _Parts) -> dict[str, Any]:
    model, owners = parts.model, parts.model.owners
    found = parts.of("resources")
    rows: dict[str, list[FloatArray]] = {"item": [], "pair": []}
    columns: dict[str, list[Any]] = {
        key: [] for key in ("row", "per_item", "lower", "upper", "lower_share", "upper_share")
    }
    moving: list[bool] = []
    for resource, _, _ in found:
        kind = "item" if resource.per_item else "pair"
        values = _item_values(model, resource) if resource.per_item else resource.values
        same = [row for row, other in enumerate(rows[kind]) if np.array_equal(other, values)]
        columns["row"].append(same[0] if same else len(rows[kind]))
        if not same:
            rows[kind].append(np.array(values, dtype=np.float64))
        columns["per_item"].append(resource.per_item)
        fixed = model.fixed_limits(resource)
        moving.append(fixed is None)
        lower, upper = (resource.lower, resource.upper) if fixed is None else fixed
        share = float(fixed is None)
        for side, limit, free in (("lower", lower, -np.inf), ("upper", upper, np.inf)):
            none = ~np.isfinite(limit) | ~resource.takes_part
            columns[side].append(np.where(none, free, limit))
            shares = share * getattr(resource, f"{side}_share")
            columns[f"{side}_share"].append(np.where(none, 0.0, shares))
    table = {key: _rows(columns[key], owners) for key in list(columns)[2:]}
    return {
        "item_value": _rows(rows["item"], model.items),
        "pair_value": _rows(rows["pair"], model.pairs),
        "value_row": np.array(columns["row"], dtype=np.int64),
        "value_per_item": np.array(columns["per_item"], dtype=np.bool_),
        "takes_part": _rows([r.takes_part for r, _, _ in found], owners).astype(np.bool_),
        **table,
        "moving": np.array(moving, dtype=np.bool_),
        "resource_price": np.array([price for _, price, _ in found], dtype=np.float64),
        "resource_group": np.array([group for _, _, group in found], dtype=np.int64),
        "tolerance": np.array([resource.tolerance for resource, _, _ in found], dtype=np.float64),
    }


def _rows(rows: Sequence[Any], length: int) -> FloatArray:
    if not rows:
        return np.zeros((0, length))
    return np.ascontiguousarray(np.stack(rows).astype(np.float64))


def _item_values(model: AssignmentModel, resource: Resource) -> FloatArray:
    values = np.zeros(model.items)
    np.maximum.at(values, model.pair_items(), resource.values)
    return values


def _counters(parts: _Parts) -> dict[str, Any]:
    model = parts.model
    width = model.last - model.first
    entries: list[tuple[int, int, int, int]] = []
    values: list[FloatArray] = [np.ones(int(width.max(initial=1)))]
    filled = len(values[0])
    lower: list[float] = []
    upper: list[float] = []
    price: list[float] = []
    group: list[int] = []
    unit: list[float] = []

    def counter(low: float, high: float, cost: float, of: int, usual: float = 1.0) -> int:
        lower.append(low)
        upper.append(high)
        price.append(cost)
        group.append(of)
        unit.append(usual)
        return len(lower) - 1

    def entry(item: int, index: int, block: FloatArray) -> None:
        nonlocal filled
        entries.append((item, index, 0, filled))
        values.append(block)
        filled += len(block)

    for budget, cost, of in parts.of("budgets"):
        usual = float(budget.values[budget.values > 0].mean()) if budget.values.any() else 1.0
        index = counter(-np.inf, float(budget.upper), cost, of, usual)
        touched = np.bincount(model.pair_items(), weights=budget.values, minlength=model.items)
        for item in np.flatnonzero(touched).tolist():
            begin = int(model.start[item])
            entry(item, index, budget.values[begin : begin + int(width[item])])
    for home, cost, of in parts.of("homes"):
        if of == HARD and _is_locked(model, home):
            continue
        index = counter(1.0, np.inf, cost, of)
        for item in home.items:
            block = np.zeros(int(width[item]))
            if model.first[item] <= home.owner < model.last[item]:
                block[home.owner - int(model.first[item])] = 1.0
            entry(item, index, block)
    for pair, cost, of in parts.of("apart"):
        if pair.a == pair.b:
            entry(pair.a, counter(-np.inf, 1.0, cost, of), np.full(int(width[pair.a]), 2.0))
            continue
        index = len(lower)
        for _ in range(int(width[pair.a])):
            counter(-np.inf, 1.0, cost, of)
        entries += [(pair.a, index, 1, 0), (pair.b, index, 1, 0)]
    table = np.array(entries, dtype=np.int64).reshape(-1, 4)
    start, columns = grouped(table[:, 0], [table[:, 1], table[:, 2], table[:, 3]], model.items)
    return {
        "entry_start": start,
        "entry_counter": columns[0],
        "entry_step": columns[1],
        "entry_value": columns[2],
        "counter_value": np.concatenate(values),
        "counter_lower": np.array(lower, dtype=np.float64),
        "counter_upper": np.array(upper, dtype=np.float64),
        "counter_price": np.array(price, dtype=np.float64),
        "counter_group": np.array(group, dtype=np.int64),
        "counter_unit": np.array(unit, dtype=np.float64),
    }


def _spread(parts: _Parts) -> dict[str, Any]:
    found = parts.of("spread")
    table = np.array(
        [(item, index) for index, (group, _, _) in enumerate(found) for item in group.items],
        dtype=np.int64,
    ).reshape(-1, 2)
    start, (of,) = grouped(table[:, 0], [table[:, 1]], parts.model.items)
    return {
        "spread_start": start,
        "spread_of": of,
        "spread_maximum": np.array([g.maximum for g, _, _ in found], dtype=np.int64),
        "spread_price": np.array([price for _, price, _ in found], dtype=np.float64),
        "spread_group": np.array([group for _, _, group in found], dtype=np.int64),
    }


def _cuts(parts: _Parts) -> dict[str, Any]:
    edges: list[IndexArray] = []
    prices: list[FloatArray] = []
    groups: list[IndexArray] = []
    for group, (stage, _) in enumerate(parts.stages):
        both = np.concatenate([stage.cut_edges, stage.cut_edges[:, ::-1]])
        edges.append(both.reshape(-1, 2))
        prices.append(np.tile(stage.cut_prices, 2))
        groups.append(np.full(len(both), group, dtype=np.int64))
    pairs = np.concatenate(edges)
    start, columns = grouped(
        pairs[:, 0],
        [pairs[:, 1], np.concatenate(prices), np.concatenate(groups)],
        parts.model.items,
    )
    return {
        "cut_start": start,
        "cut_other": columns[0],
        "cut_price": columns[1],
        "cut_group": columns[2],
    }


def _diameters(parts: _Parts) -> dict[str, Any]:
    found = parts.of("diameters")
    model = parts.model
    places = found[0][0].points if found else np.zeros((len(model.item_of_cover), 3))
    placed = np.isfinite(places).all(axis=1) if found else np.zeros(len(places), dtype=np.bool_)
    start, (points,) = grouped(model.item_of_cover[placed], [places[placed]], model.items)
    return {
        "point_start": start,
        "points": np.array(points, dtype=np.float64).reshape(-1, 3),
        "diameter_owners": _rows([d.owners for d, _, _ in found], model.owners).astype(np.bool_),
        "diameter_maximum": np.array([d.maximum for d, _, _ in found], dtype=np.float64),
        "diameter_price": np.array([price for _, price, _ in found], dtype=np.float64),
        "diameter_group": np.array([group for _, _, group in found], dtype=np.int64),
    }


def _layers(parts: _Parts) -> dict[str, Any]:
    """Neighbour layers; rules of different teams with one price share a layer."""
    merged: list[tuple[list[IndexArray], BoolArray, float, int]] = []
    for part, price, group in parts.of("connected"):
        for edges, owners, cost, of in merged:
            if (cost, of) == (price, group) and not (owners & part.owners).any():
                edges.append(part.cover_edges)
                owners |= part.owners
                break
        else:
            merged.append(([part.cover_edges], part.owners.copy(), price, group))
    n = len(parts.model.item_of_cover)
    starts: list[IndexArray] = []
    others: list[IndexArray] = []
    filled = 0
    for edges, _, _, _ in merged:
        start, other = _graph([e for e in edges if len(e)], n)
        starts.append(start + filled)
        others.append(other)
        filled += len(other)
    return {
        "layer_start": np.ascontiguousarray(_rows(starts, n + 1).astype(np.int64)),
        "layer_other": _joined(others),
        "layer_owners": _rows([o for _, o, _, _ in merged], parts.model.owners).astype(np.bool_),
        "layer_price": np.array([price for _, _, price, _ in merged], dtype=np.float64),
        "layer_group": np.array([group for _, _, _, group in merged], dtype=np.int64),
    }


def _joined(arrays: Iterable[IndexArray]) -> IndexArray:
    found = list(arrays)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
