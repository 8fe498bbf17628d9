"""What no plan of a scenario can contribute more than, proven without its solver.

T^b·S^(1−b) is concave and homogeneous, so for every ratio q > 0 it lies below its
tangent plane b·q^(1−b)·T + (1−b)·q^(−b)·S. Hours T = H − travel and pull S are sums
over the units of a rep, and so are costs: with a ratio for each rep every pair of a
unit and a rep has a worth, and :class:`~teig.optimizer.territories.worth.WorthModel`
bounds what plans can be worth together. The next ratios are those of an average of
the plans that came near (Frank and Wolfe, Naval Research Logistics 3, 1956); every
round proves a bound, and the least of them counts.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...models.arrays import FloatArray, IndexArray
from ...models.plan import Plan
from ...models.problem import Team
from ...models.totals import served_pairs
from ...optimizer.territories.worth import WorthModel
from ..campaigns.effects import total_cost, total_sales
from .calibration import Calibration, overlay_pulls
from .facts import PlanFacts
from .figures import Figures
from .response import sums

ROUNDS = 12
#: Passes over all pairs in each round: at most, at least, and pairs that all may touch.
MOST_PASSES, FEWEST_PASSES, TOUCHED = 800.0, 100.0, 2e9


def contribution_bound(
    facts: PlanFacts, figures: Figures, calibration: Calibration, reached: Mapping[str, float]
) -> float:
    """Contribution a year that no plan can pass that would be chosen over the facts' plan.

    Parameters
    ----------
    reached
        Value of each stage of the objective in the facts' plan, which keeps all hard
        rules; plans that are worse in the leading stages are not looked at.
    """
    problem = facts.problem
    pairs = _PairMoney(facts, figures, calibration)
    model = WorthModel(problem, reached)
    pairs.limit_loads(model.load_limit)
    hours, pull = pairs.carried(facts.owner)
    touched = ROUNDS * max(model.model.pairs, 1)
    passes = float(np.clip(TOUCHED / touched, FEWEST_PASSES, MOST_PASSES))
    least = np.inf
    for number in range(ROUNDS):
        ratio = np.where((hours > 0) & (pull > 0), pull / np.maximum(hours, 1e-9), 1.0)
        most, owners = model.most(pairs.worth(ratio), passes)
        least = min(least, most + pairs.constant(ratio))
        step = 2.0 / (number + 3.0)
        new_hours, new_pull = pairs.carried(owners)
        hours, pull = hours + step * (new_hours - hours), pull + step * (new_pull - pull)
    campaigns = total_cost(facts.problem, figures.campaigns)
    return float(least - facts.people - figures.management - campaigns)


class _PairMoney:
    """Hours, pull and costs of every pair of a cover and an owner, a block per team.

    Hours that campaigns take are away from selling like those on the road.
    """

    def __init__(self, facts: PlanFacts, figures: Figures, calibration: Calibration) -> None:
        self.problem, self.figures = facts.problem, figures
        self.pulls = calibration.cover_pulls(facts) + overlay_pulls(facts, figures)
        sales = calibration.cover_sales(facts)
        self.kept = np.where(facts.attended_today, figures.unattended, 1.0) * sales
        owners = self.problem.owners
        value = np.array([figures.hour_value.get(t.name, 1.0) for t in self.problem.teams])
        factor = owners.productivity * value[owners.team]
        #: Hours of today's sellers that an hour of each owner counts as, (owners,).
        self.factor = np.where(owners.holds_territory, factor, 0.0)
        #: Whose hours on the road may pass all hours, (owners,).
        self.overdrives = np.ones(len(owners), dtype=np.bool_)
        self.travel = [
            np.nan_to_num(self.problem.travel_hours(t), nan=0.0)
            for t in range(len(self.problem.teams))
        ]
        hours = self.problem.campaign_hours
        self.workload = facts.workload
        self.away = self.travel
        if self.problem.campaigns:
            self.away = [
                travel + hours[team.covers.start : team.covers.stop, None]
                for team, travel in zip(self.problem.teams, self.travel, strict=True)
            ]
        self.with_owner, self.anyway = total_sales(self.problem, figures.campaigns)
        self.costs = [
            _costs(facts, figures, team, travel)
            for team, travel in zip(self.problem.teams, self.travel, strict=True)
        ]

    def limit_loads(self, limit: FloatArray) -> None:
        """Find out who cannot drive beyond all hours where loads are limited, (owners,).

        With at most ``ρ`` hours on the road (or for campaigns) for an hour with customers,
        more than H hours on the road mean a load above H·(1 + 1 ÷ ρ).
        """
        for index, team in enumerate(self.problem.teams):
            covers = slice(team.covers.start, team.covers.stop)
            workload = self.workload[covers, None]
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.where(self.away[index] > 0, self.away[index] / workload, 0.0)
            who = slice(team.owners.start, team.owners.stop)
            most = ratio.max(axis=0, initial=0.0)
            hours = self.problem.owners.hours[who]
            with np.errstate(invalid="ignore"):
                self.overdrives[who] = ~(limit[who] * most * (1.0 + 1e-6) < hours * (1.0 + most))

    def carried(self, owner: IndexArray) -> tuple[FloatArray, FloatArray]:
        """Free hours and pull of each owner under a plan, (owners,) each."""
        size, plan = len(self.problem.owners), Plan(owner)
        away = np.zeros(size)
        for index, team in enumerate(self.problem.teams):
            covers, owners = served_pairs(self.problem, plan, index)
            gone = self.away[index][covers - team.covers.start, owners - team.owners.start]
            away += sums(owners, gone, size)
        held = owner >= 0
        hours = self.factor * np.maximum(self.problem.owners.hours - away, 0.0)
        return hours, sums(owner[held], self.pulls[held], size)

    def constant(self, ratio: FloatArray) -> float:
        """What everybody's whole hours are worth at the tangents."""
        per_hour, _ = self._slopes(ratio)
        return float((per_hour * self.factor * self.problem.owners.hours).sum())

    def worth(self, ratio: FloatArray) -> list[FloatArray]:
        """Worth of every pair at the tangents of the ratios, (covers, owners) per team.

        Whoever drives beyond all hours sells nothing, but no less than that either; a
        pair's part in the sales of somebody who might is not let below 0.
        """
        per_hour, per_pull = self._slopes(ratio)
        found = []
        margin = self.figures.margin
        for team, away, cost in zip(self.problem.teams, self.away, self.costs, strict=True):
            covers = slice(team.covers.start, team.covers.stop)
            who = slice(team.owners.start, team.owners.stop)
            attended = per_pull[who] * self.pulls[covers, None]
            attended = attended - per_hour[who] * self.factor[who] * away
            attended = np.where(self.overdrives[who], np.maximum(attended, 0.0), attended)
            attended = attended + margin * self.with_owner[covers, None]
            unattended = margin * self.kept[covers, None]
            travels = self.problem.owners.holds_territory[who]
            value = np.where(travels[None, :], attended, unattended)
            found.append(value + margin * self.anyway[covers, None] - cost)
        return found

    def _slopes(self, ratio: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Margin per hour and per pull at the tangents, (owners,); 0 for who cannot sell."""
        response, margin = self.figures.response, self.figures.margin
        sells = (self.factor > 0) & (self.problem.owners.hours > 0)
        per_hour = margin * response * ratio ** (1.0 - response)
        per_pull = margin * (1.0 - response) * ratio ** (-response)
        return np.where(sells, per_hour, 0.0), np.where(sells, per_pull, 0.0)


def _costs(facts: PlanFacts, figures: Figures, team: Team, travel: FloatArray) -> FloatArray:
    """Travel and disruption of each pair, plan currency a year, (covers, owners)."""
    problem = facts.problem
    covers = slice(team.covers.start, team.covers.stop)
    travels = problem.owners.holds_territory[team.owners.start : team.owners.stop]
    visits = problem.covers.visits[covers, None]
    driven = problem.touring.kilometres(visits, team.minutes, team.kilometres)
    nights = problem.touring.nights(visits, team.minutes)
    cost = figures.per_km * np.nan_to_num(np.where(travels, driven, 0.0))
    cost = cost + figures.per_night * np.nan_to_num(np.where(travels, nights, 0.0))
    cost = cost + figures.per_travel_hour * travel
    if facts.primary[covers].any():
        ids = np.array(problem.owners.ids, dtype=object)[team.owners.start : team.owners.stop]
        incumbents = np.array(problem.covers.incumbent_ids, dtype=object)[covers]
        leaves = facts.employed_today[covers, None] & (incumbents[:, None] != ids[None, :])
        loss = figures.margin * figures.disruption_loss * facts.sales[covers, None]
        cost = cost + np.where(leaves, loss, 0.0)
    return np.asarray(cost)
