"""What the money table needs of a plan, taken out once so that figures can be varied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...models.arrays import BoolArray, FloatArray, IndexArray
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.totals import owner_totals

PRIMARY = "primary"


@dataclass(frozen=True, eq=False)
class Market:
    """Today's sales by whole unit, on the base's problem: what responses are fitted to.

    Parameters
    ----------
    wholes
        Ids of whole units, sorted.
    """

    wholes: tuple[str, ...]

    def index(self, problem: Problem) -> IndexArray:
        """Position of each cover's whole unit, -1 for a unit the market does not know."""
        position = {whole: index for index, whole in enumerate(self.wholes)}
        of_unit = np.array([position.get(whole, -1) for whole in problem.units.wholes], dtype=int)
        return np.asarray(of_unit[problem.covers.unit])


@dataclass(frozen=True, eq=False)
class PlanFacts:
    """A plan as money sees it.

    Parameters
    ----------
    whole
        Position of each cover's whole unit in the market, (covers,).
    share
        Share of the whole that the cover stands for, (covers,).
    primary
        Whether the cover's team sells everything to it, (covers,).
    attended_today
        Whether somebody with hours serves the cover today.
    employed_today
        Whether its owner of today is with the company, (covers,).
    moved
        Whether it leaves somebody who is with the company, (covers,).
    workload
        Hours promised by the standards; what campaigns take on top is not free for
        anything else, (covers,).
    free_hours
        Hours of each owner that are left for selling, ramp counted, (owners,).
    """

    problem: Problem
    plan: Plan
    whole: IndexArray
    share: FloatArray
    sales: FloatArray
    potential: FloatArray
    workload: FloatArray
    team: IndexArray
    primary: BoolArray
    attended_today: BoolArray
    employed_today: BoolArray
    moved: BoolArray
    free_hours: FloatArray
    travel_km: float
    travel_hours: float
    nights: float
    people: float

    @property
    def owner(self) -> IndexArray:
        """Owner of each cover, (covers,)."""
        return self.plan.owner


def facts_of(problem: Problem, plan: Plan, market: Market, employed: frozenset[str]) -> PlanFacts:
    """Take the facts out of a plan.

    Parameters
    ----------
    employed
        Ids of today's owners, of whom a scenario may have dropped some: a unit that
        leaves one of them changes hands.
    """
    covers, owners = problem.covers, problem.owners
    primary_team = np.array([team.role == PRIMARY for team in problem.teams])
    kinds = {o: k.holds_territory for o, k in zip(owners.ids, owners.kinds, strict=True)}
    travel_hours = owner_totals(problem, plan, "travel_hours")
    held = plan.owner >= 0
    campaigns = np.bincount(plan.owner[held], problem.campaign_hours[held], len(owners))
    return PlanFacts(
        problem=problem,
        plan=plan,
        whole=market.index(problem),
        share=problem.units.shares[covers.unit],
        sales=covers.measures["sales"],
        potential=covers.measures["potential"],
        workload=np.maximum(covers.workload - problem.campaign_hours, 0.0),
        team=covers.team,
        primary=primary_team[covers.team],
        attended_today=np.array(
            [kinds.get(owner, owner in employed) for owner in covers.incumbent_ids], dtype=bool
        ),
        employed_today=np.array([o in employed for o in covers.incumbent_ids], dtype=bool),
        moved=_moved(problem, plan, employed),
        free_hours=owners.productivity * np.maximum(owners.hours - travel_hours - campaigns, 0.0),
        travel_km=float(owner_totals(problem, plan, "travel_km").sum()),
        travel_hours=float(travel_hours.sum()),
        nights=float(owner_totals(problem, plan, "nights").sum()),
        people=float(owners.cost.sum()),
    )


def _moved(problem: Problem, plan: Plan, employed: frozenset[str]) -> BoolArray:
    ids = (*problem.owners.ids, "")
    return np.array(
        [
            incumbent in employed and ids[owner] != incumbent
            for incumbent, owner in zip(
                problem.covers.incumbent_ids, plan.owner.tolist(), strict=True
            )
        ],
        dtype=bool,
    )
