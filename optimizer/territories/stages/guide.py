"""A plan to begin a strict order from: all stages up to the first that knows of places, at once.

The first stages of a strict order (capacity, balance) often have no costs of pairs, so
that all owners look alike to them and a search has nothing to go by. With their prices
made large beside the costs of the first stage that has such costs, one model shows
both: its plans keep what the first stages ask for and lie where the later one wants
them. It is a start only; bounds and values come from the stages themselves.
"""

from __future__ import annotations

import numpy as np

from ....models.objective import Stage, Term
from ....models.problem import Problem
from ....models.terms import stage_terms
from ..model import AssignmentModel
from ..posting import compile_stage

#: How much dearer the whole of a first stage's measures is than the whole travel.
WEIGHT = 30.0


def guide_model(problem: Problem) -> AssignmentModel | None:
    """The combined model, or None where the first stage needs no guide."""
    stages = problem.objective.stages
    if len(stages) < 2:
        return None
    before: list[tuple[Stage, float]] = []
    for stage in stages:
        model = compile_stage(problem, stage)
        size = _typical_cost(model)
        if size > 0:
            break
        before.append((stage, _scale(model)))
    if not before or size <= 0:
        return None
    terms: dict[str, float] = {}
    for position, (earlier, scale) in enumerate(before):
        factor = WEIGHT * size / scale * 3.0 ** (len(before) - 1 - position)
        for term in stage_terms(problem, earlier):
            terms[term.name] = terms.get(term.name, 0.0) + factor * term.weight
    for term in stage_terms(problem, stage):
        terms[term.name] = terms.get(term.name, 0.0) + term.weight
    together = Stage("guide", tuple(Term(name, weight) for name, weight in terms.items()))
    return compile_stage(problem, together)


def _typical_cost(model: AssignmentModel) -> float:
    """Sum over items of what their cheapest pair costs more than nothing."""
    cost = np.where(model.allowed, model.cost, np.inf)
    least = np.minimum.reduceat(cost, model.start) if model.items else cost
    spread = np.where(model.allowed, model.cost, 0.0) - np.repeat(
        np.where(np.isfinite(least), least, 0.0), model.last - model.first
    )
    if not (spread > 0).any():
        return 0.0
    return float(np.maximum(least[np.isfinite(least)], 0.0).sum()) or float(spread.mean())


def _scale(model: AssignmentModel) -> float:
    """Price of the whole of a stage's measures, at least of one thing for each item."""
    whole = sum(r.price * model.total_range(r)[1] for r in model.resources if not r.hard)
    return max(float(whole), 1e-9) if whole > 0 else float(max(model.items, 1))
