"""Balance bars: what each rep carries, beside the tolerance that the rules give."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...models.rules import Balance, Capacity, Contiguity

if TYPE_CHECKING:
    from ...models.problem import Problem
    from ..results import ScenarioResult


@dataclass(frozen=True)
class Band:
    """Limits within which a figure is fine, as shares; None for no such limit."""

    low: float | None
    high: float | None

    def holds(self, value: float) -> bool:
        """Whether a value lies within, up to rounding."""
        return (self.low is None or value >= self.low - 1e-6) and (
            self.high is None or value <= self.high + 1e-6
        )


@dataclass(frozen=True)
class RepRow:
    """One owner of a scenario.

    Parameters
    ----------
    use
        Load over hours; None for an owner without hours.
    deviation
        Of potential from the fair share; None for an owner without one.
    pieces
        Of the territory where a rule asks that it hangs together; 1 elsewhere.
    """

    rep: str
    team: str
    kind: str
    fill: str
    units: float
    hours: float
    load: float
    travel: float
    potential: float
    sales: float
    use: float | None
    use_is_fine: bool
    deviation: float | None
    deviation_is_fine: bool
    pieces: int


@dataclass(frozen=True)
class BalanceChart:
    """Rows of a scenario, worst first, and the scale of their bars.

    Parameters
    ----------
    use_top
        Right end of the load bars, a share of the hours.
    deviation_top
        Both ends of the potential bars, a share of the fair share.
    """

    rows: tuple[RepRow, ...]
    use_band: Band
    deviation_band: Band
    use_top: float
    deviation_top: float


def balance_chart(result: ScenarioResult, fills: Mapping[str, str]) -> BalanceChart:
    """Collect the bars of a scenario that has a plan."""
    assert result.evaluation is not None  # noqa: S101 - the caller chose rows with one
    use_band = _use_band(result.problem)
    tolerance = _tolerance(result.problem, "potential")
    deviation_band = Band(*(None, None) if tolerance is None else (-tolerance, tolerance))
    rows = [
        _row(record, fills, use_band, deviation_band)
        for record in result.evaluation.territories.to_dict("records")
    ]
    whole = _whole_teams(result.problem)
    rows = [row if row.team in whole else replace(row, pieces=1) for row in rows]
    rows.sort(key=lambda row: (row.use is None, -(row.use or 0.0), row.rep))
    uses = [row.use for row in rows if row.use is not None]
    away = [abs(row.deviation) for row in rows if row.deviation is not None]
    return BalanceChart(
        rows=tuple(rows),
        use_band=use_band,
        deviation_band=deviation_band,
        use_top=min(max([1.25, *(use * 1.05 for use in uses)]), 3.0),
        deviation_top=min(max([0.25, *(a * 1.05 for a in away)]), 2.0),
    )


def _row(
    record: Mapping[Hashable, Any], fills: Mapping[str, str], use: Band, deviation: Band
) -> RepRow:
    def number(key: str) -> float:
        return float(record[key])

    rep = str(record["rep"])
    kind = str(record["kind"])
    carries = kind in ("rep", "vacancy")
    used = number("utilisation") if carries and not math.isnan(number("utilisation")) else None
    apart = number("fair_share_deviation_potential")
    away = apart if carries and not math.isnan(apart) else None
    return RepRow(
        rep=rep,
        team=str(record["team"]),
        kind=kind,
        fill=fills.get(rep, "#D3D7DB"),
        units=number("units"),
        hours=number("hours"),
        load=number("load_hours"),
        travel=number("travel_hours"),
        potential=number("potential"),
        sales=number("sales"),
        use=used,
        use_is_fine=used is None or use.holds(used),
        deviation=away,
        deviation_is_fine=away is None or deviation.holds(away),
        pieces=int(number("components")),
    )


def _whole_teams(problem: Problem) -> set[str]:
    """Teams whose territories a rule wants in one piece."""
    return {
        problem.teams[team].name
        for rule in problem.rules
        if isinstance(rule, Contiguity)
        for team in problem.owner_teams(rule.teams)
    }


def _use_band(problem: Problem) -> Band:
    limits = [rule.limit for rule in problem.rules if isinstance(rule, Capacity)]
    return Band(None, min(limits) if limits else 1.0)


def _tolerance(problem: Problem, measure: str) -> float | None:
    found = [
        rule.tolerance
        for rule in problem.rules
        if isinstance(rule, Balance) and rule.measure == measure
    ]
    return min(found) if found else None
