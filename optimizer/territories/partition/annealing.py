"""Annealing of a plan: a unit at a border goes over to a neighbour's territory.

The diameter is driven down through a limit. Every pair of a territory that is further
apart than the limit costs a constant and its excess (of squares, as a share of the
squared limit); where no such pair and no imbalance is left, the plan is kept and the
limit set below its diameter. The constant makes the last small excess worth mending.
"""

from __future__ import annotations

import numpy as np

from ....models.arrays import IndexArray
from ..compiled import compiled, inner
from .state import (
    BALANCE,
    BEST,
    BORDER,
    CUTS,
    FAR,
    LIMIT,
    SHRINK,
    STOP,
    VALUE,
    Draft,
    Ground,
    Words,
    all_beyond,
    beyond,
    load_plan,
    move,
    squared_diameter,
    stays_connected,
)

COOLING = 1024
"""Proposals between two steps of cooling, and looks for a stop."""

NEARLY = 1e-10
"""Rounding of a share that sums of moves may gather."""


@inner
def _next(random: Words) -> int:
    """Marsaglia's 64-bit xorshift."""
    word = random[0]
    word ^= word << np.uint64(13)
    word ^= word >> np.uint64(7)
    word ^= word << np.uint64(17)
    random[0] = word
    return word


@inner
def _outside(load: float, low: float, high: float) -> float:
    return max(0.0, load - high) + max(0.0, low - load)


@inner
def _balance_change(ground: Ground, draft: Draft, unit: int, source: int, target: int) -> float:
    change = 0.0
    for k in range(ground.activity.shape[1]):
        amount = ground.activity[unit, k]
        low, high = ground.lower[k], ground.upper[k]
        there, here = draft.load[target, k], draft.load[source, k]
        change += ground.weight[k] * (
            _outside(there + amount, low, high) - _outside(there, low, high)
            + _outside(here - amount, low, high) - _outside(here, low, high)
        )  # fmt: skip
    return change


@inner
def balance_energy(ground: Ground, draft: Draft) -> tuple[float, bool]:
    """Cost of all amounts outside the limits; inf in front where a hard one is broken."""
    total, broken = 0.0, False
    for k in range(ground.activity.shape[1]):
        for t in range(len(draft.size)):
            out = _outside(draft.load[t, k], ground.lower[k], ground.upper[k])
            total += ground.weight[k] * out
            if ground.hard[k] > 0 and out > NEARLY:
                broken = True
    return total, broken


@inner
def energy(ground: Ground, draft: Draft) -> float:
    """What annealing lowers."""
    far = 0.0
    if draft.real[LIMIT] < np.inf:
        far = ground.far_weight * draft.real[FAR] / draft.real[LIMIT]
    return far + ground.cut_weight * draft.real[CUTS] + balance_energy(ground, draft)[0]


@inner
def _keep(ground: Ground, draft: Draft) -> None:
    """Keep a plan without a fault where it is the best; set the next limit."""
    soft, broken = balance_energy(ground, draft)
    draft.real[BALANCE] = soft
    if broken:
        return
    square = 0.0
    if ground.diameter_price > 0.0:
        square = squared_diameter(ground, draft)
    value = ground.diameter_price * np.sqrt(square) + ground.cut_weight * draft.real[CUTS]
    for k in range(ground.activity.shape[1]):
        if ground.hard[k] > 0.0:
            for t in range(len(draft.size)):
                out = _outside(draft.load[t, k], ground.lower[k], ground.upper[k])
                soft -= ground.weight[k] * out
    value += soft
    if value < draft.real[VALUE] - 1e-9:
        draft.real[VALUE] = value
        draft.real[BEST] = square
        draft.best[:] = draft.owner
    if ground.diameter_price > 0.0:
        square = min(square, draft.real[LIMIT])
        draft.real[LIMIT] = max(1.0, np.floor(square * draft.real[SHRINK]))
        draft.real[FAR] = all_beyond(ground, draft)


