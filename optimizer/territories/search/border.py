"""Annealing along the borders of territories, in compiled code.

Only items at a border can move, so directed neighbour pairs with different owners are
kept in a list for each owner, and proposals are drawn from these. What is annealed is

    Σ cost + Σ price · load + Σ weight · amount outside the limits,

with a *price* for each owner and hard limit as in the relaxation (Everett 1963): at the
right prices balance costs nothing to keep, and an owner with too little draws items
through the territories in between. Prices follow what is outside from block to block;
weights rise from the start of an annealing to its end, when all limits have to hold.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import bare, bare_inlined
from .deal import Deal, Walker, move, outside, pair_change, stays_whole, value_of
from .drawing import draw
from .ground import Ground

#: Share outside the limits from which on prices rise as fast as they may.
FAR = 0.02


@bare_inlined
def amount_change(d: Deal, k: int, r: int, amount: float) -> float:
    """What an owner's price and weight add where its load changes by an amount."""
    now = d.load[k, r]
    change = d.price[k, r] * amount
    over = outside(d, k, r, now + amount) - outside(d, k, r, now)
    return float(change + d.weight[k, r] * over)


@bare_inlined
def drawn_edge(d: Deal, random: Any, r: int) -> int:
    """One of an owner's border pairs; -1 where it has none."""
    many = d.crossings[r]
    return int(d.crossing[r, draw(random) % many]) if many > 0 else -1


@bare_inlined
def accepts(random: Any, change: float, temperature: float) -> bool:
    """The rule of Metropolis et al. (1953)."""
    if change <= 0.0:
        return True
    if change > 16.0 * temperature:
        return False
    return bool((draw(random) + 1.0) / 2147483649.0 < np.exp(-change / temperature))


@bare_inlined
def propose(
    g: Ground, d: Deal, w: Walker, mine: IndexArray, temperature: float, chain: bool
) -> int:
    """Draw a shift across a border or a chain of two; returns how many items it moves, or 0.

    The walker's plan gets item, receiver, and for a chain one of the receiver's items
    and its receiver: back to the first owner or on to a third.
    """
    random, plan = w.random, w.plan
    r = mine[draw(random) % len(mine)]
    e = drawn_edge(d, random, r)
    if e < 0:
        return 0
    i, to = g.tail[e], d.owner[g.near_other[e]]
    if d.group[to] != d.group[r]:
        return 0
    change = pair_change(g, i, r, to)
    j, q = -1, -1
    if chain:
        e = drawn_edge(d, random, to)
        j, q = g.tail[e], d.owner[g.near_other[e]]
        if i == j or d.group[q] != d.group[r]:
            return 0
        change += pair_change(g, j, to, q)
    if not change < np.inf:
        return 0
    for k in range(d.load.shape[0]):
        gives = -value_of(g, k, i, r)
        takes = value_of(g, k, i, to)
        if chain:
            takes -= value_of(g, k, j, to)
            more = value_of(g, k, j, q)
            if q == r:
                gives += more
            else:
                change += amount_change(d, k, q, more)
        change += amount_change(d, k, r, gives) + amount_change(d, k, to, takes)
    if not accepts(random, change, temperature):
        return 0
    plan[0], plan[1], plan[2], plan[3] = i, to, j, q
    return 2 if chain else 1


@bare_inlined
def carried_out(g: Ground, d: Deal, w: Walker, steps: int) -> int:
    """Carry out what was drawn where territories stay whole; returns how many items moved."""
    took = 0
    plan = w.plan
    goal = np.int64(-1)
    for step in range(3):
        if step < steps:
            i, to = plan[2 * step], plan[2 * step + 1]
            touches = step == 0
            if not touches:
                for e in range(g.near_start[i], g.near_start[i + 1]):
                    touches = touches or d.owner[g.near_other[e]] == to
            fits = touches and stays_whole(g, d, w, i, d.owner[i])
            if not fits and step == 0:
                return 0
            if not fits:
                i, to = plan[0], goal
        else:
            return took
        goal = d.owner[i]
        move(g, d, w, i, to)
        if not fits:
            return 0
        took += 1
    return took


