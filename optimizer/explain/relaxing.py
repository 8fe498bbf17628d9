"""The smallest change of a planner's rules that lets a plan exist, proven by such a plan."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...models.objective import Objective
from ...models.placement import free_owners, placed
from ...models.plan import Plan, Status
from ...models.problem import Problem
from ...models.rules import Coverage, Rule
from ..territories.exact import Effort, solve_exact
from ..territories.posting import compile_rules
from .demands import NOTHING, Demand
from .infeasible import WORK_PER_SOLVE, Conflict, smallest_conflict
from .loosening import (
    COUNTS,
    ENTRY,
    NUMBERS,
    PRECISION,
    SOFT,
    Loosening,
    entry_of,
    loosened,
    loosest,
    rounded,
    set_to,
    without_entry,
)

#: What free bases are placed by where only a plan is asked for, and how long, as a
#: share of the usual work for each unit of deterministic time.
NEAREST = Objective.weighted({"travel_km": 1.0})
PLACING_WORK = 0.05
#: How long a plan is searched that breaks one limit as little as possible, likewise.
NEAREST_WORK = 0.05

_MOST_SOLVES = 10
_MOST_CONFLICTS = 8


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Changes that together let a plan exist.

    Parameters
    ----------
    changes
        One after another; each the smallest of its conflict.
    instead
        For each change, what would do in its place.
    conflicts
        The conflict that each change solves.
    plan
        A plan that keeps the changed rules, checked; None where none was found.
    """

    changes: tuple[Loosening, ...]
    instead: tuple[tuple[Loosening, ...], ...]
    conflicts: tuple[Conflict, ...]
    plan: Plan | None


def smallest_relaxation(
    problem: Problem,
    first: Conflict | None = None,
    *,
    work: float = WORK_PER_SOLVE,
    stop: Callable[[], bool] = lambda: False,
) -> Relaxation:
    """Loosen one rule of each conflict, as little as will do, until there is a plan.

    Every rule of a conflict is tried alone, with all others kept: by how much would it
    have to give? The smallest share of its own size wins; see :data:`ENTRY` for what
    cannot be loosened by degrees.
    """
    steps: list[_Step] = []
    whole = problem
    conflict = first or smallest_conflict(problem, work=work, stop=stop)
    while conflict is not None and conflict.demands and len(steps) < _MOST_CONFLICTS:
        search = _Search(problem, work, stop)
        options = search.options(conflict, problem.rules)
        if not options:
            # Something else stands in the way too: settle this conflict by itself.
            own = tuple({id(d.part): d.part for d in conflict.demands}.values())
            options = search.options(conflict, own)
        if not options:
            options = [_given_up(demand) for demand in conflict.demands]
        if stop():
            break
        options.sort(key=lambda each: each.size)
        steps.append(_Step(options[0], tuple(options[1:]), conflict))
        problem = with_changes(problem, options[:1])
        plan = search.plan_of(options[0], problem.rules)
        if plan is not None:
            return _without_needless(whole, steps, plan, search)
        conflict = smallest_conflict(problem, work=work, stop=stop)
    return _relaxation(steps, None)


@dataclass(frozen=True, eq=False)
class _Step:
    change: Loosening
    instead: tuple[Loosening, ...]
    conflict: Conflict


def _relaxation(steps: Sequence[_Step], plan: Plan | None) -> Relaxation:
    return Relaxation(
        tuple(step.change for step in steps),
        tuple(step.instead for step in steps),
        tuple(step.conflict for step in steps),
        plan,
    )


def _without_needless(
    problem: Problem, steps: list[_Step], plan: Plan, search: _Search
) -> Relaxation:
    """Take back changes that later ones made needless."""
    for step in list(steps):
        fewer = [other for other in steps if other is not step]
        found = search.plan(with_changes(problem, [each.change for each in fewer]).rules)
        if found is not None:
            steps, plan = fewer, found
    return _relaxation(steps, plan)


