"""When the work and the sales of campaigns fall, by rep and month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...models.arrays import BoolArray, FloatArray, IndexArray
from ...models.calendar import WorkCalendar
from ...models.campaigns import CampaignLoad
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.tables import Table
from ...models.totals import assigned_values, owner_totals
from ..quotas.presence import days_there
from .effects import Effect

Tables = Mapping[str, tuple[Table, ...]]

#: What rows of a campaign's table add up: to the campaign's total, over reps and months.
AMOUNTS = (
    "contacts",
    "answers",
    "follow_ups",
    "hours",
    "travel_hours",
    "visits",
    "central_hours",
    "expected_sales",
)
COLUMNS = ("campaign", "team", "rep", "period", *AMOUNTS)
LOAD_COLUMNS = (
    "team",
    "rep",
    "period",
    "hours",
    "standing_hours",
    "campaign_hours",
    "load_hours",
    "over_hours",
)
#: Hours by which a load may pass the hours there are before it is said to: rounding.
_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Shares:
    """What of each owner's work and sales falls into which period.

    Parameters
    ----------
    labels
        Of the periods.
    of_day
        Number of the period of each day of the plan, (days,).
    working, there
        By owner, (owners, days): days that are worked, and those that somebody is there.
    """

    labels: tuple[str, ...]
    of_day: IndexArray
    working: BoolArray
    there: BoolArray

    def over(self, days: BoolArray) -> FloatArray:
        """Each owner's work between two dates over the days that it is there, (owners, periods).

        Who is away all the time is still asked to do it then.
        """
        mine = self.there & days
        for instead in (self.working & days, np.broadcast_to(days, mine.shape)):
            nobody = ~mine.any(axis=1)
            mine[nobody] = instead[nobody]
        return np.asarray(self.sums(mine) / mine.sum(axis=1)[:, None])

    def sums(self, daily: BoolArray | FloatArray) -> FloatArray:
        """Sums of days by period, (owners, periods)."""
        columns = [daily[:, self.of_day == at].sum(axis=1) for at in range(len(self.labels))]
        return np.stack(columns, axis=1).astype(np.float64)


def months_of(problem: Problem, tables: Tables, calendar: WorkCalendar) -> Shares:
    """Months of the plan, ``2027-03``, with the days of each owner."""
    months = calendar.days.astype("datetime64[M]")
    labels, of_day = np.unique(months, return_inverse=True)
    everybody = calendar.working_days()
    known = days_there(problem, tables, calendar, problem.owners.ids)
    days = [known.get(owner, (everybody, everybody)) for owner in problem.owners.ids]
    return Shares(
        tuple(str(label) for label in labels),
        of_day.astype(np.int64),
        np.array([working for working, _ in days]),
        np.array([there for _, there in days]),
    )


@dataclass(frozen=True, eq=False)
class OwnerAmounts:
    """One campaign's amounts in the whole plan period by owner, (owners,) each."""

    load: CampaignLoad
    amounts: Mapping[str, FloatArray]
    expected_sales: FloatArray


def amounts_by_owner(
    problem: Problem, plan: Plan, load: CampaignLoad, effect: Effect
) -> OwnerAmounts:
    """Add up a campaign by who has the units; the owner's part only where a rep has them.

    Parameters
    ----------
    problem
        With its bases placed.
    """
    owners, campaign = problem.owners, load.campaign
    held = plan.owner >= 0
    by_rep = held.copy()
    by_rep[held] = owners.holds_territory[plan.owner[held]]

    def total(values: FloatArray, which: BoolArray) -> FloatArray:
        sums = np.bincount(plan.owner[which], values[which], len(owners))
        return sums.astype(np.float64)

    travel = assigned_values(problem, plan, "travel_hours")
    calls = {"owner": 0.0, "central": 0.0}
    for follow_up in campaign.follow_ups.values():
        calls[follow_up.by] += follow_up.calls
    follow_ups = total(load.answers * calls["owner"], by_rep)
    follow_ups += total(load.answers * calls["central"], held)
    amounts = {
        "contacts": total(load.contacts, held),
        "answers": total(load.answers, held),
        "follow_ups": follow_ups,
        "hours": total(load.hours, by_rep),
        "travel_hours": total(travel * share_of_visits(problem, load), by_rep),
        "visits": total(load.visits, by_rep),
        "central_hours": total(load.central_hours, held),
    }
    sales = total(effect.sales(load, problem), by_rep if campaign.needs_owner else held)
    return OwnerAmounts(load, amounts, sales)


