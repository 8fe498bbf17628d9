"""Tables of every kind as rows, in the plan currency, and the measures that are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..objective import Objective
from ..rules import Rule
from ..structure import TeamSpec
from ..tables import Table
from .intake import Intake, Rows, check_unique, gather
from .units import in_plan_currency


def gathered(
    tables: Mapping[str, tuple[Table, ...]],
    teams: Sequence[TeamSpec],
    currency: str,
    rates: Mapping[str, float],
    intake: Intake,
) -> dict[str, Rows]:
    """Rows by kind, money in the plan currency; raises where a table cannot be read at all."""
    rows = {kind: gather(several, intake) for kind, several in tables.items()}
    if not all(one.readable for one in rows.values()):
        intake.found.raise_any()
    for name, rate in sorted(rates.items()):
        if not (np.isfinite(rate) and rate > 0):
            intake.found.add("a plan rate must be positive", place="rates", key=name, value=rate)
    money = ("potential", "sales", *_money_columns(teams))
    rows["units"] = in_plan_currency(rows["units"], money, currency, rates, intake)
    rows["reps"] = in_plan_currency(rows["reps"], ("cost",), currency, rates, intake)
    for kind, key in (("units", "unit"), ("reps", "rep")):
        check_unique(rows[kind], key, intake)
    return rows


def _money_columns(teams: Sequence[TeamSpec]) -> tuple[str, ...]:
    """Columns that teams take their own potential and sales from."""
    columns = {
        share for team in teams for share in (team.potential, team.sales) if isinstance(share, str)
    }
    return tuple(sorted(columns - {"potential", "sales"}))


def demanded_measures(
    teams: Sequence[TeamSpec], rules: Sequence[Rule], objective: Objective | None
) -> frozenset[str]:
    """Names of measures that rules, terms and teams ask for."""
    names: set[str] = {getattr(rule, key, "") for rule in rules for key in ("measure", "capacity")}
    for team in teams:
        names |= {str(one) for one in (team.potential, team.sales, team.workload, team.visits)}
    for stage in objective.stages if objective else ():
        names |= {term.name.partition(":")[2] for term in stage.terms}
    return frozenset(names - {""})
