"""Every connected territory of small reduced cost that an owner might have, compiled.

With prices on what limits an owner, an item costs it something to have (positive) or to
do without (negative). A set's *regret* is what it pays beyond the cheapest choice item
by item; only sets up to a budget of regret are asked for. A set grows from its root: an
item beside it is taken in or left out, the one first that costs most to decide wrongly,
so that nearly every other choice is over the budget at once. What is left out may part
the set from items beyond, and these are then left out too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..compiled import compiled, inner

OPEN, IN, OUT = 0, 1, 2


class Ground(NamedTuple):
    """What an owner may have; n items, K limits.

    Parameters
    ----------
    begin, near
        Neighbours of each item, among these items.
    with_it, without
        Regret of having an item and of doing without, (n,); one of them is 0.
    value
        What a set costs by the item, (n,).
    weight, low, high
        What items weigh and sets may, (K, n), (K,), (K,).
    price
        Of each limit: positive at the lower, negative at the upper, (K,).
    needs_home, home
        Whether a set needs one of some items, and which, (n,).
    """

    begin: IndexArray
    near: IndexArray
    with_it: FloatArray
    without: FloatArray
    value: FloatArray
    weight: FloatArray
    low: FloatArray
    high: FloatArray
    price: FloatArray
    needs_home: bool
    home: BoolArray


class Found(NamedTuple):
    """Sets found: members, (room, n), values, (room,); tally of sets, decisions, cut short."""

    member: BoolArray
    value: FloatArray
    tally: IndexArray


class Growth(NamedTuple):
    """A set in the making.

    Parameters
    ----------
    state
        Of each item: open, in or out, (n,).
    seen, queue
        Room for a flood, (n,).
    branch, second, regret, linked
        By depth: the item decided, whether its second choice is on, the regret, and the
        regret once what it takes to reach the root is counted.
    inside, around, wanted
        Weight of what is in, of what could still be, and of what of that has a regret to
        do without, (K,).
    order
        Items by their regret for the weight, (K, n).
    with_it, without
        Regrets once what it takes to reach the root is counted, (n,).
    """

    state: IndexArray
    seen: BoolArray
    queue: IndexArray
    branch: IndexArray
    second: BoolArray
    regret: FloatArray
    linked: FloatArray
    inside: FloatArray
    around: FloatArray
    wanted: FloatArray
    order: IndexArray
    with_it: FloatArray
    without: FloatArray


@inner
def flood(g: Ground, s: Growth, begin: int, root: int) -> int:
    """Items that can be reached from one without regret, -1 where the root is among them."""
    s.seen[:] = False
    s.seen[begin] = True
    s.queue[0] = begin
    head, tail = 0, 1
    while head < tail:
        at = s.queue[head]
        head += 1
        for e in range(g.begin[at], g.begin[at + 1]):
            j = g.near[e]
            if j == root:
                return -1
            if not s.seen[j] and s.state[j] != OUT and s.with_it[j] <= 0.0:
                s.seen[j] = True
                s.queue[tail] = j
                tail += 1
    return tail


@inner
def connect(g: Ground, s: Growth, root: int, budget: float) -> float:
    """Count what it takes to reach the root; the least regret that it adds.

    As in Wong's dual ascent (1984): an item that one had better have needs some of what
    lies around the items within its reach. So much of its regret is put on each of these
    as the cheapest of them bears, and what that one leads to is within reach as well.
    """
    s.with_it[:], s.without[:] = g.with_it, g.without
    added = 0.0
    for a in range(len(s.state)):
        if s.state[a] == OUT or a == root:
            continue
        while s.without[a] > 0.0 and added <= budget:
            many = flood(g, s, a, root)
            if many < 0:
                break
            part = s.without[a]
            for c in range(many):
                for e in range(g.begin[s.queue[c]], g.begin[s.queue[c] + 1]):
                    j = g.near[e]
                    if not s.seen[j] and s.state[j] != OUT:
                        part = min(part, s.with_it[j])
            s.without[a] -= part
            added += part
            for c in range(many):
                for e in range(g.begin[s.queue[c]], g.begin[s.queue[c] + 1]):
                    j = g.near[e]
                    if not s.seen[j] and s.state[j] != OUT:
                        s.seen[j] = True
                        s.with_it[j] -= part
    return added


@inner
def survey(g: Ground, s: Growth, root: int) -> int:
    """See what can be reached from the root; the item beside the set to decide next, or -1."""
    s.seen[:] = False
    s.seen[root] = True
    s.queue[0] = root
    s.inside[:], s.around[:], s.wanted[:] = 0.0, 0.0, 0.0
    head, tail, best, most = 0, 1, -1, -1.0
    while head < tail:
        at = s.queue[head]
        head += 1
        weigh(g, s, at)
        for e in range(g.begin[at], g.begin[at + 1]):
            j = g.near[e]
            if s.state[j] == OUT:
                continue
            if s.state[at] == IN and s.state[j] == OPEN:
                stake = g.with_it[j] + g.without[j]
                if stake > most or (stake == most and j < best):
                    best, most = j, stake
            if not s.seen[j]:
                s.seen[j] = True
                s.queue[tail] = j
                tail += 1
    return best


@inner
def weigh(g: Ground, s: Growth, at: int) -> None:
    """Add an item's weights to what is in, or to what could be."""
    for k in range(len(g.low)):
        if s.state[at] == IN:
            s.inside[k] += g.weight[k, at]
        else:
            s.around[k] += g.weight[k, at]
            if g.without[at] > 0.0:
                s.wanted[k] += g.weight[k, at]