@bare_inlined
def reprice(
    g: Ground,
    d: Deal,
    mine: IndexArray,
    usual: FloatArray,
    rate: FloatArray,
    cap: FloatArray,
    fade: float,
    pace: float,
) -> None:
    """Raise prices where there is too much, lower them where too little, at a pace up to 1.

    Those of limits that are not even near fade (complementary slackness).
    """
    for k in range(d.load.shape[0]):
        for at in range(len(mine)):
            r = mine[at]
            load, price, far = d.load[k, r], d.price[k, r], FAR * usual[k]
            if load > d.high[k, r]:
                price += pace * rate[k] * min(1.0, (load - d.high[k, r]) / far)
            elif load < d.low[k, r]:
                price -= pace * rate[k] * min(1.0, (d.low[k, r] - load) / far)
            elif (load < d.high[k, r] - far and price > 0) or (
                load > d.low[k, r] + far and price < 0
            ):
                price *= fade
            # Price and weight of a soft limit together never exceed what it really costs.
            most = min(cap[k], g.price[k] - d.weight[k, r])
            d.price[k, r] = min(max(price, -most), most)


@bare_inlined
def note(d: Deal, w: Walker, took: int, length: int) -> int:
    """Book moves; keep the plan where it is the best. Returns how many moves it is away."""
    n = len(d.owner)
    for at in range(took):
        if length < n:
            w.trail[length] = w.plan[2 * at]
        length += 1
    if w.broken[0] > 0 or w.objective[0] >= w.best[0]:
        return length
    w.best[0] = w.objective[0]
    if length > n:
        for i in range(n):
            w.best_owner[i] = d.owner[i]
    else:
        for at in range(length):
            w.best_owner[w.trail[at]] = d.owner[w.trail[at]]
    return 0


@bare
def anneal_borders(
    g: Ground,
    d: Deal,
    w: Walker,
    mine: IndexArray,
    usual: FloatArray,
    temperature: float,
    cooling: float,
    weight: FloatArray,
    growth: float,
    rate: FloatArray,
    cap: FloatArray,
    fade: float,
    blocks: int,
    block: int,
    chains: int,
) -> int:
    """Anneal among some owners for some blocks of proposals.

    Parameters
    ----------
    mine
        The owners, all those of one group of the deal.
    usual
        What an owner carries on average of each resource, (K,).
    temperature, cooling
        At the start, and its factor from block to block.
    weight, growth
        Of a unit outside hard limits at the start, (K,), and its factor.
    rate, cap, fade
        By how much prices rise where limits are missed by far, their largest value, (K,)
        each, and the factor by which those of limits that are not near fade, both from block to block.
    chains
        Of 1,024 proposals so many are chains of two shifts.

    Returns
    -------
    int
        Moves carried out.
    """
    # Nothing is known of how the state differs from the best plan: copy all at first.
    length = len(d.owner) + 1
    accepted = 0
    rise = 1.0
    for b in range(blocks):
        for k in range(d.load.shape[0]):
            for at in range(len(mine)):
                d.weight[k, mine[at]] = min(rise * weight[k], g.price[k])
        # Before the first block prices only come within what weights leave of soft limits.
        reprice(g, d, mine, usual, rate, cap, fade if b > 0 else 1.0, 1.0 if b > 0 else 0.0)
        for turn in range(block):
            took = 0
            if turn > 0 or b > 0:
                chain = draw(w.random) & 1023 < chains
                steps = propose(g, d, w, mine, temperature, chain)
                if steps > 0:
                    took = carried_out(g, d, w, steps)
                if took == 0:
                    continue
            length = note(d, w, took, length)
            accepted += took > 0
        temperature *= cooling
        rise *= growth
    return accepted
