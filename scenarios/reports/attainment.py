"""Simulated attainment and pay as the report shows them: levels and sums, nobody's own pay."""

from __future__ import annotations

from dataclasses import dataclass

from ..pay import PayForecast

#: Rows of the chosen parameter's table.
MOST_VALUES = 9


@dataclass(frozen=True)
class LevelRow:
    """Attainment of one level: nine and eight of ten, over people and draws."""

    level: str
    people: int
    at_quota: float
    spread: float
    lowest: float
    low: float
    high: float
    highest: float


@dataclass(frozen=True)
class CostRow:
    """A component of pay, of everybody together."""

    name: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class ValueRow:
    """What one value of the chosen parameter gives."""

    value: float
    at_quota: float
    cost: float
    chosen: bool


@dataclass(frozen=True)
class ForecastView:
    """Attainment and pay of one scenario.

    Parameters
    ----------
    share_low, share_high
        Share at quota of the lowest level in one year of ten, and in nine.
    left, right
        Attainment at the ends of the drawings.
    curve
        Values of the chosen parameter; none where nothing was asked.
    """

    level: str
    people: int
    paid: int
    share_at_quota: float
    share_low: float
    share_high: float
    levels: tuple[LevelRow, ...]
    costs: tuple[CostRow, ...]
    currency: str
    draws: int
    source: str
    parameter: str
    met: bool
    curve: tuple[ValueRow, ...]
    sentences: tuple[str, ...]
    left: float
    right: float

    @property
    def total(self) -> CostRow:
        """All pay."""
        return self.costs[-1]

    def place(self, attainment: float) -> float:
        """Where an attainment lies on a drawing 200 wide."""
        share = (attainment - self.left) / (self.right - self.left)
        return round(200.0 * min(max(share, 0.0), 1.0), 1)

    def span(self, low: float, high: float) -> float:
        """Width between two attainments, at least a hair."""
        return round(max(self.place(high) - self.place(low), 0.8), 1)


def view_forecast(forecast: PayForecast) -> ForecastView:
    """Prepare a forecast for the page."""
    simulation, choice = forecast.simulation, forecast.choice
    fan = simulation.fan.set_index(["level", "quantile"])["attainment"]
    levels = []
    foot = None
    for record in simulation.levels.to_dict("records"):
        name = str(record["level"])
        quantiles = [float(fan[name, q]) for q in (0.05, 0.1, 0.9, 0.95)]
        levels.append(
            LevelRow(
                name,
                int(record["people"]),
                float(record["at_quota"]),
                float(record["spread"]),
                *quantiles,
            )
        )
        if name == simulation.level_at_foot:
            foot = record
    paid = len(simulation.payees) if simulation.payees is not None else 0
    costs = [
        CostRow(
            str(r["component"]).capitalize(), float(r["mean"]), float(r["p10"]), float(r["p90"])
        )
        for r in (simulation.cost.to_dict("records") if forecast.tells_pay else ())
    ]
    return ForecastView(
        level=simulation.level_at_foot,
        people=int(foot["people"]) if foot else 0,
        paid=paid,
        share_at_quota=simulation.share_at_quota,
        share_low=float(foot["at_quota_p10"]) if foot else 0.0,
        share_high=float(foot["at_quota_p90"]) if foot else 0.0,
        levels=tuple(levels),
        costs=tuple(costs),
        currency=simulation.problem.currency,
        draws=simulation.draws,
        source=simulation.uncertainty.source,
        parameter=choice.parameter.replace("_", "-").capitalize() if choice else "",
        met=choice.feasible if choice else False,
        curve=_curve(forecast),
        sentences=forecast.sentences,
        left=min(0.6, *(row.lowest for row in levels)),
        right=max(1.4, *(row.highest for row in levels)),
    )


def _curve(forecast: PayForecast) -> tuple[ValueRow, ...]:
    """Some values on either side of the chosen one."""
    choice = forecast.choice
    if choice is None:
        return ()
    records = choice.curve.to_dict("records")
    chosen = next(n for n, r in enumerate(records) if r["value"] == choice.value)
    step = max(len(records) // MOST_VALUES, 1)
    rows = [n for n in range(len(records)) if (n - chosen) % step == 0]
    return tuple(
        ValueRow(
            float(records[n]["value"]),
            float(records[n]["at_quota"]),
            float(records[n]["cost"]),
            n == chosen,
        )
        for n in rows
    )
