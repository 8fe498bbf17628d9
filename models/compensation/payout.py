"""What an outcome pays: one, or many simulated ones at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..arrays import FloatArray, IndexArray
from .awards import Contest, Prize, TeamAward
from .plan import CompensationPlan, Measured, Payees

BASE, INCENTIVE, CLAWBACK = "base", "incentive", "clawback"


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was sold, in one or many draws.

    Parameters
    ----------
    sales
        Credited to each payee, plan currency, (draws, periods, payees).
    team_attainment
        Of each manager's team, (draws, managers).
    contest_sales
        By contest: what counts in its window, (draws, payees).
    """

    sales: FloatArray
    team_attainment: FloatArray
    contest_sales: Mapping[str, FloatArray]


@dataclass(frozen=True, eq=False)
class PayOut:
    """Pay by component.

    Parameters
    ----------
    components
        ``base``, ``incentive``, ``clawback`` (negative), then each prize, team award
        and contest by name; plan currency, (draws, payees) each.
    """

    components: Mapping[str, FloatArray]

    @cached_property
    def total(self) -> FloatArray:
        """Everything that is paid, (draws, payees)."""
        total: FloatArray = np.sum(list(self.components.values()), axis=0)
        return total


def attained(sales: FloatArray, quota: FloatArray) -> FloatArray:
    """Sales ÷ quota; 0 where there is no quota: nobody reaches a quota that is not there.

    Rounded to twelve digits, so that sums of floats that should be quota are quota.
    """
    shape = np.broadcast_shapes(sales.shape, quota.shape)
    share: FloatArray = np.divide(sales, quota, out=np.zeros(shape), where=quota > 0)
    return np.round(share, 12, out=share)


def pay_out(plan: CompensationPlan, payees: Payees, outcome: Outcome) -> PayOut:
    """Pay of everybody under a plan.

    The incentive is target incentive × pay curve at attainment; measured by period
    it is summed over the periods, each with the share of the target that its quota
    is of the year's. The clawback takes back ``recovered`` of what the sales that
    come back had paid. Ranks go by attainment, then sales, then the order of the ids.
    """
    year = outcome.sales.sum(axis=1)
    gross = _incentive(plan, payees, outcome.sales)
    parts = {BASE: np.broadcast_to(payees.base, gross.shape), INCENTIVE: gross}
    clawback = plan.clawback
    if clawback.returned > 0 and clawback.recovered > 0:
        net = _incentive(plan, payees, outcome.sales * (1.0 - clawback.returned))
        parts[CLAWBACK] = -clawback.recovered * (gross - net)
    attainment = attained(year, payees.quota.sum(axis=0))
    for prize in plan.prizes:
        parts[prize.name] = _prize(prize, payees, attainment, year)
    for award in plan.team_awards:
        parts[award.name] = _team_award(award, payees, outcome.team_attainment)
    for contest in plan.contests:
        parts[contest.name] = _contest(contest, payees, outcome.contest_sales[contest.name])
    return PayOut(parts)


def _incentive(plan: CompensationPlan, payees: Payees, sales: FloatArray) -> FloatArray:
    quota = payees.quota
    if plan.measured is Measured.PLAN:
        sales, quota = sales.sum(axis=1, keepdims=True), quota.sum(axis=0, keepdims=True)
    whole = quota.sum(axis=0)
    share = np.divide(quota, whole, out=np.zeros_like(quota), where=whole > 0)
    pay = np.zeros((sales.shape[0], sales.shape[2]))
    levels = np.array(payees.levels, dtype=object)
    for level in sorted(set(payees.levels)):
        who = np.flatnonzero(levels == level)
        curve = plan.terms_of(level).curve
        for period in range(quota.shape[0]):
            reached = attained(sales[:, period, who], quota[period, who])
            pay[:, who] += curve.payout(reached) * share[period, who]
    return pay * payees.target_incentive


def _prize(prize: Prize, payees: Payees, attainment: FloatArray, sales: FloatArray) -> FloatArray:
    """Amounts of the winners; the best by attainment among those who reach the least."""
    who = _of_level(prize.level, payees)
    won = np.zeros(attainment.shape)
    number = prize.winners(len(who))
    if number:
        best = _best(attainment[:, who], sales[:, who], number)
        wins = np.take_along_axis(attainment[:, who], best, axis=1) >= prize.at_least
        np.put_along_axis(won, who[best], wins * prize.amount, axis=1)
    return won


def _team_award(award: TeamAward, payees: Payees, attainment: FloatArray) -> FloatArray:
    """The same for each member of the teams that win."""
    team = payees.team_at(award.level)
    teams = np.unique(team[team >= 0])
    wins = np.zeros(attainment.shape, dtype=bool)
    if len(teams):
        number = len(teams) if award.best is None else min(award.best, len(teams))
        best = _best(attainment[:, teams], attainment[:, teams], number)
        reached = np.take_along_axis(attainment[:, teams], best, axis=1) >= award.at_least
        np.put_along_axis(wins, teams[best], reached, axis=1)
    pay = np.zeros((attainment.shape[0], len(payees)))
    member = team >= 0
    pay[:, member] = wins[:, team[member]] * award.amount
    return pay


def _contest(contest: Contest, payees: Payees, sales: FloatArray) -> FloatArray:
    """A rate on sales in the window, and prizes for the best of it over their quota."""
    foot = np.flatnonzero(payees.foot)
    pay = np.zeros(sales.shape)
    pay[:, foot] = contest.rate * sales[:, foot]
    number = min(contest.best, len(foot))
    if number:
        share = np.array([contest.window.get(period, 0.0) for period in payees.periods])
        reached = attained(sales[:, foot], share @ payees.quota[:, foot])
        best = _best(reached, sales[:, foot], number)
        wins = np.take_along_axis(reached, best, axis=1) > 0
        prizes = np.zeros(sales.shape)
        np.put_along_axis(prizes, foot[best], wins * contest.amount, axis=1)
        pay += prizes
    return pay


def _of_level(level: str, payees: Payees) -> IndexArray:
    if not level:
        return np.flatnonzero(payees.foot)
    return np.flatnonzero(np.array(payees.levels, dtype=object) == level)


def _best(first: FloatArray, second: FloatArray, number: int) -> IndexArray:
    """Columns of the best of each row: by ``first``, then ``second``, then their order."""
    order: IndexArray = np.lexsort((-second, -first), axis=1)[:, :number]
    return order
