"""A plan with a few pairs open, as an integer program; all the rest stays as it is.

Annealing moves one item or two at a time and loses sight of what only fits together.
With some hundred items near borders open, each for an owner or two, an integer program
finds the best of their mixtures, or that there is none better (neighbourhoods of large
size, Ahuja, Ergun, Orlin and Punnen 2002). Territories that come out in pieces are cut
off by separators (Oehrlein and Haunert 2017), and the program is solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt

from ....models.arrays import IndexArray
from ...highs import run_highs
from .ground import Ground

#: Nodes of a solve, solves with new cuts, and steps of the simplex method in all.
NODES, ROUNDS, STEPS = 20, 16, 2_000
#: Share of the gain that may be left.
LEFT = 0.3
#: What an owner carries counts so much in rows of limits; these are kept by a share more
#: than asked for, as programs are solved to 1e-6 of a row.
CARRIED, INSIDE = 0.1, 1e-5

_ANSWERED = (mathopt.TerminationReason.OPTIMAL, mathopt.TerminationReason.FEASIBLE)


@dataclass(frozen=True, eq=False)
class Opening:
    """Owners among whom items may change hands, and the pairs that are open.

    Parameters
    ----------
    owners
        Ascending; what others hold stays, and what these hold where no pair is open.
    item, to
        Items of these owners, and owners who may get them, the most promising first.
    """

    owners: IndexArray
    item: IndexArray
    to: IndexArray


@dataclass(frozen=True, eq=False)
class Mended:
    """What a window came to: new owners of its items, None for no gain, and steps it took."""

    owner: IndexArray | None
    item: IndexArray
    steps: int


def takes_windows(g: Ground) -> bool:
    """Whether limits stay what they are when items change hands among a few owners."""
    shared = (g.lower_share != 0.0) | (g.upper_share != 0.0)
    return bool((~shared.any(axis=1) | (g.per_item & g.takes_part.all(axis=1))).all())


def best_mixture(g: Ground, owner: IndexArray, opening: Opening, least: float) -> Mended:
    """The best plan with only the given pairs open, if it is found and better.

    Parameters
    ----------
    owner
        A plan that keeps all hard limits, (n,).
    least
        What has to be gained; small gains take long to find, and longer to exclude.
    """
    window = _Window(g, owner, opening)
    none = Mended(None, np.array(window.items, dtype=np.int64), 0)
    if not window.items:
        return none
    window.post()
    steps = 0
    for _ in range(ROUNDS):
        result = run_highs(window.program, cutoff=-least, nodes=NODES, relative_gap=LEFT)
        steps += result.solve_stats.simplex_iterations
        if result.termination.reason not in _ANSWERED or not result.solutions:
            break
        chosen = window.chosen(result.variable_values())
        if window.gain(chosen) < least:
            break
        if not window.cut_pieces(chosen):
            return Mended(chosen[window.items], np.array(window.items, dtype=np.int64), steps)
        if steps > STEPS:
            break
    return Mended(None, none.item, steps)


class _Window:
    """The program of one opening and what it is about."""

    def __init__(self, g: Ground, owner: IndexArray, opening: Opening) -> None:
        self.g, self.owner = g, owner
        self.owners: list[int] = opening.owners.tolist()
        inside = np.isin(owner, opening.owners)
        self.held = np.flatnonzero(inside)
        self.ways: dict[int, list[int]] = {}
        cost = g.cost[g.start[opening.item] + opening.to - g.first[opening.item]]
        good = inside[opening.item] & np.isin(opening.to, opening.owners)
        good &= np.isfinite(cost) & (owner[opening.item] != opening.to)
        for i, r in zip(opening.item[good].tolist(), opening.to[good].tolist(), strict=True):
            self.ways.setdefault(i, [int(owner[i])]).append(r)
        self._keep_cores()
        self.items = sorted(self.ways)
        self.mine = set(self.held.tolist())
        self.program = mathopt.Model()
        self.take: dict[tuple[int, int], Any] = {}

    def _keep_cores(self) -> None:
        """Leave every owner an item, the least promising of those that are open."""
        stays = set(self.owner[[i for i in self.held.tolist() if i not in self.ways]].tolist())
        for i in reversed(list(self.ways)):
            r = int(self.owner[i])
            if r not in stays:
                stays.add(r)
                del self.ways[i]

    def _cost(self, i: int, r: int) -> float:
        g = self.g
        return float(g.cost[g.start[i] + r - g.first[i]])

    def _value(self, k: int, i: int, r: int) -> float:
        g = self.g
        if g.per_item[k]:
            return float(g.item_value[g.value_row[k], i])
        return float(g.pair_value[g.value_row[k], g.start[i] + r - g.first[i]])

    def _near(self, i: int) -> list[int]:
        g = self.g
        return [int(j) for j in g.near_other[g.near_start[i] : g.near_start[i + 1]]]

    def _fixed(self, i: int, r: int) -> bool:
        return bool(self.owner[i] == r) and i not in self.ways

    def _may_be(self, i: int, r: int) -> bool:
        return self._fixed(i, r) or (i, r) in self.take

    def post(self) -> None:
        """Write the program down; its value is what changes against the plan."""
        model = self.program
        costs = []
        for i in self.items:
            now = self._cost(i, int(self.owner[i]))
            for r in self.ways[i]:
                self.take[i, r] = model.add_binary_variable()
                costs.append((self._cost(i, r) - now) * self.take[i, r])
            model.add_linear_constraint(
                mathopt.fast_sum(self.take[i, r] for r in self.ways[i]) == 1.0
            )
        for k in range(self.g.takes_part.shape[0]):
            costs += [term for r in self.owners for term in self._post_limits(k, r)]
        for i, r in self.take:
            near = self._near(i)
            if self.g.whole[r] and not any(self._fixed(j, r) for j in near):
                self._cut([i], near, r)
        model.minimize(mathopt.fast_sum(costs))

    def _post_limits(self, k: int, r: int) -> list[Any]:
        """Limits of an owner's load; what soft ones cost more than now."""
        g = self.g
        if not g.takes_part[k, r]:
            return []
        of_owner = self.held[self.owner[self.held] == r]
        load = {i: self._value(k, i, r) for i in self.items if (i, r) in self.take}
        stays = sum(self._value(k, i, r) for i in of_owner.tolist() if i not in self.ways)
        now = stays + sum(load[i] for i in load if self.owner[i] == r)
        low, high = self._limits(k, r)
        scale = CARRIED / max(abs(now), 1e-12)
        total = mathopt.fast_sum(amount * scale * self.take[i, r] for i, amount in load.items())
        add = self.program.add_linear_constraint
        if g.price[k] == np.inf:
            # A plan that is at its limit already may stay there.
            inside = INSIDE * abs(now)
            high, low = max(high - inside, min(high, now)), min(low + inside, max(low, now))
            if np.isfinite(high):
                add(total <= (high - stays) * scale)
            if np.isfinite(low):
                add(total >= (low - stays) * scale)
            return []
        over = self.program.add_variable(lb=0.0)
        if np.isfinite(high):
            add(total - over <= (high - stays) * scale)
        if np.isfinite(low):
            add(total + over >= (low - stays) * scale)
        price = float(g.price[k])
        return [price / scale * over, -price * max(now - high, low - now, 0.0)]

    def _limits(self, k: int, r: int) -> tuple[float, float]:
        g = self.g
        total = 0.0
        if g.lower_share[k, r] != 0.0 or g.upper_share[k, r] != 0.0:
            total = float(g.item_value[g.value_row[k]].sum())
        return (
            float(g.lower[k, r] + g.lower_share[k, r] * total),
            float(g.upper[k, r] + g.upper_share[k, r] * total),
        )

    def _cut(self, piece: list[int], through: list[int], r: int) -> None:
        """Items of a piece are the owner's only with one of those in between."""
        helpers = mathopt.fast_sum(self.take[j, r] for j in through if (j, r) in self.take)
        for i in piece:
            if (i, r) in self.take:
                self.program.add_linear_constraint(helpers - self.take[i, r] >= 0.0)
        if any(self._fixed(i, r) for i in piece):
            self.program.add_linear_constraint(helpers >= 1.0)

    def chosen(self, values: dict[Any, float]) -> IndexArray:
        """The plan of a solution, (n,)."""
        plan = self.owner.copy()
        for (i, r), variable in self.take.items():
            if values[variable] > 0.5:
                plan[i] = r
        return plan

    def gain(self, plan: IndexArray) -> float:
        """By how much costs of pairs and soft limits of a plan are less than today's."""
        return self._worth(self.owner) - self._worth(plan)

    def _worth(self, plan: IndexArray) -> float:
        value = sum(self._cost(i, int(plan[i])) for i in self.items)
        for k in range(self.g.takes_part.shape[0]):
            if self.g.price[k] == np.inf:
                continue
            for r in self.owners:
                if self.g.takes_part[k, r]:
                    of_owner = self.held[plan[self.held] == r].tolist()
                    load = sum(self._value(k, i, r) for i in of_owner)
                    low, high = self._limits(k, r)
                    value += float(self.g.price[k]) * max(load - high, low - load, 0.0)
        return value

    def cut_pieces(self, plan: IndexArray) -> bool:
        """Cut off what does not hang together; whether there was anything."""
        found = False
        for r in self.owners:
            if not self.g.whole[r]:
                continue
            left = set(self.held[plan[self.held] == r].tolist())
            core = next(i for i in sorted(left) if i not in self.ways)
            main = self._reached(core, left)
            left -= main
            while left:
                piece = self._reached(min(left), left)
                left -= piece
                self._cut(sorted(piece), self._between(piece, main, r), r)
                found = True
        return found

    def _reached(self, root: int, among: set[int]) -> set[int]:
        seen, waiting = {root}, [root]
        while waiting:
            for j in self._near(waiting.pop()):
                if j in among and j not in seen:
                    seen.add(j)
                    waiting.append(j)
        return seen

    def _between(self, piece: set[int], main: set[int], r: int) -> list[int]:
        """Open items beside a piece that the rest of the territory can reach without others."""
        beside = {j for i in piece for j in self._near(i) if j not in piece}
        seen, waiting, touched = set(main), sorted(main), set()
        while waiting:
            for j in self._near(waiting.pop()):
                if j in beside and (j, r) in self.take:
                    touched.add(j)
                elif j in self.mine and j not in seen and j not in piece and self._may_be(j, r):
                    seen.add(j)
                    waiting.append(j)
        return sorted(touched)
