"""How far each assumed figure may move before another scenario wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..campaigns.effects import Effect
from ..files.sections import Money as MoneySettings
from ..results import AssumptionRange
from .calibration import calibrate
from .facts import Market, PlanFacts
from .figures import Figure, Figures, campaign_figures, figures_in
from .table import amounts_of

_GRID = 16
_HALVINGS = 20


@dataclass(frozen=True, eq=False)
class Contest:
    """Plans of the scenarios in money, with each scenario's own figures."""

    market: Market
    today: PlanFacts
    facts: Mapping[str, PlanFacts]
    settings: Mapping[str, MoneySettings]
    campaigns: Mapping[str, Mapping[str, Effect]] = field(default_factory=dict)

    def winner(self, path: str = "", value: float = 0.0) -> str:
        """Name of the scenario with the largest contribution, one figure varied in all.

        Of equal ones the first in the order given wins.
        """
        best, winner = -np.inf, ""
        for name, facts in self.facts.items():
            figures = Figures.of(self.settings[name], self.campaigns.get(name))
            if path:
                figures = figures.varied(path, value)
            calibration = calibrate(self.market, self.today, figures)
            contribution = amounts_of(facts, figures, calibration).contribution
            if contribution > best:
                best, winner = contribution, name
        return winner


def assumption_ranges(contest: Contest, currency: str) -> tuple[AssumptionRange, ...]:
    """Vary every figure of the money settings, one at a time, plans unchanged.

    The winner's figures come first; then those that other scenarios alone state, of a team
    that the winner does not have.

    The interval around the value is found on a grid of the tried range and then
    halved down at its ends; a change of winner between two points of the grid that
    changes back is not seen.
    """
    winner = contest.winner()
    # A campaign that the winner does without may be what another scenario would win by.
    campaigns: dict[str, Effect] = {}
    for scenario in (winner, *contest.campaigns):
        for name, effect in contest.campaigns.get(scenario, {}).items():
            campaigns.setdefault(name, effect)
    stated: dict[str, Figure] = {}
    for scenario in (winner, *contest.facts):
        for figure in figures_in(contest.settings[scenario], currency):
            stated.setdefault(figure.path, figure)
    every = (*stated.values(), *campaign_figures(campaigns, currency))
    return tuple(_range_of(contest, figure, winner) for figure in every if figure.low < figure.high)


def _range_of(contest: Contest, figure: Figure, winner: str) -> AssumptionRange:
    def wins(value: float) -> bool:
        return contest.winner(figure.path, value) == winner

    # Where scenarios state the figure differently, one value for all may change it all.
    holds = wins(figure.value)
    low = _edge(wins, figure.value, figure.low) if holds else figure.value
    high = _edge(wins, figure.value, figure.high) if holds else figure.value
    return AssumptionRange(
        path=figure.setting,
        value=figure.value,
        unit=figure.unit,
        assumed=figure.assumed,
        winner=winner,
        low=low,
        high=high,
        tried_low=figure.low,
        tried_high=figure.high,
        meaning=figure.meaning,
    )


def _edge(wins: Callable[[float], bool], start: float, end: float) -> float:
    """Farthest value towards the end up to which the winner stays."""
    inside = start
    for value in np.linspace(start, end, _GRID + 1)[1:].tolist():
        if wins(value):
            inside = value
            continue
        outside = value
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if wins(middle) else (inside, middle)
        return inside
    return end
