"""Responses fitted so that today's plan, served as today, sells what it sells today."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...models.arrays import FloatArray
from .facts import Market, PlanFacts
from .figures import Figures
from .response import expected_sales, sales_with_owed_hours, sums


@dataclass(frozen=True, eq=False)
class Calibration:
    """The market's response, by whole unit.

    Parameters
    ----------
    pull
        c^(1/(1−b)) of each whole unit, (wholes,).
    sales
        Today's sales to each whole unit without what overlays add, (wholes,).
    pull_per_sales
        Pull of a unit of sales that nobody with hours serves today.
    """

    market: Market
    pull: FloatArray
    sales: FloatArray
    pull_per_sales: float

    def cover_pulls(self, facts: PlanFacts) -> FloatArray:
        """Pull of each primary cover, (covers,); a unit new to the market goes by its sales."""
        known = facts.whole >= 0
        pulls = facts.sales * self.pull_per_sales
        pulls[known] = self.pull[facts.whole[known]] * facts.share[known]
        return np.where(facts.primary, pulls, 0.0)

    def cover_sales(self, facts: PlanFacts) -> FloatArray:
        """Today's sales of each primary cover, (covers,)."""
        known = facts.whole >= 0
        sales = facts.sales.copy()
        sales[known] = self.sales[facts.whole[known]] * facts.share[known]
        return np.where(facts.primary, sales, 0.0)


def calibrate(market: Market, today: PlanFacts, figures: Figures) -> Calibration:
    """Fit the responses to today's plan.

    What a rep sells today stands against the hours that the rep has for selling.
    Within a territory the hours are taken to follow sales, or to the share
    ``potential_weight`` potential; then pull = addressable sales ·
    (sales ÷ hours)^(b/(1−b)), and T^b·S^(1−b) gives every rep's sales of today exactly.
    """
    response, problem = figures.response, today.problem
    exponent = response / (1.0 - response)
    lifted = overlay_sales(today, figures)
    total = float(today.sales[today.primary].sum())
    factor = 1.0 - lifted / total if total > 0 else 1.0
    sales = np.where(today.primary, today.sales * max(factor, 0.0), 0.0)
    hours = effective_hours(today, figures)
    owners = len(problem.owners)
    mine = today.primary & (today.owner >= 0)
    mine[mine] &= problem.owners.holds_territory[today.owner[mine]]
    book = sums(today.owner[mine], sales[mine], owners)
    market_size = sums(today.owner[mine], today.potential[mine], owners)
    selling = (hours > 0) & (book > 0)
    rate = _ratio(book[selling].sum(), hours[selling].sum())
    per_hour = np.where(selling, book / np.where(selling, hours, 1.0), rate)
    penetration = np.divide(book, market_size, out=np.zeros_like(book), where=market_size > 0)
    overall = _ratio(float(sales.sum()), float(today.potential[today.primary].sum()))
    cover_rate = np.where(mine, per_hour[today.owner], rate)
    cover_penetration = np.where(mine, penetration[today.owner], overall)
    weight = figures.potential_weight
    addressable = (1 - weight) * sales + weight * today.potential * cover_penetration
    no_potential = mine & (market_size[today.owner] <= 0)
    addressable = np.where(no_potential, sales, addressable)
    pulls = np.where(today.primary, addressable * cover_rate**exponent, 0.0)
    if figures.standards_owed > 0:
        pulls = _refit(today, figures, pulls, hours, book)
    size = len(market.wholes)
    held = today.whole >= 0
    return Calibration(
        market,
        sums(today.whole[held], pulls[held], size),
        sums(today.whole[held], sales[held], size),
        rate**exponent,
    )


def effective_hours(facts: PlanFacts, figures: Figures) -> FloatArray:
    """Free hours of each owner in hours of today's sellers, (owners,)."""
    problem = facts.problem
    value = np.array([figures.hour_value.get(team.name, 1.0) for team in problem.teams])
    return np.where(
        problem.owners.holds_territory, facts.free_hours * value[problem.owners.team], 0.0
    )


def overlay_pulls(facts: PlanFacts, figures: Figures) -> FloatArray:
    """Pull of each overlay cover, (covers,): its promised hours in all add the stated lift.

    With L = lift × sales and W the hours promised to the whole team's units,
    pull = lift · sales · (L ÷ W)^(b/(1−b)), so that W hours add L.
    """
    exponent = figures.response / (1.0 - figures.response)
    pulls = np.zeros(len(facts.sales))
    for team in facts.problem.teams:
        lift = figures.lift.get(team.name, 0.0)
        span = slice(team.covers.start, team.covers.stop)
        promised = float(facts.workload[span].sum())
        if facts.primary[span].any() or not lift or promised <= 0:
            continue
        added = lift * facts.sales[span]
        pulls[span] = added * (float(added.sum()) / promised) ** exponent
    return pulls


def overlay_sales(facts: PlanFacts, figures: Figures) -> float:
    """Sales that overlays add, a year."""
    return float(_owner_sales(facts, figures, overlay_pulls(facts, figures)).sum())


def primary_sales(facts: PlanFacts, figures: Figures, pulls: FloatArray) -> FloatArray:
    """Sales of each owner with hours from its primary covers, (owners,)."""
    if figures.standards_owed <= 0:
        return _owner_sales(facts, figures, pulls)
    hours = effective_hours(facts, figures)
    value = np.array([figures.hour_value.get(team.name, 1.0) for team in facts.problem.teams])[
        facts.team
    ]
    owed = figures.standards_owed * facts.workload * value
    sales = np.zeros(len(facts.problem.owners))
    for owner in np.flatnonzero(hours > 0):
        held = facts.primary & (facts.owner == owner)
        sales[owner] = sales_with_owed_hours(
            float(hours[owner]), pulls[held], owed[held], figures.response
        )
    return sales


def _owner_sales(facts: PlanFacts, figures: Figures, pulls: FloatArray) -> FloatArray:
    held = facts.owner >= 0
    totals = sums(facts.owner[held], pulls[held], len(facts.problem.owners))
    return expected_sales(effective_hours(facts, figures), totals, figures.response)


def _refit(
    today: PlanFacts,
    figures: Figures,
    pulls: FloatArray,
    hours: FloatArray,
    book: FloatArray,
) -> FloatArray:
    """Scale each rep's pulls so that owed hours too give today's sales.

    Sales are homogeneous of degree one in c = a^(1−b), so that one factor per rep does it.
    """
    given = primary_sales(today, figures, pulls)
    fits = (hours > 0) & (given > 0) & (book > 0)
    factor = np.where(fits, book / np.where(fits, given, 1.0), 1.0)
    factor = factor ** (1.0 / (1.0 - figures.response))
    return pulls * np.where(today.owner >= 0, factor[today.owner], 1.0)


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0 else 0.0
