"""Campaigns as a planner reads them: what each takes and brings, and whose months are full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from ..campaigns.study import CampaignStudy, CampaignTotal

#: Reps whose months are shown, those nearest to their hours first.
MOST_ROWS = 30


@dataclass(frozen=True)
class Month:
    """One rep's month: shares of the hours that there are.

    Parameters
    ----------
    use
        Load over hours; None where there are no hours and nothing to do.
    campaign_hours
        The campaigns' part of the load, travel included.
    above
        Whether the load is above the hours; without hours, whether there is anything to do.
    """

    use: float | None
    campaign_hours: float
    hours: float
    load: float
    above: bool


@dataclass(frozen=True)
class RepMonths:
    """One rep's months, in order."""

    rep: str
    months: tuple[Month, ...]

    @property
    def above(self) -> int:
        """How many months are above their hours."""
        return sum(month.above for month in self.months)


@dataclass(frozen=True)
class CampaignView:
    """Everything that the report shows of a scenario's campaigns.

    Parameters
    ----------
    periods
        Months in which a campaign runs.
    reps
        Reps who have work in a campaign; ``others`` more are not shown.
    """

    totals: tuple[CampaignTotal, ...]
    periods: tuple[str, ...]
    reps: tuple[RepMonths, ...]
    others: int
    peaks: int

    @property
    def has_sales(self) -> bool:
        """Whether anything is expected of any."""
        return any(total.amounts["expected_sales"] for total in self.totals)


def view_campaigns(study: CampaignStudy | None) -> CampaignView | None:
    """Arrange the campaigns of a scenario; None without any."""
    if study is None:
        return None
    load = study.load
    busy = load[load["campaign_hours"] > 0]
    periods = tuple(sorted(set(busy["period"])))
    shown = load[load["period"].isin(periods) & load["rep"].isin(set(busy["rep"]))]
    reps = [_months(str(rep), rows) for rep, rows in shown.groupby("rep")]
    reps.sort(key=lambda each: (-_fullest(each), each.rep))
    return CampaignView(
        totals=study.totals,
        periods=periods,
        reps=tuple(reps[:MOST_ROWS]),
        others=max(len(reps) - MOST_ROWS, 0),
        peaks=len(study.peaks),
    )


def _months(rep: str, rows: pd.DataFrame) -> RepMonths:
    months = []
    for row in rows.sort_values("period").to_dict("records"):
        hours, load = float(row["hours"]), float(row["load_hours"])
        months.append(
            Month(
                use=load / hours if hours > 0 else None,
                campaign_hours=float(row["campaign_hours"]),
                hours=hours,
                load=load,
                above=float(row["over_hours"]) > 0,
            )
        )
    return RepMonths(rep, tuple(months))


def _fullest(rep: RepMonths) -> float:
    """Largest share of a month's hours; work without any hours comes first."""
    return max(
        float("inf") if month.above and month.use is None else month.use or 0.0
        for month in rep.months
    )
