"""Attainment and pay of a scenario: its quotas simulated, its compensation plan applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..models.compensation import CompensationPlan
from ..models.errors import BadInput, InputProblem, did_you_mean
from ..models.plan import Plan
from ..models.problem import Problem
from ..models.tables import Table
from ..models.totals import owner_totals
from ..optimizer.quotas.result import QuotaResult
from ..optimizer.quotas.simulation import (
    Choice,
    Simulation,
    Uncertainty,
    choose,
    estimate_uncertainty,
    simulate_quotas,
)
from .files import ResolvedScenario
from .files.sections import CompensationSettings, Settings, SimulationSettings
from .quotas import quota_nodes

if TYPE_CHECKING:
    from .files.entries import Path as SettingPath

#: Sums of pay of fewer people would tell what single people are paid.
FEWEST_PAID = 4
#: Level that a number alone is about.
REP = "rep"
Tables = Mapping[str, tuple[Table, ...]]


@dataclass(frozen=True, eq=False)
class PayForecast:
    """What a scenario's quotas mean before the year begins.

    Parameters
    ----------
    choice
        The parameter that was asked for; None where none was.
    """

    simulation: Simulation
    choice: Choice | None

    @property
    def tells_pay(self) -> bool:
        """Whether enough people are paid that sums say nothing of single ones."""
        payees = self.simulation.payees
        return payees is not None and len(payees) >= FEWEST_PAID

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was chosen and why; nothing where that would tell what single people cost."""
        if self.choice is None or (self.simulation.pay is not None and not self.tells_pay):
            return ()
        return self.choice.explanation

    @property
    def notes(self) -> tuple[str, ...]:
        """For people: what the uncertainty rests on, and what was chosen."""
        u = self.simulation.uncertainty
        spread = (
            f"Attainment is simulated {self.simulation.draws:,} times with spreads of "
            f"{u.market:.1%} (market), {u.territory:.1%} (territory), {u.period:.1%} (territory "
            f"in a period) and {u.product:.1%} (product), {u.source}; the same for everybody"
        )
        return (spread, *self.sentences)


