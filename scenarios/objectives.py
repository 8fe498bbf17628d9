"""``objective:`` becomes the stages that a plan is judged by."""

from __future__ import annotations

from collections.abc import Mapping

from ..models.errors import BadInput, InputProblem, did_you_mean
from ..models.objective import Objective, Stage, Term
from ..models.problem import Problem
from ..models.rules import Balance
from ..models.terms import MEASURE_TERMS, PLAIN_TERMS, default_objective, term_problem
from ..models.totals import PAIR_MEASURES, cover_values, is_measure
from .files.sections import ObjectiveSettings

#: Words of ``order:`` that stand for whole stages.
WORDS = ("capacity", "balance", "travel", "disruption")

Stages = tuple[tuple[str, Mapping[str, float]], ...]


def build_objective(settings: ObjectiveSettings, problem: Problem) -> Objective:
    """Make the objective of a problem that has its rules already.

    Raises
    ------
    BadInput
        For words and terms that there are not.
    """
    stages: Stages
    if settings.weights is not None:
        stages = (("total", settings.weights),)
    elif settings.stages is not None:
        stages = tuple(settings.stages.items())
    else:
        stages = _ordered(settings.order or WORDS, problem)
    unknown = [
        InputProblem("problem", f"objective {name}", term, "", f"{message}; {_near(term, problem)}")
        for name, terms in stages
        for term in terms
        if (message := term_problem(problem, term)) and "is hard" not in message
    ]
    unknown += [
        InputProblem(
            "problem",
            "objective tolerance",
            name,
            "",
            f"there is no stage {name!r}; {did_you_mean(name, [stage for stage, _ in stages])}",
        )
        for name in settings.tolerance
        if name not in dict(stages)
    ]
    if unknown:
        raise BadInput(unknown)
    return Objective(
        tuple(
            Stage(
                name,
                tuple(Term(term, weight) for term, weight in terms.items()),
                settings.tolerance.get(name, 0.0),
            )
            for name, terms in stages
        )
    )


def _ordered(order: tuple[str, ...], problem: Problem) -> Stages:
    """Stages of a strict order; a word whose rules are all hard has nothing left to do."""
    totals = {
        rule.measure: total
        for rule in problem.rules
        if isinstance(rule, Balance) and (total := _total(problem, rule.measure)) > 0
    }
    known = {
        stage.name: {term.name: term.weight for term in stage.terms}
        for stage in default_objective(problem.rules, totals).stages
    }
    stages: list[tuple[str, Mapping[str, float]]] = []
    for word in order:
        if word in WORDS:
            if word in known:
                stages.append((word, known[word]))
        else:
            stages.append((word, {word: 1.0}))
    return tuple(stages)


def _total(problem: Problem, measure: str) -> float:
    """Scale of a measure, for adding up unlike ones; load counts by its hours with customers."""
    if measure in PAIR_MEASURES:
        return float(problem.covers.workload.sum())
    if not is_measure(problem, measure):
        return 0.0
    return float(cover_values(problem, measure).sum())


def _near(term: str, problem: Problem) -> str:
    kinds = [f"{kind}:sales" for kind in MEASURE_TERMS]
    rules = [f"rule:{rule.name}" for rule in problem.rules if not rule.hard]
    return did_you_mean(term, [*WORDS, *PLAIN_TERMS, *kinds, *rules])
