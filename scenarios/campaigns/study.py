"""All that is told of a scenario's campaigns: totals, months, peaks, lists of calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...models.placement import placed
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.quotas.history.periods import plan_spans
from ..handover.passing import last_visits_of
from .effects import Effect, effects_of
from .schedule import (
    AMOUNTS,
    COLUMNS,
    OwnerAmounts,
    Tables,
    amounts_by_owner,
    campaign_rows,
    load_rows,
    months_of,
)

if TYPE_CHECKING:
    from ..files.sections import Settings

#: Months of reps above their hours that are told one by one.
NAMED_PEAKS = 5
CALL_COLUMNS = (
    "campaign",
    "unit",
    "name",
    "channel",
    "start",
    "end",
    "accounts",
    "contacts",
    "answers_expected",
    "last_visit",
)


@dataclass(frozen=True)
class CampaignTotal:
    """One campaign as a whole.

    Parameters
    ----------
    units
        Whole units of the segment.
    amounts
        Contacts, answers, hours and so on; see :data:`~.schedule.AMOUNTS`.
    sales_low, sales_high
        Expected sales over the range of what is expected.
    cost
        Plan currency, beyond the pay of reps.
    assumed
        Whether what it brings is a guess.
    """

    name: str
    channel: str
    start: str
    end: str
    units: int
    amounts: Mapping[str, float]
    sales_low: float
    sales_high: float
    cost: float
    assumed: bool


@dataclass(frozen=True, eq=False)
class CampaignStudy:
    """Campaigns of a scenario's plan.

    Parameters
    ----------
    totals
        In the order of the file.
    table
        ``campaigns.csv``: campaign, rep and month.
    load
        ``campaign_load.csv``: hours by rep and month.
    calls
        What each rep has to do, by rep.
    quotas
        ``campaign_sales.csv``: expected sales beside the quota, by rep and period of the
        quotas; empty without quotas.
    """

    totals: tuple[CampaignTotal, ...]
    table: pd.DataFrame
    load: pd.DataFrame
    calls: Mapping[str, pd.DataFrame]
    quotas: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def notes(self) -> tuple[str, ...]:
        """What quotas and months mean for people, in sentences."""
        fullest = self.peaks.sort_values("over_hours", ascending=False, kind="stable")
        said = [
            f"campaigns: {period.rep} has {period.load_hours:,.0f} hours of work in {period.period} "
            f"and {period.hours:,.0f} to do it in; {period.campaign_hours:,.0f} are a campaign's"
            for period in fullest.head(NAMED_PEAKS).itertuples()
        ]
        if len(self.peaks) > NAMED_PEAKS:
            said.append(
                f"campaigns: {len(self.peaks) - NAMED_PEAKS} more months of reps are above their "
                "hours; see campaign_load.csv"
            )
        if len(self.quotas):
            by_period = self.quotas.groupby("period", sort=False)["expected_sales"].sum()
            currency = self.quotas["currency"].iloc[0]
            listed = ", ".join(f"{amount:,.0f} in {name}" for name, amount in by_period.items())
            said.append(
                f"campaigns are expected to bring {listed} ({currency}); quotas do not count it: "
                "campaign_sales.csv has it by rep, to be weighed in the budget"
            )
        return tuple(said)

    @property
    def peaks(self) -> pd.DataFrame:
        """Months in which a campaign takes a rep, or takes one further, above the hours."""
        load = self.load
        return load[(load["over_hours"] > 0) & (load["campaign_hours"] > 0)]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by file name; those that hold something."""
        found = {"campaigns": self.table, "campaign_load": self.load}
        found["campaign_sales"] = self.quotas
        return {name: table for name, table in found.items() if len(table)}