def share_of_visits(problem: Problem, load: CampaignLoad) -> FloatArray:
    """Share of each cover's visits, and so of its travel, that a campaign takes, (covers,)."""
    visits = problem.covers.visits
    return np.divide(load.visits, visits, out=np.zeros(len(visits)), where=visits > 0)


def taken(problem: Problem, plan: Plan, load: CampaignLoad, measure: str) -> FloatArray:
    """What a campaign takes of a plan's load, travel or visits, by owner, (owners,)."""
    if measure == "visits":
        values = load.visits
    else:
        travel = "travel_hours" if measure == "load" else measure
        values = assigned_values(problem, plan, travel) * share_of_visits(problem, load)
        if measure == "load":
            values = values + load.hours
    held = plan.owner >= 0
    sums = np.bincount(plan.owner[held], values[held], len(problem.owners))
    return sums.astype(np.float64)


def campaign_rows(
    problem: Problem,
    each: OwnerAmounts,
    effect: Effect,
    months: Shares,
    calendar: WorkCalendar,
) -> list[tuple[object, ...]]:
    """Rows of ``campaigns.csv`` of one campaign: nothing where nothing falls."""
    campaign = each.load.campaign
    during = calendar.present(campaign.start, campaign.end)
    share = months.over(during)
    daily = np.array(effect.daily)[None, :]
    whole = float(daily.sum())
    sales = months.sums(daily)[0] / (whole or 1.0)
    rows: list[tuple[object, ...]] = []
    for owner, name in enumerate(problem.owners.ids):
        team = problem.teams[int(problem.owners.team[owner])].name
        for at, label in enumerate(months.labels):
            values = [float(each.amounts[key][owner] * share[owner, at]) for key in AMOUNTS[:-1]]
            values.append(float(each.expected_sales[owner] * sales[at]))
            if any(values):
                rows.append((campaign.name, team, name, label, *values))
    return rows


def load_rows(
    problem: Problem,
    plan: Plan,
    campaigns: Sequence[OwnerAmounts],
    table: pd.DataFrame,
    months: Shares,
) -> pd.DataFrame:
    """Hours that each rep has in each month, and what the standards and campaigns take.

    The year's own leave, training and administration take the same part of every day that
    somebody is there; what the standards promise is spread over these days evenly.
    """
    owners = problem.owners
    extra = sum((c.amounts["hours"] + c.amounts["travel_hours"] for c in campaigns), np.zeros(1))
    standing = np.maximum(owner_totals(problem, plan, "load") - extra, 0.0)
    there = months.sums(months.there)
    days = np.maximum(there.sum(axis=1), 1.0)[:, None]
    keys = ["rep", "period"]
    taken = (table["hours"] + table["travel_hours"]).groupby([table[key] for key in keys]).sum()
    hours_of = dict(zip(taken.index.tolist(), taken.tolist(), strict=True))
    rows = []
    for owner in np.flatnonzero(owners.holds_territory).tolist():
        name, team = owners.ids[owner], problem.teams[int(owners.team[owner])].name
        for at, label in enumerate(months.labels):
            share = float(there[owner, at] / days[owner, 0])
            has, usual = float(owners.hours[owner]) * share, float(standing[owner]) * share
            campaign = float(hours_of.get((name, label), 0.0))
            load = usual + campaign
            over = load - has if load > has + _SLACK else 0.0
            rows.append((team, name, label, has, usual, campaign, load, over))
    return pd.DataFrame(rows, columns=list(LOAD_COLUMNS))
