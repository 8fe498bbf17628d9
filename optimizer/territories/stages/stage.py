"""One stage: small models at once, larger ones by bound, search, bound again, and the rest."""

from __future__ import annotations

import math
from dataclasses import replace

from ....models.arrays import IndexArray
from ....models.plan import Plan
from ..columns import is_separable
from ..exact import is_linear
from ..measures import measure
from ..model import AssignmentModel
from ..prices import PriceResult
from .bottleneck import solve_bottleneck
from .effort import (
    BOTTLENECK,
    EXACT_WORK,
    FINISHED,
    FINISHING_WORK,
    PASSES,
    QUICK_WORK,
    SMALL,
    SMALL_WORK,
)
from .means import Means
from .outcome import IMPOSSIBLE, UNKNOWN, Outcome, value_unit, with_remainder


def solve_stage(
    name: str, model: AssignmentModel, start: IndexArray | None, means: Means
) -> Outcome:
    """Solve a stage by the means that suit its size.

    Parameters
    ----------
    name
        Of the stage, for the listener.
    start
        Owners of items to begin from, (items,); they need not be feasible.
    """
    known = replace(UNKNOWN, owners=start)
    if model.pairs <= SMALL:
        work = QUICK_WORK if is_separable(model) else EXACT_WORK
        known = means.exact(name, model, start, work)
        if _done(known, means):
            return known
    if model.largest:
        return _by_limits(name, model, known, means)
    return _by_prices(name, model, known, means)


def _done(outcome: Outcome, means: Means) -> bool:
    return outcome.proven or outcome.within(means.commission.gap) or means.clock.stop()


def _by_prices(name: str, model: AssignmentModel, known: Outcome, means: Means) -> Outcome:
    """Prices, search, prices again against the plan, and CP-SAT on what is left."""
    gap, record = means.commission.gap, means.record
    prices = means.prices(model)
    record.bounded(prices.bound)
    means.clock.say(f"{name}: bound by prices", None, max(known.bound, prices.bound))
    bound = max(known.bound, means.branched(name, model, prices))
    if math.isinf(bound) and bound > 0:
        return IMPOSSIBLE
    record.bounded(bound)
    target = bound + gap / max(1.0 - gap, 1e-9) * abs(bound)
    start = _begun(name, model, known.owners, prices, means)
    found = means.search(name, model, start, prices, target=target, report=True)
    best = replace(known, bound=bound, stopped_by="work")
    if found.item_owners is not None and found.objective < known.value:
        unit = value_unit(model, found.item_owners, found.objective)
        best = Outcome(found.item_owners, found.objective, unit, bound, False, "work")
    elif not math.isfinite(known.value):
        best = replace(best, owners=None)
    if found.item_owners is None:
        record.nearest = Plan(model.cover_owners(found.nearest))
    if means.clock.stop() or best.within(gap):
        return replace(best, stopped_by="gap" if best.within(gap) else "time")
    return _finish(name, model, best, prices, means)


def _begun(
    name: str, model: AssignmentModel, start: IndexArray | None, prices: PriceResult, means: Means
) -> IndexArray | None:
    """Where a search begins: where territories may lie in pieces, perhaps at a better plan."""
    dealt = means.undecided(name, model, prices) if is_linear(model) else None
    if dealt is None or start is None:
        return start if dealt is None else dealt
    given = measure(model, start)
    better = given.feasible and given.objective <= measure(model, dealt).objective
    return start if better else dealt


def _finish(
    name: str, model: AssignmentModel, best: Outcome, prices: PriceResult, means: Means
) -> Outcome:
    """Whole territories and CP-SAT on the pairs that a better plan may hold."""
    if best.owners is not None:
        prices = means.prices_below(model, best.value, prices)
        best = replace(best, bound=max(best.bound, min(prices.bound, best.value)))
        means.record.bounded(best.bound)
        if best.within(means.commission.gap):
            return replace(best, stopped_by="gap")
    possible = prices.possible & model.allowed
    if int(possible.sum()) > FINISHED or means.clock.stop():
        return best
    if is_separable(model):
        best = means.whole_territories(name, model, best, prices)
        if _done(best, means):
            return best
    if best.owners is not None:
        possible = possible.copy()
        possible[model.start + best.owners - model.first] = True
    work = SMALL_WORK if model.pairs <= SMALL else FINISHING_WORK
    found = means.exact(name, replace(model, allowed=possible), best.owners, work)
    return with_remainder(best, found)


def _by_limits(name: str, model: AssignmentModel, known: Outcome, means: Means) -> Outcome:
    """Terms that count by their largest value: limits on it, each with a shorter search."""

    def search(limited: AssignmentModel) -> IndexArray | None:
        prices = means.prices(limited)
        if not math.isfinite(prices.bound):
            return None
        return means.search(name, limited, known.owners, prices, share=BOTTLENECK).item_owners

    def better(owners: IndexArray, value: float) -> None:
        means.record.better(model, owners, value)
        means.clock.say(f"{name}: search", value, None)

    found = solve_bottleneck(
        model,
        search,
        start=known.owners if math.isfinite(known.value) else None,
        work=PASSES * means.commission.work / 2,
        stop=means.clock.stop,
        report=better,
    )
    bound = max(known.bound, found.bound)
    if found.owners is None:
        return replace(known, bound=bound, stopped_by="work")
    unit = value_unit(model, found.owners, found.value)
    if found.value >= known.value:
        return replace(known, bound=min(bound, known.value), stopped_by="work")
    return Outcome(found.owners, found.value, unit, min(bound, found.value), False, "work")
