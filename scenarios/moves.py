"""What changes hands, and why: reasons read from the figures, never made up.

A plan is the result of all units together, so no single figure *is* the reason for
a move. What can be said honestly is what stands against leaving the unit where it
is: the incumbent is gone, serves another team, lacks a skill, was or would be above
the hours, would break a named rule; and what speaks for the new owner: it is nearer.
Where nothing of that holds the list says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..models.geodesy import great_circle_km
from ..models.plan import Plan
from ..models.problem import OwnerKind
from ..models.rules import (
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
from ..models.totals import owner_totals

if TYPE_CHECKING:
    import pandas as pd

    from ..models.arrays import FloatArray, IndexArray
    from ..models.problem import Problem
    from .results import ScenarioResult

#: More clauses than this are no reason but a list.
CLAUSES = 3
#: Distances closer than this many kilometres are taken as equal.
SAME_KM = 1.0
NO_SINGLE_CAUSE = "part of the trade as a whole; no single figure speaks for it"


@dataclass(frozen=True)
class Move:
    """A unit, or a share of one, that goes from its incumbent to another owner.

    Parameters
    ----------
    unit, name
        The unit as given (not its parts).
    source, target
        Today's owner and the plan's; the target is empty where nobody has it.
    share
        Of the whole unit.
    potential, sales
        Money a year that moves along, as the team is credited with it.
    kilometres_before, kilometres_after
        From the owners' bases, one way; None where the owner does not travel or is
        not of the team.
    reasons
        At most three clauses, the weightiest first.
    """

    unit: str
    name: str
    team: str
    source: str
    target: str
    share: float
    potential: float
    sales: float
    kilometres_before: float | None
    kilometres_after: float | None
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The clauses as one text, with a capital."""
        text = "; ".join(self.reasons)
        return text[:1].upper() + text[1:] if not self.reasons[0][:1].isdigit() else text


def list_moves(
    result: ScenarioResult, today: ScenarioResult | None = None, *, examined: int = 10
) -> tuple[Move, ...]:
    """All moves of a scenario, the largest by sales, then potential, first.

    Parameters
    ----------
    today
        The frozen incumbent, for what reps carry today.
    examined
        How many of the largest are tried back with their incumbent, to see which
        rules that would break; the others get the reasons that need no trial.
    """
    if result.plan is None or result.evaluation is None:
        return ()
    problem, plan = result.problem, result.plan
    groups = _moved_groups(problem, plan)
    drafts = sorted(
        groups.items(),
        key=lambda item: (
            -float(problem.covers.measures["sales"][item[1]].sum()),
            -float(problem.covers.measures["potential"][item[1]].sum()),
            item[0],
        ),
    )
    judge = _Judge(problem, plan, result.evaluation.territories, _today_table(today))
    return tuple(
        judge.move(key, np.array(covers), tried=rank < examined)
        for rank, (key, covers) in enumerate(drafts)
    )


def hands_of(moves: Sequence[Move]) -> tuple[tuple[str, str, int], ...]:
    """From whom, to whom and how many units, the most first."""
    counts = Counter((move.source, move.target) for move in moves)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((source, target, count) for (source, target), count in ordered)


Key = tuple[str, int, str, int]


def _moved_groups(problem: Problem, plan: Plan) -> dict[Key, list[int]]:
    """Covers that move, by whole unit, team, incumbent and new owner."""
    groups: dict[Key, list[int]] = {}
    ids = problem.owners.ids
    for cover, incumbent in enumerate(problem.covers.incumbent_ids):
        owner = int(plan.owner[cover])
        if incumbent and incumbent != (ids[owner] if owner >= 0 else ""):
            whole = problem.units.wholes[problem.covers.unit[cover]]
            key = (whole, int(problem.covers.team[cover]), incumbent, owner)
            groups.setdefault(key, []).append(cover)
    return groups


