"""Over-assignment or a plan's parameter for a wanted share at quota and a pay budget.

Everything is decided on one simulated sample, so that two values differ by what they
are and not by luck. On it the share at quota and the cost are monotone in every
parameter that is offered here; a bisection over the grid of its values therefore
finds exactly the best value of the grid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from ....models.compensation import CompensationPlan, pay_out
from ....models.errors import ProblemList
from .simulation import Simulation

OVER_ASSIGNMENT = "over_assignment"


@dataclass(frozen=True)
class Grid:
    """Values that a parameter is tried at: whole multiples of ``step``.

    Parameters
    ----------
    dearer
        Whether a larger value costs more pay.
    """

    step: float
    low: float
    high: float
    dearer: bool
    meaning: str

    def value(self, at: int) -> float:
        """Value number ``at``, as it is written."""
        return round(at * self.step, 6)

    @property
    def ends(self) -> tuple[int, int]:
        """Numbers of the lowest and the highest value."""
        return round(self.low / self.step), round(self.high / self.step)


#: What can be chosen.
PARAMETERS: Mapping[str, Grid] = MappingProxyType(
    {
        OVER_ASSIGNMENT: Grid(
            0.001, 0.0, 1.0, False, "how far the quotas at the foot sum above the company's"
        ),
        "threshold": Grid(0.01, 0.0, 1.0, False, "attainment below which nothing is paid"),
        "accelerator": Grid(0.01, 0.0, 10.0, True, "multiple of the rate above quota"),
        "rate": Grid(0.01, 0.0, 5.0, True, "share of the target incentive per 1.0 of attainment"),
        "cap": Grid(0.01, 0.0, 10.0, True, "largest payout, share of the target incentive"),
    }
)


@dataclass(frozen=True)
class Choice:
    """What a parameter should be.

    Parameters
    ----------
    value
        The value chosen; the nearest to the wish where it cannot be met.
    share_at_quota, expected_cost
        What it gives on the simulated sample.
    feasible
        Whether the wish is met.
    explanation
        Sentences for people.
    curve
        ``value, at_quota, cost`` over the grid's useful part, for a chart.
    """

    parameter: str
    value: float
    share_at_quota: float
    expected_cost: float
    feasible: bool
    explanation: tuple[str, ...]
    curve: pd.DataFrame


def choose(
    simulation: Simulation,
    parameter: str = OVER_ASSIGNMENT,
    *,
    share_at_quota: float | None = None,
    pay_budget: float | None = None,
) -> Choice:
    """Choose a parameter so that a share of people reach quota and pay keeps to a budget.

    ``over_assignment`` scales all quotas at the foot of the tree; those of managers,
    and target incentives, stay what they are. Of the values that meet the wish it
    takes the largest where a share at quota is wanted (the most ambitious quotas that
    so many still reach), else the smallest. ``threshold`` becomes the lowest,
    ``accelerator``, ``rate`` and ``cap`` the highest that the budget pays; they do not
    move the share at quota.

    Raises
    ------
    BadInput
        When the parameter is unknown, nothing is wished, or there is no plan whose
        pay could be counted.
    """
    _check(simulation, parameter, share_at_quota, pay_budget)
    trial = _Trial(simulation, parameter)
    grid, (first, last) = PARAMETERS[parameter], PARAMETERS[parameter].ends
    shared, paid = (first, last), (first, last)
    if share_at_quota is not None:
        shared = _range(lambda at: trial.share(at) >= share_at_quota, first, last, upward=False)
    if pay_budget is not None:
        paid = _range(lambda at: trial.cost(at) <= pay_budget, first, last, upward=not grid.dearer)
    low, high = max(shared[0], paid[0]), min(shared[1], paid[1])
    feasible = low <= high
    wants_high = grid.dearer or (parameter == OVER_ASSIGNMENT and share_at_quota is not None)
    if feasible:
        at = high if wants_high else low
    elif shared[0] <= shared[1]:
        at = shared[1] if parameter == OVER_ASSIGNMENT or paid[0] > paid[1] else paid[0]
    else:
        at = first
    words = _Words(trial, grid, share_at_quota, pay_budget)
    return Choice(
        parameter=parameter,
        value=grid.value(at),
        share_at_quota=trial.share(at),
        expected_cost=trial.cost(at),
        feasible=feasible,
        explanation=words.explain(at, feasible, shared, paid),
        curve=_curve(trial, grid, at),
    )


def _check(
    simulation: Simulation,
    parameter: str,
    share: float | None,
    budget: float | None,
) -> None:
    found = ProblemList("choose")
    if parameter not in PARAMETERS:
        message = f"must be one of {', '.join(PARAMETERS)}"
        found.add(message, key="parameter", value=parameter)
    if share is None and budget is None:
        found.add("needs a wanted share at quota, a pay budget, or both", key="share_at_quota")
    if share is not None and not 0 < share <= 1:
        found.add("must lie above 0 and at most at 1", key="share_at_quota", value=share)
    if budget is not None and not budget >= 0:
        found.add("must be at least 0", key="pay_budget", value=budget)
    if simulation.pay is None and (budget is not None or parameter != OVER_ASSIGNMENT):
        found.add("needs a compensation plan", key="compensation")
    found.raise_any()


def _range(holds: Callable[[int], bool], first: int, last: int, *, upward: bool) -> tuple[int, int]:
    """Numbers for which a monotone wish holds: from some number up, or up to some number."""
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        if holds(middle) == upward:
            high = middle
        else:
            low = middle + 1
    return (low, last) if upward else (first, low - 1)


class _Trial:
    """Share at quota and cost at each value of the grid, on one sample."""

    def __init__(self, simulation: Simulation, parameter: str) -> None:
        self.simulation, self.parameter = simulation, parameter
        self.grid = PARAMETERS[parameter]
        tree = simulation.problem.tree
        quota = simulation.plan.quota.sum(axis=(1, 2))
        level = tree.levels.index(simulation.level_at_foot)
        who = np.flatnonzero((tree.level == level) & (quota > 0))
        self.reached = np.sort(simulation.attainment[:, who], axis=None)
        self.now = float(quota[tree.leaves].sum() / quota[0]) if quota[0] else 1.0
        self.share = cache(self._share)
        self.cost = cache(self._cost)

    def factor(self, at: int) -> float:
        """By how much the quotas at the foot change."""
        if self.parameter != OVER_ASSIGNMENT:
            return 1.0
        return (1.0 + self.grid.value(at)) / self.now

    def _share(self, at: int) -> float:
        # Rounded as attainment is, so that what is quota to a hair counts as quota.
        limit = round(self.factor(at), 12)
        below = int(np.searchsorted(self.reached, limit, side="left"))
        return 1.0 - below / max(len(self.reached), 1)

    def _cost(self, at: int) -> float:
        s = self.simulation
        if s.compensation is None or s.payees is None or s.outcome is None:
            return 0.0
        plan, payees = s.compensation, s.payees
        if self.parameter == OVER_ASSIGNMENT:
            scale = np.where(payees.foot, self.factor(at), 1.0)
            payees = payees.replace(quota=payees.quota * scale)
        else:
            plan = self._changed(plan, at)
        return float(pay_out(plan, payees, s.outcome).total.sum(axis=1).mean())

    def _changed(self, plan: CompensationPlan, at: int) -> CompensationPlan:
        own, tiers = plan.terms, plan.terms.tiers
        changes: dict[str, Any] = {self.parameter: self.grid.value(at)}
        if self.parameter == "accelerator":
            tiers = tuple(tier for tier in tiers if tier.above != 1.0)
        if self.parameter == "threshold":
            # A rate that followed the threshold would pay more above quota.
            changes["rate"] = float(own.rate_in_force)
        return plan.replace(terms=replace(own, tiers=tiers, **changes))


def _curve(trial: _Trial, grid: Grid, at: int) -> pd.DataFrame:
    """About twenty values around the one that was chosen."""
    first, last = grid.ends
    reach = max(round(0.2 / grid.step), 20) if grid.high <= 1 else round(1.0 / grid.step)
    low, high = max(first, at - reach), min(last, at + reach)
    step = max((high - low) // 20, 1)
    numbers = sorted({*range(low, high + 1, step), at})
    rows = [(grid.value(n), trial.share(n), trial.cost(n)) for n in numbers]
    return pd.DataFrame(rows, columns=["value", "at_quota", "cost"])


@dataclass(frozen=True)
class _Words:
    trial: _Trial
    grid: Grid
    wanted: float | None
    budget: float | None

    def explain(
        self, at: int, feasible: bool, shared: tuple[int, int], paid: tuple[int, int]
    ) -> tuple[str, ...]:
        name, value = self.trial.parameter, self.grid.value(at)
        share, cost = self.trial.share(at), self.trial.cost(at)
        known = f"{name} {value:g}: {share:.1%} reach quota"
        if self.trial.simulation.pay is not None:
            known += f", expected pay {self._money(cost)}"
        if feasible:
            return (known + ".",)
        sentences = [f"No {name} meets the wish. Nearest is {known}."]
        first, last = self.grid.ends
        if shared[0] > shared[1]:
            best = self.trial.share(first)
            moves = name == OVER_ASSIGNMENT
            sentences.append(
                f"{self.wanted:.0%} at quota is out of reach: "
                + (
                    f"even without over-assignment {best:.1%} reach it, as so much is expected "
                    "to be sold and no more; a lower budget or less uncertainty would change that."
                    if moves
                    else f"{best:.1%} reach it, and {name} does not move that; "
                    "over_assignment does."
                )
            )
        if paid[0] > paid[1]:
            cheapest = self.trial.cost(first if self.grid.dearer else last)
            sentences.append(
                f"The pay budget of {self._money(self.budget)} is below what any {name} from "
                f"{self.grid.low:g} to {self.grid.high:g} costs, {self._money(cheapest)} at least."
            )
        if shared[0] <= shared[1] and paid[0] <= paid[1]:
            dear, lean = self.trial.cost(shared[1]), self.trial.share(paid[0])
            sentences.append(
                f"{self.wanted:.0%} at quota costs at least {self._money(dear)}, "
                f"{self._money(dear - (self.budget or 0.0))} more than the budget; within the "
                f"budget {lean:.1%} reach quota, at {name} {self.grid.value(paid[0]):g}."
            )
        return tuple(sentences)

    def _money(self, amount: float | None) -> str:
        return f"{amount or 0.0:,.0f} {self.trial.simulation.problem.currency}"
