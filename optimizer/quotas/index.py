"""Index methods: what each territory should sell before rounding, limits and the roll-up.

Each method takes what territories sold and could buy and the total to reach, all in
money a year, and returns named parts, one array per part; their sum is the index.
Only shares matter to the allocation, which scales them to the totals that are handed
down; the parts stay in the build-up of each quota.

Sources of the methods: Zoltners, Sinha and Lorimer, *The Complete Guide to Sales
Force Incentive Compensation* (AMACOM, 2006), the part on goal setting, for growth,
indices, market potential, forecasts and bottom-up goals; Darmon, *Setting sales quotas
with conjoint analysis* (J. Marketing Research 16, 1979) for history against potential;
Bates and Granger, *The combination of forecasts* (Operational Research Quarterly 20,
1969) for why a blend of methods is mostly nearer than each.
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


def forecast(figures: Figures) -> Parts:
    """What the market would give by itself, stretched to the total: f_i + f_i·(T / Σf − 1).

    The parts are what was sold (where known), what the forecast expects beyond it, and
    the stretch that the total asks of everybody alike beyond the forecast.

    >>> measures = {"sales": np.array([100.0, 100.0]), "forecast": np.array([110.0, 90.0])}
    >>> parts = forecast(Figures(measures, 220.0))
    >>> {name: part.round(6).tolist() for name, part in parts.items()}
    {'history': [100.0, 100.0], 'trend': [10.0, -10.0], 'stretch': [11.0, 9.0]}
    """
    expected = figures.measures["forecast"]
    stretch = expected * (figures.total / _positive(expected) - 1.0)
    if "sales" not in figures.measures:
        return {"forecast": expected, "stretch": stretch}
    return {"history": figures.sales, "trend": expected - figures.sales, "stretch": stretch}


def bottom_up(figures: Figures) -> Parts:
    """What the owners themselves expect, stretched to the total: e_i + e_i·(T / Σe − 1).

    Whoever estimates low gets less: compare it with another method before it is used,
    or blend it.

    >>> parts = bottom_up(Figures({"estimate": np.array([60.0, 40.0])}, 110.0))
    >>> sum(parts.values()).round(6).tolist()
    [66.0, 44.0]
    """
    estimate = figures.measures["estimate"]
    stretch = estimate * (figures.total / _positive(estimate) - 1.0)
    return {"estimate": estimate, "stretch": stretch}


def blend(
    figures: Figures,
    *,
    weights: Mapping[str, float] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> Parts:
    """Weighted mean of other methods: Σ w_m·index_m / Σ w_m.

    ``settings`` holds the parameters of the methods by name.

    >>> measures = {"sales": np.array([300.0, 100.0]), "potential": np.array([100.0, 100.0])}
    >>> mixed = blend(Figures(measures, 400.0), weights={"uniform_growth": 1, "weighted_index": 1})
    >>> sum(mixed.values()).tolist()
    [275.0, 125.0]
    """
    chosen = _blended(weights)
    whole = sum(chosen.values())
    parts: Parts = {}
    for method, weight in chosen.items():
        for name, part in index_parts(method, figures, (settings or {}).get(method, {})).items():
            parts[name] = parts.get(name, np.zeros_like(part)) + part * (weight / whole)
    return parts


def _blended(weights: Mapping[str, float] | None) -> dict[str, float]:
    chosen = _checked_weights(weights or {"uniform_growth": 1.0, "market_potential": 1.0})
    plain = [name for name in METHODS if name != "blend"]
    unknown = sorted(set(chosen) - set(plain))
    if unknown:
        raise ValueError(f"a blend is made of {', '.join(plain)}, not of {', '.join(unknown)}")
    return chosen


#: The methods by name.
METHODS: Mapping[str, Callable[..., Parts]] = MappingProxyType(
    {
        "uniform_growth": uniform_growth,
        "weighted_index": weighted_index,
        "market_potential": market_potential,
        "forecast": forecast,
        "bottom_up": bottom_up,
        "blend": blend,
    }
)
_HALF_AND_HALF = MappingProxyType({"sales": 0.5, "potential": 0.5})
_MEASURES = MappingProxyType(
    {
        "uniform_growth": ("sales",),
        "market_potential": ("potential", "sales"),
        "forecast": ("forecast", "sales"),
        "bottom_up": ("estimate",),
    }
)


def needed_measures(method: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns of the territories that a method reads.

    >>> needed_measures("blend", {"weights": {"forecast": 1, "bottom_up": 1}})
    ('estimate', 'forecast', 'sales')
    """
    if method == "weighted_index":
        return tuple(sorted(parameters.get("weights") or _HALF_AND_HALF))
    if method == "blend":
        settings = parameters.get("settings") or {}
        chosen = [name for name, w in _blended(parameters.get("weights")).items() if w]
        names = {m for name in chosen for m in needed_measures(name, settings.get(name, {}))}
        return tuple(sorted(names))
    return _MEASURES.get(method, ())


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
