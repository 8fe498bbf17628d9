"""Quotas with what they rest on: markets, back-test, overlays, other currencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...models.errors import BadInput
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.quotas.history import History
from ...optimizer.quotas import (
    BackTest,
    OverlayLedger,
    QuotaResult,
    back_test,
    in_local_currency,
    overlay_ledger,
)
from ..files.sections import QuotaSettings
from .figures import OwnerFigures

PRIMARY = "primary"


@dataclass(frozen=True, eq=False)
class QuotaStudy:
    """Quotas of a scenario and what goes with them.

    Parameters
    ----------
    result
        The quotas.
    figures
        History and outlook by owner; None without a history.
    back_test
        How the methods would have done; None where the history is too short.
    overlays
        Ledger of teams that are not primary; None without any, or without a plan.
    local
        Quotas of people who are paid in other currencies.
    notes
        For people, beyond those of the result.
    audit
        A line for each thing that a change in mid-period moved.
    sold
        ``period`` (its first day)``, sales, in_a_year`` (periods of a year): what all
        units sold of all products, money, the oldest first; empty without a history.
    """

    result: QuotaResult
    figures: OwnerFigures | None = None
    back_test: BackTest | None = None
    overlays: OverlayLedger | None = None
    local: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()
    audit: pd.DataFrame = field(default_factory=pd.DataFrame)
    sold: pd.DataFrame = field(default_factory=pd.DataFrame)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by file name; those that hold something."""
        found: dict[str, pd.DataFrame] = {"fairness": self.result.fairness}
        if self.figures is not None:
            found["markets"] = self.figures.outlook.groups
        if self.back_test is not None:
            found["backtest"] = self.back_test.table
        if self.overlays is not None:
            found["overlay_quotas"] = self.overlays.quotas
            found["reconciliation"] = self.overlays.reconciliation
        found |= {"local_quotas": self.local, "audit": self.audit}
        return {name: table for name, table in found.items() if len(table)}


def studied(
    result: QuotaResult,
    settings: QuotaSettings,
    problem: Problem,
    plan: Plan,
    figures: OwnerFigures | None,
    history: History | None,
    attributes: pd.DataFrame,
    rates: Mapping[str, float],
) -> QuotaStudy:
    """Add what goes with quotas that were set."""
    notes = list(figures.notes) if figures is not None else []
    tested = None
    if figures is not None and history is not None and history.years >= 2:
        potential = pd.DataFrame(
            {"unit": problem.units.wholes, "potential": problem.units.measures["potential"]}
        )
        by_whole = potential.groupby("unit", as_index=False).sum()
        try:
            tested = back_test(
                history, figures.alignment, potential=by_whole, attributes=attributes
            )
            notes += [f"back-test: {said}" for said in tested.sentences]
        except (BadInput, ValueError) as error:
            notes.append(f"back-test: not possible ({error})")
    notes += _fairness_notes(result.fairness)
    ledger = _overlays(result, problem, plan)
    local = pd.DataFrame()
    if result.plan is not None and settings.currencies:
        local = in_local_currency(result, settings.currencies, rates)
    if ledger is not None:
        notes += ledger.lines
    return QuotaStudy(result, figures, tested, ledger, local, tuple(notes), sold=_sold(history))


def _sold(history: History | None) -> pd.DataFrame:
    if history is None:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            "period": [span.start.isoformat() for span in history.spans],
            "sales": history.amounts.sum(axis=(0, 1)) / history.minor_units,
            "in_a_year": history.season,
        }
    )


def _fairness_notes(fairness: pd.DataFrame) -> list[str]:
    """What the certificate says of covariates that have a limit, after quotas were set."""
    if fairness.empty:
        return []
    limited = fairness[fairness["stage"].eq("quota") & fairness["limit"].notna()]
    columns = ("in_words", "limit", "test", "statistic", "p", "kept")
    rows = zip(*(limited[name] for name in columns), strict=True)
    return [
        f"fairness: {words}; the limit of {100 * limit:g} % is {'kept' if kept else 'BROKEN'} "
        f"({test} {statistic:.2f}, p {p:.2f})"
        for words, limit, test, statistic, p, kept in rows
    ]


def _overlays(result: QuotaResult, problem: Problem, plan: Plan) -> OverlayLedger | None:
    """Credit of the teams that are not primary, from the units that they cover."""
    rules = {team.name: team.credit for team in problem.teams if team.role != PRIMARY}
    if result.plan is None or not rules:
        return None
    known = {"primary": "none"}
    coverage = _coverage(problem, plan)
    return overlay_ledger(result, coverage, {t: known.get(r, r) for t, r in rules.items()})


def _coverage(problem: Problem, plan: Plan) -> pd.DataFrame:
    """Which share of each primary owner's quota comes from units that an overlay covers."""
    covers, ids = problem.covers, problem.owners.ids
    roles = [team.role for team in problem.teams]
    primary = np.array([roles[t] == PRIMARY for t in covers.team.tolist()])
    measure = "sales" if covers.measures["sales"][primary].sum() > 0 else "potential"
    values = covers.measures[measure]
    held = plan.owner >= 0
    totals = np.bincount(
        plan.owner[primary & held], weights=values[primary & held], minlength=len(ids)
    )
    of_unit: dict[int, list[int]] = {}
    for cover in np.flatnonzero(primary & held).tolist():
        of_unit.setdefault(int(covers.unit[cover]), []).append(cover)
    rows: dict[tuple[str, str, str], float] = {}
    for cover in np.flatnonzero(~primary & held).tolist():
        team = problem.teams[int(covers.team[cover])].name
        sellers = of_unit.get(int(covers.unit[cover]), [])
        sold = float(sum(values[s] for s in sellers))
        for seller in sellers:
            owner = int(plan.owner[seller])
            if not sold > 0 or not totals[owner] > 0:
                continue
            # The team's own share of the unit, parted as its primary owners part it.
            part = min(float(values[cover]), sold) * float(values[seller]) / sold
            key = (team, ids[int(plan.owner[cover])], ids[owner])
            rows[key] = rows.get(key, 0.0) + part / float(totals[owner])
    table = [(*key, share) for key, share in sorted(rows.items())]
    return pd.DataFrame(table, columns=["team", "overlay", "owner", "share"])
