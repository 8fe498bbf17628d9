"""Attainment and pay under uncertainty: what a set of quotas means before the year begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ....models.arrays import FloatArray, IndexArray
from ....models.compensation import (
    CompensationPlan,
    Measured,
    Outcome,
    Payees,
    PayOut,
    pay_out,
)
from ....models.compensation.payout import attained
from ....models.errors import ProblemList
from ....models.quotas import QuotaPlan, QuotaProblem
from ..result import QuotaResult
from .sales import SalesDraws, SimulatedSales
from .staff import expected_sales, payees_of
from .uncertainty import Uncertainty

#: Quantiles that tables show.
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
#: Quantiles of the fan.
FAN = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@dataclass(frozen=True, eq=False)
class Simulation:
    """What many possible years make of a set of quotas.

    Parameters
    ----------
    attainment
        Of each node over the plan period, (draws, nodes).
    payees, outcome, pay
        None where there is no compensation plan.
    people
        ``node, level, parent, quota, expected_sales, chance_at_quota, attainment_p10,
        attainment_p50, attainment_p90`` and, for those who are paid, ``base,
        target_incentive, pay_mean, pay_p10, pay_p50, pay_p90``. It is about quotas: the
        uncertainty is the same for everybody.
    levels
        One row per level with a quota: ``level, people, at_quota`` (mean share of them
        who reach their quota), ``at_quota_p10, at_quota_p90, attainment`` (mean),
        ``spread`` (standard deviation over people, mean over draws), ``paid, pay_mean,
        pay_p10, pay_p50, pay_p90`` (of the whole level).
    cost
        ``component, mean, p10, p50, p90``, the last row ``total``; no rows without a plan.
    fan
        ``level, quantile, attainment`` over all people and draws of each level.
    """

    problem: QuotaProblem
    plan: QuotaPlan
    uncertainty: Uncertainty
    compensation: CompensationPlan | None
    attainment: FloatArray
    payees: Payees | None
    outcome: Outcome | None
    pay: PayOut | None
    people: pd.DataFrame
    levels: pd.DataFrame
    cost: pd.DataFrame
    fan: pd.DataFrame
    draws: int
    seed: int

    @property
    def level_at_foot(self) -> str:
        """Name of the level that most people at the foot of the tree have."""
        tree = self.problem.tree
        count = np.bincount(tree.level[tree.leaves], minlength=len(tree.levels))
        return tree.levels[int(count.argmax())]

    @property
    def share_at_quota(self) -> float:
        """Mean share of the people at the foot of the tree who reach their quota."""
        row = self.levels["level"] == self.level_at_foot
        return float(self.levels.loc[row, "at_quota"].iloc[0]) if row.any() else 0.0

    @property
    def expected_cost(self) -> float:
        """Mean of everything that is paid, plan currency; 0 without a plan."""
        return float(self.pay.total.sum(axis=1).mean()) if self.pay is not None else 0.0


def simulate_quotas(
    result: QuotaResult,
    compensation: CompensationPlan | None = None,
    pay: Mapping[str, tuple[float, float]] | pd.DataFrame | None = None,
    *,
    uncertainty: Uncertainty | None = None,
    expected: float | pd.DataFrame = 1.0,
    draws: int = 1000,
    seed: int = 1,
) -> Simulation:
    """Simulate attainment and pay for quotas that were set.

    Parameters
    ----------
    result
        What ``set_quotas`` returned, with a plan.
    compensation
        How attainment turns into pay; only attainment is simulated without it.
    pay
        ``{level: (base, target incentive)}`` for everybody of a level, or a frame
        ``node, base, target_incentive``; plan currency for the plan period.
    uncertainty
        Spread of sales; assumed values by default.
    expected
        What is expected to be sold: this share of each index before over-assignment,
        times its ramp; or a frame ``node, sales``.
    draws, seed
        How many years are simulated, and the start of their random numbers. The same
        territory has the same draws whatever else is in the plan.

    Raises
    ------
    BadInput
        When there are no quotas or the figures cannot be used; all problems at once.

    Examples
    --------
    >>> from teig.optimizer.quotas import set_quotas
    >>> from teig.models.compensation import PayTerms
    >>> people = pd.DataFrame({"owner": ["ada", "bo", "cy"], "sales": [300, 200, 100],
    ...                        "potential": [500, 500, 500]})
    >>> quotas = set_quotas(people, budget=660_000, rounding=1000)
    >>> simulated = simulate_quotas(quotas, CompensationPlan(PayTerms(accelerator=2)),
    ...                             {"rep": (60_000, 40_000)})
    >>> round(simulated.share_at_quota, 2), round(simulated.expected_cost, -3)
    (0.46, 308000.0)
    """
    found = ProblemList("simulation")
    if result.plan is None:
        found.add("there are no quotas to simulate", key="quotas", value=result.status)
    if draws < 1:
        found.add("must be at least 1", key="draws", value=draws)
    found.raise_any()
    assert result.plan is not None  # noqa: S101 - raised above
    problem, spread = result.problem, uncertainty or Uncertainty()
    sales = expected_sales(problem, expected)
    payees, nodes = None, np.zeros(0, dtype=np.int64)
    if compensation is not None:
        payees, nodes = payees_of(problem, result.plan, pay if pay is not None else {})
    by_period = compensation is not None and compensation.measured is Measured.PERIOD
    contests = compensation.contests if compensation is not None else ()
    simulated = SalesDraws(problem, sales, spread, draws, seed).simulate(
        nodes, contests, by_period=by_period
    )
    quota = result.plan.quota.sum(axis=(1, 2)) / problem.minor_units
    attainment = attained(simulated.year, quota)
    outcome, paid = None, None
    if compensation is not None and payees is not None:
        outcome = _outcome(problem, payees, attainment, simulated)
        paid = pay_out(compensation, payees, outcome)
    return _described(
        Simulation(
            problem=problem,
            plan=result.plan,
            uncertainty=spread,
            compensation=compensation,
            attainment=attainment,
            payees=payees,
            outcome=outcome,
            pay=paid,
            people=pd.DataFrame(),
            levels=pd.DataFrame(),
            cost=pd.DataFrame(),
            fan=pd.DataFrame(),
            draws=draws,
            seed=seed,
        ),
        quota,
        sales.sum(axis=(1, 2)),
        nodes,
    )


def _outcome(
    problem: QuotaProblem, payees: Payees, attainment: FloatArray, simulated: SimulatedSales
) -> Outcome:
    at = {name: node for node, name in enumerate(problem.tree.ids)}
    managers = [at[name] for name in payees.managers]
    return Outcome(simulated.periods, attainment[:, managers], simulated.contests)


def _described(
    bare: Simulation, quota: FloatArray, expected: FloatArray, nodes: IndexArray
) -> Simulation:
    return replace(
        bare,
        people=_people(bare, quota, expected, nodes),
        levels=_levels(bare, quota, nodes),
        cost=_cost(bare),
        fan=_fan(bare, quota),
    )


def _people(
    bare: Simulation, quota: FloatArray, expected: FloatArray, nodes: IndexArray
) -> pd.DataFrame:
    tree, minor = bare.problem.tree, bare.problem.minor_units
    sums = np.zeros(len(tree))
    sums[tree.leaves] = expected
    for node in reversed(range(1, len(tree))):
        sums[tree.parent[node]] += sums[node]
    low, middle, high = np.quantile(bare.attainment, (LOW, MIDDLE, HIGH), axis=0)
    frame = pd.DataFrame(
        {
            "node": list(tree.ids),
            "level": [tree.levels[level] for level in tree.level.tolist()],
            "parent": [tree.ids[p] if p >= 0 else "" for p in tree.parent.tolist()],
            "quota": bare.plan.quota.sum(axis=(1, 2)) / minor,
            "expected_sales": sums,
            "chance_at_quota": (bare.attainment >= 1.0).mean(axis=0),
            "attainment_p10": low,
            "attainment_p50": middle,
            "attainment_p90": high,
        }
    )
    frame.loc[quota <= 0, ["chance_at_quota"]] = np.nan
    if bare.pay is not None and bare.payees is not None:
        total = bare.pay.total
        for name, values in (
            ("base", bare.payees.base),
            ("target_incentive", bare.payees.target_incentive),
            ("pay_mean", total.mean(axis=0)),
            *_quantiles("pay", total),
        ):
            column = np.full(len(tree), np.nan)
            column[nodes] = values
            frame[name] = column
    return frame


def _levels(bare: Simulation, quota: FloatArray, nodes: IndexArray) -> pd.DataFrame:
    tree = bare.problem.tree
    rows: list[dict[str, Any]] = []
    for level, name in enumerate(tree.levels):
        who = np.flatnonzero((tree.level == level) & (quota > 0))
        if not len(who):
            continue
        reached = bare.attainment[:, who]
        share = (reached >= 1.0).mean(axis=1)
        row: dict[str, Any] = {"level": name, "people": len(who), "at_quota": share.mean()}
        row["at_quota_p10"], row["at_quota_p90"] = np.quantile(share, (LOW, HIGH))
        row |= {"attainment": reached.mean(), "spread": reached.std(axis=1).mean()}
        if bare.pay is not None:
            total = bare.pay.total[:, tree.level[nodes] == level]
            row["paid"] = total.shape[1]
            if total.shape[1]:
                whole = total.sum(axis=1)
                row |= {"pay_mean": whole.mean(), **dict(_quantiles("pay", whole))}
        rows.append(row)
    return pd.DataFrame(rows)


def _cost(bare: Simulation) -> pd.DataFrame:
    columns = ["component", "mean", "p10", "p50", "p90"]
    if bare.pay is None:
        return pd.DataFrame(columns=columns)
    parts = {name: part.sum(axis=1) for name, part in bare.pay.components.items()}
    parts["total"] = bare.pay.total.sum(axis=1)
    rows = [
        [name, part.mean(), *np.quantile(part, (LOW, MIDDLE, HIGH))] for name, part in parts.items()
    ]
    return pd.DataFrame(rows, columns=columns)


def _fan(bare: Simulation, quota: FloatArray) -> pd.DataFrame:
    tree = bare.problem.tree
    rows = []
    for level, name in enumerate(tree.levels):
        who = np.flatnonzero((tree.level == level) & (quota > 0))
        if len(who):
            values = np.quantile(bare.attainment[:, who], FAN)
            rows += [(name, q, float(v)) for q, v in zip(FAN, values, strict=True)]
    return pd.DataFrame(rows, columns=["level", "quantile", "attainment"])


def _quantiles(name: str, values: FloatArray) -> Sequence[tuple[str, Any]]:
    found = np.quantile(values, (LOW, MIDDLE, HIGH), axis=0)
    return list(zip((f"{name}_p10", f"{name}_p50", f"{name}_p90"), found, strict=True))
