"""The ledger of a workbook: money on every result, by the same responses."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from ..models.plan import Plan
from .campaigns import Effect, effects_of
from .files.sections import Money as MoneySettings
from .loading import LoadedScenario, Workbook
from .money import (
    Appraisal,
    Basis,
    Contest,
    Figures,
    Market,
    PlanFacts,
    assumption_ranges,
    facts_of,
    money_of,
)
from .money.measuring import money_differences
from .results import AssumptionRange, Money, ScenarioResult


def ledger_of(book: Workbook) -> Ledger | None:
    """None where no alignment of today is given that responses could be fitted to."""
    problem = book.base.problem
    return Ledger(book, Plan.incumbent(problem)) if any(problem.covers.incumbent_ids) else None


class Ledger:
    """Puts money on the results of one workbook, all by the same responses of today."""

    def __init__(self, book: Workbook, today: Plan) -> None:
        # Responses are fitted to today, which knows nothing of campaigns to come.
        problem = book.base.problem.without_campaigns()
        owners = problem.owners.ids
        self.employed = frozenset(problem.covers.incumbent_ids) & frozenset(owners)
        self.market = Market(tuple(sorted(set(problem.units.wholes))))
        self.today = facts_of(problem, today, self.market, self.employed)
        self.basis = Basis(self.market, self.today, self.employed)
        self.facts: dict[str, PlanFacts] = {}
        self.settings: dict[str, MoneySettings] = {}
        self.campaigns: dict[str, Mapping[str, Effect]] = {}
        self.plain: dict[str, Mapping[str, Any]] = {}
        self.currency = problem.currency

    def appraisal(self, scenario: LoadedScenario) -> Appraisal | None:
        """How the scenario's plan is judged; None without money."""
        settings = scenario.resolved.settings
        if settings.money is None:
            return None
        return Appraisal(Figures.of(settings.money, effects_of(settings)), self.basis)

    def money(
        self, scenario: LoadedScenario, result: ScenarioResult, proven: float | None = None
    ) -> Money | None:
        """What the result is worth; remembered for :meth:`assumptions` where a plan was chosen."""
        settings = scenario.resolved.settings.money
        if settings is None or result.plan is None:
            return None
        facts = facts_of(result.problem, result.plan, self.market, self.employed)
        effects = effects_of(scenario.resolved.settings)
        if not result.frozen:
            self.facts[result.name], self.settings[result.name] = facts, settings
            self.campaigns[result.name], self.plain[result.name] = effects, result.settings
        reached = None
        if result.territory is not None and result.evaluation is not None:
            reached = result.evaluation.objectives
        return money_of(
            facts, settings, self.market, self.today, self.currency, reached, proven, effects
        )

    def assumptions(self) -> tuple[AssumptionRange, ...]:
        """How far the assumed values carry the winner."""
        pairs = combinations(self.plain.values(), 2)
        if len(self.plain) < 2 or any(money_differences(*pair) for pair in pairs):
            return ()  # where money measures scenarios differently, there is no order to turn
        contest = Contest(self.market, self.today, self.facts, self.settings, self.campaigns)
        return assumption_ranges(contest, self.currency)