def _today_table(today: ScenarioResult | None) -> Mapping[str, Mapping[str, float]]:
    if today is None or today.evaluation is None:
        return {}
    return _by_rep(today.evaluation.territories)


def _by_rep(territories: pd.DataFrame) -> dict[str, dict[str, float]]:
    numeric = territories.set_index("rep").select_dtypes("number")
    return {
        str(rep): {str(name): float(value) for name, value in row.items()}
        for rep, row in numeric.to_dict("index").items()
    }


class _Judge:
    """Finds the reasons for moves of one plan."""

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        territories: pd.DataFrame,
        today: Mapping[str, Mapping[str, float]],
    ) -> None:
        self.problem = problem
        self.plan = plan
        self.now = _by_rep(territories)
        self.today = today

    @cached_property
    def loads(self) -> FloatArray:
        """Hours that each owner carries in the plan, (owners,)."""
        return owner_totals(self.problem, self.plan, "load")

    @cached_property
    def capacity_limit(self) -> float:
        limits = [rule.limit for rule in self.problem.rules if isinstance(rule, Capacity)]
        return min(limits, default=1.0)

    def move(self, key: Key, covers: IndexArray, tried: bool) -> Move:
        """Describe one group of covers that moves together."""
        whole, team, source_id, target = key
        problem = self.problem
        source = problem.owner_index.get(source_id, -1)
        if source >= 0 and int(problem.owners.team[source]) != team:
            clauses = list(self._other_team(source, team))
        elif source < 0:
            clauses = [f"{source_id} is not on the roster any more"]
        else:
            clauses = list(self._reasons(source, target, covers, tried))
        unit = int(problem.covers.unit[covers[0]])
        before, after = (self._kilometres(owner, team, covers) for owner in (source, target))
        if target >= 0 and problem.owners.kinds[target] in (OwnerKind.HOUSE, OwnerKind.PARTNER):
            kind = str(problem.owners.kinds[target])
            clauses.insert(0, f"served by the {kind} {problem.owners.ids[target]} from now on")
        measures = problem.covers.measures
        return Move(
            unit=whole,
            name=_whole_name(problem, unit),
            team=problem.teams[team].name,
            source=source_id,
            target=problem.owners.ids[target] if target >= 0 else "",
            share=float(problem.units.shares[problem.covers.unit[covers]].sum()),
            potential=float(measures["potential"][covers].sum()),
            sales=float(measures["sales"][covers].sum()),
            kilometres_before=before,
            kilometres_after=after,
            reasons=tuple(clauses[:CLAUSES]) or (NO_SINGLE_CAUSE,),
        )

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
        before = self._kilometres(source, team, covers)
        after = self._kilometres(target, team, covers)
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

    def _kilometres(self, owner: int, team: int, covers: IndexArray) -> float | None:
        """Kilometres one way from an owner's base, mean over the parts of the unit."""
        problem = self.problem
        if owner < 0 or not problem.owners.holds_territory[owner]:
            return None
        if owner in problem.teams[team].owners:
            block = problem.teams[team]
            rows = covers - block.covers.start
            away = float(block.kilometres[rows, owner - block.owners.start].mean())
        else:
            unit = problem.covers.unit[covers]
            away = float(
                great_circle_km(
                    problem.owners.latitude[owner],
                    problem.owners.longitude[owner],
                    problem.units.latitude[unit],
                    problem.units.longitude[unit],
                ).mean()
            )
        return away if np.isfinite(away) else None


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


def _whole_name(problem: Problem, unit: int) -> str:
    """Name of the unit, without the mark of a part."""
    name = problem.units.names[unit]
    if problem.units.wholes[unit] != problem.units.ids[unit]:
        name = name.rsplit("#", 1)[0].rstrip()
    return name or problem.units.wholes[unit]


def _count(number: int, noun: str) -> str:
    return f"{number} other {noun}{'' if number == 1 else 's'}"


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
