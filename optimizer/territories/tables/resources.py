"""Resources: what each owner carries, within an interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....models.arrays import FloatArray
from ..model import AssignmentModel, Resource
from .grouping import stacked
from .parts import Parts


def resources(parts: Parts) -> dict[str, Any]:
    """Limits of what owners carry, by field of the tables; equal values stand once."""
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
    table = {key: stacked(columns[key], owners) for key in list(columns)[2:]}
    return {
        "item_value": stacked(rows["item"], model.items),
        "pair_value": stacked(rows["pair"], model.pairs),
        "value_row": np.array(columns["row"], dtype=np.int64),
        "value_per_item": np.array(columns["per_item"], dtype=np.bool_),
        "takes_part": stacked([r.takes_part for r, _, _ in found], owners).astype(np.bool_),
        **table,
        "moving": np.array(moving, dtype=np.bool_),
        "resource_price": np.array([price for _, price, _ in found], dtype=np.float64),
        "resource_group": np.array([group for _, _, group in found], dtype=np.int64),
        "tolerance": np.array([resource.tolerance for resource, _, _ in found], dtype=np.float64),
    }


def _item_values(model: AssignmentModel, resource: Resource) -> FloatArray:
    values = np.zeros(model.items)
    np.maximum.at(values, model.pair_items(), resource.values)
    return values
