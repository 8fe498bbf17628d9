"""Quotas of a scenario: its plan's territories, its budget, its reporting lines."""

from __future__ import annotations

import dataclasses

import pandas as pd

from ...models.plan import Plan
from ...models.problem import Problem
from ...optimizer.quotas.adjustment import adjust_quotas
from ...optimizer.quotas.model import Work
from ...optimizer.quotas.outlook import forecast
from ..files.sections import Settings
from .case import QuotaCase, Tables, asked_moves, period_spans
from .figures import (
    history_of,
    owner_figures,
    unit_attributes,
)
from .nodes import primary_owners
from .study import QuotaStudy, studied

QUOTA_COLUMNS = ("node", "level", "parent", "product", "period", "quota", "index", "currency")


def quotas_of(
    settings: Settings,
    tables: Tables,
    problem: Problem,
    plan: Plan,
    structure: pd.DataFrame,
) -> QuotaStudy:
    """Set the quotas of a plan: each owner's index is that of the territory it gets.

    Only teams of role ``primary`` carry the budget; overlays are credited in a ledger of
    their own, so that no sale is counted twice.
    """
    asked = settings.quotas
    if asked is None:
        raise ValueError("the scenario sets no quotas")
    periods, attributes = period_spans(settings), unit_attributes(tables)
    history = history_of(tables, problem.currency, settings.rates)
    figures = None
    if history is not None:
        outlook = forecast(history, periods, attributes)
        owners = primary_owners(problem)
        figures = owner_figures(history, outlook, problem, plan, owners, asked, periods)
    case = QuotaCase(settings, asked, tables, problem, plan, structure, figures)
    result, audit = case.set(Work(seed=settings.seed)), pd.DataFrame()
    if asked.moves and result.plan is not None:
        adjusted = adjust_quotas(result, asked_moves(asked), periods, work=Work(seed=settings.seed))
        # Limits of fairness were kept when the plan was made; a change does not ask again.
        result, audit = adjusted.result, adjusted.audit
    study = studied(result, asked, problem, plan, figures, history, attributes, settings.rates)
    return dataclasses.replace(study, audit=audit)
