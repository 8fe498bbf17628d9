"""What depends on neighbours and places: groups spread out, cut edges, diameters, layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from .grouping import graph, grouped, joined, stacked
from .parts import Parts


def spread(parts: Parts) -> dict[str, Any]:
    """Groups with few owners, by field of the tables."""
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


def cuts(parts: Parts) -> dict[str, Any]:
    """Cut edges both ways, of all stages, by field of the tables."""
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


def diameters(parts: Parts) -> dict[str, Any]:
    """Places and largest chords, by field of the tables."""
    found = parts.of("diameters")
    model = parts.model
    places = found[0][0].points if found else np.zeros((len(model.item_of_cover), 3))
    placed = np.isfinite(places).all(axis=1) if found else np.zeros(len(places), dtype=np.bool_)
    start, (points,) = grouped(model.item_of_cover[placed], [places[placed]], model.items)
    return {
        "point_start": start,
        "points": np.array(points, dtype=np.float64).reshape(-1, 3),
        "diameter_owners": stacked([d.owners for d, _, _ in found], model.owners).astype(np.bool_),
        "diameter_maximum": np.array([d.maximum for d, _, _ in found], dtype=np.float64),
        "diameter_price": np.array([price for _, price, _ in found], dtype=np.float64),
        "diameter_group": np.array([group for _, _, group in found], dtype=np.int64),
    }


def layers(parts: Parts) -> dict[str, Any]:
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
        start, other = graph([e for e in edges if len(e)], n)
        starts.append(start + filled)
        others.append(other)
        filled += len(other)
    return {
        "layer_start": np.ascontiguousarray(stacked(starts, n + 1).astype(np.int64)),
        "layer_other": joined(others),
        "layer_owners": stacked([o for _, o, _, _ in merged], parts.model.owners).astype(np.bool_),
        "layer_price": np.array([price for _, _, price, _ in merged], dtype=np.float64),
        "layer_group": np.array([group for _, _, _, group in merged], dtype=np.int64),
    }