@inner
def hopeless(g: Ground, s: Growth, depth: int, budget: float) -> bool:
    """Whether no set from here keeps the limits within the budget."""
    regret, linked = s.regret[depth], s.linked[depth]
    homeless = g.needs_home
    for i in range(len(s.state)):
        homeless = homeless and not (g.home[i] and s.seen[i])
        if not s.seen[i] and s.state[i] == OPEN:
            regret += g.without[i]
            linked += s.without[i]
    if homeless or max(regret, linked) > budget:
        return True
    for k in range(len(g.low)):
        if s.inside[k] > g.high[k] or s.inside[k] + s.around[k] < g.low[k]:
            return True
        if regret + balanced(g, s, k, budget - regret) > budget:
            return True
    return False


@inner
def balanced(g: Ground, s: Growth, k: int, most: float) -> float:
    """Least regret that it takes to bring what one would choose within a limit.

    Items change sides by their regret for the weight, the last one in part, or the
    limit's price is paid for what is left over.
    """
    total = s.inside[k] + s.wanted[k]
    price = abs(g.price[k])
    aim = g.low[k] if g.price[k] > 0.0 or (price == 0.0 and total < g.low[k]) else g.high[k]
    short = total < aim
    if price == 0.0:
        if not (total < g.low[k] or total > g.high[k]):
            return 0.0
        price = np.inf
    elif short == (g.price[k] > 0.0):
        # A limit that is missed is no matter of its price.
        price = np.inf
    missing = abs(aim - total)
    added = 0.0
    for i in s.order[k]:
        if s.state[i] != OPEN or not s.seen[i] or (g.without[i] > 0.0) == short:
            continue
        weight, regret = g.weight[k, i], g.with_it[i] + g.without[i]
        if weight <= 0.0 or regret >= price * weight:
            break
        if weight >= missing:
            return float(added + regret * missing / weight)
        added += regret
        missing -= weight
        if added > most:
            break
    if price < np.inf:
        added += missing * price
    return float(added)


@inner
def rank(g: Ground, s: Growth) -> None:
    """Order items by their regret for the weight."""
    ratio = np.empty(len(s.state))
    for k in range(len(g.low)):
        for i in range(len(ratio)):
            weight = g.weight[k, i]
            ratio[i] = (g.with_it[i] + g.without[i]) / weight if weight > 0.0 else np.inf
        s.order[k] = np.argsort(ratio, kind="mergesort")


@inner
def keep(g: Ground, s: Growth, found: Found, limit: float) -> None:
    """Note a complete set where it is within its limits and not above the value."""
    for k in range(len(g.low)):
        if s.inside[k] < g.low[k]:
            return
    value = 0.0
    for i in range(len(s.state)):
        if s.state[i] == IN:
            value += g.value[i]
    if value > limit:
        return
    at = found.tally[0]
    if at >= len(found.value):
        found.tally[2] = 1
        return
    found.value[at] = value
    for i in range(len(s.state)):
        found.member[at, i] = s.state[i] == IN
    found.tally[0] = at + 1


@inner
def decide(g: Ground, s: Growth, depth: int, second: bool) -> None:
    """Carry out the first or second choice at a depth; the first is the one without regret."""
    at = s.branch[depth]
    wanted = g.without[at] > g.with_it[at]
    taken = wanted != second
    s.state[at] = IN if taken else OUT
    s.regret[depth + 1] = s.regret[depth] + (g.with_it[at] if taken else g.without[at])
    s.linked[depth + 1] = s.linked[depth] + (s.with_it[at] if taken else s.without[at])
    s.second[depth] = second


@inner
def grow(
    g: Ground, s: Growth, root: int, budget: float, limit: float, nodes: int, found: Found
) -> None:
    """Every set that grows from a root within the budget."""
    depth = 0
    down = True
    while True:
        if down:
            found.tally[1] += 1
            if found.tally[1] > nodes or found.tally[2]:
                found.tally[2] = 1
                return
            at = survey(g, s, root)
            if not hopeless(g, s, depth, budget):
                if at >= 0:
                    s.branch[depth] = at
                    decide(g, s, depth, False)
                    depth += 1
                    continue
                keep(g, s, found, limit)
        depth -= 1
        if depth < 0:
            return
        down = False
        if s.second[depth]:
            s.state[s.branch[depth]] = OPEN
        else:
            decide(g, s, depth, True)
            depth += 1
            down = True


@compiled
def territories(g: Ground, budget: float, limit: float, nodes: int, found: Found) -> None:
    """Every connected set with at most a budget of regret and a value up to the limit.

    Parameters
    ----------
    nodes
        Decisions at most; the last of the counts is 1 where they or the room for sets
        were not enough.
    """
    n = len(g.value)
    depth = n + 2
    s = Growth(
        np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.int64),
        np.zeros(depth, dtype=np.int64), np.zeros(depth, dtype=np.bool_), np.zeros(depth),
        np.zeros(depth), np.zeros(len(g.low)), np.zeros(len(g.low)), np.zeros(len(g.low)),
        np.zeros((len(g.low), n), dtype=np.int64), np.zeros(n), np.zeros(n),
    )  # fmt: skip
    rank(g, s)
    order = np.argsort(-g.without, kind="mergesort")
    left_out = 0.0
    for root in order:
        if found.tally[2]:
            return
        # Sets without the roots before.
        s.state[root] = IN
        s.regret[0] = left_out + g.with_it[root]
        s.linked[0] = s.regret[0] + connect(g, s, root, budget - s.regret[0])
        grow(g, s, root, budget, limit, nodes, found)
        s.state[root] = OUT
        left_out += g.without[root]
        if left_out > budget:
            return
