"""A connected start from prices: keep each territory's main piece and grow it back.

At good prices the cheapest owners are nearly balanced but in pieces. The largest piece
of each owner stays, with what is locked to it; the rest is handed out again along
neighbours, least regret first, in reduced costs rather than distances (which would
undo the balance that the prices have made).
"""

from __future__ import annotations

import heapq

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..prices import PriceResult
from ..tables import Tables


def reduced_costs_at(t: Tables, prices: PriceResult) -> FloatArray:
    """Reduced cost of every pair, inf where not allowed, (P,)."""
    del t
    return prices.reduced_costs()


def cheapest_owners(t: Tables, reduced: FloatArray, most: int = 8) -> IndexArray:
    """The owners of least reduced cost of each item, cheapest first, -1 for none, (n, most)."""
    n = len(t.first)
    found = np.full((n, most), -1, dtype=np.int64)
    # Where owners look alike, each item begins to count them at another one.
    turn = np.arange(n) * 0x9E3779B1
    for low, many in sorted(set(zip(t.first.tolist(), t.width.tolist(), strict=True))):
        items = np.flatnonzero((t.first == low) & (t.width == many))
        block = reduced[t.start[items][:, None] + np.arange(many)]
        shifted = (np.arange(many) - turn[items][:, None]) % many
        order = np.lexsort((shifted, block), axis=1)[:, :most]
        known = np.isfinite(np.take_along_axis(block, order, axis=1))
        found[items[:, None], np.arange(order.shape[1])] = np.where(known, order + low, -1)
    return found


def main_pieces(t: Tables, owner: IndexArray, locked: BoolArray) -> BoolArray:
    """Items in the largest piece of their owner, or in a piece with a locked item, (n,)."""
    n = len(owner)
    piece = np.full(n, -1, dtype=np.int64)
    begin, near = t.near_start.tolist(), t.near_other.tolist()
    of = owner.tolist()
    sizes: list[int] = []
    holder: list[int] = []
    for root in range(n):
        if piece[root] >= 0:
            continue
        stack, size = [root], 0
        piece[root] = len(sizes)
        while stack:
            at = stack.pop()
            size += 1
            for e in range(begin[at], begin[at + 1]):
                j = near[e]
                if piece[j] < 0 and of[j] == of[root]:
                    piece[j] = len(sizes)
                    stack.append(j)
        sizes.append(size)
        holder.append(of[root])
    largest: dict[int, int] = {}
    for index, size in enumerate(sizes):
        best = largest.get(holder[index])
        if best is None or size > sizes[best]:
            largest[holder[index]] = index
    keep = np.zeros(len(sizes), dtype=np.bool_)
    keep[sorted(largest.values())] = True
    keep[piece[locked]] = True
    return keep[piece]


def connected_start(t: Tables, owner: IndexArray, reduced: FloatArray) -> IndexArray:
    """Give items outside main pieces to neighbouring territories, least regret first."""
    held: BoolArray = np.asarray(t.layer_owners.any(axis=0))
    allowed = np.isfinite(reduced)
    locked: BoolArray = np.zeros(0, dtype=np.bool_)
    if len(t.start):
        locked = np.asarray(np.add.reduceat(allowed, t.start) <= 1)
    stays: BoolArray = np.asarray(main_pieces(t, owner, locked) | ~held[owner])
    least = np.minimum.reduceat(reduced, t.start)
    result = np.where(stays, owner, -1).tolist()
    begin, near = t.near_start.tolist(), t.near_other.tolist()
    first, width, start = t.first.tolist(), t.width.tolist(), t.start.tolist()
    heap: list[tuple[float, int, int]] = []

    def offer(item: int) -> None:
        to = result[item]
        for e in range(begin[item], begin[item + 1]):
            j = near[e]
            if result[j] < 0 and first[j] <= to < first[j] + width[j]:
                cost = float(reduced[start[j] + to - first[j]])
                if cost < np.inf:
                    heapq.heappush(heap, (cost - float(least[j]), j, to))

    for item in np.flatnonzero(stays).tolist():
        if held[result[item]]:
            offer(item)
    while heap:
        _, item, to = heapq.heappop(heap)
        if result[item] < 0:
            result[item] = to
            offer(item)
    found = np.array(result, dtype=np.int64)
    return np.where(found < 0, owner, found)


def split_for_idle(t: Tables, owner: IndexArray, reduced: FloatArray) -> IndexArray:
    """Give owners without anything a part of the largest territory that they may have.

    Prices that make owners look alike (in a stage without distances, say) leave most of
    them idle, and shifts along borders would take long to bring them in.
    """
    result = np.array(owner)
    weight = _weights(t)
    held = t.layer_owners.any(axis=0) if len(t.layer_owners) else np.ones(t.owners, np.bool_)
    held &= t.takes_part.any(axis=0) if len(t.takes_part) else False
    begin, near = t.near_start.tolist(), t.near_other.tolist()
    for idle in np.flatnonzero(held & (np.bincount(result, minlength=t.owners) == 0)).tolist():
        inside = (t.first <= idle) & (idle < t.first + t.width)
        may = inside.copy()
        may[inside] = np.isfinite(reduced[t.start[inside] + idle - t.first[inside]])
        loads = np.bincount(result, weights=weight * may, minlength=t.owners)
        giver = int(loads.argmax())
        mine = np.flatnonzero((result == giver) & may)
        if len(mine) < 2:
            continue
        # The item farthest from the first one, by steps, begins the new territory.
        last = _breadth_first(int(mine[0]), result, giver, begin, near)[-1]
        taken = 0.0
        for item in _breadth_first(last, result, giver, begin, near):
            if taken >= loads[giver] / 2.0:
                break
            if may[item]:
                result[item] = idle
                taken += weight[item]
    return result


def _weights(t: Tables) -> FloatArray:
    """What each item weighs: its share of the first resource that owners carry."""
    if len(t.item_value):
        total = max(float(np.add.accumulate(t.item_value[0])[-1]), 1e-12)
        return np.asarray(t.item_value[0] / total + 1e-9)
    return np.ones(len(t.first))


def _breadth_first(
    root: int, owner: IndexArray, of: int, begin: list[int], near: list[int]
) -> list[int]:
    """Items of an owner by steps from one of them."""
    seen, order = {root}, [root]
    for item in order:
        for e in range(begin[item], begin[item + 1]):
            j = near[e]
            if j not in seen and owner[j] == of:
                seen.add(j)
                order.append(j)
    return order
