"""Plans tried against the same futures, and a plan chosen for futures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..models.arrays import FloatArray
from ..models.evaluation import evaluate
from ..models.placement import placed
from ..models.plan import Plan
from ..optimizer import solve_territories
from ..optimizer.robustness import (
    FutureDraws,
    FutureFigures,
    Futures,
    PlanInFutures,
    Spread,
    measure_under,
    problem_for_samples,
)
from ..optimizer.territories.result import TerritoryResult
from .campaigns import effects_of
from .loading import LoadedScenario, Workbook
from .money import Market, contribution_in_futures, facts_of
from .results import INCUMBENT
from .store.writing import Held, Outputs
from .uncertainty import draws_of

#: What the plan that was chosen for futures is called.
FOR_SAMPLES = "for_samples"
_CHOICE_TABLE, _PLAN = "choice.csv", f"{FOR_SAMPLES}.csv"
ROBUSTNESS = Outputs(
    "robustness", "teig robustness", "robustness.csv", stale=(_CHOICE_TABLE, _PLAN)
)
#: Figures of which more is better.
MORE_IS_BETTER = frozenset({"contribution"})
#: Percentiles that are told.
PERCENTILES = (10, 50, 90)
#: Added to the seed for the samples that a plan is chosen on: none of those it is tried on.
OTHER_SAMPLES = 7_919
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Tried:
    """One plan in every sample.

    Parameters
    ----------
    planned
        The same figures with everything as planned.
    """

    name: str
    figures: Mapping[str, FloatArray]
    units: Mapping[str, str]
    planned: Mapping[str, float]
    broken: Mapping[str, FloatArray]
    hard: Mapping[str, bool]
    scatters: frozenset[str]


@dataclass(frozen=True, eq=False)
class Robustness:
    """Plans on the same samples.

    Parameters
    ----------
    spread
        What was assumed.
    gone
        Positions left in each sample, (samples,), of the base.
    """

    samples: int
    seed: int
    spread: Spread
    tried: tuple[Tried, ...]

    def __getitem__(self, name: str) -> Tried:
        for each in self.tried:
            if each.name == name:
                return each
        raise KeyError(name)

    def best_shares(self, figure: str) -> dict[str, float]:
        """Share of samples in which each plan is best; equals share a sample."""
        having = [each for each in self.tried if figure in each.figures]
        sign = -1.0 if figure in MORE_IS_BETTER else 1.0
        values = sign * np.array([each.figures[figure] for each in having])
        least = values.min(axis=0)
        best = values <= least + _SAME * np.maximum(1.0, np.abs(least))
        shares = (best / best.sum(axis=0)).mean(axis=1)
        return {each.name: float(share) for each, share in zip(having, shares, strict=True)}

    def table(self) -> pd.DataFrame:
        """One row per plan and figure: as planned, percentiles, mean, share of samples best."""
        figures = list(dict.fromkeys(name for each in self.tried for name in each.figures))
        best = {figure: self.best_shares(figure) for figure in figures}
        rows = []
        for each in self.tried:
            for figure, values in each.figures.items():
                at = np.percentile(values, PERCENTILES)
                rows.append({
                    "scenario": each.name, "figure": figure, "unit": each.units[figure],
                    "as_planned": each.planned[figure],
                    **{f"p{p}": float(v) for p, v in zip(PERCENTILES, at, strict=True)},
                    "mean": float(values.mean()),
                    "best_share": best[figure][each.name],
                })  # fmt: skip
        return pd.DataFrame(rows)

    def rules_table(self) -> pd.DataFrame:
        """One row per plan and rule: in what share of samples it is broken, and by how much."""
        rows = []
        for each in self.tried:
            for rule, amounts in each.broken.items():
                middle, high = np.percentile(amounts, (50, 90))
                rows.append({
                    "scenario": each.name, "rule": rule, "hard": each.hard[rule],
                    "broken_share": float((amounts > 0).mean()),
                    "amount_p50": float(middle), "amount_p90": float(high),
                    "depends_on_sample": rule in each.scatters,
                })  # fmt: skip
        return pd.DataFrame(rows)

    def samples_table(self) -> pd.DataFrame:
        """One row per sample and plan, every figure a column."""
        frames = [
            pd.DataFrame({"sample": np.arange(1, self.samples + 1), "scenario": each.name}
                         | dict(each.figures))
            for each in self.tried
        ]  # fmt: skip
        return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True, eq=False)
class ChosenForSamples:
    """A plan chosen for futures beside the one that was planned.

    Parameters
    ----------
    on
        Samples that it was chosen on.
    inside, outside
        Both plans on these, everybody staying, and on samples that neither has seen.
    """

    scenario: LoadedScenario
    result: TerritoryResult
    on: int
    inside: Robustness | None
    outside: Robustness | None

    def table(self) -> pd.DataFrame:
        """One row per figure: means in and out of sample, their difference, its error.

        ``difference`` is the plan for samples less the chosen one, out of sample;
        ``standard_error`` is that of its mean over the same samples; ``verdict`` says
        whether it is beyond two of them.
        """
        rows = []
        if self.inside is None or self.outside is None:
            return pd.DataFrame(columns=list(_CHOICE))
        chosen, other = (self.outside[name] for name in (self.scenario.name, FOR_SAMPLES))
        for figure, unit in chosen.units.items():
            difference = other.figures[figure] - chosen.figures[figure]
            error = float(difference.std(ddof=1) / np.sqrt(len(difference))) if self.outside.samples > 1 else 0.0  # fmt: skip
            means = [
                float(side[name].figures[figure].mean())
                for side in (self.inside, self.outside)
                for name in (self.scenario.name, FOR_SAMPLES)
            ]
            rows.append(dict(zip(_CHOICE, (
                figure, unit, *means, float(difference.mean()), error,
                self.outside.best_shares(figure)[FOR_SAMPLES],
                _verdict(float(difference.mean()), error, figure),
            ), strict=True)))  # fmt: skip
        return pd.DataFrame(rows)


_CHOICE = (
    "figure", "unit", "chosen_in_sample", "for_samples_in_sample", "chosen_out_of_sample",
    "for_samples_out_of_sample", "difference", "standard_error", "better_share", "verdict",
)  # fmt: skip


def _verdict(difference: float, error: float, figure: str) -> str:
    if abs(difference) <= max(2.0 * error, 1e-9):
        return "not distinguishable"
    return "better" if (difference > 0) == (figure in MORE_IS_BETTER) else "worse"


def try_plans(
    book: Workbook,
    plans: Mapping[str, Plan],
    *,
    samples: int | None = None,
    seed: int | None = None,
) -> Robustness:
    """Measure plans on the same futures, with today's alignment first.

    Parameters
    ----------
    plans
        By scenario of the book.
    samples, seed
        In place of the base's ``uncertainty.samples`` and ``seed``.

    Examples
    --------
    >>> from teig.scenarios import load, try_plans  # doctest: +SKIP
    >>> tried = try_plans(load("plan.yaml"), plans, samples=200)  # doctest: +SKIP
    >>> tried.table(), tried.rules_table()  # doctest: +SKIP
    """
    base = book.base
    seed = base.resolved.settings.seed if seed is None else seed
    draws = draws_of(base.resolved.settings, base.tables["units"], samples=samples, seed=seed)
    trial = _Trial(book, draws)
    known = any(base.problem.covers.incumbent_ids)
    tried = [trial.of(base, Plan.incumbent(base.problem), INCUMBENT)] if known else []
    tried += [trial.of(book[name], plan, name) for name, plan in plans.items()]
    return Robustness(draws.samples, seed, draws.spread, tuple(tried))


def choose_for_samples(
    book: Workbook,
    name: str,
    plan: Plan,
    *,
    on: int = 10,
    samples: int | None = None,
    seed: int | None = None,
    work: float | None = None,
    seconds: float | None = None,
) -> ChosenForSamples:
    """Choose a plan for futures, beginning from the one that was chosen, and compare both.

    Parameters
    ----------
    on
        Futures that it is chosen on; each takes as much room as a balance rule.

    Raises
    ------
    ValueError
        When no rule of the scenario depends on what scatters.
    """
    scenario, base = book[name], book.base
    settings = scenario.resolved.settings
    seed = base.resolved.settings.seed if seed is None else seed
    units, given = base.tables["units"], base.resolved.settings
    some = draws_of(given, units, samples=on, seed=seed + OTHER_SAMPLES)
    staying = FutureDraws(
        replace(some.spread, attrition=0.0), on, seed + OTHER_SAMPLES,
        years=some.years, regions=some.regions, segments=some.segments,
    )  # fmt: skip
    problem = problem_for_samples(scenario.problem, staying.of(scenario.problem))
    result = solve_territories(
        problem,
        work=settings.limits.work if work is None else work,
        seconds=settings.limits.seconds if seconds is None else seconds,
        gap=settings.limits.gap,
        seed=settings.seed,
        start=plan,
    )
    if result.plan is None:
        return ChosenForSamples(scenario, result, on, None, None)
    sides = []
    for draws in (staying, draws_of(given, units, samples=samples, seed=seed)):
        trial = _Trial(book, draws)
        both = (trial.of(scenario, plan, name), trial.of(scenario, result.plan, FOR_SAMPLES))
        sides.append(Robustness(draws.samples, draws.seed, draws.spread, both))
    return ChosenForSamples(scenario, result, on, *sides)


def _as_planned(spread: Spread) -> Spread:
    """Nothing turns out otherwise, and nobody leaves."""
    return replace(
        spread, market=0.0, region=0.0, segment=0.0, unit=0.0, circuity=0.0, speed=0.0,
        local=0.0, attrition=0.0,
    )  # fmt: skip


class _Trial:
    """Measures plans of one book on one set of draws."""

    def __init__(self, book: Workbook, draws: FutureDraws) -> None:
        self.book, self.draws = book, draws
        # Responses are fitted to today, which knows nothing of campaigns to come.
        problem = book.base.problem.without_campaigns()
        self.market = Market(tuple(sorted(set(problem.units.wholes))))
        self.employed = frozenset(problem.covers.incumbent_ids) & frozenset(problem.owners.ids)
        known = any(problem.covers.incumbent_ids)
        self.today = (
            facts_of(problem, Plan.incumbent(problem), self.market, self.employed)
            if known
            else None
        )
        self.planned = FutureDraws(_as_planned(draws.spread), 1, draws.seed)

    def of(self, scenario: LoadedScenario, plan: Plan, name: str) -> Tried:
        problem = scenario.problem
        found = self._figures(scenario, plan, self.draws.of(problem))
        planned = self._figures(scenario, plan, self.planned.of(problem))
        hard = {rule.name: rule.hard for rule in placed(problem, plan).rules}
        return Tried(
            name=name,
            figures=found.figures,
            units=found.units,
            planned={figure: float(values[0]) for figure, values in planned.figures.items()},
            broken=found.broken,
            hard={rule: hard.get(rule, True) for rule in found.broken},
            scatters=found.scatters,
        )

    def _figures(self, scenario: LoadedScenario, plan: Plan, futures: Futures) -> FutureFigures:
        problem, money = scenario.problem, scenario.resolved.settings.money
        found = measure_under(problem, plan, futures)
        if money is None or self.today is None:
            return found
        based = placed(problem, plan)
        facts = facts_of(based, plan, self.market, self.employed)
        standing = PlanInFutures(based, plan, futures)
        effects = effects_of(scenario.resolved.settings)
        contribution = contribution_in_futures(
            facts, money, self.market, self.today, standing, effects
        )
        return replace(
            found,
            figures={**found.figures, "contribution": contribution},
            units={**found.units, "contribution": f"{problem.currency}/year"},
        )


def write_robustness(tried: Robustness, held: Held, choice: ChosenForSamples | None = None) -> None:
    """Write ``robustness.csv``, ``rules.csv``, ``samples.csv`` and what was chosen for samples."""

    def csv(frame: pd.DataFrame, path: Path) -> None:
        frame.to_csv(path, index=False, float_format="%.10g", lineterminator="\n")

    def write(staging: Path) -> None:
        csv(tried.rules_table(), staging / "rules.csv")
        csv(tried.samples_table(), staging / "samples.csv")
        if choice is not None and choice.result.plan is not None:
            plan = evaluate(choice.scenario.problem, choice.result.plan)
            csv(plan.assignments, staging / _PLAN)
            csv(choice.table(), staging / _CHOICE_TABLE)
        csv(tried.table(), staging / ROBUSTNESS.mark)

    held.write(write)


def figures_shown(tried: Robustness, names: Sequence[str] | None = None) -> tuple[str, ...]:
    """Figures that matter for a table on a screen: of balanced measures, load, travel, money."""
    every = list(dict.fromkeys(name for each in tried.tried for name in each.figures))
    if names is not None:
        return tuple(name for name in every if name in names)
    ruled = {f"worst_balance_{rule.removeprefix('balance_')}" for rule in tried.tried[0].broken}
    plain = {"hours_above", "travel_hours", "unserved_sales", "contribution"}
    kept = [name for name in every if name in ruled | plain]
    quiet = all(not each.figures["unserved_sales"].any() for each in tried.tried if each.figures)
    return tuple(name for name in kept if not (quiet and name == "unserved_sales"))
