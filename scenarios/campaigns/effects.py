"""What campaigns bring and cost, as plain numbers that can be varied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from ...models.arrays import FloatArray
from ...models.calendar import Ramp, WorkCalendar
from ...models.campaigns import CampaignLoad
from ...models.problem import Problem

if TYPE_CHECKING:
    from ..files.sections import CampaignSettings, Settings


@dataclass(frozen=True)
class Effect:
    """What one campaign brings and costs.

    Parameters
    ----------
    measure
        ``per_answer``, ``share_of_sales``, ``share_of_potential``, or empty for nothing.
    value
        Plan currency per answer, or the share; ``low`` and ``high`` are to be tried.
    assumed
        Whether the value is a guess.
    daily
        Full effects on each day of the plan: for shares in years of selling (they sum to
        1 over a year without a ramp), for answers in shares of the whole, (days,).
    fixed_cost, cost_per_contact, cost_per_central_hour
        Plan currency.
    """

    measure: str
    value: float
    low: float
    high: float
    assumed: bool
    daily: tuple[float, ...]
    fixed_cost: float = 0.0
    cost_per_contact: float = 0.0
    cost_per_central_hour: float = 0.0

    @property
    def path(self) -> str:
        """Setting of the value, below the campaign's."""
        return f"expected.{self.measure}"

    def cost(self, load: CampaignLoad) -> float:
        """What the campaign costs beyond its owners' pay, plan currency."""
        return float(
            self.fixed_cost
            + self.cost_per_contact * load.contacts.sum()
            + self.cost_per_central_hour * load.central_hours.sum()
        )

    def sales(self, load: CampaignLoad, problem: Problem) -> FloatArray:
        """Extra sales of each cover in the plan period where its work is done, (covers,)."""
        if not self.measure:
            return np.zeros(len(problem.covers))
        if self.measure == "per_answer":
            base = load.answers
        else:
            measure = problem.covers.measures[self.measure.removeprefix("share_of_")]
            base = np.where(load.member, measure, 0.0)
        return np.asarray(base * self.value * sum(self.daily))


def effects_of(settings: Settings) -> dict[str, Effect]:
    """Effect of each campaign by name."""
    calendar = settings.calendar.work_calendar()
    return {name: _effect(each, calendar) for name, each in settings.campaigns.items()}


def _effect(campaign: CampaignSettings, calendar: WorkCalendar) -> Effect:
    costs = {
        "fixed_cost": campaign.fixed_cost,
        "cost_per_contact": campaign.cost_per_contact,
        "cost_per_central_hour": campaign.cost_per_central_hour,
    }
    expected = campaign.expected
    if expected is None:
        return Effect("", 0.0, 0.0, 0.0, False, (0.0,) * len(calendar.days), **costs)
    figure = expected.figure
    low, high = figure.range or (figure.value / 2, figure.value * 2)
    once = expected.measure == "per_answer"
    weights = _weights(calendar, campaign.start, expected.until or campaign.end, expected.ramp)
    if once:
        weights = weights / weights.sum()
    else:
        weights = weights * (calendar.share_of_year / calendar.working_days().sum())
    return Effect(
        measure=expected.measure,
        value=figure.value,
        low=low,
        high=high if once else min(high, 1.0),
        assumed=figure.marked == "assumed" and high > 0,
        daily=tuple(weights.tolist()),
        **costs,
    )


def _weights(
    calendar: WorkCalendar, start: date, last: date, ramp: tuple[float, ...]
) -> FloatArray:
    """Share of the full effect on each day of the plan, 0 on days that are not worked, (days,).

    Where nobody works between the dates, all days between them count.
    """
    during = calendar.present(start, last)
    counted = during & calendar.working_days()
    if not counted.any():
        counted = during
    shares = Ramp(ramp).shares(start, calendar.days)
    return np.where(counted, shares, 0.0)


def total_sales(problem: Problem, effects: Mapping[str, Effect]) -> tuple[FloatArray, FloatArray]:
    """Extra sales of all campaigns by cover, (covers,) each.

    Returns
    -------
    with_owner, anyway
        Those of campaigns that the unit's owner has a part in, which nobody brings in
        where the house or a partner has the unit; and those of the others.
    """
    with_owner, anyway = np.zeros((2, len(problem.covers)))
    for load in problem.campaigns:
        effect = effects.get(load.campaign.name)
        if effect is not None:
            total = with_owner if load.campaign.needs_owner else anyway
            total += effect.sales(load, problem)
    return with_owner, anyway


def total_cost(problem: Problem, effects: Mapping[str, Effect]) -> float:
    """Cost of all campaigns, plan currency."""
    loads = {load.campaign.name: load for load in problem.campaigns}
    return sum(effect.cost(loads[name]) for name, effect in effects.items() if name in loads)
