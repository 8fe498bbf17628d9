"""The smallest change of a planner's rules that lets a plan exist, proven by such a plan."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...models.objective import Objective
from ...models.placement import free_owners, placed
from ...models.plan import Plan, Status
from ...models.problem import Problem
from ...models.rules import (
    Balance,
    Capacity,
    Compactness,
    Coverage,
    DisruptionCap,
    Forbid,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    MeasureRange,
    Overnights,
    Rule,
    Splits,
)
from ..territories.exact import Effort, solve_exact
from ..territories.posting import compile_rules
from .demands import NOTHING, Demand
from .infeasible import WORK_PER_SOLVE, Conflict, smallest_conflict

#: Limits that can be loosened by degrees: setting, and whether more of it is looser.
NUMBERS: dict[type[Rule], tuple[tuple[str, bool], ...]] = {
    Capacity: (("limit", True),),
    Balance: (("tolerance", True),),
    MeasureRange: (("minimum", False), ("maximum", True)),
    Overnights: (("maximum", True),),
    DisruptionCap: (("share", True),),
    MaximumDistance: (("kilometres", True), ("minutes", True)),
    Compactness: (("maximum_diameter", True),),
    Splits: (("maximum_owners", True),),
}

#: Those that are whole numbers.
_COUNTS = ("maximum_owners",)

#: Settings whose entries are demands of their own.
ENTRIES = ("owners", "pairs", "groups", "parents")

#: What taking out one entry, or making a whole rule soft, counts beside loosening a
#: limit by its own size.
ENTRY, SOFT = 0.25, 1.0

#: A loosened limit is closer than this share of its change to one that is proven
#: impossible.
PRECISION = 0.02
#: What free bases are placed by where only a plan is asked for, and how long, as a
#: share of the usual work for each unit of deterministic time.
NEAREST = Objective.weighted({"travel_km": 1.0})
PLACING_WORK = 0.05

_MOST_SOLVES = 10
_MOST_CONFLICTS = 8


@dataclass(frozen=True)
class Loosening:
    """One rule, said otherwise.

    Parameters
    ----------
    setting
        ``limit``, ``tolerance`` … for a number; ``owners``, ``pairs``, ``groups`` or
        ``parents`` for an entry that is taken out; ``hard`` for a rule made soft.
    old, new
        Numbers of the setting; for an entry, the entry and None.
    impossible
        A number between old and new that is proven not to do, the nearest one known.
    size
        Change ÷ old number, or :data:`ENTRY`, or :data:`SOFT`.
    """

    rule: str
    setting: str
    old: object
    new: object
    impossible: float | None
    size: float


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
        plan = search.plan(problem.rules)
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


def loosened(rule: Rule, change: Loosening) -> Rule:
    """The rule, said as a loosening has it."""
    if change.setting in ENTRIES:
        return _without(rule, change.setting, change.old)
    return _set(rule, change.setting, change.new)


class _Search:
    def __init__(self, problem: Problem, work: float, stop: Callable[[], bool]) -> None:
        self.problem, self.work, self.stop = problem, work, stop
        self.open = False

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
            which = demand.part.name if _entry(demand.part) else demand.rule.name
            if which in seen:
                continue
            seen.add(which)
            # Among the parts of a conflict the rule goes by the name of its part.
            rule = demand.rule if demand.rule.name in names else demand.part
            found += [
                dataclasses.replace(one, rule=demand.rule.name)
                for one in self._of(rule, demand.part, rules)
            ]
        return found

    def _of(self, rule: Rule, part: Rule, rules: Sequence[Rule]) -> list[Loosening]:
        numbers = NUMBERS.get(type(rule), ())
        found = [
            loosening
            for setting, more in numbers
            if (loosening := self._number(rule, setting, more, rules)) is not None
        ]
        entry = _entry(part)
        if entry is not None and rule is not part:
            setting, old = entry
            changed = _without(rule, setting, old)
            if self.plan(_replaced(rules, rule, changed)) is not None:
                found.append(Loosening(rule.name, setting, old, None, None, ENTRY))
        elif entry is not None:
            setting, old = entry
            if self.plan([each for each in rules if each is not rule]) is not None:
                found.append(Loosening(rule.name, setting, old, None, None, ENTRY))
        if not found:
            soft = dataclasses.replace(rule, hard=False)
            if self.plan(_replaced(rules, rule, soft)) is not None:
                found.append(Loosening(rule.name, "hard", True, False, None, SOFT))
        return found

    def _number(
        self, rule: Rule, setting: str, more: bool, rules: Sequence[Rule]
    ) -> Loosening | None:
        """Smallest change of one number that lets a plan exist, by halving."""
        old = float(getattr(rule, setting))
        if not math.isfinite(old):
            return None
        free = _set(rule, setting, _loosest(rule, setting, more))
        plan = self.plan(_replaced(rules, rule, free))
        if plan is None:
            return None
        whole = setting in _COUNTS
        impossible, possible = old, self._needed(rule, setting, more, plan)
        for _ in range(_MOST_SOLVES):
            close = abs(possible - impossible) <= max(PRECISION * abs(possible - old), 1e-9)
            if close or (whole and abs(possible - impossible) <= 1) or self.stop():
                break
            middle = (possible + impossible) / 2
            tried = int(middle) if whole else middle
            changed = _set(rule, setting, tried)
            plan = self.plan(_replaced(rules, rule, changed))
            if plan is not None:
                possible = self._needed(rule, setting, more, plan)
            elif self.open:
                break
            else:
                impossible = float(tried)
        new = int(possible) if whole else possible
        size = abs(new - old) / max(abs(old), 1e-9) if old else abs(new - old)
        return Loosening(rule.name, setting, old, new, impossible, size)

    def _needed(self, rule: Rule, setting: str, more: bool, plan: Plan) -> float:
        """The tightest number that a plan keeps, rounded to where it surely does."""
        kept = float(_loosest(rule, setting, more))
        broken = float(getattr(rule, setting))
        if setting in _COUNTS:
            while broken < kept and self._breaks(rule, setting, int(broken), plan):
                broken += 1
            return broken
        for _ in range(60):
            middle = (kept + broken) / 2
            if self._breaks(rule, setting, middle, plan):
                broken = middle
            else:
                kept = middle
        return _rounded(kept, broken, more)

    def _breaks(self, rule: Rule, setting: str, value: float, plan: Plan) -> bool:
        return bool(_set(rule, setting, value).check(placed(self.problem, plan), plan))


def _given_up(demand: Demand) -> Loosening:
    """Take a demand's entry out, or make its rule soft: that ends the conflict in any case."""
    entry = _entry(demand.part)
    if entry is None:
        return Loosening(demand.rule.name, "hard", True, False, None, SOFT)
    return Loosening(demand.rule.name, *entry, None, None, ENTRY)


