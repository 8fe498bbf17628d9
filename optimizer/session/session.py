"""Changes by hand: move, lock, rebalance around it, undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ...models.arrays import IndexArray
from ...models.errors import did_you_mean
from ...models.evaluation import Figures, RunningEvaluation
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.rules.pairs import named_covers
from .rebalancing import Rebalancing

#: Territories that are dealt out anew around a change, where nothing else is asked.
TERRITORIES = 4


@dataclass(frozen=True, eq=False)
class Rebalanced:
    """What rebalancing has changed.

    Parameters
    ----------
    changes
        One row per unit or part that changes hands: ``unit, team, before, after, sales``.
    territories
        Ids of the owners whose territories were dealt out anew.
    proven
        Whether nothing breaks the rules less, or changes less, within these territories
        and as far from their borders as was looked.
    """

    figures: Figures
    changes: pd.DataFrame
    territories: tuple[str, ...]
    proven: bool


@dataclass(frozen=True, eq=False)
class _Step:
    covers: IndexArray
    owners: IndexArray
    locked: frozenset[int]


class PlanningSession:
    """One plan of one problem, changed step by step; every step can be undone.

    Not for several threads at once; a service keeps a session for each planner.

    Parameters
    ----------
    plan
        A solved plan, or any other.
    seed
        Of the solver; the same steps give the same plans.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from teig.models import Plan, WorkCalendar, build_problem
    >>> from teig.optimizer import PlanningSession
    >>> from teig.optimizer.travel import GreatCircle
    >>> units = pd.DataFrame({
    ...     "unit": ["Oslo", "Drammen", "Hamar"], "latitude": [59.91, 59.74, 60.79],
    ...     "longitude": [10.75, 10.20, 11.07], "potential": [900.0, 200.0, 150.0],
    ...     "sales": [200.0, 60.0, 50.0], "workload_hours": [900.0, 240.0, 310.0],
    ...     "visits": [450.0, 120.0, 150.0],
    ... })
    >>> reps = pd.DataFrame({"rep": ["Ada", "Bo"], "base": ["Oslo", "Hamar"]})
    >>> problem = build_problem(
    ...     units, reps, calendar=WorkCalendar.of_year(2027, "NO"), travel=GreatCircle()
    ... )
    >>> session = PlanningSession(problem, Plan(np.zeros(3, dtype=int)))
    >>> session.move("Hamar", "Bo").territories["units"].tolist()
    [2.0, 1.0]
    >>> session.undo().territories["units"].tolist()
    [3.0, 0.0]
    """

    def __init__(self, problem: Problem, plan: Plan, *, seed: int = 1) -> None:
        if len(plan.owner) != len(problem.covers):
            raise ValueError(
                f"the plan has {len(plan.owner)} covers, the problem {len(problem.covers)}"
            )
        self.problem, self.seed = problem, seed
        self._evaluation = RunningEvaluation(problem, plan)
        self._locked: frozenset[int] = frozenset()
        self._steps: list[_Step] = []
        self._recent: IndexArray = np.empty(0, dtype=np.int64)
        self._before: IndexArray = np.empty(0, dtype=np.int64)

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        return self._evaluation.plan

    @property
    def figures(self) -> Figures:
        """All measures of the plan as it is now."""
        return self._evaluation.figures()

    @property
    def locked(self) -> tuple[str, ...]:
        """Units and parts that rebalancing leaves where they are, sorted."""
        units = self.problem.covers.unit
        return tuple(sorted({self.problem.units.ids[units[cover]] for cover in self._locked}))

    @property
    def steps(self) -> int:
        """How many steps can be undone."""
        return len(self._steps)

    def move(self, unit: str, rep: str) -> Figures:
        """Give a unit (all its parts, or one part) to an owner, and measure the plan.

        Moves that break rules are made all the same; the figures say what they break.

        Raises
        ------
        KeyError
            For an unknown unit or owner, or one whose team does not cover the unit.
        """
        if rep not in self.problem.owner_index:
            raise KeyError(
                f"there is no owner {rep!r}; {did_you_mean(rep, self.problem.owner_index)}"
            )
        owner = self.problem.owner_index[rep]
        team = self.problem.teams[self.problem.owners.team[owner]].name
        covers = self._covers(unit, team)
        self._take(covers, np.full(len(covers), owner, dtype=np.int64))
        return self.figures

    def lock(self, unit: str) -> None:
        """Keep a unit, or a part, with whoever has it when rebalancing."""
        self._steps.append(_Step(np.empty(0, dtype=int), np.empty(0, dtype=int), self._locked))
        self._locked |= frozenset(self._covers(unit).tolist())

    def unlock(self, unit: str) -> None:
        """Let rebalancing move a unit again."""
        self._steps.append(_Step(np.empty(0, dtype=int), np.empty(0, dtype=int), self._locked))
        self._locked -= frozenset(self._covers(unit).tolist())

    def rebalance(
        self,
        around: Sequence[str] = (),
        *,
        territories: int = TERRITORIES,
        work: float = 1.0,
    ) -> Rebalanced:
        """Deal a few territories out anew: the rules as well as they allow, then least change.

        Parameters
        ----------
        around
            Units or owners; what was moved last where nothing is named.
        territories
            How many at most, those concerned and their nearest neighbours.
        work
            Multiple of the usual effort, which is meant to end within a second or two.

        Raises
        ------
        KeyError
            For unknown units and owners.
        ValueError
            When nothing has been moved and nothing is named.
        """
        owners = self._concerned(around)
        deal = self._rebalancing.deal(
            self.plan.owner, owners, self._locked, territories, work, self.seed
        )
        changed = np.flatnonzero(deal.owner != self.plan.owner)
        table = self._changes(changed, deal.owner)
        recent, before = self._recent, self._before
        self._take(changed, deal.owner[changed])
        # Rebalancing again goes on around what the planner moved.
        self._recent, self._before = recent, before
        ids = tuple(self.problem.owners.ids[owner] for owner in deal.territories)
        return Rebalanced(self.figures, table, ids, deal.proven)

    def undo(self) -> Figures:
        """Take the last step back: a move, a lock, or a rebalancing as a whole.

        Raises
        ------
        ValueError
            When there is none.
        """
        if not self._steps:
            raise ValueError("there is no step to undo")
        step = self._steps.pop()
        self._locked = step.locked
        if len(step.covers):
            self._evaluation.move(step.covers, step.owners)
        return self.figures

    @cached_property
    def _rebalancing(self) -> Rebalancing:
        return Rebalancing(self.problem)

    def _covers(self, unit: str, team: str = "") -> IndexArray:
        covers = named_covers(self.problem, unit, team)
        if not covers:
            known = {*self.problem.covers_of_whole, *self.problem.units.ids}
            if unit in known:
                raise KeyError(f"team {team} does not cover the unit {unit!r}")
            raise KeyError(f"there is no unit {unit!r}; {did_you_mean(unit, known)}")
        return np.array(covers, dtype=np.int64)

    def _take(self, covers: IndexArray, owners: IndexArray) -> None:
        before = self.plan.owner[covers]
        self._steps.append(_Step(covers, before, self._locked))
        self._evaluation.move(covers, owners)
        self._recent, self._before = covers, before

    def _concerned(self, around: Sequence[str]) -> tuple[int, ...]:
        """Owners that a rebalancing is about, those of named units among them, sorted."""
        if not around and not len(self._recent):
            raise ValueError("nothing has been moved; say around which units or owners")
        owner, found = self.plan.owner, set()
        if not around:
            found = {*owner[self._recent].tolist(), *self._before.tolist()}
        for name in around:
            if name in self.problem.owner_index:
                found.add(self.problem.owner_index[name])
            else:
                found |= set(owner[self._covers(name)].tolist())
        return tuple(sorted(found - {-1}))

    def _changes(self, covers: IndexArray, owner: IndexArray) -> pd.DataFrame:
        problem, now = self.problem, self.plan.owner
        ids = np.array([*problem.owners.ids, ""], dtype=object)
        return pd.DataFrame(
            {
                "unit": [problem.units.ids[unit] for unit in problem.covers.unit[covers]],
                "team": [problem.teams[team].name for team in problem.covers.team[covers]],
                "before": ids[now[covers]],
                "after": ids[owner[covers]],
                "sales": problem.covers.measures["sales"][covers],
            }
        )
