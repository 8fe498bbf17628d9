"""Ranks scenarios by the planner's own weights, and says how firm the winner stands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...models.errors import ProblemList, did_you_mean
from ..comparison import UNITS
from ..exports.workbook.ranking import CRITERIA, Criterion
from .reading import StoredScenario

#: Figures of which more is better; of all others less is.
_MORE = {"contribution", "contribution_bound", "expected_sales", "margin", "quota_total"}


@dataclass(frozen=True)
class Firmness:
    """How far one weight may go before another scenario comes first, all others unmoved.

    Parameters
    ----------
    low, high
        The winner stays first for weights between them; ``high`` may be infinite.
    rival_low, rival_high
        Who comes first beyond; empty where nobody does.
    """

    criterion: str
    weight: float
    low: float
    high: float
    rival_low: str
    rival_high: str


@dataclass(frozen=True, eq=False)
class Rank:
    """Scores between 0 and 1, the best first.

    Parameters
    ----------
    scores
        Weighted mean of the scaled figures by scenario, in order of rank.
    scaled
        By scenario and criterion: 1 for the best of the scenarios, 0 for the worst.
    unranked
        Scenarios that lack one of the figures.
    firmness
        One per criterion; empty where there is no contest.
    """

    criteria: tuple[Criterion, ...]
    scores: Mapping[str, float]
    scaled: Mapping[str, Mapping[str, float]]
    unranked: tuple[str, ...]
    firmness: tuple[Firmness, ...]

    @property
    def winner(self) -> str:
        """Who has the highest score; empty where nobody is ranked."""
        return next(iter(self.scores), "")


def criteria_of(weights: Sequence[str]) -> tuple[Criterion, ...]:
    """Criteria from texts ``FIGURE=WEIGHT``; the usual ones where there are none.

    Raises
    ------
    BadInput
        For figures that there are not and weights that are no numbers from 0 up.
    """
    if not weights:
        return CRITERIA
    found = ProblemList("--weight")
    criteria = []
    for text in weights:
        name, _, number = text.partition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = math.nan
        if name not in UNITS:
            found.add(f"there is no such figure; {did_you_mean(name, UNITS)}", value=text)
        elif not 0 <= weight < math.inf:
            found.add("is written FIGURE=WEIGHT, the weight a number from 0 up", value=text)
        else:
            criteria.append(Criterion(name, name.replace("_", " "), name in _MORE, weight))
    if not found and not sum(each.weight for each in criteria):
        found.add("at least one weight must be above 0")
    found.raise_any()
    return tuple(criteria)


def rank(scenarios: Sequence[StoredScenario], criteria: Sequence[Criterion] = CRITERIA) -> Rank:
    """Rank scenarios by weighted figures, each scaled from the worst (0) to the best (1)."""
    used = tuple(
        each for each in criteria if any(each.key in scenario.figures for scenario in scenarios)
    )
    ranked = [s for s in scenarios if s.has_plan and all(c.key in s.figures for c in used)]
    unranked = tuple(s.label for s in scenarios if s not in ranked)
    if not ranked or not used:
        return Rank(used, {}, {}, tuple(s.label for s in scenarios), ())
    scaled: dict[str, dict[str, float]] = {s.label: {} for s in ranked}
    for criterion in used:
        values = {s.label: _size(criterion, s) for s in ranked}
        low, high = min(values.values()), max(values.values())
        for label, value in values.items():
            share = (value - low) / (high - low) if high > low else 1.0
            scaled[label][criterion.key] = share if criterion.more_is_better else 1.0 - share
            if high == low:
                scaled[label][criterion.key] = 1.0
    total = sum(criterion.weight for criterion in used)
    scores = {
        label: sum(c.weight * figures[c.key] for c in used) / total
        for label, figures in scaled.items()
    }
    ordered = dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
    return Rank(used, ordered, scaled, unranked, _firmness(used, ordered, scaled))


def _size(criterion: Criterion, scenario: StoredScenario) -> float:
    """The figure; of one with a sign (a distance from a fair share) its size."""
    value = float(scenario.figures[criterion.key])
    return abs(value) if criterion.key.endswith("_worst") else value


def _firmness(
    criteria: Sequence[Criterion],
    scores: Mapping[str, float],
    scaled: Mapping[str, Mapping[str, float]],
) -> tuple[Firmness, ...]:
    first, *others = scores
    found = []
    for criterion in criteria if others else ():
        low, high, below, above = 0.0, math.inf, "", ""
        for other in others:
            # The lead over the other is linear in one weight, with this slope.
            slope = scaled[first][criterion.key] - scaled[other][criterion.key]
            lead = sum(c.weight * (scaled[first][c.key] - scaled[other][c.key]) for c in criteria)
            if abs(slope) < 1e-12:
                continue
            level = criterion.weight - lead / slope
            if slope > 0 and level > low:
                low, below = level, other
            if slope < 0 and level < high:
                high, above = level, other
        found.append(Firmness(criterion.key, criterion.weight, low, high, below, above))
    return tuple(found)


__all__ = ["CRITERIA", "Criterion", "Firmness", "Rank", "criteria_of", "rank"]
