"""The figures that the money table rests on, as plain numbers that can be varied."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..campaigns.effects import Effect
from ..files.sections import Assumption, Money

_SHARES = ("margin", "disruption_loss", "potential_weight", "unattended", "standards_owed")
_COSTS = ("per_km", "per_travel_hour", "per_night", "disruption_loss", "standards_owed")
_BY_TEAM = ("hour_value", "lift")
_MEANING = {
    "margin": ("share of sales", "contribution per unit of sales"),
    "response": ("exponent", "how strongly sales follow selling hours"),
    "per_km": ("{currency}/km", "cost of a kilometre"),
    "per_travel_hour": ("{currency}/hour", "cost of an hour on the road beyond pay"),
    "per_night": ("{currency}/night", "cost of a night away"),
    "disruption_loss": ("share of moved sales", "sales lost where a unit changes hands"),
    "potential_weight": ("share", "how far expected sales follow potential"),
    "unattended": ("share of sales", "sales kept without a rep"),
    "standards_owed": ("share of standard", "hours that every unit gets in any case"),
    "hour_value": ("hours", "what an hour of the team sells, in hours of today's sellers"),
    "lift": ("share of sales", "what the overlay's promised hours add"),
}


@dataclass(frozen=True)
class Figures:
    """Values of :class:`~teig.scenarios.files.sections.Money`, and what campaigns bring."""

    margin: float
    response: float
    per_km: float
    per_travel_hour: float = 0.0
    per_night: float = 0.0
    disruption_loss: float = 0.0
    potential_weight: float = 0.0
    unattended: float = 1.0
    standards_owed: float = 0.0
    management: float = 0.0
    hour_value: Mapping[str, float] = field(default_factory=dict)
    lift: Mapping[str, float] = field(default_factory=dict)
    campaigns: Mapping[str, Effect] = field(default_factory=dict)

    @classmethod
    def of(cls, money: Money, campaigns: Mapping[str, Effect] | None = None) -> Figures:
        """Take the values out of the settings; what campaigns bring stands beside them."""
        values: dict[str, Any] = {"campaigns": dict(campaigns or {})}
        for entry in dataclasses.fields(cls):
            if entry.name in values:
                continue
            given = getattr(money, entry.name)
            if isinstance(given, Assumption):
                values[entry.name] = given.value
            elif isinstance(given, dict):
                values[entry.name] = {name: given[name].value for name in sorted(given)}
            else:
                values[entry.name] = given
        return cls(**values)

    def varied(self, path: str, value: float) -> Figures:
        """Return a copy with one figure changed, ``hour_value.phone`` among them.

        What a campaign brings is ``campaigns.<name>``; without such a campaign nothing is.
        """
        name, _, team = path.partition(".")
        if name == "campaigns":
            if team not in self.campaigns:
                return self
            effect = dataclasses.replace(self.campaigns[team], value=value)
            return dataclasses.replace(self, campaigns={**self.campaigns, team: effect})
        changes: dict[str, Any] = {name: value}
        if team:
            changes = {name: {**getattr(self, name), team: value}}
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True)
class Figure:
    """One figure with the range that it is tried over.

    Parameters
    ----------
    setting
        Where it stands in the scenario file.
    """

    path: str
    setting: str
    value: float
    assumed: bool
    low: float
    high: float
    unit: str
    meaning: str


def figures_in(money: Money, currency: str) -> Iterator[Figure]:
    """Every figure that may be varied, in the order of the schema."""
    for name in type(money).model_fields:
        given = getattr(money, name)
        if isinstance(given, Assumption):
            yield _figure(name, given, currency)
        elif name in _BY_TEAM:
            for team in sorted(given):
                yield _figure(f"{name}.{team}", given[team], currency)


def campaign_figures(campaigns: Mapping[str, Effect], currency: str) -> Iterator[Figure]:
    """What campaigns bring, which may be varied too."""
    for name, effect in campaigns.items():
        if effect.measure:
            unit = f"{currency}/answer" if effect.measure == "per_answer" else "share"
            yield Figure(
                f"campaigns.{name}",
                f"campaigns.{name}.{effect.path}",
                effect.value,
                effect.assumed,
                effect.low,
                effect.high,
                unit,
                f"what the campaign {name} brings",
            )


def is_assumed(money: Money, name: str) -> bool:
    """Whether a figure is a guess; a cost of 0 that is not to be varied is a choice."""
    given = getattr(money, name)
    figures = [given] if isinstance(given, Assumption) else list(given.values())
    return any(figure.marked == "assumed" and _matters(name, figure) for figure in figures)


def _matters(name: str, figure: Assumption) -> bool:
    return name not in _COSTS or figure.value > 0 or max(figure.range or (0.0,)) > 0


def _figure(path: str, given: Assumption, currency: str) -> Figure:
    name = path.partition(".")[0]
    low, high = given.range or (given.value / 2, given.value * 2)
    if name in _SHARES or name == "lift":
        high = min(high, 1.0)
    if name == "response" and given.range is None:
        high = min(high, (1.0 + given.value) / 2)
    unit, meaning = _MEANING[name]
    unit = unit.format(currency=currency)
    assumed = given.marked == "assumed" and _matters(name, given)
    return Figure(path, f"money.{path}", given.value, assumed, low, high, unit, meaning)
