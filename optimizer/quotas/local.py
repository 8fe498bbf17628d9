"""Quotas in the currency that people are paid in, at the pinned plan rate."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pandas as pd

from ...models.quotas import round_half_up
from .apportion import apportion
from .result import QuotaResult
from .tables import ratio

LOCAL_COLUMNS = ("node", "product", "period", "quota", "currency", "rate", "plan_quota", "plan_currency")  # fmt: skip


def in_local_currency(
    result: QuotaResult,
    currencies: Mapping[str, str],
    rates: Mapping[str, float],
    *,
    unit: int = 1,
) -> pd.DataFrame:
    """Quotas of some nodes in currencies of their own.

    The plan adds up in the plan's currency. A node's total is that amount ÷ rate, rounded
    half up to the unit; its cells add up to it, each as near to its own amount ÷ rate as
    whole units allow.

    Parameters
    ----------
    currencies
        Currency by node; nodes in the plan's currency may be left out.
    rates
        Plan rate by currency: what one unit of it is in the plan's currency.
    unit
        Whole money that local quotas are multiples of.

    Returns
    -------
    ``node, product, period, quota, currency, rate, plan_quota, plan_currency``.

    Raises
    ------
    ValueError
        When a node is unknown or a currency has no rate.
    """
    problem, plan = result.problem, result.plan
    if plan is None:
        raise ValueError("there are no quotas")
    place = {node: row for row, node in enumerate(problem.tree.ids)}
    frames = []
    for node, currency in sorted(currencies.items()):
        if node not in place:
            raise ValueError(f"there is no node {node!r}")
        rate = Fraction(1) if currency == problem.currency else ratio(rates.get(currency))
        if not rate or rate <= 0:
            raise ValueError(f"there is no plan rate of {currency}")
        exact = plan.quota[place[node]].ravel()
        step = rate * problem.minor_units * unit
        total = round_half_up(Fraction(int(exact.sum())) / step, 1)
        index = exact / float(step)
        scale = np.where(index > 0, index, 1.0)
        high = np.where(index > 0, total, 0)
        shared = apportion(total, index, scale, np.zeros_like(high), high)
        units = np.zeros_like(exact) if shared is None else shared.units
        periods = len(problem.periods)
        frames.append(
            pd.DataFrame(
                {
                    "node": node,
                    "product": np.repeat(np.array(problem.products, dtype=object), periods),
                    "period": np.tile(
                        np.array(problem.periods, dtype=object), len(problem.products)
                    ),
                    "quota": units * unit,
                    "currency": currency,
                    "rate": float(rate),
                    "plan_quota": exact / problem.minor_units,
                    "plan_currency": problem.currency,
                }
            )
        )
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in LOCAL_COLUMNS})
    return pd.concat(frames, ignore_index=True) if frames else empty
