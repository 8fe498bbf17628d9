"""A plan chosen for several futures at once (sample average approximation).

What soft rules on totals cost on average over the samples takes the place of what they
cost as planned, stage by stage and price by price; a hard rule stays hard as planned,
and what breaks it in the samples, on average, becomes a stage before all others
(Kleywegt, Shapiro and Homem-de-Mello, SIAM Journal on Optimization 12(2), 2002).
Positions that are left are not part of it: who leaves is known to nobody.
"""

from __future__ import annotations

from dataclasses import replace

from ...models.objective import Objective, Stage, Term
from ...models.problem import Problem
from ...models.rules import Balance, Capacity, MeasureRange, Overnights
from ...models.rules.limits import TotalsRule
from ...models.rules.sampled import Future, UnderFuture
from ...models.totals import MONEY_MEASURES, PAIR_MEASURES, cover_values
from .futures import Futures

#: Name of the stage that asks for hard rules in the samples.
STAGE = "samples"


def problem_for_samples(problem: Problem, futures: Futures) -> Problem:
    """The problem whose soft rules on totals are asked for on average over futures.

    Raises
    ------
    ValueError
        When no rule of the problem depends on what scatters.
    """
    concerned = [
        rule for rule in problem.rules if isinstance(rule, TotalsRule) and _scatters(rule, futures)
    ]
    if not concerned:
        raise ValueError("no rule on load, travel, potential or sales: nothing to choose for")
    unit = 1.0 / len(futures)
    sampled = [
        UnderFuture(
            name=_name(rule, number),
            rule=replace(rule, hard=True, price=0.0),
            future=future,
            hard=False,
            price=rule.price * unit,
        )
        for rule in concerned
        for number, future in enumerate(_each(futures))
    ]
    rules = tuple(replace(r, price=0.0) if r in concerned else r for r in problem.rules)
    names = {
        f"rule:{rule.name}": [f"rule:{_name(rule, k)}" for k in range(len(futures))]
        for rule in concerned
    }
    hard = [rule for rule in concerned if rule.hard]
    before = tuple(
        Term(f"rule:{_name(rule, k)}", unit / _size(problem, rule))
        for rule in hard
        for k in range(len(futures))
    )
    stages = [_averaged(stage, names, unit) for stage in problem.objective.stages]
    return problem.replace(
        rules=(*rules, *sampled),
        objective=Objective(((Stage(STAGE, before),) if before else ()) + tuple(stages)),
    )


def _scatters(rule: TotalsRule, futures: Futures) -> bool:
    if isinstance(rule, Capacity | Overnights):
        return True
    if not isinstance(rule, Balance | MeasureRange):
        return False
    follows = futures.spread.workload_follows > 0 and rule.measure in ("workload", "visits")
    return rule.measure in (*PAIR_MEASURES, *MONEY_MEASURES) or follows


def _each(futures: Futures) -> list[Future]:
    workload = futures.workload()
    return [
        Future(futures.potential[k], workload[k], futures.minutes[k], float(futures.kilometres[k]))
        for k in range(len(futures))
    ]


def _name(rule: TotalsRule, number: int) -> str:
    return f"{rule.name} in sample {number + 1}"


def _averaged(stage: Stage, names: dict[str, list[str]], unit: float) -> Stage:
    terms: list[Term] = []
    for term in stage.terms:
        sampled = names.get(term.name)
        terms += [Term(n, term.weight * unit) for n in sampled] if sampled else [term]
    return replace(stage, terms=tuple(terms))


def _size(problem: Problem, rule: TotalsRule) -> float:
    """What the rule's measure adds up to, so that rules can be added up."""
    measure = rule.measured
    if measure == "load":
        measure = "workload"
    if measure in PAIR_MEASURES:
        return 1.0
    return float(cover_values(problem, measure).sum()) or 1.0
