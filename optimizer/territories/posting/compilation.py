"""From a stage of the objective to its model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ....models.objective import Stage
from ....models.problem import Problem
from ....models.rules import Compactness, Coverage, Lock, Rule
from ....models.terms import LARGEST_TERMS, stage_terms
from ..model import AssignmentModel, EarlierLimit
from .draft import Draft
from .rules import POSTS
from .shapes import post_compactness
from .terms import post_term


def compile_stage(
    problem: Problem, stage: Stage, earlier: tuple[tuple[Stage, float], ...] = ()
) -> AssignmentModel:
    """Compile one stage: hard rules, the stage's terms, and limits from earlier stages.

    Parameters
    ----------
    earlier
        Stages already solved, each with the largest value that it may take now.
        Where that is 0 the stage's rules are posted hard; else, or where the stage
        has other terms than rules, the model carries an :class:`EarlierLimit`.
    """
    hardened = {
        term.name.removeprefix("rule:")
        for before, limit in earlier
        for term in stage_terms(problem, before)
        if term.name.startswith("rule:") and limit <= 0.0 and term.weight > 0
    }
    draft = _started(problem)
    prices = {term.name: term.weight for term in stage_terms(problem, stage)}
    _post(draft, prices, hardened, hard=True)
    _limit_largest(draft, problem, earlier)
    limits = []
    for before, limit in earlier:
        terms = {term.name: term.weight for term in stage_terms(problem, before)}
        if limit <= 0.0 and all(name.startswith("rule:") for name in terms):
            continue
        if len(terms) == 1 and next(iter(terms)) in LARGEST_TERMS:
            continue
        priced = _started(problem)
        _post(priced, terms, hardened, hard=False)
        priced.together = draft.together
        limits.append(EarlierLimit(before.name, priced.model(), limit))
    return replace(draft.model(), earlier=tuple(limits))


def _limit_largest(
    draft: Draft, problem: Problem, earlier: tuple[tuple[Stage, float], ...]
) -> None:
    """Hold what counts by its largest value below what an earlier stage leaves for it."""
    for before, limit in earlier:
        for term in stage_terms(problem, before):
            if term.name in LARGEST_TERMS and term.weight > 0:
                most = limit / term.weight
                if term.name == "farthest_km":
                    draft.forbid(before.name, draft.kilometres() > most + 1e-9 * max(1.0, most))
                else:
                    within = Compactness(name=before.name, maximum_diameter=max(most, 0.0))
                    post_compactness(within, draft, np.inf)


def compile_rules(problem: Problem) -> AssignmentModel:
    """Compile the hard rules alone, without an objective."""
    draft = _started(problem)
    _post(draft, {}, set(), hard=True)
    return draft.model()


def _started(problem: Problem) -> Draft:
    draft = Draft(problem)
    for rule in problem.rules:
        if isinstance(rule, Lock):
            for unit, owner in sorted(rule.owners.items()):
                index = problem.owner_index[owner]
                draft.locked.update((c, index) for c in rule.covers(problem, unit, owner))
    return draft


def _post(draft: Draft, prices: dict[str, float], hardened: set[str], *, hard: bool) -> None:
    """Post rules and terms with their prices; without ``hard`` only what is soft by then."""
    problem = draft.problem
    covered = any(rule.kind == Coverage.kind for rule in problem.rules)
    for rule in problem.rules if covered else (*problem.rules, Coverage()):
        price = _price(rule, prices, hardened)
        if price > 0 and (hard or np.isfinite(price)):
            POSTS[rule.kind](rule, draft, price)
    for name, weight in prices.items():
        if not name.startswith("rule:") and weight > 0:
            post_term(draft, name, weight)


def _price(rule: Rule, prices: dict[str, float], hardened: set[str]) -> float:
    if rule.hard or rule.name in hardened:
        return float("inf")
    return prices.get(f"rule:{rule.name}", 0.0)