def plan_periods(start: date, end: date, names: Sequence[str]) -> dict[str, tuple[date, date]]:
    """First and last day of each plan period: whole months where they come out even.

    >>> plan_periods(date(2027, 1, 1), date(2027, 12, 31), ["Q1", "Q2", "Q3", "Q4"])["Q2"]
    (datetime.date(2027, 4, 1), datetime.date(2027, 6, 30))
    """
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    count = len(names)
    if start.day == after.day == 1 and months % count == 0:
        step = months // count
        firsts = [_month_after(start, step * number) for number in range(count + 1)]
    else:
        days = (after - start).days
        firsts = [start + timedelta(days=days * number // count) for number in range(count + 1)]
    return {
        name: (firsts[number], firsts[number + 1] - timedelta(days=1))
        for number, name in enumerate(names)
    }


def _month_after(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    return date(day.year + year, month + 1, 1)


def contest_windows(settings: Settings) -> dict[str, dict[str, float]]:
    """By contest: share of the days of each plan period that lie between its dates."""
    if settings.compensation is None or settings.quotas is None:
        return {}
    calendar = settings.calendar
    periods = plan_periods(calendar.start, calendar.end, list(settings.quotas.periods))
    windows: dict[str, dict[str, float]] = {}
    for name, contest in settings.compensation.contests.items():
        windows[name] = {}
        for period, (first, last) in periods.items():
            shared = (min(last, contest.end) - max(first, contest.start)).days + 1
            if shared > 0:
                windows[name][period] = shared / ((last - first).days + 1)
    return windows


def compensation_plan(settings: Settings) -> CompensationPlan | None:
    """Return the compensation plan as the models know it; None where there is none."""
    if settings.compensation is None:
        return None
    return settings.compensation.plan(contest_windows(settings), settings.currency)


def forecast_of(
    settings: Settings, tables: Tables, problem: Problem, plan: Plan, quotas: QuotaResult
) -> PayForecast | None:
    """Simulate the quotas of a plan; None where nothing asks for it."""
    if (settings.compensation is None and settings.simulation is None) or quotas.plan is None:
        return None
    asked = settings.simulation or SimulationSettings()
    simulation = simulate_quotas(
        quotas,
        compensation_plan(settings),
        _pay(settings, tables, quotas) if settings.compensation else None,
        uncertainty=uncertainty_of(asked, tables),
        expected=_expected(asked, problem, plan, quotas),
        draws=asked.draws,
        seed=settings.seed,
    )
    wish = asked.choose
    choice = None
    if wish is not None:
        choice = choose(
            simulation,
            wish.parameter,
            share_at_quota=wish.share_at_quota,
            pay_budget=wish.pay_budget,
        )
    return PayForecast(simulation, choice)


def uncertainty_of(asked: SimulationSettings, tables: Tables) -> Uncertainty:
    """Spreads as the file gives them, else from past attainment, else assumed."""
    known = Uncertainty(product=asked.product)
    if "attainment" in tables:
        known = estimate_uncertainty(tables["attainment"][0].frame, product=asked.product)
    given = {
        name: value
        for name in ("market", "territory", "period")
        if (value := getattr(asked, name)) is not None
    }
    source = known.source
    if given:
        source = "assumed" if len(given) == 3 else f"{source}, {' and '.join(given)} assumed"
        source = "assumed" if known.source == "assumed" else source
    return Uncertainty(
        market=given.get("market", known.market),
        territory=given.get("territory", known.territory),
        period=given.get("period", known.period),
        product=asked.product,
        shape=asked.shape,  # type: ignore[arg-type]
        source=source,
    )


def _expected(
    asked: SimulationSettings, problem: Problem, plan: Plan, quotas: QuotaResult
) -> float | pd.DataFrame:
    if asked.growth is None:
        return asked.expected
    sales = owner_totals(problem, plan, "sales") * (1.0 + asked.growth)
    tree = quotas.problem.tree
    names = [tree.ids[leaf] for leaf in tree.leaves.tolist()]
    index = problem.owner_index
    return pd.DataFrame({"node": names, "sales": [float(sales[index[n]]) for n in names]})


def _pay(settings: Settings, tables: Tables, quotas: QuotaResult) -> pd.DataFrame:
    """Base and target incentive of everybody who is paid: the table first, then the levels."""
    compensation = settings.compensation or CompensationSettings()
    tree, plan = quotas.problem.tree, quotas.plan
    single = _pay_table(settings, tables)
    base, target = _by_level(compensation.base), _by_level(compensation.target_incentive)
    rows = []
    for node, name in enumerate(tree.ids):
        level = tree.levels[tree.level[node]]
        if name in single:
            rows.append((name, *single[name]))
            continue
        incentive = target.get(level)
        if incentive is None and compensation.commission is not None and level == REP:
            quota = 0 if plan is None else int(plan.quota[node].sum())
            incentive = compensation.commission * quota / quotas.problem.minor_units
        if level in base or incentive is not None:
            rows.append((name, base.get(level, 0.0), incentive or 0.0))
    return pd.DataFrame(rows, columns=["node", "base", "target_incentive"])


def _by_level(amounts: float | Mapping[str, float] | None) -> Mapping[str, float]:
    if amounts is None:
        return {}
    return amounts if isinstance(amounts, Mapping) else {REP: amounts}


def _pay_table(settings: Settings, tables: Tables) -> dict[str, tuple[float, float]]:
    if "pay" not in tables:
        return {}
    frame = in_plan_currency(tables["pay"][0], ("base", "target_incentive"), settings)
    names = frame["person"].astype(str)
    return {
        name: (float(base), float(target))
        for name, base, target in zip(names, frame["base"], frame["target_incentive"], strict=True)
    }


def in_plan_currency(table: Table, columns: Sequence[str], settings: Settings) -> pd.DataFrame:
    """A table's money at the plan's rates."""
    frame = table.frame.copy()
    if "currency" in frame.columns:
        own = frame["currency"].fillna("").astype(str)
        rates = {"": 1.0, settings.currency: 1.0, **settings.rates}
        rate = np.array([rates.get(name, np.nan) for name in own])
        for column in columns:
            frame[column] = frame[column].to_numpy(float) * rate
    return frame


def simulation_table(forecast: PayForecast) -> pd.DataFrame:
    """``simulation.csv``: attainment by level and cost by component, nobody's own pay.

    ``measure, of, people, mean, p10, p50, p90, unit``. A level's attainment is over all
    its people and draws; ``at quota`` is the share of them who reach it.
    """
    simulation = forecast.simulation
    rows: list[tuple[str, str, int, float, float, float, float, str]] = []
    fan = simulation.fan.set_index(["level", "quantile"])["attainment"]
    for level in simulation.levels.to_dict("records"):
        name, people = str(level["level"]), int(level["people"])
        low, middle, high = (float(fan[name, q]) for q in (0.1, 0.5, 0.9))
        share = (level["at_quota"], level["at_quota_p10"], np.nan, level["at_quota_p90"])
        rows.append(("at quota", name, people, *share, "share"))
        rows.append(("attainment", name, people, level["attainment"], low, middle, high, "share"))
        spread = (level["spread"], np.nan, np.nan, np.nan)
        rows.append(("spread", name, people, *spread, "share"))
    paid = len(simulation.payees) if simulation.payees is not None else 0
    currency = simulation.problem.currency
    for part in simulation.cost.to_dict("records") if forecast.tells_pay else ():
        figures = (part["mean"], part["p10"], part["p50"], part["p90"])
        rows.append(("pay", str(part["component"]), paid, *figures, currency))
    columns = ["measure", "of", "people", "mean", "p10", "p50", "p90", "unit"]
    return pd.DataFrame(rows, columns=columns)


def pay_problems(
    resolved: ResolvedScenario, problem: Problem, structure: pd.DataFrame, tables: Tables
) -> list[InputProblem]:
    """What is wrong with compensation, simulation and letters, before anything is solved."""
    settings = resolved.settings
    if settings.quotas is None:
        return []
    nodes = quota_nodes(problem, structure)
    found = [*_unknown_levels(resolved, set(nodes.values()))]
    found += _contest_problems(resolved)
    found += _table_problems(resolved, nodes, tables)
    if "attainment" in tables and not tables["attainment"][0].problems:
        try:
            uncertainty_of(settings.simulation or SimulationSettings(), tables)
        except BadInput as error:
            found += [
                resolved.problem(("data", "attainment"), each.message, each.value)
                for each in error.problems
            ]
    compensation = settings.compensation
    if compensation is not None and compensation.base == 0.0:
        nothing = compensation.target_incentive is None and compensation.commission is None
        if nothing and "pay" not in tables:
            message = "nobody is paid: give base, target_incentive or commission, or data.pay"
            found.append(resolved.problem(("compensation",), message))
    wish = settings.simulation.choose if settings.simulation else None
    counts = wish is not None and (wish.pay_budget or wish.parameter != "over_assignment")
    if counts and compensation is None:
        path = ("simulation", "choose")
        found.append(resolved.problem(path, "needs compensation: to count what is paid"))
    return found


def _unknown_levels(resolved: ResolvedScenario, levels: set[str]) -> Iterator[InputProblem]:
    compensation = resolved.settings.compensation
    if compensation is None:
        return
    named: list[tuple[SettingPath, str]] = []
    for key in ("base", "target_incentive", "levels"):
        amounts = getattr(compensation, key)
        if isinstance(amounts, Mapping):
            named += [(("compensation", key, level), level) for level in amounts]
    for key in ("prizes", "team_awards"):
        for name, award in getattr(compensation, key).items():
            named.append((("compensation", key, name, "level"), award.level))
    for path, level in named:
        if level and level not in levels:
            message = f"there is no such level; {did_you_mean(level, levels)}"
            yield resolved.problem(path, message, level)


def _contest_problems(resolved: ResolvedScenario) -> Iterator[InputProblem]:
    settings = resolved.settings
    if settings.compensation is None or settings.quotas is None:
        return
    products = list(settings.quotas.products)
    for name, contest in settings.compensation.contests.items():
        path = ("compensation", "contests", name)
        if contest.start < settings.calendar.start or contest.end > settings.calendar.end:
            message = (
                f"lies outside the plan ({settings.calendar.start} to {settings.calendar.end})"
            )
            yield resolved.problem(path, message, f"{contest.start} to {contest.end}")
        if contest.product and contest.product not in products:
            message = f"there is no such product; {did_you_mean(contest.product, products)}"
            yield resolved.problem((*path, "product"), message, contest.product)


def _table_problems(
    resolved: ResolvedScenario, nodes: Mapping[str, str], tables: Tables
) -> Iterator[InputProblem]:
    settings = resolved.settings
    known = {"", settings.currency, *settings.rates}
    for role, column in (("pay", "person"), ("previous_quotas", "")):
        for table in tables.get(role, ()):
            for row, record in enumerate(table.frame.to_dict("records")):
                currency = record.get("currency")
                name = "" if pd.isna(currency) else str(currency or "")
                place = table.places[row]
                if name not in known:
                    message = "has no plan rate; give one under rates"
                    yield InputProblem(table.source, place, "currency", name, message)
                if column and str(record.get(column)) not in nodes:
                    message = "is nobody with a quota"
                    yield InputProblem(table.source, place, column, str(record[column]), message)
    if settings.letters is not None:
        for name in settings.letters.languages:
            if name not in nodes:
                path = ("letters", "languages", name)
                yield resolved.problem(path, "is nobody with a quota", name)
