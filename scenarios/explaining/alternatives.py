"""What it would cost to give a unit to another rep: solved again, with a lock."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...models.errors import BadInput, InputProblem, did_you_mean
from ...models.placement import free_owners, placed
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.rules import Lock
from ...optimizer.territories.result import TerritoryResult
from .difference import Difference, difference_of
from .subject import Subject

#: Other reps that are tried where none is named.
MOST_OTHERS = 3
_LOCK = "asked for"


@dataclass(frozen=True, eq=False)
class Alternative:
    """The best plan found in which another rep has the unit.

    Parameters
    ----------
    result
        Of the solve with the lock; its bound holds for every such plan.
    difference
        From the plan; None where there is no such plan, or none was found.
    """

    team: str
    unit: str
    rep: str
    is_incumbent: bool
    result: TerritoryResult
    difference: Difference | None


def unit_alternatives(subject: Subject, unit: str, rep: str = "") -> tuple[Alternative, ...]:
    """Solve again with the unit locked to another rep, from the plan with that one change.

    Bases that were free stay where the plan put them: with them free, alike reps could
    swap names, and the answer would be nothing.

    Parameters
    ----------
    rep
        Whom to give it; otherwise its incumbent and the nearest others are tried.

    Raises
    ------
    BadInput
        For unknown units and reps, and where the scenario has no plan.
    """
    subject = _with_bases(subject)
    problem, plan = subject.problem, subject.plan
    if unit not in problem.covers_of_whole:
        near = did_you_mean(unit, problem.covers_of_whole)
        raise _problem("--unit", unit, f"there is no such unit; {near}")
    if rep and rep not in problem.owner_index:
        near = did_you_mean(rep, problem.owner_index)
        raise _problem("--rep", rep, f"there is no such rep; {near}")
    if plan is None:
        raise _problem("--unit", unit, f"scenario {subject.name} has no plan to explain")
    found = [
        _alternative(subject, plan, unit, team, covers, owner)
        for team, covers in _by_team(problem, unit).items()
        for owner in _others(problem, plan, team, covers, rep)
    ]
    if rep and not found:
        owner = problem.owner_index[rep]
        covers = _by_team(problem, unit).get(int(problem.owners.team[owner]), [])
        if not covers:
            raise _problem("--rep", rep, f"{rep} is of no team that covers unit {unit}")
    return tuple(found)


def _with_bases(subject: Subject) -> Subject:
    """The same, every base where the plan has it."""
    if subject.plan is None or not len(free_owners(subject.problem)):
        return subject
    problem = placed(subject.problem, subject.plan)
    plan = Plan(subject.plan.owner)
    return replace(subject, scenario=replace(subject.scenario, problem=problem), plan=plan)


def _by_team(problem: Problem, unit: str) -> dict[int, list[int]]:
    covers: dict[int, list[int]] = {}
    for cover in problem.covers_of_whole[unit]:
        covers.setdefault(int(problem.covers.team[cover]), []).append(cover)
    return covers


def _others(problem: Problem, plan: Plan, team: int, covers: list[int], rep: str) -> list[int]:
    """Owners to try: the one asked for; else the incumbent, then by time on the road."""
    now = set(plan.owner[covers].tolist())
    whole = len(now) == 1
    if rep:
        owner = problem.owner_index[rep]
        mine = int(problem.owners.team[owner]) == team
        return [owner] if mine and not (whole and owner in now) else []
    span = problem.teams[team]
    row = covers[0] - span.covers.start
    minutes = span.minutes[row]
    order = [span.owners.start + int(column) for column in np.argsort(minutes, kind="stable")]
    held = problem.owners.holds_territory
    near = [owner for owner in order if held[owner] and not (whole and owner in now)]
    incumbent = int(problem.covers.incumbent[covers[0]])
    first = [incumbent] if incumbent in near else []
    return [*first, *(owner for owner in near if owner not in first)][:MOST_OTHERS]


def _alternative(
    subject: Subject, plan: Plan, unit: str, team: int, covers: list[int], owner: int
) -> Alternative:
    problem = subject.problem
    rep = problem.owners.ids[owner]
    lock = Lock(name=_LOCK, owners={unit: rep})
    locked = problem.replace(rules=(*problem.rules, lock))
    start = plan.owner.copy()
    start[covers] = owner
    result = subject.solved(locked, Plan(start, plan.centres))
    difference = None
    if result.plan is not None and subject.evaluation is not None:
        difference = difference_of(subject, result)
    incumbent = problem.covers.incumbent_ids[covers[0]] == rep
    return Alternative(problem.teams[team].name, unit, rep, incumbent, result, difference)


def _problem(key: str, value: str, message: str) -> BadInput:
    return BadInput([InputProblem("teig explain", "", key, value, message)])