def _replaced(rules: Sequence[Rule], old: Rule, new: Rule) -> list[Rule]:
    return [new if rule is old else rule for rule in rules]


def _loosest(rule: Rule, setting: str, more: bool) -> float:
    """A number that binds nobody."""
    if isinstance(rule, DisruptionCap | Balance):
        return 1.0
    if isinstance(rule, Splits):
        return 1_000
    old = float(getattr(rule, setting))
    if not more:
        return min(0.0, 1e3 * old)
    return 1e3 * max(old, 1.0)


def _rounded(kept: float, broken: float, more: bool) -> float:
    """The fewest digits, from three on, of a number on the side that is kept."""
    for digits in range(3, 15):
        step = 10.0 ** (math.floor(math.log10(max(abs(kept), 1e-12))) + 1 - digits)
        value = (math.ceil if more else math.floor)(kept / step) * step
        value = float(f"{value:.{digits}g}")
        near = abs(value - kept) <= 0.01 * max(abs(kept - broken), 0.1 * abs(kept))
        if near and ((value >= kept) if more else (value <= kept)):
            return value
    return kept


def _entry(part: Rule) -> tuple[str, object] | None:
    """The one entry of a rule's part."""
    if isinstance(part, Lock):
        return "owners", next(iter(part.owners.items()))
    if isinstance(part, Forbid):
        return "pairs", part.pairs[0]
    if isinstance(part, KeepTogether) and part.parents and not part.groups:
        return "parents", part.parents[0]
    if isinstance(part, KeepApart | KeepTogether) and part.groups:
        return "groups", part.groups[0]
    return None


def _without(rule: Rule, setting: str, entry: object) -> Rule:
    """The rule without one of its entries."""
    entries = getattr(rule, setting)
    if isinstance(rule, Lock) and isinstance(entry, tuple):
        left: object = {unit: owner for unit, owner in entries.items() if unit != entry[0]}
    else:
        left = tuple(each for each in entries if each != entry)
    return _set(rule, setting, left)


def _set(rule: Rule, setting: str, value: object) -> Rule:
    settings: dict[str, Any] = {setting: value}
    return dataclasses.replace(rule, **settings)
