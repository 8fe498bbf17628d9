"""Contribution of a plan in every future, by the responses of today."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...models.arrays import FloatArray
from ...optimizer.robustness import PlanInFutures
from ..campaigns.effects import Effect, total_cost, total_sales
from ..files.sections import Money as MoneySettings
from .calibration import Calibration, calibrate, overlay_pulls
from .facts import Market, PlanFacts
from .figures import Figures
from .response import expected_sales


def contribution_in_futures(
    facts: PlanFacts,
    settings: MoneySettings,
    market: Market,
    today: PlanFacts,
    standing: PlanInFutures,
    campaigns: Mapping[str, Effect] | None = None,
) -> FloatArray:
    """Contribution by a scenario's money settings; see :func:`contribution_under`, (samples,)."""
    figures = Figures.of(settings, campaigns)
    return contribution_under(facts, figures, calibrate(market, today, figures), standing)


def contribution_under(
    facts: PlanFacts, figures: Figures, calibration: Calibration, standing: PlanInFutures
) -> FloatArray:
    """Margin less people, travel and disruption, plan currency a year, (samples,).

    A factor f on the potential of a unit is a factor f on its response, so that its
    pull has the factor f^(1 ÷ (1 − b)). While somebody is gone, the position costs
    nothing, stand-ins sell to the units in the hours that they have, what nobody serves
    keeps ``unattended`` of its sales, and what was served by the one who left counts as
    changed hands. What campaigns take and bring follows like workload and potential. Hours
    that units are owed (``standards_owed``) do not bind here.
    """
    problem, response = standing.problem, figures.response
    futures, potential = standing.futures, standing.potential()
    there = 1.0 - futures.gone
    value = np.array([figures.hour_value.get(team.name, 1.0) for team in problem.teams])
    holds = problem.owners.holds_territory
    factor = np.where(holds, problem.owners.productivity * value[problem.owners.team], 0.0)
    travel = standing.measure("travel_hours")
    away = travel
    if problem.campaigns:
        work = problem.campaign_hours * futures.workload()[:, problem.covers.unit]
        away = travel + standing.totals(work)
    hours = factor * np.maximum(problem.owners.hours * there - away, 0.0)
    swing = potential ** (1.0 / (1.0 - response))
    sold = np.zeros(len(futures))
    for pulls in (calibration.cover_pulls(facts), overlay_pulls(facts, figures)):
        sold += expected_sales(hours, standing.totals(pulls * swing), response).sum(axis=1)
    sales = calibration.cover_sales(facts) * potential
    kept = np.where(facts.attended_today, figures.unattended, 1.0)
    with_house = facts.primary & (facts.owner >= 0)
    with_house[with_house] &= ~holds[facts.owner[with_house]]
    sold += (kept * sales)[:, with_house].sum(axis=1)
    sold += figures.unattended * standing.unserved(sales)
    if problem.campaigns:
        with_owner, anyway = total_sales(problem, figures.campaigns)
        sold += standing.totals(with_owner * potential)[:, holds].sum(axis=1)
        sold += (anyway * potential).sum(axis=1)
    lost = (facts.sales * potential)[:, facts.primary & facts.moved].sum(axis=1)
    lost = lost + standing.orphaned(
        np.where(facts.primary & ~facts.moved, facts.sales, 0.0) * potential
    )
    people = (problem.owners.cost * there).sum(axis=1) + figures.management
    road = (
        figures.per_km * standing.measure("travel_km").sum(axis=1)
        + figures.per_travel_hour * travel.sum(axis=1)
        + figures.per_night * standing.measure("nights").sum(axis=1)
    )
    lost_margin = figures.margin * figures.disruption_loss * lost
    campaigns = total_cost(problem, figures.campaigns)
    return np.asarray(figures.margin * sold - people - road - lost_margin - campaigns)
