"""What loosening a rule is worth: solved again with the rule loosened."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...models.plan import Status
from ...models.rules import Coverage, Rule
from ...optimizer.explain.loosening import NUMBERS
from ...optimizer.territories.result import TerritoryResult
from .difference import SAME, Difference, difference_of
from .subject import Subject

#: By which share of itself a number is loosened.
STEP = 0.1


@dataclass(frozen=True, eq=False)
class Loosened:
    """One hard rule, loosened.

    Parameters
    ----------
    setting, old, new
        The number that was loosened; ``hard`` where the rule was left out.
    difference
        From the plan; a negative cost is what the loosening is worth.
    binds
        True where a better plan was found, False where it is proven that there is
        none, None where neither is known.
    """

    rule: str
    setting: str
    old: object
    new: object
    result: TerritoryResult
    difference: Difference
    binds: bool | None


def loosened_rules(subject: Subject) -> tuple[Loosened, ...]:
    """Loosen each hard rule by a tenth, or leave it out where it has no number, and solve.

    Every solve starts from the plan, which keeps the loosened rules too.
    """
    if subject.plan is None:
        return ()
    found = []
    for rule in subject.problem.rules:
        if not rule.hard or isinstance(rule, Coverage):
            continue
        for setting, old, new, rules in _ways(subject, rule):
            problem = subject.problem.replace(rules=rules)
            result = subject.solved(problem, subject.plan)
            if result.plan is None:
                continue
            difference = difference_of(subject, result)
            found.append(
                Loosened(rule.name, setting, old, new, result, difference, _binds(subject, result))
            )
    return tuple(found)


def _ways(subject: Subject, rule: Rule) -> Iterator[tuple[str, object, object, tuple[Rule, ...]]]:
    rules = subject.problem.rules
    numbers = [
        (setting, more)
        for setting, more in NUMBERS.get(type(rule), ())
        if abs(float(getattr(rule, setting))) not in (0.0, float("inf"))
    ]
    for setting, more in numbers:
        old = getattr(rule, setting)
        new = old + 1 if isinstance(old, int) and more else old * (1 + STEP if more else 1 - STEP)
        new = new if isinstance(old, int) else float(f"{new:.6g}")
        if setting in ("share", "tolerance"):
            new = min(new, 1.0)
        changed: dict[str, Any] = {setting: new}
        looser = dataclasses.replace(rule, **changed)
        yield setting, old, new, tuple(looser if each is rule else each for each in rules)
    if not numbers:
        soft = dataclasses.replace(rule, hard=False)
        yield "hard", True, False, tuple(soft if each is rule else each for each in rules)


def _binds(subject: Subject, result: TerritoryResult) -> bool | None:
    if subject.evaluation is None:
        return None
    for stage in result.stages:
        mine = subject.evaluation.objectives[stage.name]
        its = stage.objective
        slack = SAME * max(1.0, abs(mine))
        if its is None:
            return None
        if its < mine - slack:
            return True
        if its > mine + slack or stage.status is not Status.OPTIMAL:
            return None
    return False
