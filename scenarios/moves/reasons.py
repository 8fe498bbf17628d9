"""Reasons for a move: what stands against leaving a unit where it is, and for the new owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from ...models.arrays import FloatArray, IndexArray
from ...models.plan import Plan
from ...models.problem import OwnerKind, Problem
from ...models.rules import (
    Balance,
    Capacity,
    Contiguity,
    Coverage,
    DisruptionCap,
    Forbid,
    IncumbentPreference,
    KeepTogether,
    Lock,
    MaximumDistance,
    Rule,
    Skills,
)
from ...models.totals import owner_totals
from .distance import kilometres

#: More clauses than this are no reason but a list.
CLAUSES = 3
#: Distances closer than this many kilometres are taken as equal.
SAME_KM = 1.0
NO_SINGLE_CAUSE = "part of the trade as a whole; no single figure speaks for it"

#: Whole unit, team, incumbent, new owner.
Key = tuple[str, int, str, int]


class Reasons:
    """Finds the reasons for moves of one plan.

    Parameters
    ----------
    today
        Figures of today's territories, by rep and column.
    """

    def __init__(
        self, problem: Problem, plan: Plan, today: Mapping[str, Mapping[str, float]]
    ) -> None:
        self.problem = problem
        self.plan = plan
        self.today = today

    @cached_property
    def loads(self) -> FloatArray:
        """Hours that each owner carries in the plan, (owners,)."""
        return owner_totals(self.problem, self.plan, "load")

    @cached_property
    def capacity_limit(self) -> float:
        """Share of its hours that an owner may fill."""
        limits = [rule.limit for rule in self.problem.rules if isinstance(rule, Capacity)]
        return min(limits, default=1.0)

    def of(self, key: Key, covers: IndexArray, tried: bool) -> tuple[str, ...]:
        """At most three clauses, the weightiest first.

        Parameters
        ----------
        tried
            Whether to put the covers back, to see which rules that would break.
        """
        _, team, source_id, target = key
        problem = self.problem
        source = problem.owner_index.get(source_id, -1)
        if source >= 0 and int(problem.owners.team[source]) != team:
            clauses = list(self._other_team(source, team))
        elif source < 0:
            clauses = [f"{source_id} is not on the roster any more"]
        else:
            clauses = list(self._reasons(source, target, covers, tried))
        if target >= 0 and problem.owners.kinds[target] in (OwnerKind.HOUSE, OwnerKind.PARTNER):
            kind = str(problem.owners.kinds[target])
            clauses.insert(0, f"served by the {kind} {problem.owners.ids[target]} from now on")
        return tuple(clauses[:CLAUSES]) or (NO_SINGLE_CAUSE,)

    def _other_team(self, source: int, team: int) -> Iterator[str]:
        teams, owners = self.problem.teams, self.problem.owners
        yield (
            f"team {teams[team].name} serves it in this structure, "
            f"{owners.ids[source]} is of team {teams[int(owners.team[source])].name}"
        )

    def _reasons(
        self,
        source: int,
        target: int,
        covers: IndexArray,
        tried: bool,
    ) -> Iterator[str]:
        """Clauses for a move within one team, the weightiest first."""
        if self.problem.owners.holds_territory[source] and self.problem.owners.hours[source] <= 0:
            yield f"{self.problem.owners.ids[source]} has no hours in the plan period"
        yield from self._pair_rules(source, target, int(covers[0]))
        yield from self._together(target, covers)
        if tried:
            yield from self._broken_if_kept(source, target, covers)
        yield from self._nearer(source, target, covers)
        yield from self._overload(source, target, covers)
        yield from self._over_fair_share(source)

    def _pair_rules(self, source: int, target: int, cover: int) -> Iterator[str]:
        """Rules on who may have the unit."""
        problem, owners = self.problem, self.problem.owners.ids
        unit = int(problem.covers.unit[cover])
        names = {problem.units.ids[unit], problem.units.wholes[unit]}
        for rule in problem.rules:
            if isinstance(rule, Lock) and target >= 0:
                if any(rule.owners.get(name) == owners[target] for name in names):
                    yield f"reserved for {owners[target]}" + (
                        f" ({rule.reason})" if rule.reason else ""
                    )
            elif isinstance(rule, Forbid):
                if any((name, owners[source]) in rule.pairs for name in names):
                    yield f"{owners[source]} may not have it (rule {rule.name})"
            elif isinstance(rule, Skills):
                lacking = sorted(rule.lacking(problem, cover, source))
                if lacking:
                    yield f"{owners[source]} lacks the skill {', '.join(lacking)}"
            elif isinstance(rule, MaximumDistance) and rule.hard:
                yield from self._too_far(rule, source, cover)

    def _too_far(self, rule: MaximumDistance, source: int, cover: int) -> Iterator[str]:
        team = self.problem.teams[int(self.problem.covers.team[cover])]
        at = (cover - team.covers.start, source - team.owners.start)
        over = float(rule.excess(team.kilometres[at], team.minutes[at]))
        if over > 0 and self.problem.owners.holds_territory[source]:
            who = self.problem.owners.ids[source]
            yield f"{who} is {over:,.0f} {rule.unit} beyond the limit of rule {rule.name}"

    def _together(self, target: int, covers: IndexArray) -> Iterator[str]:
        """Groups that one owner must have."""
        problem = self.problem
        here = set(covers.tolist())
        for rule in problem.rules:
            if not isinstance(rule, KeepTogether) or target < 0:
                continue
            for group in self._groups[rule.name].get(int(covers[0]), ()):
                others = [c for c in group if c not in here and self.plan.owner[c] == target]
                if others:
                    parent = int(problem.units.parents[problem.covers.unit[covers[0]]])
                    of = f" of {problem.units.parent_ids[parent]}" if parent >= 0 else ""
                    who = problem.owners.ids[target]
                    yield f"kept together with {_count(len(others), 'unit')}{of} that {who} has"
                    break

    @cached_property
    def _groups(self) -> dict[str, dict[int, list[tuple[int, ...]]]]:
        """Groups by rule and cover."""
        found: dict[str, dict[int, list[tuple[int, ...]]]] = {}
        for rule in self.problem.rules:
            if isinstance(rule, KeepTogether):
                of_cover = found.setdefault(rule.name, {})
                for group in rule.cover_groups(self.problem):
                    for cover in group:
                        of_cover.setdefault(cover, []).append(group)
        return found

    def _nearer(self, source: int, target: int, covers: IndexArray) -> Iterator[str]:
        team = int(self.problem.covers.team[covers[0]])
        before = kilometres(self.problem, source, team, covers)
        after = kilometres(self.problem, target, team, covers)
        if before is not None and after is not None and before - after > SAME_KM:
            yield f"{before - after:,.0f} km nearer"
        elif before is None and self.problem.owners.holds_territory[source]:
            yield f"no way there for {self.problem.owners.ids[source]}"

    def _overload(self, source: int, target: int, covers: IndexArray) -> Iterator[str]:
        """Hours: today's, or what keeping the unit would make of the plan's."""
        owners = self.problem.owners
        name, hours = owners.ids[source], float(owners.hours[source])
        if not owners.holds_territory[source] or hours <= 0:
            return
        used = self.today.get(name, {}).get("utilisation", float("nan"))
        if used > self.capacity_limit:
            yield f"{name} was at {_percent(used)} of hours"
        else:
            extra = self._extra_hours(source, covers)
            kept = (float(self.loads[source]) + extra) / hours
            if kept > self.capacity_limit:
                yield f"keeping it would put {name} at {_percent(kept)} of hours"
        if target >= 0:
            other = owners.ids[target]
            room = self.today.get(other, {}).get("utilisation", float("nan"))
            if room < min(0.9, self.capacity_limit):
                yield f"{other} had room ({_percent(room)} of hours)"

    def _over_fair_share(self, source: int) -> Iterator[str]:
        """Balanced measures of which the incumbent had too much."""
        name = self.problem.owners.ids[source]
        for rule in self.problem.rules:
            if isinstance(rule, Balance) and rule.measure != "load":
                column = f"fair_share_deviation_{rule.measure}"
                deviation = self.today.get(name, {}).get(column, float("nan"))
                if deviation > rule.tolerance:
                    yield f"{name} had {_percent(1 + deviation)} of a fair share of {rule.measure}"

    def _broken_if_kept(self, source: int, target: int, covers: IndexArray) -> Iterator[str]:
        """Hard rules that the plan would break with the unit back where it was."""
        owner = self.plan.owner.copy()
        owner[covers] = source
        kept = Plan(owner)
        name = self.problem.owners.ids[source]
        for rule in self.problem.rules:
            if not rule.hard or isinstance(rule, _SAID_OTHERWISE):
                continue
            if isinstance(rule, Contiguity):
                if self._pieces(rule, kept, source) > self._pieces(rule, self.plan, source):
                    yield f"cut off from the rest of {name}'s territory"
                elif target >= 0 and self._pieces(rule, kept, target) > self._pieces(
                    rule, self.plan, target
                ):
                    yield f"it holds the territory of {self.problem.owners.ids[target]} together"
            elif self._breaks_more(rule, kept):
                yield f"with {name} it would break rule {rule.name}"

    def _pieces(self, rule: Contiguity, plan: Plan, owner: int) -> int:
        if not self.problem.owners.holds_territory[owner]:
            return 0
        if int(self.problem.owners.team[owner]) not in self.problem.owner_teams(rule.teams):
            return 0
        return len(rule.components(self.problem, plan, owner))

    def _breaks_more(self, rule: Rule, kept: Plan) -> bool:
        before = self._amount.setdefault(
            rule.name, sum(v.amount for v in rule.check(self.problem, self.plan))
        )
        after = sum(v.amount for v in rule.check(self.problem, kept))
        return after > before * (1 + 1e-6) + 1e-6

    @cached_property
    def _amount(self) -> dict[str, float]:
        return {}

    def _extra_hours(self, source: int, covers: IndexArray) -> float:
        index = int(self.problem.owners.team[source])
        team = self.problem.teams[index]
        rows, column = covers - team.covers.start, source - team.owners.start
        travel = self.problem.travel_hours(index)[rows, column]
        return float(self.problem.covers.workload[covers].sum() + np.nan_to_num(travel).sum())


#: Rules whose reasons are given in plainer words, or that no single move keeps.
_SAID_OTHERWISE = (
    Capacity,
    Coverage,
    DisruptionCap,
    Forbid,
    IncumbentPreference,
    KeepTogether,
    Lock,
    MaximumDistance,
    Skills,
)


def _count(number: int, noun: str) -> str:
    return f"{number} other {noun}{'' if number == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