@compiled
def anneal(
    ground: Ground,
    draft: Draft,
    plan: IndexArray,
    random: Words,
    proposals: int,
    hot: float,
    cold: float,
) -> tuple[float, int]:
    """Anneal from a plan; the draft holds the last plan and the best without a fault.

    Parameters
    ----------
    proposals
        Moves looked at.
    hot, cold
        Temperatures at the beginning and the end; geometric in between.

    Returns
    -------
    Energy of the last plan at the last limit, and the moves looked at.
    """
    load_plan(ground, draft, plan)
    draft.real[BALANCE] = balance_energy(ground, draft)[0]
    # A limit that must hold costs at least this where it is broken by more than rounding.
    clean = np.inf if (ground.hard == 0.0).any() else 1e-7 * max(1.0, ground.weight.max())
    temperature = hot
    factor = (cold / hot) ** (COOLING / proposals)
    done = 0
    mended = ground.cut_weight == 0.0
    for step in range(proposals):
        if step % COOLING == 0:
            if draft.whole[STOP] != 0:
                break
            temperature *= factor
        done += 1
        far_unit = 0.0
        if draft.real[LIMIT] < np.inf and ground.far_weight > 0.0:
            far_unit = ground.far_weight / draft.real[LIMIT]
        if draft.whole[BORDER] == 0:
            break
        word = _next(random)
        unit = draft.border[(word >> np.uint64(33)) % np.uint64(draft.whole[BORDER])]
        degree = ground.first[unit + 1] - ground.first[unit]
        ray = (word & np.uint64(0xFFFFFFF)) % np.uint64(degree)
        target = draft.owner[ground.near[ground.first[unit] + np.int64(ray)]]
        source = draft.owner[unit]
        if source == target or draft.size[source] == 1:
            continue
        chance = (np.float64(_next(random) >> np.uint64(11)) + 0.5) / 9007199254740992.0
        ceiling = -temperature * np.log(chance)
        balance = _balance_change(ground, draft, unit, source, target)
        change = balance
        if ground.cut_weight > 0.0:
            for e in range(ground.first[unit], ground.first[unit + 1]):
                other = draft.owner[ground.near[e]]
                if other == source:
                    change += ground.cut_weight
                elif other == target:
                    change -= ground.cut_weight
        comes, goes = 0.0, 0.0
        if far_unit > 0.0:
            # What leaving can win is bounded before any distance is looked at.
            if change - draft.real[FAR] * far_unit > ceiling:
                continue
            if draft.real[FAR] > 0.0:
                goes = beyond(ground, draft, unit, source, draft.size[source])
                if change - goes * far_unit > ceiling:
                    continue
            comes = beyond(ground, draft, unit, target, draft.size[target])
        if change + (comes - goes) * far_unit > ceiling:
            continue
        if ground.contiguous and not stays_connected(ground, draft, unit):
            continue
        move(ground, draft, unit, target)
        draft.real[FAR] += comes - goes
        draft.real[BALANCE] += balance
        if draft.real[FAR] > 0.0 or draft.real[BALANCE] > clean:
            continue
        if mended or ground.cut_weight * draft.real[CUTS] < draft.real[VALUE]:
            _keep(ground, draft)
    return energy(ground, draft), done


@compiled
def judge(ground: Ground, draft: Draft, plan: IndexArray) -> float:
    """Energy of a plan at the draft's limit; keeps it where it is best and without a fault."""
    load_plan(ground, draft, plan)
    if draft.real[FAR] == 0.0:
        limit = draft.real[LIMIT]
        _keep(ground, draft)
        draft.real[LIMIT], draft.real[FAR] = limit, 0.0
    return energy(ground, draft)


@compiled
def span(ground: Ground, draft: Draft) -> float:
    """Squared diameter of the plan that a draft holds."""
    return squared_diameter(ground, draft)
