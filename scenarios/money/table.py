"""The money table: people, travel, disruption and expected sales in one currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..campaigns.effects import Effect, total_cost, total_sales
from ..files.sections import Money as MoneySettings
from ..results import Money, MoneyBasis, MoneyRow
from .bound import contribution_bound
from .calibration import Calibration, calibrate, overlay_sales, primary_sales
from .facts import Market, PlanFacts
from .figures import Figures, is_assumed


@dataclass(frozen=True)
class Amounts:
    """What a plan brings and costs, plan currency a year; costs are positive."""

    attended_sales: float
    unattended_sales: float
    overlay_sales: float
    campaign_sales: float
    margin: float
    people: float
    travel: float
    disruption: float
    campaigns: float

    @property
    def expected_sales(self) -> float:
        """Sales of everybody, none counted twice."""
        attended = self.attended_sales + self.unattended_sales
        return attended + self.overlay_sales + self.campaign_sales

    @property
    def contribution(self) -> float:
        """Margin less people, travel, disruption and what campaigns cost."""
        return self.margin - self.people - self.travel - self.disruption - self.campaigns


def amounts_of(facts: PlanFacts, figures: Figures, calibration: Calibration) -> Amounts:
    """Put money on a plan.

    Sales are counted once, with the primary team; an overlay counts only what it
    adds. Units of the house and of partners keep today's sales, or the stated share
    of them where a rep serves them today. The loss where units change hands is the
    margin of the sales lost.
    """
    attended = primary_sales(facts, figures, calibration.cover_pulls(facts)).sum()
    today = calibration.cover_sales(facts)
    held = facts.primary & (facts.owner >= 0)
    held[held] &= ~facts.problem.owners.holds_territory[facts.owner[held]]
    kept = np.where(facts.attended_today, figures.unattended, 1.0)
    unattended = (today * kept)[held].sum()
    added = overlay_sales(facts, figures)
    campaigns = campaign_sales(facts, figures)
    lost = figures.disruption_loss * _moved_sales(facts)
    return Amounts(
        attended_sales=float(attended),
        unattended_sales=float(unattended),
        overlay_sales=added,
        campaign_sales=campaigns,
        margin=figures.margin * (float(attended) + float(unattended) + added + campaigns),
        people=facts.people + figures.management,
        travel=(
            figures.per_km * facts.travel_km
            + figures.per_travel_hour * facts.travel_hours
            + figures.per_night * facts.nights
        ),
        disruption=figures.margin * lost,
        campaigns=total_cost(facts.problem, figures.campaigns),
    )


def campaign_sales(facts: PlanFacts, figures: Figures) -> float:
    """Sales that campaigns add; where an owner has a part in one, with units that a rep has."""
    if not figures.campaigns:
        return 0.0
    with_owner, anyway = total_sales(facts.problem, figures.campaigns)
    held = facts.owner >= 0
    held[held] &= facts.problem.owners.holds_territory[facts.owner[held]]
    return float(with_owner[held].sum() + anyway.sum())


def money_of(
    facts: PlanFacts,
    settings: MoneySettings,
    market: Market,
    today: PlanFacts,
    currency: str,
    reached: Mapping[str, float] | None = None,
    proven: float | None = None,
    campaigns: Mapping[str, Effect] | None = None,
) -> Money:
    """Make the money table of one scenario.

    Parameters
    ----------
    reached
        Value of each stage of the objective where the plan was solved for; a frozen
        plan has none and can only be what it is.
    proven
        The bound on what can be contributed, where it is known already.
    campaigns
        What each campaign brings and costs.
    """
    figures = Figures.of(settings, campaigns)
    calibration = calibrate(market, today, figures)
    amounts = amounts_of(facts, figures, calibration)
    bound = amounts.contribution
    if reached is not None:
        # Rounding may put a proven best plan a hair above its own bound.
        if proven is None:
            proven = contribution_bound(facts, figures, calibration, reached)
        bound = max(bound, proven)
    rows = _rows(amounts, facts, settings, figures, currency)
    return Money(rows, amounts.contribution, bound, currency, _basis(amounts, facts, figures))


def _basis(amounts: Amounts, facts: PlanFacts, figures: Figures) -> MoneyBasis:
    return MoneyBasis(
        expected_sales=amounts.expected_sales,
        roster=facts.people,
        travel_km=facts.travel_km,
        travel_hours=facts.travel_hours,
        nights=facts.nights,
        moved_sales=_moved_sales(facts),
        margin=figures.margin,
        management=figures.management,
        per_km=figures.per_km,
        per_travel_hour=figures.per_travel_hour,
        per_night=figures.per_night,
        disruption_loss=figures.disruption_loss,
        campaigns=amounts.campaigns,
    )


def _moved_sales(facts: PlanFacts) -> float:
    return float(facts.sales[facts.primary & facts.moved].sum())


def _rows(
    amounts: Amounts, facts: PlanFacts, settings: MoneySettings, figures: Figures, currency: str
) -> tuple[MoneyRow, ...]:
    guessed = {
        name: is_assumed(settings, name)
        for name in type(settings).model_fields
        if name != "management"
    }
    selling = ["response", "potential_weight", "unattended", "hour_value", "lift"]
    running = [figures.campaigns[load.campaign.name] for load in facts.problem.campaigns]
    sales_assumed = any(guessed[name] for name in selling) or any(e.assumed for e in running)
    overlays = amounts.overlay_sales
    sales = (
        f"hours^{figures.response:g} response, fitted so that today's plan gives today's sales"
        + (f"; {overlays:,.0f} of it added by overlays" if overlays else "")
        + (f"; {amounts.campaign_sales:,.0f} of it added by campaigns" if running else "")
    )
    return (
        MoneyRow("expected_sales", amounts.expected_sales, sales, sales_assumed),
        MoneyRow(
            "margin",
            amounts.margin,
            f"{figures.margin:g} of expected sales",
            sales_assumed or guessed["margin"],
        ),
        MoneyRow("people", amounts.people, "cost of the roster's positions and managers", False),
        MoneyRow(
            "travel",
            amounts.travel,
            _road_text(figures, currency),
            any(guessed[name] for name in ("per_km", "per_travel_hour", "per_night")),
        ),
        MoneyRow(
            "disruption",
            amounts.disruption,
            f"margin on the {100 * figures.disruption_loss:.3g} % of sales that change hands that are lost",
            guessed["disruption_loss"] or guessed["margin"],
        ),
        *_campaign_rows(amounts, facts),
        MoneyRow(
            "contribution",
            amounts.contribution,
            "margin less people, travel"
            + (", disruption and campaigns" if running else " and disruption"),
            sales_assumed or any(guessed.values()),
        ),
    )


def _road_text(figures: Figures, currency: str) -> str:
    """What the road costs; its hours are no cost of their own."""
    rates = [f"{figures.per_km:g} {currency} a kilometre"]
    if figures.per_night:
        rates.append(f"{figures.per_night:g} {currency} a night away")
    if figures.per_travel_hour:
        rates.append(f"{figures.per_travel_hour:g} {currency} an hour on the road")
    said = ", ".join(rates)
    return f"{said}; hours on the road are paid under people and lost to selling"


def _campaign_rows(amounts: Amounts, facts: PlanFacts) -> tuple[MoneyRow, ...]:
    """What campaigns cost, where there are any."""
    loads = facts.problem.campaigns
    if not loads:
        return ()
    detail = (
        f"{sum(load.contacts.sum() for load in loads):,.0f} contacts and "
        f"{sum(load.central_hours.sum() for load in loads):,.0f} hours of central teams; hours of "
        "reps are paid under people and lost to other selling"
    )
    return (MoneyRow("campaigns", amounts.campaigns, detail, False),)