def with_changes(problem: Problem, changes: Sequence[Loosening]) -> Problem:
    """The problem with loosened rules in place of the rules of their names."""
    rules = list(problem.rules)
    for change in changes:
        rules = [loosened(rule, change) if rule.name == change.rule else rule for rule in rules]
    return problem.replace(rules=tuple(rules), objective=NOTHING)


class _Search:
    def __init__(self, problem: Problem, work: float, stop: Callable[[], bool]) -> None:
        self.problem, self.work, self.stop = problem, work, stop
        self.open = False
        self.found: list[tuple[Loosening, Plan]] = []

    def plan_of(self, change: Loosening, rules: Sequence[Rule]) -> Plan | None:
        """A plan that keeps the rules with a change: the one that showed it to do, or a new one."""
        hard = (*(rule for rule in rules if rule.hard), Coverage())
        for known, plan in self.found:
            where = placed(self.problem, plan)
            if known == change and not any(rule.check(where, plan) for rule in hard):
                return plan
        return self.plan(rules)

    def plan(self, rules: Sequence[Rule]) -> Plan | None:
        """A plan that keeps the hard rules, checked by the rules themselves."""
        self.open = False
        hard = tuple(rule for rule in rules if rule.hard)
        problem = self.problem.replace(rules=hard, objective=NOTHING)
        if len(free_owners(problem)):
            return self._placed_plan(problem)
        model = compile_rules(problem)
        found = solve_exact(model, Effort(work=self.work), stop=self.stop)
        self.open = found.owners is None and found.status is not Status.INFEASIBLE
        if found.owners is None:
            return None
        plan = Plan(model.cover_owners(found.owners))
        checks = (*hard, Coverage())
        return None if any(rule.check(problem, plan) for rule in checks) else plan

    def _placed_plan(self, problem: Problem) -> Plan | None:
        """A plan with a place for every free base; that none is found proves nothing."""
        from ..territories.solve import solve_territories

        nearest = problem.replace(objective=NEAREST)
        found = solve_territories(nearest, work=PLACING_WORK * self.work)
        self.open = found.status is not Status.INFEASIBLE
        feasible = found.evaluation is not None and found.evaluation.feasible
        return found.plan if feasible else None

    def options(self, conflict: Conflict, rules: Sequence[Rule]) -> list[Loosening]:
        """What each rule of a conflict would have to give, the other rules kept."""
        found: list[Loosening] = []
        names = {rule.name for rule in rules}
        seen: set[str] = set()
        for demand in conflict.demands:
            # A number of a rule is the same for all of its demands; entries are their own.
            which = demand.part.name if entry_of(demand.part) else demand.rule.name
            if which in seen:
                continue
            seen.add(which)
            # Among the parts of a conflict the rule goes by the name of its part.
            rule = demand.rule if demand.rule.name in names else demand.part
            for one, plan in self._of(rule, demand.part, rules):
                found.append(dataclasses.replace(one, rule=demand.rule.name))
                self.found.append((found[-1], plan))
        return found

    def _of(self, rule: Rule, part: Rule, rules: Sequence[Rule]) -> list[tuple[Loosening, Plan]]:
        numbers = NUMBERS.get(type(rule), ())
        found = [
            loosening
            for setting, more in numbers
            if (loosening := self._number(rule, setting, more, rules)) is not None
        ]
        entry = entry_of(part)
        if entry is not None and rule is not part:
            setting, old = entry
            changed = without_entry(rule, setting, old)
            taken_out = Loosening(rule.name, setting, old, None, None, ENTRY)
            found += self._tried(taken_out, _replaced(rules, rule, changed))
        elif entry is not None:
            taken_out = Loosening(rule.name, *entry, None, None, ENTRY)
            found += self._tried(taken_out, [each for each in rules if each is not rule])
        if not found:
            soft = dataclasses.replace(rule, hard=False)
            no_longer_hard = Loosening(rule.name, "hard", True, False, None, SOFT)
            found += self._tried(no_longer_hard, _replaced(rules, rule, soft))
        return found

    def _tried(self, change: Loosening, rules: Sequence[Rule]) -> list[tuple[Loosening, Plan]]:
        plan = self.plan(rules)
        return [] if plan is None else [(change, plan)]

    def _number(
        self, rule: Rule, setting: str, more: bool, rules: Sequence[Rule]
    ) -> tuple[Loosening, Plan] | None:
        """Smallest change of one number that lets a plan exist, by halving."""
        old = float(getattr(rule, setting))
        if not math.isfinite(old):
            return None
        free = set_to(rule, setting, loosest(rule, setting, more))
        best = self.plan(_replaced(rules, rule, free))
        if best is None:
            return None
        whole = setting in COUNTS
        impossible, possible = old, self._needed(rule, setting, more, best)
        for _ in range(_MOST_SOLVES):
            close = abs(possible - impossible) <= max(PRECISION * abs(possible - old), 1e-9)
            if close or (whole and abs(possible - impossible) <= 1) or self.stop():
                break
            middle = (possible + impossible) / 2
            tried = int(middle) if whole else middle
            changed = set_to(rule, setting, tried)
            plan = self.plan(_replaced(rules, rule, changed))
            if plan is None and self.open:
                plan = self._nearest(_replaced(rules, rule, changed), changed, best)
                if plan is None or self._breaks(rule, setting, _less(possible, old), plan):
                    break
            if plan is None:
                impossible = float(tried)
            else:
                best, possible = plan, self._needed(rule, setting, more, plan)
        new = int(possible) if whole else possible
        size = abs(new - old) / max(abs(old), 1e-9) if old else abs(new - old)
        return Loosening(rule.name, setting, old, new, impossible, size), best

    def _nearest(self, rules: Sequence[Rule], wished: Rule, start: Plan) -> Plan | None:
        """A plan that keeps all rules and breaks one as little as a search gets it to.

        Where exact solving leaves open whether a limit can be kept, a plan that nearly
        keeps it shows that less loosening will do.
        """
        from ..territories.solve import solve_territories

        if len(free_owners(self.problem)):
            return None
        others = [rule for rule in rules if rule.hard and rule is not wished]
        soft = dataclasses.replace(wished, hard=False)
        problem = self.problem.replace(
            rules=(*others, soft), objective=Objective.weighted({f"rule:{soft.name}": 1.0})
        )
        found = solve_territories(problem, work=NEAREST_WORK * self.work, start=start)
        feasible = found.evaluation is not None and found.evaluation.feasible
        return found.plan if feasible else None

    def _needed(self, rule: Rule, setting: str, more: bool, plan: Plan) -> float:
        """The tightest number that a plan keeps, rounded to where it surely does."""
        kept = float(loosest(rule, setting, more))
        broken = float(getattr(rule, setting))
        if setting in COUNTS:
            while broken < kept and self._breaks(rule, setting, int(broken), plan):
                broken += 1
            return broken
        for _ in range(60):
            middle = (kept + broken) / 2
            if self._breaks(rule, setting, middle, plan):
                broken = middle
            else:
                kept = middle
        return rounded(kept, broken, more)

    def _breaks(self, rule: Rule, setting: str, value: float, plan: Plan) -> bool:
        return bool(set_to(rule, setting, value).check(placed(self.problem, plan), plan))


def _less(possible: float, old: float) -> float:
    """A number that asks for noticeably less change than one that is known to do."""
    return possible - PRECISION * (possible - old)


def _replaced(rules: Sequence[Rule], old: Rule, new: Rule) -> list[Rule]:
    return [new if rule is old else rule for rule in rules]


def _given_up(demand: Demand) -> Loosening:
    """Take a demand's entry out, or make its rule soft: that ends the conflict in any case."""
    entry = entry_of(demand.part)
    if entry is None:
        return Loosening(demand.rule.name, "hard", True, False, None, SOFT)
    return Loosening(demand.rule.name, *entry, None, None, ENTRY)