def study_campaigns(
    settings: Settings,
    tables: Tables,
    problem: Problem,
    plan: Plan,
    quota_table: pd.DataFrame | None = None,
) -> CampaignStudy | None:
    """Work out when the campaigns of a plan's problem fall, and on whom; None without any."""
    if not problem.campaigns:
        return None
    problem = placed(problem, plan)
    calendar, effects = settings.calendar.work_calendar(), effects_of(settings)
    months = months_of(problem, tables, calendar)
    amounts = [
        amounts_by_owner(problem, plan, load, effects[load.campaign.name])
        for load in problem.campaigns
    ]
    rows = [
        row
        for each in amounts
        for row in campaign_rows(problem, each, effects[each.load.campaign.name], months, calendar)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return CampaignStudy(
        totals=tuple(_total(problem, each, effects[each.load.campaign.name]) for each in amounts),
        table=table,
        load=load_rows(problem, plan, amounts, table, months),
        calls=_calls(problem, plan, tables),
        quotas=_beside_quotas(settings, problem, amounts, effects, quota_table),
    )


def _total(problem: Problem, each: OwnerAmounts, effect: Effect) -> CampaignTotal:
    load, campaign = each.load, each.load.campaign
    wholes = np.array(problem.units.wholes, dtype=object)[problem.covers.unit[load.member]]
    sales = float(each.expected_sales.sum())
    factor = sales / effect.value if effect.value else 0.0
    amounts = {key: float(each.amounts[key].sum()) for key in AMOUNTS[:-1]}
    return CampaignTotal(
        name=campaign.name,
        channel=campaign.channel,
        start=campaign.start.isoformat(),
        end=campaign.end.isoformat(),
        units=len(set(wholes.tolist())),
        amounts={**amounts, AMOUNTS[-1]: sales},
        sales_low=factor * effect.low,
        sales_high=factor * effect.high,
        cost=effect.cost(load),
        assumed=effect.assumed,
    )


def _calls(problem: Problem, plan: Plan, tables: Tables) -> dict[str, pd.DataFrame]:
    """Units that each rep has a part in the campaign of, those not seen for longest first."""
    last = last_visits_of(tables.get("incumbent", ()))
    units, covers, owners = problem.units, problem.covers, problem.owners
    rows: dict[str, list[tuple[object, ...]]] = {}
    for load in problem.campaigns:
        campaign = load.campaign
        if not campaign.needs_owner:
            continue
        for cover in np.flatnonzero(load.member & (plan.owner >= 0)).tolist():
            owner, unit = int(plan.owner[cover]), int(covers.unit[cover])
            if owners.holds_territory[owner]:
                seen = last.get(units.wholes[unit])
                row = (
                    campaign.name,
                    units.ids[unit],
                    units.names[unit],
                    campaign.channel,
                    campaign.start.isoformat(),
                    campaign.end.isoformat(),
                    float(covers.measures["accounts"][cover]),
                    float(load.contacts[cover]),
                    float(load.answers[cover]),
                    seen.isoformat() if seen is not None else "",
                )
                rows.setdefault(owners.ids[owner], []).append(row)
    order = {load.campaign.name: at for at, load in enumerate(problem.campaigns)}
    return {
        rep: pd.DataFrame(
            sorted(mine, key=lambda row: (order[str(row[0])], str(row[-1]), str(row[1]))),
            columns=list(CALL_COLUMNS),
        )
        for rep, mine in sorted(rows.items())
    }


def _beside_quotas(
    settings: Settings,
    problem: Problem,
    amounts: Sequence[OwnerAmounts],
    effects: Mapping[str, Effect],
    quota_table: pd.DataFrame | None,
) -> pd.DataFrame:
    """Expected sales by owner and period of the quotas, which they do not change."""
    if settings.quotas is None or quota_table is None or quota_table.empty:
        return pd.DataFrame()
    calendar, names = settings.calendar, list(settings.quotas.periods)
    days = calendar.work_calendar().days
    quota = quota_table.groupby(["node", "period"])["quota"].sum().to_dict()
    rows = []
    for name, span in zip(names, plan_spans(len(names), calendar.start, calendar.end), strict=True):
        inside = (days >= np.datetime64(span.start)) & (days <= np.datetime64(span.end))
        total = np.zeros(len(problem.owners))
        for each in amounts:
            daily = np.array(effects[each.load.campaign.name].daily)
            whole = float(daily.sum())
            total += each.expected_sales * (float(daily[inside].sum()) / whole if whole else 0.0)
        for owner, sales in zip(problem.owners.ids, total.tolist(), strict=True):
            if sales:
                asked = float(quota.get((owner, name), np.nan))
                share = sales / asked if asked > 0 else np.nan
                rows.append((owner, name, sales, asked, share, settings.currency))
    columns = ["node", "period", "expected_sales", "quota", "share_of_quota", "currency"]
    return pd.DataFrame(rows, columns=columns)
