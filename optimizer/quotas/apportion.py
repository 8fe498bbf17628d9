"""One total dealt to several owners in whole units: the exact optimum, without a solver.

The problem. Given a total of m units, owners c with an index e_c (in units), a
scale s_c > 0 and a range a_c ≤ x_c ≤ b_c, find integers x_c that sum to m. The
deviation of owner c is f_c(x) = |x − e_c| / s_c, and d_c is the least of it that
the owner's own range and whole units leave open. First the smallest θ for which
f_c(x_c) ≤ max(θ, d_c) can hold for all, then within that the smallest Σ f_c(x_c).

Why greedy steps are exact. Start every owner at the value x̂_c with deviation
d_c. If the x̂_c sum to less than m, some optimum has x_c ≥ x̂_c for all: an owner
below x̂_c could be raised and one above lowered without any f growing, since every
f is convex with its least value at x̂. So n = m − Σ x̂ steps up are wanted.
The deviation after each step grows along every owner, so θ is the n-th smallest
of all of them. Within the ranges that θ leaves, the cost of a further step never
falls along one owner (convexity), and the n cheapest steps are an optimum (Gross
1956; Ibaraki and Katoh, *Resource Allocation Problems*, 1988, chapter 4). The case
Σ x̂ > m is its mirror image.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from ...models.arrays import FloatArray, IndexArray

#: Halvings that bring the bracket of θ down to the resolution of a float.
_HALVINGS = 64
_HAIR = 1e-12


@dataclass(frozen=True, eq=False)
class Apportionment:
    """Who gets how many units.

    Parameters
    ----------
    units
        Whole units, (owners,).
    threshold
        θ: the largest deviation that the total, and not an owner's own range, forces.
    """

    units: IndexArray
    threshold: float


def apportion(
    total: int,
    index: FloatArray,
    scale: FloatArray,
    low: IndexArray,
    high: IndexArray,
    carried: FloatArray | None = None,
) -> Apportionment | None:
    """Deal ``total`` units with the least deviation from the index; see the module's text.

    Parameters
    ----------
    total
        Whole units to deal.
    index, scale
        In units, (owners,); the scale is what a distance is divided by, above 0.
    low, high
        Range of each owner in whole units, (owners,).
    carried
        What each owner had above its index in earlier deals, relative to its scale,
        (owners,). Among equally cheap steps the owner with the least goes first, so
        that rounding does not hit the same person in every period; then the first.

    Returns
    -------
    The deal, or None where the ranges cannot sum to the total.

    Examples
    --------
    >>> shares = np.array([3.4, 3.4, 3.2])
    >>> apportion(10, shares, shares, np.zeros(3, int), np.full(3, 10)).units
    array([4, 3, 3])
    """
    if (low > high).any() or not low.sum() <= total <= high.sum():
        return None
    ties = np.zeros(len(index)) if carried is None else carried
    start = np.clip(np.floor(index + 0.5).astype(np.int64), low, high)
    steps = total - int(start.sum())
    if steps >= 0:
        up, threshold = _step_up(steps, start - index, scale, high - start, ties)
        return Apportionment(start + up, threshold)
    down, threshold = _step_up(-steps, index - start, scale, start - low, -ties)
    return Apportionment(start - down, threshold)


def _step_up(
    steps: int, above: FloatArray, scale: FloatArray, room: IndexArray, ties: FloatArray
) -> tuple[IndexArray, float]:
    """Take ``steps`` steps from ``above`` the index; returns them per owner, and θ."""
    if not steps:
        return np.zeros(len(above), dtype=np.int64), 0.0
    # From just half a unit below, one step mirrors the deviation and forces nothing.
    free = np.minimum((above <= -0.5) & (room > 0), 1).astype(np.int64)
    taken, threshold = _lowest(steps, above, scale, room, free, ties)
    # Deviations that differ only in how floats round them are the same deviation.
    edge = threshold * (1 + _HAIR)
    reach = np.clip(np.floor(edge * scale - above).astype(np.int64), free, room)
    reach += (reach < room) & ((above + reach + 1) / scale <= edge)
    reach -= (reach > free) & ((above + reach) / scale > edge)
    return _cheapest(steps, above, scale, np.maximum(reach, taken), ties), threshold


def _lowest(
    steps: int,
    above: FloatArray,
    scale: FloatArray,
    room: IndexArray,
    free: IndexArray,
    ties: FloatArray,
) -> tuple[IndexArray, float]:
    """Take the ``steps`` steps that end at the smallest deviations, and say the largest.

    ``free`` steps count as deviation 0.
    """
    taken = np.zeros_like(room)
    if steps > 4 * len(above):
        taken = _most_below(steps, above, scale, room, free)
    largest = float(np.where(taken > free, (above + taken) / scale, 0.0).max())

    def step_of(owner: int, step: int) -> tuple[float, float, int, int]:
        deviation = 0.0 if step <= free[owner] else (above[owner] + step) / scale[owner]
        return float(deviation), float(ties[owner]), owner, step

    heap = [step_of(n, int(taken[n]) + 1) for n in np.flatnonzero(taken < room).tolist()]
    heapq.heapify(heap)
    for _ in range(steps - int(taken.sum())):
        largest, _, owner, step = heap[0]
        taken[owner] = step
        if step < room[owner]:
            heapq.heapreplace(heap, step_of(owner, step + 1))
        else:
            heapq.heappop(heap)
    return taken, largest


def _most_below(
    steps: int, above: FloatArray, scale: FloatArray, room: IndexArray, free: IndexArray
) -> IndexArray:
    """Nearly ``steps`` steps, all those up to some deviation: a start for the last few."""
    low, high = 0.0, float(((above + room) / scale).max())
    taken = np.zeros_like(room)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        within = np.clip(np.floor(middle * scale - above).astype(np.int64), free, room)
        if within.sum() <= steps:
            low, taken = middle, within
        else:
            high = middle
    return taken


def _cheapest(
    steps: int, above: FloatArray, scale: FloatArray, reach: IndexArray, ties: FloatArray
) -> IndexArray:
    """Take the steps that add least to the sum, at most ``reach`` per owner.

    An owner's first step may pass its index on the way; the further ones all cost
    the same. Steps of equal cost go to whoever they leave nearest to the index.
    """
    first = np.where(above < 0, 1.0 + 2.0 * above, 1.0) / scale
    once, further = np.minimum(reach, 1), np.maximum(reach - 1, 0)
    cost, length = np.concatenate([first, 1.0 / scale]), np.concatenate([once, further])
    order = np.argsort(cost, kind="stable")
    marginal = cost[order][np.searchsorted(np.cumsum(length[order]), steps)]
    taken: IndexArray = once * (first < marginal) + further * (1.0 / scale < marginal)
    equal = once * (first == marginal) + further * (1.0 / scale == marginal)
    left = steps - int(taken.sum())
    free = np.zeros_like(equal)
    more, _ = _lowest(left, np.abs(above + taken), scale, equal, free, ties)
    taken += more
    return taken
