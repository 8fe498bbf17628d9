"""Index methods: what each territory should sell before rounding, limits and the roll-up.

Each method takes what territories sold and could buy and the total to reach, all in
money a year, and returns named parts, one array per part; their sum is the index.
Only shares matter to the allocation, which scales them to the totals that are handed
down; the parts stay in the build-up of each quota.

Sources of the methods: Zoltners, Sinha and Lorimer, *The Complete Guide to Sales
Force Incentive Compensation* (AMACOM, 2006), the part on goal setting; Darmon,
*Setting sales quotas with conjoint analysis* (J. Marketing Research 16, 1979) for
history against potential.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from ...models.arrays import FloatArray, frozen_measures

#: Parts of an index by name; their sum is the index, (territories,) each.
Parts = dict[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Figures:
    """What a method knows of the territories, money a year.

    Parameters
    ----------
    measures
        Named columns, (territories,) each: ``sales``, ``potential`` …
    total
        What all of them together shall sell.
    """

    measures: Mapping[str, FloatArray]
    total: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "measures", frozen_measures(self.measures))

    @property
    def sales(self) -> FloatArray:
        """What was sold."""
        return self.measures["sales"]

    @property
    def potential(self) -> FloatArray:
        """What could be bought."""
        return self.measures["potential"]


def uniform_growth(figures: Figures) -> Parts:
    """Everybody grows by the same rate: s_i + s_i·(T / Σs − 1).

    It asks most of those who sold most, whatever is left to win with them.

    >>> parts = uniform_growth(Figures({"sales": np.array([300.0, 100.0])}, 440.0))
    >>> (parts["history"] + parts["growth"]).round(6).tolist()
    [330.0, 110.0]
    """
    rate = figures.total / _positive(figures.sales) - 1.0
    return {"history": figures.sales, "growth": figures.sales * rate}


def weighted_index(figures: Figures, *, weights: Mapping[str, float] | None = None) -> Parts:
    """Weighed shares of measures: T·Σ_m w_m·x_mi / Σx_m, over Σ w_m.

    By default half of it is history (``sales``) and half ``potential``.

    >>> measures = {"sales": np.array([300.0, 100.0]), "potential": np.array([100.0, 100.0])}
    >>> sum(weighted_index(Figures(measures, 400.0)).values()).tolist()
    [250.0, 150.0]
    """
    chosen = _checked_weights(weights or _HALF_AND_HALF)
    whole = sum(chosen.values())
    return {
        "history" if name == "sales" else name: figures.total
        * (weight / whole)
        * (figures.measures[name] / _positive(figures.measures[name]))
        for name, weight in chosen.items()
        if weight
    }


def market_potential(figures: Figures, *, target_penetration: float | None = None) -> Parts:
    """What was sold, and the growth asked for by what is left to win.

    The gap of a territory is max(π·p_i − s_i, 0), where the target penetration π
    is the company's own, Σs / Σp, or the one that the total asks for, T / Σp,
    whichever is larger, unless it is given. The growth G = T − Σs is split by the
    gaps: s_i + G·gap_i / Σgap. Where nobody has a gap, or G is negative, all change
    by the same rate.

    >>> measures = {"sales": np.array([90.0, 50.0]), "potential": np.array([100.0, 100.0])}
    >>> sum(market_potential(Figures(measures, 160.0)).values()).tolist()
    [90.0, 70.0]
    """
    sales, potential = figures.sales, figures.potential
    penetration = target_penetration
    if penetration is None:
        penetration = max(float(sales.sum()), figures.total) / _positive(potential)
    if not penetration > 0:
        raise ValueError("target_penetration must be above 0")
    growth = figures.total - float(sales.sum())
    gap = np.maximum(penetration * potential - sales, 0.0)
    if growth < 0 or not gap.sum() > 0:
        return uniform_growth(figures)
    return {"history": sales, "gap": growth * gap / gap.sum()}


def blend(figures: Figures, *, weights: Mapping[str, float] | None = None) -> Parts:
    """Weighted mean of other methods: Σ w_m·index_m / Σ w_m.

    >>> measures = {"sales": np.array([300.0, 100.0]), "potential": np.array([100.0, 100.0])}
    >>> mixed = blend(Figures(measures, 400.0), weights={"uniform_growth": 1, "weighted_index": 1})
    >>> sum(mixed.values()).tolist()
    [275.0, 125.0]
    """
    chosen = _checked_weights(weights or {"uniform_growth": 1.0, "market_potential": 1.0})
    unknown = sorted(set(chosen) - set(_PLAIN))
    if unknown:
        raise ValueError(f"a blend is made of {', '.join(_PLAIN)}, not of {', '.join(unknown)}")
    whole = sum(chosen.values())
    parts: Parts = {}
    for method, weight in chosen.items():
        for name, part in METHODS[method](figures).items():
            parts[name] = parts.get(name, np.zeros_like(part)) + part * (weight / whole)
    return parts


#: The methods by name.
METHODS: Mapping[str, Callable[..., Parts]] = MappingProxyType(
    {
        "uniform_growth": uniform_growth,
        "weighted_index": weighted_index,
        "market_potential": market_potential,
        "blend": blend,
    }
)
_PLAIN = ("uniform_growth", "weighted_index", "market_potential")
_HALF_AND_HALF = MappingProxyType({"sales": 0.5, "potential": 0.5})


def needed_measures(method: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns of the territories that a method reads."""
    if method == "uniform_growth":
        return ("sales",)
    if method == "weighted_index" and parameters.get("weights"):
        return tuple(sorted(parameters["weights"]))
    return ("potential", "sales")


def index_parts(method: str, figures: Figures, parameters: Mapping[str, Any]) -> Parts:
    """Apply a method of the registry.

    Raises
    ------
    ValueError
        When the method or a parameter is unknown, or a number makes no sense.
    """
    if method not in METHODS:
        raise ValueError(f"must be one of {', '.join(METHODS)}")
    known = METHODS[method].__kwdefaults__ or {}
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise ValueError(f"the parameters of {method} are: {', '.join(known) or 'none'}")
    return METHODS[method](figures, **parameters)


def _positive(column: FloatArray) -> float:
    total = float(column.sum())
    if not total > 0:
        raise ValueError("the method needs a positive sum of what it shares by")
    return total


def _checked_weights(weights: Mapping[str, float]) -> dict[str, float]:
    chosen = {name: float(weights[name]) for name in sorted(weights)}
    if any(not weight >= 0 for weight in chosen.values()) or not sum(chosen.values()) > 0:
        raise ValueError("weights must be at least 0 and not all 0")
    return chosen
