"""A smallest set of rules that cannot hold together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from ...models.evaluation import evaluate
from ...models.objective import Objective
from ...models.plan import Plan, Status
from ...models.problem import Problem
from ...models.rules import Coverage, Rule
from ..territories.exact import Effort, solve_exact
from ..territories.posting import compile_rules

#: Deterministic time for each of the solves.
WORK_PER_SOLVE = 5.0


def conflicting_rules(
    problem: Problem, stop: Callable[[], bool] = lambda: False
) -> tuple[Rule, ...] | None:
    """Hard rules that cannot hold together while any of them left out can.

    Each rule in turn is left out for good where the rest is still proven infeasible
    (a deletion filter). Coverage always stays and is not named.

    Returns
    -------
    The rules in the problem's order, or None where the limits came first: then
    nothing is proven.
    """
    rules = [rule for rule in problem.rules if rule.hard and not isinstance(rule, Coverage)]
    if _status(problem, rules) is not Status.INFEASIBLE:
        return None
    for rule in list(rules):
        if stop():
            break
        fewer = [other for other in rules if other is not rule]
        if _status(problem, fewer) is Status.INFEASIBLE:
            rules = fewer
    return tuple(rules)


def _status(problem: Problem, rules: list[Rule]) -> Status:
    objective = Objective.weighted({"travel_hours": 0.0})
    model = compile_rules(problem.replace(rules=tuple(rules), objective=objective))
    return solve_exact(model, Effort(work=WORK_PER_SOLVE)).status


def broken_texts(problem: Problem, plan: Plan) -> tuple[str, ...]:
    """What a plan that breaks hard rules breaks of each, in the rule's own unit."""
    hard = {rule.name for rule in problem.rules if rule.hard} | {Coverage.kind}
    sums: dict[tuple[str, str], float] = {}
    for each in evaluate(problem, plan).violations:
        if each.rule in hard:
            key = (each.rule, each.unit)
            sums[key] = sums.get(key, 0.0) + each.amount
    return tuple(
        f"the nearest plan found breaks {rule} by {amount:,.{0 if amount >= 1000 else 1}f} {unit}"
        for (rule, unit), amount in sums.items()
    )


def describe(rule: Rule) -> str:
    """A rule for people: its name and what of it was set.

    >>> from teig.models.rules import Balance
    >>> describe(Balance(name="fair", measure="sales"))
    'fair (balance: measure sales)'
    """
    said = []
    for field in dataclasses.fields(rule):
        value = getattr(rule, field.name)
        if field.name in ("name", "hard", "price") or value in (field.default, (), {}):
            continue
        if field.default_factory is not dataclasses.MISSING and value == field.default_factory():
            continue
        said.append(f"{field.name} {_short(value)}")
    kind = rule.kind if rule.kind != rule.name else ""
    inside = ": ".join(part for part in (kind, ", ".join(said)) if part)
    return f"{rule.name} ({inside})" if inside else rule.name


def _short(value: object) -> str:
    if isinstance(value, dict) or hasattr(value, "items"):
        pairs = [f"{key} → {entry}" for key, entry in sorted(value.items())]
        return ", ".join(pairs[:3]) + (f" and {len(pairs) - 3} more" if len(pairs) > 3 else "")
    if isinstance(value, tuple):
        parts = [" and ".join(p) if isinstance(p, tuple) else str(p) for p in value]
        return ", ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")
    return str(value)
