"""Which setting moves which figure by how much, where gaps allow to tell that apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from ..models.plan import Status
from ..models.terms import stage_terms
from .comparison import stage_unit
from .results import RunResult, ScenarioResult
from .sweeping import Sweep

CONTRIBUTION = "contribution"
COLUMNS = (
    "figure", "unit", "setting", "lowest_at", "lowest", "highest_at", "highest", "effect",
)  # fmt: skip
#: Share of a value within which two are the same.
_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Tornado:
    """The table of a sensitivity, and what it leaves out.

    Parameters
    ----------
    table
        Columns :data:`COLUMNS`, figure by figure from the smallest effect to the largest.
    left_out
        Pairs of a figure and a setting whose values differ by less than gaps leave open.
    """

    table: pd.DataFrame
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Reading:
    """A figure at one value of a setting: what the plan has, and where the best plan lies."""

    at: str
    value: float
    low: float
    high: float
    result: ScenarioResult
    unit: str


def tornado(sweep: Sweep, result: RunResult) -> Tornado:
    """Put the effects of a one-at-a-time sweep in order.

    A figure is the value of a stage, or the contribution: these have bounds, so that the
    best plan's value is known to lie between plan and bound. An effect counts only where
    these ranges are apart for two values of the setting, or the plan is the same and the
    figure differs all the same. The range of a stage says nothing where a stage before
    it is not proven optimal, or where the setting changes what the stage measures.
    """
    rows: list[tuple[object, ...]] = []
    left_out = []
    for axis in sweep.axes:
        points = [
            (point[axis.path], result[name])
            for name, point in sweep.points.items()
            if set(point) == {axis.path}
        ]
        for figure in _figures([each for _, each in points]):
            readings = [r for at, each in points if (r := _reading(figure, at, each)) is not None]
            if len(readings) < 2:
                continue
            low = min(readings, key=lambda reading: reading.value)
            high = max(readings, key=lambda reading: reading.value)
            if _same(low.value, high.value):
                continue
            if _apart(low, high):
                effect = high.value - low.value
                row = (figure, low.unit, axis.path, low.at, low.value, high.at, high.value, effect)
                rows.append(row)
            else:
                left_out.append((figure, axis.path))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = {figure: place for place, figure in enumerate(dict.fromkeys(table["figure"]))}
    place = table["figure"].map(order)
    table = table.iloc[np.lexsort((table["setting"], table["effect"], place))]
    return Tornado(table.reset_index(drop=True), tuple(left_out))


def _figures(results: Sequence[ScenarioResult]) -> list[str]:
    """Stages that measure the same in all results, and the contribution where all have it."""
    found = []
    for stage in results[0].problem.objective.stages:
        measured = [_measured_by(each, stage.name) for each in results]
        if all(one == other for one, other in combinations(measured, 2)):
            found.append(stage.name)
    if all(each.money is not None for each in results):
        found.append(CONTRIBUTION)
    return found


def _measured_by(result: ScenarioResult, name: str) -> object:
    """What a stage adds up, rules with their settings."""
    rules = {f"rule:{rule.name}": rule for rule in result.problem.rules}
    for stage in result.problem.objective.stages:
        if stage.name == name:
            terms = stage_terms(result.problem, stage)
            return [(term.name, term.weight, rules.get(term.name)) for term in terms]
    return None


def _reading(figure: str, at: str, result: ScenarioResult) -> _Reading | None:
    """The figure of a result; None where it has none, or nothing is known of the best plan."""
    if figure == CONTRIBUTION:
        money = result.money
        if money is None:
            return None
        unit = f"{money.currency}/year"
        value = money.contribution
        return _Reading(at, value, value, max(money.bound, value), result, unit)
    for stage in result.stages:
        if stage.name == figure:
            if stage.objective is None or stage.bound is None or not math.isfinite(stage.bound):
                return None
            unit = stage_unit(result, figure)
            return _Reading(at, stage.objective, stage.bound, stage.objective, result, unit)
        if stage.status is not Status.OPTIMAL:
            return None
    return None


def _apart(low: _Reading, high: _Reading) -> bool:
    plans = low.result.plan, high.result.plan
    if plans[0] is not None and plans[1] is not None:
        one, other = plans[0].owner, plans[1].owner
        if one.shape == other.shape and (one == other).all():
            return True
    return low.high < high.low and not _same(low.high, high.low)


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_SAME, abs_tol=_SAME)
