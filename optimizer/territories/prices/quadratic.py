"""The quadratic model of the smoothed bound, and the step that is best under it."""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..compiled import compiled, inlined, inner

#: Rounds of guessing which prices are at 0 or at a cap.
GUESSES = 25


@inner
def solve_in_place(matrix: FloatArray, size: int, right: FloatArray) -> None:
    """Solve a positive definite system by Cholesky's method, rows at a time."""
    for j in range(size):
        pivot = max(matrix[j, j], 1e-300)
        root = np.sqrt(pivot)
        row = matrix[j, j:size]
        for c in range(len(row)):
            row[c] /= root
        for i in range(j + 1, size):
            factor = matrix[j, i]
            if factor != 0.0:
                below = matrix[i, i:size]
                above = matrix[j, i:size]
                for c in range(len(below)):
                    below[c] -= factor * above[c]
    for j in range(size):
        right[j] /= matrix[j, j]
        for i in range(j + 1, size):
            right[i] -= matrix[j, i] * right[j]
    for j in range(size - 1, -1, -1):
        total = right[j]
        for i in range(j + 1, size):
            total -= matrix[j, i] * right[i]
        right[j] = total / matrix[j, j]


@inner
def first_states(now: FloatArray, cap: FloatArray, state: IndexArray) -> None:
    """State of each price: 0 at zero, ±1 between zero and its cap, ±2 at the cap."""
    for i in range(len(now)):
        state[i] = 0
        if now[i] != 0.0:
            state[i] = 1 if now[i] > 0 else -1
            if abs(now[i]) >= cap[i]:
                state[i] *= 2


@inner
def lowered(curve: FloatArray, damping: FloatArray, step: FloatArray, left: FloatArray) -> None:
    """By how much a step lowers what is carried, ``left``."""
    for i in range(len(step)):
        left[i] = damping[i] * step[i]
    for j in range(len(step)):
        if step[j] != 0.0:
            for i in range(len(step)):
                left[i] += curve[j, i] * step[j]


@inner
def steps_in_states(
    curve: FloatArray,
    damping: FloatArray,
    now: FloatArray,
    high: FloatArray,
    low: FloatArray,
    cap: FloatArray,
    state: IndexArray,
    step: FloatArray,
    left: FloatArray,
) -> None:
    """Step of every price in its state, and by how much that lowers what is carried."""
    n = len(now)
    free = np.flatnonzero(np.abs(state) == 1)
    size = len(free)
    for i in range(n):
        step[i] = 0.0
        if state[i] == 0:
            step[i] = -now[i]
        elif abs(state[i]) == 2:
            step[i] = (cap[i] if state[i] > 0 else -cap[i]) - now[i]
    matrix, right = np.empty((size, size)), np.empty(size)
    for a in range(size):
        i = free[a]
        right[a] = high[i] if state[i] > 0 else low[i]
        for j in range(n):
            if step[j] != 0.0:
                right[a] -= curve[i, j] * step[j]
        for b in range(size):
            matrix[a, b] = curve[i, free[b]]
        matrix[a, a] += damping[i]
    solve_in_place(matrix, size, right)
    for a in range(size):
        step[free[a]] = right[a]
    lowered(curve, damping, step, left)


@inlined
def next_state(was: int, price: float, cap: float, high: float, low: float) -> int:
    """State that a price ought to be in, given what lies outside its limits after a step."""
    if was == 0:
        if cap <= 0.0:
            return 0
        return 1 if high > 1e-9 else (-1 if low < -1e-9 else 0)
    if abs(was) == 2:
        back = high < 0.0 if was > 0 else low > 0.0
        return was // 2 if back else was
    if price * was <= 0.0:
        return 0
    return 2 * was if abs(price) > cap else was


@compiled
def priced_step(
    curve: FloatArray,
    damping: FloatArray,
    now: FloatArray,
    high: FloatArray,
    low: FloatArray,
    cap: FloatArray,
    new: FloatArray,
) -> None:
    """Best prices under the quadratic model, with intervals and caps kept as they are.

    A price above 0 asks that nothing lies above its upper limit, one below 0 that
    nothing is missing at the lower, and at 0 both hold. Starting from the signs now,
    prices that come out on the wrong side are set to 0, or to their cap, and those at 0
    or a cap that ought to leave it are let go, until nothing changes.
    """
    n = len(now)
    state = np.zeros(n, dtype=np.int64)
    step, left = np.zeros(n), np.zeros(n)
    first_states(now, cap, state)
    for _ in range(GUESSES):
        steps_in_states(curve, damping, now, high, low, cap, state, step, left)
        changed = False
        for i in range(n):
            price, was = now[i] + step[i], state[i]
            state[i] = next_state(was, price, cap[i], high[i] - left[i], low[i] - left[i])
            changed = changed or state[i] != was
        if not changed:
            break
    for i in range(n):
        price = now[i] + step[i]
        if state[i] == 0 or price * state[i] < 0.0:
            price = 0.0
        new[i] = min(max(price, -cap[i]), cap[i])
